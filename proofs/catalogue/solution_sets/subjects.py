"""Whole sets and maps that claims about solution manifolds speak of, with their predicates.

In: nothing. Out: frozen subjects (a map that is zero on a fat Cantor set, activation regions,
closed intervals, regularised losses, tubes, graphs), their instances, and exact predicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import flint
from flint import arb, fmpq

from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.facts.smooth_piece import outputs_near
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.fibres.level_sets import (
    LevelSet,
    circle,
    connected,
    hyperbola,
    line,
    positive_dimension,
    two_points,
    unbounded,
    wide_hyperbola,
)
from hessrank.proofs.fibres.symmetries import null_space_directions
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.reasoning.statement import Instance, Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.differentiation import gradient, hessian
from hessrank.symbolic.expressions.expression import ZERO, Expr, number, symbol
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.linear_algebra.inertia import Definiteness, inertia
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.problems.regularisers import l1, l2

# --- 7, 20, 21: connected, several, unbounded ----------------------------------------------------

POSITIVE = Predicate(
    "positive-dimension",
    "the manifold has positive dimension",
    lambda subject: _positive_dimension(subject),
)
CONNECTED = Predicate("connected", "the set is connected", connected)


def level_sets() -> Sequence[Instance]:
    return (
        Instance("θ² = 1", two_points()),
        Instance("ab = 1 (X11)", hyperbola()),
        Instance("a·b = 1 in width 2", wide_hyperbola()),
        Instance("x + y = 1", line()),
    )


def curves() -> Sequence[Instance]:
    return (*level_sets()[1:], Instance("θ₁² + θ₂² = 1", circle()))


def _positive_dimension(subject: object) -> Fact:
    """The set is a curve, a surface or more."""
    if isinstance(subject, LevelSet):
        return positive_dimension(subject)
    assert isinstance(subject, Landscape)
    return fibre_dimension(subject).at_least(1)


def extends(subject: object) -> Fact:
    """Whether the solution set, or the fibre of a landscape, is unbounded."""
    if isinstance(subject, LevelSet):
        return unbounded(subject)
    assert isinstance(subject, Landscape)
    curve = _rescaling_curve(subject)
    return curve if curve.truth is Truth.TRUE else _straight_line(subject) or curve


def _straight_line(here: Landscape) -> Fact | None:
    """T6: F is the same on all of θ + tv, where v moves the weights of one unit by what all that
    enters it is orthogonal to."""
    if here.problem.model.network is None:
        return None
    try:
        found = null_space_directions(here)
    except UndecidedError:
        return None
    words = f"F is the same on the whole line θ + tv: {found[0].words} (T6)" if found else ""
    return Fact(Truth.TRUE, words) if found else None


def homogeneous(subject: object) -> Fact:
    """A network with a hidden layer whose activation has σ(λz) = λᵏσ(z) for λ > 0, in which the
    first hidden unit has an incoming weight that is not 0; all its parameters are free."""
    if not isinstance(subject, Landscape):
        return Fact(Truth.FALSE, "no network")
    net, fixed = subject.problem.model.network, subject.problem.model.fixed
    if net is None or net.depth < 2 or fixed or net.sigma.homogeneity is None:
        return Fact(Truth.FALSE, "no network of homogeneous hidden units with free parameters")
    if not _moving(subject):
        zero = all(subject.point[n] is ZERO for n in _incoming(net))
        return Fact(Truth.of(False if zero else None), "no rational weight of unit 1 that is not 0")
    return Fact(Truth.TRUE, f"{net.activation} is homogeneous of degree {net.sigma.homogeneity}")


def _moving(here: Landscape) -> list[str]:
    """The parameters into the first hidden unit that are rational and not 0."""
    net = here.problem.model.network
    assert net is not None
    return [n for n in _incoming(net) if here.point[n].is_number and here.point[n] is not ZERO]


def _incoming(net: Network) -> list[str]:
    return [net.parameters[int(i)] for i in net.blocks[0][0]]


def _rescaling_curve(here: Landscape) -> Fact:
    """(in, out) → (λ·in, λ⁻ᵏ·out) for the first hidden unit, λ → ∞: in the fibre, and unbounded."""
    if homogeneous(here).truth is not Truth.TRUE:
        return Fact(Truth.UNDECIDED, "no curve to infinity is known")
    net = here.problem.model.network
    assert net is not None
    k, t = net.sigma.homogeneity, symbol("λ")
    assert k is not None
    curve: dict[str, Expr] = dict(here.point)
    for name in _incoming(net):
        curve[name] = t * here.point[name]
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


def homogeneous_activations() -> Fact:
    """σ(λz) = λᵏσ(z): identically for powers; relu and leaky-relu are linear beside 0."""
    z, t = symbol("z"), symbol("λ")
    return vanish(*((t * z) ** k - t**k * z**k for k in (1, 2, 3)))


def rescaling_keeps_units() -> Fact:
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


def _minimisers_isolated(d: Decay | Lasso | Landscape) -> Fact:
    """Whether the minimisers of L are isolated points, for 0 < λ < 1; of a landscape, θ itself."""
    if isinstance(d, Landscape):
        return _isolated_at(d)
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


def _isolated_at(here: Landscape) -> Fact:
    """θ is an isolated minimiser: ∇L = 0 and H ≻ 0."""
    sign, words = landscape_facts.definiteness(here)
    definite = sign is landscape_facts.Sign.POSITIVE_DEFINITE
    bowl = Fact(Truth.of(definite or None), f"H is {sign.value} ({words})")
    return landscape_facts.critical_point(here) & bowl


def _bounded_landscape(here: Landscape) -> Fact:
    """{L < c} is bounded: ℓ ≥ 0 and the regulariser is λ|θ|² or λ|θ|₁ with λ > 0."""
    problem, names = here.problem, here.problem.model.parameters
    if not problem.loss.is_distance:
        return Fact(Truth.UNDECIDED, f"ℓ ≥ 0 is not known of {problem.loss.name}")
    for kind, norm in (("|θ|²", l2(names)), ("|θ|₁", l1(names))):
        weight = {n: number(1) for n in names}
        (top,) = substitute([problem.regulariser or ZERO], weight)
        scale = top / number(len(names))
        if top.is_number and top.value > 0 and (problem.regulariser or ZERO) is scale * norm:
            return Fact(Truth.TRUE, f"ℓ ≥ 0, and the regulariser is {scale}·{kind}")
    return Fact(Truth.UNDECIDED, "the regulariser is not seen to be a multiple of |θ|² or |θ|₁")


def _bounded_sublevels(d: Decay | Lasso | Landscape) -> Fact:
    """L ≥ λ|θ|² (or λ|θ|₁), so {L < c} lies in a ball: the rest of L is a square."""
    if isinstance(d, Landscape):
        return _bounded_landscape(d)
    if isinstance(d, Lasso):
        return Fact(Truth.TRUE, "L ≥ λ(|a| + |b|): {L < c} lies in |a| + |b| < c/λ")
    squares = symbol("λ") * sum((symbol(n) ** 2 for p in d.names for n in p), ZERO)
    rest = d.loss - squares - (sum((symbol(a) * symbol(b) for a, b in d.names), ZERO) - 1) ** 2
    fact = vanish(rest)
    return Fact(fact.truth, "L − λ|θ|² is a square: {L < c} lies in |θ|² < c/λ")


BOUNDED_SUBLEVELS = Predicate(
    "bounded-sublevels",
    "every set {L < c} is bounded, so that no solution is infinitely far",
    _bounded_sublevels,
    r"\{L + \lambda|\theta|^2 < c\} \text{ bounded}",
)


def decays() -> Sequence[Instance]:
    return (
        Instance("ab = 1 with L2", Decay(1)),
        Instance("a·b = 1 in width 2 with L2", Decay(2)),
        Instance("a + b = 1 with L1", Lasso()),
    )


def _minimiser(d: Decay | Lasso | Landscape) -> Fact:
    """θ is a minimum of L; of the losses whose minimisers are all known nothing is asked."""
    if isinstance(d, Landscape):
        return minimum(d).local
    return Fact(Truth.TRUE, "all minimisers of L are known")


MINIMISER = Predicate("minimiser", "θ is a local minimum of L", _minimiser, setting=True)
ISOLATED_MINIMA = Predicate(
    "minimisers-isolated",
    "the minimisers of the regularised loss are isolated points",
    _minimisers_isolated,
)


@dataclass(frozen=True)
class Tube:
    """{θ ∈ R^N : |θ₁| < ε}, N ≥ 2, around a flat solution manifold; its volume is infinite."""

    epsilon: Fraction


def finite_weight(tube: Tube) -> Fact:
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


def graphs() -> Sequence[Instance]:
    return (
        Instance("z = x² + y²", QuadraticGraph(((1, 0), (0, 1)))),
        Instance("the plane z = 0", QuadraticGraph(((0, 0), (0, 0)))),
    )


def is_cone(g: QuadraticGraph) -> Fact:
    """Invariant under θ → λθ, λ > 0: λ·xᵀSx = (λx)ᵀS(λx) for all λ only if S = 0."""
    good = all(v == 0 for row in g.S for v in row)
    return Fact(Truth.of(good), "S = 0" if good else "z doubles, xᵀSx quadruples")


def _directions(g: QuadraticGraph) -> Fact:
    """The limits of θ/|θ| at infinity form a set of dimension m − 1."""
    m = len(g.S)
    if is_cone(g).truth is Truth.TRUE:
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
