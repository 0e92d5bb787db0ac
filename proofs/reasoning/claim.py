"""What a claim is, and how a verdict on it is reached.

In: predicates of a subject (mostly a `Landscape`), put together as hypotheses ⇒ conclusion; the
instances to try it on; where there is one, a proof. Out: `Finding`s on single instances, and a
`Settlement` of the universal statement. The verdict is derived, never typed in:

- refuted: an instance fulfils every hypothesis and violates the conclusion, both exactly;
- true: every step of the proof is checked or cites a named theorem, and no instance contradicts it;
- open: neither; the number of instances on which it holds is given.

A proof beside a counterexample is a contradiction: a mistake of ours, and reported as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import DomainError, KinkError, UndecidedError


@dataclass(frozen=True)
class Predicate:
    """A property of a subject: `test(subject)` gives a Fact. Combine with &, | and ~.

    name: short and unique within its statement; words: the property as part of a sentence.
    """

    name: str
    words: str
    test: Callable[[Any], Fact] = field(repr=False, compare=False)
    latex: str = ""

    def __call__(self, subject: Any) -> Fact:
        """The Fact for `subject`; where the property makes no sense there or cannot be computed,
        UNDECIDED with the reason. A kink or a point outside the domain is an error."""
        try:
            return self.test(subject)
        except (KinkError, DomainError):
            raise
        except UndecidedError as error:
            return Fact(Truth.UNDECIDED, str(error))

    def __and__(self, other: Predicate) -> Predicate:
        return Predicate(
            f"{self.name} and {other.name}",
            f"{self.words} and {other.words}",
            lambda s: self(s) & other(s),
            rf"{self.latex} \wedge {other.latex}",
        )

    def __or__(self, other: Predicate) -> Predicate:
        return Predicate(
            f"{self.name} or {other.name}",
            f"{self.words} or {other.words}",
            lambda s: self(s) | other(s),
            rf"{self.latex} \vee {other.latex}",
        )

    def __invert__(self) -> Predicate:
        return Predicate(
            f"not ({self.name})", f"not ({self.words})", lambda s: ~self(s), rf"\neg {self.latex}"
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
class Finding:
    """What a statement says of one instance: the outcome, and each fact that led to it."""

    instance: str
    outcome: Outcome
    facts: tuple[tuple[str, Fact], ...]
    subject: Any = field(default=None, repr=False, compare=False)

    @property
    def reason(self) -> str:
        """The last fact: the hypothesis that fails or is undecided, or the conclusion."""
        name, fact = self.facts[-1]
        return f"{name}: {fact.reason}"

    def __repr__(self) -> str:
        return f"Finding({self.instance}: {self.outcome.value}; {self.reason})"

    def _repr_markdown_(self) -> str:
        rows = [f"| {name} | {fact.truth.value} | {fact.reason} |" for name, fact in self.facts]
        table = "\n".join(["| property | | why |", "|---|---|---|", *rows])
        return f"**{self.instance}: {self.outcome.value}**\n\n{table}"

    def to_json(self) -> dict[str, Any]:
        return {
            "instance": self.instance,
            "outcome": self.outcome.value,
            "facts": {name: fact.to_json() for name, fact in self.facts},
        }


@dataclass(frozen=True)
class Statement:
    """For every subject: hypotheses ⇒ conclusion."""

    hypotheses: tuple[Predicate, ...]
    conclusion: Predicate

    @property
    def words(self) -> str:
        given = "; ".join(h.words for h in self.hypotheses)
        words = self.conclusion.words
        return f"If {given}, then {words}." if given else f"{words[0].upper()}{words[1:]}."

    def on(self, instance: Instance) -> Finding:
        """The finding on one instance; the conclusion is asked only where the hypotheses hold."""
        facts: list[tuple[str, Fact]] = []

        def found(outcome: Outcome) -> Finding:
            return Finding(instance.id, outcome, tuple(facts), instance.subject)

        try:
            doubtful = None
            for h in self.hypotheses:
                fact = h(instance.subject)
                facts.append((h.name, fact))
                if fact.truth is Truth.FALSE:
                    return found(Outcome.NOT_APPLICABLE)
                if fact.truth is Truth.UNDECIDED:
                    doubtful = doubtful or (h.name, fact)
            if doubtful:
                facts.remove(doubtful)
                facts.append(doubtful)
                return found(Outcome.UNDECIDED)
            fact = self.conclusion(instance.subject)
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
        return Statement(tuple(h for h in self.hypotheses if h.name != name), self.conclusion)


@dataclass(frozen=True)
class Existence:
    """There is a subject with these properties: true as soon as one instance shows them."""

    properties: tuple[Predicate, ...]

    @property
    def words(self) -> str:
        return "There is a case in which " + " and ".join(p.words for p in self.properties) + "."

    def on(self, instance: Instance) -> Finding:
        """HOLDS where the instance is a witness, NOT_APPLICABLE where it is none."""
        *first, last = self.properties
        found = Statement(tuple(first), last).on(instance)
        if found.outcome is Outcome.FAILS:
            return replace(found, outcome=Outcome.NOT_APPLICABLE)
        return found


@dataclass(frozen=True)
class Step:
    """A step of a proof: a sentence, and either a check that is run or the theorem it cites."""

    words: str
    check: Callable[[], Fact] | None = field(default=None, repr=False, compare=False)
    cites: str | None = None

    def run(self) -> Fact:
        if self.check is not None:
            return self.check()
        if self.cites:
            return Fact(Truth.TRUE, f"cited: {self.cites}")
        return Fact(Truth.UNDECIDED, "neither checked nor cited")


@dataclass(frozen=True)
class Settlement:
    """The verdict on a statement, with its evidence.

    verdict: "true", "refuted", "open" or "contradiction"; counterexamples and confirmations:
    findings; proof: each step's sentence with its Fact; tried: how many instances applied.
    """

    verdict: str
    counterexamples: tuple[Finding, ...]
    confirmations: tuple[Finding, ...]
    undecided: tuple[Finding, ...]
    proof: tuple[tuple[str, Fact], ...]
    cites: tuple[str, ...]
    witnessed: bool = False

    @property
    def tried(self) -> int:
        return len(self.counterexamples) + len(self.confirmations)

    @property
    def summary(self) -> str:
        match self.verdict:
            case "refuted":
                return f"refuted by {self.counterexamples[0].instance}"
            case "true":
                if self.witnessed:
                    return f"true: {self.confirmations[0].instance} is a case"
                basis = f", resting on {'; '.join(self.cites)}" if self.cites else ""
                return f"true{basis} ({len(self.confirmations)} instances agree)"
            case "contradiction":
                return f"CONTRADICTION: proved, but {self.counterexamples[0].instance} refutes it"
        return f"open, {self.tried} instances"

    def to_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "summary": self.summary,
            "counterexamples": [f.to_json() for f in self.counterexamples],
            "confirmed_on": [f.instance for f in self.confirmations],
            "undecided_on": [f.instance for f in self.undecided],
            "proof": [{"step": words, **fact.to_json()} for words, fact in self.proof],
            "cites": list(self.cites),
        }


def _size(found: Finding) -> tuple[int, int]:
    """(N, M) of a landscape: the smallest instance is shown first."""
    problem = getattr(found.subject, "problem", None)
    return (problem.N, problem.M) if problem is not None else (0, 0)


def settle(
    statement: Statement | Existence, instances: Iterable[Instance], proof: Sequence[Step] = ()
) -> Settlement:
    """The verdict on `statement` from its proof, if any, and the instances. An existence is true
    by its first witness; that none was found leaves it open."""
    findings = sorted((statement.on(i) for i in instances), key=_size)
    by = {o: tuple(f for f in findings if f.outcome is o) for o in Outcome}
    steps = tuple((s.words, s.run()) for s in proof)
    proved = bool(steps) and all(fact.truth is Truth.TRUE for _, fact in steps)
    refuted = bool(by[Outcome.FAILS])
    if isinstance(statement, Existence):
        proved = bool(by[Outcome.HOLDS])
    verdict = {
        (True, True): "contradiction",
        (True, False): "true",
        (False, True): "refuted",
        (False, False): "open",
    }[proved, refuted]
    return Settlement(
        verdict,
        by[Outcome.FAILS],
        by[Outcome.HOLDS],
        by[Outcome.UNDECIDED],
        steps,
        tuple(s.cites for s in proof if s.cites),
        isinstance(statement, Existence),
    )


@dataclass(frozen=True)
class Experiment:
    """An empirical result: what was counted, with intervals, and the seed that repeats it."""

    question: str
    answer: str
    counts: dict[str, Any]
    seed: int
    command: str


@dataclass(frozen=True)
class Claim:
    """A claim of the source texts.

    id, number: its slug and its number in the catalogue; source: where it stands and who says it;
    says: the claim in words; latex: in formulas.
    stated: the precise form as stated; repaired: the form that holds, where the stated one fails;
    with the proofs of either.
    examples: instances of its own, besides the gallery (over_gallery says whether the gallery's
    landscapes are instances).
    audited: the form whose hypotheses the audit drops (default: the repaired one); considered:
    properties that somebody took for a hypothesis.
    experiment: for empirical claims; beyond: why a computation does not settle it; settles: who
    was right in the comments, in which sense.
    """

    id: str
    number: int
    title: str
    source: str
    says: str
    latex: str = ""
    stated: Statement | Existence | None = None
    stated_proof: tuple[Step, ...] = ()
    repaired: Statement | Existence | None = None
    repaired_proof: tuple[Step, ...] = ()
    examples: Callable[[], Sequence[Instance]] | None = field(default=None, repr=False)
    over_gallery: bool = True
    experiment: Callable[[int], Experiment] | None = field(default=None, repr=False)
    beyond: str = ""
    settles: str = ""
    audited: Statement | None = None
    considered: tuple[Predicate, ...] = ()

    def instances(self, gallery: Iterable[Instance]) -> list[Instance]:
        """All instances on which the claim is tried."""
        own = list(self.examples()) if self.examples else []
        return own + (list(gallery) if self.over_gallery else [])


@dataclass(frozen=True)
class Settled:
    """A claim with the verdicts on its forms; `experiment` for the empirical ones."""

    claim: Claim
    stated: Settlement | None
    repaired: Settlement | None
    experiment: Experiment | None = None

    @property
    def as_stated(self) -> str:
        if self.stated is not None:
            return self.stated.verdict
        return "empirical" if self.claim.experiment else "not computed"

    @property
    def contradictory(self) -> bool:
        return any(
            s is not None and s.verdict == "contradiction" for s in (self.stated, self.repaired)
        )


def settle_claim(claim: Claim, gallery: Sequence[Instance], seed: int | None = 0) -> Settled:
    """Settle both forms of `claim` on the gallery and its own instances. seed: for the
    experiment of an empirical claim; None leaves it out."""
    instances = claim.instances(gallery)
    stated = settle(claim.stated, instances, claim.stated_proof) if claim.stated else None
    repaired = settle(claim.repaired, instances, claim.repaired_proof) if claim.repaired else None
    run = claim.experiment if seed is not None else None
    return Settled(
        claim, stated, repaired, run(seed) if run is not None and seed is not None else None
    )
