"""What a claim is, and how a verdict on it is reached.

In: statements (`statement`), the instances to try them on; where there is one, a proof. Out: a
`Settlement` of each form of a claim. The verdict is derived, never typed in:

- refuted: an instance fulfils every hypothesis and violates the conclusion, both exactly;
- true: the steps of the proof are checked, or cite a named theorem beside others that are, and no
  instance contradicts it;
- cited: the proof rests on named theorems alone;
- empirical: an experiment answers, with its intervals;
- open: neither; the number of instances on which it holds is given.

A proof beside a counterexample is a contradiction: a mistake of ours, and reported as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import InitVar, dataclass, field
from typing import Any

from hessrank.proofs.reasoning.order import smallness
from hessrank.proofs.reasoning.statement import (
    Existence,
    Finding,
    Instance,
    Outcome,
    Predicate,
    Statement,
    open_on,
)
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.brief import Brief
from hessrank.symbolic.budget import OVER, over, unhurried
from hessrank.symbolic.errors import InputError, UndecidedError, counted, shown
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.once import once

#: The words that say: this holds.
HOLDING = ("true", "cited")


@dataclass(frozen=True)
class Step:
    """A step of a proof: a sentence, and either a check that is run or the theorem it cites."""

    words: str
    check: Callable[[], Fact] | None = field(default=None, repr=False, compare=False)
    cites: str | None = None

    def run(self) -> Fact:
        if self.check is not None:
            try:
                return self.check()
            except (UndecidedError, TooLarge) as error:
                return Fact(Truth.UNDECIDED, str(error))
        if self.cites:
            return Fact(Truth.TRUE, f"cited: {self.cites}")
        return Fact(Truth.UNDECIDED, "neither checked nor cited")


@dataclass(frozen=True, repr=False)
class Settlement(Brief):
    """The verdict on a statement, with its evidence.

    verdict: "true", "cited", "refuted", "open" or "contradiction"; counterexamples and
    confirmations: findings; proof: each step's sentence with its Fact; tried: how many instances
    applied.
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
        """The verdict with what it rests on."""
        basis = f", resting on {'; '.join(self.cites)}" if self.cites else ""
        return self.said(basis)

    def said(self, basis: str = "") -> str:
        """The verdict with the instances behind it; basis: what is said of a proof."""
        match self.verdict:
            case "refuted":
                return f"refuted by {self.counterexamples[0].instance}"
            case "true" | "cited":
                if self.witnessed:
                    return f"true by the case {self.confirmations[0].instance}"
                n = len(self.confirmations)
                agreeing = f"{counted(n, 'instance')} agree{'s' if n == 1 else ''}"
                return f"{self.verdict}{basis} ({agreeing})"
            case "contradiction":
                return f"CONTRADICTION: proved, but {self.counterexamples[0].instance} refutes it"
        cut = sum(OVER in f.reason for f in self.undecided)
        late = f"; over budget on {cut}" if cut else ""
        return f"open, {counted(self.tried, 'instance')}{late}"

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


