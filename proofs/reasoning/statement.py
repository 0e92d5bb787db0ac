"""Statements: predicates put together as hypotheses ⇒ conclusion, and what one says of a subject.

In: predicates of a subject (mostly a `Landscape`) and an `Instance` to try them on. Out: a
`Finding`: holds, fails, not-applicable or undecided, with each fact that led to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from hessrank.proofs.pages.blocks import Block, Table, Text, literal
from hessrank.proofs.pages.shown import Shown
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.brief import Brief
from hessrank.symbolic.errors import DomainError, KinkError, UndecidedError
from hessrank.symbolic.fields.polynomials import TooLarge


@dataclass(frozen=True)
class Predicate:
    """A property of a subject: `test(subject)` gives a Fact. Combine with &, | and ~.

    name: short and unique within its statement; words: the property as part of a sentence;
    setting: whether it only says what the claim is about, so that no audit drops it;
    joined: "and" or "or" where it joins its parts.
    """

    name: str
    words: str
    test: Callable[[Any], Fact] = field(repr=False, compare=False)
    latex: str = ""
    setting: bool = False
    joined: str = field(default="", repr=False, compare=False)
    parts: tuple[Predicate, ...] = field(default=(), repr=False, compare=False)

    def __call__(self, subject: Any) -> Fact:
        """The Fact for `subject`; where the property makes no sense there or cannot be computed,
        UNDECIDED with the reason. A kink or a point outside the domain is an error."""
        try:
            return self.test(subject)
        except (KinkError, DomainError):
            raise
        except (UndecidedError, TooLarge) as error:
            return Fact(Truth.UNDECIDED, str(error))

    def __and__(self, other: Predicate) -> Predicate:
        return _joined("and", r"\wedge", (self, other), lambda s: self(s) & other(s))

    def __or__(self, other: Predicate) -> Predicate:
        return _joined("or", r"\vee", (self, other), lambda s: self(s) | other(s))

    def __invert__(self) -> Predicate:
        latex = self.latex and rf"\neg ({self.latex})"
        return Predicate(f"not ({self.name})", f"not ({self.words})", lambda s: ~self(s), latex)

    @property
    def conjuncts(self) -> tuple[Predicate, ...]:
        """Those that it joins by `and`, taken apart as far as it goes."""
        if self.joined != "and":
            return (self,)
        return tuple(inner for part in self.parts for inner in part.conjuncts)


def _joined(
    word: str, sign: str, parts: tuple[Predicate, Predicate], test: Callable[[Any], Fact]
) -> Predicate:
    """The parts with a word between them, in brackets where they are joined by the other one."""

    def put(texts: Sequence[str], between: str) -> str:
        inner = [
            f"({text})" if part.joined not in ("", word) else text
            for part, text in zip(parts, texts, strict=True)
        ]
        return f" {between} ".join(inner)

    latex = [p.latex for p in parts]
    return Predicate(
        put([p.name for p in parts], word),
        put([p.words for p in parts], word),
        test,
        put(latex, sign) if all(latex) else "",
        joined=word,
        parts=parts,
    )


class Outcome(Enum):
    HOLDS = "holds"
    FAILS = "fails"
    NOT_APPLICABLE = "not-applicable"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Instance:
    """A subject to try a statement on. `subject` is a Landscape unless the claim says otherwise."""

    id: str
    subject: Any = field(compare=False)


@dataclass(frozen=True, repr=False)
class Finding(Shown):
    """What a statement says of one instance: the outcome, and each fact that led to it."""

    instance: str
    outcome: Outcome
    facts: tuple[tuple[str, Fact], ...]
    subject: Any = field(default=None, repr=False, compare=False)

    @property
    def reason(self) -> str:
        """What decides: every hypothesis that fails, or else the last fact: the hypothesis that is
        undecided, or the conclusion."""
        named = [self.facts[-1]]
        if self.outcome is Outcome.NOT_APPLICABLE:
            named = [f for f in self.facts if f[1].truth is Truth.FALSE] or named
        return "; ".join(f"{name}: {fact.reason}" for name, fact in named)

    def __repr__(self) -> str:
        return f"Finding({self.instance}: {self.outcome.value}; {self.reason})"

    def blocks(self) -> list[Block]:
        rows = [(literal(name), f.truth.mark, literal(f.reason)) for name, f in self.facts]
        head = f"{literal(self.instance)}: {self.outcome.value}"
        return [Text(head, tone="strong"), Table(("property", "", "why"), tuple(rows), "plp")]

    def to_json(self) -> dict[str, Any]:
        return {
            "instance": self.instance,
            "outcome": self.outcome.value,
            "facts": {name: fact.to_json() for name, fact in self.facts},
        }


def open_on(instance: Instance, why: str) -> Finding:
    """UNDECIDED, and why, where no property could be asked."""
    fact = Fact(Truth.UNDECIDED, why)
    return Finding(instance.id, Outcome.UNDECIDED, (("computed", fact),), instance.subject)


@dataclass(frozen=True, repr=False)
class Statement(Brief):
    """For every subject: hypotheses ⇒ conclusion.

    each: what a subject is taken apart into, such as the layers of a network; the statement is then
    one about each part, with the same part in all its predicates.
    """

    hypotheses: tuple[Predicate, ...]
    conclusion: Predicate
    each: Callable[[Any], Sequence[Any]] | None = field(default=None, repr=False, compare=False)

    @property
    def setting(self) -> tuple[Predicate, ...]:
        """The hypotheses that only say what the statement is about."""
        return tuple(h for h in self.hypotheses if h.setting)

    @property
    def words(self) -> str:
        given = "; ".join(h.words for h in self.hypotheses)
        words = self.conclusion.words
        return f"If {given}, then {words}." if given else f"{words[0].upper()}{words[1:]}."

    def on(self, instance: Instance, thorough: bool = False) -> Finding:
        """The finding on one instance; the conclusion is asked only where the hypotheses hold.

        thorough: ask every hypothesis, also after one that fails.
        """
        try:
            parts = self.each(instance.subject) if self.each is not None else ()
        except (UndecidedError, TooLarge) as error:
            return open_on(instance, str(error))
        found = [self._on(instance.id, part, thorough) for part in parts or (instance.subject,)]
        return min(found, key=lambda f: _TELLING.index(f.outcome))

    def _on(self, id: str, subject: Any, thorough: bool) -> Finding:
        facts: list[tuple[str, Fact]] = []

        def found(outcome: Outcome) -> Finding:
            return Finding(id, outcome, tuple(facts), subject)

        doubtful, refused = None, False
        try:
            for h in self.hypotheses:
                fact = h(subject)
                facts.append((h.name, fact))
                if fact.truth is Truth.FALSE:
                    if not thorough:
                        return found(Outcome.NOT_APPLICABLE)
                    refused = True
                if fact.truth is Truth.UNDECIDED:
                    doubtful = doubtful or (h.name, fact)
            if refused:
                return found(Outcome.NOT_APPLICABLE)
            if doubtful:
                facts.remove(doubtful)
                facts.append(doubtful)
                return found(Outcome.UNDECIDED)
            fact = self.conclusion(subject)
            facts.append((self.conclusion.name, fact))
        except (KinkError, DomainError) as error:
            facts.append(("smooth at the point", Fact(Truth.FALSE, str(error))))
            return found(Outcome.NOT_APPLICABLE)
        return found(
            {
                Truth.TRUE: Outcome.HOLDS,
                Truth.FALSE: Outcome.FAILS,
                Truth.UNDECIDED: Outcome.UNDECIDED,
            }[fact.truth]
        )

    def without(self, name: str) -> Statement:
        """The statement with one hypothesis dropped."""
        return replace(self, hypotheses=tuple(h for h in self.hypotheses if h.name != name))

    def given(self, *more: Predicate) -> Statement:
        """The statement with further hypotheses."""
        return replace(self, hypotheses=(*self.hypotheses, *more))


@dataclass(frozen=True)
class Existence:
    """There is a subject with these properties: true as soon as one instance shows them."""

    properties: tuple[Predicate, ...]

    @property
    def setting(self) -> tuple[Predicate, ...]:
        """The properties that only say what the statement is about."""
        return tuple(p for p in self.properties if p.setting)

    @property
    def words(self) -> str:
        return "There is a case in which " + " and ".join(p.words for p in self.properties) + "."

    def on(self, instance: Instance, thorough: bool = False) -> Finding:
        """HOLDS where the instance is a witness, NOT_APPLICABLE where it is none."""
        *first, last = self.properties
        found = Statement(tuple(first), last).on(instance, thorough)
        if found.outcome is Outcome.FAILS:
            return replace(found, outcome=Outcome.NOT_APPLICABLE)
        return found


#: Of several parts of a subject the one speaks that tells most.
_TELLING = (Outcome.FAILS, Outcome.UNDECIDED, Outcome.HOLDS, Outcome.NOT_APPLICABLE)
