"""Each certificate of a minimum by itself, on cases that the others do not decide: its answer, what
it must not answer, and the limits at which it stops."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import pytest
import sympy
from flint import fmpq, fmpq_mat
from landscapes import at

from hessrank.proofs.minima.germs.leading_form import FormSign, form_sign
from hessrank.proofs.minima.germs.reduction import leading
from hessrank.proofs.minima.global_minimum import (
    MAX_AFFINE,
    global_minimum,
    loss_in_theta_is_convex,
    loss_is_constant,
    squares,
)
from hessrank.proofs.minima.inverse_design import left_null_space, with_residual
from hessrank.proofs.minima.kinks import minimum_at_kink
from hessrank.proofs.minima.lower_bound import bounds, zero_set
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.minima.symmetric_set import _fixed_space, _level_set, fixing
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import InputError, KinkError
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.models.models import Model

TRUE, FALSE, UNDECIDED = Truth.TRUE, Truth.FALSE, Truth.UNDECIDED


# --- bounds of a closed form ---------------------------------------------------------------------

#: (form in x and y, infimum-like lower bound, upper bound) by interval arithmetic done by hand.
BOUNDS = [
    ("x", None, None),
    ("7", "7", "7"),
    ("x**2", "0", None),
    ("x**3", None, None),
    ("x**4 + y**2 + 3", "3", None),
    ("-(x**2)", None, "0"),
    ("2 - 3*x**2", None, "2"),
    ("-2*tanh(x)", "-2", "2"),
    ("tanh(x) + sin(y)", "-2", "2"),
    ("3*sigmoid(x) - 1", "-1", "2"),
    ("tanh(x) + y", None, None),
    ("(1 + x**2)**(1/2)", "1", None),
    ("x**(1/2)", "0", None),
    ("(4 + x**2)**(3/2)", "8", None),
    ("1/x**2", "0", None),
    ("1/x", None, None),
    ("1/(1 + x**2)", "0", None),
    ("tanh(x)**3", "-1", "1"),
    ("sin(x)**2", "0", None),
    ("(2 + sin(x))**2", "1", "9"),
    ("(2 + sin(x))**3", "1", "27"),
    ("(2 + x**2)*(3 + y**2)", "6", None),
    ("x**2*y**4", "0", None),
    ("x*y", None, None),
    ("(x**2 - 5)*(y**2 + 1)", None, None),
    ("relu(x)", "0", None),
    ("abs(x) + 1", "1", None),
    ("step(x)", "0", "1"),
    ("sign(x)", "-1", "1"),
    ("cosh(x)", "1", None),
    ("cos(x)", "-1", "1"),
    ("sinh(x)", None, None),
    ("asinh(x)", None, None),
    ("log(x)", None, None),
    ("erf(x)", "-1", "1"),
    ("exp(x)", "0", None),
    ("exp(x**2)", "1", None),
    ("exp(-x**2)", "0", "1"),
    ("softplus(x)", "0", None),
    ("relu(x**2 + 2)", "2", None),
    ("relu(3 - x**2)", "0", "3"),
    ("atan(x**2)", "0", "pi/2"),
    ("sinh(-x**2)", None, "0"),
]


@pytest.mark.parametrize(("form", "lo", "hi"), BOUNDS)
def test_bounds_by_hand(form: str, lo: str | None, hi: str | None) -> None:
    found = bounds(parse(form, {"x", "y"}))
    for got, want in zip(found, (lo, hi), strict=True):
        if want is None or got is None:
            assert got is None and want is None, (form, found)
        else:
            assert sympy.simplify(sympy.sympify(str(got)) - sympy.sympify(want)) == 0, found


# --- global minima -------------------------------------------------------------------------------


def test_convexity_by_composition() -> None:
    """exp(t) − t at 0: convex, unbounded parts, no polynomial. Its mirror image in the value is
    concave; exp(t) − t + 2·sin(t)… is neither."""
    assert minimum(at("exp(t) - t", {"t": 0})).is_global.truth is TRUE
    assert minimum(at("t - exp(t)", {"t": 0})).local.truth is FALSE
    found = minimum(at("exp(t) - t - t**2/4", {"t": 0}))  # → −∞ for t → −∞
    assert found.local.truth is TRUE and found.is_global.truth is not TRUE


BOTH: list[list[object]] = [[1, 0], [0, 1]]


def test_an_affine_model_of_a_convex_loss() -> None:
    """2·log(e^a + e^b) − a − b on a = b: log-sum-exp is convex (Boyd and Vandenberghe, 3.1.5), no
    rule of composition says so, and r ≠ 0. With −a⁴ added L → −∞, though 0 stays a local one for
    a strictly convex loss beside it."""
    point: dict[str, object] = {"a": 0, "b": 0}
    loss = "softmax-cross-entropy"
    assert minimum(at(["a", "b"], point, loss, BOTH)).is_global.truth is TRUE
    assert minimum(at(["a", "b"], point, loss, BOTH, "a**2 + b**4")).is_global.truth is TRUE
    for bent in ("-a**4", "-a**4 - b**2/100"):
        assert minimum(at(["a", "b"], point, loss, BOTH, bent)).is_global.truth is not TRUE
    curved = at(["a", "b + a**2"], point, loss, BOTH)
    assert loss_in_theta_is_convex(curved.problem).truth is UNDECIDED


@pytest.mark.parametrize(("N", "truth"), [(MAX_AFFINE, TRUE), (MAX_AFFINE + 1, UNDECIDED)])
def test_up_to_how_many_parameters_convexity_is_asked(N: int, truth: Truth) -> None:
    names = [f"t{i}" for i in range(N)]
    here = at(" + ".join(names), dict.fromkeys(names, 0), "half-squared")
    assert loss_in_theta_is_convex(here.problem).truth is truth


@pytest.mark.parametrize(
    ("form", "constant"),
    [
        ("sin(t)**2 + cos(t)**2", True),
        ("(t + 1)**2 - t**2 - 2*t", True),
        ("t - t", True),
        ("t", False),
        ("step(t)", False),
        ("sign(t)*0 + step(t - 3)", False),
        ("exp(t)*exp(-t)", True),
    ],
)
def test_constants(form: str, constant: bool) -> None:
    assert loss_is_constant(at(form, {"t": 1}).problem) is constant


@pytest.mark.parametrize("seed", range(12))
def test_squares_multiply_out_to_the_polynomial(seed: int) -> None:
    """Σ c q² = L − L(θ) as polynomials (SymPy), c > 0."""
    rng = random.Random(seed)
    names = "xyz"[: rng.randint(1, 3)]
    symbols = sympy.symbols(names) if len(names) > 1 else (sympy.Symbol(names),)
    weights = [rng.randint(1, 4) for _ in names]
    form = " + ".join(
        f"{w}*({n} - {rng.randint(-1, 1)}*{m}**2)**2"
        for w, n, m in zip(weights, names, names[1:] + names[:1], strict=True)
    )
    found = squares(at(f"{form} + 7", dict.fromkeys(names, 0)))
    if found is None:
        return
    assert all(c > 0 for c, _ in found)
    total = sum(
        sympy.Rational(c.numerator, c.denominator) * sympy.sympify(str(q)) ** 2 for c, q in found
    )
    assert sympy.expand(total - sympy.sympify(form)) == 0, (form, found, symbols)


def test_which_polynomials_are_shown_to_be_squares() -> None:
    """x² − 2xy + 2y² = (x − y)² + y²; x⁴ + x² + 1 at 0; Motzkin's form is none; −x² is none."""
    for form, is_square in (
        ("x**2 - 2*x*y + 2*y**2", True),
        ("x**4 + x**2 + 1 + 0*y", True),
        ("x**4*y**2 + x**2*y**4 - 3*x**2*y**2 + 1", False),
        ("-x**2 + y**2", False),
        ("x**2 + y**3", False),
    ):
        assert (squares(at(form, {"x": 0, "y": 0})) is not None) is is_square, form


