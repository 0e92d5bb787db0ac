"""Claims 2, 3 and 16: maps that fill parameter space with fibres, and closed sets as zero sets.

In: nothing. Out: the subjects of these claims, with their predicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.facts.smooth_piece import analytic_everywhere, outputs_near, outputs_of
from hessrank.proofs.fibres.fibre import constant_rank, fibre_dimension
from hessrank.proofs.reasoning.statement import Instance, Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import postorder, symbol
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.substitution import replace
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.once import once
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

WHITNEY = (
    "every closed subset of R^n is the zero set of a C^∞ function (Whitney 1934; "
    "Lee, Introduction to Smooth Manifolds, 2nd ed., thm 2.29)"
)

# --- 2 and 3: how much of parameter space --------------------------------------------------------


@dataclass(frozen=True)
class FatCantorMap:
    """F(x, y) = φ(x) + φ(y), φ ≥ 0 a C^∞ function that is zero exactly on a fat Cantor set
    K ⊂ [0, 1]: in step n = 1, 2, … each of the 2^(n−1) intervals left loses a middle part of length
    `cut`^n."""

    cut: Fraction = Fraction(1, 4)

    @property
    def measure(self) -> Fraction:
        """|K| = 1 − Σ 2^(n−1) cut^n = 1 − cut/(1 − 2 cut)."""
        return 1 - self.cut / (1 - 2 * self.cut)


@dataclass(frozen=True)
class Regions:
    """One model at a point of each of several activation regions, which are open."""

    landscapes: tuple[Landscape, ...]


def relu_regions() -> Regions:
    """a·relu(wx), x = 1, 2, at w = −1 and at w = 1."""
    model = Model.from_expressions("a*relu(w*x)", "a w", "x")
    problem = Problem(model, Data([1, 2], [0, 0]))
    return Regions(tuple(problem.at({"a": 1, "w": w}) for w in (-1, 1)))


#: Functions that are linear on either side of their kink.
_PIECES = ("relu", "abs")


def _smooth(subject: object) -> Fact:
    """F is C^∞ on all of parameter space."""
    if isinstance(subject, FatCantorMap):
        return Fact(Truth.TRUE, f"φ is C^∞: {WHITNEY}")
    return _analytic(subject)


def _analytic(subject: object) -> Fact:
    """F is real-analytic on all of parameter space."""
    if isinstance(subject, FatCantorMap):
        return Fact(Truth.FALSE, "φ is zero on a set of positive measure and not everywhere")
    here = subject.landscapes[0] if isinstance(subject, Regions) else subject
    assert isinstance(here, Landscape)
    forms = outputs_of(here.problem)
    if analytic_everywhere(forms):
        return Fact(Truth.TRUE, "F is composed of functions that are analytic on R")
    if any(n.op == "function" and n.args and FUNCTIONS[n.name].kink for n in postorder(forms)):
        return Fact(Truth.FALSE, "F has kinks")
    return Fact(Truth.UNDECIDED, "the composition rules do not show that F is analytic everywhere")


@once
def _generic_rank(here: Landscape) -> Fact:
    """TRUE with the generic rank of an analytic F in the reason: where rank J is constant nearby it
    is the largest rank."""
    names = here.problem.model.parameters
    elsewhere = {n: Fraction(2 + i * i % 5, 3 + i % 4) for i, n in enumerate(names)}
    for there in (here, here.problem.at(elsewhere)):
        if constant_rank(there).truth is Truth.TRUE:
            return Fact(Truth.TRUE, f"the generic rank of J is {there.rank('jacobian').lower}")
    return Fact(Truth.UNDECIDED, "the generic rank of J is not known")


def _low_fibres_are_null(subject: object) -> Fact:
    """{θ : dim of the fibre < N − M} has measure zero."""
    if isinstance(subject, FatCantorMap):
        area = subject.measure**2
        known = Truth.of(area <= 0)
        return Fact(
            known,
            f"F = 0 exactly on K×K, of area {area}; K×K is totally disconnected, so its "
            "fibre holds no curve, and 0 < N − M = 1",
        )
    if isinstance(subject, Regions):
        found = [_low_fibres_are_null(h) for h in subject.landscapes]
        return min(found, key=lambda f: (Truth.FALSE, Truth.UNDECIDED, Truth.TRUE).index(f.truth))
    assert isinstance(subject, Landscape)
    N, M = subject.problem.N, subject.problem.M
    if N <= M:
        return Fact(Truth.TRUE, f"N − M = {N - M} ≤ 0")
    generic = _generic_rank(subject)
    return Fact(
        generic.truth,
        f"{generic.reason}; where it is attained, a set of full measure, the fibre has "
        f"dimension ≥ N − M = {N - M}",
    )


def several_classes(subject: object) -> Fact:
    """Fibres of different dimension fill open sets of parameters."""
    if not isinstance(subject, Regions):
        return Fact(Truth.FALSE, "only one region is given")
    found = [fibre_dimension(h) for h in subject.landscapes]
    steady = Fact(Truth.TRUE, "rank J is constant near each point")
    for fibre in found:
        steady = steady & fibre.constant_rank
    if steady.truth is not Truth.TRUE or not all(f.decided for f in found):
        return Fact(Truth.UNDECIDED, steady.reason)
    dimensions = [f.lower for f in found]
    return Fact(
        Truth.of(len(set(dimensions)) > 1),
        f"fibres of dimensions {', '.join(map(str, dimensions))} on open sets",
    )


def one_class(subject: object) -> Fact:
    """One dimension takes up all of parameter space but for a null set."""
    if isinstance(subject, Regions):
        return ~several_classes(subject)
    assert isinstance(subject, Landscape)
    generic = _generic_rank(subject)
    return Fact(generic.truth, f"{generic.reason}: almost every fibre has one dimension")


def relu_ranks() -> Fact:
    """a·relu(wx), x = 1, 2: J ≡ 0 on w < 0; on w > 0 the minor of J vanishes and ∂F₁/∂a = w > 0."""
    negative, positive = (
        [gradient(f, ["a", "w"]) for f in outputs_near(h)] for h in relu_regions().landscapes
    )
    (p, q), (r, s) = positive
    lead = vanish(p - symbol("w"))
    return vanish(*(g for row in negative for g in row), p * s - q * r) & lead


SMOOTH = Predicate("smooth", "F is C^∞ on R^N", _smooth, r"F \in C^\infty")


def _piecewise_analytic(subject: object) -> Fact:
    """F is built from functions that are analytic but for kinks, such as relu."""
    whole = _analytic(subject)
    if whole.truth is Truth.TRUE or isinstance(subject, FatCantorMap):
        return whole
    here = subject.landscapes[0] if isinstance(subject, Regions) else subject
    assert isinstance(here, Landscape)
    forms = outputs_of(here.problem)
    for _ in range(here.problem.N):
        kinks = {n: n.args[0] for n in postorder(forms) if n.op == "function" and n.name in _PIECES}
        if not kinks:
            break
        forms = tuple(replace(forms, kinks))
    if not analytic_everywhere(forms):
        return Fact(Truth.UNDECIDED, "the composition rules do not show that F is analytic")
    return Fact(Truth.TRUE, "F is analytic on each piece between the kinks of relu or abs")


ANALYTIC = Predicate("analytic", "F is real-analytic on R^N", _analytic, r"F \in C^\omega")
PIECEWISE_ANALYTIC = Predicate(
    "piecewise-analytic", "F is a network of piecewise analytic functions", _piecewise_analytic
)
LOW_FIBRES_NULL = Predicate(
    "low-fibres-null",
    "the points with a fibre of dimension below N − M have measure zero",
    _low_fibres_are_null,
)


def maps() -> Sequence[Instance]:
    return (Instance("a sum over a fat Cantor set", FatCantorMap()),)


# --- 16: closed sets -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ClosedInterval:
    """{x : low ≤ x ≤ high} in R; None for no bound."""

    low: Fraction | None
    high: Fraction | None


def intervals() -> Sequence[Instance]:
    zero = Fraction(0)
    return (
        Instance("the half-line x ≤ 0", ClosedInterval(None, zero)),
        Instance("a point", ClosedInterval(zero, zero)),
        Instance("the line", ClosedInterval(None, None)),
    )


def analytic_zero_set(s: ClosedInterval) -> Fact:
    """Whether the interval is the zero set of a real-analytic function on R."""
    if s.low is None and s.high is None:
        return Fact(Truth.TRUE, "of the function 0")
    if s.low is not None and s.low == s.high:
        return Fact(Truth.TRUE, f"of x − {s.low}")
    return Fact(
        Truth.FALSE,
        "it has interior points, so the function would be zero everywhere (identity theorem)",
    )


def smooth_zero_set(s: ClosedInterval) -> Fact:
    """Of e(low − x) + e(x − high), where e(t) = exp(−1/t) for t > 0 and 0 else: C^∞, and positive
    exactly outside of the interval."""
    terms = [f"e({s.low} − x)"] * (s.low is not None) + [f"e(x − {s.high})"] * (s.high is not None)
    return Fact(Truth.TRUE, f"of {' + '.join(terms) or '0'}, e(t) = exp(−1/t) for t > 0, else 0")
