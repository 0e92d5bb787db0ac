"""Experiments as pages; as a program, docs/experiments.md: python -m hessrank.reports.experiments.

In: an `Experiment`, a `Table` of cells, a `Path`. Out: blocks. Every number of the page comes from
the recorded cells or is computed anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hessrank.proofs.experiments.cells import DATA, KINDS
from hessrank.proofs.experiments.design import SETTINGS, Table, recorded
from hessrank.proofs.experiments.labellings import EXPERIMENTS
from hessrank.proofs.experiments.off_fit import Path, off_fit
from hessrank.proofs.experiments.shares import counted, deficient, of_fits, plain, share, shown
from hessrank.proofs.pages import blocks as page
from hessrank.proofs.pages import markdown
from hessrank.proofs.pages.blocks import Block, Code, Heading, Items, Text, literal
from hessrank.proofs.reasoning.claim import Experiment


def of_experiment(found: Experiment) -> list[Block]:
    """Question, answer, counts, and the command that gives them again."""
    rows = tuple(literal(f"{key}: {counted(value)}") for key, value in found.counts.items())
    asked = Text(literal(found.answer), literal(found.question))
    return [asked, *([Items(rows)] if rows else []), Text("Again:"), Code(found.command)]


def findings(table: Table) -> dict[str, dict[str, Any]]:
    """What the cells say of each claim, as JSON."""
    return {
        str(number): {"question": e.question, "answer": e.answer, "counts": e.counts}
        for number, e in ((number, make(table)) for number, make in EXPERIMENTS.items())
    }


def of_labellings(table: Table) -> list[Block]:
    """What became of the runs, then every claim's shares."""
    found: list[Block] = [Heading("All labellings"), _ends(table), _by_labelling(table)]
    for number, make in EXPERIMENTS.items():
        e = make(table)
        answer = e.answer.split("labelling. ", 1)[-1]
        found += [Heading(literal(f"Claim {number}"), 3), Text(literal(answer), e.question)]
        found += [_shares(e.counts)] if e.counts else []
    return found


def _shares(counts: Mapping[str, Mapping[str, Any]]) -> Block:
    columns = tuple(dict.fromkeys(name for row in counts.values() for name in row))
    rows = tuple(
        (literal(name), *(literal(counted(row[c])) if c in row else "" for c in columns))
        for name, row in counts.items()
    )
    return page.Table(("", *map(literal, columns)), rows, "p" + "p" * len(columns))


def _ends(table: Table) -> Block:
    """How the runs of each setting ended."""
    rows = []
    for s in SETTINGS:
        cells = table.of(s)
        if not cells:
            continue
        fits = [f for cell in cells for f in cell["fits"]]
        low = share(table, [s], of_fits(deficient))
        rows.append(
            (
                literal(s.key.removesuffix("; 1").replace("; ", ", ")),
                str(s.net.parameters),
                str(sum(cell["runs"] for cell in cells)),
                str(sum(f[-1] for f in fits)),
                str(sum(n for *_, moved, n in fits if moved)),
                literal(shown(low)),
                *(str(sum(cell.get(kind, 0) for cell in cells)) for kind in KINDS),
            )
        )
    head = ("setting", "N", "runs", "fits", "moved", "deficient", "min H=J", "min H≠J", "min ?")
    tail = ("critical", "undecided", "unfinished")
    return page.Table((*head, *tail), tuple(rows), "prrrrprrrrrr")


def _by_labelling(table: Table) -> Block:
    """Deficient fits of each labelling of the square, relu and one hidden layer."""
    group = [s for s in SETTINGS if plain(s) and s.data == "square" and s.activation == "relu"]
    rows = []
    for k, y in enumerate(DATA["square"].labellings):
        cells = [table.of(s)[k] for s in group if len(table.of(s)) > k]
        fits = [f for cell in cells for f in cell["fits"]]
        low = [f for f in fits if f[0] < len(y)]
        counts = (
            sum(cell["runs"] for cell in cells),
            sum(n for *_, n in fits),
            sum(n for *_, n in low),
            sum(n for _, merged, _, n in low if merged > 0),
        )
        rows.append(("".join(map(str, y)), *map(str, counts)))
    head = ("labels of the square, relu", "runs", "fits", "deficient", "of these merged")
    return page.Table(head, tuple(rows), "lrrrr")


def of_path(title: str, path: Path) -> list[Block]:
    """Ranks and signs along t·r."""
    rows = []
    for step in path.steps:
        i = step.inertia
        values = step.eigenvalues.get("hessian", ())
        rows.append(
            (
                str(step.t),
                *(r.shown for r in (step.gauss_newton, step.residual, step.hessian)),
                "" if i is None else f"{i.positive}, {i.negative}, {i.zero}",
                " ".join(f"{v:.3g}" for v in _ends_of(values)),
            )
        )
    critical = {True: "is critical at every t", False: "is critical at t = 0 alone"}
    known = "" if path.critical is None else f" θ {critical[path.critical]}."
    passed = ", ".join(f"{a} and {b}" for a, b in path.crossings)
    crossing = f" An eigenvalue of H passes or leaves 0 between t = {passed}." if passed else ""
    head = ("t", "rank JᵀAJ", "rank D²f", "rank H", "+, −, 0", "λ(H), measured")
    return [
        Heading(literal(title), 3),
        Text(literal(f"Labels with ∇ℓ(F) = t·r; ranks and signs are exact.{known}{crossing}")),
        page.Table(head, tuple(rows), "llllll"),
    ]


