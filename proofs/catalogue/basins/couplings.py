"""Hessians in two blocks, for the claims on what couples two modules (53, 54).

In: rational blocks P, Q and B of H = [[P, B], [Bᵀ, Q]]. Out: `Instance`s of `Coupling`, and
predicates on them: rank and sparsity of B, the Schur complement, and how extreme the
eigenvalues are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from itertools import product as grid

from flint import fmpq, fmpq_mat

from hessrank.proofs.basins.spectrum import spectrum
from hessrank.proofs.catalogue.features.subjects import closed_form
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.reasoning.statement import Instance, Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.expression import number, symbol

Table = tuple[tuple[Fraction, ...], ...]


def exact_table(rows: Sequence[Sequence[int | Fraction]]) -> Table:
    return tuple(tuple(Fraction(v) for v in row) for row in rows)


def to_flint(rows: Table) -> fmpq_mat:
    flat = [fmpq(v.numerator, v.denominator) for row in rows for v in row]
    return fmpq_mat(len(rows), len(rows[0]), flat)


@dataclass(frozen=True)
class Coupling:
    """H = [[P, B], [Bᵀ, Q]]: two modules with their own Hessians and what couples them; `other`:
    another coupling to compare with, of the same shape."""

    P: Table
    Q: Table
    B: Table
    other: Table | None = None

    def joined(self, B: Table) -> list[list[Fraction]]:
        upper = [[*p, *b] for p, b in zip(self.P, B, strict=True)]
        lower = [[*b, *q] for b, q in zip(zip(*B, strict=True), self.Q, strict=True)]
        return upper + lower


def two_modules() -> Coupling:
    """The Hessian of (a x₁ + b x₁²) + (c x₂ + d x₂²) on the grid {0, 1, 2}²: the modules share
    nothing, and yet they are coupled through the means of their features."""
    x = [[a, b] for a, b in grid((0, 1, 2), repeat=2)]
    here = closed_form(
        "a*x1 + b*x1**2 + c*x2 + d*x2**2",
        "a b c d",
        "x1 x2",
        x,
        [0] * 9,
        {"a": 0, "b": 0, "c": 0, "d": 0},
    )
    H = here.hessian.exact("H").fractions()
    return Coupling(
        exact_table([r[:2] for r in H[:2]]),
        exact_table([r[2:] for r in H[2:]]),
        exact_table([r[2:] for r in H[:2]]),
    )


TWO = exact_table([[4, 0], [0, 4]])
NONE = exact_table([[0, 0], [0, 0]])


def couplings() -> Sequence[Instance]:
    ones, hadamard = exact_table([[1, 1], [1, 1]]), exact_table([[1, 1], [1, -1]])
    return (
        Instance("dense-rank-one", Coupling(TWO, TWO, ones, hadamard)),
        Instance("two-modules-on-a-grid", two_modules()),
        Instance(
            "one-entry",
            Coupling(TWO, TWO, exact_table([[1, 0], [0, 0]]), exact_table([[0, 1], [0, 0]])),
        ),
        Instance("uncoupled", Coupling(TWO, TWO, NONE, hadamard)),
        Instance(
            "uncoupled-indefinite",
            Coupling(
                exact_table([[2, 1], [1, -3]]),
                exact_table([[0, 5], [5, 1]]),
                NONE,
                exact_table([[1, 2], [-1, 4]]),
            ),
        ),
        Instance(
            "uncoupled-untouched-extreme",
            Coupling(
                exact_table([[9, 0], [0, 1]]),
                exact_table([[-9, 0], [0, 2]]),
                NONE,
                exact_table([[0, 0], [0, 1]]),
            ),
        ),
        Instance(
            "singular-module",
            Coupling(
                exact_table([[0]]), exact_table([[0]]), exact_table([[1]]), exact_table([[0]])
            ),
        ),
        Instance(
            "uneven",
            Coupling(exact_table([[3]]), exact_table([[2, 1], [1, 2]]), exact_table([[1, 2]])),
        ),
    )


def _low_rank(c: Coupling) -> Fact:
    r, top = to_flint(c.B).rank(), min(len(c.B), len(c.B[0]))
    return Fact(Truth.of(r < top), f"rank B = {r} of {top}")


def _sparse(c: Coupling) -> Fact:
    r, n = to_flint(c.B).rank(), sum(v != 0 for row in c.B for v in row)
    return Fact(Truth.of(n <= r), f"B of rank {r} has {n} entries that are not zero")


def _invertible(c: Coupling) -> Fact:
    d = to_flint(c.P).det()
    return Fact(Truth.of(d != 0), f"det P = {d}")


def _normal_form(B: fmpq_mat) -> tuple[fmpq_mat, fmpq_mat]:
    """Invertible U, V with U B V = diag(I_r, 0)."""

    def reducing(M: fmpq_mat) -> fmpq_mat:
        m, n = M.nrows(), M.ncols()
        wide = [
            [*(M[i, j] for j in range(n)), *(fmpq(int(i == k)) for k in range(m))] for i in range(m)
        ]
        reduced = fmpq_mat(wide).rref()[0]
        return fmpq_mat([[reduced[i, n + k] for k in range(m)] for i in range(m)])

    U = reducing(B)
    V = reducing((U * B).transpose()).transpose()
    return U, V


def _decouples(c: Coupling) -> Fact:
    """Bases inside the modules make B sparse; and the Schur complement S = Q − BᵀP⁻¹B decouples
    them by a congruence, where it moves Q by a matrix of rank ≤ rank B."""
    P, Q, B = map(to_flint, (c.P, c.Q, c.B))
    if P.det() == 0:
        return Fact(Truth.FALSE, "P has no inverse, and there is no Schur complement")
    r = B.rank()
    U, V = _normal_form(B)
    sparse = U * B * V
    entries = [sparse[i, j] for i in range(B.nrows()) for j in range(B.ncols())]
    bases = bool(U.det() != 0 and V.det() != 0 and sum(v != 0 for v in entries) == r)
    shift = B.transpose() * P.inv() * B
    S = Q - shift
    n, m = P.nrows(), Q.nrows()
    corner = P.inv() * B
    G = fmpq_mat(
        [
            [(-corner[i, j - n] if i < n <= j else fmpq(int(i == j))) for j in range(n + m)]
            for i in range(n + m)
        ]
    )
    whole = to_flint(exact_table(c.joined(c.B)))
    split = G.transpose() * whole * G
    apart = all(
        split[i, j] == (P[i, j] if i < n > j else S[i - n, j - n] if i >= n <= j else 0)
        for i in range(n + m)
        for j in range(n + m)
    )
    good = bases and apart and shift.rank() <= r and whole.rank() == P.rank() + S.rank()
    return Fact(
        Truth.of(good),
        f"B becomes {r} ones in other bases; H ≅ P ⊕ (Q − BᵀP⁻¹B), a "
        f"change of rank {shift.rank()} ≤ {r}",
    )


def _sparse_after_bases(c: Coupling) -> Fact:
    """Invertible changes of basis in either module leave B with rank B entries that are not 0."""
    B = to_flint(c.B)
    U, V = _normal_form(B)
    sparse = U * B * V
    n = sum(sparse[i, j] != 0 for i in range(B.nrows()) for j in range(B.ncols()))
    good = U.det() != 0 and V.det() != 0 and n == B.rank()
    return Fact(Truth.of(bool(good)), f"B of rank {B.rank()} becomes {n} entries that are not zero")


def _square_norm(B: Table) -> Fraction:
    return sum((v * v for row in B for v in row), Fraction(0))


def _lower_rank_same_norm(c: Coupling) -> Fact:
    if c.other is None:
        return Fact(Truth.FALSE, "nothing to compare with")
    ranks = to_flint(c.B).rank(), to_flint(c.other).rank()
    norms = _square_norm(c.B), _square_norm(c.other)
    return Fact(
        Truth.of(ranks[0] < ranks[1] and norms[0] == norms[1]),
        f"ranks {ranks[0]} and {ranks[1]}, squared norms {norms[0]} and {norms[1]}",
    )


def _uncoupled(c: Coupling) -> Fact:
    none = c.other is not None and _square_norm(c.B) == 0
    return Fact(Truth.of(none), "B = 0" if none else "B ≠ 0, or nothing to compare with")


def _less_extreme(c: Coupling) -> Fact:
    """The eigenvalues with B lie between the least and the greatest with `other`."""
    if c.other is None:
        raise UndecidedError("nothing to compare with")
    one, two = spectrum(c.joined(c.B)), spectrum(c.joined(c.other))
    inside = two[0].compare(one[0]) <= 0 and one[-1].compare(two[-1]) <= 0
    return Fact(
        Truth.of(inside), f"eigenvalues in [{one[0]}, {one[-1]}] against [{two[0]}, {two[-1]}]"
    )


def _coupling_widens(c: Coupling) -> Fact:
    """The extreme eigenvalues of [[P, tB], [tBᵀ, Q]] at t = 0, ½, 1, 2: outwards with t."""
    found = [
        spectrum(c.joined(exact_table([[t * v for v in row] for row in c.B])))
        for t in (Fraction(0), Fraction(1, 2), Fraction(1), Fraction(2))
    ]
    steps = pairwise(found)
    good = all(b[0].compare(a[0]) <= 0 and a[-1].compare(b[-1]) <= 0 for a, b in steps)
    shown = ", ".join(f"[{s[0]}, {s[-1]}]" for s in found)
    return Fact(Truth.of(good), f"eigenvalues in {shown} for t = 0, 1/2, 1, 2")


def flipped_coupling() -> Fact:
    """S H_t S = H_{−t} for S = diag(1, −1), P = (p), Q = (q), B = (b), entry by entry."""
    p, q, b, t = map(symbol, "pqbt")
    H = [[p, t * b], [t * b, q]]
    S = (number(1), number(-1))
    back = [[p, -t * b], [-t * b, q]]
    return vanish(*(S[i] * H[i][j] * S[j] - back[i][j] for i in (0, 1) for j in (0, 1)))


def schur_expands() -> Fact:
    """GᵀHG = P ⊕ (q − bᵀP⁻¹b) with G = [[I, −P⁻¹b], [0, 1]], for generic P (2×2), b and q."""
    p, s, t, b, c, q = (symbol(n) for n in "pstbcq")
    det = p * t - s * s
    u, w = (t * b - s * c) / det, (p * c - s * b) / det  # P⁻¹b
    H = [[p, s, b], [s, t, c], [b, c, q]]
    G = [[number(1), number(0), -u], [number(0), number(1), -w], [number(0), number(0), number(1)]]
    split = [[p, s, number(0)], [s, t, number(0)], [number(0), number(0), q - b * u - c * w]]
    gaps = []
    for i, j in grid(range(3), repeat=2):
        gap = -split[i][j]
        for k, l in grid(range(3), repeat=2):
            gap = gap + G[k][i] * H[k][l] * G[l][j]
        gaps.append(gap)
    return vanish(*gaps)


LOW_RANK = Predicate("low-rank", "the off-diagonal block B has low rank", _low_rank)
SPARSE = Predicate("sparse", "B has no more nonzero entries than its rank", _sparse)
SPARSE_AFTER_BASES = Predicate(
    "sparse-after-bases",
    "in other bases of the two modules B has rank B entries that are not zero",
    _sparse_after_bases,
)
COUPLING_WIDENS = Predicate(
    "coupling-widens",
    "the greatest eigenvalue of [[P, tB], [tBᵀ, Q]] does not fall, and the least does not rise, in "
    "t ≥ 0",
    _coupling_widens,
)
P_INVERTIBLE = Predicate("P-invertible", "the first block P is invertible", _invertible)
DECOUPLES = Predicate(
    "decouples",
    "in other bases of the two modules B has exactly rank B nonzero "
    "entries, and H ≅ P ⊕ (Q − BᵀP⁻¹B), which moves Q by a rank ≤ rank B",
    _decouples,
    r"H \cong P \oplus (Q - B^{\mathsf T}P^{-1}B)",
)
LOWER_RANK_SAME_NORM = Predicate(
    "lower-rank-same-norm",
    "B has lower rank than C and the same norm",
    _lower_rank_same_norm,
)
LESS_EXTREME = Predicate(
    "less-extreme",
    "with B the extreme eigenvalues lie between those with C",
    _less_extreme,
)
UNCOUPLED = Predicate("uncoupled", "B = 0", _uncoupled)