def test_sums_of_squares_away_from_the_origin() -> None:
    """(x − 2)² + (x − 2)²(y + 1)² at (2, −1): the squares are of shifted parameters."""
    found = squares(at("(x - 2)**2*(1 + (y + 1)**2) - 5", {"x": 2, "y": -1}))
    assert found is not None
    total = sum(sympy.Rational(str(c)) * sympy.sympify(str(q)) ** 2 for c, q in found)
    assert sympy.expand(total - sympy.sympify("(x - 2)**2*(1 + (y + 1)**2)")) == 0
    assert squares(at("(x - 2)**2", {"x": 1})) is None  # 2 is lower


def test_where_sums_of_even_powers_vanish() -> None:
    """L = c + Σ c_i q_i^(2k): the q_i; nothing for odd powers, negative factors, off the zeros."""
    found = zero_set(at("3*(x - y)**2 + (x + y - 2)**4*x**2 + 5", {"x": 1, "y": 1}))
    assert found is not None
    texts = {sympy.factor(sympy.sympify(str(f))) for f in found.problem.model.outputs}
    x, y = sympy.symbols("x y")
    assert {sympy.Abs(t.subs({x: 2, y: 5})) for t in texts} == {3, 10}  # |x − y|, |(x + y − 2)x|
    for form in ("x**2 + y**3", "x**2 - y**2", "x**2 + y", "(x - 5)**2 + y**2"):
        assert zero_set(at(form, {"x": 0, "y": 0})) is None, form
    assert zero_set(at("x**2 + y**2 + 1", {"x": 0, "y": 0})) is not None


