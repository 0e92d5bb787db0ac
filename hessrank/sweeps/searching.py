"""One road to a counterexample, whatever way it was asked for; in parallel, and resumable.

In: a claim, instances of the gallery, a dropped hypothesis, constraints, a budget. Out: a `Found`:
the smallest over the gallery, the claim's own instances, small closed forms and the grammar of toy
problems; or how far the search came; or the theorem that forbids a counterexample.

Cells of the grammar go through joblib, or to the workers of a Dask scheduler, each with the best
that is known by then; with a file, what is finished of a cell is kept there and not searched again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count
from os import getpid
from pathlib import Path
from socket import gethostname
from typing import Any

from hessrank.proofs.catalogue import CLAIMS
from hessrank.proofs.catalogue import find as claim_called
from hessrank.proofs.counterexamples.language import excluded, unique_name
from hessrank.proofs.information_loss.cuts import Cut
from hessrank.proofs.reasoning.audit import first_failure, needed
from hessrank.proofs.reasoning.claim import HOLDING, Claim, settle
from hessrank.proofs.reasoning.order import landscape_in, smallness
from hessrank.proofs.reasoning.search import small_problems
from hessrank.proofs.reasoning.statement import Finding, Instance, Statement
from hessrank.proofs.searching.constraints import Constraints
from hessrank.proofs.searching.grammar import LEVELS, Cell, cells
from hessrank.proofs.searching.question import Question, smaller
from hessrank.proofs.searching.search import (
    Found,
    Prepared,
    Result,
    beyond,
    by_structure,
    conclude,
    examine,
    parts,
    search,
    together,
)
from hessrank.proofs.searching.shrink import shrunk
from hessrank.specs.spec import loads
from hessrank.specs.writer import dumps
from hessrank.sweeps.store import CellStore
from hessrank.sweeps.sweep import on_cluster, processes
from hessrank.symbolic.budget import budget, decision, left, over, stopped, unhurried
from hessrank.symbolic.errors import InputError, require
from hessrank.symbolic.expressions.parsing import expected
from hessrank.symbolic.problems.landscape import A_LANDSCAPE, Landscape


def find(
    claim: Claim,
    gallery: Sequence[Instance],
    without: str | None,
    constraints: Mapping[str, Any],
    seconds: float,
    jobs: int = 1,
    into: str | Path | None = None,
    dask: str | None = None,
) -> Found:
    """The smallest counterexample, or how far the search came. Raises InputError."""
    asked = Constraints.read(constraints)
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
        raise InputError(f"expected a whole number >= 1, found {jobs!r}", "jobs")
    with decision(seconds):
        return _find(claim, gallery, without, asked, bool(constraints), jobs, into, dask)


def _find(
    claim: Claim,
    gallery: Sequence[Instance],
    without: str | None,
    asked: Constraints,
    constrained: bool,
    jobs: int,
    into: str | Path | None,
    dask: str | None,
) -> Found:
    with unhurried():
        own = _own(claim, gallery)
    dropped = _dropped(claim, without, own)
    question = _question(claim, without, dropped, asked)
    _refuse_contradictions(question)
    if constrained:
        own = [i for i in own if (h := landscape_in(i.subject)) is not None and asked.allows(h)]
    known, _ = first_failure(question.statement, own, question.violates)
    if known is None and without is None:
        theorem = _proved(claim)
        if theorem:
            return Found(None, asked.max_parameters, 0, theorem)
    if not claim.over_gallery:  # about other objects than landscapes: its own instances are all
        return Found(known, 0, 0, complete=known is not None or not over())
    if jobs == 1 and into is None and dask is None:
        return search(question, known)
    return _as_jobs(claim, without, dropped, question, known, jobs, into, dask)


def shrunk_from(
    claim: Claim,
    gallery: Sequence[Instance],
    here: Landscape,
    without: str | None,
    constraints: Mapping[str, Any],
    seconds: float,
) -> Finding:
    """A smaller counterexample that moves from `here` reach. Raises InputError."""
    require(here, Landscape, A_LANDSCAPE, "here")
    problem = here.problem
    least = {"max_parameters": problem.N, "max_examples": len(problem.data)}
    asked = Constraints.read({**least, **constraints})
    dropped = _dropped(claim, without, _own(claim, gallery)) if without else ()
    question = _question(claim, without, dropped, asked)
    found = question.ask(here, "here") if question.constraints.allows(here) else None
    if found is None:
        raise InputError(f"{claim.id} is not seen to fail there, under these constraints", "here")
    with decision(seconds):
        return shrunk(question, found)


def _own(claim: Claim, gallery: Sequence[Instance]) -> list[Instance]:
    """All instances on which the claim is tried, in ascending order."""
    own = [*claim.instances(gallery), *(small_problems() if claim.over_gallery else [])]
    return sorted(own, key=lambda i: smallness(i.subject))


def _refuse_contradictions(question: Question) -> None:
    """InputError where no case fulfils both a constraint and a hypothesis."""
    asked = question.constraints
    parts = [part.name for h in question.statement.hypotheses for part in h.conjuncts]
    against = {
        "overparameterised": excluded("N > M") if asked.overparameterised else (),
        "scalar": excluded("K = 1") if asked.scalar else (),
    }
    for key, others in against.items():
        for name in parts:
            if unique_name(name) in others:
                raise InputError(f"contradicts the hypothesis {name!r}: no case fulfils both", key)


def _question(
    claim: Claim, without: str | None, dropped: Sequence[str], asked: Constraints
) -> Question:
    statement = claim.stated if without is None else claim.provable
    if not isinstance(statement, Statement):
        raise InputError(f"{claim.id} is no implication: it has no counterexamples", "claim")
    violates = next((h for h in statement.hypotheses if h.name == without), None)
    for name in dropped:
        statement = statement.without(name)
    return Question(statement, asked, violates)


def _dropped(claim: Claim, without: str | None, own: Sequence[Instance]) -> tuple[str, ...]:
    """The hypothesis that is dropped, and those that have to be dropped with it: where the others
    imply it, it cannot fail beside them (`audit`)."""
    if without is None:
        return ()
    form = claim.provable
    hypotheses = form.hypotheses if isinstance(form, Statement) else ()
    named = [h for h in hypotheses if not h.setting]
    h = next((h for h in named if h.name == without), None)
    if h is None or not isinstance(form, Statement):
        names = [h.name for h in named]
        raise InputError(
            f"{claim.id} has no hypothesis {without!r}{expected(without, names)}", "without"
        )
    return needed(form, h, named, own).dropped


def _proved(claim: Claim) -> str:
    """The proof of the form that is asked for, in words, where its steps are checked."""
    form = claim.strong or claim.as_written or claim.best
    if form is None or not form.proof:
        return ""
    with unhurried():
        found = settle(form.statement, [], form.proof)
    if found.verdict not in HOLDING:
        return ""
    return "proved: " + "; ".join(words.rstrip(".") for words, _ in found.proof)


# --- cells as jobs ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Task:
    """One part of cell k, for another process: texts and numbers.

    search: whose it is; best: a spec, or ""; seconds: what is left, and share: what the process may
    take in the whole search."""

    search: str
    claim: str | Claim
    without: str | None
    dropped: tuple[str, ...]
    asked: Constraints
    k: int
    part: int
    parts: int
    best: str
    seconds: float
    share: float


@dataclass(frozen=True)
class _Done:
    """What came of a task; process: where; took: seconds of processor time there."""

    task: _Task
    told: dict[str, Any]
    process: str
    took: float


def _as_jobs(
    claim: Claim,
    without: str | None,
    dropped: tuple[str, ...],
    question: Question,
    known: Finding | None,
    jobs: int,
    into: str | Path | None,
    dask: str | None,
) -> Found:
    """The search with each part of a cell a job, given out in ascending order with the best that is
    known by then. The budget is processor time of each process, this one's and a worker's added."""
    asked, seconds, began = question.constraints, left(), time.process_time()
    with unhurried():
        listed = cells(asked)
    store = None if into is None else CellStore(into)
    results: dict[int, Result] = {}
    gone: dict[int, list[Result]] = {}  # parts of a cell
    best, search = known, f"{_process()} {next(_SEARCHES)}"
    spent: dict[str, float] = {}  # by process
    named: Any = claim.id if claim in CLAIMS else claim

    def share() -> float:
        return seconds - (time.process_time() - began)

    def remaining() -> float:
        workers = jobs if dask is None else max(len(spent), 1)
        return share() - max(sum(spent.values()) / workers, max(spent.values(), default=0.0))

    def tasks(missing: Sequence[int]) -> Iterator[_Task]:
        for k in missing:
            if beyond(listed[k], best):
                return
            n = parts(listed[k])
            for part in range(n):
                if over() or remaining() <= 0:
                    return
                text = _text(best) if best and isinstance(best.subject, Cut | Landscape) else ""
                about = (search, named, without, dropped, asked)
                yield _Task(*about, k, part, n, text, remaining(), share())

    try:
        kept = {} if store is None else store.results()
        missing: list[int] = []
        for k, cell in enumerate(listed):
            result = _of_json(question, kept.get(_key(question, cell)))
            best = smaller(best, result.finding if result else None)
            if result is not None and result.complete:
                results[k] = result
            else:
                missing.append(k)
        structured = _of_json(question, kept.get(_key(question, None)))
        if structured is not None:
            best = smaller(best, structured.finding)
        elif missing:
            best = by_structure(question, listed, best)
            if store is not None and best is not known and not over():
                store.add(_key(question, None), _told(Result(best)))
        given = tasks(missing)
        for done in processes(_one, given, jobs) if dask is None else on_cluster(_one, given, dask):
            k = done.task.k
            if done.process != _process():
                spent[done.process] = spent.get(done.process, 0.0) + done.took
            result = _of_json(question, done.told)
            assert result is not None
            best = smaller(best, result.finding)
            gone.setdefault(k, []).append(result)
            results[k] = together(gone[k], len(gone[k]) == done.task.parts)
            if store is not None and (result.finding or results[k].complete):
                store.add(_key(question, listed[k]), _told(results[k]))
    except KeyboardInterrupt:
        if not stopped():
            raise
    finally:
        if store is not None:
            store.close()
    found = [(listed[k], result) for k, result in results.items()]
    return conclude(listed, found, best, seconds - remaining())


_SEARCHES = count()


def _process() -> str:
    """A name of this process."""
    return f"{gethostname()} {getpid()}"


@dataclass
class _Worker:
    """What a process keeps of the search that it works for: the time it took, the cell at hand."""

    search: str
    spent: float = 0.0
    prepared: Prepared | None = None
    best: tuple[str, Finding | None] = ("", None)


_worker = _Worker("")


def _one(task: _Task) -> _Done:
    """One task, in a process of its own."""
    global _worker
    began, here = time.process_time(), _process()
    if _worker.search != task.search:
        _worker = _Worker(task.search)
    mine, seconds = _worker, task.seconds
    if not task.search.startswith(f"{here} "):  # a task may have waited while this process worked
        seconds = min(seconds, task.share - mine.spent)
    told = _told(_examined(task, mine, seconds) if seconds > 0 else Result())
    took = time.process_time() - began
    mine.spent += took
    return _Done(task, told, here, took)


def _examined(task: _Task, mine: _Worker, seconds: float) -> Result:
    claim = claim_called(task.claim) if isinstance(task.claim, str) else task.claim
    question = _question(claim, task.without, task.dropped, task.asked)
    cell = cells(task.asked)[task.k]
    if mine.prepared is None or mine.prepared.cell != cell:
        mine.prepared = Prepared.of(question, cell)
    if mine.best[0] != task.best:
        mine.best = (task.best, question.ask(loads(task.best, "best").landscape()))
    with budget(seconds):
        return examine(question, mine.prepared, mine.best[1], task.part, task.parts)


def _told(found: Result) -> dict[str, Any]:
    """A result as text and numbers."""
    told = asdict(replace(found, finding=None))
    told["finding"] = None if found.finding is None else _text(found.finding)
    return told


def _text(finding: Finding) -> str:
    """The spec of a finding: of the landscape that was cut, where it is about a layer."""
    subject: Any = finding.subject
    return dumps(subject.here if isinstance(subject, Cut) else subject)


def _of_json(question: Question, told: dict[str, Any] | None) -> Result | None:
    """A result with its finding asked anew, so that nothing in a file is believed."""
    if told is None:
        return None
    text = told["finding"]
    with unhurried():
        found = None if text is None else question.ask(loads(text, "finding").landscape())
    return Result(found, **{k: v for k, v in told.items() if k != "finding"})


def _key(question: Question, cell: Cell | None) -> str:
    """Everything that decides what a cell gives, or planted structure."""
    asked: Iterator[Any] = iter(asdict(question.constraints).items())
    violates = question.violates.name if question.violates else None
    told = [question.statement.words, violates, list(asked), cell.name if cell else None, LEVELS]
    return json.dumps(told, ensure_ascii=False)
