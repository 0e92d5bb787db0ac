"""Derivations: the Hessian of a problem's loss, derived, typeset and checked.

In: a Problem, or a Landscape (a problem at a point). Out: a frozen `Derivation`: the general
identity H = JᵀAJ + Σ_m r_m ∇²F_m, then every matrix in it for this problem, in closed forms with
named subexpressions, and at the point with ranks and verdict; as LaTeX, Markdown or PDF. `check`
compares the closed forms that are printed with the differentiated forward pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hessrank.proofs.derivations import identity
from hessrank.proofs.derivations.agreement import Agreement, agreement
from hessrank.proofs.derivations.derived import (
    Derived,
    Rows,
    all_examples,
    at_point,
    loss_of_one,
    matrices,
    one_example,
)
from hessrank.proofs.derivations.layout import (
    LINE,
    LONGEST_ENTRY,
    compact,
    decimals,
    definitions,
    equation,
    glyphs,
    matrix,
)
from hessrank.proofs.derivations.network_text import recurrences
from hessrank.proofs.minima.verdict import verdict
from hessrank.proofs.pages import formats, html, latex, markdown
from hessrank.proofs.pages.blocks import Block, Formula, Heading, Items, Text
from hessrank.proofs.pages.shown import Shown
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import free_symbols
from hessrank.symbolic.expressions.printing import latex_terms, symbol_latex
from hessrank.symbolic.expressions.tidy import Definitions, sizes
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks.rank_result import RankResult

TITLE = "The Hessian of the loss"
#: Letters with a meaning of their own: a user's symbol of that name is set in sans serif.
NOTATION = "AdDfFHJkKLmMPoqry"
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
RANKED = {
    "jacobian": "J",
    "gauss_newton": "GN",
    "residual": "R",
    "hessian": "H",
}


@dataclass(frozen=True, eq=False, repr=False)
class Derivation(Shown):
    """What `derive` found; each part is None where there is none or it would be too long.

    one, loss: one example with symbolic x, and o, y; everywhere: all examples, θ symbolic; point:
    values at `here`. limit: rows and columns of a matrix that are printed.
    """

    problem: Problem
    here: Landscape | None
    one: Derived | None
    loss: Derived | None
    everywhere: Derived | None
    point: Derived | None
    expanded: bool
    limit: int

    def check(self, points: int = 2) -> Agreement:
        """Compare every printed matrix with the differentiated forward pass at `points` random
        points (and at the given one), and expand the general identity as polynomials.

        >>> from hessrank.symbolic.problems.data import Data
        >>> X2 = Problem(Model.from_expressions(["t", "t**2"], "t"), Data(x=[[]], y=[[0, "1/2"]]))
        >>> derive(X2).check().holds
        True
        """
        return agreement(
            self.problem, self.here, self.one, self.loss, self.everywhere, self.point, points
        )

    def latex(self, standalone: bool = True) -> str:
        """A LaTeX document that compiles, or its body (which needs amsmath and graphicx)."""
        blocks = self.blocks()
        return latex.document(TITLE, blocks) if standalone else latex.body(blocks)

    def markdown(self) -> str:
        """Markdown with $…$ and $$…$$."""
        return markdown.document(TITLE, self.blocks())

    def html(self) -> str:
        """One HTML file that shows without the network."""
        return html.document(TITLE, self.blocks())

    def pdf(self, tex: bool = False) -> bytes:
        """The typeset document, by typst or (tex) by TeX. InputError where there is neither."""
        return formats.pdf(TITLE, self.blocks(), tex)

    def save(self, path: str | Path, tex: bool = False) -> None:
        """Write a file of one of `proofs.pages.formats`, whole or not at all; tex: a PDF by TeX.

        Raises InputError for another ending or a missing program, OutputError for a folder that
        cannot be written.
        """
        formats.save(path, TITLE, self.blocks(), tex)

    def _repr_latex_(self) -> str:
        return self.latex(standalone=False)

    def __repr__(self) -> str:
        where = "θ symbolic" if self.here is None else "at a point"
        return f"Derivation(N={self.problem.N}, M={self.problem.M}, {where})"

    def blocks(self) -> list[Block]:
        """The text, before it becomes a format."""
        names = _names(self.problem.model)
        parts = [
            *_problem(self, names),
            *_identity(self.problem),
            *_one_example(self, names),
            *_everywhere(self, names),
        ]
        return parts if self.here is None else [*parts, *_at_point(self, self.here, names)]


def derive(what: Problem | Landscape, expanded: bool = False, limit: int = 12) -> Derivation:
    """Derive H of a problem, or of a landscape also at its point.

    expanded: write a network's matrices on all examples as closed forms too (of a model given by
    closed forms they always are). limit: how many rows and columns of a matrix are printed. The
    identity is claim 31 (S2, equations 1 and 2).

    >>> from hessrank.symbolic.problems.data import Data
    >>> square = Problem(Model.from_expressions("t**2", "t"), Data(x=[[]], y=[[-1]]))
    >>> "begin{document}" in derive(square.at({"t": 0})).latex()
    True
    """
    if limit < 1:
        raise InputError(f"expected a limit of at least 1, found {limit}", "limit")
    here = what if isinstance(what, Landscape) else None
    problem = what.problem if isinstance(what, Landscape) else what
    model = problem.model
    letter, other = _letters(model)
    spelled = expanded or model.network is None
    return Derivation(
        problem,
        here,
        one_example(model, letter),
        loss_of_one(problem.loss, model.output_count, problem.M, other),
        all_examples(problem, letter) if spelled else None,
        None if here is None else at_point(here, other),
        expanded,
        limit,
    )


# --- names ----------------------------------------------------------------------------------------


def _names(model: Model) -> dict[str, str]:
    """How a user's symbols are written, where not as usual."""
    written = {name: symbol_latex(name) for name in (*model.parameters, *model.inputs)}
    return {
        name: rf"\mathsf{{{text[0]}}}{text[1:]}"
        for name, text in written.items()
        if text[0] in NOTATION and text[1:2] in ("", "_")
    }


