"""What an activation knows of itself, against the textbook formulas evaluated in floating point.

A claim such as "odd" is an identity in z: where it is made it must hold at random points, and where
it is not made some point must violate it. So a fact that is missing is found as surely as a false
one.
"""

from functools import partial

import numpy as np
import pytest

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.models.activations import NAMES, activation
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.models.losses import Loss, as_loss
from oracles.textbook import ACTIVATIONS


def _power(k: int, z: float) -> float:
    return z**k


FUNCTIONS = {
    **{name: ACTIVATIONS[name] for name in NAMES},
    **{f"power-{k}": partial(_power, k) for k in (1, 2, 3, 4, 5)},
}
POINTS = np.random.default_rng(0).uniform(0.1, 3, 20)


def values(name: str, z: np.ndarray) -> np.ndarray:
    return np.array([float(FUNCTIONS[name](v)) for v in z])


def equal(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.allclose(a, b, rtol=1e-9, atol=1e-12))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_homogeneity(name: str) -> None:
    z = np.concatenate([POINTS, -POINTS])
    degrees = [k for k in range(1, 8) if equal(values(name, 2 * z), 2**k * values(name, z))]
    assert activation(name).homogeneity == (degrees[0] if degrees else None)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_parity(name: str) -> None:
    above, below = values(name, POINTS), values(name, -POINTS)
    expected = -1 if equal(below, -above) else 1 if equal(below, above) else 0
    assert activation(name).parity == expected
    assert activation(name).is_odd == (expected == -1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_polynomials(name: str) -> None:
    z = np.linspace(-2, 2, 40)
    fits = [
        k
        for k in range(7)
        if equal(np.polyval(np.polyfit(z, values(name, z), k), z), values(name, z))
    ]
    assert activation(name).degree == (fits[0] if fits else None)
    assert activation(name).is_linear == (bool(fits) and fits[0] == 1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_kinks_pieces_and_death(name: str) -> None:
    known = activation(name)
    h = 1e-6
    right, left = values(name, np.array([h]))[0], values(name, np.array([-h]))[0]
    middle = values(name, np.array([0.0]))[0]
    kink = abs((right - middle) / h - (middle - left) / h) > 1e-3
    assert known.kinks == kink
    assert known.dies == equal(values(name, -POINTS), 0 * POINTS)
    ratio = values(name, POINTS) / POINTS, values(name, -POINTS) / -POINTS
    assert known.is_piecewise_linear == all(equal(r, r[0] + 0 * r) for r in ratio)


@pytest.mark.parametrize("activation_name", FUNCTIONS)
def test_facts_are_read_off_the_closed_form_not_off_the_name(activation_name: str) -> None:
    known = activation(activation_name)
    same = [a for a in map(activation, FUNCTIONS) if a.value is known.value]
    for other in same:  # power-1 and identity, power-2 and square, power-3 and cube
        assert other.is_linear == known.is_linear
        assert (other.homogeneity, other.parity) == (known.homogeneity, known.parity)
    assert activation_name not in ("identity", "square", "cube") or len(same) == 2


def test_names_as_others_spell_them() -> None:
    for written, name in {
        "ReLU": "relu",
        "silu": "swish",
        "SiLU": "swish",
        "leaky_relu": "leaky-relu",
        "LeakyReLU": "leaky-relu",
        "Tanh": "tanh",
        "GELU": "gelu",
        "power_4": "power-4",
    }.items():
        assert activation(written).name == name
        assert Network((1, 2, 1), written) == Network((1, 2, 1), name)
    assert Loss.named("MSE") == Loss.named("mse") == Loss.named("mean-squared")
    assert as_loss("mse").name == as_loss("MSE").name == "mean-squared"
    assert as_loss("half_squared") == Loss.named("half-squared")
    assert as_loss("o1**2 + o2**4").name == "expression"
    for wrong in ("re-lu-", "silo", "", "power-0"):
        with pytest.raises(InputError):
            activation(wrong)
    with pytest.raises(InputError):
        Loss.named("mze")
