"""Information loss at a layer and what it does to J and to the fibre: theorem T5, exactly.

In: a `Cut`, F(x; θ) = g(a(x; θ_<), θ_>), with p parameters before the layer and C classes of
examples with equal activations there. Out: bounds, exact vectors and `Fact`s.

Where inputs go around the layer, F = g(a, x_around, θ_>): they are activations like the others, and
C counts the classes of both together (`Cut.arrivals`). Nothing goes around that wider layer. What a
claim says of activations alone is asked with `classes=cut.classes`.

J factors through the classes: J = [J_< | E·B], where B = ∂g/∂θ_>
is taken on one example of each class (K·C rows) and E copies these rows to the examples. Hence

    (a) rank J ≤ p + K·C, and every y with yᵀ[J_< | E] = 0 is a dependence yᵀJ = 0 whatever g is;
        k merged examples with one output are forced to be dependent iff p < k − 1;
    (b) rank B = K·C  ⇒  with θ_< held, the fibre is a manifold of dimension N − p − K·C;
    (c) a layer that is strictly dead on m examples gives these equal rows, zero before the layer.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq

from hessrank.proofs.information_loss.cuts import Classes, Cut
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import left_null_space
from hessrank.symbolic.ranks.rank_result import RankResult


def rank_bound(cut: Cut, classes: Classes | None = None) -> int:
    """p + K·C ≥ rank J (T5a). Activations that are not known to differ count as different, which
    only weakens the bound. With other `classes` than those of what arrives it need not bound it."""
    return cut.p + len(cut.tail) * (classes or cut.arrivals).count


def sharp(bound: int, rank: RankResult) -> Fact:
    """Whether rank J attains the bound."""
    met = rank.reaches(bound) if rank.lower <= bound else None
    return Fact(Truth.of(met), f"rank J = {rank.shown}, p + K·C = {bound}")


def jacobian(cut: Cut) -> Matrix:
    """J with the columns of θ_< first, then those of θ_>."""
    return cut.values.matrix(cut.values.whole, cut.here.problem.N)


def copies(cut: Cut) -> list[list[Exact]]:
    """E, M × K·C: row (d, k) has its 1 in the column of (class of d, k)."""
    K, C = len(cut.tail), cut.arrivals.count
    E: list[list[Exact]] = [[fmpq(0)] * (K * C) for _ in range(K * len(cut.values.activations))]
    for c, group in enumerate(cut.arrivals.groups):
        for d in group:
            for k in range(K):
                E[d * K + k][c * K + k] = fmpq(1)
    return E


def representatives(cut: Cut, classes: Classes | None = None) -> Matrix:
    """B = ∂g/∂θ_> on one example of each class, K·C × (N−p)."""
    K = len(cut.tail)
    rows = [
        cut.values.late[g[0] * K + k] for g in (classes or cut.arrivals).groups for k in range(K)
    ]
    return cut.values.matrix(rows, len(cut.after))


def forced(cut: Cut) -> tuple[Vector, ...]:
    """A basis of the y with yᵀ[J_< | E] = 0: dependences yᵀJ = 0 that merging forces, whatever
    comes after the layer. At least M − p − K·C of them."""
    rows = [[*a, *e] for a, e in zip(cut.values.early, copies(cut), strict=True)]
    width = len(rows[0]) if rows else 0
    return left_null_space(rows, width, cut.values.field)


def merged(cut: Cut, least: int = 2) -> Fact:
    """Whether at least `least` examples share their activations at the layer."""
    group = cut.classes.largest
    if len(group) >= least:
        shown = ", ".join(str(d + 1) for d in group)
        return Fact(Truth.TRUE, f"examples {shown} have equal activations at {cut.name}")
    return ~cut.classes.separated


def forced_by_count(cut: Cut, classes: Classes | None = None) -> Fact:
    """p < k − 1 for k merged examples with one output (p < K(k−1) with K): then their rows of J
    are dependent. `k` is the size of the largest class."""
    classes = classes or cut.arrivals
    k, K = len(classes.largest), len(cut.tail)
    shown = f"p = {cut.p}, k = {k}" + (f", K = {K}" if K > 1 else "")
    if cut.p < K * (k - 1):
        return Fact(Truth.TRUE, shown)
    known = classes.separated.truth is Truth.TRUE  # else the class may be larger
    return Fact(Truth.of(False if known else None), shown)


def class_dependence(cut: Cut, group: Sequence[int]) -> tuple[Vector, ...]:
    """A basis of the y with yᵀJ = 0 that live on the rows of the examples in `group`."""
    J, K = jacobian(cut), len(cut.tail)
    rows = [J.rows[d * K + k] for d in group for k in range(K)]
    return left_null_space(rows, J.shape[1], J.field)


def dead_layer(cut: Cut, examples: Sequence[int]) -> Fact:
    """T5c: whether the rows of J of the `examples` (from 0) are equal and zero before the layer,
    as they must be where it is strictly dead on them."""
    K, v = len(cut.tail), cut.values
    zero = all(q == 0 for d in examples for k in range(K) for q in v.early[d * K + k])
    same = all(
        v.whole[d * K + k] == v.whole[examples[0] * K + k] for d in examples for k in range(K)
    )
    shown = ", ".join(str(d + 1) for d in examples)
    return Fact(
        Truth.of(zero and same),
        f"{cut.name} is dead on examples {shown}: their rows of J are equal, and zero before it"
        if zero and same
        else f"rows {shown} of J",
    )


def fibre_manifold(cut: Cut, classes: Classes | None = None) -> Fact:
    """T5b: whether ∂g/∂θ_> on the classes has rank K·C, so that the fibre contains a manifold of
    dimension N − p − K·C through θ. FALSE means that the theorem is silent, not its converse."""
    classes = classes or cut.arrivals
    B = representatives(cut, classes)
    rank, full = B.rank(), B.shape[0]
    known = classes.separated.truth is Truth.TRUE  # else fewer rows might do
    met = rank.reaches(full)
    met = met if met or known else None
    shown = f"∂g/∂θ_> on the {classes.count} classes has rank {rank.shown} of {full}"
    return Fact(Truth.of(met), shown)
