"""The experiment on all labellings: its parts against NumPy, its counts repeatable, and the
direction of what CLAIMS.md found with another program (relu: most deficient solutions merge)."""

from __future__ import annotations

import numpy as np

from hessrank.proofs.experiments import labellings
from hessrank.proofs.experiments.sweep import SQUARE, measured_ranks, run, start, trained


def test_all_fourteen_labellings_are_trained() -> None:
    assert len(set(labellings.LABELLINGS)) == 14  # 2⁴ less the two constant ones
    found = labellings.solutions("relu", 3, 12, 0)
    assert len({s.labelling for s in found}) >= 8


def test_the_same_seed_gives_the_same_counts() -> None:
    labellings.solutions.cache_clear()
    one = labellings.solutions("relu", 2, 6, 3)
    labellings.solutions.cache_clear()
    assert one == labellings.solutions("relu", 2, 6, 3)


def test_effective_rank_and_merging_against_the_definition() -> None:
    """λ/(λ + 1/b) summed over the eigenvalues of JJᵀ by eigvalsh; merging from the activations."""
    y = np.array(labellings.LABELLINGS[0])
    rng = np.random.default_rng([0, 3, 0, 0])
    batch = trained(start(3, 12, rng), "relu", y)
    F, J = run(batch, "relu")
    good = [r for r in range(12) if np.max(np.abs(F[r] - y)) < 1e-8]
    known = [r for r, k in zip(good, measured_ranks(J[good]), strict=True) if k is not None]
    found = [s for s in labellings.solutions("relu", 3, 12, 0) if s.labelling == 0]
    assert len(found) == len(known) > 0
    for r, s in zip(known, found, strict=True):
        values = np.linalg.eigvalsh(J[r] @ J[r].T).clip(0)
        assert np.isclose(s.effective, np.sum(values / (values + 0.01)), atol=1e-6)
        x = np.column_stack([SQUARE, np.ones(4)])
        a = np.maximum(x @ batch.first[r].T, 0)
        pairs = [np.max(np.abs(a[i] - a[j])) for i in range(4) for j in range(i)]
        assert s.merged == (min(pairs) < 1e-6)


def test_clustered_intervals_are_wider_than_a_single_cluster_allows() -> None:
    alike = labellings.share([True] * 50 + [False] * 50, [0] * 50 + [1] * 50, 0)
    mixed = labellings.share([True, False] * 50, [i % 14 for i in range(100)], 0)
    width = [row["share"][1] - row["share"][0] for row in (alike, mixed)]
    assert width[0] > width[1]


def test_relu_solutions_that_are_deficient_mostly_merge() -> None:
    """CLAIMS.md, 840 runs a width: 114 of 128 at N = 9, and 1 of 827 deficient at N = 65."""
    row = labellings.deficiency_and_merging(0).counts["relu, N = 9"]
    assert row["merged among deficient"]["share"][0] > row["merged among full rank"]["share"][1]
