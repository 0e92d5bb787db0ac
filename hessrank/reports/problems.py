"""Records as tables for a terminal: 80 columns are enough, colour only where there is a terminal.

In: the dicts of `record`. Out: lines on standard output.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hessrank.record import MATRICES

SYMBOLS = {"jacobian": "J", "gauss_newton": "JᵀAJ", "residual": "D²f", "hessian": "H"}
NAMES = {
    "jacobian": "J",
    "gauss_newton": "JᵀAJ (Gauss–Newton)",
    "residual": "Σ r_m∇²F_m (D²f term)",
    "hessian": "H",
}
ANSWERS = {
    True: Text("yes", style="green"),
    False: Text("no", style="yellow"),
    None: Text("undecided", style="cyan"),
}
#: What kind of point θ is, in a few letters.
POINTS = {
    "global minimum": "global",
    "strict local minimum": "local",
    "local minimum, not strict": "local",
    "not a minimum": "saddle",
    "not a critical point": "–",
}
LEGEND = (
    "Exact ranks of J, of both terms of H, JᵀAJ (Gauss–Newton) and Σ r_m∇²F_m (D²f), and of H; "
    "the same four measured in floating point; whether θ is a global or local minimum of L, "
    "critical but none (saddle), not critical (–) or undecided (?); whether rank H = rank J, and "
    "why. a..b: undecided "
    "between a and b; ~: probable, with a failure bound; –: not measured. More about an entry: "
    "hessrank rank ID. T4: r = 0 and A ⪰ 0 imply ker H = J⁻¹(ker A)."
)
DISAGREE = "the exact and the numeric ranks disagree"


class _Output(Console):
    """A console that lets `main` hear that nobody reads on, where rich would end with status 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console() -> Console:
    """Standard output, without markup: what is printed may hold brackets."""
    return _Output(markup=False, highlight=False, emoji=False)


def print_gallery(records: Mapping[str, dict[str, Any]]) -> None:
    """One row an entry: the four ranks, exact and measured, the verdict, and where its reason
    stands in the list below the table."""
    out = console()
    reasons = list(dict.fromkeys(found["verdict"] for found in records.values()))
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("id", overflow="fold", max_width=24)
    for name in MATRICES:
        table.add_column(SYMBOLS[name], justify="right", no_wrap=True)
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("point", no_wrap=True)
    table.add_column("H=J?", no_wrap=True)
    table.add_column("why", justify="right", no_wrap=True)
    for (entry, found), numeric in zip(records.items(), _measured_rows(records), strict=True):
        table.add_row(
            entry,
            *(_bounds(found[f"rank_{name}"]) for name in MATRICES),
            Text(f"{numeric} ≠", style="bold red") if found["agreement"] is False else numeric,
            POINTS.get(found["point"], "?"),
            _short(found["rank_equality"]),
            f"({reasons.index(found['verdict']) + 1})",
        )
    out.print(table)
    out.print()
    out.print(LEGEND)
    out.print()
    why = Table.grid(padding=(0, 1, 0, 0))
    for number, reason in enumerate(reasons, 1):
        why.add_row(f"({number})", reason)
    out.print(why)
    out.print()
    out.print(_summary(records))


def print_record(found: dict[str, Any]) -> None:
    """Everything about one spec."""
    out = console()
    size = found["size"]
    out.print(Text(f"{found['id']}: {found['title']}".rstrip(": "), style="bold"))
    if found["shows"]:
        out.print(found["shows"])
    out.print(
        f"{_count(size['parameters'], 'parameter')}, {_count(size['examples'], 'example')}, "
        f"{_count(size['outputs'], 'output')} each"
    )
    out.print()
    ranks = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for column in ("matrix", "shape", "rank", "status", "measured", "gap", "digits"):
        ranks.add_column(column, overflow="fold")
    for name in MATRICES:
        rank = found[f"rank_{name}"]
        ranks.add_row(
            NAMES[name],
            "×".join(map(str, rank["shape"])),
            _bounds(rank),
            rank["status"],
            *_numeric_cells(found["numeric"][name]),
        )
    out.print(ranks)
    out.print()
    out.print(_reasons({name: found[f"rank_{name}"] for name in MATRICES}))
    out.print()
    facts = Table.grid(padding=(0, 2, 0, 0))
    for name, fact in found["facts"].items():
        facts.add_row(name, ANSWERS[fact["value"]], fact["reason"])
    out.print(facts)
    out.print()
    out.print(f"θ: {found['point']}")
    out.print(Text.assemble("rank H = rank J: ", ANSWERS[found["rank_equality"]]))
    out.print(found["verdict"])
    if found["agreement"] is False:
        out.print(Text(f"Warning: {DISAGREE}:", style="bold red"))
        for name in MATRICES:
            check = found["numeric"][name]["crosscheck"]
            if check["verdict"] == "disagree":
                out.print(f"{SYMBOLS[name]}: {check['reason']}")


