"""Random problems of every kind, each held against an answer that hessrank did not make: ranks
against mpmath, SymPy and python-flint, points without a value, minima and fibres by construction,
the claims' proved forms. Two answers must never contradict each other.

    python benchmarks/campaign.py [--count 20000] [--seed 0] [--jobs 2] [--kind minimum]
    python benchmarks/campaign.py --replay PROBLEM

Each problem is a small JSON text that `--replay` takes back. Prints what came of each kind, and
exits with 1 at a contradiction. Public names only; the kinds are in `benchmarks/kinds/`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from multiprocessing import Pool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from kinds import domains, germs, matrices, networks, theorems
from kinds.outcomes import Outcome, Spec

import hessrank as hr

MODULES = (matrices, networks, domains, germs, theorems)
#: Each kind and the module that knows it.
KINDS = {kind: module for module in MODULES for kind in module.KINDS}
#: Refusals that are an answer at a point that was drawn at random.
REFUSALS = ("KinkError", "JumpError", "DomainError")


def draw(seed: int, index: int, kinds: Sequence[str] = tuple(KINDS)) -> Spec:
    """Problem number `index` of the campaign `seed`: the kinds take turns."""
    kind = kinds[index % len(kinds)]
    return KINDS[kind].draw(random.Random(f"{seed} {kind} {index}"), kind)


def run(problem: Spec) -> list[Outcome]:
    """What came of each question about a problem. An error that is no refusal is a fault."""
    try:
        return list(KINDS[problem["kind"]].run(problem))
    except hr.HessrankError as error:
        name = type(error).__name__
        return [Outcome(name, () if name in REFUSALS else (f"{name}: {error}",))]


def one(seed: int, kinds: Sequence[str], index: int) -> tuple[Spec, list[Outcome], float]:
    """Problem number `index`, what came of it, and the seconds of processor time that it took."""
    problem = draw(seed, index, kinds)
    started = time.process_time()
    return problem, run(problem), time.process_time() - started


def answers(
    seed: int, kinds: Sequence[str], count: int, jobs: int
) -> Iterator[tuple[Spec, list[Outcome], float]]:
    """All problems in turn; the same whatever `jobs` is."""
    ask = partial(one, seed, kinds)
    if jobs == 1:
        yield from map(ask, range(count))
        return
    with Pool(jobs) as pool:
        yield from pool.imap(ask, range(count), chunksize=16)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000, help="how many problems")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument("--kind", choices=KINDS, action="append", help="this kind alone")
    parser.add_argument("--replay", metavar="PROBLEM", help="one problem, as JSON")
    options = parser.parse_args(arguments)
    kinds = tuple(options.kind or KINDS)
    if options.replay:
        problem = json.loads(options.replay)
        kinds = (problem["kind"],)
        stream = iter([(problem, run(problem), 0.0)])
    else:
        stream = answers(options.seed, kinds, options.count, options.jobs)
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    problems: Counter[str] = Counter()
    slowest: dict[str, float] = dict.fromkeys(kinds, 0.0)
    contradictions = 0
    started = time.perf_counter()
    for problem, outcomes, seconds in stream:
        kind = problem["kind"]
        problems[kind] += 1
        slowest[kind] = max(slowest[kind], seconds)
        for outcome in outcomes:
            counts[kind][outcome.status] += 1
            for text in outcome.contradictions:
                contradictions += 1
                print(f"CONTRADICTION: {text}\n  {json.dumps(problem)}", flush=True)
    for kind, count in counts.items():
        if problems[kind]:
            shown = ", ".join(f"{n} {status}" for status, n in sorted(count.items()))
            print(f"{kind:22} {problems[kind]:6}: {shown}; slowest {slowest[kind]:.1f} s")
    seconds = time.perf_counter() - started
    total = sum(problems.values())
    print(
        f"seed {options.seed}: {total} problems, {contradictions} contradictions, {seconds:.0f} s"
    )
    return 1 if contradictions else 0


if __name__ == "__main__":
    sys.exit(main())
