"""The command line: with which status what was asked ends.

In: arguments. Out: an exit status: 0 done, 1 engines disagree or a certificate is refused, 2 bad
input, 3 the output could not be written, 130 interrupted, 141 nobody reads on. The work is in
`commands`, which is imported when a command runs, so that `--help` costs nothing.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from hessrank import plain_text
from hessrank.arguments import INTERRUPTIBLE, PAGED, SEEDED, parser
from hessrank.commands.answers import paged, put
from hessrank.commands.files import status_of
from hessrank.symbolic import budget, chance
from hessrank.symbolic.errors import HessrankError, InputError, OutputError

#: Exact numbers may be long; Python would not print more than 4,300 digits.
MAX_DIGITS = 200_000
#: So many seconds a decision has to end after an interrupt.
PATIENCE = 5.0


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command that `argv` names and returns the exit status.

    >>> main(["rank", "no-such-file.toml"])
    2
    """
    if sys.stdout is None:  # closed by whoever started the program
        return _refused(OutputError("hessrank: the output could not be written: it is closed"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=plain_text.register())
    sys.set_int_max_str_digits(MAX_DIGITS)
    try:
        return _run(argv)
    except BrokenPipeError:
        _drop_output()
        return 141
    except KeyboardInterrupt:
        return 130
    except HessrankError as error:
        status = _refused(error)
        return 130 if budget.stopped() else status
    except OSError as error:  # of a file or a device that nothing above asks for by name
        named = f"{error.filename}: " if error.filename else ""
        return _refused(InputError(f"hessrank: {named}{error.strerror or error}"))


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = vars(parser().parse_args(argv))
    except SystemExit:
        put("")  # what --help and --version printed is written now, or refused
        raise
    command = arguments.pop("command")
    if command is None:
        return put(parser().format_help())
    from hessrank import commands

    chosen = arguments.pop("seed") if command in SEEDED else None
    if command in SEEDED and chosen is None:
        chosen = int.from_bytes(os.urandom(4), "big")
    output = arguments.pop("output") if command in PAGED else None
    if output and arguments.get("latex"):
        raise InputError("expected one of -o and --latex", command)
    interrupts = interruptible() if command in INTERRUPTIBLE else nullcontext()
    with chance.seeded(chosen), paged(output, f"hessrank {command}") as unwritten, interrupts:
        status: int = getattr(commands, command)(**arguments)
    return 130 if budget.stopped() else status or unwritten()


@contextmanager
def interruptible() -> Iterator[None]:
    """Here an interrupt ends every budget, so that what is known is printed. It ends the program
    where nothing happens within PATIENCE seconds, or at the second time."""

    def stop(signum: int, frame: object) -> None:
        if budget.stopped():
            raise KeyboardInterrupt
        budget.stop()
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, stop)
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)

    try:
        before = signal.signal(signal.SIGINT, stop)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGINT, before)


def _refused(error: HessrankError) -> int:
    """One line on standard error, and the status."""
    if sys.stderr is not None:
        print(error, file=sys.stderr)
    if isinstance(error, OutputError):
        _drop_output()
    return status_of(error)


def _drop_output() -> None:
    """What is left in a buffer that cannot be written is dropped."""
    if sys.__stdout__ is not None and sys.stdout is sys.__stdout__:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
