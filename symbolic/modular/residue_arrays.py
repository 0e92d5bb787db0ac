"""The array ring of residues modulo a prime: a whole network in F_p, on the floating-point BLAS.

In: a prime p and, for each layer, the residues that stand for the values of the elementary
functions there. Out: an `ArrayRing` for `layers`. An activation is evaluated from its closed form,
so that σ, σ' and σ'' always are the jet of one and the same activation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import ZERO, evaluate
from hessrank.symbolic.linear_algebra import primefield
from hessrank.symbolic.linear_algebra.primefield import reduce_in_place
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Array

#: The residues that stand for the function `name` at the arguments z of a layer.
Values = Callable[[str, Array, int], Array]


@dataclass(frozen=True)
class Mod:
    """An array of residues with + and *, elementwise; what `evaluate` computes with."""

    entries: Array
    p: int

    def __add__(self, other: Mod) -> Mod:
        return Mod(reduce_in_place(self.entries + other.entries, self.p), self.p)

    def __mul__(self, other: Mod) -> Mod:
        return Mod(reduce_in_place(self.entries * other.entries, self.p), self.p)


@dataclass(frozen=True)
class ModScalars:
    """The scalar ring of `Mod` arrays; `function(name, z)` comes from the caller."""

    p: int
    values: Callable[[str, Array], Array]

    def number(self, q: Fraction) -> Mod:
        residue = q.numerator * pow(q.denominator, -1, self.p) % self.p
        return Mod(reduce_in_place(np.array([float(residue)]), self.p), self.p)

    def power(self, value: Mod, exponent: Fraction) -> Mod:
        n = exponent.numerator
        if exponent.denominator != 1 or n < 0:
            raise InputError(f"a power with exponent {exponent} is not computed modulo a prime")
        result, square = self.number(Fraction(1)), value
        while n:
            if n & 1:
                result = result * square
            square, n = square * square, n >> 1
        return result

    def function(self, name: str, *args: Mod) -> Mod:
        if not args:
            raise InputError(f"the constant {name} is not computed modulo a prime")
        return Mod(self.values(name, args[0].entries), self.p)


@dataclass(frozen=True)
class ResidueArrays:
    """Arrays over F_p, as float64 residues (see `primefield`).

    >>> from hessrank.symbolic.models.layers import Network, forward
    >>> net, ring = Network((1, 1, 1), "square"), ResidueArrays(101)
    >>> forward(net, np.array([2.0, 5.0]), np.array([[3.0]]), ring).outputs.tolist()  # 180 mod 101
    [[-22.0]]
    """

    p: int
    values: Values | None = None

    def full(self, shape: tuple[int, ...], value: int) -> Array:
        return np.full(shape, float(value))

    def matmul(self, A: Array, B: Array) -> Array:
        return primefield.matmul(A, B, self.p)

    def times(self, A: Array, B: Array) -> Array:
        return reduce_in_place(A * B, self.p)

    def plus(self, A: Array, B: Array) -> Array:
        return reduce_in_place(A + B, self.p)

    def jet(self, name: str, z: Array, layer: int) -> tuple[Array, Array, Array | None]:
        def values(function: str, argument: Array) -> Array:
            if self.values is None:
                raise InputError(f"{function} has no value modulo a prime")
            return self.values(function, argument, layer)

        forms = activation(name).jet
        found = evaluate(forms, ModScalars(self.p, values), {"z": Mod(z, self.p)})
        s0, s1, s2 = (np.broadcast_to(f.entries, z.shape) for f in found)
        return s0, s1, None if forms[2] is ZERO else s2
