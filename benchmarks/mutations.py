"""Change every number, index, sign and name of every certificate of the gallery, one at a time.

In: nothing, or ids of the gallery. Out: a table: how many mutants each certificate has, how many
the checker refused, and how many it accepted. The digest of each mutant is made to fit, so that
only the replay stands between a changed certificate and its acceptance. An accepted mutant must
prove the same statement about the same problem; anything else is an error.

    python benchmarks/mutations.py [ID…] [--every K]
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hessrank import gallery
from hessrank.proofs import checker
from hessrank.proofs.statements.statement import statement_certificate
from hessrank.specs.spec import read_spec

#: What an accepted mutant must have in common with the certificate.
SAME = ("statement", "about", "problem")

Certificate = dict[str, Any]
Place = tuple[Any, ...]


def places(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every number, text, truth value and null, with its path; and every key."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key), KEY
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from places(inner, (*path, i))
    elif path != ("digest",):
        yield path, value


KEY = object()


def changes(value: Any) -> list[Any]:
    """What one value may be changed into."""
    if value is KEY:
        return [KEY]
    if value is None or isinstance(value, bool):
        return [not value, 0]
    if isinstance(value, int):
        return [*{value + 1, value - 1, -value, 2 * value, str(value)} - {value}]
    p, slash, q = value.partition("/")
    if slash and p.lstrip("-").isdigit() and q.isdigit():
        return [int(p), f"{int(p) + 1}/{q}", f"{-int(p)}/{q}", f"{p}/{int(q) + 1}"]
    return [value + "1", value[:-1], value.swapcase(), f"-({value})"]


def mutants(certificate: Certificate) -> Iterator[tuple[Place, Any, Certificate]]:
    """(path, new value, certificate with that one change and a digest that fits)."""
    for path, value in places(certificate):
        for new in changes(value):
            if new is not KEY and new == value and type(new) is type(value):
                continue
            mutant = copy.deepcopy(certificate)
            place = mutant
            for key in path[:-1]:
                place = place[key]
            if new is KEY:
                place[path[-1] + "_"] = place.pop(path[-1])
            else:
                place[path[-1]] = new
            if path[0] != "digest":
                mutant["digest"] = checker.digest(mutant)
            yield path, new, mutant


def accepted(certificate: Certificate, every: int = 1) -> tuple[int, list[tuple[Place, Any]]]:
    """(how many mutants were tried, the accepted ones). ValueError where an accepted one proves
    something else."""
    tried, kept = 0, []
    for i, (path, new, mutant) in enumerate(mutants(certificate)):
        if i % every:
            continue
        tried += 1
        if checker.check(mutant) is None:
            if any(mutant.get(key) != certificate[key] for key in SAME):
                raise ValueError(f"{path} -> {new!r} proves {mutant.get('statement')!r}")
            kept.append((path, new))
    return tried, kept


def main() -> int:
    parser = argparse.ArgumentParser(description="Mutation test of the checker on the gallery.")
    parser.add_argument("ids", metavar="ID", nargs="*", help="default: the whole gallery")
    parser.add_argument("--every", type=int, default=1, metavar="K", help="each K-th mutant only")
    arguments = parser.parse_args()
    print("| certificate | mutants | refused | accepted, same statement | at | s |")
    print("|---|---|---|---|---|---|")
    for id in arguments.ids or gallery.ids():
        certificate = statement_certificate(read_spec(id).landscape())
        start = time.perf_counter()
        tried, kept = accepted(certificate, arguments.every)
        seconds = time.perf_counter() - start
        claims = certificate["claims"]
        at = {f"{claims[p[1]]['kind']}.{p[2]}" for p, _ in kept}
        shown = ", ".join(sorted(at))
        print(f"| {id} | {tried} | {tried - len(kept)} | {len(kept)} | {shown} | {seconds:.1f} |")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    sys.exit(main())
