"""What bounds on the dimension of a fibre say, which certificate of constant rank speaks, and
certificates of level sets with one part wrong."""

from __future__ import annotations

import itertools
import random

import pytest
import sympy
from flint import fmpq

import hessrank as hr
from hessrank.proofs.fibres import constant_rank as steadiness
from hessrank.proofs.fibres import families, fibre, level_sets
from hessrank.proofs.fibres.constant_rank import _minors, with_zeros_fixed
from hessrank.proofs.fibres.families import largest_family
from hessrank.proofs.fibres.fibre import (
    FibreDimension,
    constant_rank,
    fibre_dimension,
    only_point,
)
from hessrank.proofs.fibres.level_sets import (
    Escape,
    LevelSet,
    Retraction,
    Separation,
    Sphere,
    connected,
    contains,
    unbounded,
)
from hessrank.proofs.fibres.symmetries import (
    duplicate_directions,
    null_space_directions,
    orbit_directions,
    scaling_directions,
)
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.expression import ONE, ZERO, free_symbols, number, symbol

STEADY = Fact(Truth.UNDECIDED, "not known")


def at(outputs: list[str], parameters: str, *point: object) -> hr.Landscape:
    model = hr.Model.from_expressions(outputs, parameters)
    return hr.Problem(model, hr.Data([[]], [[0] * len(outputs)])).at(list(point))


@pytest.mark.parametrize(
    ("lower", "upper"), list(itertools.combinations_with_replacement(range(4), 2))
)
def test_what_bounds_say_of_each_dimension(lower: int, upper: int) -> None:
    """Every answer is the one that all dimensions between the bounds agree on."""
    found = FibreDimension(lower, upper, "low", "high", STEADY)
    between = range(lower, upper + 1)

    def common(answers: set[bool]) -> Truth:
        return Truth.of(answers.pop() if len(answers) == 1 else None)

    for d in range(-1, 6):
        assert found.at_least(d).truth is common({k >= d for k in between})
        assert found.equals(d).truth is common({k == d for k in between})
    assert found.at_least(0).reason == "any dimension is at least 0"
    assert found.isolated.truth is common({k == 0 for k in between})
    assert found.isolated.reason == ("high" if upper == 0 else "low")
    if lower == upper:
        assert int(found) == lower and str(found) == str(lower)
        assert found.equals(lower).reason == f"the fibre has dimension {lower}: low; high"
        assert found.at_least(lower + 1).reason.startswith(
            f"the fibre has dimension {upper}, below"
        )
    else:
        with pytest.raises(UndecidedError, match=f"the fibre has dimension {lower} to {upper}"):
            int(found)
        assert f"{lower} or more" in found.at_least(max(lower, 1)).reason or not lower
        assert f"{upper} or less" in found.at_least(upper + 1).reason
    assert found.to_json() == {
        "lower": lower,
        "upper": upper,
        "lower_reason": "low",
        "upper_reason": "high",
        "constant_rank": {"value": None, "reason": "not known"},
    }


def test_equal_reasons_are_said_once() -> None:
    found = FibreDimension(1, 1, "so", "so", STEADY)
    assert found.equals(1).reason == "the fibre has dimension 1: so"


#: Why rank J is constant near the point, by hand.
CONSTANT = {
    # one output with a gradient
    "full rank": (["x*y"], "x y", (1, 1), "J has full rank"),
    # 2F₁ − F₂ is constant
    "dependence": (["x*y", "2*x*y + 3"], "x y", (1, 1), "dependences of the gradients"),
    # functions of xy, in no linear relation
    "minors": (["exp(x*y)", "(x*y)**2"], "x y", (1, 1), "every minor of J of order 2 vanishes"),
    "minors of order 3": (
        ["x + y**2", "(x + y**2)**2 + z", "(x + y**2)*z", "z**3"],
        "x y z",
        (1, 1, 1),
        "every minor of J of order 3 vanishes",
    ),
}


@pytest.mark.parametrize("name", CONSTANT)
def test_why_the_rank_is_constant(name: str) -> None:
    outputs, parameters, point, reason = CONSTANT[name]
    here = at(outputs, parameters, *point)
    found = constant_rank(here)
    assert found.truth is Truth.TRUE and reason in found.reason
    N = len(parameters.split())
    assert int(fibre_dimension(here)) == N - int(here.rank("jacobian"))


