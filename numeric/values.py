"""F and L at many points at once, to be drawn.

In: a `ForwardPass` and P points of floats. Out: the values of F, (P, M), and of L, (P,); nan where
there is none. Values alone: nothing is differentiated, and nothing is decided.
"""

from __future__ import annotations

import numpy as np

from hessrank.numeric.differentiation.arithmetic import Array, arithmetic
from hessrank.numeric.differentiation.jets import Jet, Sweep
from hessrank.numeric.differentiation.program import Program, program
from hessrank.numeric.forward_pass import ForwardPass
from hessrank.numeric.measure import TooLargeError, constants
from hessrank.symbolic.expressions.expression import Expr

#: Numbers held at once, and numbers computed at all.
HELD, COMPUTED = 4_000_000, 20_000_000_000


def theta_of(forward: ForwardPass) -> Array:
    """The point as floats, (N,)."""
    return np.asarray(constants(forward.point, arithmetic()), dtype=float)


def values(forward: ForwardPass, thetas: Array) -> tuple[Array, Array]:
    """(F, L) at the rows of `thetas`, (P, N). Raises TooLargeError beyond COMPUTED numbers.

    >>> import hessrank as hr
    >>> from hessrank.numeric.forward_pass import forward_pass
    >>> there = forward_pass(hr.read_spec("X11").landscape())
    >>> F, L = values(there, np.array([[1.0, 1.0], [2.0, 3.0]]))
    >>> F.tolist(), L.tolist()
    ([[1.0], [6.0]], [0.0, 12.5])
    """
    steps, D = len(forward.program.steps), max(1, len(forward.x))
    if steps * D * len(thetas) > COMPUTED:
        raise TooLargeError(f"a picture needs {steps * D * len(thetas):.0e} operations, too many")
    at_once = max(1, HELD // max(1, steps))
    parts = [_some(forward, thetas[i : i + at_once]) for i in range(0, len(thetas), at_once)]
    return np.concatenate([F for F, _ in parts]), np.concatenate([L for _, L in parts])


def _some(forward: ForwardPass, thetas: Array) -> tuple[Array, Array]:
    sweep, P = Sweep(arithmetic(), forward.side), len(thetas)

    def run(wanted: Program, symbols: dict[str, Array]) -> list[Array]:
        jets = sweep.forwards(wanted, {name: Jet(value) for name, value in symbols.items()})
        return [np.broadcast_to(jets[index].value, (P,)) for index in wanted.results]

    def fixed(entries: tuple[Expr, ...]) -> list[Array]:
        return [np.array([v]) for v in constants(entries, arithmetic())]

    theta = dict(zip(forward.parameters, thetas.T, strict=True))
    more = fixed(tuple(v for _, v in forward.fixed))
    theta |= dict(zip((n for n, _ in forward.fixed), more, strict=True))
    with np.errstate(all="ignore"):
        columns = [
            column
            for row in forward.x
            for column in run(
                forward.program, theta | dict(zip(forward.inputs, fixed(row), strict=True))
            )
        ]
        F = np.array(columns, dtype=float).reshape(len(columns), P).T
        L = np.zeros(P)
        for term in forward.terms:
            for row in term.rows:
                L = L + run(term.program, {f"o{i + 1}": F[:, m] for i, m in enumerate(row)})[0]
        if forward.regulariser is not None:
            L = L + run(program([forward.regulariser]), theta)[0]
    return F, np.where(np.isfinite(L), L, np.nan)
