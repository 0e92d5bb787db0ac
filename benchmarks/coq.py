"""Coq files of the gallery, and definiteness by size: compiled, how long it takes, which axioms.

In: nothing, or ids of the gallery. Needs coqc with mathcomp's algebra, zify and algebra-tactics
(Debian: coq libcoq-mathcomp-algebra libcoq-mathcomp-zify libcoq-mathcomp-algebra-tactics). Exit
status 1 where a file is refused or rests on an axiom, or where a changed file is accepted.

    python benchmarks/coq.py [ID…] [--sizes 10,20,30]
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

from hessrank.proofs.statements.coq import HEAD, LIBRARY, coq_file, rank_theorem, sign_theorem
from hessrank.specs.spec import read_spec

#: What the files require, and the Debian package that holds it.
LIBRARIES = {
    "From Coq Require Import ZArith.": "libcoq-stdlib",
    "From mathcomp Require Import all_ssreflect all_algebra.": "libcoq-mathcomp-algebra",
    "From mathcomp.zify Require Import ssrZ.": "libcoq-mathcomp-zify",
    "From mathcomp.algebra_tactics Require Import ring.": "libcoq-mathcomp-algebra-tactics",
}
#: Three of the gallery: a definite H above J, a saddle, a singular H on the exponential lattice.
IDS = ("X13", "deep-linear-saddle", "exponential-lattice")
CLOSED = "Closed under the global context"


def compiled(folder: Path, name: str, text: str) -> tuple[bool, str, float]:
    """(whether coqc accepts it, what it prints, seconds of the processor)."""
    path = folder / f"{name}.v"
    path.write_text(text, encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        ["coqc", "-q", "-w", "none", path.name], cwd=folder, capture_output=True, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.returncode == 0, done.stdout + done.stderr, seconds


def missing() -> list[str]:
    """The Debian packages without which no file compiles here: coqc loads each library in turn."""
    if shutil.which("coqc") is None:
        return ["coq", *LIBRARIES.values()]
    with tempfile.TemporaryDirectory() as name:
        tried = [(compiled(Path(name), "Loaded", line)[0], of) for line, of in LIBRARIES.items()]
    return [package for fine, package in tried if not fine]


def definite(n: int) -> str:
    """A random positive definite matrix of that size, XᵀX + 1 with entries of X in −3..3."""
    rng = random.Random(n)
    X = [[rng.randint(-3, 3) for _ in range(n)] for _ in range(n)]
    S = [
        [Fraction(sum(X[k][i] * X[k][j] for k in range(n)) + (i == j)) for j in range(n)]
        for i in range(n)
    ]
    signs, name = sign_theorem("S", S)
    return f"{HEAD}{rank_theorem('S', S, (n, n))}{signs}Print Assumptions {name}.\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Compile Coq files of certificates.")
    parser.add_argument("ids", metavar="ID", nargs="*", default=IDS)
    parser.add_argument(
        "--sizes", default="10,20,30", help="of definite matrices; default 10,20,30"
    )
    arguments = parser.parse_args()
    if packages := missing():
        print(f"not installed: apt-get install {' '.join(packages)}", file=sys.stderr)
        return 2
    texts = {id: coq_file(read_spec(id).landscape()) for id in arguments.ids}
    texts |= {f"definite {n}": definite(int(n)) for n in arguments.sizes.split(",") if n}
    fine = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known, said, seconds = compiled(folder, "Certificate", LIBRARY.read_text(encoding="utf-8"))
        fine &= known
        print("| file | accepted | axioms | s |\n|---|---|---|---|")
        print(f"| Certificate.v | {known} | | {seconds:.1f} |")
        for i, (id, text) in enumerate(texts.items()):
            ok, said, seconds = compiled(folder, f"proof{i}", text)
            closed = said.count(CLOSED) == text.count("Print Assumptions")
            fine &= ok and closed
            print(f"| {id} | {ok} | {'none' if closed else said[:80]} | {seconds:.1f} |")
            sys.stdout.flush()
        first = next(iter(texts.values()))
        forged = re.sub(r"(rank_H : .* = )(\d+)%N", lambda m: f"{m[1]}{int(m[2]) + 1}%N", first)
        ok, _, seconds = compiled(folder, "forged", forged)
        fine &= not ok
        print(f"| one rank changed | {ok} | | {seconds:.1f} |")
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
