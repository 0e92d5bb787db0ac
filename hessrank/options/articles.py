"""Options of commands: the theory and pictures.

In: what makes a command. Out: the command with its options.
"""

from __future__ import annotations

from hessrank.argument_types import names, window
from hessrank.options.shared import SPEC, Command, output


def theory(command: Command) -> None:
    """`hessrank theory`."""
    theory = command(
        "theory",
        "write the source texts' mathematics as a checked article, with every claim",
        "hessrank theory -o theory.pdf",
    )
    output(
        theory,
        "a .pdf, .html, .tex, .md or .txt file; may be given several times; default: the terminal",
    )
    theory.add_argument(
        "--no-claims", action="store_true", help="the chapters alone, without claims and examples"
    )
    theory.add_argument(
        "--tex", action="store_true", help="make a .pdf by TeX, also where typst is installed"
    )


def plot(command: Command) -> None:
    """`hessrank plot`."""
    plot = command(
        "plot",
        "draw spectra, slices, contours or tubes around the point of a spec (needs hessrank[plot])",
        "hessrank plot X7 --what contours --window=-4,14,-9,9 -o basins.svg",
    )
    plot.add_argument("spec", metavar="SPEC", help=SPEC)
    output(
        plot,
        "an .svg, .pdf or .png file; may be given several times; default: ID-WHAT.svg in this "
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