def test_no_certificate_is_invented() -> None:
    """Local minima that are not global, and saddles."""
    for form, point in (
        ("t**4 - 3*t**3 + 2*t**2", 0),  # t²(t − 1)(t − 2) < 0 between 1 and 2
        ("-cos(t) + t**3", 0),
        ("t**3", 0),
    ):
        assert global_minimum(at(form, {"t": point})) is None, form


# --- directions of descent -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "H"),
    [
        ("sqrt(2)*x*y", [[0, "sqrt(2)"], ["sqrt(2)", 0]]),
        ("x**2 + pi*x*y + y**2", [[2, "pi"], ["pi", 2]]),  # 4 − π² < 0
        ("x**2 - exp(1)*x*y + y**2", [[2, "-E"], ["-E", 2]]),  # 4 − e² < 0
        ("x*y", [[0, 1], [1, 0]]),
        ("x**2 + 3*x*y + y**2", [[2, 3], [3, 2]]),
        ("1000*x**2 - y**2/1000", [[2000, 0], [0, "-1/500"]]),
        ("pi*x**2 - 2*sqrt(pi)*x*y + y**2*999/1000", None),  # barely indefinite: v needs digits
    ],
)
def test_a_falling_direction_has_negative_curvature(form: str, H: object) -> None:
    found = minimum(at(form, {"x": 0, "y": 0}))
    assert found.local.truth is FALSE and found.strict is FALSE
    assert found.direction is not None
    x, y = sympy.symbols("x y")
    hessian = sympy.hessian(sympy.sympify(form), (x, y))
    if H is not None:
        assert hessian == sympy.Matrix(H)
    v = sympy.Matrix([sympy.Rational(str(c)) for c in found.direction])
    assert sympy.N((v.T * hessian * v)[0], 60) < 0


@pytest.mark.parametrize(
    ("form", "falls"),
    [("t**3", {-1}), ("-t**3", {1}), ("-t**4", {-1, 1}), ("t**5 + t**6", {-1}),
     ("-sin(t)**7", {1}), ("t**3*0 - t**6", {-1, 1})],
)  # fmt: skip
def test_the_side_on_which_one_parameter_falls(form: str, falls: set[int]) -> None:
    found = minimum(at(form, {"t": 0}))
    assert found.local.truth is FALSE and found.direction is not None
    assert next(int(str(v)) for v in found.direction) in falls


# --- the reduction to the kernel -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "order", "degree", "sign"),
    [
        ("x**2 + y**5", 12, 5, FormSign.NEGATIVE),
        ("x**2 - 2*x*y**2 + 2*y**4", 12, 4, FormSign.POSITIVE),  # (x − y²)² + y⁴
        ("x**2 - 2*x*y**3 + y**6 + y**10", 12, 10, FormSign.POSITIVE),
        ("x**2 - 2*x*y**2 + y**4 - x*y**4 - x**4", 12, 6, FormSign.NEGATIVE),  # x = y² + y⁴/2 …
        ("2*x**2 + x*y**3", 12, 6, FormSign.NEGATIVE),  # −y⁶/8
        ("x**2 + y**12", 12, 12, FormSign.POSITIVE),
    ],
)
def test_leading_terms_by_hand(form: str, order: int, degree: int, sign: FormSign) -> None:
    here = at(form, {"x": 0, "y": 0})
    found = leading(here, here.hessian.exact(), None, order)
    assert (found.sign, found.degree) == (sign, degree)


def test_nothing_leads_beyond_the_order() -> None:
    """x² + y¹² to order 10, x² + y¹⁴ to order 12."""
    for form, order in (("x**2 + y**12", 10), ("x**2 + y**14", 12)):
        here = at(form, {"x": 0, "y": 0})
        found = leading(here, here.hessian.exact(), None, order)
        assert (found.sign, found.degree) == (None, 0)


@pytest.mark.parametrize("c", [1, 3, Fraction(-2, 5)])
def test_completing_the_square(c: object) -> None:
    """(x − c y²)² + k·y⁶ + (z + y³)²: leading form k·y⁶, whatever c."""
    for k, sign in ((2, FormSign.POSITIVE), (-2, FormSign.NEGATIVE)):
        here = at(f"(x - ({c})*y**2)**2 + {k}*y**6 + (z + y**3)**2", dict.fromkeys("xyz", 0))
        found = leading(here, here.hessian.exact(), None, 12)
        assert (found.sign, found.degree) == (sign, 6)


