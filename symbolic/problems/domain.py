"""Does F exist at θ, and does L? Their derivatives may have a value where they have none.

In: a Problem and a closed form for each free parameter. Out: nothing, or a DomainError that names
the output or the loss, the example and the value: 1/o is defined at o = −2/3, log o is not. At a
jump of step or sign there is no value either, whatever side was chosen for the kinks. Where a root
of what may change its sign is 0, F ends: t^(5/2) has a slope at 0 and no neighbours for t < 0.

Only what may fail is evaluated: logarithms, negative and fractional powers, tangents and jumps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, TypeAlias

import flint

from hessrank.symbolic.errors import DomainError, JumpError, KinkError, UndecidedError
from hessrank.symbolic.expressions.convexity import sign_of
from hessrank.symbolic.expressions.expression import Expr, evaluate, free_symbols, postorder
from hessrank.symbolic.fields.balls import PRECISIONS, BallRing
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge

_JUMPS = ("step", "sign")
#: A ring in which signs can be told.
Signed: TypeAlias = Field | BallRing
#: Gives F, D rows of K (or an array of that shape), in a ring.
Outputs: TypeAlias = Callable[[Signed], Any]


def may_fail(forms: Sequence[Expr]) -> list[Expr]:
    """The nodes below `forms`, in postorder, that have no value at some numbers.

    >>> from hessrank.symbolic.expressions.parsing import parse
    >>> print(*may_fail([parse("log(o) + log(1 + exp(o)) + 1/(1 + o**2)", {"o"})]))
    log(o)
    """
    sign: dict[Expr, int] = {}  # 2 positive, 1 nonnegative, 0 unknown
    found = []
    for node in postorder(forms):
        of = [sign[a] for a in node.args]
        sign[node] = sign_of(node, of)
        if node.op == "function" and node.args:
            partial = node.name in ("tan", *_JUMPS) or (node.name == "log" and of[0] < 2)
        else:
            divides = node.op == "pow" and node.exponent < 0 and of[0] < 2
            root = node.op == "pow" and node.exponent.denominator > 1 and of[0] < 1
            partial = divides or root
        if partial:
            found.append(node)
    return found


def check_outputs(problem: Any, values: Mapping[str, Expr]) -> None:
    """DomainError where F has no value. (A network's activations show it when they are run.)"""
    forms = problem.model.forms
    if forms is None or not any(may_fail([f]) for f in forms):
        return

    def build(ring: Signed) -> None:
        theta = dict(zip(values, evaluate(list(values.values()), ring, {}), strict=True))
        for d, row in enumerate(problem.data.x):
            x = dict(zip(problem.model.inputs, evaluate(row, ring, {}), strict=True))
            for k, form in enumerate(forms):
                where = f"output {k + 1} at example {d + 1}"
                _require([form], ring, {**theta, **x}, where, set(theta))

    _in_some_ring(build)


def check_loss(problem: Any, values: Mapping[str, Expr], outputs: Outputs) -> None:
    """DomainError where ℓ(F) or the regulariser has no value; outputs gives F in a ring."""
    terms = [term for term in problem.loss_terms if may_fail([term.kind.value])]
    penalty = [] if problem.regulariser is None else [problem.regulariser]
    if not terms and not may_fail(penalty):
        return

    def build(ring: Signed) -> None:
        theta = dict(zip(values, evaluate(list(values.values()), ring, {}), strict=True))
        _require(penalty, ring, theta, "the regulariser", set(theta))
        flat = [v for row in outputs(ring) for v in row] if terms else []
        for term in terms:
            at = {f"o{k + 1}": flat[m] for k, m in enumerate(term.places)}
            _require([term.kind.value], ring, at, term.where, set(at))

    _in_some_ring(build)


def _in_some_ring(build: Callable[[Signed], None]) -> None:
    """`build` in a field, else by balls. UndecidedError where neither tells."""
    try:
        evaluate_in_field(build)
        return
    except (TooLarge, UndecidedError) as error:
        reason = error
    for bits in PRECISIONS:
        try:
            with flint.ctx.workprec(bits):
                build(BallRing())
            return
        except UndecidedError:
            continue
    raise UndecidedError(f"whether L has a value at the point is not decided: {reason}")


def _require(
    forms: Sequence[Expr], ring: Signed, values: Mapping[str, Any], where: str, moving: Set[str]
) -> None:
    """DomainError for the first node of `forms` without a value, or a root that ends at the point
    in the names that move."""
    for node in may_fail(forms):
        argument = evaluate(node.args, ring, values)[0]
        try:
            if node.op == "function" and node.name in _JUMPS:
                if _is_zero(argument, ring):
                    raise JumpError("a jump lies exactly at the point")
            else:
                evaluate([node], ring, values)
                root = node.op == "pow" and node.exponent.denominator > 1
                if root and moving & free_symbols(node) and _is_zero(argument, ring):
                    raise DomainError("its domain ends there")
        except (DomainError, KinkError) as error:
            kind = JumpError if isinstance(error, KinkError) else DomainError
            text, of, value = _short(str(node)), _short(str(node.args[0])), _shown(argument, ring)
            at = "" if of == value else f", for {of} = {value}"
            raise kind(f"{where}: {text} has no value{at}: {error}", "point") from None


def _is_zero(value: Any, ring: Signed) -> bool:
    if isinstance(ring, Field):
        return ring.sign(value) == 0
    if value > 0 or value < 0:
        return False
    if value.is_zero():
        return True
    raise UndecidedError(
        "the point cannot be separated by balls from where a function jumps or ends"
    )


def _shown(value: Any, ring: Signed) -> str:
    if isinstance(ring, Field):
        return _short(str(ring.expr(value)))
    return str(value.str(8, radius=False))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
