"""What the claims on ranks are made of: predicates of a landscape.

In: nothing. Out: `Predicate`s, to be used as hypotheses and conclusions.
"""

from __future__ import annotations

from flint import fmpq

from hessrank.proofs.catalogue.hessian.subjects import Basins
from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.minima.minimum import loss_is_constant, total_loss
from hessrank.proofs.reasoning.statement import Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.expression import evaluate, number
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.object_matrices import object_array
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import Matrix


def _identity_on(here: Landscape) -> Fact:
    """H from the identity against the second derivatives of the composed L, entry by entry."""
    if here.problem.N > 10 or not here.hessian.is_exact:
        return Fact(Truth.UNDECIDED, "L is differentiated directly for at most 10 parameters")
    names, N = [n for n, _ in here.values], here.problem.N
    direct = [e for row in differentiation.hessian(total_loss(here.problem), names) for e in row]
    ours = [e for row in here.hessian.closed_forms() for e in row]

    def gap(field: Field) -> Matrix:
        flat = evaluate([*direct, *ours], field, here.theta(field))
        rows = [[flat[N * i + j] - flat[N * (N + i) + j] for j in range(N)] for i in range(N)]
        return Matrix.of(object_array(rows, (N, N)), field)

    try:
        return landscape_facts.is_zero(
            evaluate_in_field(gap, here.side), "∇²L less the right-hand side"
        )
    except TooLarge as error:
        return Fact(Truth.UNDECIDED, str(error))


def multiple_of_gram(here: Landscape) -> Fact:
    """H = c·JᵀJ for some number c."""
    J, H = here.jacobian.exact("J").joined(here.hessian.exact("H"))
    G = J.T @ J
    pairs = [(g, h) for a, b in zip(G.rows, H.rows, strict=True) for g, h in zip(a, b, strict=True)]
    lead = next(((g, h) for g, h in pairs if g != 0), None)
    if lead is None:
        return landscape_facts.is_zero(H, "H")
    g0, h0 = lead
    gaps = [[h * g0 - g * h0] for g, h in pairs]
    column = Matrix.of(object_array(gaps, (len(gaps), 1)), H.field)
    fact = landscape_facts.is_zero(column, "H·g − JᵀJ·h for an entry g of JᵀJ and h of H")
    return Fact(
        fact.truth, "H and JᵀJ are proportional" if fact.truth is Truth.TRUE else fact.reason
    )


_SIGNS = {"hessian": "H", "gauss_newton": "JᵀAJ"}


