r"""A worked equality: left = in symbols = with numbers put in = value, checked as it is printed.

In: the LaTeX of such a chain, and what its names mean at one example of a landscape. Out: a `Fact`.
The text is read back; all sides are the same exact number or matrix, and the third is the second
with a value in the place of each name: a structure is compared, so that a zero hides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.pages.blocks import Block, Formula
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.proofs.theory.arithmetic import IllFormed
from hessrank.proofs.theory.meaning import gaps_between, refuted
from hessrank.proofs.theory.reading import APPLIED, Node, NotRead, read
from hessrank.proofs.theory.values import value_of
from hessrank.proofs.theory.world import World
from hessrank.symbolic.errors import DomainError, UndecidedError
from hessrank.symbolic.expressions.expression import ZERO, Expr, free_symbols, postorder
from hessrank.symbolic.expressions.functions import PI, function
from hessrank.symbolic.expressions.substitution import rebuilt, substitute
from hessrank.symbolic.expressions.tidy import terms, tidy
from hessrank.symbolic.fields.polynomials import TooLarge

#: No side has the numbers put in.
NOWHERE = -1
#: What stands between equations in one line.
APART = r",\qquad "
#: Displays that state no equality of the whole: rounded ones, and some columns of a matrix.
UNREAD = (r"\approx", r"\big|")
_LEAVES = ("name", "entry", "call", "transposed")


@dataclass(frozen=True, eq=False)
class Meaning:
    """What the texts of one example mean: values of names, of whole pieces of LaTeX (`labels`),
    and of the names that a derivation gave (`point`, without names)."""

    words: str
    values: Mapping[str, Any]
    labels: Mapping[str, Any] = field(default_factory=dict)
    point: Mapping[str, Expr] = field(default_factory=dict)

    @cached_property
    def world(self) -> World:
        kept = {f"@{text}": value for text, value in self.labels.items()}
        return World(self.words, {r"\pi": PI, **self.values, **kept})

    def exactly(self, forms: Sequence[Expr]) -> list[Expr]:
        """The forms without names, those left out that are zero at sight."""
        forms = [f for f in tidy(forms) if f is not ZERO]
        used = free_symbols(*forms) & set(self.point)
        if used:
            forms = tidy(substitute(forms, {name: self.point[name] for name in used}))
        left = [f for f in forms if f is not ZERO]
        return [f for f in tidy(_in_order(left)) if f is not ZERO]


def _in_order(forms: Sequence[Expr]) -> list[Expr]:
    """The forms with the summands in each function's argument in one order."""
    of: dict[Expr, Expr] = {}
    for node in postorder(forms):
        made = rebuilt(node, [of[a] for a in node.args])
        if made.op == "function" and made.args and made.args[0].op == "add":
            first, *rest = sorted(terms(made.args[0]), key=str)
            made = function(made.name, sum(rest, first))
        of[node] = made
    return [of[f] for f in forms]


