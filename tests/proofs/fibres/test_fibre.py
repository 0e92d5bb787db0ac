"""The dimension of the fibre, against answers that stand in textbooks and in the source texts.

Sources: S2's list of level sets at the origin (x² + y², x², x³, xy, 0: dimensions 0, 1, 1, a cross,
2); X1 to X15 of the catalogue of claims (dimensions by hand, beside each); the dimension of the
variety of m×n matrices of rank r, r(m + n − r) (Harris, Algebraic Geometry, prop. 12.2); SymPy's
ranks and derivatives.
"""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.proofs.facts.identities import nonzero_somewhere, vanish
from hessrank.proofs.facts.smooth_piece import analytic_everywhere, outputs_near
from hessrank.proofs.fibres.families import largest_family
from hessrank.proofs.fibres.fibre import fibre_dimension, only, only_point
from hessrank.proofs.fibres.level_sets import (
    Escape,
    LevelSet,
    Retraction,
    Separation,
    Sphere,
    circle,
    connected,
    contains,
    hyperbola,
    line,
    positive_dimension,
    two_points,
    unbounded,
    wide_hyperbola,
)
from hessrank.proofs.fibres.symmetries import symmetry_directions
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import KinkError
from hessrank.symbolic.expressions.expression import number, symbol
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.linear_algebra.elimination import annihilates
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem


def at(outputs: list[str], parameters: str, **point: object) -> Landscape:
    model = Model.from_expressions(outputs, parameters)
    return Problem(model, Data([[]], [[0] * len(outputs)])).at(point)


def one_input(output: str, parameters: str, x: list[object], **point: object) -> Landscape:
    model = Model.from_expressions(output, parameters, "x")
    return Problem(model, Data(x, [0] * len(x))).at(point)


SPHERES = ["(x - 1)**2 + y**2 + z**2", "(x + 1)**2 + y**2 + z**2"]

