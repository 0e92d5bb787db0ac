"""Families of parameters with equal behaviour: the fibre from below, by explicit curves.

In: a `Landscape`. Out: `Family`s: exact tangent vectors at the point, all of which are tangent to
one manifold inside the fibre, and why.

- absent: F near the point does not contain the parameter (dead units);
- linear block: F is affine in a block B of parameters, so that F(θ + tv) = F(θ) + tJv, and every
  v ∈ ker J supported on B is a straight line in the fibre (duplicated neurons' output weights, T6
  for the last layer);
- activation null space (T6): W_l changes by rows orthogonal to all that enters layer l, for
  one layer or for all at once;
- symmetries: rescaling of homogeneous hidden units (T8), GL gauge of linear nets. Their flows keep
  F everywhere, so they may follow any of the others: (s, t) ↦ flow_s(θ + Σ t_i v_i) stays in the
  fibre and has the derivative (ξ(θ), v), hence is an immersion where these are independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from flint import fmpq

from hessrank.proofs.facts.smooth_piece import outputs_near
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import evaluate, free_symbols
from hessrank.symbolic.fields.elements import Exact, TooLarge
from hessrank.symbolic.linear_algebra.elimination import Vector, annihilates
from hessrank.symbolic.models.layers import Forward, Objects, forward
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.problems.problem import object_array
from hessrank.symbolic.ranks.formal_rank import formal_rank
from hessrank.symbolic.ranks.matrices import BallMatrix, Matrix
from hessrank.symbolic.ranks.null_space import null_space

#: Blocks are looked for with at most this many parameters.
MAX_PARAMETERS = 24


@dataclass(frozen=True)
class Family:
    """`tangents` (exact vectors in R^N, independent) span the tangent space at θ of a manifold
    inside the fibre."""

    tangents: tuple[Vector, ...]
    reason: str

    @property
    def dimension(self) -> int:
        return len(self.tangents)


def homogeneity(activation: str) -> int | None:
    """k with σ(λz) = λᵏσ(z) for all λ > 0, or None.

    >>> homogeneity("leaky-relu"), homogeneity("cube"), homogeneity("tanh")
    (1, 3, None)
    """
    known = {"identity": 1, "relu": 1, "leaky-relu": 1, "square": 2, "cube": 3}
    if activation.startswith("power-"):
        return int(activation.removeprefix("power-"))
    return known.get(activation)


def largest_family(here: Landscape, steady: bool = False) -> Family | None:
    """The family of the largest dimension that is found, or None. J must be exact.

    steady: only families along whose straight part θ + Σ t_i v_i every ∇F_m is affine in t. That
    holds where F is affine in the block that moves, and where one W_l alone moves; with two of
    them, W_m … W_l contains products t_i t_j, although F stays what it is.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.problem import Data, Problem
    >>> model = Model.from_expressions(["a*(a - 10)", "b*(a - 10)"], "a b")
    >>> line = Problem(model, Data([[]], [[0, 0]]))
    >>> largest_family(line.at({"a": 10, "b": 1})).dimension
    1
    """
    J = here.jacobian
    if isinstance(J, BallMatrix):
        return None
    symmetric = symmetry_directions(here)
    best: Family | None = None
    for reason, straight in ((None, ()), *_straight(here, steady)):
        tangents = _independent([*straight, *(v for v, _ in symmetric)], J)
        if not all(annihilates(J.rows, v) for v in tangents):
            continue  # only where the field does not know a relation between its atoms
        if len(tangents) > (best.dimension if best else 0):
            words = [reason] if reason else []
            words += sorted({why for _, why in symmetric})
            best = Family(tangents, "; ".join(words))
    return best


def _straight(here: Landscape, steady: bool) -> list[tuple[str, tuple[Vector, ...]]]:
    found = []
    for look in (_absent, _linear_blocks, partial(_activation_null_space, steady=steady)):
        try:
            found += look(here)
        except (UndecidedError, TooLarge):
            continue
    return found


def _independent(vectors: Sequence[Vector], J: Matrix) -> tuple[Vector, ...]:
    """As many of the vectors as are known to be independent."""
    if not vectors:
        return ()
    minor = formal_rank(tuple(vectors), (len(vectors), J.shape[1]), J.field).witness
    return tuple(vectors[i] for i in minor.rows) if minor else ()


def unit(n: int, i: int) -> Vector:
    return tuple(fmpq(int(i == j)) for j in range(n))


def _absent(here: Landscape) -> list[tuple[str, tuple[Vector, ...]]]:
    """Parameters that do not occur in F near the point."""
    names = here.problem.model.parameters
    seen = free_symbols(*outputs_near(here))
    free = [i for i, name in enumerate(names) if name not in seen]
    if not free:
        return []
    shown = ", ".join(names[i] for i in free)
    return [(f"F does not depend on {shown} near θ", tuple(unit(len(names), i) for i in free))]


def _linear_blocks(here: Landscape) -> list[tuple[str, tuple[Vector, ...]]]:
    """Kernel vectors of J within a block of parameters in which F is affine."""
    J = here.jacobian
    names = here.problem.model.parameters
    if len(names) > MAX_PARAMETERS or isinstance(J, BallMatrix):
        return []
    slopes = [gradient(f, names) for f in outputs_near(here)]
    meets = [free_symbols(*(row[i] for row in slopes)) for i in range(len(names))]
    found = []
    for block in sorted({b for i in range(len(names)) if (b := _grow(i, names, meets))}):
        rows = [[row[i] for i in block] for row in J.rows]
        vectors = []
        for short in null_space(rows, len(block), J.field):
            at = dict(zip(block, short, strict=True))
            vectors.append(tuple(at.get(i, fmpq(0)) for i in range(len(names))))
        if vectors:
            shown = ", ".join(names[i] for i in block)
            found.append(
                (
                    f"F is affine in ({shown}), so kernel vectors of J there are straight "
                    "lines of equal behaviour",
                    tuple(vectors),
                )
            )
    return found


def _grow(start: int, names: Sequence[str], meets: Sequence[frozenset[str]]) -> tuple[int, ...]:
    """A block of parameters around `start` in which F is affine, taken greedily."""
    block: list[int] = []
    for i in (start, *(i for i in range(len(names)) if i != start)):
        members = [*block, i]
        if all(names[j] not in meets[i] and names[i] not in meets[j] for j in members):
            block.append(i)
    return tuple(sorted(block)) if start in block else ()


def _network_run(here: Landscape) -> Forward | None:
    """The forward run of a network without fixed parameters, in the field of J."""
    model, J = here.problem.model, here.jacobian
    if model.network is None or model.fixed or isinstance(J, BallMatrix):
        return None
    theta = evaluate([v for _, v in here.values], J.field, {})
    flat = evaluate([v for row in here.problem.data.x for v in row], J.field, {})
    n = len(model.inputs)
    x = object_array([flat[i : i + n] for i in range(0, len(flat), n)], (len(flat) // n, n))
    return forward(model.network, object_array([theta], (1, len(theta)))[0], x, Objects(J.field))


def _activation_null_space(here: Landscape, steady: bool) -> list[tuple[str, tuple[Vector, ...]]]:
    """T6: (d − s)·d_out directions where the activations entering a layer span s < d dimensions.
    All layers together are one family; steady: each layer is one of its own."""
    run = _network_run(here)
    J = here.jacobian
    if run is None or isinstance(J, BallMatrix):
        return []
    layers: list[tuple[str, tuple[Vector, ...]]] = []
    for l, (entering, block) in enumerate(zip(run.inputs, run.net.blocks, strict=True), 1):
        null = null_space(entering.tolist(), entering.shape[1], J.field)
        vectors = []
        for row in block:
            for direction in null:
                v: list[Exact] = [fmpq(0)] * J.shape[1]
                for position, value in zip(row, direction, strict=True):
                    v[int(position)] = value
                vectors.append(tuple(v))
        if null:
            layers.append((f"{len(null)}·{len(block)} into layer {l}", tuple(vectors)))
    if not steady and layers:
        words, parts = zip(*layers, strict=True)
        layers = [(", ".join(words), tuple(v for part in parts for v in part))]
    return [
        (f"activations span too few dimensions: {words} directions (T6)", vectors)
        for words, vectors in layers
    ]


def symmetry_directions(here: Landscape) -> list[tuple[Vector, str]]:
    """Tangents at θ of the symmetries of the architecture, each with its reason."""
    try:
        run = _network_run(here)
    except TooLarge:
        return []
    if run is None or run.net.depth < 2:
        return []
    k = homogeneity(run.net.activation)
    if k is None:
        return []
    gauge = run.net.activation == "identity"
    why = "the GL gauge of the hidden layers" if gauge else "the rescaling of hidden units (T8)"
    J = here.jacobian
    assert not isinstance(J, BallMatrix)
    values = evaluate([v for _, v in here.values], J.field, {})
    found = []
    for l in range(1, run.net.depth):
        into, out = run.net.blocks[l - 1], run.net.blocks[l]
        units = range(len(into))
        pairs = [(i, j) for i in units for j in units if gauge or i == j]
        for i, j in pairs:
            # ξ = (E_ij W_l, −k W_{l+1} E_ij): row i of W_l gains row j, column j of W_{l+1}
            # loses k times column i.
            v: list[Exact] = [fmpq(0)] * run.net.size
            for to, source in zip(into[i], into[j], strict=True):
                v[int(to)] = values[int(source)]
            for row in out:
                v[int(row[j])] = -k * values[int(row[i])]
            if any(x != 0 for x in v):
                found.append((tuple(v), why))
    return found
