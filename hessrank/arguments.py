"""What may be asked on the command line: the commands with their options.

In: nothing. Out: the parser. The name of each option is a keyword argument of the function in
`hessrank.commands` that runs the command; only names and help texts live here.
"""

from __future__ import annotations

import argparse
from typing import NoReturn

from hessrank import __version__
from hessrank.argument_types import count, names, natural, widths, window
from hessrank.argument_types import seconds as seconds_of
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

#: The data sets of `hessrank experiment labellings`.
DATA_SETS = ("corner", "square", "line", "square, random labels")

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

    spec = "a spec file (docs/spec.md), or the id of an entry of the gallery such as X1"

    verify = command(
        "verify",
        "find all ranks and the verdict on rank H = rank J, exactly and numerically",
        "hessrank verify X1 my-net.toml",
    )
    verify.add_argument(
        "specs",
        metavar="SPEC",
        nargs="*",
        help=f"{spec}; default: the whole gallery, and every claim",
    )
    verify.add_argument(
        "--no-claims", action="store_true", help="the gallery alone, without the claims"
    )
    verify.add_argument(
        "--claims", action="store_true", help="also what every claim says of each SPEC"
    )
    verify.add_argument(
        "--certificate",
        metavar="FILE",
        help="also write a certificate of the whole statement about one SPEC: ranks, eigenvalues, "
        "gradient, kind of minimum (docs/certificates.md)",
    )
    verify.add_argument(
        "--jobs",
        type=count,
        default=1,
        metavar="N",
        help="processes that settle every claim on the gallery (joblib); default: 1",
    )
    _asking(verify)

    rank = command(
        "rank", "show the ranks of J and H of one problem, with reasons", "hessrank rank X13"
    )
    rank.add_argument("spec", metavar="SPEC", help=spec)
    rank.add_argument(
        "--certificate",
        metavar="FILE",
        help="also write a certificate of the rank of H (or --matrix) for `hessrank check`",
    )
    rank.add_argument(
        "--matrix",
        default="hessian",
        choices=["jacobian", "gauss_newton", "residual", "hessian"],
        help="the matrix of the certificate; default: hessian",
    )

    derive = command(
        "derive", "write J, r, A and both terms of H as LaTeX", "hessrank derive X2 -o x2.tex"
    )
    derive.add_argument("spec", metavar="SPEC", help=spec)
    derive.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        action="append",
        help="a .pdf, .html, .tex, .md or .txt file; may be given several times; default: LaTeX on "
        "stdout",
    )
    derive.add_argument(
        "--tex", action="store_true", help="make the .pdf by TeX, also where typst is installed"
    )
    derive.add_argument(
        "--free", action="store_true", help="leave the point out, where the spec has one"
    )
    derive.add_argument(
        "--expanded", action="store_true", help="write a network's matrices as closed forms too"
    )
    derive.add_argument(
        "--only",
        metavar="MATRIX",
        help="one matrix alone: jacobian, loss_gradient, loss_hessian, gauss_newton, residual, "
        "hessian or outputs; without -o as LaTeX that can be pasted",
    )
    derive.add_argument(
        "--in-theta", action="store_true", help="write both terms and H in θ alone, without names"
    )
    derive.add_argument(
        "--limit",
        type=count,
        default=20,
        metavar="N",
        help="how many rows and columns of a matrix are printed; default: 20",
    )

    theory = command(
        "theory",
        "write the source texts' mathematics as a checked article, with every claim",
        "hessrank theory -o theory.pdf",
    )
    theory.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        action="append",
        help="a .pdf, .html, .tex, .md or .txt file; may be given several times; default: the "
        "terminal",
    )
    theory.add_argument(
        "--no-claims", action="store_true", help="the chapters alone, without claims and examples"
    )
    theory.add_argument(
        "--tex", action="store_true", help="make a .pdf by TeX, also where typst is installed"
    )

    generic = command(
        "generic",
        "find the ranks of a network at a random exact point with random data",
        "hessrank generic --widths 64,16,16,10 --activation identity --no-bias "
        "--loss softmax-cross-entropy --examples 100",
    )
    generic.add_argument("--widths", type=widths, required=True, metavar="N0,N1,...,NL")
    generic.add_argument("--activation", default="tanh", metavar="NAME", help="default: tanh")
    generic.add_argument("--no-bias", action="store_true", help="leave the biases out")
    generic.add_argument(
        "--loss", default="half-squared", metavar="NAME", help="default: half-squared"
    )
    generic.add_argument("--examples", type=count, default=100, metavar="D", help="default: 100")
    generic.add_argument(
        "--input-rank", type=count, metavar="R", help="rank of the inputs; default: full"
    )
    generic.add_argument("--seed", type=int, help="default: 0; with it --json has no times")

    claims = command(
        "claims",
        "list the claims of the source texts, settle one of them, or ask them of a net",
        "hessrank claims rank-equality my-net.toml",
    )
    named = (
        "the id or the number of a claim, such as rank-equality or 26, or a claim file (.toml, "
        "docs/searching.md)"
    )
    claims.add_argument("claim", metavar="ID", nargs="?", help=f"{named}; default: list all")
    claims.add_argument(
        "spec", metavar="SPEC", nargs="?", help=f"{spec}: what does the claim say of it?"
    )
    _asking(claims)
    claims.add_argument("--all", action="store_true", help="ask every claim of SPEC")
    claims.add_argument("--latex", action="store_true", help="the kernels of SPEC as LaTeX")

    information = command(
        "information",
        "show what each layer does not tell apart, and how broad the landscape is",
        "hessrank information X9 --test-inputs '0,1'",
    )
    information.add_argument("spec", metavar="SPEC", help=spec)
    _test_inputs(information)
    information.add_argument(
        "--b",
        type=names,
        default=("1", "100", "10000"),
        metavar="B,...",
        help="scales b = βs² of effective rank and log det(I + bH); default: 1,100,10000",
    )

    audit = command(
        "audit",
        "drop each hypothesis of a claim in turn and show the smallest counterexample",
        "hessrank audit rank-equality",
    )
    audit.add_argument("claim", metavar="ID", help=named)
    audit.add_argument("--latex", action="store_true", help="print the table as LaTeX")

    counterexample = command(
        "counterexample",
        "show the smallest counterexample to a claim, as a spec that replays it",
        "hessrank counterexample rank-equality --without perfect-fit",
    )
    counterexample.add_argument("claim", metavar="ID", help=named)
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

    command(
        "predicates",
        "list the predicates and quantities that claims of one's own are made of",
        "hessrank predicates",
    )

    labels = command(
        "labels",
        "decide which labels make a point a minimum with rank H above or below rank J",
        "hessrank labels X8",
    )
    labels.add_argument("spec", metavar="SPEC", help=f"{spec}; its labels do not count")
    labels.add_argument(
        "--certificate",
        metavar="FILE",
        help="also write a certificate of the labels with rank H > rank J, or that there are none",
    )

    nearby = command(
        "nearby",
        "certify an exact fit or critical point near the point of a spec, and the ranks there",
        "hessrank nearby trained.toml",
    )
    nearby.add_argument("spec", metavar="SPEC", help=spec)
    nearby.add_argument(
        "--certificate", metavar="FILE", help="also write a certificate of the exact fit"
    )

    fit = command(
        "fit",
        "train a problem from several seeds and certify the exact point beside each end",
        "hessrank fit xor-tanh-untrained --seeds 20",
    )
    fit.add_argument("spec", metavar="SPEC", help=f"{spec}; its point does not count")
    fit.add_argument(
        "--seeds", type=count, default=10, metavar="N", help="how many runs; default: 10"
    )

    critical = command(
        "critical",
        "find all critical points of a polynomial landscape of few parameters",
        "hessrank critical X1",
    )
    critical.add_argument("spec", metavar="SPEC", help=f"{spec}; its point does not count")
    critical.add_argument("--seed", type=int, default=0, help="of the slices; default: 0")
    critical.add_argument(
        "--prover", metavar="NAME", help="also ask this program for the components: Singular"
    )
    critical.add_argument(
        "--certificates",
        metavar="DIR",
        help="also write a certificate of each real point that is listed, into a new folder",
    )

    sweep = command(
        "sweep",
        "train, certify and rank every net of a grid, into a file that can be resumed",
        "hessrank sweep grid.toml --into runs.sqlite --jobs 2",
    )
    sweep.add_argument("grid", metavar="GRID", help="a TOML file (docs/points.md)")
    sweep.add_argument(
        "--into", metavar="FILE", help="the SQLite file; default: GRID with .sqlite for .toml"
    )
    sweep.add_argument(
        "--jobs", type=count, default=1, metavar="N", help="processes (joblib); default: 1"
    )
    sweep.add_argument(
        "--seconds",
        type=seconds_of,
        default=SECONDS,
        metavar="S",
        help=f"for each run, a budget in seconds of processor time; default: {SECONDS:g}",
    )
    sweep.add_argument("--dask", metavar="ADDRESS", help="a Dask scheduler, tcp://HOST:PORT")
    sweep.add_argument(
        "--plot", metavar="FILE", help="also draw the frequencies: an .svg, .pdf or .png file"
    )

    experiment = command(
        "experiment",
        "run one of the experiments that the empirical claims cite",
        "hessrank experiment off-fit X2 --plot x2.svg",
    )
    experiment.add_argument(
        "name",
        metavar="NAME",
        choices=["labellings", "drainage", "priors", "off-fit"],
        help="labellings: train nets on every labelling of small data sets and certify the ends "
        "(docs/experiments.md); drainage, priors: starts that reach each solution set of X7, the "
        "prior that two basins hold; off-fit: ranks and spectra of SPEC along y = F − t·r",
    )
    experiment.add_argument("spec", metavar="SPEC", nargs="?", help=f"{spec}; of off-fit")
    experiment.add_argument(
        "--runs", type=count, metavar="R", help="a labelling, or a start; default: 60, 1000, 200000"
    )
    experiment.add_argument("--seed", type=natural, default=0, metavar="N", help="default: 0")
    experiment.add_argument("--data", choices=DATA_SETS, help="of labellings: this data set alone")
    experiment.add_argument(
        "--into", metavar="FILE", help="the SQLite file of labellings; default: labellings.sqlite"
    )
    experiment.add_argument(
        "--jobs", type=count, default=1, metavar="N", help="processes (joblib); default: 1"
    )
    experiment.add_argument("--plot", metavar="FILE", help="also draw it: .svg, .pdf or .png")

    plot = command(
        "plot",
        "draw spectra, slices, contours or tubes around the point of a spec (needs hessrank[plot])",
        "hessrank plot X7 --what contours --window=-4,14,-9,9 -o basins.svg",
    )
    plot.add_argument("spec", metavar="SPEC", help=spec)
    plot.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        action="append",
        help="an .svg, .pdf or .png file; may be given several times; default: ID-WHAT.svg in this "
        "folder",
    )
    plot.add_argument(
        "--what",
        choices=["spectrum", "slice", "contours", "tubes"],
        default="spectrum",
        help="singular values of J and H; L along a kernel direction and a curved one, with the "
        "fibre; L over two parameters, with the outputs' level sets; these sets in the space of "
        "three, with a tube of low L. Default: spectrum",
    )
    plot.add_argument(
        "--window",
        type=window,
        metavar="A,B[,C,D]",
        help="from A to B, and for contours from C to D; with a sign as --window=-1,1",
    )
    plot.add_argument(
        "--parameters",
        type=names,
        metavar="P,Q[,R]",
        help="the two of contours, the three of tubes; default: the first",
    )

    new = command("new", "write a commented spec to start from", "hessrank new my-net.toml")
    new.add_argument("file", metavar="FILE", help="the file; none of that name may be there")

    command("gallery", "list the ids and titles of the built-in problems", "hessrank gallery")

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
        commands.choices[name].add_argument(
            "-o",
            "--output",
            metavar="FILE",
            action="append",
            help="write the page to a .pdf, .html, .tex, .md or .txt file; may be given several "
            "times; default: the terminal",
        )

    check = command(
        "check", "replay a certificate with the independent checker", "hessrank check h.json"
    )
    check.add_argument("certificate", metavar="CERTIFICATE", help="a certificate file (JSON)")
    check.add_argument(
        "--spec", metavar="SPEC", help=f"demand that it is about the problem of {spec}"
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


def _asking(command: argparse.ArgumentParser) -> None:
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
    _test_inputs(command)


def _test_inputs(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--test-inputs", metavar="ROWS", help='inputs off the data: "1,0;1/2,3", a row each'
    )