# (landscape, dimension, whether rank J is constant near the point)
KNOWN = {
    "S2: x² + y²": (at(["x**2 + y**2"], "x y", x=0, y=0), 0, False),
    "S2: x²": (at(["x**2"], "x y", x=0, y=0), 1, False),
    "S2: x³": (at(["x**3"], "x y", x=0, y=0), 1, False),
    "S2: xy": (at(["x*y"], "x y", x=0, y=0), 1, False),
    "S2: 0": (at(["0*x"], "x y", x=0, y=0), 2, True),
    "X1, X4: θ²": (at(["t**2"], "t", t=0), 0, False),
    "X2": (at(["t", "t**2"], "t", t=0), 0, True),
    "X3": (at(["cos(t)", "sin(t)"], "t", t=0), 0, True),
    "X5": (at(SPHERES, "x y z", x=0, y=0, z=0), 0, False),
    "X5 off the axis, a circle": (at(SPHERES, "x y z", x=0, y=1, z=0), 1, True),
    "X7, the point": (at(["a*(a - 10)", "b*(a - 10)"], "a b", a=0, b=0), 0, True),
    "X7, the line": (at(["a*(a - 10)", "b*(a - 10)"], "a b", a=10, b=1), 1, False),
    "X8": (
        one_input("a*tanh(u*x) + b*tanh(w*x)", "a b u w", [1, 2, 3], a=1, b=2, u="1/2", w="1/2"),
        1,
        False,
    ),
    "X10": (one_input("(w*x)**2 + u**2 + v**2", "w u v", [1, -1, 2], w=0, u=0, v=0), 0, False),
    "X11": (at(["a*b"], "a b", a=1, b=1), 1, True),
    "X12": (at(["t**2 - 1", "t*(t**2 - 1)"], "t", t=1), 0, True),
    "X13": (at(["t1", "t2**2"], "t1 t2", t1=0, t2=0), 0, False),
    "a cone: x² + y² − z²": (at(["x**2 + y**2 - z**2"], "x y z", x=0, y=0, z=0), 2, False),
    "a curve of rank below generic: (x, xy)": (at(["x", "x*y"], "x y", x=0, y=0), 1, False),
    "exp(x) + exp(y)": (at(["exp(x) + exp(y)"], "x y", x=0, y=0), 1, True),
    "all quadratic forms in one variable": (
        one_input("(a*x)**2 + (b*x)**2", "a b", [1, 2], a=1, b=0),
        1,
        True,
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_dimensions(name: str) -> None:
    here, dimension, steady = KNOWN[name]
    found = fibre_dimension(here)
    if dimension is not None:
        assert int(found) == dimension, found
    assert found.constant_rank.truth is Truth.of(steady), found.constant_rank


def test_semidefinite_forms_are_no_proof_of_isolation() -> None:
    """x² + y² = z³ holds a surface through 0 (z = (x² + y²)^(1/3)), although the form is ⪰ 0."""
    found = fibre_dimension(at(["x**2 + y**2 - z**3"], "x y z", x=0, y=0, z=0))
    assert int(found) == 2 and found.isolated.truth is Truth.FALSE


@pytest.mark.parametrize("n,h,m", [(2, 1, 2), (3, 2, 3), (2, 2, 2), (3, 1, 2)])
def test_linear_nets_have_the_fibres_of_their_rank_variety(n: int, h: int, m: int) -> None:
    """W₂W₁ of full inner rank h = min(h, n, m): products form a manifold of dimension h(n+m−h)."""
    net = mlp([n, h, m], "identity", bias=False)
    ones = {p: int(p.split("_")[1] == p.split("_")[2]) for p in net.parameters}
    x = [[int(i == j) for j in range(n)] for i in range(n)]
    here = Problem(net, Data(x, [[0] * m] * n)).at(ones)
    found = fibre_dimension(here)
    assert int(found) == h * (n + m) - h * (n + m - h)
    assert found.constant_rank.truth is Truth.TRUE


def test_dead_units_are_free() -> None:
    """The second unit of [1, 2, 1] never fires: 3 dead parameters, and 4 − 2 of the rest."""
    net = mlp([1, 2, 1], "relu")
    point = {
        "w1_1_1": 1,
        "w1_2_1": -1,
        "b1_1": 1,
        "b1_2": "-1/2",
        "w2_1_1": 2,
        "w2_1_2": 3,
        "b2_1": 0,
    }
    here = Problem(net, Data([1, 2, 3], [0, 0, 0])).at(point)
    assert int(fibre_dimension(here)) == 5
    family = largest_family(here)
    assert family is not None and family.dimension == 5


@pytest.mark.parametrize("activation", ["relu", "leaky-relu", "square", "cube", "identity"])
def test_symmetries_lie_in_the_kernel(activation: str) -> None:
    """T8: J ξ = 0, checked with SymPy's product of the two."""
    net = mlp([2, 2, 1], activation)
    point = {p: f"{i + 2}/{i % 3 + 1}" for i, p in enumerate(net.parameters)}
    here = Problem(net, Data([[1, 2], [3, 1], [1, 1]], [0, 0, 0])).at(point)
    J = here.jacobian.to_sympy()
    found = symmetry_directions(here)
    assert len(found) == (4 if activation == "identity" else 2)
    for v in found:
        direction = sympy.Matrix([sympy.Rational(int(q.p), int(q.q)) for q in v.vector])
        assert J * direction == sympy.zeros(3, 1)


def test_fixed_parameters_have_their_own_fibre() -> None:
    """−(w₂ − w₁)² at w₁ = w₂: the fibre is that line. tanh(w₁ − w₂)·v with w₂ fixed at another's
    value: a point in w₁."""
    net = mlp([2, 1, 1], "square", bias=False, fixed={"w2_1_1": -1})
    here = Problem(net, Data([[-1, 1]], [0])).at({"w1_1_1": -1, "w1_1_2": -1})
    assert int(fibre_dimension(here)) == 1
    both = mlp([2, 1, 1], "square", bias=False, fixed={"w2_1_1": -1, "w1_1_1": 2})
    alone = Problem(both, Data([[-1, 1]], [0])).at({"w1_1_2": 2})
    assert int(fibre_dimension(alone)) == 0


def test_a_fixed_zero_stays_zero_along_a_flow_and_a_zero_at_the_point_does_not() -> None:
    """Linear [2,2,1], w1_1_1 = 0 fixed: E₁₂ adds w1_2_1 to it, which is 0 at θ, but free: not a
    symmetry. With w1_2_1 = 0 fixed too the flow keeps both."""
    data = Data([[1, 2], [3, 1], [1, 1]], [0, 0, 0])
    point = {"w1_1_2": 2, "w1_2_2": 3, "w2_1_1": 1, "w2_1_2": 5}
    one = mlp([2, 2, 1], "identity", bias=False, fixed={"w1_1_1": 0})
    words = {d.vector for d in symmetry_directions(Problem(one, data).at({**point, "w1_2_1": 0}))}
    both = mlp([2, 2, 1], "identity", bias=False, fixed={"w1_1_1": 0, "w1_2_1": 0})
    assert len(words) == 3 and len(symmetry_directions(Problem(both, data).at(point))) == 4


def test_one_symmetry_too_few_is_no_constant_rank() -> None:
    """Linear nets at v = 0 (or W = 0): the GL gauge spans less than ker J there, and rank J grows
    nearby: dv/dt·W x ≠ 0, but v·dW x = 0 at v = 0 alone."""
    for widths in ([2, 1, 1], [3, 1, 1], [3, 1, 2]):
        net = mlp(widths, "identity", bias=False)
        n = widths[0]
        x = [[int(i == j) for j in range(n)] for i in range(n)]
        point = {p: 0 if p.startswith("w2") else i + 1 for i, p in enumerate(net.parameters)}
        here = Problem(net, Data(x, [[0] * widths[-1]] * n)).at(point)
        moved = Problem(net, Data(x, [[0] * widths[-1]] * n)).at(
            {p: v if p.startswith("w1") else i + 1 for i, (p, v) in enumerate(point.items())}
        )
        assert here.rank("jacobian").upper < moved.rank("jacobian").lower
        assert fibre_dimension(here).constant_rank.truth is not Truth.TRUE


@pytest.mark.parametrize(
    ("form", "at_point"),
    [
        ("sqrt(x**2) + x", -1),  # 0 for x < 0, 2x for x > 0: not analytic, though F is not constant
        ("sqrt((x - 1)**2) - x + 1", 3),
        ("abs(x) + x", -2),
        ("relu(x)**2", -1),
    ],
)
def test_what_is_not_analytic_may_be_constant_on_a_part(form: str, at_point: int) -> None:
    found = fibre_dimension(at([form], "x", x=at_point))
    assert found.upper == 1, found
    assert found.constant_rank.truth is not Truth.FALSE  # rank J = 0 all around


def test_power_one_is_the_identity() -> None:
    found = []
    for name in ("identity", "power-1"):
        net = mlp([2, 2, 2], name, bias=False)
        point = {n: i % 3 for i, n in enumerate(net.parameters)}
        fibre = fibre_dimension(
            Problem(net, Data([[1, 0], [0, 1], [1, 1]], [[0, 0]] * 3)).at(point)
        )
        found.append((fibre.lower, fibre.upper, fibre.constant_rank.truth))
    assert found[0] == found[1] and found[0][0] == found[0][1]


def test_tanh_has_no_scaling() -> None:
    net = mlp([1, 1, 1], "tanh", bias=False)
    here = Problem(net, Data([1], [0])).at({"w1_1_1": 1, "w2_1_1": 1})
    assert not symmetry_directions(here)


def test_alone_in_all_of_the_fibre() -> None:
    """θ² = 0 has one solution, θ² = 1 two; X5's fibre is {0}; an invertible map is injective."""
    assert only_point(at(["t**2"], "t", t=0)).truth is Truth.TRUE
    assert only_point(at(["t**2"], "t", t=1)).truth is Truth.UNDECIDED
    assert only_point(at(["t**2 - t**4"], "t", t=0)).truth is Truth.UNDECIDED
    assert only_point(KNOWN["X5"][0]).truth is Truth.TRUE
    assert only_point(at(["a + b", "a - b"], "a b", a=1, b=0)).truth is Truth.TRUE
    assert only_point(at(["a + b"], "a b", a=1, b=0)).truth is Truth.UNDECIDED


def test_a_side_of_a_kink_is_not_enough() -> None:
    """relu(w) at w = 0: the fibre is w ≤ 0, on neither side of which J tells."""
    model = Model.from_expressions(["relu(w)"], "w")
    here = Problem(model, Data([[]], [[0]])).at({"w": 0}, side="right")
    with pytest.raises(KinkError):
        fibre_dimension(here)


def test_kink_at_the_point() -> None:
    here = one_input("a*relu(w*x)", "a w", [1], a=1, w=0)
    with pytest.raises(KinkError):
        fibre_dimension(here)


def test_only_keeps_the_chosen_outputs() -> None:
    here = KNOWN["X5"][0]
    assert fibre_dimension(only(here, [0])).equals(2).truth is Truth.TRUE


polynomials = st.lists(
    st.tuples(st.integers(-2, 2), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=25, deadline=None)
@given(st.lists(polynomials, min_size=1, max_size=2), st.tuples(*[st.integers(-1, 1)] * 3))
def test_bounds_hold_for_random_polynomials(maps: list, point: tuple) -> None:
    """Bounds are ordered, tangents lie in ker J, and constant rank agrees with SymPy: rank J at the
    point is then its generic rank, and smaller where constant rank is denied."""
    texts = [" + ".join(f"({c})*x**{i}*y**{j}*z**{k}" for c, i, j, k in terms) for terms in maps]
    here = at(texts, "x y z", x=point[0], y=point[1], z=point[2])
    found = fibre_dimension(here)
    xyz = sympy.symbols("x y z")
    F = sympy.Matrix(
        [sum(c * xyz[0] ** i * xyz[1] ** j * xyz[2] ** k for c, i, j, k in terms) for terms in maps]
    )
    J = F.jacobian(xyz)
    here_rank = J.subs(dict(zip(xyz, point, strict=True))).rank()
    generic = J.rank()
    assert 0 <= found.lower <= found.upper <= 3 - here_rank
    if found.constant_rank.truth is Truth.TRUE:
        assert here_rank == generic and found.lower == 3 - here_rank
    if found.constant_rank.truth is Truth.FALSE:
        assert here_rank < generic
    assert all(annihilates(here.jacobian.rows, v) for v in found.tangents)


# --- pieces and identities -----------------------------------------------------------------------


def test_the_piece_is_the_one_of_the_point() -> None:
    on, off = (one_input("a*relu(w*x)", "a w", [2], a=1, w=w) for w in (3, -3))
    assert vanish(outputs_near(on)[0] - parse("2*a*w", {"a", "w"})).truth is Truth.TRUE
    assert vanish(outputs_near(off)[0]).truth is Truth.TRUE


@pytest.mark.parametrize(
    "text,known",
    [
        ("exp(x)*tanh(y)", True),
        ("relu(x)", False),
        ("log(x)", False),
        ("1/x", False),
        ("sqrt(x)", False),
    ],
)
def test_analytic_everywhere(text: str, known: bool) -> None:
    assert analytic_everywhere([parse(text, {"x", "y"})]) is known


@pytest.mark.parametrize(
    "text,truth",
    [
        ("(x + y)**3 - x**3 - 3*x**2*y - 3*x*y**2 - y**3", Truth.TRUE),
        ("sin(x)**2 + cos(x)**2 - 1", Truth.TRUE),
        ("tanh(2*x)*(1 + tanh(x)**2) - 2*tanh(x)", Truth.TRUE),
        ("x*y - y*x + 1/1000", Truth.FALSE),
        ("tanh(x) - x", Truth.FALSE),
    ],
)
def test_identities(text: str, truth: Truth) -> None:
    """The binomial theorem, Pythagoras, the double angle of tanh (DLMF 4.35); no identities."""
    assert vanish(parse(text, {"x", "y"})).truth is truth


def test_zero_is_not_shown_nonzero() -> None:
    assert nonzero_somewhere(parse("x - x", {"x"})).truth is Truth.UNDECIDED


# --- level sets ----------------------------------------------------------------------------------


def test_level_sets() -> None:
    """Textbook facts: {±1}, a hyperbola, {a·b = 1} ⊂ R⁴, a circle, a line."""
    assert connected(two_points()).truth is Truth.FALSE
    assert connected(hyperbola()).truth is Truth.FALSE
    assert connected(wide_hyperbola()).truth is Truth.TRUE
    assert connected(line()).truth is Truth.TRUE
    assert unbounded(hyperbola()).truth is unbounded(wide_hyperbola()).truth is Truth.TRUE
    assert unbounded(line()).truth is Truth.TRUE
    assert unbounded(circle()).truth is Truth.FALSE
    for level in (hyperbola(), wide_hyperbola(), line(), circle()):
        assert positive_dimension(level).truth is Truth.TRUE
    assert positive_dimension(two_points()).truth is Truth.UNDECIDED


def test_a_positive_dimension_needs_a_regular_point_of_the_set() -> None:
    """x² + y² = 0 is a point, and x² + y² = −1 is empty: more parameters than equations both."""
    form = symbol("x") ** 2 + symbol("y") ** 2
    origin = {"x": 0, "y": 0}
    point = LevelSet((form,), ("x", "y"), (), origin)
    empty = LevelSet((form + 1,), ("x", "y"), (), {"x": 1, "y": 0})
    assert positive_dimension(point).truth is Truth.UNDECIDED
    assert positive_dimension(empty).truth is not Truth.TRUE


a, b, t, x, y = (symbol(n) for n in "abtxy")

WRONG = {
    "g has a zero on the circle": LevelSet(
        (x**2 + y**2 - 1,),
        ("x", "y"),
        (Separation(x, (number(-1),), x, {"x": 1, "y": 0}, {"x": -1, "y": 0}),),
    ),
    "a point that is not in the set": LevelSet(
        (x**2 - 1,), ("x",), (Separation(x, (number(-1),), x, {"x": 1}, {"x": -2}),)
    ),
    "both points on one side": LevelSet(
        (x**2 - 1,), ("x",), (Separation(x, (number(-1),), x, {"x": 1}, {"x": 1}),)
    ),
    "a curve that leaves the set": LevelSet(
        (a * b - 1,), ("a", "b"), (Escape({"a": t, "b": t}, "a"),)
    ),
    "a curve with a pole away from 0": LevelSet(
        (a * b - 1,), ("a", "b"), (Escape({"a": t - 1, "b": 1 / (t - 1)}, "a"),)
    ),
    "a base of dimension 1": LevelSet(
        (a * b - 1,), ("a", "b"), (Retraction(("a",), {"b": 1 / a}),)
    ),
    "no sphere: a hyperbola": LevelSet((x**2 - y**2 - 1,), ("x", "y"), (Sphere((1,)),)),
    "no sphere: a linear term": LevelSet((x**2 + y**2 + x - 1,), ("x", "y"), (Sphere((1,)),)),
    "no sphere: quartic": LevelSet((x**4 + y**2 - 1,), ("x", "y"), (Sphere((1,)),)),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_certificates_decide_nothing(name: str) -> None:
    assert connected(WRONG[name]).truth is Truth.UNDECIDED
    assert unbounded(WRONG[name]).truth is Truth.UNDECIDED


def test_points_of_a_level_set() -> None:
    assert contains(circle(), {"x": 1, "y": 0}).truth is Truth.TRUE
    assert contains(circle(), {"x": 1, "y": 1}).truth is Truth.FALSE
