"""Derivations: the Hessian of a problem's loss, derived, typeset and checked.

In: a Problem, or a Landscape (a problem at a point). Out: a frozen `Derivation`: the general
identity H = JᵀAJ + Σ_m r_m ∇²F_m, then every matrix in it for this problem, in closed forms with
named subexpressions, and at the point with ranks and verdict; as LaTeX, Markdown or PDF. `check`
compares the closed forms that are printed with the differentiated forward pass.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hessrank.proofs.derivations import equations
from hessrank.proofs.derivations.agreement import Agreement, agreement
from hessrank.proofs.derivations.derived import (
    Derived,
    all_examples,
    at_point,
    loss_of_one,
    one_example,
)
from hessrank.proofs.derivations.parts import Parts
from hessrank.proofs.derivations.text import sections
from hessrank.proofs.pages import formats, html, latex, markdown
from hessrank.proofs.pages.blocks import Block, literal
from hessrank.proofs.pages.shown import Shown, bounded
from hessrank.symbolic.budget import SECONDS, OverBudget, decision, spend, stopped
from hessrank.symbolic.errors import InputError, require
from hessrank.symbolic.expressions.printing import symbol_latex
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.once import once
from hessrank.symbolic.problems.landscape import A_PROBLEM, Landscape, Problem

TITLE = "The Hessian of the loss"
#: Of more numbers in the second derivatives of all outputs none is shown at a point.
MOST_AT_POINT = 400_000
#: So many rows and columns of a matrix are printed where nothing is asked.
LIMIT = 20
#: The matrices that may be asked for alone, by the names that a landscape gives them.
ONLY = {
    "outputs": "F",
    "jacobian": "J",
    "loss_gradient": "r",
    "loss_hessian": "A",
    "gauss_newton": "GN",
    "residual": "R",
    "hessian": "H",
}


class Derivation(Parts, Shown):
    """What `derive` found: `Parts`, with its check and its formats."""

    @property
    def heading(self) -> str:
        """The title of the page."""
        return f"{TITLE}: {literal(self.title)}" if self.title else TITLE

    def check(self, points: int = 2, seconds: float = SECONDS) -> Agreement:
        """Compare every printed matrix with the differentiated forward pass at `points` random
        points (and at the given one), expand the general identity as polynomials, and read every
        printed equality back. What `seconds` do not suffice for is named as undecided.

        >>> from hessrank.symbolic.problems.data import Data
        >>> X2 = Problem(Model.from_expressions(["t", "t**2"], "t"), Data(x=[[]], y=[[0, "1/2"]]))
        >>> derive(X2).check().holds
        True
        """
        with decision(seconds):
            return agreement(
                self.problem,
                self.here,
                self.one,
                self.loss,
                self.everywhere,
                self.point,
                points,
                lambda: equations.check(self.blocks()),
            )

    def latex(self, standalone: bool = True) -> str:
        """A LaTeX document that compiles, or its body (which needs amsmath and graphicx)."""
        blocks = self.blocks()
        return latex.document(self.heading, blocks) if standalone else latex.body(blocks)

    def markdown(self) -> str:
        """Markdown with $…$ and $$…$$."""
        return markdown.document(self.heading, self.blocks())

    def html(self) -> str:
        """One HTML file that shows without the network."""
        return html.document(self.heading, self.blocks())

    def pdf(self, tex: bool = False) -> bytes:
        """The typeset document, by typst or (tex) by TeX. InputError where there is neither."""
        return formats.pdf(self.heading, self.blocks(), tex)

    def save(self, path: str | Path, tex: bool = False) -> None:
        """Write a file of one of `proofs.pages.formats`, whole or not at all; tex: a PDF by TeX.

        Raises InputError for another ending or a missing program, OutputError for a folder that
        cannot be written.
        """
        formats.save(path, self.heading, self.blocks(), tex)

    def _repr_markdown_(self) -> str:
        return markdown.document(self.heading, bounded(self.blocks()))

    def _repr_latex_(self) -> str:
        return latex.body(bounded(self.blocks()))

    def __repr__(self) -> str:
        where = "θ symbolic" if self.here is None else "at a point"
        return f"Derivation(N={self.problem.N}, M={self.problem.M}, {where})"

    @once
    def blocks(self) -> list[Block]:
        """The text, before it becomes a format."""
        return sections.blocks(self)


def derive(
    what: Problem | Landscape,
    expanded: bool = False,
    limit: int = LIMIT,
    title: str = "",
    only: str = "",
    in_theta: bool = False,
    seconds: float = SECONDS,
) -> Derivation:
    """Derive H of a problem, or of a landscape also at its point.

    expanded: write a network's matrices on all examples as closed forms too (of a model given by
    closed forms they always are); limit: how many rows and columns of a matrix are printed; title:
    of the problem; only: one matrix alone, a name of ONLY; in_theta: both terms and H in θ alone,
    without names for what they share. What is too large to print, or not derived within `seconds`,
    is left out with a sentence that says so. The identity is claim 31 (S2, equations 1 and 2).
    Raises InputError for another limit or name.

    >>> from hessrank.symbolic.problems.data import Data
    >>> square = Problem(Model.from_expressions("t**2", "t"), Data(x=[[]], y=[[-1]]))
    >>> "begin{document}" in derive(square.at({"t": 0})).latex()
    True
    """
    if limit < 1:
        raise InputError(f"expected a limit of at least 1, found {limit}", "limit")
    require(what, (Problem, Landscape), f"{A_PROBLEM}, or one at a point", "what")
    if only and only not in ONLY:
        raise InputError(f"expected one of {', '.join(ONLY)}, found {only!r}", "only")
    here = what if isinstance(what, Landscape) else None
    problem = what.problem if isinstance(what, Landscape) else what
    model = problem.model
    letter, other = _letters(model)
    spelled = expanded or in_theta or bool(only) or model.network is None
    with decision(seconds):
        one = _in_time(lambda: one_example(model, letter))
        loss = loss_of_one(problem.loss, model.output_count, problem.M, other)
        everywhere = _in_time(lambda: all_examples(problem, letter, in_theta)) if spelled else None
        point = None
        if here is not None and problem.M * problem.N**2 <= MOST_AT_POINT:
            point = _in_time(lambda: at_point(here, other, one, limit))
        parts = (one, loss, everywhere, point)
        made = Derivation(
            problem, here, *parts, expanded, limit, title, ONLY.get(only, ""), stopped()
        )
        made.blocks()
        return made


def _in_time(compute: Callable[[], Derived | None]) -> Derived | None:
    """What is computed, None where the budget is over."""
    try:
        spend()
        return compute()
    except OverBudget:
        return None


def _letters(model: Model) -> tuple[str, str]:
    """Two letters for names of our own that are no names of the user's."""
    taken = {symbol_latex(name)[0] for name in (*model.parameters, *model.inputs)}
    letters = "tguqhv" if model.network else "tcgqhuvzabsw"  # z, a, σ, δ, P, T are of the layers
    free = [c for c in letters if c not in taken]
    return (free[0], free[1]) if len(free) > 1 else ("t", "g")
