"""An exact fit near θ: as many parameters as there are equations, the others frozen.

In: boxes, a start. Out: what is certain of the fit in the box. Equations are F = y where that is
the only way to r = 0, else r = 0 itself; examples that stand for others (`relations`) once, and for
softmax one logit less an example, since Σ_k r_k = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import arb, fmpq, fmpq_mat

from hessrank.proofs.existence.boxes import Array, Boxes, Values, dyadic, middle, product
from hessrank.proofs.existence.found import Found, bounded, minor_of, theta_of
from hessrank.proofs.existence.krawczyk import Enclosure, NotCertifiedError, enclose, pivot_columns
from hessrank.proofs.existence.relations import Rows, repeated, rows_near
from hessrank.symbolic.budget import spend
from hessrank.symbolic.errors import counted
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.linear_algebra.ball_inertia import eigenvalue_signs
from hessrank.symbolic.problems.landscape import Problem
from hessrank.symbolic.ranks.rank_result import RankResult

SOFTMAX, BINARY = "softmax-cross-entropy", "binary-cross-entropy"
#: Equations that floats solve to this much are taken for solved.
SOLVED = 1e-9
#: Steps of the search in floats.
STEPS = 60


@dataclass(frozen=True)
class Equations:
    """e = 0 at a fit: e holds F − y (`of` "outputs") or r ("gradient") at `places` of the M."""

    of: str
    places: tuple[int, ...]
    rows: Rows

    def at(self, values: Values) -> tuple[Array, Array]:
        """(e, ∂e/∂θ)."""
        rows = list(self.places)
        if self.of == "outputs":
            return (values.F.reshape(-1) - values.boxes.y)[rows], values.J[rows]
        return values.r[rows], product(values.A[rows], values.J)


def hard_labels(problem: Problem) -> list[int]:
    """Examples whose labels are hard, so that r = 0 at infinity only."""
    y = problem.data.y
    if problem.loss.name == SOFTMAX and problem.model.output_count > 1:
        return [d for d, row in enumerate(y) if any(_is(v, 0) for v in row)]
    if problem.loss.name == BINARY:
        return [d for d, row in enumerate(y) if any(_is(v, 0) or _is(v, 1) for v in row)]
    return []


def _is(value: Expr, q: int) -> bool:
    return value.is_number and value.value == q


def equations(boxes: Boxes, values: Values) -> Equations:
    """The equations of a fit near the box. Raises NotCertifiedError where there can be none."""
    problem = boxes.problem
    K, name = problem.model.output_count, problem.loss.name
    if problem.regulariser is not None:
        raise NotCertifiedError("with a regulariser a fit (r = 0) need not be critical")
    if name == "cross-entropy":
        raise NotCertifiedError("r = −y/o is never 0")
    if hard := hard_labels(problem):
        raise NotCertifiedError(f"the label of example {hard[0] + 1} is hard: r ≠ 0 everywhere")
    outputs = problem.loss.vanishes_at_targets
    rows = rows_near(problem, values) if outputs else repeated(problem)
    if not rows.obeyed_by(problem.data.y):
        if not outputs and not problem.loss.is_convex:
            rows = Rows(
                tuple(range(len(problem.data))),
                tuple(
                    tuple(Fraction(int(i == j)) for j in range(len(problem.data)))
                    for i in range(len(problem.data))
                ),
                "",
            )
        else:
            raise NotCertifiedError(f"{rows.why}, and the targets do not")
    used = K - 1 if name == SOFTMAX else K
    places = tuple(d * K + k for d in rows.kept for k in range(used))
    return Equations("outputs" if outputs else "gradient", places, rows)


def approach(boxes: Boxes, wanted: Equations, start: Sequence[float], reach: float) -> list[float]:
    """Floats near a fit, by Gauss–Newton steps of least norm. Raises NotCertifiedError."""
    theta = np.array(start, dtype=float)

    def error(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        e, slope = wanted.at(boxes.at(dyadic(t.tolist())))
        return middle(e), middle(slope)

    e, slope = error(theta)
    for _ in range(STEPS):
        spend()
        spend()
        size = float(np.abs(e).max(initial=0.0))
        if size < SOLVED:
            break
        step = np.linalg.lstsq(slope, -e, rcond=1e-12)[0]
        for _ in range(12):
            tried = theta + step
            f, over = error(tried)
            if np.linalg.norm(f) < np.linalg.norm(e):
                break
            step = step / 4
        else:
            break
        if np.abs(tried - start).max() > reach:
            raise NotCertifiedError(f"the search for a fit leaves the reach of {reach:.1e}")
        theta, e, slope = tried, f, over
    size = float(np.abs(e).max(initial=0.0))
    if not size < 1e-6:
        raise NotCertifiedError(f"no fit was found: the largest error stays at {size:.1e}")
    return [float(v) for v in theta]


def certified_fit(boxes: Boxes, start: Sequence[Expr], values: Values, reach: float) -> Found:
    """The exact fit near `start`. values: at the start. Raises NotCertifiedError."""
    wanted = equations(boxes, values)
    problem, m = boxes.problem, len(wanted.places)
    if m > problem.N:
        raise NotCertifiedError(f"{m} independent equations for {problem.N} parameters")
    e, slope = wanted.at(values)
    forms: list[Expr | float] = list(start)
    if float(np.abs(middle(e)).max(initial=0.0)) > 1e-3:
        forms = list(approach(boxes, wanted, [float(v.mid()) for v in values.theta], reach))
        e, slope = wanted.at(boxes.at(theta_of(boxes, forms)))
    free = pivot_columns(middle(slope), m)
    if len(free) < m:
        raise NotCertifiedError(
            f"J has numerical rank {len(free)} for {counted(m, 'equation')} near θ, which are not "
            "independent"
        )

    def system(t: Sequence[arb]) -> tuple[Array, Array]:
        theta = theta_of(boxes, forms)
        for j, v in zip(free, t, strict=True):
            theta[j] = v
        found, slopes = wanted.at(boxes.at(theta))
        return found, slopes[:, free]

    first = theta_of(boxes, forms)
    enclosure = enclose(system, [first[j].mid() for j in free], reach, boxes.bits)
    return _judged(boxes, forms, free, enclosure, wanted)


def _judged(
    boxes: Boxes,
    forms: Sequence[Expr | float],
    free: list[int],
    enclosure: Enclosure,
    wanted: Equations,
) -> Found:
    """What is known at the fit: J has independent rows on the box, r = 0."""
    problem = boxes.problem
    K, N, m = problem.model.output_count, problem.N, len(wanted.places)
    with enclosure.precision():
        found = Found.of(boxes, forms, free, enclosure)
        found.check_smooth()
        values = found.values
        if equations(boxes, values) != wanted:
            raise NotCertifiedError("the fit lies on another linear piece than θ")
        J = _rank_jacobian(values, wanted, free, enclosure.bits)
        if problem.loss.name == SOFTMAX:
            H = bounded(
                m,
                m,
                (N, N),
                f"A·J has {counted(m, 'independent row')} on the box, and rank H = rank AJ for "
                "A ⪰ 0, r = 0",
                "r = 0, so H = JᵀAJ, and A annihilates (1, …, 1) of each example: "
                f"{counted(m, 'row')} (T14)",
            )
            signs: tuple[int, int] | None = (m, 0)
        else:
            H, signs = _rank_hessian(values, wanted, J)
    kind, words = _kind(problem, signs, H, m)
    dimension = N - m if J.decided and int(J) == min(K * len(wanted.rows.kept), N) else None
    half = None
    if signs is not None and kind.endswith(("minimum", "not strict")) and not signs[1]:
        half = [Fraction(H.lower, 2), Fraction(m, 2)]
        if signs == (m, 0):  # L is a definite form in m independent coordinates
            half[0] = half[1]
    why = (
        f"Krawczyk's test: exactly one solution of {counted(m, 'equation')} in "
        f"{counted(m, 'parameter')} within {float(enclosure.radius):.1e}, "
        f"the other {N - m} frozen; r = 0 there. {words}"
    )
    return found.with_ranks("fit", J, H, kind, dimension, half, why)


def _rank_jacobian(values: Values, wanted: Equations, free: list[int], bits: int) -> RankResult:
    problem = values.boxes.problem
    K, m = problem.model.output_count, len(wanted.places)
    shape = (problem.M, problem.N)
    most = K * len(wanted.rows.kept)
    upper, above = min(
        (problem.M, f"J has {counted(problem.M, 'row')}"),
        (problem.N, f"J has {counted(problem.N, 'column')}"),
        (most, f"{counted(most, 'output')} independent at most: {wanted.rows.why}"),
        key=lambda b: b[0],
    )
    lower = m
    below = f"{counted(m, 'column')} independent on the whole box ({bits} bits)"
    witness = (tuple(wanted.places), tuple(free)) if wanted.of == "outputs" else None
    if m < upper:
        rows, columns = minor_of(values.J, upper)
        if len(rows) > m:
            lower, witness = len(rows), (tuple(rows), tuple(columns))
            below = f"a minor of size {lower} is not 0 on the whole box ({bits} bits)"
    return bounded(lower, upper, shape, below, above, witness)


def _rank_hessian(
    values: Values, wanted: Equations, J: RankResult
) -> tuple[RankResult, tuple[int, int] | None]:
    """rank H = rank of BᵀAB, J[kept] being onto; and its signs where known."""
    boxes, problem = values.boxes, values.boxes.problem
    m, K, N = len(wanted.places), problem.model.output_count, problem.N
    B = np.kron(
        np.array(
            [[fmpq(v.numerator, v.denominator) for v in row] for row in wanted.rows.B], dtype=object
        ).reshape(problem.M // K, len(wanted.rows.kept)),
        np.array([[fmpq(int(i == j)) for j in range(K)] for i in range(K)], dtype=object),
    )
    start = f"r = 0 and J has {counted(m, 'independent row')} on the box, so rank H = rank A"
    forms = boxes.loss_hessian_at_targets if wanted.of == "outputs" else ()
    if forms and all(v.is_number for row in forms for v in row):
        exact = fmpq_mat([[fmpq(v.value.numerator, v.value.denominator) for v in r] for r in forms])
        left = fmpq_mat(B.tolist())
        rank = int((left.transpose() * exact * left).rank())
        known = eigenvalue_signs(
            np.array((left.transpose() * exact * left).tolist(), dtype=object) + arb(0)
        )
        why = f"{start}, of rank {rank} over Q"
        return bounded(rank, rank, (N, N), why, why), known if rank == m else None
    A = values.A
    if forms:
        A = np.array([boxes.constants(row) for row in forms], dtype=object)
    C = product(product(B.T + arb(0), A), B + arb(0))
    alive = [i for i in range(m) if not all(v.is_zero() for v in C[i])]
    signs = eigenvalue_signs(C[np.ix_(alive, alive)])
    lower = len(alive) if signs is not None else 0
    upper = len(alive)
    return (
        bounded(
            lower,
            upper,
            (N, N),
            f"{start}: {lower} eigenvalues are not 0" if lower else "none was shown",
            f"{start}, whose other rows are 0" if upper < m else f"{start} ≤ {m} (T4)",
        ),
        signs,
    )


def _kind(
    problem: Problem, signs: tuple[int, int] | None, H: RankResult, m: int
) -> tuple[str, str]:
    """The kind of point and a sentence."""
    if problem.loss.is_convex:
        return "global minimum", "A perfect fit of a convex loss is a global minimum."
    if signs is None:
        return "undecided", "The signs of A are not decided."
    if signs[1]:
        return "not a minimum", f"A has {signs[1]} negative directions that θ can reach."
    constant = all(term.has_constant_hessian for term in problem.loss_terms)
    if constant and sum(signs) == m == problem.M:
        return "global minimum", "A is constant and positive definite: ℓ is convex."
    if sum(signs) == m:
        strict = H.decided and int(H) == problem.N
        kind = "strict local minimum" if strict else "local minimum, not strict"
        return kind, "A is positive definite on the outputs that θ can reach."
    return "undecided", "A is degenerate."
