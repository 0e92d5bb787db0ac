"""Finite symmetries: what a signed permutation does to a network against a forward pass in
fractions, which ones carry the data into themselves by trying all, and the sets they fix."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations, product
from math import factorial, prod
from typing import Any

import pytest

from hessrank.proofs.minima import symmetric_set as module
from hessrank.proofs.minima.symmetric_set import (
    _acting,
    _after,
    _fixed_space,
    _keeps_data,
    _moved,
    _of_forms,
    _of_network,
    _signed,
    _times,
    critical_set,
    fixing,
)
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.expression import number
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem


def at(outputs: str | list[str], point: dict[str, object], **more: Any) -> Landscape:
    model = Model.from_expressions(outputs, list(point))
    loss = more.pop("loss", "o")
    y = more.pop("y", [0] * model.output_count)
    return Problem(model, Data([[]], [y]), loss, **more).at(point)


def forward(widths: Sequence[int], theta: Sequence[Fraction], x: Sequence[Fraction], bias: bool):
    """A net with σ(z) = z³: layers in order, weights row by row, then biases."""
    rest, a = list(theta), list(x)
    for l, n in enumerate(widths[1:]):
        rows = [[rest.pop(0) for _ in a] for _ in range(n)]
        shift = [rest.pop(0) if bias else Fraction(0) for _ in range(n)]
        z = [sum(p * q for p, q in zip(r, a, strict=True)) + b for r, b in zip(rows, shift)]  # noqa: B905
        a = z if l == len(widths) - 2 else [v**3 for v in z]
    return a


def act(g, theta):
    """(gθ)_i = sign_i·θ_source."""
    return [sign * theta[s] for s, sign in g]


def carry(signed, v):
    out = list(v)
    for value, (target, sign) in zip(v, signed, strict=True):
        out[target] = sign * value
    return out


def draw(rng: random.Random, n: int, flips: bool):
    order = rng.sample(range(n), n)
    return tuple((k, rng.choice([1, -1]) if flips else 1) for k in order)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("widths", [(2, 3), (3, 2, 2), (2, 2, 3, 1), (1, 1, 2)])
def test_what_symmetries_do_to_the_parameters(widths: tuple[int, ...], bias: bool) -> None:
    """F(Px; gθ) = Q F(x; θ), for an odd σ with signs in each layer."""
    net = mlp(widths, "cube", bias=bias)
    rng = random.Random(str((widths, bias)))
    for _ in range(6):
        layers = [draw(rng, n, True) for n in widths[:-1]] + [draw(rng, widths[-1], False)]
        g = _acting(net.network, layers)
        theta = [Fraction(rng.randint(-5, 5), rng.randint(1, 3)) for _ in net.parameters]
        x = [Fraction(rng.randint(-4, 4)) for _ in range(widths[0])]
        moved = forward(widths, act(g, theta), carry(layers[0], x), bias)
        assert moved == carry(layers[-1], forward(widths, theta, x, bias))
        assert sorted(s for s, _ in g) == list(range(len(theta)))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_all_signed_permutations_are_listed_once(n: int) -> None:
    for flips, size in ((False, factorial(n)), (True, factorial(n) * 2**n)):
        found = list(_signed(n, flips))
        assert len(found) == len(set(found)) == size
        for g in found:
            assert sorted(k for k, _ in g) == list(range(n))
            assert {s for _, s in g} <= ({1, -1} if flips else {1})


def test_moving_a_row() -> None:
    row = [number(v) for v in (1, 2, 3)]
    signed = ((2, 1), (0, -1), (1, 1))
    assert [str(v) for v in _moved(row, signed)] == ["-2", "3", "1"]
    assert [str(v) for v in row] == ["1", "2", "3"]
    assert str(_times(1, number(5))) == "5" and str(_times(-1, number(5))) == "-5"


@pytest.mark.parametrize("seed", range(10))
def test_one_after_the_other(seed: int) -> None:
    """(a after b)θ = a(bθ)."""
    rng = random.Random(seed)
    n = rng.randint(1, 4)
    a, b = draw(rng, n, True), draw(rng, n, True)
    theta = list(range(1, n + 1))
    assert act(_after(a, b), theta) == act(a, act(b, theta))


DATA: list[tuple[list[list[object]], list[list[object]]]] = [
    ([[1, 0], [0, 1]], [[1, 2], [2, 1]]),
    ([[1, 0], [0, 1]], [[1, 2], [1, 2]]),
    ([[1, 2], [1, 2], [-1, -2]], [[0, 0], [0, 0], [0, 0]]),
    ([[1, 2], [-1, -2]], [[1, 0], [0, 1]]),
    ([[1, -1], [-1, 1]], [[3, 3], [3, 3]]),
    ([["log(2)", 0], [0, "log(2)"]], [["sqrt(2)", 1], [1, "sqrt(2)"]]),
]


@pytest.mark.parametrize(("x", "y"), DATA)
def test_which_moves_keep_the_data(x: list[list[object]], y: list[list[object]]) -> None:
    """By trying all, as multisets of pairs of texts."""
    problem = Problem(mlp([2, 1, 2], "tanh"), Data(x, y), "half-squared")
    rows = [
        tuple([str(v) for v in a] + [str(v) for v in b])
        for a, b in zip(problem.data.x, problem.data.y, strict=True)
    ]
    kept = 0
    for first in _signed(2, True):
        for last in _signed(2, False):
            moved = []
            for a, b in zip(problem.data.x, problem.data.y, strict=True):
                new: list[Any] = [None] * 4
                for v, (k, s) in zip(a, first, strict=True):
                    new[k] = str(v if s > 0 else -v)
                for v, (k, _) in zip(b, last, strict=True):
                    new[2 + k] = str(v)
                moved.append(tuple(new))
            want = sorted(moved) == sorted(rows)
            assert _keeps_data(problem, first, last) is want
            kept += want
    assert kept
    # all of them, together with the signs of the unit, are what is tried
    assert len(list(_of_network(problem, problem.model.network))) == kept * 2


def test_outputs_of_a_loss_that_is_an_expression_stay_in_place() -> None:
    data = Data([[1, 0], [0, 1]], [[1, 2], [2, 1]])
    swap, keep = ((1, 1), (0, 1)), ((0, 1), (1, 1))
    named = Problem(mlp([2, 1, 2], "tanh"), data, "half-squared")
    written = Problem(mlp([2, 1, 2], "tanh"), data, "o1**2 + 3*o2**4")
    assert _keeps_data(named, swap, swap) and not _keeps_data(written, swap, swap)
    assert _keeps_data(written, keep, keep) and not _keeps_data(named, swap, keep)


@pytest.mark.parametrize(
    ("widths", "activation", "units"),
    [
        ([1, 2, 1], "tanh", 2 * 4),
        ([1, 2, 1], "softplus", 2),
        ([1, 2, 3, 1], "sin", 8 * 48),
        ([1, 2, 3, 1], "sigmoid", 12),
    ],
)
def test_units_change_places_and_signs_where_the_activation_is_odd(
    widths: list[int], activation: str, units: int
) -> None:
    problem = Problem(mlp(widths, activation), Data([[2]], [[1]]), "half-squared")
    found = list(_of_network(problem, problem.model.network))
    assert len(found) == len(set(found)) == units


def test_how_large_a_group_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """[2, 2, 3] tanh: 2!·2² of the inputs, 2!·2² of the units, 3! of the outputs."""
    problem = Problem(mlp([2, 2, 3], "tanh"), Data([[0, 0]], [[1, 1, 1]]), "half-squared")
    size = prod((2 * 4, 2 * 4, 6))
    count = len(list(_of_network(problem, problem.model.network)))
    assert count == size
    for most, some in ((-(-size // 40), True), ((size - 1) // 40, False)):
        monkeypatch.setattr(module, "MAX_GROUP", most)
        assert bool(list(_of_network(problem, problem.model.network))) is some
    plain = Problem(mlp([2, 2, 3], "softplus"), Data([[0, 0]], [[1, 1, 1]]), "half-squared")
    size = prod((2 * 4, 2, 6))
    for most, some in ((-(-size // 40), True), ((size - 1) // 40, False)):
        monkeypatch.setattr(module, "MAX_GROUP", most)
        assert bool(list(_of_network(plain, plain.model.network))) is some


# --- closed forms --------------------------------------------------------------------------------


def polynomial(form: str, values: Sequence[int]) -> Fraction:
    names = dict(zip("xyz", map(Fraction, values), strict=False))
    return Fraction(eval(compile(form, "form", "eval"), {"__builtins__": {}}, names))


FORMS: list[tuple[str, tuple[int, ...]]] = [
    ("x**2 + y**2", (0, 0)),
    ("x**2 + y**2", (1, 1)),
    ("x**2 + y**2", (1, -1)),
    ("x**2 + y**2", (2, 0)),
    ("x**2*y", (0, 5)),
    ("x*y*z", (1, 1, 1)),
    ("x*y*z", (0, 0, 3)),
    ("x*y + y*z + z*x", (1, -1, 1)),
    ("x**2 + y**3 + z**4", (0, 0, 0)),
    ("(x - y)**2 + z", (2, 2, 2)),
    ("(x + y)**3 + z**2", (1, 1, 0)),
    ("x*y**3", (0, 0)),
]


@pytest.mark.parametrize(("form", "point"), FORMS)
def test_symmetries_of_closed_forms_against_all_signed_permutations(
    form: str, point: tuple[int, ...]
) -> None:
    """What is found fixes θ and L (at integral points, more than the degrees need); everything of
    one or two elementary changes that does is found."""
    n = len(point)
    here = at(form, dict(zip("xyz", point, strict=False)))
    found = set(fixing(here))
    grid = list(product((-2, -1, 0, 1, 3), repeat=n))
    identity = tuple((i, 1) for i in range(n))
    every = set()
    for order in permutations(range(n)):
        for signs in product((1, -1), repeat=n):
            g = tuple(zip(order, signs, strict=True))
            fixes = act(g, point) == list(point)
            same = all(polynomial(form, act(g, v)) == polynomial(form, v) for v in grid)
            if fixes and same and g != identity:
                every.add(g)
    elementary = {g for g in _elementary(n) if act(g, point) == list(point)}
    short = elementary | {_after(a, b) for a in elementary for b in elementary}
    assert every & elementary <= found <= every & short
    assert len(found) == len(fixing(here))
    if n == 2:
        assert found == every & short


def _elementary(n: int):
    identity = [(i, 1) for i in range(n)]
    for i in range(n):
        yield tuple((k, -1) if k == i else (k, 1) for k in range(n))
        for j in range(i):
            for sign in (1, -1):
                g = list(identity)
                g[i], g[j] = (j, sign), (i, sign)
                yield tuple(g)


def test_up_to_how_many_parameters_closed_forms_are_examined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = at("x**2 + y**2", {"x": 0, "y": 0})
    theta = [v for _, v in here.values]
    for most, some in ((2, True), (1, False)):
        monkeypatch.setattr(module, "MAX_PARAMETERS", most)
        assert bool(list(_of_forms(here, theta))) is some


def test_how_many_candidates_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    here = at("x**2 + y**2", {"x": 0, "y": 0})
    whole = len(fixing(here))
    assert whole == 7  # the dihedral group of order 8
    monkeypatch.setattr(module, "MAX_GROUP", 1)
    assert len(fixing(here)) == 1


# --- symmetries that fix a point -----------------------------------------------------------------


def loss_of(widths, theta, x, y, bias):
    total = Fraction(0)
    for a, b in zip(x, y, strict=True):
        F = forward(widths, theta, [Fraction(v) for v in a], bias)
        total += sum((o - t) ** 2 for o, t in zip(F, b, strict=True))
    return total


@pytest.mark.parametrize("bias", [False, True])
def test_symmetries_of_a_network_that_fix_the_point(bias: bool) -> None:
    """[2, 2, 1] cube, x = (1, 0), (0, 1), y = 1, 1: L(gθ) = L(θ) at any θ, and gθ = θ at W_1 all 1.
    The exchanges of the inputs, of the units, and both; no sign, for no entry of W_1 is 0."""
    widths, x, y = (2, 2, 1), [[1, 0], [0, 1]], [[1], [1]]
    net = mlp(widths, "cube", bias=bias)
    point = {n: 1 if n.startswith("w") else 0 for n in net.parameters}
    found = fixing(Problem(net, Data(x, y), "half-squared").at(point))
    assert len(found) == 3
    rng = random.Random(1)
    for g in found:
        assert act(g, list(point.values())) == list(point.values())
        theta = [Fraction(rng.randint(-3, 3)) for _ in net.parameters]
        assert loss_of(widths, act(g, theta), x, y, bias) == loss_of(widths, theta, x, y, bias)
    skew = point | {"w1_1_1": 2}
    assert fixing(Problem(net, Data(x, y), "half-squared").at(skew)) == []
    zero = dict.fromkeys(net.parameters, 0)
    assert len(fixing(Problem(net, Data(x, y), "half-squared").at(zero))) == 2 * 8 - 1


def test_fixed_parameters_stay_where_they_are() -> None:
    """With w1_1_1 held at 1 the units cannot be exchanged, nor the inputs."""
    x, y = [[1, 0], [0, 1]], [[1], [1]]
    free = mlp([2, 2, 1], "cube", bias=False)
    point = dict.fromkeys(free.parameters, 1)
    assert len(fixing(Problem(free, Data(x, y), "half-squared").at(point))) == 3
    held = mlp([2, 2, 1], "cube", bias=False, fixed={"w1_1_1": 1})
    left = dict.fromkeys(held.parameters, 1)
    assert fixing(Problem(held, Data(x, y), "half-squared").at(left)) == []
    both = mlp([2, 2, 1], "cube", bias=False, fixed=dict.fromkeys(free.parameters[:4], 1))
    left = dict.fromkeys(both.parameters, 1)
    assert len(fixing(Problem(both, Data(x, y), "half-squared").at(left))) == 3


# --- fixed spaces and critical sets --------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "space"),
    [
        ([((0, 1), (1, 1))], [1, 2]),
        ([((1, 1), (0, 1))], [1, 1]),
        ([((1, -1), (0, -1))], [1, -1]),
        ([((0, -1), (1, 1))], [0, 2]),
        ([((1, 1), (0, 1)), ((0, -1), (1, 1))], [0, 0]),
        ([((1, 1), (0, 1)), ((1, -1), (0, -1))], [0, 0]),
        ([((1, 1), (0, 1), (2, 1)), ((0, 1), (2, -1), (1, -1))], [1, 1, -1]),
        ([((1, 1), (2, 1), (0, 1))], [1, 1, 1]),
        ([((1, -1), (2, -1), (0, -1))], [0, 0, 0]),
        ([((0, 1), (2, -1), (1, -1)), ((1, 1), (0, 1), (2, 1))], [1, 1, -1]),
        ([((0, 1), (1, 1), (2, 1), (3, -1)), ((3, 1), (1, 1), (2, 1), (0, 1))], [0, 2, 3, 0]),
    ],
)
def test_fixed_spaces_by_hand(group, space: list[int]) -> None:
    assert _fixed_space(group, len(space)) == space


SWAPPED = {"x": 1, "y": 1, "z": 2}


def test_critical_sets_of_closed_forms() -> None:
    """F = (x + y)z: exchanging x and y fixes (1, 1, 2); on x = y, F = 2xz has rank 1 of 2."""
    here = at("x*z + y*z", SWAPPED, loss="half-squared", y=[4])
    for least in (0, 1):
        found = critical_set(here, least)
        assert found is not None and found[0] == 1
        assert "dimension 2, of a finite symmetry" in found[1]
        assert "manifold of dimension 1" in found[1]
    assert critical_set(here, 2) is None
    assert critical_set(at("x*z + y*z", SWAPPED | {"y": 2}, loss="half-squared"), 0) is None


def test_what_has_no_critical_set_by_symmetry() -> None:
    """A regulariser, or a loss of all examples together, is no function of the behaviour."""
    args: dict[str, Any] = {"loss": "half-squared", "y": [4]}
    assert critical_set(at("x*z + y*z", SWAPPED, regulariser="l2", **args), 1) is None
    model = Model.from_expressions("x*z + y*z", list(SWAPPED))
    table = Loss.weighted([[1]])
    weighted = Problem(model, Data([[]], [[4]]), table).at(SWAPPED)
    assert critical_set(weighted, 1) is None


def test_how_many_fixed_spaces_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each symmetry by itself, then all together."""
    here = at("x*z + y*z", SWAPPED, loss="half-squared", y=[4])
    monkeypatch.setattr(module, "MAX_SPACES", 0)
    assert critical_set(here, 1) is None
    monkeypatch.setattr(module, "MAX_SPACES", 1)
    assert critical_set(here, 1) is not None


