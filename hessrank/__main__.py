"""The command line: with which status what was asked ends.

In: arguments. Out: an exit status: 0 done, 1 engines disagree or a certificate is refused, 2 bad
input, 3 the output could not be written, 130 interrupted, 141 nobody reads on. The work is in
`commands`, which is imported when a command runs, so that `--help` costs nothing.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from hessrank import plain_text
from hessrank.arguments import parser
from hessrank.symbolic.errors import HessrankError, InputError, OutputError

#: Exact numbers may be long; Python would not print more than 4,300 digits.
MAX_DIGITS = 200_000


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command that `argv` names and returns the exit status.

    >>> main(["rank", "no-such-file.toml"])
    2
    """
    if sys.stdout is None:  # closed by whoever started the program
        return _not_written("it is closed")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=plain_text.register())
    sys.set_int_max_str_digits(MAX_DIGITS)
    try:
        arguments = vars(parser().parse_args(argv))
        command = arguments.pop("command")
        if command is None:
            parser().print_help()
            return 0
        from hessrank import commands

        status: int = getattr(commands, command)(**arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130
    except OSError as error:  # files are asked for by name elsewhere: this is standard output
        return _not_written(error.strerror or str(error))
    except HessrankError as error:
        print(error, file=sys.stderr)
        if isinstance(error, OutputError):
            return 3
        return 2 if isinstance(error, InputError) else 1


def _not_written(reason: str) -> int:
    """One line for an output that cannot be written; what is left in its buffer is dropped."""
    if sys.stderr is not None:
        print(f"hessrank: the output could not be written: {reason}", file=sys.stderr)
    if sys.__stdout__ is not None and sys.stdout is sys.__stdout__:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 3


if __name__ == "__main__":
    sys.exit(main())
