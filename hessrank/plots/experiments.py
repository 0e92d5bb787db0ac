"""Pictures of the experiments: all labellings, and the spectra along t·r.

In: a `Table` of cells, or a `Path`. Out: a Figure. Markers and dashes say what colours say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessrank.numeric.picture import BLACK, BLUE, GREEN, VERMILLION, figure
from hessrank.proofs.experiments.cells import DATA, Setting
from hessrank.proofs.experiments.design import SETTINGS, Table, recorded
from hessrank.proofs.experiments.networks import OPTIMISERS
from hessrank.proofs.experiments.off_fit import Path, duplicated_neuron, off_fit
from hessrank.proofs.experiments.shares import Count, deficient, of_fits, plain, share

MARKS = {
    ("relu", OPTIMISERS[0]): ("o", "-", BLUE),
    ("relu", OPTIMISERS[1]): ("s", "--", VERMILLION),
    ("tanh", OPTIMISERS[0]): ("^", ":", GREEN),
    ("tanh", OPTIMISERS[1]): ("x", "-.", BLACK),
}
#: The data sets, a panel each.
PANELS = ("corner", "square", "line")


def labellings_figure(table: Table) -> Any:
    """Above, the share of fits with rank J < min(M, N); below, that of trainings which end beside a
    local minimum with r ≠ 0; against N, with clustered 95 % intervals."""
    drawn = figure(11, 6.5)
    panels = drawn.subplots(2, len(PANELS), sharey="row", squeeze=False)
    for row, (count, title) in enumerate(
        ((of_fits(deficient), "rank J < min(M, N) at fits"), (_residual, "ends with r ≠ 0"))
    ):
        for axes, data in zip(panels[row], PANELS, strict=True):
            _draw(axes, table, data, count)
            axes.set_title(f"{data}, M = {len(DATA[data].x)}: {title}", fontsize=9)
            axes.set_xlabel("N")
            axes.set_ylim(-0.03, 1.03)
    panels[0][0].legend(fontsize=8)
    return drawn


def _residual(setting: Setting, cell: Any) -> tuple[int, int]:
    kinds = ("minimum, equal", "minimum, unequal", "minimum, open")
    return sum(cell.get(kind, 0) for kind in kinds), cell["runs"]


def _draw(axes: Any, table: Table, data: str, count: Count) -> None:
    every = [s for s in SETTINGS if plain(s) and s.data == data and table.of(s)]
    sizes = sorted({s.net.parameters for s in every})
    axes.set_xticks(range(len(sizes)), [str(n) for n in sizes])
    for i, ((activation, optimiser), (mark, dash, colour)) in enumerate(MARKS.items()):
        group = [s for s in every if (s.activation, s.optimiser) == (activation, optimiser)]
        rows = [(s.net.parameters, share(table, [s], count)) for s in group]
        rows = [(n, row) for n, row in rows if row["of"]]
        if not rows:
            continue
        x = [sizes.index(n) + 0.08 * (i - 1.5) for n, _ in rows]
        y = [row["hits"] / row["of"] for _, row in rows]
        below = [max(0.0, v - row["interval"][0]) for v, (_, row) in zip(y, rows, strict=True)]
        above = [max(0.0, row["interval"][1] - v) for v, (_, row) in zip(y, rows, strict=True)]
        axes.errorbar(
            x,
            y,
            (below, above),
            marker=mark,
            linestyle=dash,
            color=colour,
            fillstyle="none",
            capsize=2,
            linewidth=1,
            label=f"{activation}, {optimiser}",
        )


def off_fit_figure(path: Path, title: str) -> Any:
    """The eigenvalues of H (marks) and of JᵀAJ (dashes, the same at every t where A is) along t·r,
    and above them the exact ranks."""
    drawn = figure(7, 4.2)
    axes = drawn.add_subplot()
    for name, mark, colour, label in (
        ("gauss_newton", "_", BLACK, "JᵀAJ"),
        ("hessian", "o", BLUE, "H"),
    ):
        points = [(float(s.t), v) for s in path.steps for v in s.eigenvalues.get(name, ())]
        x, y = ([p[i] for p in points] for i in (0, 1))
        fill = {} if mark == "_" else {"fillstyle": "none"}
        axes.plot(x, y, mark, color=colour, markersize=9 if mark == "_" else 5, label=label, **fill)
    axes.axhline(0, color=BLACK, linewidth=0.6, linestyle=":")
    most = max((abs(v) for s in path.steps for v in s.eigenvalues.get("hessian", ())), default=1.0)
    axes.set_yscale("symlog", linthresh=max(most, 1e-300) / 100)
    axes.set_xlabel("t: labels with ∇ℓ(F) = t·r")
    axes.set_ylabel("eigenvalues, measured")
    top = axes.secondary_xaxis("top")
    top.set_xticks([float(s.t) for s in path.steps], [s.hessian.shown for s in path.steps])
    top.set_xlabel("rank H, exact")
    axes.legend(fontsize=8)
    axes.set_title(title, fontsize=9)
    return drawn


#: The pictures of docs/experiments.md.
DRAWN: dict[str, Callable[[], Any]] = {
    "labellings": lambda: labellings_figure(recorded()),
    "off-fit": lambda: off_fit_figure(off_fit(duplicated_neuron(1)), "a duplicated tanh neuron"),
}
