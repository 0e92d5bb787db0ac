"""How large the entries of J, JᵀAJ, Σ r_m∇²F_m and H are at a rational point.

In: an exact run of a network, r and A. Out: for each matrix a common denominator and a bound on
the numerators, found by the rule of `layers` in a ring of bounds. From Hadamard's inequality
follows how many primes can divide a minor, without computing the matrix over the rationals.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf, lcm, log2
from typing import Any

import flint
import numpy as np

from hessrank.symbolic.linear_algebra.primefield import prime_count
from hessrank.symbolic.models.layers import (
    Array,
    Forward,
    Network,
    Objects,
    jacobian,
    weighted_hessian,
)


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
        tuple(_array([_height(a), *one]) for a in run.inputs),
        (_array([Height(1, 1)]), *(_array([_weights(W)]) for W in run.weights[1:])),
        tuple(_array([_height(s)]) for s in run.slopes),
        tuple(None if c is None else _array([_height(c)]) for c in run.curvatures),
        _array([Height(1, 1)]),
    )
    J = _largest(jacobian(bounds))
    R = _largest(weighted_hessian(bounds, _array([_height(r)]))) * Height(D, 1)
    GN = J * J * _height(A) * Height(D * K * K, 1)
    return {"jacobian": J, "gauss_newton": GN, "residual": R, "hessian": GN + R}


def _weights(W: Array) -> Height:
    """Weights of a network of widths 1 that cover the sums over units in both directions."""
    return _height(W) * Height(max(W.shape), 1)


def failure_log2(height: Height, bits: int, order: int) -> float:
    """log2 of a bound on the chance that a random prime divides a nonzero minor of this order.

    Hadamard: the minor times denominator^order is an integer below (√order · size)^order.

    >>> round(failure_log2(Height(2**20, 1), bits=24, order=100), 1)
    -12.3
    """
    length = order * (log2(max(height.size, 1)) + log2(max(order, 1)) / 2)
    chance = length / (bits - 1) / prime_count(bits)
    return min(0.0, log2(chance)) if chance > 0 else -inf


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


def _array(row: list[Height]) -> Array:
    found = np.empty((1, len(row)), dtype=object)
    found[0, :] = row
    return found


def _largest(heights: Array) -> Height:
    flat = list(heights.ravel())
    d = lcm(*(h.denominator for h in flat))
    return Height(max(h.size * (d // h.denominator) for h in flat), d)
