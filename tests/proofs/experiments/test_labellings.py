"""What the recorded cells say of the claims: the shares counted again by hand, and the answers."""

from __future__ import annotations

import pytest

from hessrank.proofs.catalogue import CLAIMS
from hessrank.proofs.experiments.cells import DATA, KINDS, Setting
from hessrank.proofs.experiments.design import SETTINGS, Table, recorded
from hessrank.proofs.experiments.intervals import clustered
from hessrank.proofs.experiments.labellings import EXPERIMENTS
from hessrank.proofs.experiments.networks import OPTIMISERS
from hessrank.proofs.experiments.shares import deficient, of_fits, plain, share
from hessrank.proofs.reasoning.claim import settle_claim

GD, ADAM = OPTIMISERS


def test_a_share_is_hits_of_fits_and_pools_labellings() -> None:
    """Two settings of one data set: the clusters are its labellings, their counts added."""
    a, b = (Setting("corner", "relu", o, (2,)) for o in OPTIMISERS)
    rows = [[[3, 0, 0, 3]], [[2, 1, 0, 1], [3, 0, 1, 1]], [], [], [], []]
    cells = [{"runs": 4, "fits": fits} for fits in rows]
    table = Table(4, 0, {a.key: cells, b.key: cells})
    found = share(table, [a, b], of_fits(deficient))
    assert (found["hits"], found["of"], found["clusters"]) == (2, 10, 2)
    low, high = clustered([0, 2], [6, 4])
    assert found["interval"] == [round(low, 3), round(high, 3)]


def test_deficient_and_merged_counted_again() -> None:
    """Claim 44 from the rows alone, without `shares`."""
    table = recorded()
    counts = EXPERIMENTS[44](table).counts
    for activation in ("relu", "tanh"):
        hits = of = 0
        for s in SETTINGS:
            if s.activation == activation and plain(s):
                for cell in table.of(s):
                    for rank, merged, _, n in cell["fits"]:
                        if rank < min(len(DATA[s.data].x), s.net.parameters) and merged >= 0:
                            hits, of = hits + n * (merged > 0), of + n
        row = counts[f"all, {activation}"]["merged among deficient"]
        assert (row["hits"], row["of"]) == (hits, of)


def test_residual_minima_counted_again() -> None:
    table = recorded()
    row = EXPERIMENTS[28](table).counts["all, relu"]["minima with residual"]
    cells = [c for s in SETTINGS if plain(s) and s.activation == "relu" for c in table.of(s)]
    assert row["of"] == sum(c["runs"] for c in cells)
    assert row["hits"] == sum(c.get(kind, 0) for c in cells for kind in KINDS[:3])


@pytest.mark.parametrize("number", sorted(EXPERIMENTS))
def test_every_experiment_has_intervals_and_speaks_of_its_own_counts(number: int) -> None:
    found = EXPERIMENTS[number](recorded())
    assert found.counts and found.command.startswith("hessrank experiment labellings --runs")
    for row in found.counts.values():
        for value in row.values():
            if isinstance(value, dict) and "interval" in value:
                low, high = value["interval"]
                assert 0 <= low <= high <= 1 and 0 <= value["hits"] <= value["of"]
                if value["of"]:
                    assert low <= value["hits"] / value["of"] + 5e-4
                    assert value["hits"] / value["of"] <= high + 5e-4


@pytest.mark.parametrize("number", sorted(EXPERIMENTS))
def test_answers_follow_the_cells(number: int) -> None:
    """The same cells without their fits: another answer, and no error where nothing is there."""
    table = recorded()
    bare = {k: [{**c, "fits": [], "spread": None} for c in v] for k, v in table.cells.items()}
    for cells in bare.values():
        for cell in cells:
            cell["lower rank"] = cell["merged"] = [0, 0, 0, 0, 0]
            for kind in KINDS:
                cell.pop(kind, None)
    answer = EXPERIMENTS[number](Table(table.runs, table.seed, bare)).answer
    assert answer != EXPERIMENTS[number](table).answer
    assert EXPERIMENTS[number](Table(1, 0, {})).counts == {}


def test_the_catalogue_carries_the_experiments() -> None:
    """Every empirical verdict of these claims shows a 95 % interval."""
    for claim in CLAIMS:
        if claim.number in EXPERIMENTS and claim.experiment is not None:
            found = settle_claim(claim, (), 0).experiment
            assert found is not None and found.counts
            assert " to " in found.answer and "%" in found.answer
    numbers = {c.number for c in CLAIMS if c.experiment is not None}
    assert set(EXPERIMENTS) | {92} <= numbers
