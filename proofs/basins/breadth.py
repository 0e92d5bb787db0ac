"""How broad a landscape is at a point: the spectrum, and one number for each scale of a prior.

In: a symmetric matrix of a landscape, H or JᵀAJ (the Gram matrix of the tangent features under A,
S4), and scales b > 0. Out: its eigenvalues with multiplicities, exact roots where it is rational
and small, else intervals that contain them; and at each b what S2's comments ask for in place of a
rank or a determinant, from the same eigenvalues λ_i:

    effective rank  Σ λ_i/(λ_i + 1/b) = b·D′(b)/D(b),      log D(b),  D(b) = det(I + bH),

with b = βs² for the prior θ ~ N(0, s²I) and the posterior weight exp(−βL). The first is defined for
H ⪰ 0, and tends to rank H as b → ∞; the second as long as I + bH ≻ 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import mpmath
from flint import arb, arb_mat, fmpq, fmpz

from hessrank.proofs.basins.spectrum import Eigenvalue, spectrum
from hessrank.proofs.basins.volume import spread
from hessrank.symbolic.budget import spend
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.expression import Expr, number
from hessrank.symbolic.expressions.functions import function
from hessrank.symbolic.fields.balls import PRECISIONS
from hessrank.symbolic.ranks.matrices import AnyMatrix
from hessrank.symbolic.ranks.rank_result import RankResult

#: Characteristic polynomials of so many rows are factored over Q.
MAX_EXACT = 12
#: Eigenvalues of more are not enclosed.
MAX_ROWS = 64
#: So many digits of an interval are shown, and asked for.
DIGITS = 10


@dataclass(frozen=True)
class Level:
    """An eigenvalue: `multiplicity` of it, in the interval `ball`; exact: the root of the
    characteristic polynomial, None where only the interval is known."""

    ball: arb
    multiplicity: int
    exact: Eigenvalue | None = None

    @property
    def shown(self) -> str:
        """A closed form, or the digits that are certain."""
        if self.exact is not None and self.exact.exact is not None:
            return str(self.exact.exact)
        return decimal(self.ball)

    def to_json(self) -> dict[str, object]:
        closed = None if self.exact is None else self.exact.exact
        return {
            "exact": None if closed is None else str(closed),
            "decimal": decimal(self.ball),
            "multiplicity": self.multiplicity,
        }


@dataclass(frozen=True)
class Scale:
    """At one b: the effective rank and log det(I + bH), as intervals and, where H is rational and
    small, in closed form; `reason` says why there are none."""

    b: Fraction
    effective_rank: arb | None
    log_det: arb | None
    effective_rank_exact: Fraction | None = None
    log_det_exact: Expr | None = None
    reason: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "b": str(self.b),
            "effective_rank": None if self.effective_rank is None else decimal(self.effective_rank),
            "effective_rank_exact": _text(self.effective_rank_exact),
            "log_det": None if self.log_det is None else decimal(self.log_det),
            "log_det_exact": _text(self.log_det_exact),
            "reason": self.reason or None,
        }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def decimal(ball: arb) -> str:
    """The digits of an interval that are certain.

    >>> decimal(arb(2).sqrt()), decimal(arb(0))
    ('1.414213562', '0')
    """
    return "0" if ball == 0 else ball.str(DIGITS, radius=False)


def levels(matrix: AnyMatrix, rank: RankResult) -> tuple[Level, ...]:
    """The eigenvalues of a symmetric matrix, ascending, with their multiplicities; rank: its own,
    which says how many are 0.

    Raises UndecidedError where no precision parts the nonzero ones from 0.

    >>> from hessrank.symbolic.ranks.rank import rank
    >>> from hessrank.symbolic.ranks.matrices import Matrix
    >>> import numpy as np
    >>> from hessrank.symbolic.fields.field import Field
    >>> S = Matrix.of(np.array([[fmpq(2), fmpq(1)], [fmpq(1), fmpq(2)]], dtype=object), Field())
    >>> [(level.shown, level.multiplicity) for level in levels(S, S.rank())]
    [('1', 1), ('3', 1)]
    """
    n = matrix.shape[0]
    if not n:
        return ()
    if matrix.is_rational and n <= MAX_EXACT:
        found = spectrum(matrix.exact().rows)
        return tuple(Level(e.ball(), e.multiplicity, e) for e in found)
    if not (rank.decided and rank.is_certain):
        raise UndecidedError(f"its rank is {rank.shown}, so how many eigenvalues are 0 is open")
    if n > MAX_ROWS:
        raise UndecidedError(f"eigenvalues are enclosed for up to {MAX_ROWS} rows")
    for bits in PRECISIONS:
        spend()
        with flint.ctx.workprec(bits):
            nonzero = [x for x in _enclosed(arb_mat(matrix.at(bits)), bits) if x != 0]
            sharp = all(x.rel_accuracy_bits() > DIGITS * 4 for x in nonzero)
        if len(nonzero) == rank.lower and sharp:
            return _gathered(nonzero, n - rank.lower)
    raise UndecidedError("no precision parts the eigenvalues from 0")


def _enclosed(H: arb_mat, bits: int) -> list[arb]:
    """An interval around each eigenvalue of a symmetric matrix, in ascending order.

    With Q and D from any approximate H ≈ QDQᵀ: λ_i(H) differs from λ_i(QDQᵀ) by at most
    ‖H − QDQᵀ‖ (Weyl), and that is d_i·t with |t − 1| ≤ ‖QᵀQ − I‖ (Ostrowski).
    """
    n = H.nrows()
    with mpmath.workprec(bits):
        middle = mpmath.matrix(n, n)
        for i in range(n):
            for j in range(n):
                man, exp = H[i, j].mid().man_exp()
                middle[i, j] = mpmath.ldexp(int(man), int(exp))
        values, vectors = mpmath.eigsy((middle + middle.T) / 2)
        d = sorted(range(n), key=lambda i: values[i])
        diagonal = [_arb(values[i]) for i in d]
        Q = arb_mat([[_arb(vectors[row, i]) for i in d] for row in range(n)])
    D = arb_mat([[diagonal[i] if i == j else arb(0) for j in range(n)] for i in range(n)])
    unit = arb_mat([[int(i == j) for j in range(n)] for i in range(n)])
    off, skew = _norm(H - Q * D * Q.transpose()), _norm(Q.transpose() * Q - unit)
    return [v * (1 + arb(0, skew)) + arb(0, off) for v in diagonal]


def _arb(x: Any) -> arb:
    """The number itself, exactly."""
    man, exp = x.man_exp  # without the sign
    size = fmpq(fmpz(int(man))) * fmpq(2) ** int(exp)
    return arb(size if x > 0 else -size)


def _norm(M: arb_mat) -> arb:
    """An upper bound on the spectral norm: Frobenius' norm."""
    return sum((v * v for v in M.entries()), arb(0)).upper().sqrt().upper()