def centred_rank(here: Landscape, name: str = "hessian") -> Fact:
    """rank H = rank PJ, P centring the logits of each example (or rank JᵀAJ = rank PJ)."""
    J = here.jacobian.exact("J")
    K, D = here.problem.model.output_count, len(here.problem.data)
    rows = [
        [fmpq(int(i == j)) - (fmpq(1, K) if i // K == j // K else fmpq(0)) for j in range(K * D)]
        for i in range(K * D)
    ]
    P = Matrix.of(object_array(rows, (K * D, K * D)), J.field)
    return landscape_facts.same_rank(here.rank(name), (P @ J).rank(), (_SIGNS[name], "PJ"))


def _has_cross_terms(here: Landscape) -> Fact:
    return ~landscape_facts.loss_hessian_diagonal(here)


def _not_multiple(here: Landscape) -> Fact:
    return ~multiple_of_gram(here)


def constant_loss(here: Landscape) -> Fact:
    moves = ~landscape_facts.critical_point(here) | ~landscape_facts.is_zero(here.hessian, "H")
    if moves.truth is Truth.TRUE:
        return Fact(Truth.FALSE, moves.reason)
    constant_ = loss_is_constant(here.problem)
    return Fact(
        Truth.of(constant_ or None),
        "∇L is the zero function" if constant_ else "L is not shown to be constant",
    )


def behaviour_moves(here: Landscape) -> Fact:
    return ~landscape_facts.is_zero(here.jacobian, "J")


def no_descent_to_second_order(here: Landscape) -> Fact:
    """∇L = 0 and H has no negative square."""
    return landscape_facts.critical_point(here) & _basin(here)


def _probabilities_sum(here: Landscape) -> Fact:
    """Σ_k F_k = 1 identically in θ and x."""
    model = here.problem.model
    total = number(-1)
    for f in model.outputs:
        total = total + f
    names = [*model.parameters, *model.inputs]
    zero = evaluate_in_field(
        lambda field: evaluate([total], field, {n: field.indeterminate(n) for n in names})[0] == 0
    )
    return Fact(Truth.of(zero), "Σ_k F_k − 1 is the zero function" if zero else "Σ_k F_k ≠ 1")


IDENTITY = Predicate(
    "identity",
    "∇²(ℓ∘F) = JᵀAJ + Σ_m r_m∇²F_m",
    _identity_on,
    r"\nabla^2(\ell\circ F) = J^{\mathsf T}AJ + \sum_m r_m\nabla^2F_m",
)
NOT_MULTIPLE = Predicate("no-multiple", "H is no multiple of JᵀJ", _not_multiple)
CENTRED = Predicate(
    "centred-rank",
    "rank H = rank PJ, P centring the logits of each example",
    centred_rank,
    r"\operatorname{rank}H = \operatorname{rank}PJ",
)
CROSS_TERMS = Predicate("cross-terms", "A has cross terms", _has_cross_terms)
PROBABILITIES = Predicate(
    "probabilities", "the outputs of an example always sum to 1", _probabilities_sum
)


def _flatter_than_bowl(here: Landscape) -> Fact:
    """tr H < tr((tr H/2N)·I) = tr H/2, for H ⪰ 0: only where H = 0, which is flatter than every
    basin of full rank."""
    H = here.hessian.exact("H")
    trace = sum((row[i] for i, row in enumerate(H.rows)), fmpq(0))
    if H.field.sign(trace) == 0:
        return Fact(Truth.TRUE, "H is zero, and tr H > 0 in every basin of full rank")
    shown = (
        f"tr H = {landscape_facts.in_short(H.field, trace)}, twice that of the round bowl of half "
        "its mean curvature, which has full rank"
    )
    return Fact(Truth.FALSE, shown)


_SEMIDEFINITE = (
    landscape_facts.Sign.POSITIVE_DEFINITE,
    landscape_facts.Sign.POSITIVE_SEMIDEFINITE,
    landscape_facts.Sign.ZERO,
)


def _basin(here: Landscape) -> Fact:
    """H ⪰ 0."""
    sign, words = landscape_facts.definiteness(here)
    if sign is landscape_facts.Sign.UNDECIDED:
        return Fact(Truth.UNDECIDED, words)
    return Fact(Truth.of(sign in _SEMIDEFINITE), f"H is {sign.value}")


def flatter(b: Basins | Landscape) -> Fact:
    """The basin of lower rank is the flatter: its mean curvature tr H is smaller. A landscape is
    compared with the round bowl of half its trace, which has full rank, where that is a bowl."""
    if isinstance(b, Landscape):
        return _flatter_than_bowl(b)
    low, high = sum(b.lower_rank), sum(b.higher_rank)
    return Fact(Truth.of(low < high), f"tr H = {low} at lower rank, {high} at higher rank")


def lower(b: Basins | Landscape) -> Fact:
    if isinstance(b, Landscape):
        deficient = landscape_facts.rank_below(b.rank("hessian"), b.problem.N, "N", "H")
        return deficient if deficient.truth is Truth.FALSE else deficient & _basin(b)
    ranks = [sum(v != 0 for v in h) for h in (b.lower_rank, b.higher_rank)]
    return Fact(Truth.of(ranks[0] < ranks[1]), f"ranks {ranks[0]} and {ranks[1]}")
