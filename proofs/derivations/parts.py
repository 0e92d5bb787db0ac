"""What a derivation is made of, and how its matrices are written.

In: nothing. Out: `Parts` and the names of its matrices on paper.
"""

from __future__ import annotations

from dataclasses import dataclass

from hessrank.proofs.derivations.derived import Derived
from hessrank.symbolic.problems.landscape import Landscape, Problem

#: Key of a matrix and how it is written.
NAMES = {
    "F": "F",
    "J": "J",
    "r": "r",
    "A": "A",
    "GN": r"J^{\top} A J",
    "R": r"\sum_m r_m \nabla^2 F_m",
    "P": r"\nabla^2 \rho",
    "H": "H",
}
#: Those that are symmetric whatever their entries.
SYMMETRIC = frozenset({"A", "GN", "R", "P", "H"})


@dataclass(frozen=True, eq=False, repr=False)
class Parts:
    """What a derivation is made of; each part is None where there is none or it would be too long.

    one, loss: one example with symbolic x, and o, y; everywhere: all examples, θ symbolic; point:
    values at `here`. limit: rows and columns of a matrix that are printed; only: the key of the one
    matrix that is asked for; cut: the user did not wait for all of it.
    """

    problem: Problem
    here: Landscape | None
    one: Derived | None
    loss: Derived | None
    everywhere: Derived | None
    point: Derived | None
    expanded: bool
    limit: int
    title: str = ""
    only: str = ""
    cut: bool = False


def second(f: str, a: str, b: str) -> str:
    """∂²f/∂a∂b; ∂²f/∂a² where a is no name with something above it."""
    if a == b and "^" not in a:
        return rf"\frac{{\partial^2 {f}}}{{\partial {a}^2}}"
    return rf"\frac{{\partial^2 {f}}}{{\partial {a}\,\partial {b}}}"