def print_generic(found: dict[str, Any]) -> None:
    """The ranks at almost every point, from `GenericRanks.to_json`."""
    out = console()
    bias = "biases" if found["bias"] else "no biases"
    out.print(
        Text(f"{found['widths']} {found['activation']}, {bias}, {found['loss']}", style="bold")
    )
    out.print(
        f"{_count(found['parameters'], 'parameter')}, {_count(found['examples'], 'example')}, "
        f"inputs of rank {found['input_rank']}: the ranks at almost every θ, x and y"
        + (f", on {found['region']}" if found["region"] else "")
    )
    out.print()
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for column in ("matrix", "shape", "rank", "status"):
        table.add_column(column, overflow="fold")
    for name in MATRICES:
        rank = found[name]
        shape = "×".join(map(str, rank["shape"]))
        table.add_row(NAMES[name], shape, _bounds(rank), rank["status"])
    out.print(table)
    out.print()
    out.print(_reasons({name: found[name] for name in MATRICES}))
    out.print()
    memory = found["peak_memory"] / 1e6
    out.print(f"{found['seconds']:.2f} s, {memory:.0f} MB at most, seed {found['seed']}")


def _reasons(ranks: Mapping[str, dict[str, Any]]) -> Table:
    """Both bounds of each rank, each with its reason."""
    table = Table.grid(padding=(0, 1, 0, 0))
    for name, rank in ranks.items():
        table.add_row(f"rank {SYMBOLS[name]} ≥ {rank['lower']}", rank["lower_reason"])
        chance = rank["failure_log2"]
        odds = "" if chance is None else f" (wrong with probability < 2^{chance:.0f})"
        table.add_row(f"rank {SYMBOLS[name]} ≤ {rank['upper']}", rank["upper_reason"] + odds)
    return table


def _bounds(rank: dict[str, Any]) -> str:
    """5, or 3..5 where undecided; a probabilistic rank wears a ~."""
    if rank["lower"] != rank["upper"]:
        return f"{rank['lower']}..{rank['upper']}"
    return f"~{rank['lower']}" if rank["status"] == "probabilistic" else str(rank["lower"])


def _short(answer: bool | None) -> Text:
    return Text("?", style="cyan") if answer is None else ANSWERS[answer]


def _measured(numeric: dict[str, Any]) -> str:
    if "not_measured" in numeric:
        return "–"
    if numeric["ambiguous"]:
        return f"{numeric['lower']}..{numeric['upper']}"
    return str(numeric["rank"])


def _measured_rows(records: Mapping[str, dict[str, Any]]) -> list[str]:
    """The four measured ranks of each record, in columns."""
    cells = [[_measured(found["numeric"][n]) for n in MATRICES] for found in records.values()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        " ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    ]


def _numeric_cells(numeric: dict[str, Any]) -> tuple[Text, str, str]:
    """The measured rank, the gap below the last singular value that counts, the digits used."""
    if "not_measured" in numeric:
        return Text(f"– {numeric['not_measured']}"), "", ""
    rank = Text(_measured(numeric))
    if numeric["crosscheck"]["verdict"] == "disagree":
        rank = Text(f"{rank} ≠ exact", style="bold red")
    gap = "none" if numeric["gap"] is None else f"{numeric['gap']:.0e}"
    return rank, gap, str(numeric["digits"])


def _summary(records: Mapping[str, dict[str, Any]]) -> Text:
    answers = [found["rank_equality"] for found in records.values()]
    counted = (
        f"{_count(len(records), 'problem')}: rank H = rank J holds for {answers.count(True)}, "
        f"fails for {answers.count(False)}, undecided for {answers.count(None)}; "
    )
    apart = [entry for entry, found in records.items() if found["agreement"] is False]
    if apart:
        return Text(f"{counted}{DISAGREE} for {', '.join(apart)}.", style="bold red")
    return Text(f"{counted}exact and numeric ranks never disagree.", style="bold")


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
