"""Degenerate critical points against germs whose truth is known, composed with diffeomorphisms.

The strong checker is `contradiction`: whatever `minimum` says of a polynomial L at 0 is held
against L's values on arcs θ_i = c_i t^k_i, in exact arithmetic, and against the truth that a germ
carries through every change of coordinates. Germs: Arnold, Gusein-Zade,
Varchenko, Singularities of Differentiable Maps I (A_k, D_k, E_k, X_9); Peano's and others by hand.
"""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy

from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.minima.kind import Minimum, flat_local, no_minimum, strict_local
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import KinkError
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

TRUE, FALSE, UNDECIDED = Truth.TRUE, Truth.FALSE, Truth.UNDECIDED


def at(
    outputs: str | list[str],
    point: dict[str, object],
    loss: str = "o",
    y: list[object] | None = None,
    regulariser: str | None = None,
    side: int = 0,
) -> Landscape:
    model = Model.from_expressions(outputs, list(point))
    targets = [0] * model.output_count if y is None else y
    return Problem(model, Data([[]], [targets]), loss, regulariser).at(point, side)


def origin(form: str) -> Landscape:
    return at(form, dict.fromkeys(sorted(set(form) & set("uvwxyz")), 0))


# --- the checker ---------------------------------------------------------------------------------

#: (germ in u, v, w; is 0 a local minimum; a strict one). Non-negative germs by inspection.
GERMS: list[tuple[str, bool, bool]] = [
    ("u**3", False, False),
    ("u**4", True, True),
    ("-u**4", False, False),
    ("u**5", False, False),
    ("u**6", True, True),
    ("u**2 + v**2", True, True),
    ("u**2 + v**3", False, False),
    ("u**2 + v**4", True, True),
    ("u**2 - v**4", False, False),
    ("u**2 + v**5", False, False),
    ("u**2 - v**6", False, False),
    ("u**2*v - v**3", False, False),  # D_4
    ("u**3 + v**4", False, False),  # E_6
    ("u**4 + v**4 - u**2*v**2", True, True),  # X_9, discriminant 1 − 4 < 0
    ("u**4 + v**4 - 3*u**2*v**2", False, False),
    ("(u + v)**4 + v**4", True, True),
    ("(u - v**2)*(u - 2*v**2)", False, False),  # Peano
    ("(u - v**3)*(u - 2*v**3)", False, False),
    ("u**2*v**2", True, False),
    ("(u - v**2)**2", True, False),
    ("u**2*v**2 + w**2", True, False),
    ("u**2 + v**4 + w**4", True, True),
    ("u**2 + v**4 - v**2*w**2 + w**4", True, True),
    ("u**2 + v**4 - 3*v**2*w**2 + w**4", False, False),
    ("u**2 + v**2 + w**5", False, False),
    ("u**2 + v**2 - w**6", False, False),
    ("u**4 + v**5", False, False),  # W_12
    ("u**4 + v**6 - 3*u**2*v**3", False, False),
    ("u**4 + v**6 - u*v**5", True, True),
    ("(u**2 - v**3)**2 + v**7", True, True),
    ("(u**2 + v**3)**2 + v**7", False, False),
    ("u**2*v**2 + u**6 + v**6", True, True),
    ("u**2*v**2 + u**6 + v**5", False, False),
]


def value(form: sympy.Expr, names: list[sympy.Symbol], point: list[Fraction]) -> Fraction:
    terms = sympy.Poly(form, *names).terms()
    total = Fraction(0)
    for powers, c in terms:
        part = Fraction(int(c.p), int(c.q))
        for base, e in zip(point, powers, strict=True):
            part *= base**e
        total += part
    return total


