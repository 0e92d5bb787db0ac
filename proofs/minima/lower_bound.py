"""Lower bounds of a closed form from bounds of its parts, and whether θ attains them.

In: a closed form. Out: constants lo ≤ form ≤ hi (None for ±∞) that hold wherever the form is
defined: squares are never negative, exp is increasing, and so on. A sum attains the sum of the
bounds of its terms exactly where each term attains its own: for L = c + Σ c_i q_i^(2k) with c_i > 0
that is the set {q = 0}, and near θ it is seen as a fibre.
"""

from __future__ import annotations

from fractions import Fraction
from math import nan

from hessrank.proofs.facts.smooth_piece import behaviour_problem
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.expressions.expression import (
    ONE,
    ZERO,
    Expr,
    evaluate,
    free_symbols,
    number,
    postorder,
    power,
)
from hessrank.symbolic.expressions.functions import HALF, PI, function
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.fields.field import evaluate_in_field
from hessrank.symbolic.problems.evaluation import total_loss
from hessrank.symbolic.problems.landscape import Landscape

Bounds = tuple[Expr | None, Expr | None]

#: f increasing, with its infimum and supremum.
INCREASING: dict[str, Bounds] = {
    "exp": (ZERO, None),
    "log": (None, None),
    "sinh": (None, None),
    "tanh": (number(-1), ONE),
    "sigmoid": (ZERO, ONE),
    "softplus": (ZERO, None),
    "erf": (number(-1), ONE),
    "atan": (-PI * HALF, PI * HALF),
    "asinh": (None, None),
    "relu": (ZERO, None),
    "step": (ZERO, ONE),
    "sign": (number(-1), ONE),
}
#: Others that are bounded.
BOUNDED: dict[str, Bounds] = {
    "cosh": (ONE, None),
    "abs": (ZERO, None),
    "sin": (number(-1), ONE),
    "cos": (number(-1), ONE),
}
#: Larger forms are not asked.
MAX_NODES = 5_000


def bounds(form: Expr) -> Bounds:
    """(lo, hi) with lo ≤ form ≤ hi wherever the form is defined; None where none is found.

    >>> from hessrank.symbolic.expressions.parsing import parse
    >>> [str(b) for b in bounds(parse("(x**2 - 1)**2 + exp(y**2)", {"x", "y"}))]
    ['1', 'None']
    """
    of: dict[Expr, Bounds] = {}
    for node in postorder([form]):
        of[node] = _rule(node, of)
    return of[form]


def _rule(node: Expr, of: dict[Expr, Bounds]) -> Bounds:
    if not free_symbols(node):
        return node, node
    inner = [of[a] for a in node.args]
    match node.op:
        case "add":
            (a, b), (c, d) = inner
            return (
                None if a is None or c is None else a + c,
                None if b is None or d is None else b + d,
            )
        case "mul":
            return _product(node, inner)
        case "pow":
            return _power(node.exponent, *inner[0])
        case "function":
            return _function(node.name, *inner[0])
    return None, None


def _product(node: Expr, inner: list[Bounds]) -> Bounds:
    a, b = node.args
    if a is b:
        return ZERO, None
    if a.op == "number":  # which stands first
        lo, hi = inner[1] if a.value > 0 else inner[1][::-1]
        return None if lo is None else a * lo, None if hi is None else a * hi
    (lo, _), (other, _) = inner
    if lo is not None and other is not None and _sign(lo) >= 0 and _sign(other) >= 0:
        return lo * other, None
    return None, None


def _power(e: Fraction, lo: Expr | None, hi: Expr | None) -> Bounds:
    even = e.numerator % 2 == 0
    if e < 0:
        return (ZERO, None) if even or (lo is not None and _sign(lo) >= 0) else (None, None)
    if even and e.denominator == 1:
        lo, hi = _folded(lo, hi)
    if lo is not None and _sign(lo) >= 0:
        return power(lo, e), None if hi is None else power(hi, e)
    if e.denominator > 1 or even:  # a real root has a base that is not negative
        return ZERO, None
    return None if lo is None else power(lo, e), None if hi is None else power(hi, e)


def _folded(lo: Expr | None, hi: Expr | None) -> Bounds:
    """Bounds of −z where z is never positive, else of z: an even function has the same values."""
    if hi is not None and _sign(hi) <= 0:
        return -hi, None if lo is None else -lo
    return lo, hi


def _sign(bound: Expr) -> float:
    """The sign of a constant; nan, which compares with nothing, where it is not seen."""
    if bound.op == "number":
        return float((bound.value > 0) - (bound.value < 0))
    try:
        ball = evaluate([bound], BallRing(), {})[0]
    except HessrankError:
        return nan
    return 1.0 if ball > 0 else -1.0 if ball < 0 else nan


def _function(name: str, lo: Expr | None, hi: Expr | None) -> Bounds:
    if name in ("cosh", "abs"):
        lo, hi = _folded(lo, hi)
        if lo is not None and _sign(lo) >= 0:
            return function(name, lo), None if hi is None else function(name, hi)
    if name not in INCREASING:
        return BOUNDED.get(name, (None, None))
    least, most = INCREASING[name]
    if name in ("step", "sign"):  # no value at the jump
        return least, most
    if name == "log":  # no value below 0
        lo, hi = (None if v is None or not _sign(v) > 0 else v for v in (lo, hi))
    return (
        least if lo is None else function(name, lo),
        most if hi is None else function(name, hi),
    )


def attains_its_bound(here: Landscape) -> Fact | None:
    """TRUE where bounds of the parts of L give a lower bound that is L(θ), else None."""
    L = total_loss(here.problem)
    if len(postorder([L])) > MAX_NODES:
        return None
    try:
        lo, _ = bounds(L)
        if lo is None or not _agree(here, L, lo):
            return None
    except HessrankError:
        return None
    return Fact(Truth.TRUE, f"L ≥ {lo} by bounds of its parts, which θ attains")


def _agree(here: Landscape, L: Expr, lo: Expr) -> bool:
    """L(θ) = lo as exact numbers."""
    gap = L - lo
    return evaluate_in_field(lambda field: evaluate([gap], field, here.theta(field))[0] == 0)


def zero_set(here: Landscape) -> Landscape | None:
    """Where L = c + Σ c_i q_i^(2k), c_i > 0, attains c at θ: the landscape of the q_i at θ, whose
    fibre is {L = L(θ)}. None for any other L."""
    L = total_loss(here.problem)
    roots: list[Expr] = []
    todo, constant = [L], ZERO
    while todo:
        node = todo.pop()
        if node.op == "add":
            todo += node.args
            continue
        if not free_symbols(node):
            constant = constant + node
            continue
        if node.op == "mul" and node.args[0].op == "number" and node.args[0].value > 0:
            node = node.args[1]
        root = _root(node)
        if root is None:
            return None
        roots.append(root)
    if not roots or not _agree(here, L, constant):
        return None
    return behaviour_problem(roots, here.problem.model.parameters).at(here.point)


def _root(node: Expr) -> Expr | None:
    """q with q = 0 where an even power, or a product of even powers, is 0; None for others."""
    if node.op == "mul":
        a, b = map(_root, node.args)
        return None if a is None or b is None else a * b
    even = node.op == "pow" and node.exponent.denominator == 1 and node.exponent.numerator % 2 == 0
    return node.args[0] if even and node.exponent > 0 else None
