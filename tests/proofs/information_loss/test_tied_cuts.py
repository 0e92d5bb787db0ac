"""Nets with tied weights, cut at their layers: both parts make up the net, and T5 holds.

The outputs are those that the model's own run gives; the ranks those of its J.
"""

from __future__ import annotations

import random

import pytest

import hessrank as hr
from hessrank.proofs.information_loss.cuts import cuts
from hessrank.proofs.information_loss.information import rank_bound
from hessrank.symbolic.errors import KinkError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.fields.field import Field

NETS = {
    "convolution": ([{"conv": 1, "kernel": [2]}, "relu", "flatten", {"linear": 1}], [1, 3]),
    "two convolutions": (
        [
            {"conv": 2, "kernel": [2]},
            "square",
            {"conv": 1, "kernel": [2]},
            "relu",
            "flatten",
            {"linear": 2},
        ],
        [1, 4],
    ),
    "shared": (
        [
            {"linear": 2, "name": "first"},
            "square",
            {"linear": 2, "share": "first"},
            "relu",
            {"linear": 1},
        ],
        2,
    ),
    "residual": (
        [{"linear": 2}, "relu", {"residual": [{"linear": 2}, "square"]}, {"linear": 1}],
        2,
    ),
    "pooling": (
        [{"conv": 2, "kernel": [1]}, "square", {"average_pool": [2]}, "flatten", {"linear": 1}],
        [1, 2],
    ),
}


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("seed", range(3))
def test_the_parts_make_up_the_net_and_bound_its_rank(name: str, seed: int) -> None:
    layers, inputs = NETS[name]
    model = hr.sequential(layers, inputs)
    rng = random.Random(f"{name} {seed}")
    rows = [[rng.randint(-2, 2) for _ in model.inputs] for _ in range(4)]
    rows.append(rows[0])  # two examples that every layer merges
    data = hr.Data(rows, [[0] * model.output_count] * len(rows))
    for _ in range(20):
        point = {n: rng.randint(-2, 2) for n in model.parameters}
        here = hr.Problem(model, data).at(point)
        try:
            rank = int(here.rank("jacobian"))
            break
        except KinkError:
            continue
    else:
        pytest.skip("every point lay on a kink")
    assert model.tied is not None and len(cuts(here)) == model.tied.net.depth - 1
    field = Field(here.side)
    outputs = here.outputs.fractions()
    for cut in cuts(here):
        assert not cut.around
        assert any(0 in g and 4 in g for g in cut.classes.groups)
        for d, row in enumerate(rows):
            at = {
                n: field.number(hr.exact(v).value) for n, v in zip(model.inputs, row, strict=True)
            }
            at |= {n: field.number(hr.exact(v).value) for n, v in point.items()}
            a = evaluate(cut.hidden, field, at)
            at |= {f"a[{i + 1}]": v for i, v in enumerate(a)}
            found = evaluate(cut.tail, field, at)
            K = model.output_count
            assert [str(v) for v in found] == [str(outputs[d * K + k][0]) for k in range(K)]
        assert rank <= rank_bound(cut, cut.classes)


def test_a_shared_weight_counts_before_the_layer() -> None:
    layers, inputs = NETS["shared"]
    model = hr.sequential(layers, inputs)
    here = hr.Problem(model, hr.Data([[1, 2], [2, 3]], [[0], [0]])).at(
        {n: i + 1 for i, n in enumerate(model.parameters)}
    )
    first, second = cuts(here)
    assert first.before == second.before  # the first layer's weights, which the second has again
    assert set(first.after) == set(model.parameters) - set(first.before)


def test_claims_and_information_speak_of_a_convolution() -> None:
    here = hr.read_spec("examples/convolution.toml").landscape()
    asked = hr.claims_on(here)
    for id, form in (
        ("equal-activations-equal-gradients", "best"),
        ("less-information-broader", "best"),
        ("sufficient-statistics", "as_written"),
    ):
        assert asked[id][form].outcome.value == "holds"
    (layer,) = hr.information(here).layers
    assert layer.classes == ((1, 2), (3,), (4,))