def test_the_rank_grows_off_the_point() -> None:
    here = at(["x*y", "x*y**2"], "x y", 0, 0)
    found = constant_rank(here)
    assert found.truth is Truth.FALSE and _minors(here) is None
    assert "rank J" in found.reason or "dimension" in found.reason


def test_parameters_that_do_not_occur_are_a_family() -> None:
    for outputs, free, words in ((["x**2"], 2, "y, z"), (["x*z"], 1, "y")):
        here = at(outputs, "x y z", 0, 1, 0)
        ((reason, vectors),) = families._absent(here)
        assert reason == f"F does not depend on {words} near θ" and len(vectors) == free
    assert families._absent(at(["x*y*z"], "x y z", 0, 1, 0)) == []
    found = largest_family(at(["x**2"], "x y z", 0, 1, 0))
    assert found is not None and found.dimension == 2


def sum_of(terms: list[str], outer: str = "{}", count: int = 1) -> hr.Landscape:
    """`count` multiples of one output in the parameters of `terms`, at 0."""
    form = outer.format(" + ".join(terms))
    names = " ".join(dict.fromkeys(t.partition("*")[0] for t in terms))
    return at([f"{k + 1}*({form})" for k in range(count)], names, *[0] * len(names.split()))


def test_forms_on_the_kernel_are_asked_up_to_their_limit() -> None:
    """Σ x² vanishes at 0 alone; with one parameter more than are examined, no form is asked."""
    most = fibre.MAX_SECOND_ORDER
    assert fibre_dimension(sum_of([f"x{i}**2" for i in range(most)])).upper == 0
    assert fibre_dimension(sum_of([f"x{i}**2" for i in range(most + 1)])).upper > 0


def test_a_form_that_only_a_combination_makes_definite() -> None:
    """3x² − y² and 3y² − x² have traces 4 and 4; their sum with these is 8(x² + y²)."""
    found = fibre_dimension(at(["3*x**2 - y**2", "3*y**2 - x**2"], "x y", 0, 0))
    assert int(found) == 0
    assert found.upper_reason == (
        "Σ c_m∇²F_m is positive definite on ker J for c = (4, 4), cᵀJ = 0"
    )


def test_some_zeros_that_are_all_are_passed_over() -> None:
    """w₁w₂ at 0: fixing both leaves nothing, fixing one a line."""
    found = list(with_zeros_fixed(at(["w_1*w_2"], "w_1 w_2", 0, 0)))
    assert [(d, [[int(c) for c in v] for v in vectors]) for d, _, vectors in found] == [
        (1, [[0, 1]]),
        (1, [[1, 0]]),
    ]


def test_dependences_are_asked_up_to_their_limit() -> None:
    """Two multiples of the exponential of a sum."""
    for parameters in (steadiness.MAX_SYMBOLS, steadiness.MAX_SYMBOLS + 1):
        here = sum_of([f"x{i}" for i in range(parameters)], "exp({})", 2)
        found = steadiness._dependences_persist(here, here.jacobian.exact())
        assert (found is not None) is (parameters == steadiness.MAX_SYMBOLS)
    broken = at(["x", "x + x**2"], "x y", 0, 0)  # F₂ − F₁ = x²
    assert steadiness._dependences_persist(broken, broken.jacobian.exact()) is None


def test_symmetries_of_full_number_show_constant_rank() -> None:
    """relu [1, 2, 1]: N = 4, two rescalings, so that rank J = 2 stays; with a second example on the
    other side rank J = 2 is full; at v = 0 a rescaling is (w, 0)."""
    net = hr.mlp([1, 2, 1], "relu", bias=False)
    here = hr.Problem(net, hr.Data([[1], [-2]], [[0], [0]])).at([1, -1, 2, 3])
    found = steadiness._symmetries(here, here.jacobian.exact())
    assert found is not None and found.truth is Truth.TRUE
    assert found.reason == "2 symmetries of F are independent near θ and lie in ker J"
    one = hr.Problem(net, hr.Data([[1]], [[0]])).at([1, -1, 2, 3])  # rank J = 1
    assert steadiness._symmetries(one, one.jacobian.exact()) is None
    form = at(["x*y"], "x y", 1, 1)
    assert steadiness._symmetries(form, form.jacobian.exact()) is None


