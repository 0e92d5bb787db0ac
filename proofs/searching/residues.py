"""Blocks of residues: what one number is modulo a prime, for thousands of classes at once.

In: the letters of parameters and inputs of a block of classes. Out: values, slopes and curvatures
of the units, as `Residues`, so that the one rule of `layers` gives J and ∇²F modulo the prime.

On the lattice of logarithms e^{κz} = 2^p 3^q is rational, so are tanh, sigmoid and exp, and their
residues are tabulated. In a second hidden layer κz = Σ_i v_i κa_i + κb is rational, and e^{κz} a
power of T = e^{κ/L}, L a common denominator. T is transcendental (Lindemann), so that sending T to
a residue is a homomorphism, under which what is not 0 was not 0. For softplus e^{a_i} = 1 + 2^p 3^q
is rational, and so is e^z where there is no bias.

log(1 + 2^a 3^b), a value of softplus, is a sum of logarithms of primes, which are linearly
independent over Q: with one residue drawn for each of them, a minor with a single such column that
does not vanish modulo the prime does not vanish.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from math import lcm
from typing import Any

import numpy as np

from hessrank.proofs.searching.letters import SHIFT
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.linear_algebra.primefield import reduce_in_place
from hessrank.symbolic.models import layers

Array = np.ndarray[Any, Any]

#: The largest prime below 2^23: products of two residues and sums of 512 of them are exact.
P = 8_388_593
#: Exponents of 2 and 3 that are tabulated.
REACH = 24
#: What T becomes: a number whose powers are many.
ROOT = 1_234_577
#: Weights of a second hidden layer are integers up to this.
WEIGHT = 3


class Residues:
    """One entry of a matrix for every class of a block: a residue each, or one for all; grown: the
    residue of e^{κz}, where this is a z of a second hidden layer."""

    __slots__ = ("entries", "grown", "one")

    def __init__(self, entries: Array | None, one: int = 0, grown: Array | None = None) -> None:
        self.entries, self.one, self.grown = entries, one, grown

    def __add__(self, other: Residues) -> Residues:
        if self.entries is None:
            if other.entries is None:
                return Residues(None, (self.one + other.one) % P)
            return other if not self.one else Residues(reduced(other.entries + self.one))
        if other.entries is None:
            return other + self
        return Residues(reduced(self.entries + other.entries))

    def __mul__(self, other: Residues) -> Residues:
        if self.entries is None:
            if other.entries is None:
                return Residues(None, self.one * other.one % P)
            if self.one in (0, 1):
                return other if self.one else self
            return Residues(reduced(other.entries * float(self.one)))
        if other.entries is None:
            return other * self
        return Residues(reduced(self.entries * other.entries))

    def on(self, count: int) -> Array:
        """The residues of all classes."""
        return np.full(count, float(self.one)) if self.entries is None else self.entries


def reduced(entries: Array) -> Array:
    """Modulo P, centred, in place."""
    return reduce_in_place(entries, P)


class Scalars:
    """The scalar ring of `Residues`; remembers which classes have a kink, and which a value that
    has no residue."""

    def __init__(self, scale: int) -> None:
        self.scale = scale
        self.kink: Array | None = None
        self.lost: Array | None = None

    def number(self, q: Fraction) -> Residues:
        return Residues(None, q.numerator * pow(q.denominator, -1, P) % P)

    def power(self, value: Residues, exponent: Fraction) -> Residues:
        n = exponent.numerator
        if exponent.denominator != 1 or n < 0:
            raise InputError("no power of the grammar")
        found = Residues(None, 1)
        for _ in range(n):
            found = found * value
        return found

    def function(self, name: str, *args: Residues) -> Residues:
        if not args:
            raise InputError(f"{name} has no residue")
        if args[0].grown is not None:
            return Residues(self._of_power(name, args[0].grown))
        z = args[0].entries
        if z is None:
            z = np.array([float(args[0].one if args[0].one <= P // 2 else args[0].one - P)])
        if name in ("relu", "step"):
            self.kink = z == 0 if self.kink is None else self.kink | (z == 0)
            return Residues(np.maximum(z, 0.0) if name == "relu" else (z > 0).astype(float))
        if not self.scale:
            raise InputError(f"{name} has no residue")
        return Residues(_table(name)[_exponents(z)])

    def _of_power(self, name: str, u: Array) -> Array:
        """The residues of a function where u is that of e^{κz}; of softplus, which is a logarithm
        of anything, 0."""
        if name == "exp":
            return u.copy()
        if name == "softplus":
            return np.zeros_like(u)
        if name not in ("tanh", "sigmoid"):
            raise InputError(f"{name} has no residue")
        below = reduced(u + 1.0)
        lost = below == 0
        self.lost = lost if self.lost is None else self.lost | lost
        return reduced(reduced(u - float(name == "tanh")) * _inverse(below))


@dataclass(frozen=True)
class Units(layers.Objects):
    """The array ring of a network: as `Objects`, with e^{κz} carried into a second hidden layer.

    theta: the letters' codes (N, B); first: the preactivations of the first layer, once known.
    """

    scalars: Scalars
    net: layers.Network
    theta: Array
    first: list[Array] = field(default_factory=list)

    def jet(self, name: str, z: Array, layer: int) -> tuple[Array, Array, Array | None]:
        if self.scalars.scale and layer > 2:
            raise InputError("no residues beyond two hidden layers")
        if self.scalars.scale and layer == 1:
            self.first.append(z)
        if self.scalars.scale and layer == 2:
            z = self._grown(name, z)
        return super().jet(name, z, layer)

    def _grown(self, name: str, z: Array) -> Array:
        """z with the residues of e^{κz}, from the codes of the layer before."""
        block, (D, n) = self.net.blocks[1], z.shape
        inner = self.net.widths[1]
        if self.net.bias and name == "softplus":
            raise InputError("e and logarithms are not known to be independent")
        table, one = _grown_table(name)
        made = np.empty((D, n), dtype=object)
        at = [[_exponents(self.first[0][d, i].entries) for i in range(inner)] for d in range(D)]
        for d in range(D):
            for j in range(n):
                total: Array | None = None
                for i in range(inner):
                    k = self.theta[block[j, i]].astype(np.int64) + WEIGHT
                    factor = table[(k, *at[d][i])]
                    total = factor.copy() if total is None else reduced(total * factor)
                if self.net.bias:
                    k = self.theta[block[j, inner]].astype(np.int64) + WEIGHT
                    total = reduced(total * one[k])
                made[d, j] = Residues(z[d, j].entries, z[d, j].one, total)
        return made


def _exponents(code: Array | None) -> tuple[Array, Array]:
    """(p + REACH, q + REACH) of codes p + SHIFT·q."""
    if code is None:
        raise InputError("a code that is one for all")
    whole = code.astype(np.int64)
    q = (whole + SHIFT // 2) // SHIFT
    p = whole - SHIFT * q
    if max(np.abs(p).max(), np.abs(q).max()) > REACH:
        raise InputError("exponents that are not tabulated")
    return p + REACH, q + REACH


_SPAN = range(-REACH, REACH + 1)


@cache
def _table(name: str) -> Array:
    """The residues of the function where e^{κz} = 2^p 3^q, by (p + REACH, q + REACH)."""
    return reduced(np.array([[_value(name, p, q) for q in _SPAN] for p in _SPAN], dtype=np.float64))


def _value(name: str, p: int, q: int) -> int:
    if name == "softplus":
        return _logarithm(1 + _lattice(p, q))
    return _residue(_rational(name, p, q))


def _lattice(p: int, q: int) -> Fraction:
    return Fraction(2) ** p * Fraction(3) ** q


def _rational(name: str, p: int, q: int) -> Fraction:
    """The function where e^{κz} = 2^p 3^q."""
    u = _lattice(p, q)
    if name not in ("tanh", "sigmoid", "exp"):
        raise InputError(f"{name} has no residue")
    return u if name == "exp" else (u - (name == "tanh")) / (u + 1)


def _residue(value: Fraction) -> int:
    if value.denominator % P == 0:
        raise InputError("a value has no residue")
    return value.numerator * pow(value.denominator, -1, P) % P


def _logarithm(value: Fraction) -> int:
    """The residue of log(value): Σ e_ℓ ρ_ℓ over what divides it, ρ_ℓ drawn for each prime ℓ < 50
    and 0 for all others, which can only lower a rank."""
    total = 0
    for number, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47):
            while number % prime == 0:
                number //= prime
                total += sign * random.Random(prime).randrange(1, P)
    return total % P


@cache
def _grown_table(name: str) -> tuple[Array, Array]:
    """The residues of e^{κva}, a the function where e^{κz} = 2^p 3^q, by (v + WEIGHT, p + REACH,
    q + REACH); and of e^{κv}, by v + WEIGHT."""
    powers = range(-WEIGHT, WEIGHT + 1)
    if name == "softplus":
        base = [[_residue(1 + _lattice(p, q)) for q in _SPAN] for p in _SPAN]
        one = 1
    else:
        values = [[_rational(name, p, q) for q in _SPAN] for p in _SPAN]
        L = lcm(*(v.denominator for row in values for v in row))
        base = [
            [pow(ROOT, v.numerator * (L // v.denominator) % (P - 1), P) for v in row]
            for row in values
        ]
        one = pow(ROOT, L % (P - 1), P)
    table = np.array([[[pow(b, v, P) for b in row] for row in base] for v in powers], dtype=float)
    return reduced(table), reduced(np.array([pow(one, v, P) for v in powers], dtype=float))


def _inverse(value: Array) -> Array:
    """value^(P − 2)."""
    found = np.ones_like(value)
    for bit in bin(P - 2)[2:]:
        found = reduced(found * found)
        if bit == "1":
            found = reduced(found * value)
    return found
