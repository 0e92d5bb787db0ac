"""What must be found: counterexamples, each the smallest that the search reaches in its budget.

    python benchmarks/counterexamples.py [--seconds S] [--jobs J] [ROW ...]

Searches every row, or those named, and writes what was found, how far the search came and the time
that it took into counterexamples.json; docs/counterexamples.md is generated from that file:

    python benchmarks/counterexamples.py --page
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hessrank as hr

DOCS = Path(__file__).parent.parent / "docs"
FOUND, PAGE = Path(__file__).with_suffix(".json"), DOCS / "counterexamples.md"


@dataclass(frozen=True)
class Row:
    """What is refuted: a claim of the catalogue or one's own; asked: the constraints."""

    id: str
    title: str
    claim: str = ""
    hypotheses: tuple[str, ...] = ()
    conclusion: str = ""
    asked: dict[str, Any] = field(default_factory=dict)

    def statement(self) -> str | hr.Claim:
        """What `hr.counterexample` takes."""
        if self.claim:
            return self.claim
        named = [hr.predicate(text) for text in self.hypotheses]
        return hr.Claim(id=self.id, hypotheses=named, conclusion=hr.predicate(self.conclusion))

    @property
    def words(self) -> str:
        said = self.claim or f"{' & '.join(self.hypotheses)} ⇒ {self.conclusion}".lstrip(" ⇒")
        options = [
            f"--{k.replace('_', '-')}" + ("" if v is True else f" {_listed(v)}")
            for k, v in self.asked.items()
        ]
        return f"{said} ({' '.join(options)})" if options else said


def _listed(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _minima(name: str, relation: str, **asked: Any) -> Row:
    more = relation == "<="
    return Row(
        f"{name}-{'more' if more else 'fewer'}",
        f"{name}: a local minimum with rank H {'>' if more else '<'} rank J",
        hypotheses=("local-minimum",),
        conclusion=f"rank H {relation} rank J",
        asked={"activation": name, "loss": "mse", "overparameterised": True, "scalar": True}
        | asked,
    )


ROWS = (
    *(_minima(n, r) for n in ("tanh", "sigmoid", "softplus", "square") for r in ("<=", ">=")),
    *(_minima(n, r, layers=2) for n in ("relu", "identity") for r in ("<=", ">=")),
    Row(
        "two-outputs",
        "linear with one hidden layer and two outputs, just outside T16",
        hypotheses=("local-minimum",),
        conclusion="rank H = rank J",
        asked={"activation": "identity", "loss": "mse", "widths": (2, 1, 2)},
    ),
    Row(
        "two-hidden-layers",
        "relu with two hidden layers, just outside T16 and T17",
        hypotheses=("local-minimum",),
        conclusion="rank H = rank J",
        asked={
            "activation": "relu",
            "loss": "mse",
            "overparameterised": True,
            "scalar": True,
            "layers": 3,
            "max_parameters": 10,
            "max_examples": 6,
        },
    ),
    Row(
        "linear-two-hidden-layers",
        "linear with two hidden layers: T17 forbids it",
        hypotheses=("local-minimum",),
        conclusion="rank H = rank J",
        asked={
            "activation": "identity",
            "loss": "mse",
            "overparameterised": True,
            "scalar": True,
            "layers": 3,
        },
    ),
    Row(
        "diagonal-A",
        "a diagonal A that breaks equality at a perfect fit",
        hypotheses=("perfect-fit", "A-diagonal"),
        conclusion="rank H = rank J",
    ),
    Row(
        "softmax-on-logits",
        "softmax on logits: a local minimum with rank H ≠ rank J",
        hypotheses=("local-minimum",),
        conclusion="rank H = rank J",
        asked={"loss": "softmax-cross-entropy"},
    ),
    Row("zero-not-flat", "a zero eigenvalue that is not flat", claim="zero-eigenvalue-is-flat"),
    Row(
        "merged-not-dependent",
        "merged activations without dependence",
        claim="merging-causes-dependence",
    ),
    Row(
        "dependent-not-merged",
        "dependence without merging",
        claim="low-rank-indicates-loss",
    ),
    Row("small-fibre", "a fibre smaller than N − M", claim="fibre-dimension-at-least"),
    Row(
        "rank-stays",
        "rank J stays while the dimension of the fibre does not follow it",
        hypotheses=("rank J = 0",),
        conclusion="dim fibre = N",
    ),
    Row(
        "gain-of-two",
        "a gain of rank of two at a local minimum",
        hypotheses=("local-minimum",),
        conclusion="rank H <= rank J + 1",
        asked={"loss": "mse", "overparameterised": True, "scalar": True},
    ),
    Row(
        "gain-of-two-tanh",
        "a gain of rank of two, tanh",
        hypotheses=("local-minimum",),
        conclusion="rank H <= rank J + 1",
        asked={"activation": "tanh", "loss": "mse", "overparameterised": True, "scalar": True},
    ),
)


def searched(row: Row, seconds: float, jobs: int) -> dict[str, Any]:
    """What the search gives for a row."""
    found = hr.find_smallest(row.statement(), seconds=seconds, jobs=jobs, **row.asked)
    here = getattr(found.finding, "subject", None)
    here = getattr(here, "here", here)
    told: dict[str, Any] = {
        "spec": hr.dumps(here, title=row.id) if isinstance(here, hr.Landscape) else None,
        "facts": {n: f.reason for n, f in found.finding.facts} if found.finding else {},
        "search": found.sentence,
        "seconds": round(found.seconds, 1),
        "jobs": jobs,
    }
    if isinstance(here, hr.Landscape):
        told["size"] = [here.problem.N, here.problem.M, len(here.problem.data)]
        told["ranks"] = {n: here.rank(n).lower for n in ("jacobian", "hessian")}
    return told


def page(found: dict[str, dict[str, Any]]) -> str:
    """The page: a table, and a section for each row."""
    lines = [
        "# Counterexamples that the search finds",
        "",
        "Written by `python benchmarks/counterexamples.py`; how the search works is on "
        "[searching.md](searching.md). Seconds are those of processor time in the busiest of two "
        "processes; with a star, of the clock on the wall, in one process beside others.",
        "",
        "| | N, M, D | rank J | rank H | seconds |",
        "|---|---|---|---|---|",
    ]
    rows = [row for row in ROWS if row.id in found]
    for row in rows:
        told = found[row.id]
        shown = ["none", "", ""]
        if told["spec"]:
            ranks = told["ranks"]
            size = ", ".join(map(str, told["size"]))
            shown = [size, str(ranks["jacobian"]), str(ranks["hessian"])]
        cells = [
            f"[{row.title}](#{row.id.lower()})",
            *shown,
            f"{told['seconds']}{'' if told.get('jobs') else ' *'}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    for row in rows:
        told = found[row.id]
        lines += ["", f"## {row.id}", "", f"{row.title}. Refuted: `{row.words}`.", ""]
        lines += [told["search"]]
        if told["spec"]:
            reasons = [f"- {name}: {why}" for name, why in told["facts"].items()]
            lines += ["", *reasons, "", "```toml", told["spec"].rstrip(), "```"]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--page", action="store_true", help="write the page alone")
    arguments = parser.parse_args()
    found = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else {}
    for row in ROWS if not arguments.page else ():
        if not arguments.rows or row.id in arguments.rows:
            found[row.id] = searched(row, arguments.seconds, arguments.jobs)
            told = found[row.id]
            print(row.id, told.get("size", "none"), told["seconds"], told["search"], flush=True)
            text = json.dumps(found, ensure_ascii=False, indent=1)
            FOUND.write_text(text + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
