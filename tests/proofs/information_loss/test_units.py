"""Hidden units by hand: dead ones, what lists them, what tells them apart, and networks rebuilt
from them; classes of activations that only balls part."""

from __future__ import annotations

from typing import Any

import pytest

import hessrank as hr
from hessrank.proofs.information_loss import account, cuts, units
from hessrank.proofs.information_loss import information as info
from hessrank.proofs.information_loss.account import information
from hessrank.proofs.information_loss.cuts import Classes
from hessrank.proofs.information_loss.information import dead_layer
from hessrank.proofs.information_loss.units import Unit
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.parsing import parse


def net(W1: Any, b1: Any, W2: Any, b2: Any, x: Any, activation: str = "relu") -> hr.Landscape:
    widths = [len(W1[0]), len(W1), len(W2)]
    model = hr.mlp(widths, activation)
    data = hr.Data(x, [[0] * len(W2)] * len(x))
    return hr.Problem(model, data).at({"W1": W1, "b1": b1, "W2": W2, "b2": b2})


X = [[1, 0], [0, 1], [-1, 2]]
# z = (x1 − 1/2, −x1 − x2 − 1/2, x2 − 3): unit 1 dead on 2 and 3, unit 2 on all, unit 3 on all
HERE = net([[1, 0], [-1, -1], [0, 1]], ["-1/2", "-1/2", -3], [[2, 3, 5], [1, 4, 6]], [7, 8], X)


def test_dead_units_have_zero_columns() -> None:
    assert units.dead_units(HERE) == ((1, 0, (1, 2)), (1, 1, (0, 1, 2)), (1, 2, (0, 1, 2)))
    found = units.dead_unit_columns(HERE)
    assert found.truth is Truth.TRUE and found.reason == (
        "dead, with zero derivatives in the incoming weights: unit 1 of layer 1 on 2 examples; "
        "unit 2 of layer 1 on 3 examples; unit 3 of layer 1 on 3 examples"
    )
    assert units.dead_layers(HERE) == ((1, (1, 2)),)
    alive = net([[1, 0]], [5], [[1]], [0], X)
    assert units.dead_unit_columns(alive).truth is Truth.UNDECIDED
    assert units.dead_units(alive) == () == units.dead_layers(alive)
    smooth = net([[1, 0]], [-5], [[1]], [0], X, "tanh")
    assert units.dead_units(smooth) == ()
    below = net([[1, 0]], [5], [[-1]], [0], X)  # outputs −6, −5, −4: no unit is dead
    assert units.dead_units(below) == ()