@dataclass(frozen=True)
class Equation:
    """A chain of equalities and what its names mean; put: the side of which the next is
    the same with numbers put in."""

    label: str
    latex: str
    meaning: Meaning = field(repr=False, compare=False)
    put: int = NOWHERE

    @property
    def check(self) -> Any:
        """The worlds of the check, as a display of the theory has them."""
        return SimpleNamespace(worlds=lambda: (self.meaning.world,), kind="A")

    def gaps(self, latex: str = "") -> list[Expr]:
        """What is to be zero for the chain to hold; IllFormed where it says something else, NotRead
        where it is no mathematics that is read."""
        source = latex or self.latex
        applied = APPLIED.difference(self.meaning.labels)  # a user's own σ is a number
        chain = read(source, self.meaning.world.functions | applied)
        if set(chain.text.split()) != {"="}:
            raise IllFormed("not a chain of equalities")
        sides = [_labelled(side, source, self.meaning.labels) for side in chain.parts]
        if _bare(sides[0]).kind not in _LEAVES:
            raise IllFormed("what stands on the left is no name")
        values = [value_of(side, self.meaning.world, {}) for side in sides]
        found = [g for a, b in pairwise(values) for g in gaps_between(a, b)]
        if self.put != NOWHERE:
            read_back = chain.parts[0] if self.put == 0 else sides[self.put]
            found += self._put_in(read_back, sides[self.put + 1])
        return self.meaning.exactly(found)

    def _put_in(self, symbols: Node, numbers: Node, apart: bool = False) -> list[Expr]:
        """The differences of names and the values in their places; apart: within brackets."""
        a, b = _alone(symbols), _alone(numbers)
        if a.kind == b.kind == "bracket":
            return self._put_in(a.parts[0], b.parts[0], apart)
        a, b = _bare(symbols), _bare(numbers)
        if a.kind in _LEAVES:
            if not apart and _alone(numbers).kind in ("product", "sum"):
                raise IllFormed("more than a value in the place of a name")
            world = self.meaning.world
            return gaps_between(value_of(a, world, {}), value_of(b, world, {}))
        if (b.kind, b.text) == ("name", "e") and a.kind == "power" and a.parts[0].text == "e":
            return self._put_in(a.parts[1], Node("number", (), "1", b.span))
        if (a.kind, a.text, len(a.parts)) != (b.kind, b.text, len(b.parts)):
            raise IllFormed("not the same with numbers put in")
        pairs = zip(a.parts, b.parts, strict=True)
        argument = (a.kind, a.text) == ("op", "diag")
        return [gap for one, other in pairs for gap in self._put_in(one, other, argument)]

    def run(self, latex: str = "", exactly: bool = True) -> Fact:
        """Whether the chain (or `latex` in its place) holds; exactly: also prove it."""
        try:
            gaps = self.gaps(latex)
        except (IllFormed, NotRead) as error:
            return Fact(Truth.FALSE, f"ill-formed: {error}")
        except (DomainError, ZeroDivisionError, UndecidedError, TooLarge) as error:
            return Fact(Truth.UNDECIDED, str(error))
        if any(map(refuted, gaps)):
            return Fact(Truth.FALSE, f"the sides differ ({self.meaning.words})")
        if gaps and exactly:
            found = vanish(*gaps)
            shown = self.meaning.words if found.truth is Truth.TRUE else found.reason
            return Fact(found.truth, shown)
        return Fact(Truth.TRUE, self.meaning.words)


@dataclass(frozen=True)
class Worked(Formula):
    """A display of equations, side by side, each of which is checked."""

    meaning: Meaning = field(default=Meaning("", {}), repr=False, compare=False)
    put: int = NOWHERE

    def equations(self) -> list[Equation]:
        """Each by itself, on one line."""
        line = re.sub(r"\\(begin|end)\{aligned\}", " ", self.latex)
        if line != self.latex:
            line = line.replace("&", " ").replace(r"\\", " ")
        kept = [text.strip() for text in line.split(APART)]
        return [Equation(text, text, self.meaning, self.put) for text in kept]


def worked(blocks: Sequence[Block], meaning: Meaning) -> list[Block]:
    """The blocks, each equality among them with what it means."""
    return [
        Worked(b.latex, b.wide, b.number, meaning)
        if type(b) is Formula and not any(sign in b.latex for sign in UNREAD)
        else b
        for b in blocks
    ]


def _labelled(node: Node, source: str, labels: Mapping[str, Any]) -> Node:
    """The node with each piece that is a label as one name."""
    text = " ".join(source[node.span[0] : node.span[1]].split())
    if text in labels and node.kind not in ("index", "row"):
        return Node("name", (), f"@{text}", node.span)
    parts = tuple(_labelled(part, source, labels) for part in node.parts)
    return Node(node.kind, parts, node.text, node.span)


def _alone(node: Node) -> Node:
    """Without sums and products of one."""
    while len(node.parts) == 1 and (
        node.kind == "product" or (node.kind == "sum" and node.text == "+")
    ):
        node = node.parts[0]
    return node


def _bare(node: Node) -> Node:
    """Without brackets, and without sums and products of one."""
    while len(node.parts) == 1 and (
        node.kind in ("bracket", "product") or (node.kind == "sum" and node.text == "+")
    ):
        node = node.parts[0]
    return node
