"""Mutants of a staged copy, each in a fork of one process that has collected the tests.

    python benchmarks/forks.py NAMES OUT TESTS...     (in the folder `mutants` of the copy)

In: a file with the names of mutants as mutmut made them, one a line, and the arguments of pytest
that select the tests. Out: lines of JSON, one for each mutant: its name, its state, and the test
that killed it. First each test is run once without a mutant: how much time of the processor it
takes, and which functions it enters. A mutant is then given the tests that enter its function,
those that enter few functions first, until one fails. A test that takes ten times as long as it
did, and five seconds more, is stopped, and the mutant counts as a timeout.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation import trampoline

#: At most so much memory, in bytes, for one mutant.
MEMORY = 6 << 30


def forked(work: Callable[[], Any]) -> tuple[Any, int]:
    """(what work() returns in a fork, as JSON carries it, the signal that ended it or 0)."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (1, 2):
            os.dup2(quiet, stream)
        with os.fdopen(write, "w") as out:
            json.dump(work(), out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as found:
        text = found.read()
    _, status = os.waitpid(child, 0)
    ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return (json.loads(text) if text and not ended else None), ended


def passes(item: pytest.Item, after: pytest.Item | None) -> bool:
    return not any(report.failed for report in runtestprotocol(item, nextitem=after, log=False))


def profile(items: list[pytest.Item]) -> dict[str, tuple[float, list[str], bool]]:
    """(seconds of the processor, functions that are entered, whether it passes) of each test."""
    found = {}
    hits: set[str] = set()
    trampoline.record_trampoline_hit = lambda name, caller: hits.add(name)
    trampoline.set_mutant_under_test("stats")
    for item, after in zip(items, [*items[1:], None], strict=True):
        hits.clear()
        start = time.process_time()
        passed = passes(item, after)
        found[item.nodeid] = (time.process_time() - start, sorted(hits), passed)
    return found


class Forks:
    """A plugin that runs mutants instead of tests."""

    def __init__(self, names: list[str], out: Path) -> None:
        self.names, self.out = names, out

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        known, _ = forked(lambda: profile(session.items))
        if known is None or not all(passed for _, _, passed in known.values()):
            bad = [i for i, (_, _, passed) in (known or {}).items() if not passed]
            raise pytest.UsageError(f"tests fail without a mutant: {bad}")
        with self.out.open("w") as out:
            for name in self.names:
                function = name.rpartition("__mutmut_")[0]
                tests = [i for i, (_, entered, _) in known.items() if function in entered]
                tests.sort(key=lambda i: (len(known[i][1]), known[i][0]))
                chosen = [(items[i], 5 + 10 * known[i][0]) for i in tests]
                state, by = self.run(name, chosen)
                out.write(json.dumps({"name": name, "state": state, "by": by}) + "\n")
                out.flush()
        return True

    def run(self, name: str, chosen: list[tuple[pytest.Item, float]]) -> tuple[str, str | None]:
        if not chosen:
            return "no tests", None

        def work() -> str | None:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            trampoline.set_mutant_under_test(name)
            for (item, limit), (after, _) in zip(chosen, [*chosen[1:], (None, 0)], strict=True):
                signal.setitimer(signal.ITIMER_PROF, limit)
                try:
                    if not passes(item, after):
                        return item.nodeid
                except BaseException:
                    return item.nodeid
            return None

        by, ended = forked(work)
        if ended:
            return "timeout" if ended == signal.SIGPROF else "segfault", None
        return ("survived", None) if by is None else ("killed", by)


def main() -> int:
    names, out, *tests = sys.argv[1:]
    trampoline.set_mutant_under_test("")
    sys.path.insert(0, os.getcwd())
    plugin = Forks(Path(names).read_text().split(), Path(out))
    # native: other tracebacks parse the file of the mutants, which takes seconds for a large one
    options = ["--rootdir=.", "-q", "-p", "no:cacheprovider", "--tb=native"]
    return int(pytest.main([*options, *tests], plugins=[plugin]))


if __name__ == "__main__":
    sys.exit(main())
