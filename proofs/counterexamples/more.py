"""Labels that make θ a local minimum with a Hessian of higher rank than J, or a proof of none.

In: a `LabelSpace`. Out: an `Answer`.

Where A ≻ 0 stays as r → 0, H(εc) ⪰ 0 for small ε asks for R(c) = KᵀS(c)K ⪰ 0, K a basis of ker J.
Z collects the vectors of ker J that lie in ker H whatever admissible labels are chosen:

- H ⪰ 0 and uᵀHu = 0 force Hu = 0, so S(c)u = 0 in all N coordinates for u ∈ Z;
- at a local minimum D³L[u, u', u''] = Σ_m r_m D³F_m[u, u', u''] = 0 for u, u', u'' ∈ Z, since
  Ju = 0 and Hu = 0;
- these are linear in c and leave a space C; what all R(c), c ∈ C, kill joins Z.

On the face, ker J modulo Z, either some R(c) ≻ 0: then rank H(εc) = rank JᵀAJ + dim(face) for
small ε, the largest rank that there is; or some W ⪰ 0 is orthogonal to all R(c): then im W joins Z,
and the face is smaller (facial reduction). Face 0: rank H ≤ rank JᵀAJ for all labels.

H ⪰ 0 is not yet a local minimum: the labels are given only where `minima` certifies it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq

from hessrank.proofs.counterexamples import lmi
from hessrank.proofs.counterexamples.answer import Answer
from hessrank.proofs.counterexamples.higher import trilinear
from hessrank.proofs.counterexamples.label_space import LabelSpace
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import DomainError, InputError, UndecidedError, counted
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.linear_algebra.inertia import factorise
from hessrank.symbolic.linear_algebra.object_matrices import matmul
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.null_space import null_space

Array = np.ndarray[Any, Any]

#: ε is halved at most so often.
MAX_HALVINGS = 24
#: So many admissible c are tried as local minima.
MAX_TRIES = 12
#: Cubic conditions are written down for a Z of at most so many vectors.
MAX_CUBIC = 4


#: One step: vectors u of ker J and weights w > 0 with Σ w uᵀS(c)u = 0 for all c in C.
Step = tuple[tuple[Vector, ...], Vector]


@dataclass(frozen=True)
class Face:
    """How far the facial reduction came: the face's vectors in R^N, a basis of C in coordinates of
    c, the forms R on the face, the duals used, the solution where there is one, and the steps."""

    vectors: tuple[Vector, ...]
    space: tuple[Vector, ...]
    forms: tuple[Array, ...]
    duals: tuple[lmi.Dual, ...]
    found: lmi.Feasible | None
    stuck: bool = False
    steps: tuple[Step, ...] = ()


def more(
    space: LabelSpace, rank_jacobian: int, wanted: Callable[[Landscape], bool] | None = None
) -> Answer:
    """Whether some labels make θ a certified local minimum with rank H > rank J; or with rank H
    above another number that is no smaller. wanted: which of the landscapes are asked whether they
    are one; all, where it is None."""
    kernel, N = space.kernel, space.problem.N
    if not kernel:
        return Answer(Truth.FALSE, f"rank J = N = {rank_jacobian}: H cannot have a higher rank")
    if not space.residuals:
        return Answer(Truth.FALSE, "no residual r ≠ 0 makes θ critical, so H = JᵀAJ")
    flats = N - len(null_space(list(space.flats), N, space.field)) if space.flats else 0
    if N - flats <= rank_jacobian:
        why = f"F is constant along {counted(flats, 'direction')}: rank H ≤ N − {flats}"
        return Answer(Truth.FALSE, f"{why} = {N - flats} for all labels that make θ critical")
    face = reduce(space)
    base = N - len(kernel)
    gain = len(face.vectors)
    size = f"the inequality on ker J has size {gain}"
    if face.stuck:
        why = f"{size}, and neither labels nor an exact dual were found"
        return Answer(Truth.UNDECIDED, why)
    if base + gain <= rank_jacobian:
        return Answer(Truth.FALSE, _none(face, base, gain, rank_jacobian, space))
    words = f"rank H = {base + gain}: {size}"
    last = "no small residual was accepted"
    unwanted = False
    for here in _candidates(space, face, base + gain):
        if wanted is not None and not wanted(here):
            unwanted = True
            continue
        kind = minimum(here)
        if kind.local.truth is Truth.TRUE:
            rank = here.rank("hessian")
            if rank.lower > rank_jacobian:
                return Answer(Truth.TRUE, f"{words}; {kind.local.reason}", here, rank)
        last = kind.local.reason
    return Answer(
        Truth.UNDECIDED,
        f"labels with H ⪰ 0 and {words} exist, but none that were tried is a certified local "
        f"minimum: {last}",
        unwanted=unwanted,
    )


def _none(face: Face, base: int, gain: int, rank_jacobian: int, space: LabelSpace) -> str:
    if gain:
        return (
            f"rank H ≤ rank JᵀAJ + {gain} = {base + gain} ≤ rank J = {rank_jacobian} for all labels"
        )
    if not face.duals:
        return "for all labels of a local minimum, H vanishes on ker J: rank H ≤ rank J"
    if len(face.duals) == 1 and lmi.is_definite(np.array(face.duals[0].W), space.field):
        return f"an exact dual W ≻ 0 excludes a gain of rank, for all labels: W = {_shown(face)}"
    return (
        "facial reduction excludes a gain of rank, for all labels: "
        f"{len(face.duals)} exact dual{'s' * (len(face.duals) > 1)}, the first W = {_shown(face)}"
    )


def _shown(face: Face) -> str:
    text = "[" + ", ".join(f"[{', '.join(map(str, row))}]" for row in face.duals[0].W) + "]"
    return text if len(text) <= 200 else f"a {len(face.duals[0].W)}×{len(face.duals[0].W)} matrix"


def reduce(space: LabelSpace) -> Face:
    """The facial reduction, to a face on which some R(c) ≻ 0, to the face 0, or to where neither
    was found."""
    field, kernel, q = space.field, space.kernel, len(space.residuals)
    K = np.array(kernel, dtype=object)
    duals: list[lmi.Dual] = []
    steps: list[Step] = []
    Z: list[Vector] = []  # in coordinates of the kernel
    while True:
        flat = [tuple(matmul(np.array(z, dtype=object), K)) for z in Z]
        C = admissible(space, flat, q)
        coordinates = null_space(Z, len(kernel), field)  # a complement of Z: the field is real
        if not coordinates:
            return Face((), C, (), tuple(duals), None, steps=tuple(steps))
        B = np.array(coordinates, dtype=object)
        vectors = matmul(B, K)
        forms = [matmul(vectors, lmi.combination(c, space.bends), vectors.T) for c in C]
        common = null_space([row for S in forms for row in S.tolist()], len(B), field)
        killed = tuple(tuple(matmul(np.array(w, dtype=object), vectors)) for w in common)
        if len(common) == len(B):  # nothing is left of ker J, whatever C becomes
            steps.append((killed, (fmpq(1),) * len(killed)))
            return Face((), (), (), tuple(duals), None, steps=tuple(steps))
        if common:
            steps.append((killed, (fmpq(1),) * len(killed)))
            Z += [tuple(matmul(np.array(w, dtype=object), B)) for w in common]
            continue
        found = lmi.solve(forms, field)
        if isinstance(found, lmi.Dual):
            duals.append(found)
            steps.append(_squares(found, vectors, field))
            Z += [
                tuple(matmul(np.array(w, dtype=object), B))
                for w in found.W
                if any(v != 0 for v in w)
            ]
            continue
        rows = tuple(map(tuple, vectors))
        return Face(rows, C, tuple(forms), tuple(duals), found, found is None, tuple(steps))


def _squares(dual: lmi.Dual, vectors: Array, field: Field) -> Step:
    """W = Σ d_k l_k l_kᵀ with d_k > 0, by LDLᵀ, the l_k as vectors in R^N."""
    made = factorise([list(row) for row in dual.W], sign=field.sign)
    found, weights = [], []
    for k, block in enumerate(made.blocks):  # W ⪰ 0: all blocks are 1×1
        if block[0][0] != 0:
            l = [fmpq(0)] * len(made.order)
            for row, i in enumerate(made.order):
                l[i] = made.L[row][k] if row > k else fmpq(int(row == k))
            found.append(tuple(matmul(np.array(l, dtype=object), vectors)))
            weights.append(block[0][0])
    return tuple(found), tuple(weights)


def admissible(space: LabelSpace, Z: Sequence[Vector], q: int) -> tuple[Vector, ...]:
    """A basis of {c : S(c)z = 0 and D³L[z, z', z''] = 0 for all z, z', z'' in Z}."""
    rows: list[list[Exact]] = []
    for z in Z:
        images = [matmul(S, np.array(z, dtype=object)) for S in space.bends]
        rows += [[image[i] for image in images] for i in range(space.problem.N)]
    left = null_space(rows, q, space.field)
    basis = independent(Z, space) if left else ()
    if 0 < len(basis) <= MAX_CUBIC:
        return null_space([*rows, *trilinear(space, basis).values()], q, space.field)
    return left


def independent(Z: Sequence[Vector], space: LabelSpace) -> tuple[Vector, ...]:
    """A basis of the span of Z: the complement of its complement."""
    if not Z:
        return ()
    N = space.problem.N
    return null_space(null_space(list(Z), N, space.field), N, space.field)


def _candidates(space: LabelSpace, face: Face, rank: int) -> Iterator[Landscape]:
    """Landscapes with H ⪰ 0 of that rank, the solution's first, then other admissible c."""
    assert face.found is not None
    tried = 0
    for c in (face.found.c, *lmi.short(len(face.forms))):
        if tried == MAX_TRIES:
            return
        if c is not face.found.c and (
            c == face.found.c or not lmi.is_definite(lmi.combination(c, face.forms), space.field)
        ):
            continue
        tried += 1
        whole = [
            sum((v * b[k] for v, b in zip(c, face.space, strict=True)), fmpq(0))
            for k in range(len(space.residuals))
        ]
        here = _small_enough(space, space.residual(whole), rank)
        if here is not None:
            yield here


def _small_enough(space: LabelSpace, r: Sequence[Exact], rank: int) -> Landscape | None:
    """The landscape of εr for the first ε = 1, ½, ¼, … with H ⪰ 0 of that rank."""
    scale = fmpq(1)
    for _ in range(MAX_HALVINGS):
        try:
            here = space.at([scale * v for v in r])
            found = here.inertia()
        except (InputError, DomainError):
            found = None  # no targets of this loss yet
        except (UndecidedError, TooLarge):
            return None
        if found is not None and found.negative == 0 and found.positive == rank:
            return here
        scale = scale / 2
    return None
