"""The two directions of a slice: one that H does not see, and the one in which L bends most.

In: a `Landscape`. Out: unit vectors of floats with what they are. A kernel direction is a vector of
the exact null space, where that is known within a few seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hessrank.numeric.forward_pass import ForwardPass
from hessrank.numeric.measure import evaluate
from hessrank.symbolic.budget import budget
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import null_space

#: What the exact null spaces may take, and how small |λ| counts as none beside the largest.
SECONDS, SMALL = 5.0, 1e-9


@dataclass(frozen=True)
class Direction:
    """A unit vector (N,), and what it is in words."""

    vector: Any
    what: str


def kernel_direction(here: Landscape) -> Direction | None:
    """A vector of ker J ∩ ker H, else of ker H, exactly; None where ker H = 0 or is not known.

    >>> import hessrank as hr
    >>> kernel_direction(hr.read_spec("X8").landscape()).what
    'in ker J ∩ ker H'
    >>> kernel_direction(hr.read_spec("X2").landscape()).what
    'in ker H'
    """
    try:
        with budget(SECONDS):
            H = here.hessian.exact()
            both = _first(here.jacobian.exact().stacked(H))
            found = _first(H) if both is None else both
    except (HessrankError, TooLarge):
        return None
    what = "in ker H" if both is None else "in ker J ∩ ker H"
    return None if found is None else Direction(found / np.linalg.norm(found), what)


def _first(matrix: Matrix) -> Any:
    """The first vector of a basis of the null space, as floats."""
    basis = null_space(matrix.rows, matrix.shape[1], matrix.field)
    if not basis:
        return None
    return Matrix((tuple(basis[0]),), (1, matrix.shape[1]), matrix.field).to_numpy()[0]


def curved_direction(forward: ForwardPass) -> Direction | None:
    """The eigenvector of H of the largest |λ|, measured; None where H = 0."""
    H: Any = evaluate(forward).hessian
    values, vectors = np.linalg.eigh(H)
    largest = int(np.argmax(abs(values)))
    if abs(values[largest]) < SMALL:
        return None
    return Direction(vectors[:, largest], f"λ = {values[largest]:.3g}")
