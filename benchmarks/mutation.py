"""Mutation testing of a room with mutmut: which changes of the code does no test notice?

    pip install mutmut
    python benchmarks/mutation.py checker [--jobs 2] [--into DIR] [--sample 100 --seed 0]

In: the name of a room (a few source files and the tests that answer for them). Out: how many
mutants were killed, and each survivor as a diff. mutmut wants one package in one folder, so the
four layers are copied below a folder of their own first; nothing in the checkout changes.
`--sample` runs that many mutants drawn at random and prints the share with a 95% interval (Wilson).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

ROOT = Path(__file__).parent.parent
LAYERS = ("symbolic", "numeric", "proofs")
KILLED = ("killed", "timeout", "segfault", "suspicious")


@dataclass(frozen=True)
class Room:
    """The sources that are mutated and the tests that are run, as paths in the checkout; skip: an
    expression for tests that need the sources as they are."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]
    skip: str = ""


ROOMS = {
    "checker": Room(
        ("proofs/checker.py",), ("tests/proofs",), "subprocess or isolated or copied or alone"
    ),
    "ranks": Room(("symbolic/ranks/*.py",), ("tests/symbolic/ranks",)),
    "fields": Room(("symbolic/fields/*.py",), ("tests/symbolic/fields", "tests/symbolic/ranks")),
    "inertia": Room(("symbolic/linear_algebra/*inertia.py",), ("tests/symbolic/linear_algebra",)),
    "minima": Room(("proofs/minima/*.py",), ("tests/proofs/minima",)),
    "fibres": Room(("proofs/fibres/*.py",), ("tests/proofs/fibres",)),
    "information_loss": Room(("proofs/information_loss/*.py",), ("tests/proofs/information_loss",)),
    "reasoning": Room(("proofs/reasoning/*.py",), ("tests/proofs/reasoning",)),
}


def stage(room: Room, into: Path) -> None:
    """A copy of the checkout in which `hessrank` is one folder, with mutmut's settings."""
    into.mkdir(parents=True, exist_ok=True)
    plain = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(ROOT / "hessrank", into / "hessrank", ignore=plain, dirs_exist_ok=True)
    for layer in LAYERS:
        target = into / "hessrank" / layer
        shutil.copytree(ROOT / layer, target, ignore=plain, dirs_exist_ok=True)
    for folder in ("tests", "benchmarks", "examples", "docs"):
        shutil.copytree(ROOT / folder, into / folder, ignore=plain, dirs_exist_ok=True)
    settings = {
        "source_paths": ["hessrank"],
        "only_mutate": [f"hessrank/{source}" for source in room.sources],
        "also_copy": ["benchmarks", "examples", "docs"],
        "pytest_add_cli_args_test_selection": list(room.tests),
        "pytest_add_cli_args": ["-x", *(["-k", f"not ({room.skip})"] if room.skip else [])],
        "max_stack_depth": ["-1"],
        "use_git_change_detection": ["false"],
    }
    lines = ["[mutmut]"]
    for key, values in settings.items():
        lines += (
            [f"{key} ="] + [f"    {v}" for v in values]
            if len(values) > 1
            else [f"{key} = {values[0]}"]
        )
    lines += ["", "[tool:pytest]", "pythonpath = . tests", "addopts = -q --import-mode=importlib"]
    (into / "setup.cfg").write_text("\n".join(lines) + "\n")


def mutmut(into: Path, *arguments: str) -> str:
    """What mutmut prints, run in a staged copy."""
    environment = os.environ | {"PYTHONPATH": "", "HYPOTHESIS_PROFILE": "mutation"}
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=into,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def results(into: Path) -> dict[str, str]:
    """The state of each mutant, by its name."""
    found = {}
    for line in mutmut(into, "results", "--all", "true").splitlines():
        name, _, state = line.strip().rpartition(": ")
        if "__mutmut_" in name:
            found[name] = state
    return found


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927)."""
    z, p = 1.959964, k / n
    middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("room", choices=ROOMS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--into", type=Path, help="where to keep the copy (else it is removed)")
    parser.add_argument("--sample", type=int, help="run this many mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    into = options.into or Path(tempfile.mkdtemp(prefix="mutation-"))
    try:
        stage(ROOMS[options.room], into)
        names: list[str] = []
        if options.sample:
            first = mutmut(into, "run", "--max-children", str(options.jobs), "no such mutant")
            everything = sorted(results(into))
            if not everything:
                sys.exit(f"mutmut made no mutants:\n{first[-2000:]}")
            size = min(options.sample, len(everything))
            names = random.Random(options.seed).sample(everything, size)
        said = mutmut(into, "run", "--max-children", str(options.jobs), *names)
        found = {n: s for n, s in results(into).items() if not names or n in set(names)}
        if not found or "not checked" in found.values():
            sys.exit(f"mutmut did not finish:\n{said[-3000:]}")
        counts = Counter(found.values())
        killed = sum(counts[state] for state in KILLED)
        low, high = wilson(killed, len(found))
        for name, state in sorted(found.items()):
            if state not in KILLED:
                print(f"--- {state}: {name}\n{mutmut(into, 'show', name)}")
        print(", ".join(f"{n} {state}" for state, n in counts.most_common()))
        share = f"{killed} of {len(found)} = {killed / len(found):.1%}"
        print(f"{options.room}: killed {share} ({low:.1%} to {high:.1%} of all)")
    finally:
        if options.into is None:
            shutil.rmtree(into, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
