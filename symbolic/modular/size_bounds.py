"""How large the minors of J, JᵀAJ, Σ r_m∇²F_m and H can be, as polynomials over the integers.

In: a `Setting`. Out: for each matrix a bound on the degree and on the coefficients of its entries
in the quantities that `generic_point` draws. From these follows how often a minor that is not the
zero polynomial vanishes at a random point modulo a random prime. The bounds come from running the
rule of `layers` itself in a ring of bounds: + takes the larger degree and adds norms, · adds
degrees and multiplies norms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import inf, lcm, log2

import numpy as np

from hessrank.symbolic.expressions.expression import evaluate, postorder
from hessrank.symbolic.linear_algebra.primefield import prime_count
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.architecture_bounds import SOFTMAX, Setting
from hessrank.symbolic.models.layers import (
    Array,
    Forward,
    Network,
    Objects,
    forward,
    jacobian,
    weighted_hessian,
)
from hessrank.symbolic.modular.specialisation import BITS, is_full, is_piecewise, separable


@dataclass(frozen=True)
class Size:
    """A polynomial of at most this total degree and at most this sum of |coefficients|."""

    degree: int
    norm: int

    def __add__(self, other: Size) -> Size:
        return Size(max(self.degree, other.degree), self.norm + other.norm)

    def __mul__(self, other: Size) -> Size:
        return Size(self.degree + other.degree, self.norm * other.norm)


class _Sizes:
    """The scalar ring of sizes; a function value is an atom, relu(z) is z or 0."""

    @staticmethod
    def number(q: Fraction) -> Size:
        return Size(0, abs(q.numerator))

    @staticmethod
    def power(value: Size, exponent: Fraction) -> Size:
        n = int(exponent)
        return Size(value.degree * n, value.norm**n)

    @staticmethod
    def function(name: str, *args: Size) -> Size:
        fixed = {"relu": args[0], "step": Size(0, 1)}
        return fixed.get(name, Size(1, 1))


def entry_sizes(setting: Setting) -> dict[str, Size]:
    """A bound for all entries of each matrix, denominators cleared.

    A network of widths 1 has the degrees of the given one. The norms of its weights stand for the
    sums over units: over n_{l-1} of them forwards, over n_l backwards (in the last layer, one
    output at a time, over 1), over the larger of the two where both directions occur.
    """
    net, K, D = setting.network, setting.outputs, setting.examples
    thin = Network((1,) * len(net.widths), net.activation, net.bias)
    theta = np.full(thin.size, Size(1, 1), dtype=object)
    for n, block in zip(net.widths, thin.blocks, strict=False):
        theta[block[0, 0]] = Size(1, n)
    drawn = Size(1, 1) if is_full(setting) else Size(2, setting.input_rank)  # x, or x = U V
    run = forward(thin, theta, _matrix(drawn), Objects(_Sizes()))
    r, A = _loss_sizes(setting, run.outputs[0, 0])
    J = _largest(jacobian(_with_weights(run, [*net.widths[1:-1], 1])))
    both = _with_weights(run, [max(pair) for pair in pairwise(net.widths)])
    R = _largest(weighted_hessian(both, _matrix(r))) * Size(0, D)
    GN = J * J * A * Size(0, D * K * K)
    found = {"jacobian": J, "gauss_newton": GN, "residual": R, "hessian": GN + R}
    d = _denominator(setting)
    return {name: Size(size.degree, size.norm * d**size.degree) for name, size in found.items()}


def miss_log2(setting: Setting, matrix: str) -> Callable[[int], float]:
    """For one of the matrices: `failure_log2` as a function of the order of the minor."""
    circles = setting.network.activation in ("sin", "cos")
    return partial(failure_log2, entry_sizes(setting)[matrix], circles=circles)


def failure_log2(size: Size, order: int, circles: bool = False) -> float:
    """log2 of a bound on the chance that a nonzero minor of this order vanishes in F_p.

    Schwartz–Zippel: a polynomial of degree d that is not 0 mod p vanishes at a random point with
    probability ≤ d/(p − 1), at random points of `circles` (sin, cos) ≤ 2d/(p − 3). It is 0 mod p
    only for primes that divide a coefficient, which is at most order^(order/2)·norm^order:
    Hadamard's bound for the values on the torus bounds the coefficients too. With circles the
    coefficients are Gaussian integers, with twice as many primes.

    >>> round(failure_log2(Size(degree=10, norm=1000), order=100), 1)
    -12.1
    """
    bits = order * (log2(max(size.norm, 1)) + log2(max(order, 1)) / 2)
    zeros = size.degree * order / (2.0 ** (BITS - 1) - 3)
    chance = zeros + bits / (BITS - 1) / prime_count(BITS)
    chance *= 2 if circles else 1
    return min(0.0, log2(chance)) if chance > 0 else -inf


def _with_weights(run: Forward, norms: Sequence[int]) -> Forward:
    return replace(run, weights=tuple(_matrix(Size(1, n)) for n in norms))


def _denominator(setting: Setting) -> int:
    """A number whose degree-th power clears the denominators of an entry."""
    net, K = setting.network, setting.outputs
    forms = [*activation(net.activation).jet]
    if setting.loss != SOFTMAX:
        forms += separable(setting.loss)
    nodes = postorder(forms)
    # sin z = (u − 1/u)/2i and cos z = (u + 1/u)/2 with u = exp(iz): one factor 2 for each
    halves = [2 for n in nodes if n.op == "function" and n.name in ("sin", "cos")]
    # examples cut off from their inputs: softmax(0) = 1/K, sigmoid(0) = 1/2
    cut_off = [] if net.bias or not is_piecewise(net) else [K if setting.loss == SOFTMAX else 2]
    return lcm(*halves, *cut_off, *(n.value.denominator for n in nodes if n.is_number))


def _loss_sizes(setting: Setting, o: Size) -> tuple[Size, Size]:
    """r and the entries of A."""
    K = setting.outputs
    if setting.loss == SOFTMAX:  # p_K = 1 − Σ p_k, and so is y_K: sums of K terms
        return Size(1, 2 * K), Size(2, K * K + K)
    r, A = evaluate(separable(setting.loss), _Sizes(), {"o1": o, "y1": Size(1, 1)})
    return r, A


def _matrix(size: Size) -> Array:
    return np.array([[size]], dtype=object)


def _largest(sizes: Array) -> Size:
    flat = list(sizes.ravel())
    return Size(max(s.degree for s in flat), max(s.norm for s in flat))