def _gathered(nonzero: Sequence[arb], zeros: int) -> tuple[Level, ...]:
    """Intervals that meet are one cluster, which holds as many eigenvalues."""
    found = [Level(arb(0), zeros)] if zeros else []
    for x in sorted(nonzero, key=lambda ball: float(ball.mid())):
        if found and found[-1].ball.overlaps(x):
            last = found.pop()
            found.append(Level(last.ball.union(x), last.multiplicity + 1))
        else:
            found.append(Level(x, 1))
    return tuple(sorted(found, key=lambda level: float(level.ball.mid())))


def at_scale(matrix: AnyMatrix, found: Sequence[Level], b: Fraction) -> Scale:
    """The effective rank and log det(I + bH) at b > 0, from the eigenvalues of H.

    >>> import numpy as np
    >>> from hessrank.symbolic.fields.field import Field
    >>> from hessrank.symbolic.ranks.matrices import Matrix
    >>> H = Matrix.of(np.array([[fmpq(3), fmpq(0)], [fmpq(0), fmpq(0)]], dtype=object), Field())
    >>> at = at_scale(H, levels(H, H.rank()), Fraction(1))
    >>> at.effective_rank_exact, str(at.log_det_exact)
    (Fraction(3, 4), 'log(4)')
    """
    with flint.ctx.workprec(128):
        scale = arb(fmpq(b.numerator, b.denominator))
        shifted = [(1 + scale * level.ball, level) for level in found]
        for value, level in shifted:
            if not value > 0:
                known = "" if value < 0 else " known to be"
                why = f"I + bH is not{known} positive: the matrix has the eigenvalue {level.shown}"
                return Scale(b, None, None, reason=why)
        rank: arb | None = sum((level.multiplicity * (1 - 1 / v) for v, level in shifted), arb(0))
        log_det = sum((level.multiplicity * v.log() for v, level in shifted), arb(0))
    below = next((level for level in found if not level.ball >= 0), None)
    why = "" if below is None else f"no effective rank: there is the eigenvalue {below.shown} < 0"
    rank = rank if below is None else None
    if not all(level.exact is not None for level in found):
        return Scale(b, rank, log_det, reason=why)
    D, at = spread(matrix.exact().rows), fmpq(b.numerator, b.denominator)
    det, slope = D(at), D.derivative()(at)
    ratio = at * slope / det
    return Scale(
        b,
        rank,
        log_det,
        Fraction(int(ratio.p), int(ratio.q)) if below is None else None,
        function("log", number(Fraction(int(det.p), int(det.q)))),
        why,
    )
