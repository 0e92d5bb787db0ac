"""Verdicts on minima against polynomials whose truth is known by construction, and against
sampling: below a certified minimum nothing is found nearby, and no minimum is claimed where
something is.

Peano's polynomial: G. Peano in Genocchi, Calcolo differenziale (1884), nos. 133–136; the monkey
saddle and the others are textbook examples (Magnus and Neudecker, Matrix Differential Calculus,
chapter 7). Where the text below says "by hand", the expansion is in the comment.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landscapes import at, origin

from hessrank.proofs.catalogue.vocabulary import FITS_LABELS, INTERIOR_TARGETS
from hessrank.proofs.minima.minimum import loss_is_constant, minimum
from hessrank.proofs.reasoning.truth import Truth
from hessrank.specs.writer import dumps
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem

TRUE, FALSE, UNDECIDED = Truth.TRUE, Truth.FALSE, Truth.UNDECIDED


#: (L, whether 0 is a local, a global minimum). None where "undecided" is allowed.
KNOWN: list[tuple[str, bool, bool]] = [
    ("x**2 + y**4", True, True),
    ("x**2 - y**4", False, False),
    ("x**4 + y**4", True, True),
    ("x**4 - y**4", False, False),
    ("x**2*y**2", True, True),
    ("x**2 + y**3", False, False),
    ("x**3 - 3*x*y**2", False, False),  # the monkey saddle
    ("(y - x**2)*(y - 2*x**2)", False, False),  # Peano: a minimum along every line, yet none
    ("(y - x**2)**2 + x**4", True, True),
    ("(y - x**2)**2", True, True),
    ("100*(y - x**2)**2 + x**2", True, True),  # Rosenbrock's valley
    ("y**2 + x**3*y", False, False),  # = (y + x³/2)² − x⁶/4
    ("y**2/2 + x**2*y + x**4/2", True, True),  # = (y + x²)²/2
    ("y**2/2 + x**2*y + x**4/3", False, False),  # on y = −x²: −x⁴/6
    ("y**2/2 + x**2*y + 2*x**4/3", True, True),  # ≥ x⁴/6
    ("(y - x**2)**2 - x**6", False, False),
    ("x**4 - 3*x**2*y**2 + y**4", False, False),  # at x = y: −x⁴
    ("x**4 + x**2*y**2 + y**4 - x**5", True, False),
    ("x**4*y**2 + x**2*y**4 - 3*x**2*y**2*z**2 + z**6", True, True),  # Motzkin: ≥ 0, no squares
    ("x**2 + y**2 + z**4 - 2*x*y", True, True),
    ("x**2 + y**2 - 2*x*y - z**4", False, False),
    ("x*y*z + x**2 + y**2 + z**2", True, False),
    ("x**2*(1 - x)", True, False),
    ("x**5", False, False),
    ("-x**6", False, False),
    ("x**6 - x**7", True, False),
    ("x**2*y**2 + z**2 - x*y*z", True, True),  # = (z − xy/2)² + ¾x²y²
    ("x**2*y**2 + z**2 - 3*x*y*z", False, False),  # at z = 3xy/2: −5x²y²/4
]


@pytest.mark.parametrize(("form", "local", "is_global"), KNOWN)
def test_known_polynomials(form: str, local: bool, is_global: bool) -> None:
    found = minimum(origin(form))
    assert found.local.truth in (Truth.of(local), UNDECIDED), found
    assert found.is_global.truth in (Truth.of(is_global), UNDECIDED), found


@pytest.mark.parametrize(
    ("form", "local"),
    [
        ("x**2 - y**4", FALSE),
        ("x**3 - 3*x*y**2", FALSE),
        ("(y - x**2)*(y - 2*x**2)", FALSE),
        ("y**2/2 + x**2*y + x**4/3", FALSE),
        ("y**2/2 + x**2*y + 2*x**4/3", TRUE),
        ("x**4 + x**2*y**2 + y**4 - x**5", TRUE),
        ("x**2 + y**2 + z**4 - 2*x*y", TRUE),
        ("x**6 - x**7", TRUE),
        ("x**4 - 2*x**2*y**2 + y**4", TRUE),  # (x² − y²)²
    ],
)
def test_these_are_decided(form: str, local: Truth) -> None:
    assert minimum(origin(form)).local.truth is local


@pytest.mark.parametrize(
    "form", ["x**2 + 2*x*y**2 + y**4", "x**2*(y + x)**2 + 2*x*y*(x + y) + y**2"]
)
def test_a_square_that_is_multiplied_out_is_no_strict_minimum(form: str) -> None:
    """(x + y²)² and (x(x + y) + y)²: 0 on a curve through 0."""
    found = minimum(origin(form))
    assert (found.is_global.truth, found.strict) == (TRUE, FALSE)


def polynomial(rng: random.Random, names: str) -> str:
    """Random terms of degree 2 to 4, small coefficients, with degenerate ones often."""
    terms = []
    for _ in range(rng.randint(1, 4)):
        powers = [rng.choice([0, 0, 1, 2]) for _ in names]
        if 2 <= sum(powers) <= 4:
            monomial = "*".join(f"{n}**{p}" for n, p in zip(names, powers, strict=True) if p)
            terms.append(f"({rng.choice([-2, -1, 1, 2, 3])})*{monomial}")
    squares = [f"{rng.choice([0, 1, 1])}*{n}**{rng.choice([2, 4])}" for n in names]
    return " + ".join([*terms, *squares, *(f"0*{n}" for n in names)])


def value(form: str, at: dict[str, Fraction]) -> Fraction:
    """The polynomial, by Python's own arithmetic (the text is this file's own)."""
    code = compile(form, "polynomial", "eval")
    return Fraction(eval(code, {"__builtins__": {}}, dict(at)))


def lower_nearby(form: str, names: str, rng: random.Random) -> dict[str, Fraction] | None:
    """A point near 0 with L < L(0): on the curves θ_i = c_i t^k_i for small t, and at random."""
    for _ in range(1500):
        t = Fraction(1, rng.choice([10, 100, 1000]))
        point = {
            n: Fraction(rng.choice([-3, -2, -1, 0, 1, 2, 3]), rng.choice([1, 2]))
            * t ** rng.choice([1, 1, 2, 3])
            for n in names
        }
        if value(form, point) < value(form, dict.fromkeys(names, Fraction(0))):
            return point
    return None


@pytest.mark.parametrize("seed", range(60))
def test_sampling_agrees_with_the_verdict(seed: int) -> None:
    """Random degenerate quartics: lower values nearby exactly where no minimum is certified."""
    rng = random.Random(seed)
    names = "xyz"[: rng.randint(1, 3)]
    form = polynomial(rng, names)
    here = at(form, dict.fromkeys(names, 0))
    found = minimum(here)
    lower = lower_nearby(form, names, rng)
    if found.local.truth is TRUE:
        assert lower is None, (form, lower, found.local.reason)
    if found.local.truth is FALSE:
        assert lower is not None, (form, found.local.reason)
    if found.direction is not None:  # L falls along it
        t = Fraction(1, 10**4)
        ends = [
            {n: s * t * c.value for n, c in zip(names, found.direction, strict=True)}
            for s in (1, -1)
        ]
        assert min(value(form, end) for end in ends) < 0, (form, found.direction)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_sums_of_squares_are_never_denied(seed: int) -> None:
    """L = Σ q² (+ Σ q⁴) of random polynomials without constant term: 0 is a global minimum."""
    rng = random.Random(seed)
    names = "xyz"[: rng.randint(1, 3)]
    squares = []
    for _ in range(rng.randint(1, 3)):
        n = [rng.choice(names) for _ in range(3)]
        a, b, c = (rng.randint(-2, 2) for _ in range(3))
        squares.append(f"({a}*{n[0]} + {b}*{n[1]}*{n[2]} + {c}*{n[2]}**2)**{rng.choice([2, 4])}")
    found = minimum(at(" + ".join(squares), dict.fromkeys(names, 0)))
    assert found.local.truth is not FALSE, (squares, found)
    assert found.is_global.truth is not FALSE, (squares, found)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_hidden_saddles_are_never_affirmed(seed: int) -> None:
    """L = (y − p(x))² − x^k with a random p without constant term: on y = p(x) it falls."""
    rng = random.Random(seed)
    p = " + ".join(f"({rng.randint(-2, 2)})*x**{e}" for e in (1, 2, 3))
    found = minimum(origin(f"(y - ({p}))**2 - x**{rng.choice([3, 4, 5, 6, 8])}"))
    assert found.local.truth is not TRUE, (p, found)
    assert found.is_global.truth is not TRUE, (p, found)


# --- manifolds of equal behaviour ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("outputs", "names"),
    [
        (["y", "y*x**3"], "xy"),
        (["y", "y*a**2 + 0*b*c*d*e"], "abcdey"),
        (["y + 0*a*b*c*d*e", "y*a**3 + y*b**2*c"], "abcdey"),
    ],
)
def test_constant_loss_on_a_manifold_is_not_enough(outputs: list[str], names: str) -> None:
    """L = y²/2 + y·g is constant on y = 0, H ⪰ 0 has its tangent space as kernel, and yet L falls
    on y = −g to −g²/2: that manifold does not consist of critical points."""
    found = minimum(at(outputs, dict.fromkeys(names, 0), "o1**2/2 + o2"))
    assert found.local.truth is not TRUE, found


def test_a_line_of_duplicated_neurons() -> None:
    """(a + b)·tanh: along a + b = const nothing changes (by hand); with a residual it is a minimum
    that is not strict, where r bends the rest upwards."""
    from hessrank.proofs.catalogue.hessian.subjects import duplicated_neuron

    found = minimum(duplicated_neuron())
    assert (found.local.truth, found.strict) == (TRUE, FALSE)


def test_two_layers_that_move_together_carry_no_gradient() -> None:
    """Activations into the second and into the third layer are dependent (u = w = (1, −1, 0)), so
    that moving W_2 by s·e₁uᵀ and row 2 of W_3 by s·wᵀ keeps F; these directions and the rescalings
    span ker H. Yet L has the term (9/50)·s²·(change of w1_1_2): it falls, as exact values show."""
    W = [
        [[1, 0, 0], [1, 0, 0], [0, 0, 1]],
        [[1, 0, 0], [1, 0, 0], [0, 1, 1]],
        [[1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 1]],
    ]
    x = [[1, 1, 1], [1, -1, 1], [2, 1, 3], [1, 2, -1], [3, -1, 2], [1, 3, 0], [2, 3, 1]]
    x += [[3, 4, -2], [4, 1, 1], [1, 0, 5], [0, 1, 1], [2, -3, 1], [-1, 2, 5]]
    net = mlp([3, 3, 3, 4], "cube", bias=False)
    entries = [v for matrix in W for row in matrix for v in row]
    point = {n: Fraction(v) for n, v in zip(net.parameters, entries, strict=True)}

    def outputs(theta: dict[str, Fraction]) -> list[list[Fraction]]:
        flat = iter(theta.values())
        a = [[Fraction(v) for v in row] for row in x]
        for l, matrix in enumerate(W):
            rows = [[next(flat) for _ in row] for row in matrix]
            z = [
                [sum((p * q for p, q in zip(r, b, strict=True)), Fraction(0)) for r in rows]
                for b in a
            ]
            a = z if l == 2 else [[v**3 for v in b] for b in z]
        return a

    y = outputs(point)
    y[0][1] -= Fraction(1, 100)
    y[1][1] += Fraction(1, 100)

    def loss(theta: dict[str, Fraction]) -> Fraction:
        gaps = [
            o - t
            for F, ys in zip(outputs(theta), y, strict=True)
            for o, t in zip(F, ys, strict=True)
        ]
        return sum((g * g for g in gaps), Fraction(0)) / 2

    here = Problem(net, Data(x, y), "half-squared").at(point)
    assert (here.hessian.inertia.negative, here.hessian.inertia.zero) == (0, 13)
    for s in (Fraction(1, 10), Fraction(1, 1000)):
        step = {"w3_2_1": s, "w3_2_2": -s, "w2_1_1": s, "w2_1_2": -s, "w1_1_2": -(s**2) / 10**14}
        lower = {n: v + step.get(n, 0) for n, v in point.items()}
        assert loss(lower) < loss(point)
    assert minimum(here).local.truth is not TRUE


# --- kinks, steps, signs -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "side", "local"),
    [
        ("t - abs(t) + t**2", 1, FALSE),  # t² on the right, 2t + t² on the left: falls to the left
        ("-relu(t)", -1, FALSE),  # 0 on the left, falls to the right
        ("abs(t)", 1, TRUE),  # a minimum, though the slope on the right is 1
        ("relu(t) - t**2", -1, FALSE),  # slope 0 on the left, where −t² falls
        ("relu(t) + abs(t)**3 - t**2", 1, FALSE),
        ("relu(t) - relu(t)**2 + t**2", -1, UNDECIDED),  # a minimum: t² on the left, t on the right
    ],
)
def test_a_kink_is_decided_by_slopes_in_all_directions(form: str, side: int, local: Truth) -> None:
    assert minimum(at(form, {"t": 0}, side=side)).local.truth is local


def test_a_perfect_fit_decides_at_a_kink_and_away_from_it_sides_do_not_matter() -> None:
    fit = minimum(at("relu(t)", {"t": 0}, "half-squared", side=1))
    assert fit.is_global.truth is TRUE
    assert minimum(at("relu(t)", {"t": 2}, "half-squared", [1], side=1)).local.truth is FALSE
    assert minimum(at("relu(t)**2 - relu(t)", {"t": "1/2"}, side=1)).local.truth is TRUE


@pytest.mark.parametrize("form", ["step(t)", "sign(t)", "abs(t)/t", "sqrt(t**2)/t"])
def test_a_jump_is_no_constant(form: str) -> None:
    """½(f + 1)² with f = ±1 (or 0, 1): at t = 1 no global minimum (t = −1 is lower)."""
    here = at(form, {"t": 1}, "half-squared", [-1])
    assert not loss_is_constant(here.problem)
    assert minimum(here).is_global.truth is not TRUE


def test_constant_losses() -> None:
    """cos² + sin² = 1 (X3); logits (t, t, t) under softmax (X15); t/t."""
    circle = at(["cos(t)", "sin(t)"], {"t": 1}, "half-squared")
    logits = at(["t", "t", "t"], {"t": 1}, "softmax-cross-entropy", ["1/2", "1/4", "1/4"])
    for here in (circle, logits, at("t/t", {"t": 1}, "half-squared")):
        assert loss_is_constant(here.problem)
        assert minimum(here).is_global.truth is TRUE


# --- convexity, regularisers, targets ------------------------------------------------------------


def test_convexity_makes_critical_points_global() -> None:
    """Least squares with a residual; with a penalty; a concave loss never."""
    assert minimum(at(["t", "t"], {"t": 0}, "half-squared", [1, -1])).is_global.truth is TRUE
    ridge = at("t", {"t": "1/3"}, "half-squared", [1], "l2")  # (t − 1)²/2 + t²: t = 1/3
    assert minimum(ridge).is_global.truth is TRUE
    assert minimum(at("t", {"t": "1/3"}, "half-squared", [1], "-t**2")).is_global.truth is not TRUE
    hill = Loss.weighted([[-1]])
    assert minimum(at("t", {"t": 0}, hill)).local.truth is FALSE
    assert minimum(at("t**2", {"t": 0}, hill)).local.truth is FALSE  # −t⁴/2


def test_a_perfect_fit_of_a_loss_that_is_not_convex_decides_nothing_by_itself() -> None:
    """o₁² − o₂² at r = 0 falls along o₂."""
    assert minimum(at(["s", "t"], {"s": 0, "t": 0}, "o1**2 - o2**2")).local.truth is FALSE
    assert minimum(at(["s", "t**2"], {"s": 0, "t": 0}, "o1**2 - o2**2")).local.truth is FALSE


def test_regularised_valleys() -> None:
    """½(ab − 1)² + (a² + b²)/8: critical at a = b where a² − 1 + ¼ = 0; by hand H ≻ 0 there and
    H = [[¼, −1], [−1, ¼]] at 0."""
    root = "sqrt(3)/2"
    here = at("a*b", {"a": root, "b": root}, "half-squared", [1], "(a**2 + b**2)/8")
    assert minimum(here).local.truth is TRUE
    out = at("a*b", {"a": 0, "b": 0}, "half-squared", [1], "(a**2 + b**2)/8")
    assert minimum(out).local.truth is FALSE


@pytest.mark.parametrize(
    "y", [["-sqrt(2)", "-sqrt(2)"], ["-sqrt(2)/2", "1 + sqrt(2)/2"], ["sqrt(2)/2", "1/2"]]
)
def test_targets_that_are_no_probabilities_are_refused(y: list[object]) -> None:
    """With negative targets cross-entropy is concave: no convexity may be read off its name."""
    with pytest.raises(InputError, match="targets"):
        at(["a", "b"], {"a": 0, "b": 0}, "softmax-cross-entropy", y)


def test_irrational_targets() -> None:
    y: list[object] = ["sqrt(2)/2", "1 - sqrt(2)/2"]
    here = at(["a", "1 - a"], {"a": "sqrt(2)/2"}, "cross-entropy", y)
    assert INTERIOR_TARGETS(here).truth is TRUE
    assert FITS_LABELS(here).truth is TRUE
    assert minimum(here).local.truth is TRUE  # the cross-entropy of a distribution with itself
    mixed = at(["exp(t)"], {"t": 1}, "half-squared", ["exp(1/2)**2"])
    assert FITS_LABELS(mixed).truth is TRUE


def test_a_sign_that_cannot_be_decided_is_not_an_error() -> None:
    W: Any = [["exp(10**300) - exp(10**300 + 10**(-300))"]]
    found = minimum(at("t", {"t": 0}, Loss.weighted(W)))
    assert found.local.truth in (UNDECIDED, FALSE)


def test_the_spec_of_a_minimum_replays() -> None:
    here = at("x**2 + y**4", {"x": 0, "y": 0})
    assert "x**2 + y**4" in dumps(here)


@pytest.mark.parametrize("activation", ["swish", "gelu", "tanh", "sin"])
def test_a_slope_that_balls_see_needs_no_closed_form(activation: str) -> None:
    """Decimal weights, quartic: the closed form of ∇L takes seconds, and tells nothing more."""
    net = mlp([2, 2, 1], activation, bias=False)
    data = Data([["-5/4", "3/50"], ["3/5", "-4/25"]], [["111/100"], ["41/25"]])
    here = Problem(net, data, "quartic").at(["-13/20", "3/100", "17/20", "3/50", "-34/25", "1.71"])
    assert minimum(here, seconds=2).kind == "not a critical point"
