"""Screening: which classes of a cell can be settled at once, thousands at a time and exactly.

In: the classes of a cell. Out: for each class of a batch whether J has full rank, which is proved
by a minor that is not zero modulo a prime, and whether θ lies on a kink.

Where J has rank M only r = 0 makes θ critical, so that H = JᵀAJ for all labels and, with A ≻ 0,
rank H = rank J; where it has rank N no rank is higher. A class that is not settled here is decided
by `labels`: a minor that happens to vanish modulo the prime costs time and nothing else.

J comes from the one rule of `layers`, run on blocks of residues. Values of tanh, sigmoid and exp on
the lattice of logarithms are rational; their residues are tabulated. log(1 + 2^a 3^b), a value of
softplus, is a sum of logarithms of primes, which are linearly independent over Q: with one residue
drawn for each of them, a minor with a single such column that does not vanish modulo the prime does
not vanish. Hence all such columns but one are set to 0.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from hessrank.proofs.searching.classes import Batch, Classes
from hessrank.proofs.searching.letters import INPUTS, SCALES, SHIFT
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.linear_algebra.primefield import reduce_in_place
from hessrank.symbolic.models import layers

Array = np.ndarray[Any, Any]

#: The largest prime below 2^23: products of two residues and sums of 512 of them are exact.
P = 8_388_593
#: Exponents of 2 and 3 that are tabulated.
REACH = 24


@dataclass(frozen=True)
class Screened:
    """full: J is known to have rank min(M, N); kink: a preactivation of relu is 0."""

    full: Array
    kink: Array


class Residues:
    """One entry of a matrix for every class of a block: a residue each, or one for all."""

    __slots__ = ("entries", "one")

    def __init__(self, entries: Array | None, one: int = 0) -> None:
        self.entries, self.one = entries, one

    def __add__(self, other: Residues) -> Residues:
        if self.entries is None:
            if other.entries is None:
                return Residues(None, (self.one + other.one) % P)
            return other if not self.one else Residues(_reduced(other.entries + self.one))
        if other.entries is None:
            return other + self
        return Residues(_reduced(self.entries + other.entries))

    def __mul__(self, other: Residues) -> Residues:
        if self.entries is None:
            if other.entries is None:
                return Residues(None, self.one * other.one % P)
            if self.one in (0, 1):
                return other if self.one else self
            return Residues(_reduced(other.entries * float(self.one)))
        if other.entries is None:
            return other * self
        return Residues(_reduced(self.entries * other.entries))

    def on(self, count: int) -> Array:
        """The residues of all classes."""
        return np.full(count, float(self.one)) if self.entries is None else self.entries


def _reduced(entries: Array) -> Array:
    return reduce_in_place(entries, P)


class _Ring:
    """The scalar ring of `Residues`; remembers kinks, and which values are logarithms."""

    def __init__(self, scale: int) -> None:
        self.scale = scale
        self.kink: Array | None = None

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
        z = args[0].entries
        if z is None:
            z = np.array([float(args[0].one if args[0].one <= P // 2 else args[0].one - P)])
        if name in ("relu", "step"):
            self.kink = z == 0 if self.kink is None else self.kink | (z == 0)
            return Residues(np.maximum(z, 0.0) if name == "relu" else (z > 0).astype(float))
        if not self.scale:
            raise InputError(f"{name} has no residue")
        table = _table(name)
        code = z.astype(np.int64)
        q = (code + SHIFT // 2) // SHIFT
        p = code - SHIFT * q
        if max(np.abs(p).max(), np.abs(q).max()) > REACH:
            raise InputError("exponents that are not tabulated")
        return Residues(table[p + REACH, q + REACH])


@cache
def _table(name: str) -> Array:
    """The residues of the function where e^{κz} = 2^p 3^q, by (p + REACH, q + REACH)."""
    if name not in SCALES:
        raise InputError(f"{name} has no residue")
    span = range(-REACH, REACH + 1)
    found = [[_value(name, p, q) for q in span] for p in span]
    return _reduced(np.array(found, dtype=np.float64))


def _value(name: str, p: int, q: int) -> int:
    u = pow(2, p, P) * pow(3, q, P) % P
    if name == "exp":
        return u
    if name == "softplus":
        return _logarithm(1 + Fraction(2) ** p * Fraction(3) ** q)
    if (u + 1) % P == 0:
        raise InputError("a value has no residue")
    return (u - 1 if name == "tanh" else u) * pow(u + 1, -1, P) % P


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


class Screen:
    """Screens the batches of a cell."""

    def __init__(self, classes: Classes) -> None:
        self.classes, self.model = classes, classes.cell.model
        self.M = classes.cell.size[1]
        codes = [[[INPUTS[i].code for i in row] for row in rows] for rows in classes.inputs]
        n = len(self.model.inputs)
        self.x = np.array(codes, dtype=np.float64).reshape(len(codes), classes.cell.D, n)
        rng = np.random.default_rng(7)
        N = len(self.model.parameters)
        self.mix = _reduced(rng.integers(1, P, (max(self.M, N), min(self.M, N))).astype(float))

    @classmethod
    def of(cls, classes: Classes) -> Screen | None:
        """The screen of a cell; None where its values have no residues."""
        net = classes.cell.model.network
        if net is None or not classes.inputs or (net.depth > 2 and not _exact(net)):
            return None
        screen = cls(classes)
        try:
            screen.jacobian(next(classes.batches()))
        except (InputError, StopIteration):
            return None
        return screen

    def __call__(self, batch: Batch) -> Screened:
        """One batch; nothing is settled in one in which a value has no residue."""
        try:
            J, logs, kink = self.jacobian(batch)
        except InputError:
            return Screened(np.zeros(len(batch), bool), np.zeros(len(batch), bool))
        if not logs:
            return Screened(self._full(J), kink)
        full = np.zeros(len(batch), dtype=bool)
        for kept in logs:
            one = J.copy()
            one[:, [c for c in logs if c != kept]] = 0
            full |= self._full(one)
        return Screened(full, kink)

    def jacobian(self, batch: Batch) -> tuple[Array, list[int], Array]:
        """(J as residues (M, N, B), the columns that hold logarithms, where a kink is)."""
        net = self.model.network
        assert net is not None
        count = len(batch)
        ring = _Ring(SCALES.get(net.activation, 0))
        codes = self.classes.codes(batch.theta).astype(np.float64).T
        x = self.x[batch.x]
        theta = np.array([Residues(np.ascontiguousarray(c)) for c in codes], dtype=object)
        D, n = x.shape[1:]
        rows = np.empty((D, n), dtype=object)
        for d in range(D):
            for j in range(n):
                rows[d, j] = Residues(np.ascontiguousarray(x[:, d, j]))
        run = layers.forward(net, theta, rows, layers.Objects(ring))
        entries = layers.jacobian(run).reshape(self.M, net.size)
        J = np.empty((self.M, net.size, count))
        for m in range(self.M):
            for p in range(net.size):
                J[m, p] = entries[m, p].on(count)
        logs = [int(p) for p in net.blocks[-1][:, : net.widths[-2]].ravel()]
        kink = (
            np.zeros(count, dtype=bool) if ring.kink is None else ring.kink | np.zeros(count, bool)
        )
        softplus = "softplus" in net.sigma.functions and net.depth > 1
        return J, logs if softplus else [], kink

    def _full(self, J: Array) -> Array:
        """Whether J has rank min(M, N): a square matrix of random combinations of its rows or
        columns is eliminated without pivots and without divisions; where the last entry is not 0
        modulo the prime, neither is the determinant."""
        M, N, _ = J.shape
        if M <= N:
            S = [_reduced(self.mix.T @ J[m]) for m in range(M)]
        else:
            S = [_reduced(self.mix.T @ np.ascontiguousarray(J[:, p])) for p in range(N)]
        size = min(M, N)
        for k in range(size - 1):
            pivot = S[k][k]
            for i in range(k + 1, size):
                S[i][k + 1 :] = _reduced(pivot * S[i][k + 1 :] - S[i][k] * S[k][k + 1 :])
        last: Array = S[-1][-1]
        return np.rint(last - P * np.rint(last / P)) != 0


def _exact(net: layers.Network) -> bool:
    """Whether residues carry through several layers: polynomials do, and relu while its
    preactivations are integers below the prime."""
    if net.sigma.degree is not None:
        return True
    widest = max(net.widths)
    bound = (4 * widest + 3) * (3 * widest + 3) ** net.depth
    return net.activation == "relu" and bound < P // 2
