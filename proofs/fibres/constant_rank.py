"""Where rank J is constant near θ: the fibre is a manifold there (constant rank theorem).

In: a `Landscape`. Out: a `Fact`, TRUE or UNDECIDED; and manifolds of equal behaviour on subspaces
where some parameters that are 0 stay 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from flint import fmpq

from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.facts.smooth_piece import behaviour_problem, outputs_near
from hessrank.proofs.fibres.symmetries import symmetry_directions
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import ZERO, evaluate, free_symbols
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Vector
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.formal_rank import formal_rank
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import left_null_space, null_space

#: J is reduced with θ symbolic for at most this many entries.
MAX_SYMBOLIC_ENTRIES = 40
#: Identities in θ are tried for at most this many parameters.
MAX_SYMBOLS = 16
#: Parameters are fixed at 0 where there are at most so many.
MAX_PARAMETERS = 24


def rank_stays(here: Landscape) -> Fact:
    """TRUE where rank J is constant near θ, else UNDECIDED."""
    rank, (M, N) = here.rank("jacobian"), (here.problem.M, here.problem.N)
    if rank.lower == min(M, N):
        return Fact(Truth.TRUE, "J has full rank, and a minor that is not zero stays so nearby")
    unknown = Fact(Truth.UNDECIDED, "no certificate of constant rank applies")
    J = here.jacobian
    if not (rank.decided and J.is_exact):
        return unknown
    try:
        known = J.exact()
        found = _dependences_persist(here, known) or _symmetries(here, known)
        return found or _minors(here) or unknown
    except (UndecidedError, TooLarge):
        return unknown


def _dependences_persist(here: Landscape, J: Matrix) -> Fact | None:
    """cᵀJ(θ) = 0 ⇒ cᵀF is constant, for all c: F maps into an affine subspace of dimension r."""
    forms = outputs_near(here)
    if len(free_symbols(*forms)) > MAX_SYMBOLS:
        return None
    combined = []
    for c in left_null_space(J.rows, J.shape[1], J.field):
        total = ZERO
        for weight, form in zip(c, forms, strict=True):
            total = total + J.field.expr(weight) * form
        combined += [g for g in gradient(total, here.problem.model.parameters) if g is not ZERO]
    if vanish(*combined).truth is not Truth.TRUE:
        return None
    return Fact(Truth.TRUE, "the dependences of the gradients at θ hold identically")


def _symmetries(here: Landscape, J: Matrix) -> Fact | None:
    """Symmetries of F that are independent at θ stay so nearby and lie in ker J."""
    vectors = [d.vector for d in symmetry_directions(here)]
    if not vectors:
        return None
    n, r = J.shape[1], here.rank("jacobian").lower
    found = formal_rank(tuple(vectors), (len(vectors), n), J.field).lower
    if found < n - r:
        return None
    return Fact(Truth.TRUE, f"{found} symmetries of F are independent near θ and lie in ker J")


def _minors(here: Landscape) -> Fact | None:
    """rank J ≤ r identically: J is reduced with θ symbolic."""
    forms, names = outputs_near(here), here.problem.model.parameters
    if len(forms) * len(names) > MAX_SYMBOLIC_ENTRIES or len(names) > MAX_SYMBOLS:
        return None

    def build(field: Field) -> int:
        theta = {name: field.indeterminate(name) for name in names}
        rows = [evaluate(gradient(f, names), field, theta) for f in forms]
        return len(names) - len(null_space(rows, len(names), field))

    generic = evaluate_in_field(build)
    if generic > here.rank("jacobian").lower:
        return None
    return Fact(Truth.TRUE, f"every minor of J of order {generic + 1} vanishes identically in θ")


def tangents_of(here: Landscape) -> tuple[Vector, ...]:
    """A basis of ker J, where it is known."""
    J = here.jacobian
    try:
        return null_space(J.rows, J.shape[1], J.field)
    except UndecidedError:
        return ()


def with_zeros_fixed(here: Landscape) -> Iterator[tuple[int, str, tuple[Vector, ...]]]:
    """(dimension, why, tangents) of manifolds of equal behaviour on which parameters that are 0 at
    θ stay 0: of one unit, of one layer, each alone, or all."""
    if here.problem.N > MAX_PARAMETERS:
        return
    names, forms, values = here.problem.model.parameters, outputs_near(here), dict(here.values)
    zero = [n for n in names if values[n] is ZERO]
    alike = [
        {m for m in zero if m.rsplit("_", k)[0] == n.rsplit("_", k)[0]}
        for k in (1, 2)
        for n in zero
    ]
    for fixed in dict.fromkeys(frozenset(s) for s in (*alike, *({n} for n in zero), set(zero))):
        kept = [n for n in names if n not in fixed]
        if not kept:
            continue
        there = substitute(forms, dict.fromkeys(fixed, ZERO))
        part = behaviour_problem(list(dict.fromkeys(there)), kept).at({n: values[n] for n in kept})
        rank = part.rank("jacobian")
        if rank_stays(part).truth is not Truth.TRUE or not rank.decided:
            continue
        columns = [kept.index(n) if n in kept else None for n in names]
        tangents = tuple(
            tuple(fmpq(0) if j is None else v[j] for j in columns) for v in tangents_of(part)
        )
        shown = ", ".join(sorted(fixed))
        why = f"rank J = {rank.lower} near θ where {shown} = 0 (constant rank theorem)"
        yield len(kept) - rank.lower, why, tangents