# --- forms in more than two variables ------------------------------------------------------------


def form_of(P: sympy.Expr, names: str) -> dict[tuple[int, ...], fmpq]:
    poly = sympy.Poly(sympy.expand(P), *sympy.symbols(names))
    return {m: fmpq(int(c.p), int(c.q)) for m, c in poly.terms()}


def rational(v: fmpq) -> int:
    return (v > 0) - (v < 0)


@pytest.mark.parametrize("names", ["x y z", "x y z u"])
@pytest.mark.parametrize("half", [1, 2])
def test_powers_of_the_norm_are_positive(names: str, half: int) -> None:
    """Σx² and (Σx²)² have a positive definite Gram matrix with evenly shared coefficients (by hand:
    1 on the diagonal, 2/3 beside); less a large power they are negative at (1, 0, …)."""
    norm = sum(s**2 for s in sympy.symbols(names))
    first = sympy.symbols(names)[0]
    assert form_sign(form_of(norm**half, names), rational) is FormSign.POSITIVE
    assert (
        form_sign(form_of(norm**half - 2 * first ** (2 * half), names), rational)
        is FormSign.NEGATIVE
    )


def test_forms_that_vanish_somewhere_are_not_positive() -> None:
    x, y, z = sympy.symbols("x y z")
    for P in ((x - y) ** 2 + z**2, x**2 * y**2 + z**4, (x + y + z) ** 4, x**2 + y**2 + 0 * z):
        assert form_sign(form_of(P, "x y z"), rational) is FormSign.UNDECIDED
    assert form_sign(form_of(x**2 + y**2 + z**2 - 3 * x * y, "x y z"), rational) is (
        FormSign.NEGATIVE
    )
    assert form_sign(form_of(x**3 + y**2 * z, "x y z"), rational) is FormSign.NEGATIVE


# --- symmetric sets ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_fixed_spaces_of_signed_permutations(seed: int) -> None:
    """{θ : gθ = θ for all g} is the null space of the stacked g − I: same dimension, and what
    `_fixed_space` describes lies in it."""
    rng = random.Random(seed)
    n = rng.randint(2, 5)
    group = []
    for _ in range(rng.randint(1, 2)):
        order = list(range(n))
        a, b = rng.sample(order, 2)
        order[a], order[b] = order[b], order[a]
        group.append(tuple((s, rng.choice([1, 1, -1])) for s in order))
    space = _fixed_space(group, n)
    rows = [
        [sign * int(j == s) - int(j == i) for j in range(n)]
        for g in group
        for i, (s, sign) in enumerate(g)
    ]
    classes = sorted({abs(k) for k in space if k})
    assert len(classes) == n - fmpq_mat(len(rows), n, [v for r in rows for v in r]).rank()
    theta = [(1 if k > 0 else -1) * Fraction(abs(k) ** 2) if k else Fraction(0) for k in space]
    assert all(theta[i] == sign * theta[s] for g in group for i, (s, sign) in enumerate(g))


def test_level_sets_on_a_fixed_space() -> None:
    """F = x + z, z = 0 on V: rank 1 in the one parameter left. F = x + y on y = x: rank 1 of 1; on
    y = −x it is constant: a line."""
    for names, forms, space, d in (
        ("zx", ["x + z"], [0, 2], 0),
        ("xy", ["x + y"], [1, 1], 0),
        ("xy", ["x + y"], [1, -1], 1),
        ("xyz", ["x + y + z"], [1, 1, 3], 1),
        ("xyz", ["x*y"], [1, 2, 0], 1),
        ("xz", ["x + z"], [0, 0], None),
    ):
        here = at(forms, dict.fromkeys(names, 1 if d == 1 and 0 in space else 0), "half-squared")
        assert _level_set(here, space) == d, (forms, space)


def test_symmetries_of_closed_forms_that_fix_the_point() -> None:
    """x² + y² at (1, 1): the exchange; at (1, −1): with both signs; at (1, 2): none."""
    form = "x**2 + y**2 + x*y*0"
    assert set(fixing(at(form, {"x": 1, "y": 1}))) == {((1, 1), (0, 1))}
    assert set(fixing(at(form, {"x": 1, "y": -1}))) == {((1, -1), (0, -1))}
    assert fixing(at(form, {"x": 1, "y": 2})) == []
    at_zero = set(fixing(at(form, {"x": 0, "y": 2})))
    assert at_zero == {((0, -1), (1, 1))}
    assert fixing(at("x + y**2", {"x": 0, "y": 2})) == []


