"""The order of examples, counted by hand, and the small problems that are tried in it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import hessrank as hr
from hessrank.proofs.reasoning import search
from hessrank.proofs.reasoning.order import height, heights, landscape_in, smallness
from hessrank.proofs.reasoning.search import small_problems
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.models import activations, losses
from hessrank.symbolic.models.losses import Loss


def test_heights_are_summed_over_all_numbers_of_a_value() -> None:
    @dataclass
    class Pair:
        a: Any
        b: Any

    assert [height(v) for v in (0, -5, Fraction(2, -9), Fraction(9, 2))] == [1, 5, 9, 9]
    assert heights([1, [Fraction(1, 3), (2,)], {7}]) == 1 + 3 + 2 + 7
    assert heights(Pair(4, [Pair(-6, "99")])) == 10
    # a truth is no number, nor is text, nor what a dictionary holds, nor a class
    assert heights([True, False, None, "12", b"12", {3: 4}, Pair, 2.5]) == 0
    # of a closed form its numeric leaves: 3 and 1/2
    assert heights(parse("3*u + tanh(u)/2", {"u"})) == 3 + 2
    assert heights(range(4)) == 1 + 1 + 2 + 3


def landscape(loss: Any = "half-squared", activation: str = "tanh", **theta: Any) -> Any:
    net = hr.mlp([1, 1, 1], activation, bias=False)
    data = hr.Data([[2], [1]], [[0], ["1/3"]])
    return hr.Problem(net, data, loss).at({"w1_1_1": "1/2", "w2_1_1": 4} | theta)


def test_how_small_a_landscape_is() -> None:
    """N = 2, M = 2, D = 2; heights 2 + 1 + 1 + 3 of the data, 2 + 4 of the point."""
    here = landscape()
    places = losses.NAMES.index("half-squared"), activations.NAMES.index("tanh")
    assert smallness(here) == (2, 2, 2, 13, *places)
    assert smallness(landscape(w2_1_1=-7)) == (2, 2, 2, 16, *places)
    other = smallness(landscape("log-cosh", "sigmoid"))
    assert other[4:] == (losses.NAMES.index("log-cosh"), activations.NAMES.index("sigmoid"))
    weighted = smallness(landscape(Loss.weighted([[2, 1], [1, 3]])))
    assert weighted[3] == 13 + 2 + 1 + 1 + 3
    own = smallness(landscape("(o1 - y1)**2"))
    assert own[4] == len(losses.NAMES)  # what is not in the documentation comes after it
    fixed = hr.mlp([1, 1, 1], "tanh", bias=False, fixed={"w2_1_1": 9})
    part = hr.Problem(fixed, hr.Data([[2]], [[0]])).at({"w1_1_1": 1})
    assert smallness(part) == (1, 1, 1, 2 + 1 + 1 + 9, *places)
    form = hr.Model.from_expressions(["u"], ["u"])
    bare = hr.Problem(form, hr.Data([[]], [[0]])).at({"u": 3})
    assert smallness(bare) == (1, 1, 1, 1 + 3, places[0], 0)


def test_subjects_that_hold_a_landscape_are_as_large_as_it() -> None:
    @dataclass
    class Cut:
        here: Any

    @dataclass
    class Split:
        train: Any

    here = landscape()
    for subject in (here, Cut(here), Split(here)):
        assert landscape_in(subject) is here and smallness(subject) == smallness(here)
    assert landscape_in(Cut(3)) is None and smallness(Cut(-3)) == (0, 0, 0, 3, 0, 0)


# --- small problems ------------------------------------------------------------------------------


def test_small_problems_are_all_of_a_grid() -> None:
    """Models × losses × two labels × points."""
    found = small_problems()
    every = sum(
        len(search.LOSSES[len(outputs)]) * 2 * (3 if len(names.split()) == 1 else 4)
        for outputs, names in search.MODELS
    )
    assert len(found) == every
    assert [i.id for i in small_problems(5)] == [i.id for i in found[:5]]
    assert {i.subject.problem.N for i in found} == {1, 2}
    for instance in found:
        here = instance.subject
        outputs, _, y, at = instance.id.split(" | ")
        form = [str(parse(o, {"s", "t"})) for o in outputs.split(", ")]
        assert [str(o) for o in here.problem.model.outputs] == form
        assert y == "y = " + ", ".join(str(v) for v in here.problem.data.y[0])
        assert at == ", ".join(f"{name} = {value}" for name, value in here.values)


def test_what_the_grid_holds() -> None:
    ids = {i.id for i in small_problems()}
    for points, parameters in (((0, 1, -1), "s"), (((0, 0), (0, 1), (1, 0), (1, -1)), "s t")):
        names = parameters.split()
        for point in points:
            values = point if isinstance(point, tuple) else (point,)
            at = ", ".join(f"{n} = {v}" for n, v in zip(names, values, strict=True))
            forms = {"s": ("s**2", "s, s**2"), "s t": ("s*t", "s + t, s*t")}[parameters]
            for y in ("0", "-1"):
                assert f"{forms[0]} | half-squared | y = {y} | {at}" in ids
            for y in ("0, 0", "-1, 1"):
                assert f"{forms[1]} | quartic | y = {y} | {at}" in ids
            for y in ("1/2, 1/2", "1/3, 2/3"):
                assert f"{forms[1]} | softmax-cross-entropy | y = {y} | {at}" in ids
    weighted = "s, s | weighted [['2', '1'], ['1', '2']] | y = 0, 0 | s = 0"
    assert weighted in ids
    losses_of = {i.split(" | ")[1] for i in ids}
    assert len(losses_of) == 4 + 7 - 2  # two stand in both lists
