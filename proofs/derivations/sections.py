"""The text of a derivation, section by section, as blocks of a page.

In: `Parts`, what was derived of a problem and, where there is one, at its point. Out: blocks: the
problem, the general identity, one example, all examples, the point with its ranks and verdict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hessrank.proofs.derivations import identity
from hessrank.proofs.derivations.derived import Derived, Rows, matrices
from hessrank.proofs.derivations.layout import (
    LONGEST_ENTRY,
    compact,
    decimals,
    definitions,
    derivatives,
    equation,
    matrix,
    vector,
)
from hessrank.proofs.derivations.network_text import recurrences
from hessrank.proofs.minima.verdict import verdict
from hessrank.proofs.pages.blocks import Block, Formula, Heading, Items, Text
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.expressions.expression import free_symbols
from hessrank.symbolic.expressions.printing import latex_terms, symbol_latex
from hessrank.symbolic.expressions.printing import rational_latex as latex_number
from hessrank.symbolic.expressions.tidy import Definitions, sizes
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks.rank_result import RankResult

#: Letters with a meaning of their own: a user's symbol of that name is set in sans serif.
NOTATION = "AdDfFHJkKLmMPopqry"
#: At a point, matrices of at most this many entries are listed exactly where they do not fit.
SMALL = 16
#: Key of a matrix and how it is written.
NAMES = {
    "F": "F",
    "J": "J",
    "r": "r",
    "A": "A",
    "GN": r"J^{\top} A J",
    "R": r"\sum_m r_m \nabla^2 F_m",
    "P": r"\nabla^2 \rho",
    "H": "H",
}
#: The labels of theorems that reasons and verdicts name.
THEOREMS = {
    "T4": r"where $r = 0$ and $A \succeq 0$, $\ker H = J^{-1}(\ker A)$, so that rank $H$ = "
    r"rank $J$ − dim(im $J$ ∩ ker $A$)",
    "T5": "the rank of a product of generic factors is the least of their ranks",
    "T6": "a change of first-layer weights along which no input points changes no output",
    "T8": "rescaling the weights before and behind a homogeneous unit changes no output",
}
#: Where the entries of a network's second and first derivatives come from.
WHERE = {True: "the recurrences for $T$, $P$ and $\\delta$", False: "the recurrence for $\\delta$"}
RANKED = {
    "jacobian": "J",
    "gauss_newton": "GN",
    "residual": "R",
    "hessian": "H",
}


@dataclass(frozen=True, eq=False, repr=False)
class Parts:
    """What a derivation is made of; each part is None where there is none or it would be too long.

    one, loss: one example with symbolic x, and o, y; everywhere: all examples, θ symbolic; point:
    values at `here`. limit: rows and columns of a matrix that are printed; only: the key of the one
    matrix that is asked for.
    """

    problem: Problem
    here: Landscape | None
    one: Derived | None
    loss: Derived | None
    everywhere: Derived | None
    point: Derived | None
    expanded: bool
    limit: int
    title: str = ""
    only: str = ""


def blocks(parts: Parts) -> list[Block]:
    """The text of all sections."""
    names = _names(parts.problem.model)
    if parts.only:
        return _one_matrix(parts, names)
    found = [
        *_problem(parts, names),
        *_identity(parts.problem),
        *_one_example(parts, names),
        *_everywhere(parts, names),
    ]
    return found if parts.here is None else [*found, *_at_point(parts, parts.here, names)]


def _one_matrix(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    """The matrix that is asked for: at the point, where there is one, else in θ."""
    key, limit = parts.only, parts.limit
    left, derived = NAMES[key], parts.everywhere if parts.here is None else parts.point
    if derived is None:
        return [Text(f"${left}$ is left out: its closed form is too long.")]
    if parts.here is not None:
        short = _exactly(left, derived.matrices[key], limit) if key in derived.matrices else None
        if short is None:
            return decimals(left, _floats(parts.here, key), limit)
        names = {}
    used = _used(derived, [key], limit)
    where = [Text("where"), *definitions(used, names, 4 * limit)] if used else []
    return [*matrix(left, derived.matrices[key], names, limit), *where]


def _names(model: Model) -> dict[str, str]:
    """How a user's symbols are written, where not as usual."""
    written = {name: symbol_latex(name) for name in (*model.parameters, *model.inputs)}
    times = Counter(written.values())
    apart = {
        name: rf"\mathsf{{{text[0]}}}{text[1:]}"
        for name, text in written.items()
        if text[0] in NOTATION and text[1:2] in ("", "_")
    }
    alike = {name: _spelled(name) for name, text in written.items() if times[text] > 1}
    return apart | alike


