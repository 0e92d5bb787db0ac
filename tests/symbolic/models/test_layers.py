"""The layered rule against differentiation of the expanded closed form, and against autograd.

Two references that share nothing with `layers`: `differentiation` on the output written out as one
closed form, compared exactly at random rational points; and HIPS autograd on NumPy, compared in
floating point.
"""

from __future__ import annotations

import math

import autograd
import autograd.numpy as anp
import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.expression import ZERO, evaluate, postorder, symbol
from hessrank.symbolic.expressions.substitution import Expressions
from hessrank.symbolic.linear_algebra.primefield import residues
from hessrank.symbolic.models.activations import NAMES, activation
from hessrank.symbolic.models.layers import (
    Network,
    Objects,
    forward,
    jacobian,
    second_derivatives,
    weighted_hessian,
)
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.modular.residue_arrays import ResidueArrays
from oracles.rings import Floats, Scrambled
from oracles.textbook import network

SYMBOLIC = Objects(Expressions())
POLYNOMIAL = ("identity", "square", "cube", "power-4")

networks = st.builds(
    Network,
    st.lists(st.integers(1, 3), min_size=2, max_size=4).map(tuple),
    st.sampled_from((*NAMES, "power-4")),
    st.booleans(),
)


def symbols(names: list[str]) -> np.ndarray:
    return np.array([symbol(n) for n in names], dtype=object)


@settings(max_examples=40, deadline=None)
@given(networks, st.integers(0, 2**32 - 1))
def test_symbolic_rule_equals_differentiation_of_the_closed_form(net: Network, seed: int) -> None:
    K = net.widths[-1]
    x, r = symbols([f"x{j}" for j in range(net.widths[0])]), symbols([f"r{k}" for k in range(K)])
    run = forward(net, symbols(list(net.parameters)), x[None], SYMBOLIC)
    outputs = list(run.outputs[0])
    g = sum((a * b for a, b in zip(r, outputs, strict=True)), ZERO)
    names = list(net.parameters)
    ours = [*jacobian(run).ravel(), *weighted_hessian(run, r[None]).ravel()]
    theirs = [e for F in outputs for e in differentiation.gradient(F, names)]
    theirs += [e for row in differentiation.hessian(g, names) for e in row]
    rng = np.random.default_rng(seed)
    free = {n.name for n in postorder([*ours, *theirs]) if n.op == "symbol"}
    values = {
        n: flint.fmpq(int(rng.integers(1, 20)), int(rng.integers(1, 9))) for n in sorted(free)
    }
    assert evaluate(ours, Scrambled(), values) == evaluate(theirs, Scrambled(), values)


@settings(max_examples=40, deadline=None)
@given(networks, st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_rule_equals_autograd(net: Network, D: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    theta, x = rng.normal(size=net.size), rng.normal(size=(D, net.widths[0]))
    r = rng.normal(size=(D, net.widths[-1]))

    def g(t: np.ndarray) -> np.ndarray:
        return anp.sum(r * network(net.widths, net.bias, net.activation, t, x))

    run = forward(net, theta.astype(object), x.astype(object), Objects(Floats()))
    scale = 1 + abs(theta).max() ** 4
    J = autograd.jacobian(lambda t: network(net.widths, net.bias, net.activation, t, x))(theta)
    assert jacobian(run).astype(float) == pytest.approx(J, rel=1e-7, abs=1e-9 * scale)
    H = weighted_hessian(run, r.astype(object)).astype(float)
    assert pytest.approx(autograd.hessian(g)(theta), rel=1e-6, abs=1e-8 * scale) == H


@settings(max_examples=30, deadline=None)
@given(
    networks.filter(lambda n: n.activation in POLYNOMIAL), st.integers(1, 4), st.integers(0, 999)
)
def test_prime_field_equals_exact_rationals(net: Network, D: int, seed: int) -> None:
    p = 16777213
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        flat = [flint.fmpq(int(a), int(b)) for a, b in rng.integers(1, 99, (math.prod(shape), 2))]
        return np.array(flat, dtype=object).reshape(shape)

    def mod(array: np.ndarray) -> np.ndarray:
        flat = [int(q.p) * pow(int(q.q), -1, p) for q in array.ravel()]
        return residues(np.array(flat, dtype=object), p).reshape(array.shape)

    theta, x, r = draw(net.size), draw(D, net.widths[0]), draw(D, net.widths[-1])
    exact = forward(net, theta, x, Objects(Scrambled()))
    modular = forward(net, mod(theta), mod(x), ResidueArrays(p))
    for ours, theirs in (
        (modular.outputs, exact.outputs),
        (jacobian(modular), jacobian(exact)),
        (weighted_hessian(modular, mod(r)), weighted_hessian(exact, r)),
    ):
        assert ((ours - mod(theirs)) % p == 0).all()


def test_second_derivatives_are_the_weighted_hessians_of_unit_weights() -> None:
    # f = v·w², by hand: ∂²f/∂w² = 2v x², ∂²f/∂w∂v = 2 w x², at w = 3, v = 5, x = 1 and 2
    net = Network((1, 1, 1), "square")
    theta = np.array([flint.fmpq(3), flint.fmpq(5)], dtype=object)
    x = np.array([[flint.fmpq(1)], [flint.fmpq(2)]], dtype=object)
    found = second_derivatives(forward(net, theta, x, Objects(Scrambled())))
    assert found.tolist() == [[[[10, 6], [6, 0]]], [[[40, 24], [24, 0]]]]


def test_parameters_are_ordered_layer_by_layer_weights_before_biases() -> None:
    assert Network((2, 2, 1), bias=True).parameters == (
        *("w1_1_1", "w1_1_2", "w1_2_1", "w1_2_2", "b1_1", "b1_2"),
        *("w2_1_1", "w2_1_2", "b2_1"),
    )


@pytest.mark.parametrize("widths", [(3,), (), (2, 0, 1), (2, True), (2, 1.0)])
def test_bad_widths_are_refused(widths: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="two or more whole numbers") as refused:
        Network(widths)
    assert refused.value.key == "widths"


def test_unknown_activation_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'tanh'"):
        activation("tahn", "model.activation")


@pytest.mark.parametrize("widths", [[10**9, 10**9], [10**9, 1], [1, 10**8, 1]])
def test_a_network_of_too_many_parameters_is_refused_at_once(widths: list[int]) -> None:
    with pytest.raises(InputError, match="more than"):
        mlp(widths)
