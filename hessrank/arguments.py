"""What may be asked on the command line: the commands with their options.

In: nothing. Out: the parser. The name of each option is a keyword argument of the function in
`hessrank.commands` that runs the command; only names and help texts live here.
"""

from __future__ import annotations

import argparse
from typing import NoReturn

from hessrank import __version__
from hessrank.argument_types import seconds as seconds_of
from hessrank.options import articles, claims, points, problems
from hessrank.options.shared import output
from hessrank.symbolic.budget import SECONDS
from hessrank.symbolic.errors import InputError

#: What is completed as the name of a file.
FILES = ("SPEC", "GRID", "CERTIFICATE", "FILE")


#: The commands that draw random primes, with the seed where none is given: None for a new one.
SEEDED: dict[str, int | None] = {
    "verify": None,
    "rank": None,
    "derive": 0,
    "claims": None,
    "information": None,
    "audit": None,
    "counterexample": None,
    "labels": None,
    "nearby": None,
}

#: The commands that decide within a budget, and what each budget is for.
DECIDING = {
    "verify": "for each SPEC and each claim, ",
    "rank": "",
    "derive": "for the derivation, then for its check, ",
    "generic": "",
    "claims": "",
    "information": "",
    "audit": "",
    "counterexample": "",
    "labels": "",
    "nearby": "",
    "fit": "for each run, ",
    "critical": "",
}

#: The commands that print what is known where they are interrupted.
INTERRUPTIBLE = {*DECIDING, "theory"}

#: The commands whose page may be written to a file.
PAGED = ("verify", "rank", "claims", "information", "audit", "counterexample", "labels", "nearby")


class _Completion(argparse.Action):
    """Prints the completion script for a shell (shtab, the extra `completion`)."""

    def __call__(self, parser: argparse.ArgumentParser, *arguments: object) -> NoReturn:
        try:
            import shtab
        except ImportError as error:
            raise InputError(
                f"{self.option_strings[0]}: needs shtab: pip install 'hessrank[completion]'"
            ) from error
        _, shell, _ = arguments
        for command in (parser, *_subparsers(parser)):
            for action in command._actions:
                if action.metavar in FILES:
                    setattr(action, "complete", shtab.FILE)  # noqa: B010  (shtab reads it there)
        from hessrank.commands.answers import put

        parser.exit(put(shtab.complete(parser, shell=str(shell)) + "\n"))


def _subparsers(top: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    found = [a.choices for a in top._actions if isinstance(a, argparse._SubParsersAction)]
    return [command for choices in found for command in choices.values()]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


#: In the order of `hessrank --help`.
COMMANDS = (
    problems.verify, problems.rank, problems.derive, articles.theory, problems.generic,
    claims.claims, claims.information, claims.audit, claims.counterexample,
    claims.predicates, claims.labels, points.nearby, points.fit, points.critical,
    points.sweep, points.experiment, articles.plot, problems.new, problems.gallery,
    claims.check,
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = _Parser(
        prog="hessrank",
        description="Exact ranks of J and of the loss Hessian of small networks, "
        "and what claims about them are worth.",
        epilog="Start with: hessrank verify",
    )
    top.add_argument("--version", action="version", version=f"hessrank {__version__}")
    top.add_argument(
        "--print-completion",
        action=_Completion,
        default=argparse.SUPPRESS,
        choices=["bash", "zsh", "tcsh"],
        help="print the completion script for a shell (needs hessrank[completion])",
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command")

    def command(name: str, help: str, example: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=help,
            description=help[0].upper() + help[1:] + ".",
            epilog=f"example: {example}",
        )
        made.add_argument("--json", action="store_true", help="print one JSON object")
        return made

    for add in COMMANDS:
        add(command)
    for name, each in DECIDING.items():
        if name == "counterexample":  # its search has a budget of its own
            continue
        commands.choices[name].add_argument(
            "--seconds",
            type=seconds_of,
            default=SECONDS,
            metavar="S",
            help=f"{each}a budget in seconds of processor time; default: {SECONDS:g}",
        )

    for name in PAGED:
        output(
            commands.choices[name],
            "write the page to a .pdf, .html, .tex, .md or .txt file; may be given several "
            "times; default: the terminal",
        )

    for name, otherwise in SEEDED.items():
        commands.choices[name].add_argument(
            "--seed",
            type=int,
            default=otherwise,
            metavar="N",
            help="of the random primes: what was printed with it is printed again; default: "
            + ("a new one, which is printed" if otherwise is None else str(otherwise)),
        )
    return top