def contradiction(
    form: sympy.Expr, found: Minimum, rng: random.Random, truth: tuple[bool, bool] | None = None
) -> str | None:
    """Why `found` cannot be right for L = form at 0, or None: the truth of the germ, where it is
    known; and no value below L(0) near a local minimum, none as low near a strict one."""
    if truth is not None:
        local, strict = truth
        if found.local.truth is Truth.of(not local):
            return f"local is {found.local.truth}, the germ says {local}"
        if found.strict is Truth.of(not strict):
            return f"strict is {found.strict}, the germ says {strict}"
    names = sorted(form.free_symbols, key=str)
    for _ in range(150):
        t = Fraction(1, rng.choice([50, 1000, 10**5]))
        point = [
            Fraction(rng.randint(-3, 3), rng.randint(1, 2)) * t ** rng.randint(1, 3) for _ in names
        ]
        there = value(form, names, point)
        if found.local.truth is TRUE and there < 0:
            return f"lower at {point}"
        if found.strict is TRUE and any(point) and there <= 0:
            return f"as low at {point}"
    return None


def test_the_checker_can_fail() -> None:
    u, v = sympy.symbols("u v")
    rng = random.Random(0)
    assert contradiction(u**2 + v**3, strict_local("wrong"), rng)
    assert contradiction(u**2 * v**2, strict_local("wrong"), rng, (True, False))
    assert contradiction(u**2 * v**2, strict_local("wrong"), rng)
    assert contradiction(u**4, no_minimum("wrong"), rng, (True, True))
    assert contradiction(u**2 - v**4, flat_local("wrong"), rng)
    assert contradiction(u**4, strict_local("right"), rng, (True, True)) is None


def changed(germ: sympy.Expr, rng: random.Random) -> sympy.Expr:
    """germ ∘ φ with φ(x) = A x + a few quadratic terms, det A ≠ 0: a diffeomorphism near 0."""
    old = sorted(germ.free_symbols, key=str)
    new = sympy.symbols("x y z")[: len(old)]
    few = (0, 3, 3, 25)[len(old)]  # a form in three variables soon has hundreds of terms
    while True:
        A = sympy.Matrix(len(old), len(old), lambda i, j: rng.randint(-2, 2))
        if A.det():
            break
    bent = [
        sum(A[i, j] * x for j, x in enumerate(new))
        + sum(rng.choice([0] * few + [1, -1]) * a * b for a in new for b in new)
        for i in range(len(old))
    ]
    return sympy.expand(germ.subs(dict(zip(old, bent, strict=True)), simultaneous=True))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("germ", [g for g, _, _ in GERMS])
def test_germs_keep_their_kind_under_diffeomorphisms(germ: str, seed: int) -> None:
    rng = random.Random(f"{germ} {seed}")
    truth = next((local, strict) for g, local, strict in GERMS if g == germ)
    form = changed(sympy.sympify(germ), rng)
    found = minimum(origin(str(form)))
    why = contradiction(form, found, rng, truth)
    assert why is None, (form, found, why)


@pytest.mark.parametrize(
    ("form", "local", "strict"),
    [
        ("x**2 + y**5", FALSE, FALSE),
        ("(y - x**3)*(y - 2*x**3)", FALSE, FALSE),
        ("x**2 - y**6", FALSE, FALSE),
        ("x**2 + x*y**3 + y**7", FALSE, FALSE),  # on x = −y³/2: −y⁶/4
        ("x**2 + 2*x*y**3 + 2*y**6", TRUE, TRUE),  # (x + y³)² + y⁶
        ("x**2 - 2*x*y**4 + y**8 + y**12", TRUE, TRUE),  # (x − y⁴)² + y¹²
        ("x**2 - 2*x*y**4 + y**8 - y**12", FALSE, FALSE),
        ("(x + y)**4 + y**4", TRUE, TRUE),
        ("x**4 - x**2*y**2 + y**4", TRUE, TRUE),
        ("x**4 - 2*x**2*y**2 + y**4 - y**5", FALSE, FALSE),  # on x = y: −y⁵
        ("x**4 - 2*x**2*y**2 + y**4 + x**6", TRUE, TRUE),  # (x² − y²)² + x⁶
        ("x**4 - 4*x**2*y**2 + 4*y**4 + x**6", UNDECIDED, UNDECIDED),  # (x² − 2y²)² + x⁶
        ("x**4 + y**6 - 3*x**2*y**3", FALSE, FALSE),
        ("x**4 + y**6 - 3*x**2*y**3 + z**2 - 2*z*x**2 + x**4", FALSE, FALSE),  # (z − x²)²
        ("(x**2 - y**3)**2 - y**7", FALSE, FALSE),
        ("x**4 + x**3*y**2 + y**8", TRUE, TRUE),
        ("cos(x*y) - 1 + x**4 - 2*y**2*cosh(x) + 2*y*sinh(y)", FALSE, FALSE),
        ("x**4", TRUE, TRUE),
        ("x**4 + y**4", TRUE, TRUE),
        ("x**2*y**2", TRUE, FALSE),
    ],
)
def test_these_are_decided(form: str, local: Truth, strict: Truth) -> None:
    found = minimum(origin(form))
    assert (found.local.truth, found.strict) == (local, strict), found


