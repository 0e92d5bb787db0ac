"""The page and the JSON of what a network loses, made by hand: each value in its own place."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import arb

from hessrank.proofs.basins.breadth import Level, Scale
from hessrank.proofs.basins.volume import Exponent
from hessrank.proofs.information_loss import lost
from hessrank.proofs.information_loss.lost import Information, LayerLoss, OffData, Spectrum
from hessrank.proofs.pages.blocks import Heading, Mark, Table, Text
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions.parsing import parse

YES, NO, OPEN = (
    Fact(t, r) for t, r in ((Truth.TRUE, "r1"), (Truth.FALSE, "r$2"), (Truth.UNDECIDED, "r3"))
)
VECTORS = tuple((str(k), "-1") for k in range(6))
FIRST = LayerLoss("first", ((1, 3), (2,), (4, 5)), YES, 7, (), 11, NO, VECTORS)
SECOND = LayerLoss("second", ((1,), (2,)), OPEN, 8, ("x1", "x3"), 12, YES, VECTORS[:4])
THIRD = LayerLoss("third", ((1,), (2,)), YES, 9, ("x2",), 13, OPEN, VECTORS[:1])
LEVELS = (Level(arb(2), 1), Level(arb(3), 4))
SCALES = (
    Scale(Fraction(1, 2), arb(5), arb(6), Fraction(5), parse("log(3)", set())),
    Scale(Fraction(10), arb(7), arb(8)),
    Scale(Fraction(20), None, arb(9), reason="not $H"),
    Scale(Fraction(30), None, None, reason="none"),
    Scale(Fraction(40), arb(1), arb(1), Fraction(1), parse("log(" + "1" * 40 + ")", set())),
)
EMPTY = Information((), None, None, None, None, None, None, {})


def whole(**change: Any) -> Information:
    given: dict[str, Any] = {
        "layers": (FIRST, SECOND, THIRD),
        "dead": ((1, 2, (3,)), (2, 1, (1, 4))),
        "duplicated": ((1, 1, 2, 1), (2, 3, 4, -1)),
        "gauss_newton": Spectrum("gauss_newton", LEVELS[:1], SCALES[:1]),
        "hessian": Spectrum("hessian", LEVELS, SCALES),
        "exponent": Exponent(Fraction(1, 2), Fraction(3, 2), "low", "high"),
        "off_data": OffData((("1", "2"),), 1, 3, "so"),
        "why": {},
    }
    return Information(**given | change)


def test_each_layer_has_its_row() -> None:
    head, table, *texts = whole()._layers()
    assert head == Heading("What each layer does not tell apart") and isinstance(table, Table)
    assert table.columns == ("layer", "merged examples", "p", "p + K·C", "sharp", "", "forced")
    assert table.align == "lprrlpr"
    assert table.rows == (
        ("first", "1, 3; 4, 5", "7", "11", NO.truth.mark, r"r\$2", "6"),
        ("second (x1, x3 pass it by)", "none", "8", "12", YES.truth.mark, "r1", "4"),
        ("third (x2 pass it by)", "none", "9", "13", OPEN.truth.mark, "r3", "1"),
    )
    four = "; ".join(f"({k}, -1)" for k in range(4))
    assert texts == [
        Text(f"first: yᵀJ = 0 whatever follows, y = {four}; and 2 more"),
        Text("second: r3", tone="open"),
        Text(f"second: yᵀJ = 0 whatever follows, y = {four}"),
        Text("third: yᵀJ = 0 whatever follows, y = (0, -1)"),
    ]
    assert FIRST.merged == ((1, 3), (4, 5))


def test_units_that_are_dead_or_equal() -> None:
    (table,) = whole()._units()
    assert isinstance(table, Table) and table.rows == (
        ("layer 1", "unit 2", "dead on example 3"),
        ("layer 2", "unit 1", "dead on examples 1, 4"),
        ("layer 1", "units 1 and 2", "equal"),
        ("layer 2", "units 3 and 4", "equal up to sign"),
    )
    none = "No unit is dead on an example, none is duplicated."
    assert whole(dead=(), duplicated=())._units() == [Text(none)]
    for change in ({"dead": None, "duplicated": ()}, {"dead": (), "duplicated": None}):
        assert whole(**change)._units() == []


def test_breadth_shows_what_is_known() -> None:
    head, text, gram, of_h, table, exponent, bounds = whole()._breadth()
    assert head == Heading("Breadth")
    assert text == Text("eigenvalues of JᵀAJ, the largest last: 2.000000000")
    assert isinstance(gram, Table) and isinstance(table, Table) and isinstance(bounds, Table)
    assert gram.columns == ("b", "effective rank", "log det(I + bJᵀAJ)", "")
    assert of_h == Text("eigenvalues of H, the largest last: 2.000000000, 3.000000000 (4×)")
    assert table.columns[2] == "log det(I + bH)" and table.align == gram.align == "rrrp"
    assert table.rows == (
        ("1/2", "5.000000000", "6.000000000", "5, log(3)"),
        ("10", "7.000000000", "8.000000000", ""),
        ("20", "–", "9.000000000", r"not \$H"),
        ("30", "–", "–", "none"),
        ("40", "1.000000000", "1.000000000", "exact in the JSON"),
    )
    assert exponent == Text("learning coefficient λ = 1/2..3/2", tone="strong")
    assert bounds.rows == (("λ ≥ 1/2", "low"), ("λ ≤ 3/2", "high"))
    closed = f"5, {SCALES[0].log_det_exact}"
    for limit, shown in ((len(closed), closed), (len(closed) - 1, "exact in the JSON")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lost, "MAX_SHOWN", limit)
            assert lost._scale_row(SCALES[0])[3] == shown


def test_further_inputs() -> None:
    head, text = whole()._further()
    assert head == Heading("Off the data") and text == Text(
        "rank of J_test on ker J_train: 1..3 (so)\n"
        "The outputs on the further inputs have, to first order, 1..3 degrees of freedom while F "
        "stays."
    )


def test_what_is_not_known_is_said_in_its_place() -> None:
    names = {
        "layers": "layers",
        "units": "units",
        "gauss_newton": "eigenvalues of JᵀAJ",
        "hessian": "eigenvalues of H",
        "learning_coefficient": "learning coefficient λ",
        "off_data": "further inputs",
    }
    for part, words in names.items():
        found = Information((), None, None, None, None, None, None, {part: "so $"})
        section = {"layers": found._layers, "units": found._units, "off_data": found._further}
        shown = section.get(part, found._breadth)()
        assert shown[-1] == Text(rf"{words}: so \$", tone="open")
        every = [b for b in found.blocks() if not isinstance(b, Heading)]
        assert every == [shown[-1]]
    assert EMPTY._units() == EMPTY._further() == []
    assert [b for b in EMPTY.blocks() if not isinstance(b, Heading)] == []


def test_a_page_is_its_four_parts() -> None:
    found = whole()
    parts = (found._layers(), found._units(), found._breadth(), found._further())
    assert found.blocks() == [block for part in parts for block in part]
    assert isinstance(found._layers()[1].rows[0][4], Mark)  # type: ignore[union-attr]


def test_everything_stands_in_the_json() -> None:
    found = whole(why={"units": "late"})
    assert found.gauss_newton is not None and found.hessian is not None
    assert found.to_json() == {
        "layers": [FIRST.to_json(), SECOND.to_json(), THIRD.to_json()],
        "dead_units": [
            {"layer": 1, "unit": 2, "examples": [3]},
            {"layer": 2, "unit": 1, "examples": [1, 4]},
        ],
        "duplicated_units": [
            {"layer": 1, "units": [1, 2], "sign": 1},
            {"layer": 2, "units": [3, 4], "sign": -1},
        ],
        "gauss_newton": found.gauss_newton.to_json(),
        "hessian": {
            "eigenvalues": [v.to_json() for v in LEVELS],
            "scales": [s.to_json() for s in SCALES],
        },
        "learning_coefficient": {
            "lower": "1/2",
            "upper": "3/2",
            "lower_reason": "low",
            "upper_reason": "high",
        },
        "off_data": {"inputs": [["1", "2"]], "lower": 1, "upper": 3, "reason": "so"},
        "unknown": {"units": "late"},
    }
    assert SECOND.to_json() == {
        "layer": "second",
        "classes": [[1], [2]],
        "separated": {"value": None, "reason": "r3"},
        "parameters_before": 8,
        "inputs_around": ["x1", "x3"],
        "bound": 12,
        "sharp": {"value": True, "reason": "r1"},
        "forced": [["0", "-1"], ["1", "-1"], ["2", "-1"], ["3", "-1"]],
    }
    empty = EMPTY.to_json()
    assert [k for k, v in empty.items() if v is None] == [
        "dead_units",
        "duplicated_units",
        "gauss_newton",
        "hessian",
        "learning_coefficient",
        "off_data",
    ]
