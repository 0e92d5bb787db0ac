"""SymPy's own matrix tests, with every rank that they ask of SymPy also asked of hessrank.

Run: python benchmarks/sympy_rank_tests.py [--seconds 20] [matrices/tests/test_reductions.py ...]

`Matrix.rank` is patched, then the tests of the installed SymPy run as they are (nothing of them is
copied). For each matrix of numbers `hr.rank` answers too, for each with symbols `hr.generic_rank`;
printed are how many agree, differ, stay undecided or are refused, and each of the latter three. A
matrix for which SymPy itself cannot tell whether an entry is zero may have another rank there.
Exit status 1 where an answer differs.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hessrank as hr


class Late(Exception):
    """The time for one matrix is over."""


def asked(matrix: Any, expected: int, seconds: int) -> tuple[str, str]:
    """(outcome, what was said) of hessrank on a matrix whose rank SymPy gives."""

    def late(*_: object) -> None:
        raise Late

    signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        found = hr.generic_rank(matrix) if matrix.free_symbols else hr.rank(matrix)
    except Late:
        return "undecided", f"more than {seconds} s"
    except hr.InputError as error:
        return "refused", str(error)
    except hr.HessrankError as error:
        return "undecided", str(error)
    finally:
        signal.alarm(0)
    if not found.lower <= expected <= found.upper:
        return "different", f"{found.lower}..{found.upper}, SymPy says {expected}"
    return ("agree", "") if found.lower == found.upper else ("undecided", found.upper_reason)


def patched(tally: Counter[str], seen: list[str], seconds: int) -> None:
    """Put the questions beside SymPy's own `rank`."""
    import sympy
    from sympy.matrices import matrixbase

    plain: Callable[..., Any] = matrixbase.MatrixBase.rank

    def rank(self: Any, *args: Any, **options: Any) -> Any:
        expected = plain(self, *args, **options)
        outcome, said = asked(sympy.Matrix(self), int(expected), seconds)
        tally[outcome] += 1
        if outcome != "agree":
            seen.append(f"{outcome}: {str(self)[:120]}: {said[:160]}")
        return expected

    matrixbase.MatrixBase.rank = rank


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    reader.add_argument("--seconds", type=int, default=20, help="for one matrix")
    reader.add_argument("files", nargs="*", help="below SymPy's folder; default: all of matrices/")
    given = reader.parse_args()
    import pytest
    import sympy

    tally: Counter[str] = Counter()
    seen: list[str] = []
    patched(tally, seen, given.seconds)
    folder = Path(sympy.__file__).parent
    files = [str(folder / name) for name in given.files]
    for path in () if files else sorted((folder / "matrices").rglob("tests/test_*.py")):
        if ".rank(" in path.read_text("utf-8"):
            files.append(str(path))
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*files, "-q", "-p", "no:cacheprovider"])
    for line in dict.fromkeys(seen):
        print(line)
    print(
        f"SymPy {sympy.__version__}: {len(files)} files, {sum(tally.values())} ranks: {dict(tally)}"
    )
    return int(tally["different"] > 0 or not tally["agree"])


if __name__ == "__main__":
    sys.exit(main())
