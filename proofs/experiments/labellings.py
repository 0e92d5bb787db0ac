"""What the cells of all labellings say of the claims: 25, 28, 39, 42, 44, 48, 49, 52, 70, 78, 79.

In: a `Table` of cells, by default the recorded one. Out: an `Experiment` for each claim. Ranks in
it are certified at exact points; only breadths and spreads are measured. Every share comes with an
interval that is clustered by labelling (`intervals`): whatever is pooled, the runs of one labelling
of one data set are one cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import partial
from math import exp, log
from typing import Any

from hessrank.proofs.experiments.basin_volumes import prior_masses
from hessrank.proofs.experiments.cells import KINDS, PAIRS, Cell, Setting
from hessrank.proofs.experiments.design import (
    ACTIVATIONS,
    COMMAND,
    RANDOM,
    SETTINGS,
    Table,
    recorded,
    size,
)
from hessrank.proofs.experiments.flow import drainage
from hessrank.proofs.experiments.intervals import mean
from hessrank.proofs.experiments.networks import OPTIMISERS
from hessrank.proofs.experiments.shares import (
    DEEP,
    Count,
    deficient,
    grouped,
    of_fits,
    plain,
    pooled,
    share,
    shown,
    tallied,
)
from hessrank.proofs.reasoning.claim import Experiment


def _made(table: Table, question: str, answer: str, counts: dict[str, Any]) -> Experiment:
    command = f"{COMMAND} --runs {table.runs} --seed {table.seed}"
    lead = "Ranks certified at exact points, all labellings, 95 % intervals clustered by labelling."
    return Experiment(question, f"{lead} {answer}", counts, table.seed, command)


# --- ranks ---------------------------------------------------------------------------------------


def rarer(table: Table) -> Experiment:
    """Claim 48: how often J is deficient at the fits that training finds, by the number of
    parameters."""
    known = of_fits(deficient)
    apart = of_fits(lambda s, rank, merged, moved: None if moved else deficient(s, rank, 0, moved))
    groups = grouped(lambda s: len(s.hidden) < DEEP and s.scale == 1)
    counts = tallied(table, groups, deficient=known, deficient_of_those_not_moved=apart)
    parts = []
    for name, group in grouped(plain, by_size=False).items():
        rows = [counts[f"{name}, {size(s)}"] for s in group if table.of(s)]
        if len(rows) > 1:
            first, last = rows[0]["deficient"], rows[-1]["deficient"]
            parts.append(f"{name}: {shown(first)}, then {shown(last)}, {_trend(first, last)}")
    drawn = [s for s in SETTINGS if s.data == RANDOM]
    parts.append(f"labels drawn at random: {shown(share(table, drawn, known))}")
    question = "How often is J rank-deficient at the fits that training finds, as the net grows?"
    return _made(table, question, f"From the least net to the largest: {'; '.join(parts)}.", counts)


def _trend(first: Mapping[str, Any], last: Mapping[str, Any]) -> str:
    if last["interval"][1] < first["interval"][0]:
        return "rarer"
    if first["interval"][1] < last["interval"][0]:
        return "more frequent"
    return "not separated"


def _of_rank(rank: int, setting: Setting, found: int, merged: int, moved: bool) -> bool:
    return found == rank


def dimensions(table: Table) -> Experiment:
    """Claim 49: dimensions N − rank J of the fits that nets of 21 parameters find on four
    examples. If dimension predicted what is found, the largest would be found most."""
    counts: dict[str, Any] = {}
    parts = []
    for name, group in grouped(lambda s: s.data == "square" and s.hidden == (5,)).items():
        ranks = sorted({rank for s in group for cell in table.of(s) for rank, *_ in cell["fits"]})
        N = group[0].net.parameters
        rows = {N - rank: share(table, group, of_fits(partial(_of_rank, rank))) for rank in ranks}
        if rows:
            counts[name] = {f"dimension {d}": row for d, row in rows.items()}
            top = max(rows)
            usual = max(rows, key=lambda d: rows[d]["hits"])
            parts.append(f"{name}: the largest, {top}, in {shown(rows[top])}, most often {usual}")
    question = "Are fits on manifolds of higher dimension (N − rank J) found more often?"
    return _made(table, question, f"{'; '.join(parts)}.", counts)


def merging_and_deficiency(table: Table) -> Experiment:
    """Claim 42: how often J is deficient at fits that merge examples, and at others."""

    def given(wanted: bool) -> Count:
        return of_fits(
            lambda s, rank, merged, moved: (
                deficient(s, rank, merged, moved)
                if merged >= 0 and (merged > 0) == wanted
                else None
            )
        )

    both = {"deficient_among_merged": given(True), "deficient_among_others": given(False)}
    counts = pooled(table, plain, **both) | tallied(table, grouped(plain), **both)
    parts = [
        f"{a}: {shown(counts[f'all, {a}']['deficient among merged'])} of the fits that merge "
        f"examples are deficient, {shown(counts[f'all, {a}']['deficient among others'])} of the "
        "others"
        for a in ACTIVATIONS
        if f"all, {a}" in counts
    ]
    question = "How much more often are fits rank-deficient where examples are merged?"
    return _made(table, question, f"{'; '.join(parts)}.", counts)


def _merged_among(low: bool) -> Count:
    return of_fits(
        lambda s, rank, merged, moved: (
            merged > 0 if merged >= 0 and deficient(s, rank, merged, moved) == low else None
        )
    )


def deficiency_and_merging(table: Table) -> Experiment:
    """Claim 44: of the deficient fits, how many merge examples."""
    both = {
        "merged_among_deficient": _merged_among(True),
        "merged_among_full_rank": _merged_among(False),
    }
    counts = pooled(table, plain, **both) | tallied(table, grouped(plain), **both)
    parts = [
        f"{a}: {shown(counts[f'all, {a}']['merged among deficient'])} deficient fits merge "
        f"examples, {shown(counts[f'all, {a}']['merged among full rank'])} of full rank"
        for a in ACTIVATIONS
        if f"all, {a}" in counts
    ]
    question = "Do rank-deficient fits merge examples?"
    return _made(table, question, f"{'; '.join(parts)}.", counts)


def usually_merging(table: Table) -> Experiment:
    """Claim 79: how many deficient fits merge examples; deficiency by relu and by tanh; and in nets
    of two hidden layers how often fits that merge in the first, or in the second, are deficient."""
    counts = pooled(
        table, plain, deficient=of_fits(deficient), merged_among_deficient=_merged_among(True)
    )

    def first_merged(layer: int) -> Count:
        return of_fits(
            lambda s, rank, merged, moved: (
                deficient(s, rank, merged, moved) if merged == layer else None
            )
        )

    deep = grouped(lambda s: len(s.hidden) == DEEP, by_size=False)
    layers = {
        "deficient_where_layer_1_merges": first_merged(1),
        "deficient_where_layer_2_merges_first": first_merged(2),
        "deficient_where_none_merges": first_merged(0),
    }
    late = {f"two layers, {name}": row for name, row in tallied(table, deep, **layers).items()}
    counts |= late
    relu, tanh = (counts.get(f"all, {a}") for a in ACTIVATIONS)
    parts = [
        f"{a}: {shown(row['deficient'])} fits are deficient, and of these "
        f"{shown(row['merged among deficient'])} merge examples"
        for a, row in zip(ACTIVATIONS, (relu, tanh), strict=True)
        if row
    ]
    parts += [
        f"{name}: deficient where layer 1 merges {shown(row['deficient where layer 1 merges'])}, "
        f"where layer 2 does first {shown(row['deficient where layer 2 merges first'])}"
        for name, row in late.items()
        if "relu" in name
    ]
    question = "Is dependence usually caused by merging, more by relu and early?"
    return _made(table, question, f"{'; '.join(parts)}.", counts)


# --- breadth -------------------------------------------------------------------------------------


def _pairs(kind: str, which: str) -> Count:
    place = 1 + PAIRS.index(which)
    return lambda setting, cell: (cell[kind][place], cell[kind][0])


def _compared(kind: str) -> dict[str, Count]:
    return {which.replace(" ", "_"): _pairs(kind, which) for which in PAIRS}


def flatness(table: Table) -> Experiment:
    """Claim 39: of two fits of one labelling, is the one of lower rank the flatter?"""
    counts = pooled(table, plain, **_compared("lower rank"))
    row = counts.get("all, relu")
    answer = "No two fits of one labelling differ in rank."
    if row:
        answer = (
            f"relu: of two fits of one labelling the one of lower rank has the smaller tr H in "
            f"{shown(row['flatter'])} pairs, the smaller det(I + bH) in "
            f"{shown(row['more at b = 100'])} at b = 100; tanh nets have no pairs of unequal rank."
        )
    question = "Is the rank of H correlated with the flatness of the basin?"
    return _made(table, question, answer, counts)


def broader_where_merged(table: Table) -> Experiment:
    """Claim 70: of two fits of one labelling, is the one that merges examples the broader?"""
    counts = pooled(table, plain, **_compared("merged"))
    parts = [
        f"{name.removeprefix('all, ')}: the fit that merges examples has the smaller tr H in "
        f"{shown(row['flatter'])} pairs, the smaller det(I + bH) at b = 100 in "
        f"{shown(row['more at b = 100'])}"
        for name, row in counts.items()
    ]
    question = "Of two fits of one labelling, is the one that merges examples the broader?"
    return _made(table, question, f"{'; '.join(parts)}.", counts)


def prior_weights(table: Table) -> Experiment:
    """Claim 52 on networks: of two fits of unequal rank, which holds more of a Gaussian prior,
    det(I + bH)^(−1/2), at which scale b?"""
    counts = pooled(table, plain, **_compared("lower rank"))
    row = counts.get("all, relu", {})
    parts = [f"{shown(row[which])} at {which.split(' at ')[1]}" for which in PAIRS[1:] if row]
    question = "Of two fits of unequal rank, does the one of lower rank hold more of the prior?"
    answer = f"relu nets: the lower rank holds more in {', '.join(parts)} pairs."
    return _made(table, question, answer, counts)


# --- what is found -------------------------------------------------------------------------------


def residual_minima(table: Table) -> Experiment:
    """Claim 28: how often training ends beside an exact local minimum with r ≠ 0."""
    minima, equal = KINDS[:3], KINDS[0]

    def ends(setting: Setting, cell: Cell) -> tuple[int, int]:
        return sum(cell.get(kind, 0) for kind in minima), cell["runs"]

    def same(setting: Setting, cell: Cell) -> tuple[int, int]:
        decided = [cell.get(kind, 0) for kind in minima[:2]]
        return cell.get(equal, 0), sum(decided)

    names = {"minima_with_residual": ends, "with_rank_H_=_rank_J": same}
    every = grouped(lambda s: s.scale == 1 and s.data != RANDOM)
    counts = pooled(table, plain, **names) | tallied(table, every, **names)
    parts = [
        f"{a}: {shown(counts[f'all, {a}']['minima with residual'])} trainings of nets of one "
        "hidden layer end beside an exact local minimum with r ≠ 0; of these "
        f"{shown(counts[f'all, {a}']['with rank H = rank J'])} have rank H = rank J"
        for a in ACTIVATIONS
        if f"all, {a}" in counts
    ]
    question = "How often does training end in a local minimum with r ≠ 0, though N > M?"
    return _made(table, question, f"{'; '.join(parts)}.", counts)


def consistency(table: Table) -> Experiment:
    """Claim 78: the spread of the outputs off the data over the runs, the largest net against the
    least, labelling by labelling."""
    counts: dict[str, Any] = {}
    parts = []
    for name, group in grouped(plain, by_size=False).items():
        ran = [s for s in group if table.of(s)]
        if len(ran) < 2:
            continue
        ends = [[cell["spread"] for cell in table.of(s)] for s in (ran[0], ran[-1])]
        logs = [log(b / a) for a, b in zip(*ends, strict=True) if a and b]
        low, high = (round(exp(v), 3) if abs(v) < 50 else None for v in mean(logs))
        medians = {size(s): _median(cell["spread"] for cell in table.of(s)) for s in ran}
        counts[name] = {
            "median spread": medians,
            "largest over least": [low, high],
            "labellings": len(logs),
        }
        if low is not None and high is not None:
            word = "more consistent" if high < 1 else "less" if low > 1 else "not separated"
            parts.append(f"{name}: {low:g} to {high:g}, {word}")
    question = "Do the outputs off the data become more consistent across runs as N grows?"
    answer = f"Spread of the largest net over that of the least, mean ratio: {'; '.join(parts)}."
    return _made(table, question, answer, counts)


def _median(values: Iterable[float | None]) -> float | None:
    known = sorted(v for v in values if v is not None)
    return known[len(known) // 2] if known else None


def drained(table: Table) -> Experiment:
    """Claim 25 on networks: of the fits that gradient descent finds from starts of several widths,
    how many lie on manifolds of more than N − M dimensions, in cells that have both kinds."""

    def higher(setting: Setting, cell: Cell) -> tuple[int, int]:
        hits, of = of_fits(deficient)(setting, cell)
        return (hits, of) if 0 < hits < of else (0, 0)

    counts = {}
    for scale in (Fraction(1, 2), Fraction(1), Fraction(2)):
        group = [
            s
            for s in SETTINGS
            if s.scale == scale and s.hidden == (2,) and s.data == "square"
            if s.activation == "relu" and s.optimiser == OPTIMISERS[0]
        ]
        if any(table.of(s) for s in group):
            counts[f"relu on the square, N = 9, starts of scale {scale}"] = {
                "higher dimension": share(table, group, higher)
            }
    parts = [
        f"{shown(row['higher dimension'])} for {name.rsplit(', ', 1)[1]}"
        for name, row in counts.items()
    ]
    question = "Where a labelling has fits of both kinds, how many are of higher dimension?"
    return _made(table, question, f"relu: {', '.join(parts)}.", counts)


#: By the number of the claim.
EXPERIMENTS: dict[int, Callable[[Table], Experiment]] = {
    25: drained,
    28: residual_minima,
    39: flatness,
    42: merging_and_deficiency,
    44: deficiency_and_merging,
    48: rarer,
    49: dimensions,
    52: prior_weights,
    70: broader_where_merged,
    78: consistency,
    79: usually_merging,
}


def of_claim(number: int) -> Callable[[int], Experiment]:
    """The experiment of a claim on the recorded cells, whatever seed is asked for; those of 25 and
    52 beside what sampling finds in two parameters."""
    beside = {25: drainage, 52: prior_masses}.get(number)

    def found(seed: int) -> Experiment:
        here = EXPERIMENTS[number](recorded())
        return here if beside is None else _both(beside(recorded().seed), here)

    return found


def _both(one: Experiment, other: Experiment) -> Experiment:
    return Experiment(
        f"{one.question} {other.question}",
        f"{one.answer} {other.answer}",
        one.counts | other.counts,
        other.seed,
        f"{one.command}\n{other.command}",
    )
