"""How large the minors of J, JᵀAJ, Σ r_m∇²F_m and H can be, as polynomials over the integers.

In: a `Setting`. Out: for each matrix a bound on the degree and on the coefficients of its entries
in the quantities that `generic_point` draws. From these follows how often a minor that is not the
zero polynomial vanishes at a random point modulo a random prime. The bounds come from running the
rule of `layers` itself in a ring of bounds: + takes the larger degree and adds norms, · adds
degrees and multiplies norms.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf, lcm, log2

import numpy as np

from hessrank.symbolic.activations import activation
from hessrank.symbolic.expression import evaluate, postorder
from hessrank.symbolic.generic_point import BITS, is_full, separable
from hessrank.symbolic.layers import Network, Objects, forward, jacobian, weighted_hessian
from hessrank.symbolic.primefield import prime_count
from hessrank.symbolic.structure import SOFTMAX, Setting


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

    A network of widths 1 has the degrees of the given one; its weights carry the norm max(n_{l-1},
    n_l), which covers the sums over units in both directions.
    """
    net, K, D = setting.network, setting.outputs, setting.examples
    thin = Network((1,) * len(net.widths), net.activation, net.bias)
    theta = np.full(thin.size, Size(1, 1), dtype=object)
    for l, block in enumerate(thin.blocks, 1):
        theta[block[0, 0]] = Size(1, max(net.widths[l - 1], net.widths[l]))
    drawn = Size(1, 1) if is_full(setting) else Size(2, setting.input_rank)  # x, or x = U V
    x = np.array([[drawn]], dtype=object)
    run = forward(thin, theta, x, Objects(_Sizes()))
    r, A = _loss_sizes(setting, run.outputs[0, 0])
    J = _largest(jacobian(run))
    R = _largest(weighted_hessian(run, np.array([[r]], dtype=object))) * Size(0, D)
    GN = J * J * A * Size(0, D * K * K)
    found = {"jacobian": J, "gauss_newton": GN, "residual": R, "hessian": GN + R}
    nodes = postorder(activation(net.activation).jet)
    # sin z = (u − 1/u)/2i and cos z = (u + 1/u)/2 with u = exp(iz): one factor 2 for each
    halves = [2 for n in nodes if n.op == "function" and n.name in ("sin", "cos")]
    denominator = lcm(*halves, *(n.value.denominator for n in nodes if n.is_number))
    return {
        name: Size(size.degree, size.norm * denominator**size.degree)
        for name, size in found.items()
    }


def failure_log2(size: Size, order: int) -> float:
    """log2 of a bound on the chance that a nonzero minor of this order vanishes in F_p.

    Schwartz–Zippel: a polynomial of degree d that is not 0 mod p vanishes at a random point with
    probability ≤ 2d/(p − 3) (the 2 and the 3 are for sin and cos, points of a circle). It is 0
    mod p only for primes that divide a coefficient, which is at most order^(order/2)·norm^order:
    Hadamard's bound for the values on the torus bounds the coefficients too.

    >>> round(failure_log2(Size(degree=10, norm=1000), order=100), 1)
    -11.1
    """
    bits = order * (log2(max(size.norm, 1)) + log2(max(order, 1)) / 2)
    bad_primes = 2 * bits / (BITS - 1)  # 2: with sin and cos the coefficients are Gaussian integers
    chance = 2 * size.degree * order / (2.0 ** (BITS - 1) - 3) + bad_primes / prime_count(BITS)
    return min(0.0, log2(chance)) if chance > 0 else -inf


def _loss_sizes(setting: Setting, o: Size) -> tuple[Size, Size]:
    """r and the entries of A."""
    K = setting.outputs
    if setting.loss == SOFTMAX:  # p_K = 1 − Σ p_k, and so is y_K: sums of K terms
        return Size(1, 2 * K), Size(2, K * K + K)
    r, A = evaluate(separable(setting.loss), _Sizes(), {"o1": o, "y1": Size(1, 1)})
    return r, A


def _largest(sizes: np.ndarray) -> Size:
    flat = list(sizes.ravel())
    return Size(max(s.degree for s in flat), max(s.norm for s in flat))
