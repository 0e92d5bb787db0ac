"""Mutation testing of a room with mutmut: which changes of the code does no test notice?

    pip install mutmut==3.8.1
    python benchmarks/mutation.py checker [--jobs 2] [--into DIR] [--sample 100 --seed 0]

In: the name of a room (a few source files and the tests that answer for them). Out: how many
mutants were killed, and each survivor as a diff. mutmut, which makes the mutants, wants one package
in one folder, so the four layers are copied below a folder of their own first; nothing in the
checkout changes. The tests are collected once, and each mutant runs in a fork (`forks`).
`--sample` runs that many mutants drawn at random and prints the share with a 95% interval (Wilson).

Mutants that change no decision are not run, and their number is printed: what remains the same
when the words of an error, of a reason (`REASONS`) or of the name of a value in a message (`WORDS`)
and the `strict=` of a `zip`, which asserts that lengths agree, are taken away (`skeleton`).
"""

from __future__ import annotations

import argparse
import ast
import json
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
KILLED = ("killed", "timeout", "segfault")


#: A slow machine kills no mutant, the same examples are tried on each, and none is made smaller.
STEADY = """
from hypothesis import Phase as _Phase
settings.register_profile(
    "mutation", deadline=None, derandomize=True, phases=(_Phase.explicit, _Phase.generate)
)
settings.load_profile("mutation")
"""
#: Calls of which the argument at this place is words for a reader: a reason, a name in a message.
WORDS = {
    "Fact": 1,
    "undecided": 0,
    "no_minimum": 0,
    "strict_local": 0,
    "flat_local": 0,
    "is_zero": 1,
    "exact": 0,
    "constant": 1,
    "_demand": 1,
    "_number": 1,
    "_integer": 1,
    "_constant": 1,
    "_index": 2,
    "_increasing": 2,
    "_list": 2,
    "_rational_table": 3,
    "BallMatrix": 2,
    "cut_short": 1,
    "require": 3,
    "_rises": 0,
}
#: Variables that hold a reason, or a part of one, unless a condition reads them.
REASONS = {"why", "reason", "what", "by"}


@dataclass(frozen=True)
class Room:
    """The sources that are mutated and the tests that are run, as paths in the checkout; skip: an
    expression for tests that need the sources as they are, or take long (a mutant that only these
    would kill counts as a survivor)."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]
    skip: str = ""


#: Tests of ranks that take seconds for each example.
SLOW = (
    "agrees_with_flint or agrees_with_svd or bounds_hold_for_random or lifted_kernels"
    " or natural_problems or every_way_to_the_ranks or rank_falls_exactly_there"
)
ROOMS = {
    "checker": Room(
        ("proofs/checker.py",),
        ("tests/proofs/test_checker.py", "tests/proofs/statements"),
        "imports_the_standard_library or command_line or copied_checker or package or replays_with"
        " or coq or library or core_is_read"
        " or any_shape or mutant_is_refused or what_a_forger or any_changed or forged_digest"
        " or bounds_of_the_gallery or mutation_test or terminal_lacks or full_disk_is_no_verdict",
    ),
    "ranks": Room(("symbolic/ranks/*.py",), ("tests/symbolic/ranks",), SLOW),
    "fields": Room(
        ("symbolic/fields/*.py",), ("tests/symbolic/fields", "tests/symbolic/ranks"), SLOW
    ),
    "inertia": Room(("symbolic/linear_algebra/*inertia.py",), ("tests/symbolic/linear_algebra",)),
    "minima": Room(("proofs/minima/*.py", "proofs/minima/germs/*.py"), ("tests/proofs/minima",)),
    "fibres": Room(
        ("proofs/fibres/*.py",),
        ("tests/proofs/fibres", "tests/proofs/information_loss/test_information.py"),
        "germs_keep_their_dimension",
    ),
    "information_loss": Room(("proofs/information_loss/*.py",), ("tests/proofs/information_loss",)),
    "reasoning": Room(
        ("proofs/reasoning/*.py",),
        ("tests/proofs/reasoning",),
        "counterexamples_replay or no_audit_is_empty",
    ),
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
    with (into / "tests" / "conftest.py").open("a") as shared:
        shared.write(STEADY)
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
    # names of tests as they are: mutmut hands them back to pytest
    lines += ["disable_test_id_escaping_and_forfeit_all_rights_to_community_support = true"]
    (into / "setup.cfg").write_text("\n".join(lines) + "\n")


def mutmut(into: Path, *arguments: str) -> str:
    """What mutmut prints, run in a staged copy."""
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=into,
        env=os.environ | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


#: What `mutmut run` does before it looks at tests.
GENERATE = """
from pathlib import Path
import mutmut.__main__ as mutmut
mutmut.set_mutant_under_test("mutant_generation")
Path("mutants").mkdir(exist_ok=True)
mutmut.copy_src_dir()
mutmut.copy_also_copy_files()
mutmut.setup_source_paths()
mutmut.store_lines_covered_by_tests()
mutmut.create_mutants(1)
"""


def generated(into: Path) -> set[str]:
    """The names of the mutants of a staged copy, which mutmut makes."""
    environment = os.environ | {"PYTHONPATH": ""}
    command = [sys.executable, "-c", GENERATE]
    done = subprocess.run(command, cwd=into, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"mutmut made no mutants:\n{done.stderr[-2000:]}")
    metas = (into / "mutants" / "hessrank").rglob("*.py.meta")
    return {name for meta in metas for name in json.loads(meta.read_text())["exit_code_by_key"]}


def results(into: Path, names: Sequence[str], room: Room, jobs: int) -> dict[str, str]:
    """The state of each mutant, by its name (see `forks`); the names are dealt to the jobs."""
    selected = [*room.tests, *(["-k", f"not ({room.skip})"] if room.skip else [])]
    running = []
    for job in range(jobs):
        chosen, out = into / f"names-{job}", into / f"states-{job}"
        chosen.write_text("\n".join(names[job::jobs]))
        forks = ROOT / "benchmarks" / "forks.py"
        command = [sys.executable, *map(str, (forks, chosen, out)), *selected]
        environment = os.environ | {"PYTHONPATH": ""}
        process = subprocess.Popen(command, cwd=into / "mutants", env=environment)
        running.append((process, out))
    found = {}
    for process, out in running:
        if process.wait() or not out.exists():
            sys.exit("the tests could not be run")
        for line in out.read_text().splitlines():
            said = json.loads(line)
            found[said["name"]] = said["state"]
    return found


class _Wordless(ast.NodeTransformer):
    """A function without the words of its messages and the `strict=` of its zips."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = node.name.partition("__mutmut_")[0]
        self.reasons = REASONS - _asked(node)
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if isinstance(node.targets[0], ast.Name) and node.targets[0].id in self.reasons:
            node.value = _without_phrases(node.value)
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call):
            node.exc.args, node.exc.keywords = [], []
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if called == "zip":
            node.keywords = []
        if called in WORDS:
            del node.args[WORDS[called] : WORDS[called] + 1]
        return self.generic_visit(node)


