"""The gallery: every entry is read, decided and measured, and the ranks that theory gives come out.

The expected ranks are those of CLAIMS.md's table of counterexamples (X1 to X15) or of the
derivation beside each toy network; none was copied from a run.
"""

from __future__ import annotations

import pytest

from hessrank import gallery
from hessrank.record import MATRICES, record
from hessrank.specs.spec import loads, read_spec
from hessrank.specs.writer import dumps

#: id: (rank J, rank H)
EXPECTED = {
    # The catalogue of claims, "Known counterexamples".
    "X1": (0, 1),
    "X2": (1, 0),
    "X3": (1, 0),
    "X4": (0, 0),  # "perfect fit, H=0"; J = 2θ = 0
    "X5": (1, 1),
    "X6": (2, 1),
    "X7": (2, 2),  # J = diag(−10, −10) at (0, 0); perfect fit, A = I
    "X7-line": (1, 1),  # J = ((10, 0), (b, 0)) on the line a = 10
    "X8": (2, 2),  # columns tanh(x/2) twice, x/cosh²(x/2) twice (1 : 2); perfect fit
    "X9": (2, 2),  # "full rank": M = 2
    "X10": (0, 0),
    "X11": (1, 1),  # J = (b, a)
    "X12": (1, 1),  # an immersion of a curve
    "X13": (1, 2),
    "X14": (1, 0),
    "X15": (1, 0),
    # Toy networks.
    "deep-linear": (8, 8),  # dim{3×3 matrices of rank 2} = 2(3 + 3 − 2); perfect fit, A = I
    "deep-linear-saddle": (0, 2),  # L = ½(w₂w₁ − 1)²: H = ((0, −1), (−1, 0))
    "polynomial": (3, 3),  # the quadratic forms in 2 variables; Σ r_d x_d x_dᵀ = 0
    "softmax-classifier": (9, 6),  # K·rank(x, 1) and (K − 1)·rank(x, 1)
    "merged-inputs": (3, 3),  # rows (0, x₁, x₂, 1); perfect fit
    "dead-unit": (2, 2),  # columns span {1, x}; r ⟂ 1, x
    "perfect-fit": (3, 3),  # the columns of W2 and b2 alone have rank 3 = M
    "spurious-minimum": (0, 1),  # J = 3z² − 3 = 0; H = Σ r·6z·x² = 12
    "exponential-lattice": (2, 2),  # as X8
    "weighted-squared": (2, 1),  # H = JᵀWJ with J invertible, rank W = 1
    "logistic-xor": (3, 3),  # J = (x, 1); A = I/4; the model is linear
    "hard-label": (0, 1),  # L = −log(1 − t²): H = 2
    "quartic": (1, 0),  # A = 12(o − y)² = 0
    "weight-decay": (1, 2),  # det H = 16 λ (1 − λ) = 3 (claim 22); J = (b, a)
    # XOR, x₂ row reduction of (x₁, x₂, 1): rank 3 over three examples, and the fourth example is
    # told apart by unit 2 (relu), or by the differing slopes of the units (tanh); M = 4.
    "xor-relu": (4, 4),
    "xor-tanh": (4, 4),
}


@pytest.fixture(scope="module")
def records():
    return {entry: record(read_spec(entry)) for entry in gallery.ids()}


def test_the_gallery_holds_the_counterexamples_and_more():
    assert {f"X{i}" for i in range(1, 16)} <= set(gallery.ids())
    assert sum(not entry.startswith("X") for entry in gallery.ids()) >= 10
    assert set(gallery.ids()) >= set(EXPECTED)


def test_an_entry_is_called_what_its_file_is_called():
    assert [read_spec(entry).id for entry in gallery.ids()] == list(gallery.ids())


@pytest.mark.parametrize("entry", EXPECTED)
def test_ranks_that_theory_gives(records, entry):
    found = records[entry]
    J, H = found["rank_jacobian"], found["rank_hessian"]
    assert J["lower"] <= EXPECTED[entry][0] <= J["upper"], J
    assert H["lower"] <= EXPECTED[entry][1] <= H["upper"], H


@pytest.mark.parametrize("entry", EXPECTED)
def test_these_ranks_are_decided(records, entry):
    found = records[entry]
    assert [found[f"rank_{m}"]["status"] for m in ("jacobian", "hessian")] == ["certified"] * 2


@pytest.mark.parametrize("entry", gallery.ids())
def test_exact_and_numeric_ranks_agree(records, entry):
    found = records[entry]
    for name in MATRICES:
        exact, numeric = found[f"rank_{name}"], found["numeric"][name]
        assert exact["lower"] <= numeric["rank"] <= exact["upper"], (name, exact, numeric)


@pytest.mark.parametrize("entry", EXPECTED)
def test_the_verdict_follows_the_ranks(records, entry):
    J, H = EXPECTED[entry]
    assert records[entry]["rank_equality"] is (J == H)
    assert records[entry]["verdict"]


@pytest.mark.parametrize("entry", gallery.ids())
def test_a_written_spec_replays(entry):
    spec = read_spec(entry)
    again = loads(dumps(spec.landscape()), entry)
    assert again.problem == spec.problem
    assert again.point == spec.point
    assert again.landscape().side == spec.landscape().side
