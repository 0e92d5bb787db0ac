"""How large the minors of J, JᵀAJ, Σ r_m∇²F_m and H can be.

Generically, as polynomials over the integers. In: a `Setting`. Out: for each matrix a bound on the
degree and on the coefficients of its entries in the quantities that `specialisation` draws. From
these follows how often a minor that is not the zero polynomial vanishes at a random point modulo a
random prime. The bounds come from running the rule of `layers` itself in a ring of bounds: + takes
the larger degree and adds norms, · adds degrees and multiplies norms.

At a rational point, as rational numbers. In: an exact run of a network, r and A. Out: for each
matrix a common denominator and a bound on the numerators, by the same rule in another ring of
bounds: how many primes can divide a minor, without computing the matrix over the rationals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import inf, lcm, log2
from typing import Any

import flint
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
    circles = bool({"sin", "cos"} & setting.network.sigma.functions)
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
    zeros = size.degree * order / (2.0 ** (BITS - 1) - 3)
    return _log2((zeros + _dividing(size.norm, order, BITS)) * (2 if circles else 1))


def _dividing(size: int, order: int, bits: int) -> float:
    """A bound on the share of the primes of so many bits that divide a nonzero integer which is at
    most (√order · size)^order, as a minor is by Hadamard's inequality."""
    length = order * (log2(max(size, 1)) + log2(max(order, 1)) / 2)
    return length / (bits - 1) / prime_count(bits)


def _log2(chance: float) -> float:
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


# --- at a rational point ------------------------------------------------------------------------


@dataclass(frozen=True)
class Height:
    """Rationals n/denominator with |n| ≤ size."""

    size: int
    denominator: int

    def __add__(self, other: Height) -> Height:
        d = lcm(self.denominator, other.denominator)
        return Height(
            self.size * (d // self.denominator) + other.size * (d // other.denominator), d
        )

    def __mul__(self, other: Height) -> Height:
        return Height(self.size * other.size, self.denominator * other.denominator)


class _Heights:
    @staticmethod
    def number(q: Fraction) -> Height:
        return Height(abs(q.numerator), q.denominator)

    @staticmethod
    def power(value: Height, exponent: Fraction) -> Height:
        return Height(value.size ** int(exponent), value.denominator ** int(exponent))

    @staticmethod
    def function(name: str, *args: Height) -> Height:
        raise TypeError(f"{name} has no height")


def entry_heights(run: Forward, r: Array, A: Array) -> dict[str, Height]:
    """A bound for all entries of each matrix, for rational arrays r (D, K) and A (D, K, K)."""
    net = run.net
    D, K = run.outputs.shape
    thin = Network((1,) * len(net.widths), net.activation, net.bias)
    one = [Height(1, 1)] * net.bias
    bounds = Forward(
        thin,
        Objects(_Heights()),
        tuple(_row([_height(a), *one]) for a in run.inputs),
        (_row([Height(1, 1)]), *(_row([_weights(W)]) for W in run.weights[1:])),
        tuple(_row([_height(s)]) for s in run.slopes),
        tuple(None if c is None else _row([_height(c)]) for c in run.curvatures),
        _row([Height(1, 1)]),
    )
    J = _highest(jacobian(bounds))
    R = _highest(weighted_hessian(bounds, _row([_height(r)]))) * Height(D, 1)
    GN = J * J * _height(A) * Height(D * K * K, 1)
    return {"jacobian": J, "gauss_newton": GN, "residual": R, "hessian": GN + R}


def _weights(W: Array) -> Height:
    """Weights of a network of widths 1 that cover the sums over units in both directions."""
    return _height(W) * Height(max(W.shape), 1)


def point_miss_log2(height: Height, bits: int, order: int) -> float:
    """log2 of a bound on the chance that a random prime divides a nonzero minor of this order: the
    minor times denominator^order is an integer.

    >>> round(point_miss_log2(Height(2**20, 1), bits=24, order=100), 1)
    -12.3
    """
    return _log2(_dividing(height.size, order, bits))


def _height(array: Array) -> Height:
    """The common bound of an array of rationals."""
    pairs = [ratio(q) for q in array.ravel()]
    d = lcm(*(d for _, d in pairs))
    return Height(max((abs(n) * (d // e) for n, e in pairs), default=0), d)


def ratio(q: Any) -> tuple[int, int]:
    """(numerator, denominator) of a rational of python-flint or Python; TypeError for others."""
    if isinstance(q, flint.fmpq):
        return int(q.p), int(q.q)
    if isinstance(q, (int, flint.fmpz)):
        return int(q), 1
    if isinstance(q, Fraction):
        return q.numerator, q.denominator
    raise TypeError(f"{q!r} is not a rational number")


def _row(row: list[Height]) -> Array:
    found = np.empty((1, len(row)), dtype=object)
    found[0, :] = row
    return found


def _highest(heights: Array) -> Height:
    flat = list(heights.ravel())
    d = lcm(*(h.denominator for h in flat))
    return Height(max(h.size * (d // h.denominator) for h in flat), d)