def _asked(function: ast.AST) -> set[str]:
    """The names that a condition or a comparison in it reads."""
    found: set[str] = set()
    for node in ast.walk(function):
        conditions: list[ast.AST] = []
        if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert):
            conditions = [node.test]
        elif isinstance(node, ast.comprehension):
            conditions = [*node.ifs]
        elif isinstance(node, ast.Match):
            conditions = [node.subject]
        elif isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp):
            conditions = [node]
        found |= {n.id for c in conditions for n in ast.walk(c) if isinstance(n, ast.Name)}
    return found


def _without_phrases(value: ast.expr) -> ast.expr:
    """None for a text of several words, also in a choice; a single word may be a key."""
    if isinstance(value, ast.IfExp):
        value.body, value.orelse = map(_without_phrases, (value.body, value.orelse))
    text = isinstance(value, ast.Constant) and isinstance(value.value, str) and " " in value.value
    return ast.Constant(None) if text or isinstance(value, ast.JoinedStr) else value


def skeleton(function: ast.AST) -> str:
    """A function without its words: two versions that have the same one decide the same.

    >>> one, two, three = 'return Fact(a, "so")', "return Fact(a, None)", 'return Fact(b, "so")'
    >>> a, b, c = (skeleton(ast.parse(f"def f(): {text}")) for text in (one, two, three))
    >>> a == b, a == c
    (True, False)
    """
    return ast.dump(_Wordless().visit(function))


def wordless(into: Path) -> set[str]:
    """The names of the mutants of a staged copy that change no decision."""
    found = set()
    for path in sorted((into / "mutants" / "hessrank").rglob("*.py.meta")):
        source = path.with_suffix("")
        module = ".".join(source.relative_to(into / "mutants").with_suffix("").parts)
        text = source.read_text()
        if "__mutmut_" not in text:
            continue
        versions = {
            node.name: node
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and "__mutmut_" in node.name
        }
        skeletons = {name: skeleton(node) for name, node in versions.items()}
        for name, shape in skeletons.items():
            original = name.partition("__mutmut_")[0] + "__mutmut_orig"
            if name != original and shape == skeletons[original]:
                found.add(f"{module}.{name}")
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
        everything, words = generated(into), wordless(into)
        names = sorted(everything - words)
        print(f"{len(everything)} mutants, {len(everything & words)} of them of words: left out")
        if options.sample:
            names = random.Random(options.seed).sample(names, min(options.sample, len(names)))
        found = results(into, names, ROOMS[options.room], options.jobs)
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