# --- kinks ---------------------------------------------------------------------------------------


def test_slopes_that_vanish_at_a_kink() -> None:
    """All slopes are 0, which decides nothing: the first rises to second order, the other falls."""
    found = minimum_at_kink(at("relu(t)**2 + t**2", {"t": 0}))
    assert found is None or found.local.truth is TRUE
    assert minimum_at_kink(at("t*relu(t) - t**2", {"t": 0})) is None


@pytest.mark.parametrize(
    ("form", "local", "strict"),
    [
        ("abs(x) + abs(y)", TRUE, TRUE),
        ("abs(x) + relu(y)", TRUE, UNDECIDED),  # flat to the left in y
        ("abs(x) + relu(y) - y/2", TRUE, TRUE),  # slopes ½ in both senses
        ("abs(x) - x", TRUE, UNDECIDED),
        ("abs(x) - 2*x", FALSE, FALSE),
        ("relu(x) + relu(-x) + x/2", TRUE, TRUE),
        ("abs(x + y) + x/2", FALSE, FALSE),  # along (−1, 1): −1/2
        ("abs(x + y) + abs(x - y) + x", TRUE, TRUE),
    ],
)
def test_kinks_by_hand(form: str, local: Truth, strict: Truth) -> None:
    point: dict[str, object] = {n: 0 for n in "xy" if n in form.replace("exp", "")}
    try:
        found = minimum(at(form, point))
    except KinkError:  # dependent kinks are not decided
        assert "relu(-x)" in form
        return
    assert (found.local.truth, found.strict) == (local, strict), found


def test_a_sharp_kink_of_a_loss_that_is_not_convex() -> None:
    """|t| − t⁴ and |x| + |y| − x²y²·3: strict local minima, not global ones."""
    for form, names in (("abs(t) - t**4", "t"), ("abs(x) + abs(y) - 3*x**2*y**2", "xy")):
        found = minimum(at(form, dict.fromkeys(names, 0)))
        assert (found.kind, found.strict) == ("strict local minimum", TRUE)
        assert found.is_global.truth is not TRUE


def test_a_perfect_fit_on_one_side_of_a_kink() -> None:
    found = minimum(at("relu(t)", {"t": 0}, "half-squared", [[0]], side=1))
    assert (found.kind, found.local.truth, found.is_global.truth) == ("global minimum", TRUE, TRUE)


# --- inverse design ------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [[[1, 2], [3, 4], [5, 6]], [(1, 0), (0, 1), (1, 1)]])
def test_residuals_in_the_left_null_space_make_critical_points(x: list[object]) -> None:
    """F = w x₁ + v x₂ on three examples: rank J = 2, one residual up to scale; y = F − r."""
    model = Model.from_expressions("w*p + v*q", "w v", inputs="p q")
    basis = left_null_space(model, x, {"w": 2, "v": -1})
    assert len(basis) == 1
    here = with_residual(model, x, {"w": 2, "v": -1}, basis[0])
    assert minimum(here).is_global.truth is TRUE  # least squares
    for row, y, r in zip(x, here.problem.data.y, basis[0], strict=True):
        p, q = row  # type: ignore[misc]
        assert Fraction(str(y[0])) == 2 * p - q - Fraction(str(r))
    with pytest.raises(InputError, match="2 residuals, but M = 3"):
        with_residual(model, x, {"w": 2, "v": -1}, [1, 2])


def test_single_inputs_may_stand_without_brackets() -> None:
    model = Model.from_expressions("w*p", "w", inputs="p")
    here = with_residual(model, [1, "1/2"], {"w": 3}, [1, -2])
    assert [str(row[0]) for row in here.problem.data.y] == ["2", "7/2"]


# --- what is said --------------------------------------------------------------------------------


def test_the_answer_as_json_and_as_a_page() -> None:
    found = minimum(at("x*y", {"x": 0, "y": 0}))
    data = json.loads(json.dumps(found.to_json()))
    assert set(data) == {"kind", "local_minimum", "global_minimum", "strict", "direction"}
    assert data["kind"] == "not a minimum"
    assert len(data["direction"]) == 2
    shown = found._repr_markdown_()
    for word in ("not a minimum", "local minimum", "global minimum", "L falls along ("):
        assert word in shown
    up = minimum(at("x**2", {"x": 0}))
    assert up.to_json()["direction"] is None and "falls" not in up._repr_markdown_()