def _ends_of(values: Sequence[float]) -> list[float]:
    """At most six, rounded noise as 0."""
    most = max(map(abs, values), default=0.0)
    known = [0.0 if abs(v) < 1e-12 * most else v for v in values]
    return known if len(known) <= 6 else known[:3] + known[-3:]


#: docs/experiments.md, but for the tables.
PAGE = """\
# Experiments

Claims that say “usually”, “rarely” or “tends to” are measured. One experiment serves 25, 28, 39,
42, 44, 48, 49, 52, 70, 78 and 79: small nets are trained on *every* labelling by 0 and 1 that is
not constant of three data sets, the corner (0,0), (0,1), (1,0) of the unit square, the square
itself, and five points on a line (6, 14 and 30 labellings), and on the square with 14 label vectors
drawn at random; with relu and tanh, by plain gradient descent and by Adam.

```text
hessrank experiment labellings --jobs 2 --plot labellings.svg
```

It prints the tables below: {total} trainings, {runs} of each net on each labelling, seed {seed}. It
takes about 16 minutes of processor time, and goes on where it was when it is killed; the same seed
gives the same numbers. The claims cite them from `proofs/experiments/recorded.json`, and this
page is `python -m hessrank.reports.experiments`. A part in seconds:

```sh
hessrank experiment labellings --data corner --runs 1 --into corner.sqlite
```

**Ranks are certified, not measured.** Beside each end of training an exact fit or an exact critical
point is certified ([points.md](points.md); for relu nets of one hidden layer a fit over Q), and
ranks are decided *there*. Gradient descent on relu nets often ends at a kink, where J does not
exist: an argument of a unit falls to 0 on an example on which it should not fire. Then the exact
fit is looked for where the unit is dead there; these are the `moved` ones, and claim 48 is also
shown without them. Runs near a fit beside which none was certified are `undecided` and are no fits.

**Intervals are clustered.** Runs of one labelling are alike. The 95 % intervals are Wilson’s with
the effective number n/deff of runs, deff the design effect (Kish 1965) by the variance between
labellings, and Student’s t of one less than the number of labellings (Korn and Graubard 1998; Dean
and Pagano 2015). Where all labellings agree nothing is known of deff, and each labelling counts for
one run: no case on 6 labellings is an interval up to 0.52. On simulated clusters
(`tests/proofs/experiments`) they hold the true share in 90 % of the draws and more, in 85 % for
shares near 0.05 in clusters that are alike; intervals without clusters fall below 70 %. Means over
labellings (claim 78) have Student’s interval.

Merged: some hidden layer gives two examples equal activations, exactly. Breadth (39, 52, 70) is
measured at the certified points and compared in pairs of fits of one labelling: tr H, and
det(I + bH)^(−1/2), the share of a Gaussian prior, at three scales b.

![Deficient fits and residual minima against N](pictures/labellings.svg)

{tables}
## Off a perfect fit

What becomes of H when the fit is no longer perfect? S4 leaves that to its “experiment 8”. At the
point of a spec the labels are moved so that ∇ℓ(F) = t·r, for half-squared y = F − t·r: t = 0 is a
perfect fit with H = JᵀAJ, t = 1 has the residual of the spec. Ranks and signs are exact at each t;
the eigenvalues are measured by the second engine. A critical point stays critical for every t, so
that a path from a perfect fit to a minimum with residual, or to a saddle, lies open. Theorem T9
bounds how far rank H may leave rank JᵀAJ.

```sh
hessrank experiment off-fit examples/off-fit.toml --plot off-fit.svg
```

![Eigenvalues of H and JᵀAJ along t](pictures/off-fit.svg)

{paths}"""

#: The landscapes of the page's last section.
SHOWN = ("X1", "X2", "deep-linear-saddle", "examples/off-fit.toml")


def document() -> str:
    """docs/experiments.md, whose second half is computed anew."""
    from hessrank.specs.spec import read_spec

    table = recorded()
    paths: list[Block] = []
    for spec in SHOWN:
        asked = read_spec(spec)
        paths += of_path(f"{spec}: {asked.title}", off_fit(asked.landscape()))
    return PAGE.format(
        total=sum(cell["runs"] for cells in table.cells.values() for cell in cells),
        runs=table.runs,
        seed=table.seed,
        tables=markdown.body(of_labellings(table)),
        paths=markdown.body(paths),
    )


if __name__ == "__main__":
    print(document(), end="")
