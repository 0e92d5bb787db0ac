"""`-o FILE`, which every command that takes it may be given several times.

In: the names of files. Out: those that can be written, each whole; a file that cannot be made is
one line on standard error, and the others are written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from hessrank.symbolic.errors import HessrankError, InputError, OutputError


def status_of(error: HessrankError) -> int:
    """The exit status that tells what went wrong."""
    return 3 if isinstance(error, OutputError) else 2 if isinstance(error, InputError) else 1


def each(files: Sequence[str], do: Callable[[str], object]) -> tuple[list[str], int]:
    """`do` for each file: those where it was done, and the status of the first where it was not.

    Raises the error where nothing was done at all, of the last file.
    """
    done, status, last = [], 0, None
    for file in dict.fromkeys(files):
        try:
            do(file)
            done.append(file)
        except HessrankError as error:
            if last is not None:
                print(last, file=sys.stderr)
            last, status = error, status or status_of(error)
    if last is not None and not done:
        raise last
    if last is not None:
        print(last, file=sys.stderr)
    return done, status


def pages(files: Sequence[str], tex: bool = False) -> tuple[list[str], int]:
    """Before anything is computed: the files of which a page can be made here, and the status of
    the first of which none can. Raises InputError where a name is of no format, and the error where
    none can be made."""
    from hessrank.proofs.pages import formats

    for file in files:
        formats.check(file, tex and not any(by_tex(f, tex) for f in files))
    return each(files, lambda file: formats.check_now(file, by_tex(file, tex)))


def by_tex(file: str, tex: bool) -> bool:
    """Whether --tex is meant for the file."""
    return tex and file.lower().endswith(".pdf")
