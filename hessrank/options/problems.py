"""Options of commands: ranks, verdicts and derivations of problems, and the specs that state them.

In: what makes a command. Out: the command with its options.
"""

from __future__ import annotations

from hessrank.argument_types import count, widths
from hessrank.options.shared import SPEC, Command, asking, output


def verify(command: Command) -> None:
    """`hessrank verify`."""
    verify = command(
        "verify",
        "find all ranks and the verdict on rank H = rank J, exactly and numerically",
        "hessrank verify X1 my-net.toml",
    )
    verify.add_argument(
        "specs",
        metavar="SPEC",
        nargs="*",
        help=f"{SPEC}; default: the whole gallery, and every claim",
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
    asking(verify)


def rank(command: Command) -> None:
    """`hessrank rank`."""
    rank = command(
        "rank", "show the ranks of J and H of one problem, with reasons", "hessrank rank X13"
    )
    rank.add_argument("spec", metavar="SPEC", help=SPEC)
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


def derive(command: Command) -> None:
    """`hessrank derive`."""
    derive = command(
        "derive", "write J, r, A and both terms of H as LaTeX", "hessrank derive X2 -o x2.tex"
    )
    derive.add_argument("spec", metavar="SPEC", help=SPEC)
    output(
        derive,
        "a .pdf, .html, .tex, .md or .txt file; may be given several times; default: LaTeX on "
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


def generic(command: Command) -> None:
    """`hessrank generic`."""
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


def new(command: Command) -> None:
    """`hessrank new`."""
    new = command("new", "write a commented spec to start from", "hessrank new my-net.toml")
    new.add_argument("file", metavar="FILE", help="the file; none of that name may be there")


def gallery(command: Command) -> None:
    """`hessrank gallery`."""
    command("gallery", "list the ids and titles of the built-in problems", "hessrank gallery")