@pytest.mark.parametrize("inner", ["tanh(x)", "log(1 + x)", "exp(x) - 1", "sin(x)", "x/(1 + x)"])
@pytest.mark.parametrize(
    ("germ", "local"),
    [("y**2 + u**5", FALSE), ("y**2 + u**6", TRUE), ("(y - u**3)**2 - u**8", FALSE)],
)
def test_germs_of_transcendental_coordinates(inner: str, germ: str, local: Truth) -> None:
    """u = an analytic function with u′(0) = 1: a change of coordinates."""
    form = germ.replace("u", f"({inner})")
    assert minimum(at(form, {"x": 0, "y": 0})).local.truth is local


# --- squares, dead units, kinks ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "point", "strict"),
    [
        ("(x**2 + y**2 - 1)**2", {"x": 1, "y": 0}, FALSE),
        ("(x**2 + y**2 - 1)**2", {"x": "sqrt(2)/2", "y": "-sqrt(2)/2"}, FALSE),
        ("(x**2 + y**2)**2 + 3*x**6", {"x": 0, "y": 0}, TRUE),
        ("2*(x*y - 1)**4 + 5", {"x": 2, "y": "1/2"}, FALSE),
        ("(x - y**2)**2 + (y - x**2)**2", {"x": 1, "y": 1}, TRUE),
        ("exp(x**2) + y**4", {"x": 0, "y": 0}, TRUE),
    ],
)
def test_squares(form: str, point: dict[str, object], strict: Truth) -> None:
    found = minimum(at(form, point))
    assert (found.is_global.truth, found.strict) == (TRUE, strict)


@pytest.mark.parametrize("form", ["(x**2 + y**2 - 1)**2", "(x - 1)**2*(x + 1)**2 + y**4"])
def test_squares_off_their_zeros_are_no_minima(form: str) -> None:
    """At 0 both have the value 1 > 0."""
    assert minimum(at(form, {"x": 0, "y": 0})).is_global.truth is FALSE


def test_one_parameter_and_a_dead_unit() -> None:
    for form, local in (
        ("t**4 + relu(t - 1)", TRUE),
        ("t**3 + relu(-t - 2)", FALSE),
        ("-t**4 + abs(t + 3)*0 + relu(t - 1)*t", FALSE),
        ("t**6 - relu(1 + t) + t", TRUE),
    ):
        assert minimum(at(form, {"t": 0})).local.truth is local, form