def _letters(model: Model) -> tuple[str, str]:
    """Two letters for names of our own that are no names of the user's."""
    taken = {symbol_latex(name)[0] for name in (*model.parameters, *model.inputs)}
    free = [c for c in "tcgqhuvpzabsw" if c not in taken]
    return (free[0], free[1]) if len(free) > 1 else ("t", "c")


# --- sections -------------------------------------------------------------------------------------


def _problem(self: Derivation, names: Mapping[str, str]) -> list[Block]:
    problem, limit = self.problem, self.limit
    model, D, K = problem.model, len(problem.data), problem.model.output_count
    blocks: list[Block] = [Heading("The problem"), Text(_model_sentence(problem))]
    if names:
        shown = ", ".join(f"${v}$" for v in names.values())
        blocks.append(Text(f"Set in sans serif, to tell them from the notation: {shown}."))
    theta = [names.get(n) or symbol_latex(n) for n in model.parameters]
    listed = r",\; ".join([*theta[:limit], *([r"\ldots"] if len(theta) > limit else [])])
    blocks.append(Formula(rf"\theta = \left({listed}\right)^{{\top}}", glyphs(listed) > LINE))
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
    return blocks + _loss(self, names)


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


def _loss(self: Derivation, names: Mapping[str, str]) -> list[Block]:
    problem = self.problem
    extra = "" if problem.regulariser is None else r" + \rho(\theta)"
    if self.loss is None:
        blocks: list[Block] = [
            Text(f"The loss ({problem.loss.name}) couples all outputs:"),
            Formula(
                rf"L(\theta) = \tfrac{{1}}{{2}}\,(F - y)^{{\top}} W (F - y){extra}, \qquad "
                r"r = W(F - y),\quad A = W"
            ),
            *matrix("W", problem.loss_hessian.rows, names, self.limit),
        ]
    else:
        blocks = [
            Text(f"The loss ({problem.loss.name}) is a sum over examples:"),
            Formula(rf"L(\theta) = \sum_{{d=1}}^{{D}} \ell\big(f(x_d;\theta), y_d\big){extra}"),
            *definitions(self.loss.definitions, {}, self.limit),
            equation(r"\ell(o, y)", latex_terms([self.loss.matrices["value"][0][0]])[0]),
        ]
    if problem.regulariser is not None:
        blocks += matrix(r"\rho(\theta)", [[problem.regulariser]], names, self.limit)
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
        Text(
            "Both sides depend only on the 2-jets of $F$ and $\\ell$, so it is enough to verify "
            "them for quadratic $F$ and $\\ell$ with indeterminate coefficients, by expansion "
            f"(here with $N = {N}$, $M = {M}$: each term involves at most two parameters and two "
            f"outputs).{extra}"
        ),
    ]


