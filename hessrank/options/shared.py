"""What several commands share: how one is made, and options that are the same.

In: nothing. Out: texts, and functions that add options to a command.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from hessrank.argument_types import count

#: Makes a command from its name, what it does and an example.
Command = Callable[[str, str, str], argparse.ArgumentParser]

SPEC = "a spec file (docs/spec.md), or the id of an entry of the gallery such as X1"
CLAIM = (
    "the id or the number of a claim, such as rank-equality or 26, or a claim file (.toml, "
    "docs/searching.md)"
)


def asking(command: argparse.ArgumentParser) -> None:
    """The options of what a claim may speak of besides the landscape."""
    command.add_argument(
        "--layer", type=count, metavar="L", help="the hidden layer that claims about one speak of"
    )
    command.add_argument(
        "--split", metavar="NAMES", help="parameters of the first of two modules: w1_1_1,b1_1"
    )
    command.add_argument(
        "--nearby",
        action="store_true",
        help="ask at the exact fit or critical point that hessrank nearby certifies beside θ",
    )
    test_inputs(command)


def test_inputs(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--test-inputs", metavar="ROWS", help='inputs off the data: "1,0;1/2,3", a row each'
    )


def output(command: argparse.ArgumentParser, help: str) -> None:
    """-o FILE, as often as one likes."""
    command.add_argument("-o", "--output", metavar="FILE", action="append", help=help)