@pytest.mark.parametrize(
    ("outputs", "y", "regulariser", "local", "strict"),
    [
        ("t", ["1/2"], "abs(t)", TRUE, TRUE),  # (t − ½)²/2 + |t|: slopes −½ ± 1
        ("t", [1], "abs(t)", TRUE, UNDECIDED),  # slope 0 to the right, where t²/2 rises
        ("t", [2], "abs(t)", FALSE, FALSE),
        ("t", ["-1/2"], "relu(t)", FALSE, FALSE),  # falls to the left
        ("t", ["1/2"], "relu(t)", TRUE, TRUE),  # slopes −½ + [0, 1]
    ],
)
def test_l1_at_zero(
    outputs: str, y: list[object], regulariser: str, local: Truth, strict: Truth
) -> None:
    found = minimum(at(outputs, {"t": 0}, "half-squared", y, regulariser))
    assert found.local.truth is local
    assert found.strict is strict


@pytest.mark.parametrize("seed", range(60))
def test_kinks_against_slopes_in_many_directions(seed: int) -> None:
    """L = g·θ + Σ c_i k_i(a_i·θ) is its own directional derivative at 0."""
    rng = random.Random(seed)
    names = "xyz"[: rng.randint(1, 3)]

    def linear() -> list[int]:
        return [rng.randint(-2, 2) for _ in names]

    g = linear()
    terms = [(rng.choice([1, 2, 3, -1]), rng.choice(["relu", "abs"]), linear()) for _ in names]
    text = {n: f"({c})*{n}" for n, c in zip(names, g, strict=True)}
    form = " + ".join(text.values())
    for c, kind, a in terms:
        inner = " + ".join(f"({v})*{n}" for n, v in zip(names, a, strict=True))
        form += f" + ({c})*{kind}({inner})"
    try:
        found = minimum(at(form, dict.fromkeys(names, 0)))
    except KinkError:
        return

    def slope(v: list[int]) -> int:
        total = sum(a * b for a, b in zip(g, v, strict=True))
        for c, kind, a in terms:
            z = sum(p * q for p, q in zip(a, v, strict=True))
            total += c * (abs(z) if kind == "abs" else max(z, 0))
        return total

    slopes = [slope([rng.randint(-40, 40) for _ in names]) for _ in range(3000)]
    if found.local.truth is TRUE:
        assert min(slopes) >= 0
    if found.strict is TRUE:
        assert all(s > 0 for s in slopes if s) and min(slopes) >= 0
    if found.local.truth is FALSE:
        assert min(slopes) < 0


# --- networks ------------------------------------------------------------------------------------


def zero_of(
    widths: list[int], activation: str, x: list[list[int]], y: list[list[int]]
) -> Landscape:
    net = mlp(widths, activation, bias=False)
    return Problem(net, Data(x, y)).at(dict.fromkeys(net.parameters, 0))


@pytest.mark.parametrize("depth", [3, 4, 5])
def test_scalar_linear_nets_fall_from_zero(depth: int) -> None:
    """½(Π w_i − 1)²: −Π w_i is its lowest term."""
    here = zero_of([1] * (depth + 1), "identity", [[1]], [[1]])
    assert minimum(here).local.truth is FALSE


@pytest.mark.parametrize(
    ("activation", "widths"),
    [("identity", [2, 2, 2, 2]), ("tanh", [2, 2, 1, 2]), ("sin", [2, 1, 1, 2])],
)
def test_deep_nets_fall_from_zero(activation: str, widths: list[int]) -> None:
    here = zero_of(widths, activation, [[1, 0], [0, 1], [1, 2]], [[1, 2], [3, 1], [0, 1]])
    assert minimum(here).local.truth is FALSE
    fits = zero_of(widths, activation, [[1, 0], [0, 1]], [[0, 0], [0, 0]])
    assert minimum(fits).is_global.truth is TRUE


YUN = [[1, 0], [0, 1], ["1/2", "1/2"]]


def yun(outgoing: tuple[object, object], b2: object, activation: str = "tanh") -> Landscape:
    """Yun, Sra and Jadbabaie (2019), theorem 1: the data, and W1 all log(2)/2."""
    net = mlp([2, 2, 1], activation)
    point = {n: "log(2)/2" if n.startswith("w1") else 0 for n in net.parameters}
    point |= {"w2_1_1": outgoing[0], "w2_1_2": outgoing[1], "b2_1": b2}
    return Problem(net, Data(YUN, [0, 0, 1])).at(point)


