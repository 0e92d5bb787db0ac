r"""Mutants of a displayed relation: one index, sign or factor changed.

In: a `Shown` text such as a `Display`. Out: `Mutant`s: its LaTeX with one change each. Every index
is replaced by each other index that means something there; every sign (but of a 0) is turned; every
factor is doubled, left out where others remain, and where it is a number or an exponent raised by
one; transpositions are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.proofs.theory.equivalent import EQUIVALENT, INSIDE
from hessrank.proofs.theory.reading import APPLIED, Node, read
from hessrank.proofs.theory.world import World


class Shown(Protocol):
    """A displayed relation with its check."""

    @property
    def label(self) -> str: ...
    @property
    def latex(self) -> str: ...
    @property
    def check(self) -> Any: ...
    def run(self, latex: str = "", exactly: bool = True) -> Fact: ...


@dataclass(frozen=True)
class Mutant:
    """A changed display: its LaTeX, and what was changed: "index", "sign" or "factor".

    inside: a kind of place whose value does not feel the change, such as a rank a factor.
    """

    label: str
    latex: str
    what: str
    inside: str = ""

    @property
    def argument(self) -> str:
        """Why the mutant says the same, where that is argued; else empty."""
        argued = EQUIVALENT.get(self.label, {})
        return argued.get(" ".join(self.latex.split()), "") or INSIDE.get(self.inside, "")


def is_equality(display: Shown) -> bool:
    """Whether = is the only relation of the display: a weakened inequality may well be true."""
    return set(_read(display).text.split()) == {"="}


def mutants(display: Shown) -> tuple[Mutant, ...]:
    """Every mutant once."""
    source = display.latex
    found: dict[str, Mutant] = {}
    layers: dict[str, set[str]] = {}
    for name in _world(display).values:
        base, above, label = name.partition("^(")
        if above:
            layers.setdefault(base, set()).add(label.rstrip(")"))
    letters = _letters(display)
    for change in _changes(_read(display), source, letters, frozenset(), "", layers):
        (start, end), text, what, inside = change
        changed = source[:start] + text + source[end:]
        if changed != source:
            found.setdefault(changed, Mutant(display.label, changed, what, inside))
    return tuple(found.values())


def survives(display: Shown, mutant: Mutant) -> bool:
    """Whether the check does not see the change. A mutant that is not decided counts as one that
    survives."""
    quick = display.run(mutant.latex, exactly=False)
    if quick.truth is not Truth.TRUE:
        return quick.truth is not Truth.FALSE
    return display.run(mutant.latex).truth is not Truth.FALSE


def _world(display: Shown) -> World:
    found: World = display.check.worlds()[0]
    return found


def _read(display: Shown) -> Node:
    return read(display.latex, _world(display).functions | APPLIED)


def _letters(display: Shown) -> frozenset[str]:
    """The indices that stand in the display without a sum around them."""
    free: set[str] = set()
    _collect(_read(display), frozenset(), free)
    return frozenset(free)


def _collect(node: Node, bound: frozenset[str], free: set[str]) -> None:
    if node.kind == "over-indices":
        bound = bound | set(node.text.split("|")[0].split(","))
    if node.kind == "index" and not node.text.isdigit() and node.text not in bound:
        free.add(node.text)
    for part in node.parts:
        _collect(part, bound, free)


#: The place, what stands there instead, what was changed, and `Mutant.inside`.
Change = tuple[tuple[int, int], str, str, str]


def _changes(
    node: Node,
    source: str,
    free: frozenset[str],
    bound: frozenset[str],
    inside: str,
    layers: Mapping[str, set[str]],
) -> Iterator[Change]:
    if node.kind == "over-indices":
        bound = bound | set(node.text.split("|")[0].split(","))
    if node.kind == "op" and node.text in ("rank", "ker", "im"):
        inside = "rank"
    if node.kind == "norm":
        inside = "norm"
    text = source[node.span[0] : node.span[1]]
    if node.kind == "index":
        if node.text.isdigit():
            yield node.span, str(int(node.text) + 1), "index", ""
        for other in sorted((free | bound) - {node.text}):
            yield node.span, f" {other}", "index", ""
    if node.kind == "name" and "^(" in node.text:
        base, _, label = node.text.partition("^(")
        for other in sorted(layers.get(base, set()) - {label.rstrip(")")}):
            yield node.span, f"{base}^{{({other})", "index", ""
    if node.kind == "sum":
        yield from _signs(node, source, inside)
    if node.kind == "product":
        yield from _factors(node, inside if inside == "rank" else "")
    if node.kind == "number":
        yield node.span, str(int(node.text) + 1), "factor", ""
    if node.kind == "transposed":
        yield node.span, text[: node.parts[0].span[1] - node.span[0]], "factor", ""
    for part in node.parts:
        yield from _changes(part, source, free, bound, inside, layers)


def _signs(node: Node, source: str, inside: str) -> Iterator[Change]:
    start = node.span[0]
    alone = inside if len(node.parts) == 1 else ""
    for sign, term in zip(node.text, node.parts, strict=True):
        between = source[start : term.span[0]]
        if _is_zero(term):  # −0 is 0: no change
            start = term.span[1]
            continue
        if sign == "-":
            place = start + between.rindex("-")
            yield (place, place + 1), " " if start == node.span[0] else "+", "sign", alone
        elif "+" in between:
            place = start + between.rindex("+")
            yield (place, place + 1), "-", "sign", alone
        elif sign == "+":
            yield (term.span[0], term.span[0]), "-", "sign", alone
        start = term.span[1]


def _is_zero(term: Node) -> bool:
    """Whether a term is written 0."""
    inside = term
    while len(inside.parts) == 1 and inside.kind in ("product", "bracket"):
        (inside,) = inside.parts
    return inside.kind == "number" and inside.text == "0"


def _factors(node: Node, inside: str) -> Iterator[Change]:
    for factor in node.parts:
        start, _ = factor.span
        if factor.kind in ("over", "entrywise"):
            yield factor.span, "", "factor", ""
            continue
        if factor.kind != "number":
            yield (start, start), "2 ", "factor", inside
        after = [f.kind for f in node.parts[1:]]
        if after and not (factor is node.parts[0] and after in (["over"], ["entrywise"])):
            yield factor.span, "", "factor", ""
