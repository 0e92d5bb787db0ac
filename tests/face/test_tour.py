"""The notebook runs from top to bottom, and every object shows itself as mathematics, in bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("ipykernel")
nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
traitlets = pytest.importorskip("traitlets")
manager = pytest.importorskip("jupyter_client.manager")
kernelspec = pytest.importorskip("jupyter_client.kernelspec")

ROOT = Path(__file__).parents[2]
TOUR = ROOT / "examples" / "tour.ipynb"
#: Letters of one shown object; what is richer than plain text.
PAGE, RICH = 60_000, {"text/latex", "text/markdown", "text/html", "image/png"}


class Here(manager.AsyncKernelManager):
    """The interpreter of the tests, and no kernel that is installed elsewhere."""

    @traitlets.default("kernel_spec_manager")
    def _native(self) -> object:
        return kernelspec.KernelSpecManager(kernel_dirs=[], parent=self)


def test_the_tour() -> None:
    tour = nbformat.read(TOUR, as_version=4)
    nbformat.validate(tour)
    assert not any(cell.get("outputs") for cell in tour.cells), "outputs are not kept"
    where = {"metadata": {"path": ROOT}}
    nbclient.NotebookClient(tour, kernel_manager_class=Here, timeout=120, resources=where).execute()
    code = [cell for cell in tour.cells if cell.cell_type == "code"]
    assert len(code) >= 10
    plain = []
    for cell in code:
        shown = [out.data for out in cell.outputs if out.output_type == "execute_result"]
        assert len(shown) == 1, cell.source
        texts = [v for kind, v in shown[0].items() if kind.startswith("text/")]
        assert all(0 < len(text) <= PAGE for text in texts), cell.source
        plain += [] if RICH & set(shown[0]) else [cell.source]
    assert plain == []
