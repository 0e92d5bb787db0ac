"""Numbers that come from two evaluations meet in one field; balls of zeros; a crash that was."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import flint
import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

import hessrank as hr
from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields.balls import BallRing, integer_power, nearest_float
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.ranks.ball_matrix import BallMatrix
from hessrank.symbolic.ranks.matrices import Matrix

#: Values whose fields differ: finer exponentials, roots, angles, logarithms.
TEXTS = (
    "exp(1/2)",
    "exp(1/3)",
    "tanh(1/5)",
    "sqrt(2)",
    "2**(1/6)",
    "cos(1/3)",
    "log(6)",
    "pi",
    "3/7",
)


def number(text: str) -> Exact:
    return evaluate_in_field(lambda f: evaluate([parse(text)], f, {})[0])


@given(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.sampled_from("+-*/"))
def test_two_numbers_of_two_fields_meet_as_in_one(a: str, b: str, op: str) -> None:
    x, y = number(a), number(b)
    found = {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: x / y}[op]()
    here = Field() if not hasattr(found, "field") else found.field
    ball = here.ball(found, 256)
    with flint.ctx.workprec(256):
        (expected,) = evaluate([parse(f"({a}){op}({b})")], BallRing(), {})
    assert ball.overlaps(expected) and ball.rad() < 1e-60
    assert (x == y) == (a == b)


def matrix(*rows: list[str]) -> Matrix:
    flat = [parse(t) for row in rows for t in row]

    def build(field: Field) -> Matrix:
        values = np.empty((len(rows), len(rows[0])), dtype=object)
        values.ravel()[:] = evaluate(flat, field, {})
        return Matrix.of(values, field)

    return evaluate_in_field(build)


def test_matrices_of_two_fields_multiply_and_add() -> None:
    a, b = matrix(["exp(1/2)", "1"]), matrix(["exp(1/3)"], ["2"])
    (value,) = (a @ b).to_numpy().ravel()
    assert value == pytest.approx(np.exp(5 / 6) + 2, rel=1e-15)
    total = a + matrix(["1/2", "sqrt(3)"])
    assert total.to_numpy() == pytest.approx(np.array([[np.exp(0.5) + 0.5, 1 + np.sqrt(3)]]))
    # a rational matrix over its own field meets an irrational one, on either side
    q = matrix(["2"], ["3"])
    assert (a @ q)[0, 0] is a.field.expr(2 * a.rows[0][0] + 3)
    assert (q @ a).to_numpy() == pytest.approx(np.outer([2, 3], [np.exp(0.5), 1]))
    assert int((q @ a).rank()) == 1


def test_variables_around_two_samples_do_not_meet() -> None:
    x, y = (Field().indeterminate("x", fmpq(k)) for k in (1, 2))
    with pytest.raises(InputError, match="two different samples"):
        x + y


@pytest.mark.parametrize("n", range(1, 9))
def test_a_power_of_a_ball_around_zero_is_defined(n: int) -> None:
    ball = integer_power(arb(0, 1e-10), n)
    assert ball.is_finite() and ball.contains(0) and ball.rad() <= 1.01e-10**n
    assert integer_power(arb(3), -n).contains(arb(1) / 3**n) and n > 0


def test_floats_from_balls_never_lie() -> None:
    assert nearest_float(lambda bits: arb(0, 2.0 ** (-bits / 2)), 128) == 0.0
    assert nearest_float(lambda bits: arb(0, 1e-10), 64) == 0.0  # no ball gets finer
    with pytest.raises(UndecidedError):
        nearest_float(lambda bits: arb(3, 1), 64)
    assert nearest_float(lambda bits: arb(1, 2.0**-bits), 64) == 1.0
    assert nearest_float(lambda bits: arb("nan") if bits < 500 else arb(2), 64) == 2.0
    with pytest.raises(UndecidedError):
        nearest_float(lambda bits: arb("nan"), 64)
    zero = BallMatrix(
        lambda bits: (
            evaluate([parse("exp(1)*exp(2)-exp(3)")], BallRing(), {})
            and [evaluate([parse("exp(1)*exp(2)-exp(3)")], BallRing(), {})]
        ),
        (1, 1),
    )
    assert zero.to_numpy().tolist() == [[0.0]]


def test_a_preactivation_that_vanishes_through_thirds() -> None:
    """z = 1/3 + 1/3 − 2/3: its ball is never exactly 0."""
    net = hr.mlp([3, 2, 1], "tanh", bias=False)
    data = hr.Data(x=[["1/3", "1/3", "2/3"], [1, 2, 3], [1, -1, 2]], y=[[0], [0], [1]])
    point = dict(zip(net.parameters, [1, 1, -1, "1/2", 1, "1/3", 1, 2], strict=True))
    here = hr.Problem(net, data, loss="half-squared").at(point)
    by_balls = BallMatrix(lambda bits: here._enclosed("H", bits).tolist(), (8, 8))
    floats, exact = by_balls.to_numpy(), here.rank("hessian")
    assert np.isfinite(floats).all() and np.linalg.matrix_rank(floats) == 8
    assert by_balls.rank().lower == 8 and int(exact) == 8 and exact.status == "certified"


CRASH = """
    import hessrank as hr
    net = hr.mlp([1, 2, 1], "softplus", bias=True)
    data = hr.Data(x=[[1], [2], [3], [4]], y=[[0], [1], [0], [1]])
    point = dict(zip(net.parameters, [1, 2, 1, "1/2", -1, -1, -1]))
    here = hr.Problem(net, data, loss="half-squared").at(point)
    for claim in ("layerwise-basis", "no-cancellation"):
        print(hr.check(claim, here))
"""


def test_what_was_given_up_does_not_crash_the_process() -> None:
    code = [sys.executable, "-c", textwrap.dedent(CRASH)]
    ended = subprocess.run(code, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.count("Finding") == 2
