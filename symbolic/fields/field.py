"""The field of a point: which numbers occur there, and what is known to relate them.

In: closed forms to evaluate at exact numbers. Out: `Element`s of Q(atoms) (see `elements`).
Each transcendental or radical value becomes an atom, but only after it was reduced to one basis:

- exp: its arguments are written in a basis over Q of arguments seen so far and of logarithms, so
  that e^{1/2} and e^{3/2} share an atom and exp(2 log 3) is 9 (the *exponential lattice*); tanh,
  sigmoid, sinh, cosh are rational in exp;
- sin, cos, tan: likewise through the tangent of the half angle; multiples of π are algebraic: those
  of π/12 are roots, the others lie in one real cyclotomic field (`cyclotomic`);
- log: of a rational through its prime factors, of a polynomial in atoms through its factors, of an
  algebraic number through the logarithms that are there;
- roots: of a positive rational through its prime factors; otherwise an atom with bᵏ = c, unless a
  root of c is found in the field.

`Field.proven` says by which theorem the atoms have no relation beyond those built in; then a
value is zero exactly when its canonical form is. Otherwise a nonzero form may still vanish, and
only a ball (`Field.ball`) can show that it does not.

A basis element b is carried as exp(b/D), D rational and as small as its multiples allow; if a later
value needs another D, `Refine` is raised and the evaluation starts again with it
(`evaluate_in_field`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, TypeVar

import flint
from flint import arb, fmpq

from hessrank.symbolic.errors import DomainError, InputError, KinkError, UndecidedError
from hessrank.symbolic.expressions.enclosed import Enclosed
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.fields.angles import arctangent, turn
from hessrank.symbolic.fields.atoms import Atom
from hessrank.symbolic.fields.balls import PRECISIONS
from hessrank.symbolic.fields.basis import Refine, leading_sign
from hessrank.symbolic.fields.elements import Atoms, Element, Exact, inverse
from hessrank.symbolic.fields.exponentials import exp, log
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.fields.roots import root
from hessrank.symbolic.fields.separation import separation_bits

#: The theorem that `Field.proven` names where no atom occurs.
RATIONAL = "rational numbers"
#: An evaluation that starts again more often than this is given up.
MAX_REFINEMENTS = 100
#: A rational power of more bits, and a root of a higher degree, are left to enclosures.
MAX_POWER_BITS = 200_000
MAX_DEGREE = 64
#: Powers of irrational numbers beyond this are not expanded.
MAX_EXPONENT = 2_000
HALF = Fraction(1, 2)


class Field(Atoms):
    """Q(atoms), growing as functions are evaluated. The `Ring` of exact evaluation.

    >>> f = Field()
    >>> t = f.function("tanh", fmpq(1, 2))
    >>> print(t, "|", f.function("tanh", fmpq(1)) - 2 * t / (1 + t * t))
    (exp(1) - 1)/(exp(1) + 1) | 0
    """

    def __init__(self, side: int = 0, divisors: dict[str, Exact] | None = None) -> None:
        super().__init__(side, divisors)
        self.unsigned = False
        self._memo: dict[tuple[Any, ...], Exact] = {}

    def indeterminate(self, name: str, sample: fmpq | None = None) -> Exact:
        """The variable `name` as an atom; elements are then functions of it.

        With a `sample`, they are functions near that point: signs (of what stands under a root or
        a logarithm) are those at the sample, and what is not 0 there is not the zero function.
        Without one, a sign that depends on the variable is an UndecidedError.
        """
        if sample is None:
            self.unsigned = True
            rng = random.Random(name)
            sample = fmpq(rng.randrange(-(2**20), 2**20), 2**19 + 21)
        return self.atom_power(self.index_of(Atom("symbol", sample, name=name)), 1)

    # --- the ring interface -----------------------------------------------------------------

    @staticmethod
    def number(q: Fraction) -> fmpq:
        return fmpq(q.numerator, q.denominator)

    def power(self, value: Exact, exponent: Fraction) -> Exact:
        """value ** exponent, real."""
        n, k = exponent.numerator, exponent.denominator
        if k > MAX_DEGREE:
            raise TooLarge(f"a root of degree {k}")
        if isinstance(value, fmpq):
            if abs(n) * max(value.p.bit_length(), value.q.bit_length()) > MAX_POWER_BITS:
                raise TooLarge(f"a power of more than {MAX_POWER_BITS} bits")
        elif abs(n) > MAX_EXPONENT:
            raise TooLarge(f"an exponent beyond {MAX_EXPONENT}")
        with self._whole():
            return self._power(value, n, k)

    def _power(self, value: Exact, n: int, k: int) -> Exact:
        if k == 1:
            return inverse(value) ** -n if n < 0 else value**n
        if value == 0:
            if n < 0:
                raise DomainError("division by zero")
            return fmpq(0)
        s = self.sign(value)
        if s < 0:
            raise DomainError(f"a negative number to the power {n}/{k}")
        if s == 0:
            return self._power(fmpq(0), n, k)
        return root(self, value, n, k)

    def function(self, name: str, *args: Exact) -> Exact:
        """The value of an elementary function. DomainError, KinkError where it has none."""
        key = (name, *args)
        if key not in self._memo:
            with self._whole():
                self._memo[key] = self._function(name, *args)
        return self._memo[key]

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Marks the field where an expansion is given up: nothing is evaluated in it again."""
        try:
            yield
        except (TooLarge, UndecidedError):
            self.given_up = True
            raise

    def _function(self, name: str, *args: Exact) -> Exact:
        if isinstance(name, Enclosed):
            return self.atom_power(self.index_of(Atom("enclosed", fmpq(0), name=name)), 1)
        if name == "pi":
            return self.atom_power(self.index_of(Atom("pi", fmpq(0))), 1)
        (z,) = args
        match name:
            case "exp":
                return exp(self, z)
            case "tanh":
                u = self.function("exp", 2 * z)
                return (u - 1) / (u + 1)
            case "sigmoid":
                u = self.function("exp", z)
                return u / (u + 1)
            case "softplus":
                return self.function("log", self.function("exp", z) + 1)
            case "sinh" | "cosh":
                u = self.function("exp", z)
                v = inverse(u)
                return (u - v) / 2 if name == "sinh" else (u + v) / 2
            case "log":
                return log(self, z)
            case "sin":
                return turn(self, z)[1]
            case "cos":
                return turn(self, z)[0]
            case "tan":
                c, s = turn(self, z)
                return s * inverse(c)
            case "relu" | "abs" | "step" | "sign":
                return self._piece(name, z)
            case "erf" | "atan" | "asinh":
                if z == 0:
                    return fmpq(0)
                flip = leading_sign(z) < 0
                value = self._odd(name, -z if flip else z)
                return -value if flip else value
        raise InputError(f"unknown function {name!r}")

    def _odd(self, name: str, z: Exact) -> Exact:
        """erf, atan or asinh of one of z and −z."""
        if name == "asinh":
            return self.function("log", z + self.power(z * z + 1, HALF))
        if name == "atan" and isinstance(z, fmpq):
            return arctangent(self, z)
        return self.atom_power(self.index_of(Atom(name, z)), 1)

    def _piece(self, name: str, z: Exact) -> Exact:
        s = self.sign(z)
        if s == 0:
            if name in ("relu", "abs"):
                return fmpq(0)
            if self.side == 0:
                raise KinkError("a kink lies exactly at the point")
            s = self.side
        return {
            "relu": z if s > 0 else fmpq(0),
            "abs": z if s > 0 else -z,
            "step": fmpq(int(s > 0)),
            "sign": fmpq(s),
        }[name]

    def joined(self, values: Sequence[Exact]) -> list[Exact]:
        """The same numbers as elements of one field."""
        return self.join(values)[1]

    def join(self, values: Sequence[Exact]) -> tuple[Field, list[Exact]]:
        """(field, the same numbers as its elements): each is evaluated again in a field that holds
        all of them. A variable keeps its sample.

        Raises InputError where two of the fields know a variable around different samples.

        >>> a, b = (evaluate_in_field(lambda f: f.function("exp", fmpq(1, k))) for k in (2, 3))
        >>> print(a * b == evaluate_in_field(lambda f: f.function("exp", fmpq(5, 6))))
        True
        """
        fields = list(dict.fromkeys(v.field for v in values if isinstance(v, Element)))
        forms = [self.expr(v) for v in values]
        known = {a.name: a.argument for f in fields for a in f.atoms if a.kind == "symbol"}
        for f in fields:
            for a in f.atoms:
                if a.kind == "symbol" and known[a.name] != a.argument:
                    raise InputError(f"{a.name} is a variable around two different samples")

        def build(field: Field) -> tuple[Field, list[Exact]]:
            theta = {name: field.indeterminate(name, q) for name, q in known.items()}
            field.unsigned = any(f.unsigned for f in fields if isinstance(f, Field))
            return field, evaluate(forms, field, theta)

        return evaluate_in_field(build, next((f.side for f in fields if f.side), self.side))

    # --- what is known of the atoms ----------------------------------------------------------

    def proven(self, *values: Exact) -> str | None:
        """The theorem by which a nonzero form in the atoms of `values` (default: in all atoms)
        is a nonzero number, or None where none is known here."""
        polys = [p for v in values if isinstance(v, Element) for p in (v.num, v.den)]
        used = self.closure(polys, inside=False) if values else list(range(len(self.atoms)))
        if not used:
            return RATIONAL
        rest = [self.atoms[i] for i in used if not self.atoms[i].algebraic]
        arguments = [a.argument for a in rest if isinstance(a.argument, Element)]
        below = self.closure([p for v in arguments for p in (v.num, v.den)])
        roots = {i for i in (*used, *below) if self.atoms[i].algebraic}
        if not roots <= self.simple and not roots <= self.tower:
            return None
        if not rest:
            if not roots <= self.simple:
                return "each root is new in the field of those before it, as residues show"
            if self.cyclotomic in roots:
                return "roots of primes are independent over a cyclotomic field (Kneser 1975)"
            return "roots of distinct primes are independent (Besicovitch 1940)"
        kinds = [a.kind for a in rest]
        algebraic = all(self.atoms[i].algebraic for i in below)  # the arguments are such numbers
        if algebraic and set(kinds) <= {"exp", "half-tangent"}:
            return "exponentials of independent algebraic numbers (Lindemann–Weierstrass)"
        if kinds == ["pi"]:
            return "π is transcendental (Lindemann)"
        if algebraic and kinds == ["log"]:
            return "the logarithm of an algebraic number is transcendental (Lindemann)"
        return None

    def sign(self, value: Exact) -> int:
        """−1, 0 or 1. Algebraic numbers are told from 0 by their separation bound; elsewhere 0 is
        only the form 0, and UndecidedError says that no ball tells."""
        if not isinstance(value, Element):
            return (value > 0) - (value < 0)
        if value.field is not self:
            return value.field.sign(value)
        if self.unsigned and any(a.kind == "symbol" for a in self.used([value], inside=True)):
            raise UndecidedError(f"the sign of {value} depends on a variable")
        return self._sign(value)

    def _sign(self, value: Element) -> int:
        for bits in PRECISIONS:
            ball = self.ball(value, bits)
            if ball > 0:
                return 1
            if ball < 0:
                return -1
        if self._is_algebraic_zero(value.num):
            return 0
        raise UndecidedError(f"the sign of {value} is not decided at {PRECISIONS[-1]} bits")

    def _is_algebraic_zero(self, poly: Any) -> bool:
        """Whether the value of `poly` is certain to be zero by its separation bound."""
        least = separation_bits(self, poly)
        if least is None:
            return False
        for bits in (least + 64, 2 * least + 256):
            with flint.ctx.workprec(bits):
                if abs(self.poly_ball(poly, bits)) < arb(fmpq(1, 1 << least)):
                    return True
        return False

    def require_nonzero(self, value: Element) -> None:
        """DomainError where `value` is 0, UndecidedError where it is not known to differ from 0."""
        if self.proven(value) is None and self._sign(value) == 0:
            raise DomainError("division by zero")


T = TypeVar("T")


def evaluate_in_field(build: Callable[[Field], T], side: int = 0) -> T:
    """build(field), started again with larger divisors as long as it raises Refine."""
    divisors: dict[str, Exact] = {}
    for _ in range(MAX_REFINEMENTS):
        try:
            return build(Field(side, divisors))
        except Refine:
            continue
    raise TooLarge("the exponents have too many denominators")


def differs(field: Field, value: Exact) -> bool:
    """Whether an exact number is known to differ from zero: by a theorem on its atoms, or by a
    ball that excludes zero. False says nothing.

    >>> differs(Field(), fmpq(2)), differs(Field(), fmpq(0))
    (True, False)
    """
    if value == 0:
        return False
    if field.proven(value):
        return True
    try:
        return field.sign(value) != 0
    except UndecidedError:
        return False
