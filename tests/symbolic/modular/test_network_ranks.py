"""Generic ranks against values worked out by hand, and against autograd with an SVD.

The kernels of the two large linear networks are counted by hand in docs/generic.md. For small
networks the reference is HIPS autograd on the loss, at random real points, and a singular value
decomposition whose gap must be wide for the comparison to count. J and the residual term of linear
networks are tested against published formulas in test_structure.py.
"""

from __future__ import annotations

import autograd
import numpy as np
import pytest

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.models.architecture_bounds import Setting
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.modular import size_bounds
from hessrank.symbolic.modular.network_ranks import MATRICES, generic_ranks
from oracles.textbook import LOSSES, network

SMOOTH = ("cos", "exp", "sigmoid", "sin", "softplus", "square", "swish", "tanh")
OF_NETS = ("binary-cross-entropy", "half-squared", "quartic", "softmax-cross-entropy")


@pytest.mark.parametrize(
    ("width", "kernel"),
    [
        # (n_1 − 9)(64 − 9) + (n_2 − 9)(n_1 − 9) + n_2, with 9 = K − 1: N − kernel = 990 and 1710
        (16, 385 + 49 + 16),
        (36, 1485 + 729 + 36),
    ],
)
def test_the_two_linear_networks(width: int, kernel: int) -> None:
    net = Network((64, width, width, 10))
    found = generic_ranks(net, examples=100)
    assert (int(found.hessian), found.hessian.status) == (net.size - kernel, "certified")
    # Singh, Bachmann, Hofmann 2021: q(r + K − q) with q = K = 10, r = 64
    assert (int(found.jacobian), found.jacobian.status) == (640, "certified")


def numeric_rank(matrix: np.ndarray) -> int | None:
    """The number of singular values above the only wide gap, or None where there is none."""
    s = np.linalg.svd(matrix, compute_uv=False)
    if s[0] < 1e-9:
        return 0
    s = s / s[0]
    unclear = ((s > 1e-12) & (s <= 1e-7)).any()
    return None if unclear else int((s > 1e-7).sum())


def measured(net: Network, loss: str, D: int, seed: int) -> tuple[int | None, int | None]:
    """The numeric ranks of J and H at a random real point, by autograd."""
    rng = np.random.default_rng(seed)
    theta, x = 0.7 * rng.normal(size=net.size), rng.normal(size=(D, net.widths[0]))
    y = rng.dirichlet(np.full(net.widths[-1], 3.0), size=D)

    def outputs(t: np.ndarray) -> np.ndarray:
        return network(net.widths, net.bias, net.activation, t, x)

    J = autograd.jacobian(lambda t: outputs(t).reshape(-1))(theta)
    H = autograd.hessian(lambda t: LOSSES[loss](outputs(t), y))(theta)
    return numeric_rank(J), numeric_rank(H)


@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize("loss", OF_NETS)
@pytest.mark.parametrize(
    ("widths", "bias", "D"),
    [((2, 2, 2), True, 5), ((3, 2, 2), False, 2), ((1, 2, 2, 2), True, 4), ((2, 3, 1), True, 3)],
)
def test_generic_ranks_equal_the_measured_ones(
    activation: str, loss: str, widths: tuple[int, ...], bias: bool, D: int
) -> None:
    net = Network(widths, activation, bias)
    found = generic_ranks(net, examples=D, loss=loss)
    points = [measured(net, loss, D, seed) for seed in range(4)]
    # rounding and ill-conditioned points lower a numeric rank; the generic rank is the largest
    assert max(J for J, _ in points if J is not None) == int(found.jacobian), found.jacobian
    assert max(H for _, H in points if H is not None) == int(found.hessian), found.hessian


@pytest.mark.parametrize("loss", ["softmax-cross-entropy", "binary-cross-entropy"])
@pytest.mark.parametrize("widths", [(1, 1, 2), (2, 1, 1, 2), (1, 2, 2)])
@pytest.mark.parametrize("bias", [False, True])
def test_relu_regions_have_the_measured_ranks(
    loss: str, widths: tuple[int, ...], bias: bool
) -> None:
    """Every pair of ranks that our random regions have occurs at random real points.

    Examples that are cut off from their inputs (all units off) are common in nets this narrow.
    """
    net = Network(widths, "relu", bias)
    found = [generic_ranks(net, examples=3, loss=loss, seed=seed) for seed in range(6)]
    pairs = {(int(f.jacobian), int(f.hessian)) for f in found}
    assert pairs <= {measured(net, loss, 3, seed) for seed in range(60)}


def test_the_seed_does_not_change_a_generic_rank() -> None:
    net = Network((3, 4, 2), "tanh", bias=True)
    ranks = [generic_ranks(net, examples=9, seed=seed) for seed in range(4)]
    for name in MATRICES:
        assert len({int(getattr(found, name)) for found in ranks}) == 1


def test_relu_ranks_name_their_region() -> None:
    # one unit, one input: J = (v·x, w·x) on both sides of the kink where the unit is on,
    # so rank 1; the rows of examples that switch it off vanish. All off: rank 0.
    found = [
        generic_ranks(Network((1, 1, 1), "relu"), 1, loss="half-squared", seed=s) for s in range(9)
    ]
    assert {int(f.jacobian) for f in found} == {0, 1}
    assert all(f.region for f in found)


def test_probabilistic_ranks_state_their_odds() -> None:
    # three rows of J are 0 or parallel on some region: no structural bound meets the rank
    found = generic_ranks(Network((1, 3, 1), "relu", bias=True), examples=8, loss="half-squared")
    result = found.jacobian
    assert result.status == "probabilistic"
    assert result.failure_log2 is not None and result.failure_log2 <= -100


def test_sizes_bound_a_polynomial_worked_out_by_hand() -> None:
    # f = v·(w x)², one example: J = (2 v w x², w² x²): degree 4 (in v, w, x), norm at most 2
    sizes = size_bounds.entry_sizes(Setting(Network((1, 1, 1), "square"), 1, 1, "half-squared"))
    assert (sizes["jacobian"].degree, sizes["jacobian"].norm) == (4, 2)
    # JᵀAJ has A = 1: degree 8, norm 4. R = r ∂²f with r = f − y of degree 5 and norm 2;
    # ∂²f/∂w² = 2 v x², ∂²f/∂w∂v = 2 w x²: degree 3, norm 2
    assert (sizes["gauss_newton"].degree, sizes["gauss_newton"].norm) == (8, 4)
    assert (sizes["residual"].degree, sizes["residual"].norm) == (8, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": "log-cosh"}, "know the losses"),
        ({"loss": "softmax-cross-entropi"}, "did you mean 'softmax-cross-entropy'"),
        ({"examples": 0}, "examples >= 1"),
        ({"input_rank": 3}, "input rank from 1 to 2"),
    ],
)
def test_bad_arguments(arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        generic_ranks(Network((2, 2)), **arguments)


def test_gelu_and_fixed_parameters_are_refused() -> None:
    with pytest.raises(InputError, match="gelu"):
        generic_ranks(Network((2, 2, 1), "gelu"))
    with pytest.raises(InputError, match="fixed"):
        generic_ranks(mlp([2, 2, 1], fixed={"w1_1_1": 0}))
    with pytest.raises(InputError, match="GB"):
        generic_ranks(Network((1000, 1000, 10)))
