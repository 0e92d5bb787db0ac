"""Cells of the experiment on all labellings: fits that are known by hand, exact pieces, and the
recorded rows again from their seed."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

import hessrank as hr
from hessrank.proofs.experiments.cells import (
    DATA,
    Setting,
    beyond,
    cells,
    certified,
    is_fit,
    judged,
    merging_layer,
)
from hessrank.proofs.experiments.design import RANDOM, SETTINGS, recorded
from hessrank.proofs.experiments.networks import OPTIMISERS, trained
from hessrank.proofs.experiments.pieces import rational_fit

GD, ADAM = OPTIMISERS
SQUARE = Setting("square", "relu", GD, (2,))
AND = DATA["square"].labellings.index((0, 0, 0, 1))


def problem_of(setting: Setting, labelling: int) -> hr.Problem:
    data = DATA[setting.data]
    rows = hr.Data([list(x) for x in data.x], [[v] for v in data.labellings[labelling]])
    return hr.Problem(hr.mlp(list(setting.widths), setting.activation), rows)


def test_every_labelling_but_the_constant_ones() -> None:
    assert [len(DATA[name].labellings) for name in ("corner", "square", "line")] == [6, 14, 30]
    for data in DATA.values():
        assert len(set(data.labellings)) == len(data.labellings)
        assert all(len(set(y)) > 1 for y in data.labellings)


def test_keys_of_settings_differ() -> None:
    assert len({s.key for s in SETTINGS}) == len(SETTINGS)


def test_a_fit_of_and_known_by_hand() -> None:
    """f = 2·relu(x₁ + x₂ − 1.5) + 1·relu(−x₁ − 3): the first unit is alive on (1,1) alone, the
    second never, so three examples are merged and rank J = 2 (the row of (1,1) and that of 1)."""
    theta = np.array([1.0, 1.0, -1.0, 0.0, -1.5, -3.0, 2.0, 1.0, 0.0])
    kind, found = judged(SQUARE, AND, problem_of(SQUARE, AND), theta)
    assert kind == "fit" and found is not None
    assert (found.rank, found.merged, found.moved) == (2, 1, False)


def test_a_fit_at_a_kink_is_found_beside_it() -> None:
    """2·relu(x₁ + x₂ − 1) + c fits AND only as x₁ + x₂ − 1 ≤ 0 on (0,1) and (1,0), where it is 0:
    a·relu(x₁ + x₂ − 1) with a = 1 lies at two kinks."""
    theta = np.array([1.0, 1.0, -1.0, 0.0, -1.0, -3.0, 1.0, 1.0, 0.0])
    kind, found = judged(SQUARE, AND, problem_of(SQUARE, AND), theta)
    assert kind == "fit" and found is not None
    assert (found.rank, found.merged, found.moved) == (2, 1, True)


def test_a_residual_minimum_by_hand() -> None:
    """All units dead: f = c, best at the mean; L is locally ½Σ(c − y)², so rank J = rank H = 1."""
    theta = np.array([0.0, 0.0, 0.0, 0.0, -1.0, -2.0, 1.0, 1.0, 0.25])
    assert judged(SQUARE, AND, problem_of(SQUARE, AND), theta) == ("minimum, equal", None)


def test_merging_on_known_activations() -> None:
    """tanh of x₁ merges nothing exactly unless a weight is 0: then it is not decided by floats."""
    tanh = Setting("square", "tanh", GD, (2,))
    y = DATA["square"].labellings[AND]
    apart = np.array([[1.0, 2.0, 3.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0]])
    alike = np.array([[1.0, 0.0, 3.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0]])
    assert merging_layer(tanh.net, apart, y) == 0 and merging_layer(tanh.net, alike, y) == -1


def test_rational_fits_fit_and_stay_on_their_piece() -> None:
    """Against `Fraction` arithmetic of the network, written again here, on random pieces."""
    rng = np.random.default_rng(0)
    data = DATA["square"]
    found = 0
    for trial in range(60):
        net = Setting("square", "relu", GD, (1 + trial % 4,)).net
        theta = net.start(1, rng)[0]
        y = [Fraction(int(1000 * v), 1000) for v in net.outputs(theta[None])[0]]  # nearly fitted
        exact = rational_fit(net, data.x, theta, y)
        if exact is None:
            continue
        found += 1
        h = net.widths[1]
        W, b, a, c = exact[: 2 * h], exact[2 * h : 3 * h], exact[3 * h : -1], exact[-1]
        for x, target, before in zip(data.x, y, net.preactivations(theta[None])[0][0], strict=True):
            z = [W[2 * u] * x[0] + W[2 * u + 1] * x[1] + b[u] for u in range(h)]
            assert [v > 0 for v in z] == [bool(v > 0) for v in before]
            assert c + sum(q * max(v, Fraction(0)) for q, v in zip(a, z, strict=True)) == target
        ranks = hr.Problem(
            hr.mlp(list(net.widths), "relu"), hr.Data([list(x) for x in data.x], [[v] for v in y])
        ).at(exact)
        J = np.array(ranks.jacobian.to_numpy(), dtype=float)
        assert int(ranks.rank("jacobian")) == np.linalg.matrix_rank(J)
    assert found >= 20


def test_both_ways_to_a_certified_rank_agree() -> None:
    """Krawczyk’s box of `nearby` and the rational fit on the piece, at the same ends."""
    setting = Setting("corner", "relu", ADAM, (3,))
    compared = 0
    for k in (0, 3):
        y = DATA["corner"].labellings[k]
        labels = np.array([[float(v) for v in y]] * 10)
        problem = problem_of(setting, k)
        for theta in trained(setting.net, setting.starts(k, 10, 5), labels, ADAM):
            exact = rational_fit(setting.net, DATA["corner"].x, theta, y)
            box = certified(problem, theta)
            if exact is not None and is_fit(problem, box):
                there = problem.at(exact)
                assert all(v == 0 for v in there.loss_gradient.to_numpy().ravel())
                assert int(there.rank("jacobian")) == int(box.rank_jacobian)
                compared += 1
    assert compared >= 5


def test_moved_arguments_are_below_zero() -> None:
    theta = np.array([1.0, 1.0, 0.5, -0.5, -1.0, -0.2, 1.0, 1e-9, 0.0])
    for moved in beyond(SQUARE.net, theta):
        assert (np.abs(SQUARE.net.preactivations(moved[None])[0]) > 1e-7).all()
        assert np.abs(moved - theta).max() < 1e-2


@pytest.mark.parametrize(
    ("setting", "labelling"),
    [
        (Setting("corner", "relu", GD, (2,)), 2),
        (Setting("corner", "tanh", ADAM, (3,)), 4),
        (Setting("square", "relu", ADAM, (5,)), 6),
        (Setting("square", "relu", ADAM, (3, 3)), 1),
    ],
)
def test_recorded_rows_come_again_from_their_seed(setting: Setting, labelling: int) -> None:
    table = recorded()
    [(_, again)] = cells(setting, table.runs, table.seed, [labelling])
    assert json.loads(json.dumps(again)) == table.of(setting)[labelling]


def test_recorded_cells_are_complete() -> None:
    table = recorded()
    assert set(table.cells) == {s.key for s in SETTINGS}
    for s in SETTINGS:
        assert len(table.of(s)) == len(DATA[s.data].labellings)
        for cell in table.of(s):
            ends = [v for k, v in cell.items() if k not in ("runs", "fits", "spread")]
            known = sum(v for v in ends if isinstance(v, int)) + sum(f[-1] for f in cell["fits"])
            assert known == cell["runs"] == table.runs


def test_theorems_on_the_recorded_cells() -> None:
    """T2 (Sard): random labels have no deficient fit. T16: one hidden relu layer has no minimum
    with rank H ≠ rank J. And rank J ≤ M always."""
    table = recorded()
    for s in SETTINGS:
        M = len(DATA[s.data].x)
        ranks = [rank for cell in table.of(s) for rank, *_ in cell["fits"]]
        assert all(1 <= rank <= M for rank in ranks)
        if s.data == RANDOM:
            assert ranks and all(rank == M for rank in ranks)
        if s.activation == "relu" and len(s.hidden) == 1:
            assert not any(cell.get("minimum, unequal") for cell in table.of(s))
