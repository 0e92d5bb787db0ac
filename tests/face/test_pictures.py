"""Pictures show the numbers that they should: closed forms of the gallery's landscapes are found
again in the lines drawn; what cannot be drawn is one line, and nothing is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import hessrank as hr
from hessrank.__main__ import main
from hessrank.plots.figures import PAIRS, landscape

pytest.importorskip("matplotlib")


def drawn(entry: str, what: str, **options: Any) -> Any:
    return hr.plot(hr.read_spec(entry).landscape(), what, **options)


def curves(axes: Any) -> list[tuple[Any, Any]]:
    return [line.get_data() for line in axes.lines if len(line.get_xdata()) > 10]


def test_slices_are_the_closed_forms_of_the_landscapes() -> None:
    (t, quartic), *rest = curves(drawn("X4", "slice").axes[0])  # L = t⁴/2
    assert not rest and quartic == pytest.approx(t**4 / 2)
    (t, along), (_, across) = curves(drawn("X5", "slice").axes[0])  # L = 8x² + 2|θ|⁴
    assert along == pytest.approx(2 * t**4) and across == pytest.approx(8 * t**2 + 2 * t**4)
    (_, flat), (_, steep) = curves(drawn("X8", "slice", window=(-2, 2)).axes[0])
    assert flat == pytest.approx(0 * flat, abs=1e-12) and steep.max() > 1


def test_the_fibre_is_drawn_where_it_is() -> None:
    axes = drawn("X11", "contours", window=(-3, 3, -3, 3)).axes[0]
    thick = [c for c in axes.collections if np.allclose(c.get_linewidths(), 2.2)]
    points = np.concatenate([path.vertices for c in thick for path in c.get_paths()])
    products = points[:, 0] * points[:, 1]
    assert len(points) > 50 and {*np.sign(points[:, 0])} == {-1, 1}  # both branches of ab = 1
    assert products == pytest.approx(np.ones(len(products)), abs=0.01)


def test_the_level_sets_in_space_are_the_spheres_and_the_tube_is_where_l_is_small() -> None:
    [axes] = drawn("X5", "tubes", window=(-1.5, 1.5)).axes
    curves = {style: [] for style in ("black", "red", "blue")}
    names = dict(zip(("#000000", "#d55e00", "#0072b2"), curves, strict=True))
    for line in axes.lines:
        points = np.array(line.get_data_3d())
        if points.shape[1] > 10:
            curves[names[line.get_color()]].append(points)
    first, second, tube = (np.concatenate(found, axis=1) for found in curves.values())
    for (x, y, z), middle in ((first, 1), (second, -1)):  # |θ ∓ e₁|² = 1
        distances = (x - middle) ** 2 + y**2 + z**2
        assert len(x) > 300 and distances == pytest.approx(np.ones(len(x)), abs=0.01)
    x, y, z = tube
    L = 8 * x**2 + 2 * (x**2 + y**2 + z**2) ** 2
    assert pytest.approx(np.full(len(x), L.mean()), rel=0.05) == L
    [said] = [t.get_text() for t in axes.get_legend().get_texts() if t.get_text()[0] == "L"]
    assert float(said.split(" = ")[1]) == pytest.approx(L.mean(), rel=0.05)


def test_a_level_set_that_is_a_point_has_no_line() -> None:
    [axes] = drawn("X10", "tubes").axes
    assert [t.get_text()[0] for t in axes.get_legend().get_texts()] == ["L", "θ"]


def test_the_pairs_are_those_of_the_examples() -> None:
    for name in PAIRS:
        spec = hr.read_spec(Path(__file__).parents[2] / "examples" / f"{name}.toml")
        here, there = spec.landscape(), landscape(name)
        assert str(here.problem.jacobian) == str(there.problem.jacobian)
        assert str(here.hessian) == str(there.hessian)
        assert here.problem.data == there.problem.data


def test_the_spectrum_shows_values_threshold_and_exact_ranks() -> None:
    figure = drawn("X8", "spectrum")
    found = hr.measured_rank(hr.read_spec("X8").landscape(), "jacobian")
    J, H = figure.axes
    values = np.concatenate([line.get_ydata() for line in J.lines[:2]])
    assert values == pytest.approx(found.singular_values)
    assert list(J.lines[2].get_ydata()) == [found.threshold] * 2
    assert "rank J = 2 of 3×4" in J.get_title() and "rank H = 2 of 4×4" in H.get_title()


@pytest.mark.parametrize(
    ("entry", "what"),
    [("X8", "slice"), ("X8", "spectrum"), ("X7", "contours"), ("X10", "slice"), ("X5", "tubes")],
)
def test_whatever_a_colour_says_is_said_without_it(entry: str, what: str) -> None:
    for axes in drawn(entry, what).axes:
        kinds = [
            (line.get_linestyle(), line.get_marker(), line.get_fillstyle(), line.get_linewidth())
            for line in axes.lines
            if what != "tubes" or line.get_label()[0] != "_"  # there a surface is many lines
        ]
        assert len(set(kinds)) == len(kinds)


def test_the_loss_is_dark_where_it_is_low_also_in_grey() -> None:
    import matplotlib

    ramp = matplotlib.colormaps["cividis"](np.linspace(0, 1, 256))[:, :3]
    luminance = ramp @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > 0).all()


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_files(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (tmp_path / f"{name}.{ending}" for name in "ab")
    for path in (first, second):
        assert main(["plot", "X2", "--what", "slice", "-o", str(path), "--json"]) == 0
        written = {"id": "X2", "what": "slice", "written": str(path)}
        assert json.loads(capsys.readouterr().out) == written
    assert first.read_bytes() == second.read_bytes()
    if ending == "svg":
        assert ElementTree.parse(first).getroot().tag.endswith("svg")
    else:
        assert first.read_bytes().startswith(b"%PDF" if ending == "pdf" else b"\x89PNG")


def test_without_a_name_the_file_is_called_by_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plot", "X12"]) == 0
    assert [p.name for p in tmp_path.iterdir()] == ["X12-spectrum.svg"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["X4", "--what", "contours"], 2, "X4: contours need two parameters"),
        (["X5", "--what", "contours", "--parameters", "x,q"], 2, "no parameter 'q': one of x, y"),
        (["X5", "--what", "contours", "--parameters", "x,x"], 2, "expected two parameters"),
        (["X5", "--parameters", "x,y"], 2, "only contours and tubes"),
        (["X7", "--what", "tubes"], 2, "X7: tubes need three parameters"),
        (["X5", "--what", "tubes", "--parameters", "x,y,x"], 2, "expected three parameters"),
        (["X5", "--what", "tubes", "--parameters", "x,y"], 2, "expected three parameters"),
        (["X5", "--what", "contours", "--parameters", "x,y,z"], 2, "expected two parameters"),
        (["X5", "--what", "tubes", "--window", "0,1,0,1"], 2, "expected left < right"),
        (["X5", "--what", "slice", "--window", "0,1,0,1"], 2, "expected left < right"),
        (["X5", "-o", "p.jpg"], 2, "p.jpg: expected a name that ends in .svg, .pdf or .png"),
        (["X5", "-o", "none/p.svg"], 3, "none/p.svg: cannot be written"),
        (["nothing-there"], 2, "no such file"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    arguments: list[str],
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plot", *arguments]) == status
    printed = capsys.readouterr()
    assert said in printed.err and printed.err.count("\n") == 1 and printed.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("window", ["1,0", "1", "a,b", "0,inf", "0,1,2", "nan,1"])
def test_a_window_that_is_none(window: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plot", "X5", "--what", "slice", f"--window={window}"])
    assert ended.value.code == 2
    assert "expected A < B" in capsys.readouterr().err


def test_without_matplotlib_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["plot", "X8", "-o", str(tmp_path / "p.svg")]) == 2
    assert "pip install 'hessrank[plot]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_matplotlib_is_imported_when_something_is_drawn() -> None:
    program = "import sys, hessrank.plots.plot; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


def test_the_pictures_of_the_documentation_are_those_of_its_script(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    script = root / "docs" / "make_pictures.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, timeout=120)
    made = {p.name for p in tmp_path.iterdir()}
    made.add("deficits.svg")  # of a sweep that takes a minute
    assert made == {p.name for p in (root / "docs" / "pictures").iterdir()}
    pages = [root / "docs" / name for name in ("pictures.md", "experiments.md")]
    shown = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert all(f"(pictures/{name})" in shown for name in made)
