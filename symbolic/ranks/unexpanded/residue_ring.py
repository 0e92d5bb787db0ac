"""Residues for numbers that are made of exponentials, logarithms and the like.

In: a prime p and a denominator Q. Out: a `Ring` whose values are residues modulo p. It stands for a
homomorphism from a ring of rational functions over Q to F_p:

- e^{n/Q} is the n-th power of one random residue, (cos, sin)(n/Q) that of one random point of the
  circle; tanh, sigmoid, sinh, cosh, tan are rational in these. By Lindemann and Weierstrass e^{1/Q}
  and e^{i/Q} are algebraically independent: a number that is not 0 here is not 0 (`independent`).
- Every other value (of a logarithm, erf, a root, an exponential of a number that is not rational)
  is an indeterminate of its own: one random residue for each function and argument, equal
  arguments giving equal residues. Then what is 0 as a form is 0 as a number, wherever no
  denominator is 0 there; the converse is no theorem (`independent` is False).

Every value carries bounds on the degrees and coefficients of the form that it stands for, from
which follows how often a form that is not 0 is 0 at random (Schwartz 1980, Zippel 1979).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from math import lcm

import numpy as np
from flint import fmpq, fmpq_mat, fmpz, nmod_mat

from hessrank.symbolic.errors import DomainError, HessrankError, UndecidedError

#: Rational values of more bits than this forget that they are rational.
MAX_BITS = 4_000
#: Where the arguments of exponentials need a larger denominator they are carried one by one.
MAX_DENOMINATOR = 1 << 40


class Refine(HessrankError):
    """An argument needs a finer denominator Q, which is given: begin again with it."""

    def __init__(self, denominator: int) -> None:
        super().__init__(f"a denominator {denominator}")
        self.denominator = denominator


class Zero(HessrankError):
    """A denominator is 0 modulo the prime: choose another."""


class Residue:
    """A value modulo p: `exact` where it is known to be rational; it stands for a quotient of
    polynomials over Z of degrees at most `degree`, each with norm (sum of the moduli of its
    coefficients) at most 2^`bits`."""

    __slots__ = ("bits", "degree", "exact", "ring", "value")

    def __init__(
        self, ring: ResidueRing, value: int, exact: fmpq | None, degree: int, bits: int
    ) -> None:
        self.ring, self.value, self.exact = ring, value, exact
        self.degree, self.bits = degree, bits

    def __add__(self, other: Residue | int) -> Residue:
        if not isinstance(other, Residue):
            other = self.ring.number(Fraction(other))
        if self.exact is not None and other.exact is not None:
            return self.ring.rational(self.exact + other.exact)
        if self.exact is not None and not self.exact:
            return other
        if other.exact is not None and not other.exact:
            return self
        degree = self.degree + other.degree
        value = (self.value + other.value) % self.ring.p
        return Residue(self.ring, value, None, degree, self.bits + other.bits + 1)

    __radd__ = __add__

    def __neg__(self) -> Residue:
        exact = None if self.exact is None else -self.exact
        return Residue(self.ring, -self.value % self.ring.p, exact, self.degree, self.bits)

    def __sub__(self, other: Residue | int) -> Residue:
        return self + (-other)

    def __rsub__(self, other: Residue | int) -> Residue:
        return (-self) + other

    def __mul__(self, other: Residue | int) -> Residue:
        if not isinstance(other, Residue):
            other = self.ring.number(Fraction(other))
        if self.exact is not None and other.exact is not None:
            return self.ring.rational(self.exact * other.exact)
        if (self.exact is not None and not self.exact) or (
            other.exact is not None and not other.exact
        ):
            return self.ring.rational(fmpq(0))
        value = self.value * other.value % self.ring.p
        degree, bits = self.degree + other.degree, self.bits + other.bits
        return Residue(self.ring, value, None, degree, bits)

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        """Whether this is a number known to be `other`, an integer; what is only 0 modulo the
        prime is not."""
        return self is other or (isinstance(other, int) and self.exact == other)

    __hash__ = object.__hash__

    @classmethod
    def matmul(cls, a: list[list[Residue]], b: list[list[Residue]]) -> list[list[Residue]]:
        """The product of two matrices that are not empty: values modulo p and known rationals in C,
        degrees and bits by the same sums as entry by entry. A sum is known where each product is.

        >>> ring = ResidueRing(101, random.Random(0))
        >>> two, e = ring.number(2), ring.function("exp", ring.number(1))
        >>> ((known, other),) = Residue.matmul([[two, two]], [[two, e], [two, two]])
        >>> known.exact, other.exact, (other.value - 4 - 2 * e.value) % 101
        (8, None, 0)
        """
        ring = a[0][0].ring
        A, B = _Parts(a), _Parts(b)
        values = (A.values * B.values).tolist()
        known = (A.known * B.known).tolist()
        unknown = A.unknown @ B.nonzero + A.nonzero @ B.unknown
        degrees = A.degrees @ B.nonzero + A.nonzero @ B.degrees
        bits = A.bits @ B.nonzero + A.nonzero @ B.bits + A.nonzero @ B.nonzero
        return [
            [
                ring.rational(known[i][j])
                if not unknown[i, j]
                else Residue(ring, int(values[i][j]), None, int(degrees[i, j]), int(bits[i, j]))
                for j in range(len(b[0]))
            ]
            for i in range(len(a))
        ]

    def inverse(self) -> Residue:
        if self.exact is not None:
            if not self.exact:
                raise DomainError("division by zero")
            return self.ring.rational(1 / self.exact)
        if not self.value:
            raise Zero("a denominator is 0 modulo the prime")
        return Residue(self.ring, pow(self.value, -1, self.ring.p), None, self.degree, self.bits)

    def __truediv__(self, other: Residue | int) -> Residue:
        if not isinstance(other, Residue):
            other = self.ring.number(Fraction(other))
        return self * other.inverse()

    def __rtruediv__(self, other: Residue | int) -> Residue:
        return self.inverse() * other


class _Parts:
    """A matrix of residues as matrices of what they consist of. A known 0 has no degree or bits."""

    def __init__(self, rows: list[list[Residue]]) -> None:
        self.values = nmod_mat([[v.value for v in row] for row in rows], rows[0][0].ring.p)
        self.known = fmpq_mat([[fmpq(0) if v.exact is None else v.exact for v in r] for r in rows])
        self.unknown = np.array([[v.exact is None for v in row] for row in rows], dtype=np.int64)
        self.nonzero = np.array([[v != 0 for v in row] for row in rows], dtype=np.int64)
        self.degrees = self.nonzero * np.array([[v.degree for v in row] for row in rows])
        self.bits = self.nonzero * np.array([[v.bits for v in row] for row in rows])


class ResidueRing:
    """The ring modulo p, with all e^q and sin q for rational q of denominators dividing Q.

    >>> ring = ResidueRing(2**61 - 1, random.Random(0), 10)
    >>> u, v = (ring.function("tanh", ring.number(Fraction(k, 10))) for k in (1, 2))
    >>> (2 * u - v * (1 + u * u)).value, ring.independent
    (0, True)
    """

    def __init__(self, p: int, rng: random.Random, denominator: int = 1) -> None:
        self.p, self.rng, self.denominator = p, rng, denominator
        self.independent = True
        self.circles = False
        self.largest = 1  # the degree of the largest argument of an atom
        self._atoms: dict[tuple[str, int | str], int] = {}
        self._generator = rng.randrange(2, p)
        self._circle = self._point_of_circle()

    @property
    def atoms(self) -> int:
        """How many indeterminates of their own were met."""
        return len(self._atoms)

    # --- the ring interface -----------------------------------------------------------------

    def rational(self, q: fmpq) -> Residue:
        n, d = int(q.p), int(q.q)
        if not d % self.p:
            raise Zero("a denominator is 0 modulo the prime")
        value = n * pow(d, -1, self.p) % self.p if d != 1 else n % self.p
        bits = max(abs(n).bit_length(), d.bit_length())
        return Residue(self, value, q if bits <= MAX_BITS else None, 0, bits)

    def number(self, q: Fraction | int) -> Residue:
        q = Fraction(q)
        return self.rational(fmpq(q.numerator, q.denominator))

    def power(self, base: Residue, exponent: Fraction) -> Residue:
        n, k = exponent.numerator, exponent.denominator
        if k > 1:
            root = self._atom(f"root {k}", base)
            return self.power(root, Fraction(n))
        if n < 0:
            return self.power(base.inverse(), Fraction(-n))
        if base.exact is not None and n * base.bits <= MAX_BITS:
            return self.rational(base.exact**n)
        value = pow(base.value, n, self.p)
        return Residue(self, value, None, base.degree * n, base.bits * n)

    def function(self, name: str, *args: Residue) -> Residue:
        """Raises DomainError as other rings do, UndecidedError for the sign of a number that is not
        rational, and at a kink."""
        if not args:
            return self._atom(name, self.number(0))
        (z,) = args
        one = self.number(1)
        match name:
            case "exp":
                return self._exp(z)
            case "tanh":
                u = self._exp(z + z)
                return (u - one) / (u + one)
            case "sigmoid":
                u = self._exp(z)
                return u / (u + one)
            case "sinh" | "cosh":
                u = self._exp(z)
                v = u.inverse()
                return (u - v if name == "sinh" else u + v) / 2
            case "sin":
                return self._turn(z)[1]
            case "cos":
                return self._turn(z)[0]
            case "tan":
                c, s = self._turn(z)
                return s / c
            case "softplus":  # softplus(z) = z + softplus(−z)
                positive, flipped = self._signed(z)
                value = self._atom("softplus", positive)
                return value - positive if flipped else value
            case "erf" | "atan" | "asinh":
                if self._is_zero(z):
                    return self.number(0)
                positive, flipped = self._signed(z)
                value = self._atom(name, positive)
                return -value if flipped else value
            case "log":
                if z.exact is not None and z.exact <= 0:
                    raise DomainError("log of a number that is not positive")
                return self.number(0) if z.exact == 1 else self._atom("log", z)
            case "relu" | "abs" | "step" | "sign":
                return self._piece(name, z)
        raise UndecidedError(f"{name} has no residue")

    # --- what is independent ------------------------------------------------------------------

    def _atom(self, name: str, z: Residue) -> Residue:
        """An indeterminate of its own for each function and argument."""
        self.independent = False
        self.largest = max(self.largest, z.degree + z.bits)
        key = (name, z.value if z.exact is None else str(z.exact))
        if key not in self._atoms:
            self._atoms[key] = self.rng.randrange(1, self.p)
        return Residue(self, self._atoms[key], None, 1, 0)

    def _is_zero(self, z: Residue) -> bool:
        """Whether z is 0; where only its residue says so, nothing is independent any more."""
        if z.exact is None and not z.value:
            self.independent = False
        return not z.value if z.exact is None else not z.exact

    def _signed(self, z: Residue) -> tuple[Residue, bool]:
        """(±z, whether it was flipped): the same for z and −z."""
        flip = z.value > self.p // 2
        return (-z if flip else z), flip

    def _exponent(self, z: Residue) -> int | None:
        """n with z = n/Q; None where z is carried as it is. Refine where Q is too coarse."""
        if z.exact is None:
            return None
        q = int(z.exact.q)
        if self.denominator % q:
            finer = lcm(self.denominator, q)
            if finer > MAX_DENOMINATOR:
                return None
            raise Refine(finer)
        return int(z.exact.p) * (self.denominator // q)

    def _exp(self, z: Residue) -> Residue:
        if self._is_zero(z):
            return self.number(1)
        n = self._exponent(z)
        if n is not None:
            return Residue(self, pow(self._generator, n, self.p), None, abs(n), 0)
        positive, flipped = self._signed(z)
        value = self._atom("exp", positive)
        return value.inverse() if flipped else value

    def _turn(self, z: Residue) -> tuple[Residue, Residue]:
        """(cos z, sin z)."""
        if self._is_zero(z):
            return self.number(1), self.number(0)
        self.circles = True
        n = self._exponent(z)
        if n is not None:
            (c, s), degree, bits = self._powered(self._circle, abs(n)), abs(n), abs(n)
            s = -s % self.p if n < 0 else s
            pair = (Residue(self, v, None, 2 * degree, 2 * bits) for v in (c, s))
            return next(pair), next(pair)
        positive, flipped = self._signed(z)
        t = self._atom("half-tangent", positive)
        one = self.number(1)
        below = (one + t * t).inverse()
        cosine, sine = (one - t * t) * below, (t + t) * below
        return cosine, (-sine if flipped else sine)

    def _point_of_circle(self) -> tuple[int, int]:
        """(cos, sin) = ((1 − t²)/(1 + t²), 2t/(1 + t²)) for a random t."""
        p = self.p
        while True:
            t = self.rng.randrange(2, p)
            if (1 + t * t) % p:
                break
        below = pow(1 + t * t, -1, p)
        return (1 - t * t) * below % p, 2 * t * below % p

    def _powered(self, point: tuple[int, int], n: int) -> tuple[int, int]:
        """The point turned n times: (c + is)ⁿ."""
        c, s, p = 1, 0, self.p
        a, b = point
        while n:
            if n & 1:
                c, s = (c * a - s * b) % p, (c * b + s * a) % p
            a, b = (a * a - b * b) % p, 2 * a * b % p
            n >>= 1
        return c, s

    def _piece(self, name: str, z: Residue) -> Residue:
        if z.exact is None:
            raise UndecidedError(f"the sign of an argument of {name} is not known from residues")
        if not z.exact:
            if name in ("relu", "abs"):
                return z
            raise UndecidedError("a kink lies exactly at the point")
        up = z.exact > 0
        pieces: dict[str, Callable[[], Residue]] = {
            "relu": lambda: z if up else self.number(0),
            "abs": lambda: z if up else -z,
            "step": lambda: self.number(int(up)),
            "sign": lambda: self.number(1 if up else -1),
        }
        return pieces[name]()


def is_exact(value: object) -> bool:
    """Whether a value is known to be rational."""
    return isinstance(value, (int, Fraction, fmpz, fmpq)) or (
        isinstance(value, Residue) and value.exact is not None
    )