def _one_example(self: Derivation, names: Mapping[str, str]) -> list[Block]:
    model = self.problem.model
    blocks: list[Block] = [Heading("One example")]
    if model.network is not None:
        blocks += recurrences(model.network)
    blocks += _entries_of_one(self, names)
    if self.loss is not None:
        blocks.append(Text("The loss of one example, differentiated in its outputs $o$:"))
        blocks += matrix(r"\nabla_o \ell", self.loss.matrices["r"], {}, self.limit)
        blocks += matrix(r"\nabla_o^2 \ell", self.loss.matrices["A"], {}, self.limit)
    return blocks


def _entries_of_one(self: Derivation, names: Mapping[str, str]) -> list[Block]:
    """f, ∂f/∂θ and ∇²f_k entry by entry; of a network only where they are short."""
    model, K = self.problem.model, self.problem.model.output_count
    if self.one is None:
        count = f"{K}·{self.problem.N}²"
        return [Text(f"The {count} second derivatives are not written out one by one.")]
    blocks: list[Block] = []
    if self.one.definitions:
        blocks.append(Text("Unit by unit:" if model.network else "With the names"))
        blocks += definitions(self.one.definitions, names, 4 * self.limit)
    written = {"f": "f", "J": r"\frac{\partial f}{\partial \theta}"}
    written |= {f"D2_{k}": rf"\nabla^2 f_{{{k}}}" for k in range(1, K + 1)}
    if K == 1:
        written["D2_1"] = r"\nabla^2 f"
    if not model.network and not self.one.definitions:
        del written["f"]  # it is the model as given
    for key, left in written.items():
        rows = self.one.matrices[key]
        if model.network is None or self.expanded:
            blocks += matrix(left, rows, names, self.limit)
            continue
        short = compact(left, rows, names, self.limit)
        left_out = Text(f"The entries of ${left}$ are left to the recurrences: they are long.")
        blocks += [left_out] if short is None else short
    return blocks


def _everywhere(self: Derivation, names: Mapping[str, str]) -> list[Block]:
    blocks: list[Block] = [
        Heading("All examples"),
        Text(
            "Put the data in: $F$ stacks the $f(x_d;\\theta)$, $J$ the $\\partial f(x_d;\\theta)/"
            "\\partial\\theta$, $r$ the $\\nabla_o\\ell$ at $o = f(x_d;\\theta)$, $y = y_d$"
            + (", and $A$ has the blocks $\\nabla_o^2\\ell$ on its diagonal." if self.loss else ".")
        ),
    ]
    if self.everywhere is None:
        if self.loss is not None:
            blocks.append(
                Formula(
                    r"J^{\top} A J = \sum_{d} J_d^{\top} A_d J_d, \qquad "
                    r"\sum_m r_m \nabla^2 F_m = \sum_{d}\sum_{k} r_{d,k}\, \nabla^2 f_k(x_d;\theta)"
                )
            )
        how = "ask for the expanded derivation" if self.problem.model.network else "too long"
        blocks.append(Text(f"The closed forms of these sums are left out here ({how})."))
        return blocks
    known = [d for d in self.everywhere.definitions if not d[0].startswith(("@r_", "@A_"))]
    if known:
        blocks.append(Text("With the names"))
        blocks += definitions(tuple(known), names, 4 * self.limit)
    for key in ("F", "J", "r", "A"):
        blocks += matrix(NAMES[key], self.everywhere.matrices[key], names, self.limit)
    blocks.append(Text("The two terms, in the entries of $r$ and $A$ where these depend on θ:"))
    for key in ("GN", "R", "P"):
        if key != "P" or self.problem.regulariser is not None:
            blocks += matrix(NAMES[key], self.everywhere.matrices[key], names, self.limit)
    H = compact("H", self.everywhere.matrices["H"], names, self.limit)
    return blocks + ([Text("$H$ is the sum of these, entry by entry.")] if H is None else H)


def _at_point(self: Derivation, here: Landscape, names: Mapping[str, str]) -> list[Block]:
    point = self.point
    assert point is not None
    blocks: list[Block] = [Heading("At the point")]
    blocks += definitions(here.values, names, 4 * self.limit)
    keys = [k for k in NAMES if k != "P" or self.problem.regulariser is not None]
    exact = {
        key: _exactly(NAMES[key], point.matrices[key], self.limit)
        for key in keys
        if key in point.matrices
    }
    used = _used(point, [key for key, short in exact.items() if short is not None], self.limit)
    if len(used) > 2 * self.limit:
        exact = {k: v for k, v in exact.items() if not _used(point, [k], self.limit)}
        used = ()
    if used:
        blocks.append(Text("With the names"))
        blocks += definitions(used, {}, 2 * self.limit)
    for key in keys:
        short = exact.get(key)
        blocks += short or decimals(NAMES[key], _floats(here, key), self.limit)
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
    return blocks


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