def test_the_spurious_minimum_of_yun_sra_and_jadbabaie() -> None:
    """F = 1/3 on the data in both: tanh(log(2)/2) = 1/3, −2/3 + 1 and 2/3 − 1/3."""
    low = minimum(yun((-1, -1), 1))
    assert (low.local.truth, low.strict) == (TRUE, FALSE)
    assert yun((-1, -1), 1).hessian.inertia.zero == 6
    assert minimum(yun((1, 1), "-1/3")).local.truth is FALSE


def test_lower_values_exist_only_near_the_saddle() -> None:
    """Sampling at 50 digits around both: the one is never undercut, the other is."""
    import mpmath

    with mpmath.workdps(50):
        a = mpmath.log(2) / 2

        def L(p: list[mpmath.mpf]) -> mpmath.mpf:
            total = mpmath.mpf(0)
            for x, y in (((1, 0), 0), ((0, 1), 0), ((0.5, 0.5), 1)):
                hidden = [
                    mpmath.tanh(p[2 * i] * x[0] + p[2 * i + 1] * x[1] + p[4 + i]) for i in (0, 1)
                ]
                total += (p[6] * hidden[0] + p[7] * hidden[1] + p[8] - y) ** 2 / 2
            return total

        rng = random.Random(3)
        third = mpmath.mpf(1) / 3
        for out, b2, lower in (((-1, -1), mpmath.mpf(1), False), ((1, 1), -third, True)):
            base = [a, a, a, a, 0, 0, *out, b2]
            values = []
            for _ in range(600):
                size = mpmath.mpf(10) ** -rng.randint(3, 8)
                step = [size * mpmath.mpf(rng.uniform(-1, 1)) for _ in base]
                values.append(L([p + s for p, s in zip(base, step, strict=True)]) - L(base))
            assert (min(values) < -(mpmath.mpf(10) ** -40)) is lower


def test_a_minimum_on_the_fixed_space_decides_nothing() -> None:
    """y ↦ −y keeps them; on y = 0 all have a minimum."""
    for form in ("x**2 - y**2", "x**2 - y**4", "x**2*(1 - y**2) - y**6"):
        assert minimum(origin(form)).local.truth is FALSE
    assert minimum(origin("x**2 - y**14")).local.truth is not TRUE


def test_linear_nets_by_eckart_and_young() -> None:
    net = mlp([3, 2, 3], "identity", bias=False)
    unit = [[int(i == j) for j in range(3)] for i in range(3)]
    data = Data(unit, [[2 * v for v in row] for row in unit])
    here = Problem(net, data).at(
        dict(zip(net.parameters, [1, 0, 0, 0, 1, 0, 2, 0, 0, 2, 0, 0], strict=True))
    )
    assert minimum(here).is_global.truth is TRUE
    assert (int(here.rank("jacobian")), int(here.rank("hessian"))) == (8, 6)