def test_a_point_alone_of_an_affine_map() -> None:
    found = only_point(at(["a + b", "a - b"], "a b", 1, 0))
    assert found.reason == "F is affine and injective: rank J = N = 2"
    assert only_point(at(["a + b", "2*a + 2*b"], "a b", 1, 0)).truth is Truth.UNDECIDED
    assert only_point(at(["abs(a)*a"], "a", 1)).truth is Truth.UNDECIDED


def test_blocks_grow_around_what_is_affine() -> None:
    """F = x²y + yz + w: affine in y and w, in z and w, not in x."""
    names = ["x", "y", "z", "w"]
    meets = [frozenset(m) for m in ({"x", "y"}, {"x", "z"}, {"y"}, ())]
    assert families._grow(0, names, meets) == ()
    assert families._grow(1, names, meets) == families._grow(3, names, meets) == (1, 3)
    assert families._grow(2, names, meets) == (2, 3)


def test_a_larger_rank_is_looked_for_up_to_its_limit() -> None:
    most = fibre.MAX_SECOND_ORDER
    found = fibre._rank_grows(sum_of([f"x{i}**2" for i in range(most)]), 0)
    assert found is not None and found.truth is Truth.FALSE
    assert fibre._rank_grows(sum_of([f"x{i}**2" for i in range(most + 1)]), 0) is None


def test_zeros_are_fixed_up_to_their_limit() -> None:
    most = steadiness.MAX_PARAMETERS
    assert (
        max(d for d, _, _ in with_zeros_fixed(sum_of([f"x{i}" for i in range(most)]))) == most - 2
    )
    assert list(with_zeros_fixed(sum_of([f"x{i}" for i in range(most + 1)]))) == []


def test_zeros_are_fixed_by_units_and_by_layers() -> None:
    """tanh [2, 2, 1] at W₁ = 0, x = e₁, e₂: without unit 2 rank J = 2 = M on what is left, without
    a layer F = 0 there."""
    net = hr.mlp([2, 2, 1], "tanh", bias=False)
    here = hr.Problem(net, hr.Data([[1, 0], [0, 1]], [[0], [0]])).at([0, 0, 0, 0, 1, 2])
    found = {why.partition("near θ where ")[2]: d for d, why, _ in with_zeros_fixed(here)}
    kept = " = 0 (constant rank theorem)"
    assert found[f"w1_1_1, w1_1_2{kept}"] == found[f"w1_2_1, w1_2_2{kept}"] == 4 - 2
    assert found[f"w1_1_1, w1_1_2, w1_2_1, w1_2_2{kept}"] == 2


def test_blocks_are_looked_for_up_to_their_limit() -> None:
    """A sum is affine in all its parameters: one block, with a kernel of one dimension less."""
    most = families.MAX_PARAMETERS
    ((_, vectors),) = families._linear_blocks(sum_of([f"x{i}" for i in range(most)]))
    assert len(vectors) == most - 1 and all(sum(v) == 0 for v in vectors)
    assert families._linear_blocks(sum_of([f"x{i}" for i in range(most + 1)])) == []


