"""Options of commands: claims, counterexamples, certificates, information, labels.

In: what makes a command. Out: the command with its options.
"""

from __future__ import annotations

from hessrank.argument_types import count, names, widths
from hessrank.argument_types import seconds as seconds_of
from hessrank.options.shared import CLAIM, SPEC, Command, asking, test_inputs


def claims(command: Command) -> None:
    """`hessrank claims`."""
    claims = command(
        "claims",
        "list the claims of the source texts, settle one of them, or ask them of a net",
        "hessrank claims rank-equality my-net.toml",
    )
    claims.add_argument("claim", metavar="ID", nargs="?", help=f"{CLAIM}; default: list all")
    claims.add_argument(
        "spec", metavar="SPEC", nargs="?", help=f"{SPEC}: what does the claim say of it?"
    )
    asking(claims)
    claims.add_argument("--all", action="store_true", help="ask every claim of SPEC")
    claims.add_argument("--latex", action="store_true", help="the kernels of SPEC as LaTeX")


def information(command: Command) -> None:
    """`hessrank information`."""
    information = command(
        "information",
        "show what each layer does not tell apart, and how broad the landscape is",
        "hessrank information X9 --test-inputs '0,1'",
    )
    information.add_argument("spec", metavar="SPEC", help=SPEC)
    test_inputs(information)
    information.add_argument(
        "--b",
        type=names,
        default=("1", "100", "10000"),
        metavar="B,...",
        help="scales b = βs² of effective rank and log det(I + bH); default: 1,100,10000",
    )


def audit(command: Command) -> None:
    """`hessrank audit`."""
    audit = command(
        "audit",
        "drop each hypothesis of a claim in turn and show the smallest counterexample",
        "hessrank audit rank-equality",
    )
    audit.add_argument("claim", metavar="ID", help=CLAIM)
    audit.add_argument("--latex", action="store_true", help="print the table as LaTeX")


def counterexample(command: Command) -> None:
    """`hessrank counterexample`."""
    counterexample = command(
        "counterexample",
        "show the smallest counterexample to a claim, as a spec that replays it",
        "hessrank counterexample rank-equality --without perfect-fit",
    )
    counterexample.add_argument("claim", metavar="ID", help=CLAIM)
    counterexample.add_argument(
        "--without", metavar="HYP", help="a hypothesis of the audited form to drop"
    )
    counterexample.add_argument(
        "--activation", type=names, metavar="NAME,...", help="only networks with one of these"
    )
    counterexample.add_argument(
        "--loss", type=names, metavar="NAME,...", help="only these losses; mse is mean-squared"
    )
    counterexample.add_argument(
        "--widths", type=widths, metavar="N0,N1,...,NL", help="only networks of these widths"
    )
    counterexample.add_argument(
        "--overparameterised", action="store_true", help="more parameters than outputs (N > M)"
    )
    counterexample.add_argument("--scalar", action="store_true", help="one output an example")
    counterexample.add_argument(
        "--layers", type=count, metavar="L", help="only networks of so many weight matrices"
    )
    counterexample.add_argument(
        "--max-parameters", type=count, metavar="N", help="at most so many; default: 6"
    )
    counterexample.add_argument(
        "--max-examples", type=count, metavar="D", help="at most so many; default: 5"
    )
    counterexample.add_argument(
        "--certificate", metavar="FILE", help="also write a certificate of the whole statement"
    )
    counterexample.add_argument(
        "--package",
        metavar="DIR",
        help="also write a new folder that a stranger can verify: spec, certificate and checker, "
        "replay, Coq file, page (docs/certificates.md)",
    )
    counterexample.add_argument(
        "--seconds", type=seconds_of, metavar="S", help="the budget of the search; default: 60"
    )
    counterexample.add_argument(
        "--jobs", type=count, metavar="J", help="processes that search; default: 1"
    )
    counterexample.add_argument(
        "--into", metavar="FILE", help="keep finished parts in FILE, and go on from there"
    )
    counterexample.add_argument(
        "--dask", metavar="ADDRESS", help="a Dask scheduler that searches, tcp://HOST:PORT"
    )


def predicates(command: Command) -> None:
    """`hessrank predicates`."""
    command(
        "predicates",
        "list the predicates and quantities that claims of one's own are made of",
        "hessrank predicates",
    )


def labels(command: Command) -> None:
    """`hessrank labels`."""
    labels = command(
        "labels",
        "decide which labels make a point a minimum with rank H above or below rank J",
        "hessrank labels X8",
    )
    labels.add_argument("spec", metavar="SPEC", help=f"{SPEC}; its labels do not count")
    labels.add_argument(
        "--certificate",
        metavar="FILE",
        help="also write a certificate of the labels with rank H > rank J, or that there are none",
    )


def check(command: Command) -> None:
    """`hessrank check`."""
    check = command(
        "check", "replay a certificate with the independent checker", "hessrank check h.json"
    )
    check.add_argument("certificate", metavar="CERTIFICATE", help="a certificate file (JSON)")
    check.add_argument(
        "--spec", metavar="SPEC", help=f"demand that it is about the problem of {SPEC}"
    )
