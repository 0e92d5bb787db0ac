"""What the table says of each elementary function, against mpmath and finite differences."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import mpmath
import pytest
from flint import arb

from hessrank.symbolic.expressions.functions import FUNCTIONS, Elementary

#: The functions by other means; mpmath shares no code with the balls.
MPMATH: dict[str, Callable[[mpmath.mpf], mpmath.mpf]] = {
    **{
        n: getattr(mpmath, n)
        for n in set(FUNCTIONS) - {"abs", "sigmoid", "softplus", "relu", "step"}
    },
    "abs": abs,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "step": lambda z: mpmath.mpf(z > 0),
}
SMOOTH = [f for f in FUNCTIONS.values() if f.ball is not None]
POINTS = [mpmath.mpf(k) / 8 for k in range(-24, 25) if k]


def _values(f: Elementary) -> dict[mpmath.mpf, mpmath.mpf]:
    return {z: MPMATH[f.name](z) for z in POINTS if f.name != "log" or z > 0}


@pytest.mark.parametrize("f", SMOOTH, ids=lambda f: f.name)
def test_the_ball_holds_the_value(f: Elementary) -> None:
    assert f.ball is not None
    for z, value in _values(f).items():
        ball = f.ball(arb(str(z)))
        assert abs(float(ball.mid()) - float(value)) <= 1e-12 * (1 + abs(float(value)))


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=lambda f: f.name)
def test_parity_slope_and_curvature_are_those_of_the_function(f: Elementary) -> None:
    values = _values(f)
    if f.name != "log":
        odd = all(abs(values[z] + values[-z]) < 1e-12 for z in values)
        assert f.odd == odd
        assert f.even == all(abs(values[z] - values[-z]) < 1e-12 for z in values)
    if f.name != "tan":  # between its poles it rises, and bends both ways
        chain = list(values.values())
        assert f.increasing == all(a <= b for a, b in itertools.pairwise(chain))
        step = mpmath.mpf(1) / 8
        bends = [
            values[z - step] - 2 * v + values[z + step]
            for z, v in values.items()
            if z - step in values and z + step in values
        ]
        # near the kink at 0 the chord over it counts too
        assert not f.convex or min(bends) >= -1e-12
        assert not f.concave or max(bends) <= 1e-12
        if not f.kink:
            assert f.convex == (min(bends) >= -1e-12)
            assert f.concave == (max(bends) <= 1e-12)


def test_entire_functions_have_no_complex_singularity() -> None:
    """Poles and branch points: log at 0, tan at π/2, tanh, sigmoid, softplus, atan and asinh on the
    imaginary axis; a kink is no power series at all."""
    singular = {"log", "tan", "tanh", "sigmoid", "softplus", "relu", "step", "abs", "sign"}
    singular |= {"atan", "asinh"}
    assert {f.name for f in FUNCTIONS.values() if f.entire} == set(FUNCTIONS) - singular
