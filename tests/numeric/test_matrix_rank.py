"""`hr.measured_rank` of a matrix of floats: expected ranks and singular values from theory."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

import hessrank as hr
from hessrank.numeric.rank import NumericRank
from hessrank.symbolic.errors import InputError, OutputError

RNG = np.random.default_rng(0)
#: Rank 3 by construction, up to rounding.
THREE = RNG.normal(size=(6, 3)) @ RNG.normal(size=(3, 5))


def test_the_spectrum_of_a_known_matrix() -> None:
    Q = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
    R = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
    sigma = [2.0, 1e-3, 1e-9, 0.0]
    found = hr.measured_rank(Q @ np.diag(sigma) @ R)
    assert isinstance(found, NumericRank)
    assert found.singular_values == pytest.approx(sigma, abs=1e-15)
    assert (found.rank, found.safe) == (3, True)
    assert found.threshold == pytest.approx(2 * 4 * 2.0**-52)  # Numerical Recipes, section 2.6
    coarse = hr.measured_rank(Q @ np.diag(sigma) @ R, tolerance=1e-6)
    assert (coarse.rank, coarse.threshold, coarse.origin) == (2, 1e-6, "tolerance given")
    assert coarse.gap == pytest.approx(1e6, rel=1e-3)
    assert coarse.margin == pytest.approx(1e3, rel=1e-3)


def test_uncertainty_of_the_entries_is_weyls_bound() -> None:
    noisy = THREE + 1e-9 * RNG.uniform(-1, 1, size=THREE.shape)
    assert hr.measured_rank(noisy).rank == 5
    for uncertainty in (1e-9, np.full(THREE.shape, 1e-9)):
        found = hr.measured_rank(noisy, uncertainty=uncertainty)
        assert (found.rank, found.safe) == (3, True)
        assert found.threshold == pytest.approx(1e-9 * math.sqrt(30))


@pytest.mark.parametrize(
    ("kind", "bits"), [(np.float16, 10), (np.float32, 23), (np.float64, 52)], ids=str
)
def test_narrow_floats_are_judged_by_their_own_epsilon(kind: type, bits: int) -> None:
    found = hr.measured_rank(THREE.astype(kind))
    assert found.rank == 3
    assert found.threshold == pytest.approx(found.singular_values[0] * 6 * 2.0**-bits)
    assert np.finfo(kind).eps == 2.0**-bits


def test_a_spectrum_without_a_gap_is_not_safe() -> None:
    found = hr.measured_rank(np.diag([1, 1e-3, 1e-5, 1e-7]), tolerance=1e-6)
    assert not found.safe and found.lower < found.upper and found.lower <= 3 <= found.upper


def test_exact_matrices_and_landscapes_are_measured_too() -> None:
    here = hr.read_spec("X8").landscape()
    assert hr.measured_rank(here.jacobian).rank == hr.measured_rank(here, "jacobian").rank == 2
    assert hr.measured_rank(here, "jacobian", tolerance=1e3).rank == 0
    assert hr.measured_rank([[1, 2], [2, 4]]).rank == 1


@pytest.mark.parametrize(
    ("matrix", "options", "part"),
    [
        ([[1.0, float("nan")]], {}, r"\[0\]\[1\] of the matrix is nan"),
        ([[1.0, float("inf")]], {}, r"\[0\]\[1\] of the matrix is inf"),
        ([[1.0]], {"tolerance": -1}, "threshold >= 0"),
        ([[1.0]], {"tolerance": float("nan")}, "threshold >= 0"),
        ([[1.0]], {"uncertainty": -1}, "one number >= 0"),
        ([[1.0]], {"uncertainty": np.ones((2, 2))}, "for entries of"),
        ([[1.0]], {"name": "hessian"}, "no name"),
        ([[1j]], {}, "complex"),
        (np.ones((2, 2)) * 1j, {}, "complex"),
        ([1.0, 2.0], {}, "expected a matrix"),
        ([["a"]], {}, "does not fit into floats"),
    ],
    ids=str,
)
def test_bad_matrices_are_one_line(matrix, options, part) -> None:
    with pytest.raises(InputError, match=part) as caught:
        hr.measured_rank(matrix, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "matrix", [THREE, THREE.tolist(), THREE.astype(np.float32), [[1, 0.5]], ((1.0,),)]
)
def test_the_exact_rank_of_floats_points_to_the_measured_one(matrix) -> None:
    with pytest.raises(InputError, match=r"hr\.measured_rank\(matrix, tolerance") as caught:
        hr.rank(matrix)
    assert "\n" not in str(caught.value)
    assert int(hr.rank(hr.exact(matrix))) == min(np.shape(matrix))  # rounding fills it


def test_a_plot_of_the_spectrum(tmp_path) -> None:
    pytest.importorskip("matplotlib")
    found = hr.measured_rank(THREE)
    figure = found.plot(str(tmp_path / "s.png"))
    assert (tmp_path / "s.png").read_bytes().startswith(b"\x89PNG")
    heights = np.concatenate([line.get_ydata() for line in figure.axes[0].lines[:2]])
    assert heights == pytest.approx(found.singular_values)
    assert hr.measured_rank([[0.0]]).plot() is not None
    with pytest.raises(OutputError):
        found.plot(str(tmp_path / "none" / "s.png"))
    with pytest.raises(OutputError):
        found.plot(str(tmp_path / "s.odd"))


def test_a_plot_without_matplotlib_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InputError, match=r"pip install 'hessrank\[plot\]'"):
        hr.measured_rank(THREE).plot()
