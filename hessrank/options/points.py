"""Options of commands: points beside θ, sweeps and experiments.

In: what makes a command. Out: the command with its options.
"""

from __future__ import annotations

from hessrank.argument_types import count, natural
from hessrank.argument_types import seconds as seconds_of
from hessrank.options.shared import SPEC, Command
from hessrank.symbolic.budget import SECONDS

#: The data sets of `hessrank experiment labellings`.
DATA_SETS = ("corner", "square", "line", "square, random labels")


def nearby(command: Command) -> None:
    """`hessrank nearby`."""
    nearby = command(
        "nearby",
        "certify an exact fit or critical point near the point of a spec, and the ranks there",
        "hessrank nearby trained.toml",
    )
    nearby.add_argument("spec", metavar="SPEC", help=SPEC)
    nearby.add_argument(
        "--certificate", metavar="FILE", help="also write a certificate of the exact fit"
    )


def fit(command: Command) -> None:
    """`hessrank fit`."""
    fit = command(
        "fit",
        "train a problem from several seeds and certify the exact point beside each end",
        "hessrank fit xor-tanh-untrained --seeds 20",
    )
    fit.add_argument("spec", metavar="SPEC", help=f"{SPEC}; its point does not count")
    fit.add_argument(
        "--seeds", type=count, default=10, metavar="N", help="how many runs; default: 10"
    )


def critical(command: Command) -> None:
    """`hessrank critical`."""
    critical = command(
        "critical",
        "find all critical points of a polynomial landscape of few parameters",
        "hessrank critical X1",
    )
    critical.add_argument("spec", metavar="SPEC", help=f"{SPEC}; its point does not count")
    critical.add_argument("--seed", type=int, default=0, help="of the slices; default: 0")
    critical.add_argument(
        "--prover", metavar="NAME", help="also ask this program for the components: Singular"
    )
    critical.add_argument(
        "--certificates",
        metavar="DIR",
        help="also write a certificate of each real point that is listed, into a new folder",
    )


def sweep(command: Command) -> None:
    """`hessrank sweep`."""
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


def experiment(command: Command) -> None:
    """`hessrank experiment`."""
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
    experiment.add_argument("spec", metavar="SPEC", nargs="?", help=f"{SPEC}; of off-fit")
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
