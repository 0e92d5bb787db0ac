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
from hessrank.proofs.fibres.symmetries import (
    Direction,
    null_space_directions,
    symmetry_directions,
)
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import free_symbols
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Vector, annihilates
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.formal_rank import formal_rank
from hessrank.symbolic.ranks.matrices import Matrix
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


def largest_family(here: Landscape, steady: bool = False) -> Family | None:
    """The family of the largest dimension that is found, or None. J must be exact.

    steady: only families along whose straight part θ + Σ t_i v_i every ∇F_m is affine in t. That
    holds where F is affine in the block that moves, and where one W_l alone moves; with two of
    them, W_m … W_l contains products t_i t_j, although F stays what it is.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> model = Model.from_expressions(["a*(a - 10)", "b*(a - 10)"], "a b")
    >>> line = Problem(model, Data([[]], [[0, 0]]))
    >>> largest_family(line.at({"a": 10, "b": 1})).dimension
    1
    """
    if not here.jacobian.is_exact:
        return None
    J = here.jacobian.exact()
    try:
        symmetric = symmetry_directions(here)
    except UndecidedError:
        symmetric = ()
    best: Family | None = None
    for reason, straight in ((None, ()), *straight_families(here, steady)):
        tangents = _independent([*straight, *(d.vector for d in symmetric)], J)
        if not all(annihilates(J.rows, v) for v in tangents):
            continue  # only where the field does not know a relation between its atoms
        if len(tangents) > (best.dimension if best else 0):
            words = [reason] if reason else []
            words += _reasons(symmetric)
            best = Family(tangents, "; ".join(words))
    return best


def _reasons(symmetric: Sequence[Direction]) -> list[str]:
    words = {
        "gauge": "the GL gauge of the hidden layers",
        "rescaling": "the rescaling of hidden units (T8)",
    }
    return sorted({words[d.kind] for d in symmetric})


def straight_families(here: Landscape, steady: bool = True) -> list[tuple[str, tuple[Vector, ...]]]:
    """(why, directions): θ + Σ t_i v_i has the behaviour of θ; steady: as for `largest_family`."""
    found = []
    for look in (_absent, _linear_blocks, partial(_null_spaces, steady=steady)):
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
    if len(names) > MAX_PARAMETERS or not J.is_exact:
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


def _null_spaces(here: Landscape, steady: bool) -> list[tuple[str, tuple[Vector, ...]]]:
    """T6: directions where the activations entering a layer span too few dimensions. All layers
    together are one family; steady: each layer is one of its own."""
    if here.problem.model.network is None:
        return []
    found = null_space_directions(here)
    layers = sorted({d.layer for d in found})
    parts = [tuple(d for d in found if d.layer == l) for l in layers] if steady else [found]
    families = []
    for part in parts:
        counts = {l: sum(d.layer == l for d in part) for l in layers}
        words = ", ".join(f"{n} into layer {l}" for l, n in counts.items() if n)
        why = f"activations span too few dimensions: {words} directions (T6)"
        families += [(why, tuple(d.vector for d in part))] if part else []
    return families
