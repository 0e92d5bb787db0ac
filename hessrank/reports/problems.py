"""Records as pages: the ranks of problems, exact and measured.

In: the dicts of `record` and of `GenericRanks.to_json`. Out: blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hessrank.proofs.minima.verdict import SIGNS
from hessrank.proofs.pages.blocks import Block, Cell, Heading, Mark, Table, Text, literal, pairs
from hessrank.proofs.reasoning.truth import Truth
from hessrank.record import MATRICES

#: The matrices at the head of a column, and in full.
SHORT = SIGNS | {"residual": "D²f"}
NAMES = SIGNS | {"gauss_newton": "JᵀAJ (Gauss–Newton)", "residual": "Σ r_m∇²F_m (D²f term)"}
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
GRADIENT, RESIDUAL = "gradient_norm", "residual_norm"
DISAGREE = "the exact and the numeric ranks disagree"


def of_gallery(records: Mapping[str, dict[str, Any]]) -> list[Block]:
    """One row an entry: the four ranks, exact and measured, the verdict, and where its reason
    stands in the list below the table."""
    reasons = list(dict.fromkeys(found["verdict"] for found in records.values()))
    rows: list[tuple[Cell, ...]] = [
        (
            literal(entry),
            *(_bounds(found[f"rank_{name}"]) for name in MATRICES),
            Mark(f"{numeric} ≠", "alarm") if found["agreement"] is False else numeric,
            POINTS.get(found["point"], "?"),
            _short(found["rank_equality"]),
            f"({reasons.index(found['verdict']) + 1})",
        )
        for (entry, found), numeric in zip(records.items(), _measured_rows(records), strict=True)
    ]
    heads = ("id", *(SHORT[n] for n in MATRICES), "measured", "point", "H=J?", "why")
    why = [(f"({number})", literal(reason)) for number, reason in enumerate(reasons, 1)]
    lines = [(entry, _near(found)) for entry, found in records.items()]
    near = [Text(literal(f"{entry}: {line}"), tone="open") for entry, line in lines if line]
    return [
        Table(heads, tuple(rows), "prrrrrllr"),
        Text(LEGEND),
        pairs(why),
        _gaps(records),
        *near,
        _summary(records),
    ]


def of_record(found: dict[str, Any]) -> list[Block]:
    """Everything about one spec."""
    size = found["size"]
    sizes = (
        f"{_count(size['parameters'], 'parameter')}, {_count(size['examples'], 'example')}, "
        f"{_count(size['outputs'], 'output')} each"
    )
    ranks = [
        (
            NAMES[name],
            "×".join(map(str, found[f"rank_{name}"]["shape"])),
            _bounds(found[f"rank_{name}"]),
            found[f"rank_{name}"]["status"],
            *_numeric_cells(found["numeric"][name]),
        )
        for name in MATRICES
    ]
    facts = [
        (name, Truth.of(fact["value"]).mark, literal(fact["reason"]))
        for name, fact in found["facts"].items()
    ]
    equal = Truth.of(found["rank_equality"]).mark
    shown: list[Block] = [
        Heading(title_of(found["id"], found["title"])),
        Text("\n".join([*([literal(found["shows"])] if found["shows"] else []), sizes])),
        Table(
            ("matrix", "shape", "rank", "status", "measured", "gap", "digits"),
            tuple(ranks),
            "pllplll",
        ),
        _reasons({name: found[f"rank_{name}"] for name in MATRICES}),
        _spectra(found),
        pairs(facts),
        *([Text(literal(line), tone="open")] if (line := _near(found)) else []),
        pairs([("θ", found["point"]), ("rank H = rank J", equal)]),
        Text(literal(found["verdict"])),
    ]
    if found["agreement"] is False:
        checks = [(SHORT[name], found["numeric"][name]["crosscheck"]) for name in MATRICES]
        apart = [(sign, c["reason"]) for sign, c in checks if c["verdict"] == "disagree"]
        shown += [Text(f"Warning: {DISAGREE}:", tone="alarm"), pairs(apart)]
    return shown


def _spectra(found: dict[str, Any]) -> Table:
    """‖∇L‖, ‖r‖ and the singular values of J and H on either side of the gap."""
    norms = [(n, _size(found[k])) for n, k in (("‖∇L‖", GRADIENT), ("‖r‖", RESIDUAL))]
    spectra = [
        (f"σ({SHORT[name]})", _spectrum(found["numeric"][name]))
        for name in ("jacobian", "hessian")
        if "not_measured" not in found["numeric"][name]
    ]
    return pairs([*norms, *spectra])


def _spectrum(numeric: dict[str, Any]) -> str:
    """Singular values, a bar where the rank is cut, and the gap there."""
    sigma, r = [_size(v) for v in numeric["singular_values"]], numeric["rank"]
    kept, left = sigma[:r], sigma[r:]
    if len(kept) > 5:
        kept = [*kept[:2], "…", *kept[-2:]]
    if len(left) > 3:
        left = [*left[:2], "…"]
    bar = ["|", *left] if left else []
    gap = f" (gap {numeric['gap']:.0e})" if left and numeric["gap"] else ""
    return " ".join([*kept, *bar]) + gap


def _gaps(records: Mapping[str, dict[str, Any]]) -> Table:
    """One row an entry: ‖∇L‖, ‖r‖, and the singular values on either side of the gap."""
    rows = [
        (
            literal(entry),
            _size(found[GRADIENT]),
            _size(found[RESIDUAL]),
            *(_beside(found["numeric"][name]) for name in ("jacobian", "hessian")),
        )
        for entry, found in records.items()
    ]
    heads = ("id", "‖∇L‖", "‖r‖", "σ(J) beside the gap", "σ(H) beside the gap")
    return Table(heads, tuple(rows), "prrrr")


def _beside(numeric: dict[str, Any]) -> str:
    """The last singular value that counts and the first that does not."""
    if "not_measured" in numeric:
        return "–"
    sigma, r = numeric["singular_values"], numeric["rank"]
    kept = _size(sigma[r - 1]) if r else "–"
    return f"{kept} | {_size(sigma[r]) if r < len(sigma) else '–'}"


def _size(value: float | None) -> str:
    return "?" if value is None else "0" if value == 0 else f"{value:.1e}"


def _near(found: dict[str, Any]) -> str:
    """What to do where θ is near a critical point; empty where it is not."""
    if not found["near_critical"]:
        return ""
    known = found["facts"]["critical point"]["value"]
    words = "not critical" if known is False else "not known to be critical"
    return f"{words}, but ‖∇L‖ = {found[GRADIENT]:.0e}: `hessrank nearby` looks for the exact one"


def of_generic(found: dict[str, Any]) -> list[Block]:
    """The ranks at almost every point, from `GenericRanks.to_json`."""
    bias = "biases" if found["bias"] else "no biases"
    ranks = [
        (
            NAMES[name],
            "×".join(map(str, found[name]["shape"])),
            _bounds(found[name]),
            found[name]["status"],
        )
        for name in MATRICES
    ]
    memory = found["peak_memory"] / 1e6
    return [
        Heading(f"{found['widths']} {found['activation']}, {bias}, {found['loss']}"),
        Text(
            f"{_count(found['parameters'], 'parameter')}, {_count(found['examples'], 'example')}, "
            f"inputs of rank {found['input_rank']}: the ranks at almost every θ, x and y"
            + (f", on {found['region']}" if found["region"] else "")
        ),
        Table(("matrix", "shape", "rank", "status"), tuple(ranks), "lllp"),
        _reasons({name: found[name] for name in MATRICES}),
        Text(f"{found['seconds']:.2f} s, {memory:.0f} MB at most, seed {found['seed']}"),
    ]


def title_of(id: str, title: str) -> str:
    """The head of a page about a spec."""
    return literal(f"{id}: {title}" if title else id)


def _reasons(ranks: Mapping[str, dict[str, Any]]) -> Table:
    """Both bounds of each rank, each with its reason."""
    rows: list[tuple[Cell, ...]] = []
    for name, rank in ranks.items():
        rows.append((f"rank {SHORT[name]} ≥ {rank['lower']}", literal(rank["lower_reason"])))
        chance = rank["failure_log2"]
        odds = "" if chance is None else f" (wrong with probability < 2^{chance:.0f})"
        upper = literal(rank["upper_reason"] + odds)
        rows.append((f"rank {SHORT[name]} ≤ {rank['upper']}", upper))
    return pairs(rows)


def _bounds(rank: dict[str, Any]) -> str:
    """5, or 3..5 where undecided; a probabilistic rank wears a ~."""
    if rank["lower"] != rank["upper"]:
        return f"{rank['lower']}..{rank['upper']}"
    return f"~{rank['lower']}" if rank["status"] == "probabilistic" else str(rank["lower"])


def _short(answer: bool | None) -> Mark:
    return Mark("?", "open") if answer is None else Truth.of(answer).mark


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


def _numeric_cells(numeric: dict[str, Any]) -> tuple[Cell, Cell, Cell]:
    """The measured rank, the gap below the last singular value that counts, the digits used."""
    if "not_measured" in numeric:
        return literal(f"– {numeric['not_measured']}"), "", ""
    rank: Cell = _measured(numeric)
    if numeric["crosscheck"]["verdict"] == "disagree":
        rank = Mark(f"{rank} ≠ exact", "alarm")
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
        return Text(literal(f"{counted}{DISAGREE} for {', '.join(apart)}."), tone="alarm")
    return Text(f"{counted}exact and numeric ranks never disagree.", tone="strong")


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