def test_a_space_that_is_not_decided_does_not_end_the_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = at("x*z + y*z", SWAPPED, loss="half-squared", y=[4])
    identity, swap = ((0, 1), (1, 1), (2, 1)), ((1, 1), (0, 1), (2, 1))
    level_set = module._level_set

    def asked(landscape: Landscape, space: list[int]) -> int | None:
        if space == [1, 2, 3]:
            raise UndecidedError("not decided")
        return level_set(landscape, space)

    monkeypatch.setattr(module, "_level_set", asked)
    monkeypatch.setattr(module, "fixing", lambda _: [identity, swap])
    found = critical_set(here, 1)
    assert found is not None and found[0] == 1


def test_only_the_first_symmetries_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """F = (x, (y + z)w) at (0, 1, 1, 2): the symmetries of L are x → −x, y ↔ z and both. The first
    leaves F = (0, (y + z)w), of rank 1 on three parameters; the second (x, 2yw), of rank 2 on
    three; both (0, 2yw), of rank 1 on two. So the dimensions are 2, 1 and 1."""
    here = at(["x", "y*w + z*w"], {"x": 0, "y": 1, "z": 1, "w": 2}, loss="half-squared", y=[0, 4])
    theta = [v for _, v in here.values]
    flip, swap = ((0, -1), (1, 1), (2, 1), (3, 1)), ((0, 1), (2, 1), (1, 1), (3, 1))
    assert list(_of_forms(here, theta)) == [flip, swap, _after(flip, swap)]
    monkeypatch.setattr(module, "fixing", lambda _: [swap, swap, flip])
    for most, reached in ((1, False), (2, False), (3, True)):
        monkeypatch.setattr(module, "MAX_SPACES", most)
        assert (critical_set(here, 2) is not None) is reached


@pytest.mark.parametrize("least", [6, 7])
def test_the_critical_set_of_yun_sra_and_jadbabaie(least: int) -> None:
    """[2, 2, 1] tanh: both exchanges fix W_1 all equal: (a, b_1, c, b_2) with W_1 = a, two equal
    outgoing weights; F takes 2 values there. One exchange alone leaves more."""
    net = mlp([2, 2, 1], "tanh")
    point = {n: "log(2)/2" if n.startswith("w1") else 0 for n in net.parameters}
    point |= {"w2_1_1": -1, "w2_1_2": -1, "b2_1": 1}
    here = Problem(net, Data([[1, 0], [0, 1], ["1/2", "1/2"]], [0, 0, 1])).at(point)
    found = critical_set(here, least)
    if least == 7:
        assert found is None
    else:
        assert found is not None and found[0] == 6