def _spelled(name: str) -> str:
    """A name as it is typed, where its LaTeX would be that of another one too."""
    typed = name.replace("_", r"\_")
    return rf"\mathsf{{{typed}}}"


def _problem(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    problem, limit = parts.problem, parts.limit
    model, D, K = problem.model, len(problem.data), problem.model.output_count
    blocks: list[Block] = [Heading("The problem"), Text(_model_sentence(problem))]
    if names:
        shown = ", ".join(f"${v}$" for v in names.values())
        blocks.append(
            Text(f"Set in sans serif, to tell them from the notation or from one another: {shown}.")
        )
    theta = [names.get(n) or symbol_latex(n) for n in model.parameters]
    more = len(theta) - 5 * limit
    blocks.append(vector(r"\theta", [*theta[: 5 * limit], *([r"\ldots"] if more > 0 else [])]))
    if model.network is None:
        for k, f in enumerate(model.outputs, 1):
            left = f"f_{{{k}}}(x; \\theta)" if K > 1 else "f(x; \\theta)"
            blocks += matrix(left, [[f]], names, limit)
    if model.fixed:
        blocks.append(Text("Parameters that are fixed:"))
        blocks += definitions(model.fixed, names, limit)
    if model.inputs:
        blocks.append(Text(f"The data: $x_d$ in the rows of $X$ ({D}×{len(model.inputs)})."))
        blocks += matrix("X", problem.data.x, names, limit)
    blocks.append(Text(f"The targets: $y_d$ in the rows of $Y$ ({D}×{K})."))
    blocks += matrix("Y", problem.data.y, names, limit)
    return blocks + _loss(parts, names)


def _model_sentence(problem: Problem) -> str:
    model = problem.model
    D, K, N = len(problem.data), model.output_count, problem.N
    what = f"A model $f(x;\\theta)$ with $N = {N}$ free parameters and $K = {K}$ outputs"
    if model.network is not None:
        widths = ", ".join(map(str, model.network.widths))
        bias = "with" if model.network.bias else "without"
        what = (
            f"A fully connected network of widths {widths}, activation {model.network.activation}, "
            f"{bias} biases, with $N = {N}$ free parameters and $K = {K}$ outputs"
        )
    return (
        f"{what}, on $D = {D}$ examples. Its outputs on all of them are $F(\\theta)$, "
        f"$M = KD = {problem.M}$ numbers, example by example: $m = (d-1)K + k$."
    )


def _loss(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    problem = parts.problem
    extra = "" if problem.regulariser is None else r" + \rho(\theta)"
    if parts.loss is None:
        blocks: list[Block] = [
            Text(f"The loss ({problem.loss.name}) couples all outputs:"),
            Formula(
                rf"L(\theta) = \tfrac{{1}}{{2}}\,(F - y)^{{\top}} W (F - y){extra}, \qquad "
                r"r = W(F - y),\quad A = W"
            ),
            *matrix("W", problem.loss_hessian.rows, names, parts.limit),
        ]
    else:
        blocks = [
            Text(f"The loss ({problem.loss.name}) is a sum over examples:"),
            Formula(rf"L(\theta) = \sum_{{d=1}}^{{D}} \ell\big(f(x_d;\theta), y_d\big){extra}"),
            *definitions(parts.loss.definitions, {}, parts.limit),
            equation(r"\ell(o, y)", latex_terms([parts.loss.matrices["value"][0][0]])[0]),
        ]
    if problem.regulariser is not None:
        blocks += matrix(r"\rho(\theta)", [[problem.regulariser]], names, parts.limit)
    return blocks


def _identity(problem: Problem) -> list[Block]:
    N, M = identity.representative(problem.N, problem.M)
    extra = (
        ""
        if problem.regulariser is None
        else r" The regulariser adds its own Hessian $\nabla^2\rho$ to $H$."
    )
    return [
        Heading("The general identity"),
        Text(
            r"With $L = \ell \circ F$, the chain rule applied twice gives, for outputs "
            r"$f_p(x_d,\theta)$ and $\nabla_{(p,d)}$ the derivative in output $p$ of example $d$:"
        ),
        Formula(identity.INDEX_FORM, number="1"),
        Text(
            r"Where $F(\theta^*)$ is a local minimum of $\ell$ the second sum vanishes; if besides "
            r"$\nabla_{(q,d')}\nabla_{(p,d)}\ell = \delta_{pq}\delta_{dd'}$, what is left is"
        ),
        Formula(identity.INDEX_FORM_AT_MINIMUM, number="2"),
        Text(r"With $m$ for the pair $(p,d)$, (1) is an identity of $N \times N$ matrices:"),
        Formula(identity.MATRIX_FORM, number="3"),
        Text(f"with {', '.join(f'${d}$' for d in identity.DEFINITIONS)}."),
        Text(
            "Both sides depend only on the 2-jets of $F$ and $\\ell$, so it is enough to verify "
            "them for quadratic $F$ and $\\ell$ with indeterminate coefficients, by expansion "
            f"(here with $N = {N}$, $M = {M}$: each term involves at most two parameters and two "
            f"outputs).{extra}"
        ),
    ]


def _one_example(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    model = parts.problem.model
    blocks: list[Block] = [Heading("One example")]
    if model.network is not None:
        blocks += recurrences(model.network)
    blocks += _entries_of_one(parts, names)
    if parts.loss is not None:
        blocks.append(Text("The loss of one example, differentiated in its outputs $o$:"))
        if parts.problem.loss.is_centred:
            scale = parts.problem.loss.scale(parts.problem.M)
            c = "" if scale == 1 else f"{latex_number(scale)} "
            around = (r"\left(", r"\right)") if c else ("", "")
            blocks += [
                Formula(rf"\nabla_o \ell = {c}{around[0]}p - y{around[1]}"),
                Formula(
                    rf"\nabla_o^2 \ell = {c}{around[0]}\operatorname{{diag}}(p) - p p^{{\top}}"
                    rf"{around[1]}"
                ),
                Text(r"with $p = \operatorname{softmax}(o)$; $\sum_k y_k = 1$. Entry by entry:"),
            ]
        blocks += matrix(r"\nabla_o \ell", parts.loss.matrices["r"], {}, parts.limit)
        blocks += matrix(r"\nabla_o^2 \ell", parts.loss.matrices["A"], {}, parts.limit)
    return blocks


def _entries_of_one(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    """f, ∂f/∂θ and ∇²f_k entry by entry; of a network only where they are short."""
    model, K = parts.problem.model, parts.problem.model.output_count
    if parts.one is None:
        count = f"{K}·{parts.problem.N}²"
        return [Text(f"The {count} second derivatives are not written out one by one.")]
    blocks: list[Block] = []
    if parts.one.definitions:
        units = r"Unit by unit, $\sigma$ being the activation of the unit at hand:"
        blocks.append(Text(units if model.network else "With the names"))
        blocks += definitions(parts.one.definitions, names, 4 * parts.limit)
    written = {"f": "f", "J": r"\frac{\partial f}{\partial \theta}"}
    written |= {f"D2_{k}": rf"\nabla^2 f_{{{k}}}" for k in range(1, K + 1)}
    if K == 1:
        written["D2_1"] = r"\nabla^2 f"
    if not model.network and not parts.one.definitions:
        del written["f"]  # it is the model as given
    for key, left in written.items():
        rows = parts.one.matrices[key]
        if model.network is None or parts.expanded:
            blocks += matrix(left, rows, names, parts.limit)
            continue
        blocks += _entries(key, left, rows, names, parts)
    return blocks


def _entries(
    key: str, left: str, rows: Rows, names: Mapping[str, str], parts: Parts
) -> list[Block]:
    """A matrix of a network: whole where it fits, else entry by entry where these are few."""
    short = compact(left, rows, names, parts.limit)
    if short is not None:
        return short
    by = [names.get(n) or symbol_latex(n) for n in parts.problem.model.parameters]
    K = parts.problem.model.output_count
    listed: list[list[Block] | None] = [None]
    if key == "J":
        listed = [
            derivatives(f"f_{{{k}}}" if K > 1 else "f", [row], by, names)
            for k, row in enumerate(rows, 1)
        ]
    elif key != "f":
        listed = [derivatives(left.removeprefix(r"\nabla^2 "), rows, by, names)]
    if all(entries is not None for entries in listed):
        return [block for entries in listed for block in entries or ()]
    where = "" if parts.problem.model.network is None else f" {WHERE[key != 'J']}"
    return [Text(f"The entries of ${left}$ are many or long: they follow from{where}.")]


def _everywhere(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    diagonal = ", and $A$ has the blocks $\\nabla_o^2\\ell$ on its diagonal."
    blocks: list[Block] = [
        Heading("All examples"),
        Text(
            "Put the data in: $F$ stacks the $f(x_d;\\theta)$, $J$ the $\\partial f(x_d;\\theta)/"
            "\\partial\\theta$, $r$ the $\\nabla_o\\ell$ at $o = f(x_d;\\theta)$, $y = y_d$"
            + (diagonal if parts.loss else ".")
        ),
    ]
    if parts.everywhere is None:
        if parts.loss is not None:
            blocks.append(
                Formula(
                    r"J^{\top} A J = \sum_{d} J_d^{\top} A_d J_d, \qquad "
                    r"\sum_m r_m \nabla^2 F_m = \sum_{d}\sum_{k} r_{d,k}\, \nabla^2 f_k(x_d;\theta)"
                )
            )
        how = "ask for the expanded derivation" if parts.problem.model.network else "too long"
        blocks.append(Text(f"The closed forms of these sums are left out here ({how})."))
        return blocks
    known = [d for d in parts.everywhere.definitions if not d[0].startswith(("@r_", "@A_"))]
    if known:
        blocks.append(Text("With the names"))
        blocks += definitions(tuple(known), names, 4 * parts.limit)
    for key in ("F", "J", "r", "A"):
        blocks += matrix(NAMES[key], parts.everywhere.matrices[key], names, parts.limit)
    named = len(known) < len(parts.everywhere.definitions)
    where = ", in the entries of $r$ and $A$ where these depend on θ" if named else ""
    blocks.append(Text(f"The two terms{where}:"))
    for key in ("GN", "R", "P"):
        if key != "P" or parts.problem.regulariser is not None:
            blocks += matrix(NAMES[key], parts.everywhere.matrices[key], names, parts.limit)
    H = compact("H", parts.everywhere.matrices["H"], names, parts.limit)
    return blocks + ([Text("$H$ is the sum of these, entry by entry.")] if H is None else H)


def _at_point(parts: Parts, here: Landscape, names: Mapping[str, str]) -> list[Block]:
    point = parts.point
    assert point is not None
    blocks: list[Block] = [Heading("At the point")]
    blocks += definitions(here.values, names, 4 * parts.limit)
    keys = [k for k in NAMES if k != "P" or parts.problem.regulariser is not None]
    exact = {
        key: _exactly(NAMES[key], point.matrices[key], parts.limit)
        for key in keys
        if key in point.matrices
    }
    used = _used(point, [key for key, short in exact.items() if short is not None], parts.limit)
    if len(used) > 2 * parts.limit:
        exact = {k: v for k, v in exact.items() if not _used(point, [k], parts.limit)}
        used = ()
    if used:
        blocks.append(Text("With the names"))
        blocks += definitions(used, {}, 2 * parts.limit)
    for key in keys:
        short = exact.get(key)
        blocks += short or decimals(NAMES[key], _floats(here, key), parts.limit)
    if any(exact.get(key) is None for key in keys):
        blocks.append(Text("Matrices after ≈ are rounded: their exact entries are long."))
    found = verdict(here)
    ranks = [f"rank ${NAMES[RANKED[n]]}$ {_rank_text(r)}" for n, r in found.ranks.items()]
    facts = [f"{name}: {_TRUTHS[f.truth]} ({f.reason})" for name, f in found.facts.items()]
    blocks += [
        Text("The ranks:"),
        Items(tuple(ranks)),
        Text("What holds at the point:"),
        Items(tuple(facts)),
        Text(f"Does rank $H$ = rank $J$ hold? {_ANSWERS[found.rank_equality.truth]}"),
        Text(found.explanation),
    ]
    said = " ".join([*ranks, *facts, found.explanation])
    labels = [t for t in THEOREMS if re.search(rf"\b{t}\b", said)]
    return blocks + [Text(f"{THEOREMS[t]}.", lead=f"{t}:") for t in labels]


def _exactly(left: str, rows: Rows, limit: int) -> list[Block] | None:
    """The matrix in one piece, or where it is small entry by entry; None where it is too long."""
    small = len(rows) * len(rows[0] if rows else ()) <= SMALL
    brief = small and max(sizes([e for row in rows for e in row]), default=0) <= LONGEST_ENTRY
    return matrix(left, rows, {}, limit) if brief else compact(left, rows, {}, limit)


def _used(point: Derived, keys: Sequence[str], limit: int) -> Definitions:
    """The definitions that the printed part of these matrices needs, directly or not."""
    shown = [e for key in keys for row in point.matrices[key][:limit] for e in row[:limit]]
    needed = set(free_symbols(*shown))
    for name, value in reversed(point.definitions):
        if name in needed:
            needed |= free_symbols(value)
    return tuple(d for d in point.definitions if d[0] in needed)


def _floats(here: Landscape, key: str) -> list[list[float]]:
    rounded: list[list[float]] = matrices(here)[key].to_numpy().tolist()
    return rounded


_TRUTHS = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNDECIDED: "undecided"}
_ANSWERS = {Truth.TRUE: "Yes.", Truth.FALSE: "No.", Truth.UNDECIDED: "Undecided."}


def _rank_text(r: RankResult) -> str:
    if r.decided:
        return f"= {r.lower} ({r.status}): at least, since {r.lower_reason}; at most, since " + (
            r.upper_reason
        )
    return (
        f"between {r.lower} and {r.upper} ({r.status}): at least, since {r.lower_reason}; at most, "
        f"since {r.upper_reason}"
    )
