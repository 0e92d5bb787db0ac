"""Claims 2, 3, 7, 16 and 20 to 25: behaviour manifolds and solution sets as a whole.

In: sets, maps and surfaces, most of them smaller than a landscape at a point. Out: `CLAIMS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import flint
from flint import arb, fmpq

from hessrank.proofs.claim import Claim, Existence, Experiment, Instance, Predicate, Statement, Step
from hessrank.proofs.families import homogeneity
from hessrank.proofs.fibre import constant_rank, fibre_dimension
from hessrank.proofs.identities import vanish
from hessrank.proofs.level_sets import (
    LevelSet,
    circle,
    connected,
    hyperbola,
    line,
    two_points,
    unbounded,
    wide_hyperbola,
)
from hessrank.proofs.pieces import analytic_everywhere, outputs_near, outputs_of
from hessrank.proofs.truth import Fact, Truth
from hessrank.symbolic.differentiation import gradient, hessian
from hessrank.symbolic.expression import ZERO, Expr, postorder, substitute, symbol
from hessrank.symbolic.functions import FUNCTIONS
from hessrank.symbolic.inertia import Definiteness, inertia
from hessrank.symbolic.landscape import Landscape
from hessrank.symbolic.models import Model
from hessrank.symbolic.problems import Data, Problem

HEBBAR = "S1 (Vivek Hebbar)"
NOTE = "S2 (note on the Hessian of the total loss)"

WHITNEY = (
    "every closed subset of R^n is the zero set of a C^∞ function (Whitney 1934; "
    "Lee, Introduction to Smooth Manifolds, 2nd ed., thm 2.29)"
)
ANALYTIC_ZEROS = (
    "the zero set of a real-analytic function on a connected domain is everything "
    "or has measure zero (Łojasiewicz; Mityagin 2015, The zero set of a real "
    "analytic function)"
)
RANK_THEOREM = "constant rank theorem (Lee, Introduction to Smooth Manifolds, 2nd ed., thm 4.12)"

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


def _several_classes(subject: object) -> Fact:
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


def _one_class(subject: object) -> Fact:
    """One dimension takes up all of parameter space but for a null set."""
    if isinstance(subject, Regions):
        return ~_several_classes(subject)
    assert isinstance(subject, Landscape)
    generic = _generic_rank(subject)
    return Fact(generic.truth, f"{generic.reason}: almost every fibre has one dimension")


def _relu_ranks() -> Fact:
    """a·relu(wx), x = 1, 2: J ≡ 0 on w < 0; on w > 0 the minor of J vanishes and ∂F₁/∂a = w > 0."""
    negative, positive = (
        [gradient(f, ["a", "w"]) for f in outputs_near(h)] for h in relu_regions().landscapes
    )
    (p, q), (r, s) = positive
    lead = vanish(p - symbol("w"))
    return vanish(*(g for row in negative for g in row), p * s - q * r) & lead


SMOOTH = Predicate("smooth", "F is C^∞ on R^N", _smooth, r"F \in C^\infty")
ANALYTIC = Predicate("analytic", "F is real-analytic on R^N", _analytic, r"F \in C^\omega")
LOW_FIBRES_NULL = Predicate(
    "low-fibres-null",
    "the points with a fibre of dimension below N − M have measure zero",
    _low_fibres_are_null,
)
GENERIC = (
    Step(
        "with F its minors are real-analytic; some minor of the largest order r is not "
        "zero everywhere, so rank J = r but for a null set",
        cites=ANALYTIC_ZEROS,
    ),
    Step("there the fibre has dimension N − r ≥ N − M", cites=RANK_THEOREM),
)


def _maps() -> Sequence[Instance]:
    return (Instance("a sum over a fat Cantor set", FatCantorMap()),)


# --- 16: closed sets -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ClosedInterval:
    """{x : low ≤ x ≤ high} in R; None for no bound."""

    low: Fraction | None
    high: Fraction | None


def _intervals() -> Sequence[Instance]:
    zero = Fraction(0)
    return (
        Instance("the half-line x ≤ 0", ClosedInterval(None, zero)),
        Instance("a point", ClosedInterval(zero, zero)),
        Instance("the line", ClosedInterval(None, None)),
    )


def _analytic_zero_set(s: ClosedInterval) -> Fact:
    """Whether the interval is the zero set of a real-analytic function on R."""
    if s.low is None and s.high is None:
        return Fact(Truth.TRUE, "of the function 0")
    if s.low is not None and s.low == s.high:
        return Fact(Truth.TRUE, f"of x − {s.low}")
    return Fact(
        Truth.FALSE,
        "it has interior points, so the function would be zero everywhere (identity theorem)",
    )


def _smooth_zero_set(s: ClosedInterval) -> Fact:
    """Of e(low − x) + e(x − high), where e(t) = exp(−1/t) for t > 0 and 0 else: C^∞, and positive
    exactly outside of the interval."""
    terms = [f"e({s.low} − x)"] * (s.low is not None) + [f"e(x − {s.high})"] * (s.high is not None)
    return Fact(Truth.TRUE, f"of {' + '.join(terms) or '0'}, e(t) = exp(−1/t) for t > 0, else 0")


# --- 7, 20, 21: connected, several, unbounded ----------------------------------------------------

POSITIVE = Predicate(
    "positive-dimension",
    "the manifold has positive dimension",
    lambda subject: _positive_dimension(subject),
)
CONNECTED = Predicate("connected", "the set is connected", connected)


def _level_sets() -> Sequence[Instance]:
    return (
        Instance("θ² = 1", two_points()),
        Instance("ab = 1 (X11)", hyperbola()),
        Instance("a·b = 1 in width 2", wide_hyperbola()),
        Instance("x + y = 1", line()),
    )


def _curves() -> Sequence[Instance]:
    return (*_level_sets()[1:], Instance("θ₁² + θ₂² = 1", circle()))


def _positive_dimension(subject: object) -> Fact:
    """The set is a curve, a surface or more. The level sets here are those of one equation in at
    least two parameters, with a gradient that is not 0 on the set."""
    if isinstance(subject, LevelSet):
        return Fact(
            Truth.of(len(subject.parameters) > len(subject.equations) or None),
            f"{len(subject.equations)} equation in {len(subject.parameters)} parameters",
        )
    assert isinstance(subject, Landscape)
    return fibre_dimension(subject).at_least(1)


def _extends(subject: object) -> Fact:
    """Whether the solution set, or the fibre of a landscape, is unbounded."""
    if isinstance(subject, LevelSet):
        return unbounded(subject)
    assert isinstance(subject, Landscape)
    return _rescaling_curve(subject)


def _homogeneous(subject: object) -> Fact:
    """A network with a hidden layer whose activation has σ(λz) = λᵏσ(z) for λ > 0, in which the
    first hidden unit has an incoming weight that is not 0; all its parameters are free."""
    if not isinstance(subject, Landscape):
        return Fact(Truth.FALSE, "no network")
    net, fixed = subject.problem.model.network, subject.problem.model.fixed
    if net is None or net.depth < 2 or fixed or homogeneity(net.activation) is None:
        return Fact(Truth.FALSE, "no network of homogeneous hidden units with free parameters")
    if not _moving(subject):
        return Fact(Truth.FALSE, "all weights of the first hidden unit are 0")
    return Fact(
        Truth.TRUE, f"{net.activation} is homogeneous of degree {homogeneity(net.activation)}"
    )


def _moving(here: Landscape) -> list[str]:
    """The parameters into the first hidden unit that are rational and not 0."""
    net = here.problem.model.network
    assert net is not None
    names = [net.parameters[int(i)] for i in net.blocks[0][0]]
    return [n for n in names if here.point[n].is_number and here.point[n] is not ZERO]


def _rescaling_curve(here: Landscape) -> Fact:
    """(in, out) → (λ·in, λ⁻ᵏ·out) for the first hidden unit, λ → ∞: in the fibre, and unbounded."""
    if _homogeneous(here).truth is not Truth.TRUE:
        return Fact(Truth.UNDECIDED, "no curve to infinity is known")
    net = here.problem.model.network
    assert net is not None
    k, t = homogeneity(net.activation), symbol("λ")
    assert k is not None
    curve: dict[str, Expr] = dict(here.point)
    for i in net.blocks[0][0]:
        curve[net.parameters[int(i)]] = t * here.point[net.parameters[int(i)]]
    for row in net.blocks[1]:
        out = net.parameters[int(row[0])]
        curve[out] = here.point[out] / t**k
    forms = outputs_near(here)  # no sign changes along the curve: λ > 0
    moved, still = substitute(forms, curve), substitute(forms, here.point)
    same = vanish(*(a - b for a, b in zip(moved, still, strict=True)))
    return Fact(
        same.truth,
        f"{_moving(here)[0]} → ∞ along the rescaling of a hidden unit; F is "
        f"{same.reason if same.truth is not Truth.TRUE else 'unchanged, identically in λ'}",
    )


def _homogeneous_activations() -> Fact:
    """σ(λz) = λᵏσ(z): identically for powers; relu and leaky-relu are linear beside 0."""
    z, t = symbol("z"), symbol("λ")
    return vanish(*((t * z) ** k - t**k * z**k for k in (1, 2, 3)))


def _rescaling_keeps_units() -> Fact:
    """λ⁻ᵏ v·σ(λw a) = v·σ(w a) for σ(z) = zᵏ, on the pieces of relu with k = 1."""
    v, w, a, t = map(symbol, ("v", "w", "a", "λ"))
    return vanish(*(v / t**k * (t * w * a) ** k - v * (w * a) ** k for k in (1, 2, 3)))


# --- 22 and 23: regularisation and weighted volume -----------------------------------------------


@dataclass(frozen=True)
class Decay:
    """L = (a·b − 1)² + λ(|a|² + |b|²) for a, b ∈ R^width, 0 < λ < 1."""

    width: int

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"a{i}", f"b{i}") for i in range(self.width))

    @property
    def loss(self) -> Expr:
        norm = ZERO
        for a, b in self.names:
            norm = norm + symbol(a) ** 2 + symbol(b) ** 2
        return (self.product - 1) ** 2 + symbol("λ") * norm

    @property
    def product(self) -> Expr:
        total = ZERO
        for a, b in self.names:
            total = total + symbol(a) * symbol(b)
        return total


def global_minima(d: Decay) -> Fact:
    """L − (2λ − λ²) = (a·b − (1 − λ))² + λ|a − b|²: for 0 < λ < 1 the minimisers are exactly the
    points a = b, |a|² = 1 − λ."""
    lam, gap = symbol("λ"), ZERO
    for a, b in d.names:
        gap = gap + (symbol(a) - symbol(b)) ** 2
    return vanish(d.loss - (2 * lam - lam**2) - (d.product - (1 - lam)) ** 2 - lam * gap)


def determinant_identity() -> Fact:
    """Width 1, at a = b with a² = 1 − λ: ∇L = 0, tr H = 4 and det H = 16 λ(1 − λ)."""
    d, c = Decay(1), symbol("c")
    lam = 1 - c**2
    at = {"a0": c, "b0": c, "λ": lam}
    slopes = substitute(gradient(d.loss, ["a0", "b0"]), at)
    (p, q), (_, s) = (substitute(row, at) for row in hessian(d.loss, ["a0", "b0"]))
    return vanish(*slopes, p + s - 4, p * s - q * q - 16 * lam * (1 - lam))


@dataclass(frozen=True)
class Lasso:
    """L = (a + b − 1)² + λ(|a| + |b|), 0 < λ < 2."""


def segment_of_minima() -> Fact:
    """With s = a + b ≤ |a| + |b|: L ≥ (s − 1)² + λs = (s − (1 − λ/2))² + λ − λ²/4, with equality on
    the whole segment a + b = 1 − λ/2, a, b > 0, where |a| + |b| = s."""
    s, lam, a = symbol("s"), symbol("λ"), symbol("a")
    least, top = lam - lam**2 * Fraction(1, 4), 1 - lam * Fraction(1, 2)
    bound = (s - 1) ** 2 + lam * s - (s - top) ** 2 - least
    b = top - a
    return vanish(bound, (a + b - 1) ** 2 + lam * (a + b) - least)


def _minimisers_isolated(d: Decay | Lasso) -> Fact:
    """Whether the minimisers of L are isolated points, for 0 < λ < 1."""
    if isinstance(d, Lasso):
        segment = segment_of_minima()
        return Fact(
            ~segment.truth,
            "L has its least value λ − λ²/4 on all of the segment a + b = 1 − λ/2, a, b > 0",
        )
    minima = global_minima(d)
    if minima.truth is not Truth.TRUE:
        return minima
    if d.width == 1:
        det = determinant_identity()
        return Fact(
            det.truth, "two points a = b = ±√(1 − λ), with det H = 16λ(1 − λ) > 0, tr H = 4"
        )
    t, c = symbol("t"), symbol("c")
    x, y = c * (1 - t**2) / (1 + t**2), 2 * c * t / (1 + t**2)
    curve = dict.fromkeys((n for pair in d.names for n in pair), ZERO) | {
        "a0": x,
        "b0": x,
        "a1": y,
        "b1": y,
        "λ": 1 - c**2,
    }
    (along,) = substitute([d.loss - 2 * symbol("λ") + symbol("λ") ** 2], curve)
    whole = vanish(along)
    return Fact(
        ~whole.truth,
        "a = b on the circle of radius √(1 − λ): L keeps its least value there, identically",
    )


def _decays() -> Sequence[Instance]:
    return (
        Instance("ab = 1 with L2", Decay(1)),
        Instance("a·b = 1 in width 2 with L2", Decay(2)),
        Instance("a + b = 1 with L1", Lasso()),
    )


ISOLATED_MINIMA = Predicate(
    "minimisers-isolated",
    "the minimisers of the regularised loss are isolated points",
    _minimisers_isolated,
)


@dataclass(frozen=True)
class Tube:
    """{θ ∈ R^N : |θ₁| < ε}, N ≥ 2, around a flat solution manifold; its volume is infinite."""

    epsilon: Fraction


def _finite_weight(tube: Tube) -> Fact:
    """The standard Gaussian weight of the tube is erf(ε/√2), which lies between 0 and 1."""
    with flint.ctx.workprec(128):
        ball = (arb(fmpq(tube.epsilon.numerator, tube.epsilon.denominator)) / arb(2).sqrt()).erf()
        good = ball > 0 and ball < 1
        shown = ball.str(6, radius=False)
    return Fact(
        Truth.of(bool(good) or None), f"infinite volume, Gaussian weight erf(ε/√2) ≈ {shown}"
    )


# --- 24: directions at infinity ------------------------------------------------------------------


@dataclass(frozen=True)
class QuadraticGraph:
    """z = xᵀSx over x ∈ R^m: a manifold of dimension m."""

    S: tuple[tuple[int, ...], ...]


def _graphs() -> Sequence[Instance]:
    return (
        Instance("z = x² + y²", QuadraticGraph(((1, 0), (0, 1)))),
        Instance("the plane z = 0", QuadraticGraph(((0, 0), (0, 0)))),
    )


def _is_cone(g: QuadraticGraph) -> Fact:
    """Invariant under θ → λθ, λ > 0: λ·xᵀSx = (λx)ᵀS(λx) for all λ only if S = 0."""
    good = all(v == 0 for row in g.S for v in row)
    return Fact(Truth.of(good), "S = 0" if good else "z doubles, xᵀSx quadruples")


def _directions(g: QuadraticGraph) -> Fact:
    """The limits of θ/|θ| at infinity form a set of dimension m − 1."""
    m = len(g.S)
    if _is_cone(g).truth is Truth.TRUE:
        return Fact(Truth.TRUE, f"all directions of R^{m}: a sphere of dimension {m - 1}")
    if inertia(g.S).definiteness is Definiteness.POSITIVE_DEFINITE:
        return Fact(
            Truth.of(m - 1 == 0),
            "xᵀSx ≥ c|x|² with c > 0, so z/|θ| → 1: the only direction at infinity is (0, "
            f"1), dimension 0, while m − 1 = {m - 1}",
        )
    return Fact(Truth.UNDECIDED, "S is indefinite or singular")


DIRECTIONS = Predicate(
    "directions", "its directions at infinity form a set of dimension m − 1", _directions
)

# --- 25: the experiment --------------------------------------------------------------------------


def _drainage(seed: int) -> Experiment:
    from hessrank.proofs.experiments.flow import drainage

    return drainage(seed)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "low-fibres-null",
        2,
        "Fibres of lower dimension fill 0% of parameter space",
        f"{HEBBAR}, fn 2",
        "There can be manifolds of dimension below N − M, but they account for 0% of "
        "the hypervolume of parameter space.",
        r"\operatorname{vol}\{\theta : \dim F^{-1}(F(\theta)) < N-M\} = 0",
        stated=Statement((SMOOTH,), LOW_FIBRES_NULL),
        repaired=Statement((ANALYTIC,), LOW_FIBRES_NULL),
        repaired_proof=GENERIC,
        examples=_maps,
        settles="True for analytic networks, so for every closed form without kinks. "
        "Smoothness alone is not enough.",
    ),
    Claim(
        "several-classes",
        3,
        "Several dimension classes can have positive volume",
        f"{HEBBAR}, fn 2",
        "Manifold classes of different dimensions can all have non-zero amounts of hypervolume.",
        r"\operatorname{vol}\{\dim = d_1\} > 0,\ \operatorname{vol}\{\dim = d_2\} > 0",
        stated=Existence(
            (
                Predicate(
                    "several-classes",
                    "fibres of different dimensions fill open sets",
                    _several_classes,
                ),
            )
        ),
        stated_proof=(
            Step("a·relu(wx), x = 1, 2: J = 0 on w < 0, and rank J = 1 on w > 0", _relu_ranks),
            Step("so the fibres there have dimensions 2 and 1", cites=RANK_THEOREM),
        ),
        repaired=Statement(
            (ANALYTIC,),
            Predicate("one-class", "one dimension takes up all but a null set", _one_class),
        ),
        repaired_proof=GENERIC,
        examples=lambda: (Instance("a·relu(wx), x = 1, 2, on w < 0 and w > 0", relu_regions()),),
        settles="True for relu networks, false for analytic ones: there all but a null set has "
        "the generic rank.",
    ),
    Claim(
        "contours-connected",
        7,
        "Contours are connected",
        f"{HEBBAR}, question in the comments",
        "Each contour is connected: one can vary the parameters from one model to "
        "another and keep the output.",
        r"\{f = c\}\ \text{connected}",
        stated=Statement((), CONNECTED),
        examples=_level_sets,
        over_gallery=False,
        settles="Not always: θ² = 1 is two points, ab = 1 two branches.",
    ),
    Claim(
        "closed-sets-smooth",
        16,
        "Every closed set is the zero set of a smooth function",
        f"{NOTE}, remark",
        "Given any closed set C there is a smooth function with C as its zero set.",
        r"C = \bar C \Rightarrow \exists g \in C^\infty:\ C = g^{-1}(0)",
        stated=Statement(
            (),
            Predicate(
                "smooth-zero-set", "the set is the zero set of a C^∞ function", _smooth_zero_set
            ),
        ),
        stated_proof=(Step("every closed set", cites=WHITNEY),),
        examples=_intervals,
        over_gallery=False,
    ),
    Claim(
        "closed-sets-analytic",
        16,
        "… and so of an analytic function, such as a network",
        f"{NOTE}, remark, read for analytic networks",
        "Every closed set is the level set of some analytic function, so nothing can "
        "be concluded for networks either.",
        r"C = \bar C \Rightarrow \exists g \in C^\omega:\ C = g^{-1}(0)",
        stated=Statement(
            (),
            Predicate(
                "analytic-zero-set",
                "the set is the zero set of an analytic function",
                _analytic_zero_set,
            ),
        ),
        examples=_intervals,
        over_gallery=False,
        settles="Analytic level sets are far from arbitrary: they are null sets or everything, "
        "and locally finite unions of manifolds.",
    ),
    Claim(
        "several-solution-manifolds",
        20,
        "There can be several solution manifolds",
        f"{HEBBAR}, reply in the comments",
        "In theory there can be multiple disconnected solution manifolds.",
        r"L^{-1}(0)\ \text{not connected}",
        stated=Existence((~CONNECTED,)),
        stated_proof=(Step("ab = 1 has two components", lambda: ~connected(hyperbola())),),
        examples=_level_sets,
        over_gallery=False,
        settles="Yes: ab = 1 (X11). Overparameterisation may join them: a·b = 1 in width 2 is "
        "connected.",
    ),
    Claim(
        "solutions-unbounded",
        21,
        "Solution manifolds extend to infinity",
        f"{HEBBAR}, solution manifolds",
        "These manifolds generally extend out to infinity.",
        r"F^{-1}(y)\ \text{unbounded}",
        stated=Statement((POSITIVE,), Predicate("unbounded", "the set is unbounded", _extends)),
        repaired=Statement(
            (
                Predicate(
                    "homogeneous",
                    "some hidden unit is homogeneous, with an incoming weight that is not 0",
                    _homogeneous,
                ),
            ),
            Predicate("unbounded", "the fibre is unbounded", _extends),
        ),
        repaired_proof=(
            Step("σ(λz) = λᵏσ(z) for λ > 0", _homogeneous_activations),
            Step(
                "so (in, out) → (λ·in, λ⁻ᵏ·out) keeps out·σ(in·a), and leaves every bounded "
                "set as λ → ∞ where in ≠ 0",
                _rescaling_keeps_units,
            ),
        ),
        examples=_curves,
        settles="For networks with homogeneous units, yes; in general not: θ₁² + θ₂² = 1.",
    ),
    Claim(
        "regulariser-fixes",
        22,
        "L1 and L2 regularisation collapse solution manifolds to points",
        f"{HEBBAR}, fn 4",
        "L2 and L1 regularisation also fix the problem: adding a regularisation term "
        "shifts the solution manifolds and collapses them to points.",
        r"\arg\min\,(L + \lambda|\theta|^2)\ \text{consists of isolated points}",
        stated=Statement((), ISOLATED_MINIMA),
        repaired=Existence((ISOLATED_MINIMA,)),
        repaired_proof=(
            Step("L − (2λ − λ²) = (ab − (1 − λ))² + λ(a − b)²", lambda: global_minima(Decay(1))),
            Step(
                "∇L = 0, tr H = 4 and det H = 16λ(1 − λ) at a = b = ±√(1 − λ)", determinant_identity
            ),
        ),
        examples=_decays,
        over_gallery=False,
        settles="They can, they need not. Under L2 the symmetries that keep |θ| survive: in "
        "width 2 a circle of minima remains. Under L1 a segment of a + b = 1 remains.",
    ),
    Claim(
        "weighted-volume",
        23,
        "Initialisation-weighted volume repairs infinite volume",
        f"{HEBBAR}, fn 4",
        "Infinite volumes can be repaired by using initialisation-weighted volumes.",
        r"\int_S p\,d\theta \leq \int p\,d\theta = 1",
        stated=Statement(
            (), Predicate("finite-weight", "the weighted volume is finite", _finite_weight)
        ),
        stated_proof=(
            Step(
                "a probability density gives every measurable set a weight of at most 1",
                cites="monotonicity of measures",
            ),
        ),
        examples=lambda: tuple(Instance(f"|θ₁| < {e}", Tube(Fraction(e))) for e in ("1/10", "3")),
        over_gallery=False,
    ),
    Claim(
        "asymptote-sets",
        24,
        "An m-manifold corresponds to an (m−1)-dimensional set of asymptotes",
        f"{HEBBAR}, reply in the comments",
        "An m-dimensional manifold in parameter space generally extends to infinity "
        "and corresponds to an (m−1)-dimensional manifold in angle space.",
        r"\dim\{\lim \theta/|\theta|\} = m - 1",
        stated=Statement((), DIRECTIONS),
        repaired=Statement((Predicate("cone", "the manifold is a cone", _is_cone),), DIRECTIONS),
        repaired_proof=(
            Step(
                "a cone without its apex is (its section with the sphere) × (0, ∞), and the "
                "section is its set of directions",
                cites="polar coordinates",
            ),
        ),
        examples=_graphs,
        over_gallery=False,
    ),
    Claim(
        "drainage",
        25,
        "A higher-dimensional solution manifold drains a larger region",
        f"{HEBBAR}, solution manifolds and fn 5",
        "All else being equal, a higher dimensional solution manifold should drain a "
        "larger region of parameter space; empirically the effect is not dominant in "
        "very small networks.",
        experiment=_drainage,
        over_gallery=False,
        settles="A heuristic: for X7 the share that the line of minima drains depends on where "
        "training starts, and near the isolated minimum it drains nothing.",
    ),
)