def orthogonal(n: int, rng: random.Random) -> sympy.Matrix:
    """Cayley: (I − S)(I + S)⁻¹ for a rational skew S."""
    S = sympy.zeros(n)
    for i in range(n):
        for j in range(i):
            S[i, j] = sympy.Rational(rng.randint(-2, 2), rng.randint(1, 3))
            S[j, i] = -S[i, j]
    one = sympy.eye(n)
    return (one - S) * (one + S).inv()


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_eckart_and_young_on_constructed_singular_values(seed: int, bias: bool) -> None:
    """Y = X·U diag(s) Vᵀ with X orthonormal columns (and a shift, with biases); the product of the
    net keeps two of the three singular values: a global minimum exactly where they are the largest
    (ties allowed). Everything else is critical too, and must not be affirmed."""
    rng = random.Random(seed)
    s = sorted((rng.choice([1, 1, 2, 3, 5]) for _ in range(3)), reverse=True)
    U, V, Q = orthogonal(3, rng), orthogonal(3, rng), orthogonal(4, rng)
    if bias:  # columns orthogonal to the constant vector: I − 1/4 has eigenvectors with mean 0
        Q = sympy.Matrix([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / 2
    X = Q[:, :3]
    shift = (
        sympy.Matrix([[rng.randint(-2, 2) for _ in range(3)]] * 4) if bias else sympy.zeros(4, 3)
    )
    Y = X * U * sympy.diag(*s) * V.T + shift
    for kept in ((0, 1), (0, 2), (1, 2)):
        W1 = sympy.Matrix([U[:, k].T for k in kept])
        W2 = sympy.Matrix.hstack(*(s[k] * V[:, k] for k in kept))
        net = mlp([3, 2, 3], "identity", bias=bias)
        values = {f"w1_{i + 1}_{j + 1}": str(W1[i, j]) for i in range(2) for j in range(3)}
        values |= {f"w2_{i + 1}_{j + 1}": str(W2[i, j]) for i in range(3) for j in range(2)}
        if bias:
            values |= {"b1_1": 0, "b1_2": 0}
            values |= {f"b2_{i + 1}": str(shift[0, i]) for i in range(3)}
        data = Data(
            [[str(v) for v in row] for row in X.tolist()],
            [[str(v) for v in row] for row in Y.tolist()],
        )
        found = minimum(Problem(net, data).at(values))
        best = sorted((s[k] for k in kept), reverse=True) == s[:2]
        assert found.is_global.truth is (TRUE if best else FALSE), (s, kept, found)


# --- guards --------------------------------------------------------------------------------------


def test_a_regulariser_is_no_function_of_the_outputs() -> None:
    """F = x fits y = 0, and yet L falls along the regulariser: in x itself, or in another one."""
    for form, regulariser in (
        ("t", "-t**2"),
        ("t + 0*u", "-u**6"),
        ("t + 0*u", "-u**5"),
        ("t*u", "-u**4"),
    ):
        names = sorted(set(form) & set("tu"))
        here = at(form, dict.fromkeys(names, 0), "half-squared", [0], regulariser)
        assert minimum(here).local.truth is FALSE, (form, regulariser)
    beyond = at("t + 0*u", {"t": 0, "u": 0}, "half-squared", [0], "-u**14")
    assert minimum(beyond).local.truth is not TRUE  # order 14 is not expanded


def test_a_manifold_of_equal_behaviour_needs_an_l_without_regulariser() -> None:
    """F = a + b: on the line of equal behaviour −(a − b)^14 falls; order 12 does not see it."""
    here = at(["a + b"], {"a": 0, "b": 0}, "half-squared", [0], "-(a - b)**14")
    assert fibre_dimension(here).lower == 1
    assert minimum(here).local.truth is not TRUE


def test_a_regulariser_can_make_a_minimum_strict() -> None:
    """½(a + b)² + (a − b)⁴: on the line of equal behaviour a + b = 0 it rises."""
    for regulariser, strict in (("(a - b)**4", TRUE), ("(a + b)**4", FALSE)):
        here = at(["a + b"], {"a": 0, "b": 0}, "half-squared", [0], regulariser)
        found = minimum(here)
        assert found.local.truth is TRUE and found.strict in (strict, UNDECIDED)
    assert minimum(here).strict is not TRUE


@pytest.mark.parametrize("rest", ["-y**2", "+y**3", "-y**4", "+0*y"])
def test_a_kink_in_one_direction_says_nothing_of_the_others(rest: str) -> None:
    """|x| rises along x alone."""
    try:
        found = minimum(at(f"abs(x) {rest}", {"x": 0, "y": 0}))
    except KinkError:
        return
    assert found.strict is not TRUE
    assert rest == "+0*y" or found.local.truth is not TRUE


def test_x_and_y_in_one_sum_of_squares_stay_within_bounds() -> None:
    """The cube net [1,2,1,1] with N = 5: its polynomial has far more monomials than are squared.

    With all parameters t it is F = 8t¹³x⁹, so that L falls with −8t¹³; with y = 0 nothing is below
    L(0) = 0."""
    net = mlp([1, 2, 1, 1], "cube", bias=False)
    zero = dict.fromkeys(net.parameters, 0)
    found = minimum(Problem(net, Data([[1], [2]], [[1], [0]])).at(zero))
    assert found.local.truth is FALSE and "of order 13" in found.local.reason
    assert minimum(Problem(net, Data([[1], [2]], [[0], [0]])).at(zero)).is_global.truth is TRUE


@pytest.mark.parametrize(
    ("form", "regulariser", "local"),
    [
        ("log(1 + exp(x**2/(1 + y**2)))", None, TRUE),
        ("softplus(x**2*exp(y))", None, TRUE),
        ("softplus(x**2*exp(y)*(2 + z))", None, TRUE),
        ("softplus(x**2*exp(y))", "x**2", TRUE),
        ("cos(x**2*exp(y)) + x**2*(y + 2)", None, TRUE),
        ("tanh(x**2 + x**2*y**3*sin(z))", "x**2*exp(z)", TRUE),
        ("softplus(x**2*exp(y)) - y**4", None, FALSE),
        ("softplus(x**2*exp(y)) + x*y**3", None, FALSE),  # −y⁶/2 on x = −y³
        ("softplus(x**2*exp(y))", "-y**6", FALSE),
        ("tanh(x**2 + x**2*y**3*sin(z))", "y*z**2", FALSE),
    ],
)
def test_spaces_on_which_the_gradient_vanishes(
    form: str, regulariser: str | None, local: Truth
) -> None:
    """L = h(x, y) on x = 0, where ∇L = 0, unless a term is added that leaves it."""
    names = sorted(set(form.replace("exp", "").replace("tanh", "")) & set("xyz"))
    found = minimum(at(form, dict.fromkeys(names, 0), regulariser=regulariser))
    assert (found.local.truth, found.strict) == (local, FALSE), found


@pytest.mark.parametrize("point", [(1, 0), ("1/3", 0), ("sqrt(2)", 0)])
@pytest.mark.parametrize("y", [-1, "-1/2", "-pi"])
def test_log_cosh_above_its_labels(point: tuple[object, object], y: object) -> None:
    """F = 2a²b² + b² ≥ 0 > y: L is least on b = 0."""
    here = at("2*a**2*b**2 + b**2", dict(zip("ab", point, strict=True)), "log-cosh", [y])
    found = minimum(here)
    assert (found.kind, found.strict) == ("global minimum", FALSE), found


@pytest.mark.parametrize(
    ("output", "point"),
    [
        ("softplus((x - 1)**2*exp(y))", {"x": 1, "y": 2}),
        ("softplus((x - sqrt(2)*y)**2)", {"x": 0, "y": 0}),
        ("softplus((x - sqrt(2)*y)**2)", {"x": "sqrt(2)", "y": 1}),
    ],
)
def test_a_line_of_critical_points_off_the_origin(output, point):
    model = Model.from_expressions(output, "x y")
    here = Problem(model, Data([[]], [[0]]), Loss.from_expression("sin(o)")).at(point)
    found = minimum(here)  # sin rises at log 2, so L is least where u² is
    assert found.local.truth is Truth.TRUE and found.strict is Truth.FALSE


def test_a_manifold_on_which_the_slopes_are_affine():
    """rank J is not constant near two equal units; a line of outgoing weights keeps them equal."""
    net = mlp([1, 2, 1], "tanh", bias=False)
    data = Data([[1], [2], [3]], [["-2"], ["6713/680"], ["-137/104"]])
    here = Problem(net, data, "mean-squared").at(["log(2)", "log(2)", 1, 2])
    assert int(here.rank("hessian")) == 3
    assert minimum(here).local.truth is Truth.TRUE