def settle(
    statement: Statement | Existence, instances: Iterable[Instance], proof: Sequence[Step] = ()
) -> Settlement:
    """The verdict on `statement` from its proof, if any, and the instances. An existence is true
    by its first witness; that none was found leaves it open. Instances that a budget does not
    reach are undecided."""
    asked = (open_on(i, OVER) if over() else statement.on(i) for i in instances)
    findings = sorted(asked, key=lambda f: smallness(f.subject))
    by = {o: tuple(f for f in findings if f.outcome is o) for o in Outcome}
    steps = tuple((s.words, s.run()) for s in proof)
    proved = bool(steps) and all(fact.truth is Truth.TRUE for _, fact in steps)
    checked = any(s.check is not None for s in proof)
    refuted = bool(by[Outcome.FAILS])
    if isinstance(statement, Existence):
        proved = checked = bool(by[Outcome.HOLDS])
    verdict = {
        (True, True): "contradiction",
        (True, False): "true" if checked else "cited",
        (False, True): "refuted",
        (False, False): "open",
    }[proved, refuted]
    return Settlement(
        verdict,
        by[Outcome.FAILS],
        by[Outcome.HOLDS],
        by[Outcome.UNDECIDED],
        steps,
        tuple(dict.fromkeys(s.cites for s in proof if s.cites)),
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
class Form:
    """One form of a claim: a statement and, where there is one, its proof."""

    statement: Statement | Existence
    proof: tuple[Step, ...] = ()


@once
def proved(form: Form) -> bool:
    """Whether there is a proof, and each of its steps is checked or cites a theorem."""
    return bool(form.proof) and all(step.run().truth is Truth.TRUE for step in form.proof)


@dataclass(frozen=True, repr=False)
class Claim(Brief):
    """A claim, of the source texts or one's own: `Claim(hypotheses=[…], conclusion=…)`.

    id, number: its slug and its number in the catalogue; theorem: the number of a theorem that
    stands beside the claims, 0 for a claim; source: where it stands and who says it;
    says: the claim in words; quote: in its author's words; latex: in formulas.
    as_written: the author's sentence, read charitably in its own setting; strong: the universal or
    converse form that readers take from it; best: the strongest form that we can prove.
    examples: instances of its own, besides the gallery (over_gallery says whether the gallery's
    landscapes are instances); reads: a landscape as the subject that the claim speaks of.
    audited: the form whose hypotheses the audit drops (default: the best one); considered:
    properties that somebody took for a hypothesis.
    experiment: for empirical claims; worked: it is an exact computation that shows the best form
    at work and measures nothing, so that no verdict rests on it; beyond: why a computation does
    not settle it; settles: who was right in the comments, in which sense.
    hypotheses, conclusion: the form as written of a claim of one's own. InputError where one of
    them is no `Predicate`.
    """

    id: str = "own"
    number: int = 0
    title: str = ""
    source: str = ""
    says: str = ""
    quote: str = ""
    latex: str = ""
    as_written: Form | None = None
    strong: Form | None = None
    best: Form | None = None
    examples: Callable[[], Sequence[Instance]] | None = field(default=None, repr=False)
    over_gallery: bool = True
    reads: Callable[..., Any] | None = field(default=None, repr=False)
    experiment: Callable[[int], Experiment] | None = field(default=None, repr=False)
    worked: bool = False
    beyond: str = ""
    settles: str = ""
    theorem: int = 0
    audited: Statement | None = None
    considered: tuple[Predicate, ...] = ()
    hypotheses: InitVar[Sequence[Predicate]] = ()
    conclusion: InitVar[Predicate | None] = None

    def __post_init__(self, hypotheses: Sequence[Predicate], conclusion: Predicate | None) -> None:
        if not isinstance(self.id, str):
            raise InputError(
                f"expected an id in words, found {shown(self.id)}; a claim of one's own is "
                "Claim(hypotheses=[…], conclusion=…)",
                "id",
            )
        for given in (*hypotheses, *([] if conclusion is None else [conclusion])):
            if not isinstance(given, Predicate):
                raise InputError(
                    f"expected a predicate, found {shown(given)}; "
                    "hessrank.predicate makes one from a text",
                    "claim",
                )
        if conclusion is not None:
            own = Form(Statement(tuple(hypotheses), conclusion))
            object.__setattr__(self, "as_written", own)
            object.__setattr__(self, "title", self.title or own.statement.words)

    @property
    def label(self) -> str:
        """The number in the catalogue; of a theorem, and of a claim of one's own, its id."""
        return str(self.number) if self.number else self.id

    @property
    def forms(self) -> dict[str, Form]:
        """The forms that the claim has, by name."""
        named = {"as_written": self.as_written, "strong": self.strong, "best": self.best}
        return {name: form for name, form in named.items() if form is not None}

    @property
    def stated(self) -> Statement | Existence | None:
        """The statement of the strong form, else of the one as written; of a theorem, its own."""
        form = self.strong or self.as_written or self.best
        return form.statement if form else None

    @property
    def repaired(self) -> Statement | Existence | None:
        """The statement of the best form."""
        return self.best.statement if self.best else None

    @property
    def provable(self) -> Statement | Existence | None:
        """The form that an audit takes apart."""
        return self.audited or self.repaired or self.stated

    def instances(self, gallery: Iterable[Instance]) -> list[Instance]:
        """All instances on which the claim is tried."""
        own = list(self.examples()) if self.examples else []
        every = own + (list(gallery) if self.over_gallery else [])
        return list({instance.id: instance for instance in reversed(every)}.values())[::-1]


@dataclass(frozen=True, repr=False)
class Settled(Brief):
    """A claim with the settlements of its forms; `experiment` for the empirical ones."""

    claim: Claim
    as_written: Settlement | None
    strong: Settlement | None
    best: Settlement | None
    experiment: Experiment | None = None

    @property
    def stated(self) -> Settlement | None:
        """The settlement of the strong form, else of the one as written; of a theorem, its own."""
        beside = self.verdict("as_written") is not None
        return self.strong or self.as_written or (None if beside else self.best)

    @property
    def repaired(self) -> Settlement | None:
        """The settlement of the best form."""
        return self.best

    @property
    def settlements(self) -> dict[str, Settlement]:
        """The settlements by the names of the forms."""
        named = {"as_written": self.as_written, "strong": self.strong, "best": self.best}
        return {name: found for name, found in named.items() if found is not None}

    def verdict(self, form: str) -> str | None:
        """The verdict word of a form, None where the claim has no such form."""
        found = self.settlements.get(form)
        if found is not None or form != "as_written":
            return found.verdict if found else None
        if self.claim.experiment and not self.claim.worked:
            return "empirical"
        return "not computed" if self.claim.beyond else None

    @property
    def as_stated(self) -> str:
        """The verdict of the strong form, else of the one as written."""
        words = (self.verdict(form) for form in ("strong", "as_written", "best"))
        return next((word for word in words if word), "")

    @property
    def contradictory(self) -> bool:
        return any(s.verdict == "contradiction" for s in self.settlements.values())


def settle_claim(claim: Claim, gallery: Sequence[Instance], seed: int | None = 0) -> Settled:
    """Settle every form of `claim` on the gallery and its own instances. seed: for the
    experiment of an empirical claim; None leaves it out."""
    with unhurried():
        instances = claim.instances(gallery)
    found = {
        name: settle(form.statement, instances, form.proof) for name, form in claim.forms.items()
    }
    run = claim.experiment if seed is not None else None
    return Settled(
        claim,
        found.get("as_written"),
        found.get("strong"),
        found.get("best"),
        run(seed) if run is not None and seed is not None else None,
    )