def test_a_derivative_that_is_not_zero_speaks_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken for dead on example 1, where unit 1 is alive."""
    monkeypatch.setattr(units, "dead_units", lambda here: ((1, 0, (0,)),))
    found = units.dead_unit_columns(HERE)
    assert found.truth is Truth.FALSE and found.reason == (
        "unit 1 of layer 1 is dead on example 1, "
        "and yet a derivative in its incoming weights is not zero"
    )


def test_rows_of_a_dead_layer_are_equal_and_zero_before_it() -> None:
    (cut,) = cuts.cuts(HERE)
    dead = dead_layer(cut, (1, 2))
    assert dead.truth is Truth.TRUE and dead.reason == (
        "hidden layer 1 is dead on examples 2, 3: their rows of J are equal, and zero before it"
    )
    alive = dead_layer(cut, (0, 1))
    assert alive.truth is Truth.FALSE and alive.reason == "rows 1, 2 of J"
    # equal and not zero before the layer: one example twice; zero and not equal: v = 0
    (twice,) = cuts.cuts(net([[1, 0]], [1], [[1]], [0], [[1, 2], [1, 2]]))
    (idle,) = cuts.cuts(net([[1, 0]], [1], [[0]], [0], [[1, 2], [2, 2]]))
    for cut in (twice, idle):
        assert dead_layer(cut, (0, 1)).truth is Truth.FALSE


def test_the_units_of_a_network_and_their_names() -> None:
    first, second, third = units.units(HERE)
    assert [[str(v) for v in u.weights] for u in (first, second, third)] == [
        ["1", "0", "-1/2", "2", "1"],
        ["-1", "-1", "-1/2", "3", "4"],
        ["0", "1", "-3", "5", "6"],
    ]
    assert len(first.incoming) == 3 and len(first.outgoing) == 2
    assert units.names_of_units(HERE) == [
        [f"w1_{i}_1", f"w1_{i}_2", f"b1_{i}", f"w2_1_{i}", f"w2_2_{i}"] for i in (1, 2, 3)
    ]
    assert units.names_of_units(net([[1]], [2], [[3]], [4], [[1]])) == [
        ["w1_1_1", "b1_1", "w2_1_1"]
    ]
    assert [str(v) for v in first.flipped.weights] == ["-1", "0", "1/2", "-2", "-1"]
    assert Unit((0,), (0,)).is_zero and not first.is_zero and not Unit((0,), (1,)).is_zero
    deep = hr.mlp([1, 1, 1, 1], "tanh")
    fixed = hr.mlp([1, 1, 1], "tanh", fixed={"b2_1": 0})
    form = hr.Model.from_expressions(["u*x"], ["u"], ["x"])
    for model in (deep, fixed, form):
        here = hr.Problem(model, hr.Data([[1]], [[0]])).at([1] * len(model.parameters))
        with pytest.raises(InputError, match="networks of one hidden layer, nothing fixed"):
            units.units(here)


def test_networks_with_other_units() -> None:
    """Permuted, F and the output biases stay; with all units flipped a tanh net keeps F, too."""
    first, second, third = units.units(HERE)
    turned = units.with_units(HERE, (third, first, second))
    F = [str(v) for v in HERE.outputs]
    assert [str(v) for v in turned.outputs] == F
    assert [u.weights for u in units.units(turned)] == [u.weights for u in (third, first, second)]
    names = [n for n, _ in HERE.values]
    assert [str(turned.point[n]) for n in names[-2:]] == ["7", "8"]
    assert str(turned.point["w1_1_2"]) == "1" and str(turned.point["w2_2_1"]) == "6"
    one_sided = HERE.problem.at(HERE.point, "left")
    assert units.with_units(one_sided, (third, first, second)).side == one_sided.side != 0


@pytest.mark.parametrize(
    ("weights", "apart"),
    [
        (["1/2", "1/3"], True),
        (["1/2", "1/2"], True),  # equal: nothing to tell apart
        (["1/2", "-1/2"], True),
        ([0, "1/3"], True),
    ],
)
def test_units_of_rational_weights_are_told_apart(weights: list[Any], apart: bool) -> None:
    here = net([[w] for w in weights], [0, 0], [weights], [0], [[1]], "tanh")
    assert units.told_apart(here) is apart


def test_units_that_differ_by_what_is_not_known_are_not_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = net([[1], [2]], [0, 0], [[1, 1]], [0], [[1]], "tanh")
    same = net([[1], [1]], [0, 0], [[1, 1]], [0], [[1]], "tanh")
    zero = net([[0], [0]], [0, 0], [[0, 0]], [0], [[1]], "tanh")
    asked: list[str] = []

    def unknown(field: Any, value: Any) -> bool:
        asked.append(str(value))
        return False

    assert units.told_apart(here)
    monkeypatch.setattr(units, "differs", unknown)
    assert not units.told_apart(here) and not units.told_apart(same)  # same, and its opposite
    assert units.told_apart(zero) and "2" in asked

    def only_opposite(field: Any, value: Any) -> bool:
        return bool(value == 2 or value == 4)  # v − (−v) for v = 1, 2

    monkeypatch.setattr(units, "differs", only_opposite)
    assert units.told_apart(same) and not units.told_apart(here)


# --- what an account asks for --------------------------------------------------------------------


def test_a_layer_named_by_its_activations() -> None:
    model = hr.Model.from_expressions(["v*tanh(w*x) + s*tanh(t*x)"], "v w s t", "x")
    here = hr.Problem(model, hr.Data([[1], [1], [2]], [0, 0, 0])).at([1, 0, 1, 1])
    for layer, name, p in (("tanh(w*x)", "tanh(w*x)", 1),
                           (["tanh(w*x)", "tanh(t*x)"], "tanh(w*x), tanh(t*x)", 2)):  # fmt: skip
        (found,) = information(here, layer=layer).layers
        assert (found.name, found.p) == (name, p)
    assert "name a layer by its activations" in information(here).why["layers"]
    for bad in ("tanh(", "tanh(v*x)", "tanh(z)"):
        with pytest.raises(InputError) as error:
            cuts.cut_through(here, [bad])
        assert error.value.key == "hidden"


def test_the_rank_off_the_data_has_its_reason_and_bounds() -> None:
    """F = u x1 + v x2: one example, two further ones of which one adds to the rank."""
    model = hr.Model.from_expressions(["u*x1 + v*x2"], "u v", "x1 x2")
    here = hr.Problem(model, hr.Data([[1, 1]], [0])).at([1, 2])
    found = information(here, test=[[2, 2], [1, 0]]).off_data
    assert found is not None and (found.lower, found.upper) == (1, 1)
    assert found.reason == "rank [J_train; J_test] = 2, rank J_train = 1"
    assert found.inputs == (("2", "2"), ("1", "0"))
    same = information(here, test=[[3, 3]]).off_data
    assert same is not None and (same.lower, same.upper) == (0, 0)
    two = hr.Model.from_expressions(["u*x", "v*x"], "u v", "x")  # J_train = 0, J_test = I
    off = information(hr.Problem(two, hr.Data([[0]], [[0, 0]])).at([1, 2]), test=[[1]]).off_data
    assert off is not None and (off.lower, off.upper) == (2, 2)


def test_each_part_that_fails_has_its_own_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(name: str) -> Any:
        def part(*_: Any) -> Any:
            raise InputError(f"no {name}")

        return part

    for name in ("_layers", "_dead", "_spectrum", "exponent", "_off_data"):
        monkeypatch.setattr(account, name, fails(name))
    found = information(HERE, test=[[1, 1]])
    assert found.why == {
        "gauss_newton": "no _spectrum",
        "layers": "no _layers",
        "units": "no _dead",
        "hessian": "no _spectrum",
        "learning_coefficient": "no exponent",
        "off_data": "no _off_data",
    }
    assert found.layers == () and found.dead is None and found.hessian is None


def test_balls_tell_numbers_apart() -> None:
    one, same, other, opposite = (
        parse(t, set()) for t in ("tanh(1)", "tanh(2/2)", "tanh(1) + 10**(-60)", "-tanh(1)")
    )
    assert cuts._apart(one, other, 0) and cuts._apart(one, opposite, 0)
    assert not cuts._apart(one, same, 0)
    assert not cuts._apart(parse("exp(1)*exp(2)", set()), parse("exp(3)", set()), 0)


def test_examples_that_are_not_separated_keep_their_groups() -> None:
    rows = [(1,), (2,), (1,), (3,), (2,)]
    known = cuts._sorted(rows, lambda a, b: a != b)
    assert known.groups == ((0, 2), (1, 4), (3,)) and known.count == 3 and known.largest == (0, 2)
    assert known.separated.truth is Truth.TRUE
    assert known.separated.reason == "3 distinct activation vectors on 5 examples"
    open_ = cuts._sorted(rows, lambda a, b: {a, b} != {(2,), (3,)})
    assert open_.groups == known.groups and open_.separated.truth is Truth.UNDECIDED
    assert open_.separated.reason == "the activations of examples 2 and 4 are not separated"
    assert cuts._sorted([], lambda a, b: False).largest == ()


# --- what is said of a cut -----------------------------------------------------------------------


def test_merged_examples_are_named() -> None:
    """relu(x − 1) is 0 on examples 1, 2 and 4."""
    (cut,) = cuts.cuts(net([[1]], [-1], [[2]], [0], [[-1], [0], [3], ["1/2"]]))
    assert cut.classes.groups == ((0, 1, 3), (2,))
    found = info.merged(cut)
    assert found.truth is Truth.TRUE
    assert found.reason == "examples 1, 2, 4 have equal activations at hidden layer 1"
    assert info.merged(cut, 3).truth is Truth.TRUE and info.merged(cut, 4).truth is Truth.FALSE


def test_what_the_count_says() -> None:
    """relu of w·x − 1 is 0 on two examples: p = 2 with the bias, and k − 1 = 1."""
    for W2, shown in (([[2]], "p = 2, k = 2"), ([[2], [1]], "p = 2, k = 2, K = 2")):
        (cut,) = cuts.cuts(net([[1]], [-1], W2, [0] * len(W2), [[-1], [0], [3]]))
        found = info.forced_by_count(cut)
        assert (found.truth, found.reason) == (Truth.FALSE, shown)
        open_ = Classes(cut.classes.groups, Fact(Truth.UNDECIDED, "not separated"))
        assert info.forced_by_count(cut, open_).truth is Truth.UNDECIDED  # k may be 3


def test_classes_that_may_fall_together_deny_no_manifold() -> None:
    """f = v·relu(w·x), v alone after the layer: ∂g/∂v on two classes has two rows and one column.
    Were the two classes one, a single row would do."""
    here = hr.Problem(hr.mlp([1, 1, 1], "relu", bias=False), hr.Data([[1], [2]], [[0], [0]])).at(
        [1, 1]
    )
    (cut,) = cuts.cuts(here)
    found = info.fibre_manifold(cut)
    assert found.truth is Truth.FALSE
    assert found.reason == "∂g/∂θ_> on the 2 classes has rank 1 of 2"
    open_ = Classes(cut.classes.groups, Fact(Truth.UNDECIDED, "not separated"))
    assert info.fibre_manifold(cut, open_).truth is Truth.UNDECIDED
    one = Classes(((0, 1),), Fact(Truth.UNDECIDED, "not separated"))
    assert info.fibre_manifold(cut, one).truth is Truth.TRUE


def test_a_bound_below_the_rank_is_not_attained() -> None:
    rank = HERE.rank("jacobian")
    r = int(rank)
    expected = {r - 1: Truth.UNDECIDED, r: Truth.TRUE, r + 1: Truth.FALSE}
    assert {b: info.sharp(b, rank).truth for b in expected} == expected


def test_classes_by_closed_forms_are_those_by_numbers() -> None:
    """v·tanh(w·x) + s·x + t·z: equal activations at w = 0; x and z part what arrives."""
    model = hr.Model.from_expressions(["v*tanh(w*x) + s*x + t*z"], "v w s t", "x z")
    x = [[1, 1], [2, 1], [1, 1], [2, 3]]
    here = hr.Problem(model, hr.Data(x, [0] * 4)).at([1, 0, 3, 1])
    cut = cuts.cut_through(here, ["tanh(w*x)"])
    assert cut.name == "the layer" and cut.around == ("x", "z")
    for around, known, groups in (
        ((), cut.classes, ((0, 1, 2, 3),)),
        (cut.around, cut.arrivals, ((0, 2), (1,), (3,))),
    ):
        found = cuts._classes_of_forms(cut, around)
        assert found == known and found.groups == groups


@pytest.mark.parametrize(("side", "apart"), [("left", Truth.TRUE), ("right", Truth.UNDECIDED)])
def test_closed_forms_at_a_jump_have_the_value_of_the_side(side: str, apart: Truth) -> None:
    """step(w·x − 1) at w = 1: on x = 1 it is 0 from the left and 1 from the right, on x = 3 it is
    1; balls part 0 from 1, and equal numbers never."""
    model = hr.Model.from_expressions(["v*step(w*x - 1)"], "v w", "x")
    here = hr.Problem(model, hr.Data([[1], [3], [1]], [0] * 3)).at([1, 1], side)
    found = cuts._classes_of_forms(cuts.cut_through(here, ["step(w*x - 1)"]))
    assert found.groups == ((0, 2), (1,)) and found.separated.truth is apart