def test_each_limit_of_the_symbolic_minors_counts() -> None:
    """Multiples of the exponential of a sum: rank J = 1 everywhere."""
    most, entries = steadiness.MAX_SYMBOLS, steadiness.MAX_SYMBOLIC_ENTRIES

    def found(parameters: int, outputs: int) -> Fact | None:
        return _minors(sum_of([f"x{i}" for i in range(parameters)], "exp({})", outputs))

    assert most + 1 < entries  # each limit is passed by itself
    for parameters, outputs in ((most, entries // most), (2, entries // 2)):
        known = found(parameters, outputs)
        assert known is not None and known.truth is Truth.TRUE
        assert known.reason == "every minor of J of order 2 vanishes identically in θ"
    assert found(most + 1, 1) is None and found(2, entries // 2 + 1) is None


def test_a_point_alone_names_its_quadratic() -> None:
    for outputs, words in (
        (["t**2"], "a positive definite quadratic about θ, c = (1)"),
        (["t**3", "-t**2"], "a negative definite quadratic about θ, c = (0, 1)"),
    ):
        found = only_point(at(outputs, "t", 0))
        assert found.truth is Truth.TRUE and found.reason == f"cᵀF is {words}"


def test_the_largest_family_names_all_that_it_is_made_of() -> None:
    """v₂ multiplies what is dead, and the unit that lives can be rescaled."""
    net = hr.mlp([1, 2, 1], "relu", bias=False)
    found = largest_family(hr.Problem(net, hr.Data([[1]], [[0]])).at([1, -1, 1, 0]))
    assert found is not None and found.dimension == 3
    assert found.reason == (
        "F does not depend on w1_2_1, w2_1_2 near θ; the rescaling of hidden units (T8)"
    )


def test_the_gauge_is_named() -> None:
    net = hr.mlp([2, 2, 2], "identity", bias=False)
    x = [[1, 0], [0, 1]]
    here = hr.Problem(net, hr.Data(x, [[0, 0]] * 2)).at([1, 0, 0, 1, 1, 0, 0, 1])
    found = largest_family(here)
    assert found is not None and found.dimension == 4
    assert found.reason == "the GL gauge of the hidden layers"


def test_what_is_not_in_the_kernel_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """F = x² at x = 1: moving x changes F, moving y and z does not."""
    zero, one = fmpq(0), fmpq(1)
    wrong, right = ((one, zero, zero),), ((zero, one, zero), (zero, zero, one))
    given = [("wrong", wrong), ("right", right)]
    monkeypatch.setattr(families, "straight_families", lambda *_: given)
    found = largest_family(at(["x**2"], "x y z", 1, 0, 0))
    assert found is not None and (found.tangents, found.reason) == (right, "right")


def test_no_directions_are_no_family() -> None:
    net = hr.mlp([1, 1, 1], "tanh", bias=False)
    here = hr.Problem(net, hr.Data([[1]], [[0]])).at([1, 2])
    assert families._null_spaces(here, steady=False) == [] == families._null_spaces(here, True)


def test_layers_move_together_unless_the_family_is_steady() -> None:
    """tanh [2, 2, 1] on one example: each of two units moves its weights along one direction, and
    the weights out of them along another."""
    net = hr.mlp([2, 2, 1], "tanh", bias=False)
    here = hr.Problem(net, hr.Data([[1, 2]], [[0]])).at([1, 2, 3, 1, 5, 7])
    both, steady = largest_family(here), largest_family(here, steady=True)
    assert both is not None and both.dimension == 2 * (2 - 1) + (2 - 1)
    assert steady is not None and steady.dimension == 2
    few = "activations span too few dimensions: {} directions (T6)"
    assert both.reason == few.format("2 into layer 1, 1 into layer 2")
    assert steady.reason == few.format("2 into layer 1")


def test_the_orbit_of_a_point() -> None:
    """Two units of relu, inputs on one line: each unit can be rescaled, and its weights move along
    (−2, 1). What is not rational is left out; a closed form has no layers."""
    net = hr.mlp([2, 2, 1], "relu", bias=False)
    problem = hr.Problem(net, hr.Data([[1, 2], [2, 4]], [[0], [0]]))
    here = problem.at([1, 2, 3, 1, 5, 7])
    found = [[int(c) for c in v] for v in orbit_directions(here)]
    J = sympy.Matrix([[5 * x, 10 * x, 7 * x, 14 * x, 5 * x, 5 * x] for x in (1, 2)])
    assert here.jacobian.to_sympy() == J  # z = (5x, 5x), v = (5, 7)
    assert len(found) == 4 == sympy.Matrix(found).rank()
    assert all(J * sympy.Matrix(v) == sympy.zeros(2, 1) for v in found)
    assert [1, 2, 0, 0, -5, 0] in found and [0, 0, 3, 1, 0, -7] in found
    assert len(orbit_directions(problem.at(["sqrt(2)", 2, 3, 1, 5, 7]))) == 3
    assert orbit_directions(at(["x*y"], "x y", 1, 1)) == ()


def test_directions_have_a_kind() -> None:
    net = hr.mlp([2, 2, 1], "relu", bias=False)
    here = hr.Problem(net, hr.Data([[1, 2]], [[0]])).at([1, 2, 1, 2, 5, 7])
    for find, kind in (
        (null_space_directions, "activation null space"),
        (scaling_directions, "rescaling"),
        (duplicate_directions, "duplicated units"),
    ):
        assert {d.kind for d in find(here)} == {kind}
    shifts = [f"weights of unit {i} of layer {l} along the null space of what enters"
              for l, i in ((1, 1), (1, 2), (2, 1))]  # fmt: skip
    assert [d.words for d in null_space_directions(here)] == shifts
    rescaled = [f"rescaling unit {i} of layer 1 (T8)" for i in (1, 2)]
    assert [d.words for d in scaling_directions(here)] == rescaled
    apart = {d.words for d in duplicate_directions(here)}
    assert apart == {"units 1 and 2 of layer 1 moving against each other"}


# --- level sets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two_points", "hyperbola", "wide_hyperbola", "circle", "line"])
def test_level_sets_have_the_parameters_of_their_equations(name: str) -> None:
    level = getattr(level_sets, name)()
    assert set(level.parameters) == free_symbols(*level.equations)
    assert level.point is None or set(level.point) == set(level.parameters)
    for certificate in level.certificates:
        if isinstance(certificate, Escape):
            assert set(certificate.curve) == set(level.parameters)
        if isinstance(certificate, Separation):
            assert {*certificate.positive} == {*certificate.negative} == {*level.parameters}


NAMES = ("a1", "a2", "b1", "b2")
A1, A2, B1, B2 = map(symbol, NAMES)
T, R = symbol("t"), ZERO + A1**2 + A2**2
DOT = (A1 * B1 + A2 * B2 - 1,)
RIGHT = Retraction(("a1", "a2"), {"b1": A1 / R, "b2": A2 / R})


@pytest.mark.parametrize(
    ("equations", "retraction", "truth"),
    [
        (DOT, RIGHT, Truth.TRUE),
        (DOT, Retraction(("a1", "a2"), {"b1": A1 / R, "b2": ZERO}), Truth.UNDECIDED),  # ends off
        (DOT, Retraction(("a1", "a2"), {"b1": 1 / A1, "b2": ZERO}), Truth.UNDECIDED),  # a pole
        # the base may vanish: 0·b = 0 holds there
        ((A1 * B1 + A2 * B2,), Retraction(("a1", "a2"), {"b1": ZERO, "b2": ZERO}), Truth.UNDECIDED),
        # lines leave the set
        (
            (A1 * B1**2 + A2 * B2**2 - 1,),
            Retraction(("a1", "a2"), {"b1": A1 / R, "b2": A2 / R}),
            Truth.UNDECIDED,
        ),
    ],
)
def test_each_part_of_a_retraction_counts(
    equations: tuple, retraction: Retraction, truth: Truth
) -> None:
    assert connected(LevelSet(equations, NAMES, (retraction,))).truth is truth


def test_certificates_are_passed_over_where_another_kind_is_asked() -> None:
    escape = Escape({"a1": T, "a2": ZERO, "b1": ONE / T, "b2": ZERO}, "a1")
    level = LevelSet(DOT, NAMES, (escape, RIGHT))
    assert connected(level).truth is unbounded(level).truth is Truth.TRUE
    assert unbounded(LevelSet(DOT, NAMES, (RIGHT,))).truth is Truth.UNDECIDED
    assert connected(LevelSet(DOT, NAMES, (escape,))).truth is Truth.UNDECIDED
    wrong = Escape({"a1": ONE, "a2": ZERO, "b1": ONE, "b2": T}, "a1")  # a1 stays
    assert unbounded(LevelSet(DOT, NAMES, (wrong,))).truth is Truth.UNDECIDED
    right = Escape({"a1": ONE, "a2": ZERO, "b1": ONE, "b2": T}, "b2")
    found = unbounded(LevelSet(DOT, NAMES, (right,)))
    assert found.truth is Truth.TRUE
    assert found.reason == "the curve a1 = 1, a2 = 0, b1 = 1, b2 = t, t → ∞, stays in the set"


def test_a_separation_names_its_points() -> None:
    x = symbol("x")
    level = LevelSet((x**2 - 1,), ("x",), (Separation(x, (number(-1),), x, {"x": 1}, {"x": -1}),))
    found = connected(level)
    assert found.truth is Truth.FALSE and "(x = 1)" in found.reason and "(x = -1)" in found.reason
    turned = Separation(x, (number(-1),), x, {"x": -1}, {"x": 1})
    assert connected(LevelSet((x**2 - 1,), ("x",), (turned,))).truth is Truth.UNDECIDED


def test_spheres_with_weights() -> None:
    """2(x² + y² − 1) and the difference of two spheres; an ellipse with a mixed term."""
    x, y = symbol("x"), symbol("y")
    ellipse = LevelSet((x**2 + x * y + y**2 - 1,), ("x", "y"), (Sphere((1,)),))
    two = (x**2 + 3 * y**2 - 1, y**2 - x**2)
    for weights, truth in (
        ((1, 0), Truth.FALSE),
        ((0, 1), Truth.UNDECIDED),
        ((1, 2), Truth.UNDECIDED),
    ):
        assert unbounded(LevelSet(two, ("x", "y"), (Sphere(weights),))).truth is truth
    assert unbounded(ellipse).truth is Truth.FALSE
    assert contains(ellipse, {"x": 1, "y": -1}).truth is Truth.TRUE


ZEROS = {  # network, inputs, point, dimension: which curves of equal behaviour there are
    "no first weight, no dependence on x": ((1, 1, 1, 1), "softplus", [-1, 2, 1], [0, 1, -1], 1),
    "nothing comes out": ((1, 1, 1, 1), "softplus", [1, 2, 1], [0, 2, 0], 2),
    "no outgoing weights of two": ((2, 1, 2), "tanh", [[-2, -1], [2, 1], [1, 2]], [1, 0, 0, 0], 2),
    "a dead unit beside a live one": ((1, 2, 1), "softplus", [-1, 2, 0], [1, 1, 0, 0], 2),
}


@pytest.mark.parametrize("name", ZEROS)
def test_some_parameters_stay_zero(name: str) -> None:
    widths, activation, inputs, point, dimension = ZEROS[name]
    x = [row if isinstance(row, list) else [row] for row in inputs]
    net = hr.mlp(list(widths), activation, bias=False)
    here = hr.Problem(net, hr.Data(x, [[0] * widths[-1]] * len(x))).at(point)
    found = fibre_dimension(here)
    assert int(found) == dimension, found
    shown = [(d, why) for d, why, _ in with_zeros_fixed(here)]
    assert max(shown)[0] == dimension


@pytest.mark.parametrize("seed", range(3))
def test_bounds_of_random_nets_do_not_cross(seed: int) -> None:
    """From below by manifolds, from above by forms on ker J; every tangent vector in ker J."""
    rng = random.Random(seed)
    decided = total = 0
    for _ in range(40):
        widths = rng.choice([[1, 1, 1], [1, 2, 1], [2, 2, 1], [1, 1, 1, 1], [2, 1, 2], [2, 2, 2]])
        activation = rng.choice(["identity", "square", "tanh", "softplus"])
        net = hr.mlp(widths, activation, bias=rng.random() < 0.4)
        x = [[rng.randint(-2, 2) for _ in range(widths[0])] for _ in range(rng.randint(1, 3))]
        point = [rng.choice([0, 0, 0, 1, 1, -1, 2]) for _ in net.parameters]
        here = hr.Problem(net, hr.Data(x, [[0] * widths[-1]] * len(x))).at(point)
        found = fibre_dimension(here)
        spec = (widths, activation, net.network.bias, x, point)
        assert 0 <= found.lower <= found.upper <= here.problem.N, spec
        J = here.jacobian.to_sympy()
        for _, why, tangents in with_zeros_fixed(here):
            for v in tangents:
                if all(isinstance(c, fmpq) for c in v):
                    image = J * sympy.Matrix([sympy.Rational(int(c.p), int(c.q)) for c in v])
                    assert all(abs(sympy.N(e, 30)) < 1e-20 for e in image), (spec, why)
        decided, total = decided + found.decided, total + 1
    assert decided > 0.9 * total
