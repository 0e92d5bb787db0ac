"""J, r, A and H of the measuring engine against HIPS autograd, on random problems.

The networks and losses are written again here, in autograd.numpy, from their textbook formulas;
nothing but the numbers of a problem reaches the other side. A failure prints the drawn `Case`; it
replays as `check(Case(...))`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.numeric.forward_pass import forward_pass
from hessrank.numeric.measure import evaluate
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem
from oracles.textbook import ACTIVATIONS, LOSSES

WEIGHTED = "weighted-squared"


@dataclass(frozen=True)
class Case:
    """A problem, up to the numbers, which follow from the seed."""

    widths: tuple[int, ...]
    activation: str
    bias: bool
    loss: str
    examples: int
    regulariser: str | None
    seed: int


#: What autograd says of a network whose outputs do not depend on some argument.
pytestmark = pytest.mark.filterwarnings("ignore:Output seems independent of input")

cases = st.builds(
    Case,
    widths=st.lists(st.integers(1, 3), min_size=2, max_size=4).map(tuple),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    bias=st.booleans(),
    loss=st.sampled_from([*sorted(LOSSES), WEIGHTED]),
    examples=st.integers(1, 4),
    regulariser=st.sampled_from([None, "l2", "l1"]),
    seed=st.integers(0, 2**32),
)


def targets(case: Case, draw: Callable[[], Fraction]) -> list[list[Fraction]]:
    """Soft targets, hard ones on every second example, or any numbers, as the loss wants them."""
    K = case.widths[-1]
    rows = [[draw() for _ in range(K)] for _ in range(case.examples)]
    if "cross-entropy" not in case.loss:
        return rows
    hard = [[Fraction(int(k == d % K)) for k in range(K)] for d in range(case.examples)]
    soft = [[abs(v) / sum(map(abs, row)) for v in row] for row in rows]
    return [soft[d] if d % 2 else hard[d] for d in range(case.examples)]


def check(case: Case) -> None:
    """Every measured matrix equals the library's, to ten digits of its largest entry."""
    rng = random.Random(case.seed)

    def draw() -> Fraction:
        return Fraction(rng.randrange(-(2**20), 2**20) | 1, 2**20)  # no kink, no zero

    if case.activation == "relu":  # behind dead units z would be 0 without a bias: a kink
        case = replace(case, bias=True)
    model = mlp(case.widths, case.activation, case.bias)
    theta = [draw() for _ in model.parameters]
    x = [[draw() for _ in range(case.widths[0])] for _ in range(case.examples)]
    if case.loss == "cross-entropy":  # its outputs must be positive
        theta, x = [abs(v) for v in theta], [[abs(v) for v in row] for row in x]
        case = replace(
            case, activation={"cos": "exp", "sin": "exp"}.get(case.activation, case.activation)
        )
        model = mlp(case.widths, case.activation, case.bias)
    y = targets(case, draw)
    M, N = case.examples * case.widths[-1], len(theta)
    half = np.array([[draw() for _ in range(M)] for _ in range(M)], dtype=object)
    W = half + half.T
    loss = Loss.weighted(W.tolist()) if case.loss == WEIGHTED else case.loss
    problem = Problem(model, Data(x, y), loss, case.regulariser)
    measured = evaluate(forward_pass(problem.at(dict(zip(model.parameters, theta, strict=True)))))

    X, Y, w = (np.array(v, dtype=float) for v in (x, y, W))
    point = np.array(theta, dtype=float)

    def F(t: Any) -> Any:
        a, start = X, 0
        for layer, (m, n) in enumerate(zip(case.widths, case.widths[1:], strict=False)):
            a = a @ t[start : start + m * n].reshape(n, m).T
            start += m * n
            if case.bias:
                a = a + t[start : start + n]
                start += n
            if layer < len(case.widths) - 2:
                a = ACTIVATIONS[case.activation](a)
        return a.reshape(-1)

    def ell(o: Any) -> Any:
        if case.loss == WEIGHTED:
            return (o - Y.reshape(-1)) @ (w @ (o - Y.reshape(-1))) / 2
        return LOSSES[case.loss](o.reshape(Y.shape), Y)

    def L(t: Any) -> Any:
        extra = {
            None: lambda t: 0.0,
            "l2": lambda t: anp.sum(t**2),
            "l1": lambda t: anp.sum(abs(t)),
        }
        return ell(F(t)) + extra[case.regulariser](t)

    r = autograd.grad(ell)(F(point))
    expected = {
        "value": L(point),
        "outputs": F(point),
        "jacobian": autograd.jacobian(F)(point),
        "loss_gradient": r,
        "loss_hessian": autograd.hessian(ell)(F(point)),
        "gradient": autograd.grad(L)(point),
        "hessian": autograd.hessian(L)(point),
        "residual": autograd.hessian(lambda t: anp.dot(r, F(t)))(point),
    }
    for name, theirs in expected.items():
        ours = np.asarray(getattr(measured, name), dtype=float)
        theirs = np.asarray(theirs).reshape(ours.shape)
        size = max(1.0, float(np.abs(theirs).max(initial=0.0)))
        assert np.abs(ours - theirs).max(initial=0.0) <= 1e-10 * size, f"{name} of {case}"
    assert measured.jacobian.shape == (M, N)
    assert measured.defect is not None and measured.defect < 10 ** (-0.6 * measured.digits), case


@settings(max_examples=200, deadline=None)
@given(cases)
def test_random_problems_agree_with_autograd(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("loss", [*sorted(LOSSES), WEIGHTED])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_activation_with_every_loss(activation: str, loss: str) -> None:
    check(Case((2, 3, 2), activation, True, loss, 3, "l2", seed=1))


def test_a_wrong_derivative_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: with the sign of one rule turned it does."""
    from hessrank.numeric.differentiation import jets

    monkeypatch.setitem(jets.PARTIAL, "cos", lambda s, u, y, q: s.apply("sin", u))
    with pytest.raises(AssertionError, match="jacobian"):
        check(Case((1, 2, 1), "cos", True, "half-squared", 2, None, seed=2))
