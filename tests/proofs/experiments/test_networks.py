"""Batched networks against the toolkit's own at exact points, and their training."""

from __future__ import annotations

import numpy as np
import pytest

import hessrank as hr
from hessrank.proofs.experiments.networks import OPTIMISERS, Layout, trained

X = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.5))


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("widths", [(2, 1), (2, 3, 1), (2, 3, 2, 1)])
def test_outputs_and_derivatives_against_the_exact_engine(
    widths: tuple[int, ...], activation: str
) -> None:
    net = Layout(widths, activation, X)
    theta = net.start(2, np.random.default_rng(len(widths)))
    F, J = net.run(theta)
    y = np.array([[0.5, -1.0, 2.0], [0.0, 0.0, 0.0]])
    model = hr.mlp(list(widths), activation)
    assert net.parameters == len(model.parameters)
    for r in range(2):
        data = hr.Data(hr.exact(X), [[v] for v in hr.exact(y[r])])
        here = hr.Problem(model, data).at(hr.exact(theta[r]))
        assert np.allclose(here.outputs.to_numpy()[:, 0].astype(float), F[r])
        assert np.allclose(here.jacobian.to_numpy().astype(float), J[r])
        assert np.allclose(
            here.gradient.to_numpy()[:, 0].astype(float), net.gradient(theta, y)[r], atol=1e-12
        )


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_run_depends_on_no_other(optimiser: str) -> None:
    net = Layout((2, 2, 1), "tanh", X)
    theta = net.start(3, np.random.default_rng(0))
    y = np.array([[1.0, 0.0, 1.0]] * 3)
    both = trained(net, theta, y, optimiser)
    alone = trained(net, theta[1:2], y[1:2], optimiser)
    assert np.array_equal(both[1], alone[0])
    assert np.abs(net.outputs(both) - y).max() < 1e-2


def test_the_first_step_of_adam_is_the_sign_of_the_gradient(monkeypatch) -> None:
    """Kingma and Ba 2015, section 2.1: without a history |Δ| is the step, whatever the size."""
    from hessrank.proofs.experiments import networks

    monkeypatch.setattr(networks, "STEPS", 1)
    net = Layout((2, 2, 1), "tanh", X)
    theta = net.start(2, np.random.default_rng(1))
    y = np.ones((2, 3))
    step = trained(net, theta, y, "adam") - theta
    rate = networks.ADAM_RATE * (1 - 1 / 2)
    assert np.allclose(step, -rate * np.sign(net.gradient(theta, y)), rtol=1e-4)
