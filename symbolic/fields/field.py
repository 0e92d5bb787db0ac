"""The field of a point: which numbers occur there, and what is known to relate them.

In: closed forms to evaluate at exact numbers. Out: `Element`s of Q(atoms) (see `elements`).
Each transcendental or radical value becomes an atom, but only after it was reduced to one basis:

- exp: its arguments are written in a basis over Q of arguments seen so far and of logarithms, so
  that e^{1/2} and e^{3/2} share an atom and exp(2 log 3) is 9 (the *exponential lattice*); tanh,
  sigmoid, sinh, cosh are rational in exp;
- sin, cos, tan: likewise through the tangent of the half angle; multiples of π/12 are algebraic;
- log: of a rational through its prime factors, of a polynomial in atoms through its factors;
- roots: of a positive rational through its prime factors; otherwise an atom with bᵏ = c.

`Field.proven` says by which theorem the atoms have no relation beyond those built in; then a
value is zero exactly when its canonical form is. Otherwise a nonzero form may still vanish, and
only a ball (`Field.ball`) can show that it does not.

A basis element b is carried as exp(b/D); if a later value needs a finer D, `Refine` is raised
and the evaluation starts again with it (`evaluate_in_field`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, TypeVar

import flint
from flint import arb, fmpq, fmpq_mat, fmpz

from hessrank.symbolic.errors import (
    DomainError,
    HessrankError,
    InputError,
    KinkError,
    UndecidedError,
)
from hessrank.symbolic.expressions.expression import Expr, number, power, symbol
from hessrank.symbolic.expressions.functions import PI, function
from hessrank.symbolic.fields import elements
from hessrank.symbolic.fields.elements import Element, Exact, fraction, inverse, times
from hessrank.symbolic.fields.separation import separation_bits

#: The theorem that `Field.proven` names where no atom occurs.
RATIONAL = "rational numbers"
#: Precisions, in bits, at which a sign is looked for before it is called undecided.
PRECISIONS = (64, 128, 256, 512, 1024, 2048, 4096)
#: Integers of more bits than this are only divided by the primes below MAX_TRIAL.
MAX_FACTOR_BITS = 160
MAX_TRIAL = 3_600
#: Polynomials of more terms than this are not factored.
MAX_FACTOR_TERMS = 200
#: An evaluation that starts again more often than this is given up.
MAX_REFINEMENTS = 100
#: Square roots are looked for in the field itself to this depth.
MAX_DENESTING = 4
#: Exponents of one atom beyond this are not carried as powers.
MAX_ATOM_EXPONENT = 2_000
#: A rational power of more bits, and a root of a higher degree, are left to enclosures.
MAX_POWER_BITS = 200_000
MAX_DEGREE = 64


#: Linear relations among arguments are looked for in tables of at most this many coefficients.
MAX_RELATION = 20_000


class Refine(HessrankError):
    """A basis element must be divided more finely; the evaluation starts again."""


@dataclass(frozen=True)
class Atom:
    """A number carried as an indeterminate.

    kind: "root" (argument**(1/degree)), "exp" (exp(argument/divisor)), "half-tangent"
    (tan(argument/(2·divisor))), "log", "pi", "erf", or "symbol": the variable called `name`, with
    `argument` for its sample.
    """

    kind: str
    argument: Exact
    divisor: int = 1
    degree: int = 0  # of the relation aᵏ = argument; 0 for none
    name: str = ""

    @property
    def algebraic(self) -> bool:
        return self.kind == "root"


class Field:
    """Q(atoms), growing as functions are evaluated. The `Ring` of exact evaluation.

    >>> f = Field()
    >>> t = f.function("tanh", fmpq(1, 2))
    >>> print(t, "|", f.function("tanh", fmpq(1)) - 2 * t / (1 + t * t))
    (exp(1) - 1)/(exp(1) + 1) | 0
    """

    def __init__(self, side: int = 0, divisors: dict[str, int] | None = None) -> None:
        self.side = side
        self.divisors = {} if divisors is None else divisors
        self.atoms: list[Atom] = []
        self.ctx = flint.fmpq_mpoly_ctx.get([], "lex")
        self._unsigned = False
        self._balls: dict[tuple[int, int], arb] = {}
        self._memo: dict[tuple[Any, ...], Exact] = {}

    # --- polynomials in the atoms -----------------------------------------------------------

    def lift(self, poly: Any) -> Any:
        """`poly` in the ring of all atoms known now."""
        return poly if poly.context() is self.ctx else poly.project_to_context(self.ctx)

    def reduce(self, poly: Any) -> Any:
        """`poly` with every power of an algebraic atom below the degree of its relation."""
        for i in reversed([i for i, a in enumerate(self.atoms) if a.algebraic]):
            k = self.atoms[i].degree
            if poly.is_zero() or poly.degrees()[i] < k:
                continue
            c = self.atoms[i].argument
            relation = self.lift(c.num) if isinstance(c, Element) else self.ctx.constant(c)
            parts: dict[int, dict[tuple[int, ...], fmpq]] = {}
            for monomial, coefficient in poly.to_dict().items():
                turns, rest = divmod(monomial[i], k)
                key = (*monomial[:i], rest, *monomial[i + 1 :])
                parts.setdefault(turns, {})[key] = coefficient
            poly = self.ctx.constant(0)
            for turns, terms in parts.items():
                poly = poly + self.ctx.from_dict(terms) * relation**turns
        return poly

    def last_algebraic(self, poly: Any) -> int | None:
        """The index of the last algebraic atom that occurs in `poly`."""
        degrees = poly.degrees()
        found = [i for i, a in enumerate(self.atoms) if a.algebraic and degrees[i]]
        return found[-1] if found else None

    def coefficients(self, poly: Any, i: int, k: int) -> list[Exact]:
        """`poly` as Σ_e c_e aᵉ in atom i: [c_0, …, c_{k−1}]."""
        parts: list[dict[tuple[int, ...], fmpq]] = [{} for _ in range(k)]
        for monomial, coefficient in poly.to_dict().items():
            parts[monomial[i]][(*monomial[:i], 0, *monomial[i + 1 :])] = coefficient
        return [self.polynomial(self.ctx.from_dict(p)) for p in parts]

    def polynomial(self, poly: Any) -> Exact:
        return fraction(self, poly, self.ctx.constant(1))

    def atom_power(self, i: int, n: int) -> Exact:
        """The n-th power of atom i, n of either sign."""
        if abs(n) > MAX_ATOM_EXPONENT:
            raise elements.TooLarge(f"an exponent beyond {MAX_ATOM_EXPONENT}")
        if n >= 0:
            return self.polynomial(self.reduce(self.ctx.gens()[i] ** n))
        return inverse(self.atom_power(i, -n))

    def _atom(self, atom: Atom) -> int:
        """The index of `atom`, added where it is new."""
        for i, known in enumerate(self.atoms):
            if known == atom:
                return i
        self.atoms.append(atom)
        names = [f"t{i}" for i in range(len(self.atoms))]
        self.ctx = flint.fmpq_mpoly_ctx.get(names, "lex")
        return len(self.atoms) - 1

    def indeterminate(self, name: str, sample: fmpq | None = None) -> Exact:
        """The variable `name` as an atom; elements are then functions of it.

        With a `sample`, they are functions near that point: signs (of what stands under a root or
        a logarithm) are those at the sample, and what is not 0 there is not the zero function.
        Without one, a sign that depends on the variable is an UndecidedError.
        """
        if sample is None:
            self._unsigned = True
            rng = random.Random(name)
            sample = fmpq(rng.randrange(-(2**20), 2**20), 2**19 + 21)
        return self.atom_power(self._atom(Atom("symbol", sample, name=name)), 1)

    def multiple_of_pi(self, value: Exact) -> fmpq | None:
        """The rational q with value = q·π as forms, or None."""
        pis = [i for i, a in enumerate(self.atoms) if a.kind == "pi"]
        if not pis or not isinstance(value, Element):
            return None
        q: Exact = value / self.atom_power(pis[0], 1)
        return None if isinstance(q, Element) else q

    # --- the ring interface -----------------------------------------------------------------

    @staticmethod
    def number(q: Fraction) -> fmpq:
        return fmpq(q.numerator, q.denominator)

    def power(self, value: Exact, exponent: Fraction) -> Exact:
        """value ** exponent, real."""
        n, k = exponent.numerator, exponent.denominator
        if k > MAX_DEGREE:
            raise elements.TooLarge(f"a root of degree {k}")
        if isinstance(value, fmpq):
            if abs(n) * max(value.p.bit_length(), value.q.bit_length()) > MAX_POWER_BITS:
                raise elements.TooLarge(f"a power of more than {MAX_POWER_BITS} bits")
        elif abs(n) > MAX_ATOM_EXPONENT:
            raise elements.TooLarge(f"an exponent beyond {MAX_ATOM_EXPONENT}")
        if k == 1:
            return inverse(value) ** -n if n < 0 else value**n
        if value == 0:
            if n < 0:
                raise DomainError("division by zero")
            return fmpq(0)
        s = self.sign(value)
        if s < 0:
            raise DomainError(f"a negative number to the power {exponent}")
        if s == 0:
            return self.power(fmpq(0), exponent)
        return self._root(value, n, k)

    def function(self, name: str, *args: Exact) -> Exact:
        """The value of an elementary function. DomainError, KinkError where it has none."""
        key = (name, *args)
        if key not in self._memo:
            self._memo[key] = self._function(name, *args)
        return self._memo[key]

    def _function(self, name: str, *args: Exact) -> Exact:
        if name == "pi":
            return self.atom_power(self._atom(Atom("pi", fmpq(0))), 1)
        (z,) = args
        match name:
            case "exp":
                return self._exp(z)
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
                return self._log(z)
            case "sin":
                return self._turn(z)[1]
            case "cos":
                return self._turn(z)[0]
            case "tan":
                c, s = self._turn(z)
                return s * inverse(c)
            case "relu" | "abs" | "step" | "sign":
                return self._piece(name, z)
            case "erf":
                if z == 0:
                    return fmpq(0)
                flip = _leading_sign(z) < 0
                value = self.atom_power(self._atom(Atom("erf", -z if flip else z)), 1)
                return -value if flip else value
        raise InputError(f"unknown function {name!r}")

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

    # --- exponentials, logarithms, roots, angles ---------------------------------------------

    def _exp(self, z: Exact) -> Exact:
        """exp(z), z = Σ q·log f + Σ c·b with rational q, c and basis arguments b."""
        if z == 0:
            return fmpq(1)
        logs = [i for i, a in enumerate(self.atoms) if a.kind == "log"]
        basis = [i for i, a in enumerate(self.atoms) if a.kind == "exp"]
        spanning = [self.atom_power(i, 1) for i in logs]
        spanning += [self.atoms[i].argument for i in basis]
        found = self._combination(z, spanning)
        if found is None:
            z, shift = self._without_logs(z, logs)
            content = _content(z)
            return shift * self._basis_power("exp", z / content, content)
        value: Exact = fmpq(1)
        for i, q in zip(logs, found, strict=False):
            if q:
                value = value * self.power(self.atoms[i].argument, Fraction(int(q.p), int(q.q)))
        for i, c in zip(basis, found[len(logs) :], strict=True):
            if c:
                value = value * self._basis_power("exp", self.atoms[i].argument, c)
        return value

    def _without_logs(self, z: Exact, logs: Sequence[int]) -> tuple[Exact, Exact]:
        """(z − Σ q·log f, Π f^q) for the terms of z that are rational multiples of log atoms."""
        shift: Exact = fmpq(1)
        if isinstance(z, Element) and self.lift(z.den).is_constant():
            terms = self.lift(z.num).to_dict()
            for i in logs:
                q = terms.get(tuple(int(j == i) for j in range(len(self.atoms))))
                if q:
                    z = z - q * self.atom_power(i, 1)
                    exponent = Fraction(int(q.p), int(q.q))
                    shift = shift * self.power(self.atoms[i].argument, exponent)
        return z, shift

    def _basis_power(self, kind: str, b: Exact, c: fmpq) -> Exact:
        """exp(c·b), or tan(c·b/2) as an atom, through the atom of b; refines its divisor."""
        key = f"{kind}:{b}"
        have, need = self.divisors.get(key, 1), int(c.q)
        if have % need:
            self.divisors[key] = lcm(have, need)
            if any(a.kind == kind and a.argument == b for a in self.atoms):
                raise Refine(key)
        divisor = self.divisors.get(key, 1)
        i = self._atom(Atom(kind, b, divisor))
        turns = int(c.p) * (divisor // need)
        if kind == "exp":
            return self.atom_power(i, turns)
        t = self.atom_power(i, 1)
        unit = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
        return _turns(unit, turns)

    def _turn(self, z: Exact) -> tuple[Exact, Exact]:
        """(cos z, sin z)."""
        if z == 0:
            return fmpq(1), fmpq(0)
        turn: tuple[Exact, Exact] = (fmpq(1), fmpq(0))
        pis = [i for i, a in enumerate(self.atoms) if a.kind == "pi"]
        if pis and isinstance(z, Element) and self.lift(z.den).is_constant():
            i = pis[0]
            q = self.lift(z.num).to_dict().get(tuple(int(j == i) for j in range(len(self.atoms))))
            if q:
                known = q if (12 * q).q == 1 else fmpq((2 * q).floor(), 2)
                z = z - known * self.atom_power(i, 1)
                turn = self._known_turn(int((12 * known).p) % 24)
                if z == 0:
                    return turn
        basis = [i for i, a in enumerate(self.atoms) if a.kind == "half-tangent"]
        found = self._combination(z, [self.atoms[i].argument for i in basis])
        if found is None:
            content = _content(z)
            return _times(turn, self._basis_power("half-tangent", z / content, content))
        for i, c in zip(basis, found, strict=True):
            if c:
                turn = _times(turn, self._basis_power("half-tangent", self.atoms[i].argument, c))
        return turn

    def _known_turn(self, n: int) -> tuple[Exact, Exact]:
        """(cos, sin) of nπ/12, where (cos, sin) of π/12 = ((√6 + √2)/4, (√6 − √2)/4)."""
        if n % 6 == 0:
            return _turns((fmpq(0), fmpq(1)), n // 6)
        two = self.power(fmpq(2), Fraction(1, 2))
        six = two * self.power(fmpq(3), Fraction(1, 2))
        return _turns(((six + two) / 4, (six - two) / 4), n)

    def _log(self, z: Exact) -> Exact:
        s = self.sign(z)
        if s <= 0:
            raise DomainError("log of zero" if s == 0 else "log of a negative number")
        total: Exact = fmpq(0)
        if not isinstance(z, Element):
            for p, e in _factor(z):
                total = total + e * self.atom_power(self._atom(Atom("log", fmpq(p))), 1)
            return total
        constant, factors = self._positive_factors(z)
        for f, m in factors:
            total = total + m * self._log_of_factor(f)
        return total + self._log(constant)

    def _positive_factors(self, z: Element) -> tuple[fmpq, list[tuple[Exact, int]]]:
        """(c, [(f, m), …]) with z = c Π fᵐ for a z > 0: polynomials f > 0 in the atoms, those
        without algebraic atoms irreducible."""
        constant = fmpq(1)
        found: list[tuple[Exact, int]] = []
        for poly, direction in ((self.lift(z.num), 1), (self.lift(z.den), -1)):
            whole = len(poly) > 1 and self.last_algebraic(poly) is not None
            if whole or len(poly) > MAX_FACTOR_TERMS:
                scale = _content(self.polynomial(poly))
                factors = [(poly / scale, 1)]
            else:
                scale, factors = poly.factor()
            constant = constant * fmpq(scale) ** direction
            for factor, multiplicity in factors:
                value = self.polynomial(factor)
                if self.sign(value) < 0:
                    value, constant = -value, constant * (-1) ** multiplicity
                found.append((value, direction * int(multiplicity)))
        return constant, found

    def _atom_of(self, value: Exact, kinds: tuple[str, ...]) -> Atom | None:
        """The atom that `value` is, if it is one of these kinds."""
        for i, a in enumerate(self.atoms):
            if a.kind in kinds and value == self.atom_power(i, 1):
                return a
        return None

    def _log_of_factor(self, value: Exact) -> Exact:
        """log of a positive polynomial; that of an exp or root atom is known."""
        a = self._atom_of(value, ("exp", "root"))
        if a is None:
            return self.atom_power(self._atom(Atom("log", value)), 1)
        return a.argument / a.divisor if a.kind == "exp" else self._log(a.argument) / a.degree

    def _root(self, value: Exact, n: int, k: int) -> Exact:
        """value ** (n/k) for positive value."""
        result: Exact = fmpq(1)
        if not isinstance(value, Element):
            for p, e in _factor(value):
                result = result * self._factor_power(fmpq(p), Fraction(n * e, k))
            return result
        if k % 2 == 0 and (simple := self._square_root(value, MAX_DENESTING)) is not None:
            return self.power(simple, Fraction(2 * n, k))
        constant, factors = self._positive_factors(value)
        for f, m in factors:
            result = result * self._factor_power(f, Fraction(n * m, k))
        return result * self._root(constant, n, k)

    def _factor_power(self, f: Exact, exponent: Fraction) -> Exact:
        """f ** exponent for a prime number or a positive polynomial f."""
        a = self._atom_of(f, ("exp", "root"))
        if a is not None and a.kind == "exp":
            exponent /= a.divisor
            return self._basis_power(
                "exp", a.argument, fmpq(exponent.numerator, exponent.denominator)
            )
        if a is not None:
            return self.power(a.argument, exponent / a.degree)
        whole, rest = divmod(exponent, 1)
        result: Exact = self.power(f, Fraction(int(whole)))
        return result * self._root_atom(f, rest) if rest else result

    def _root_atom(self, f: Exact, exponent: Fraction) -> Exact:
        """f ** exponent, 0 < exponent < 1, through the atom f ** (1/D)."""
        key, need = f"root:{f}", exponent.denominator
        have = self.divisors.get(key, 1)
        if have % need:
            self.divisors[key] = lcm(have, need)
            if any(a.kind == "root" and a.argument == f for a in self.atoms):
                raise Refine(key)
        degree = self.divisors[key]
        i = self._atom(Atom("root", f, degree=degree))
        return self.atom_power(i, int(exponent * degree))

    def _square_root(self, value: Exact, depth: int) -> Exact | None:
        """√value for a value > 0 that is made of roots of primes, as such a number, if it is found.

        √(a + b√c) = √((a+s)/2) ± √((a−s)/2) with s = √(a² − b²c), where a, b lie in a smaller
        field; what comes out is squared to make sure.
        """
        if not isinstance(value, Element):
            return self._root(value, 1, 2)
        if depth == 0 or any(not _is_prime_root(a) for a in self._used([value])):
            return None
        if len(value.num) == 1:
            constant, factors = self._positive_factors(value)
            result: Exact = self._root(constant, 1, 2)
            for f, m in factors:
                result = result * self._factor_power(f, Fraction(m, 2))
            return result
        num = self.lift(value.num)
        i = self.last_algebraic(num)
        assert i is not None  # the value is irrational, and its atoms are roots
        k = self.atoms[i].degree
        parts = self.coefficients(num, i, k)
        if k % 2 or any(p != 0 for e, p in enumerate(parts) if e not in (0, k // 2)):
            return None
        a, b, c = parts[0], parts[k // 2], self.atoms[i].argument
        norm = a * a - b * b * c
        if self.sign(norm) <= 0:
            return None
        s = self._square_root(norm, depth - 1)
        if s is None:
            return None
        root: list[Exact] = []
        for half in ((a + s) / 2, (a - s) / 2):
            r = self._square_root(half, depth - 1) if self.sign(half) > 0 else None
            if r is None:
                return None
            root.append(r)
        found = root[0] + self.sign(b) * root[1]
        return found if found * found == value and self.sign(found) > 0 else None

    def _combination(self, z: Exact, spanning: Sequence[Exact]) -> list[fmpq] | None:
        """Rational c with z = Σ c_j·spanning_j, or None: linear algebra on coefficients."""
        if not spanning:
            return None
        one = self.ctx.constant(1)
        pairs = [
            (self.lift(v.num), self.lift(v.den))
            if isinstance(v, Element)
            else (self.ctx.constant(v), one)
            for v in (*spanning, z)
        ]
        common = one
        for _, den in pairs:
            common = times(common, den / common.gcd(den))
        polys = [times(num, common / den).to_dict() for num, den in pairs]
        monomials = sorted({m for p in polys for m in p})
        if len(monomials) * len(polys) > MAX_RELATION:
            raise elements.TooLarge("the arguments have no manageable common denominator")
        table = [[fmpq(p.get(m, 0)) for p in polys] for m in monomials]
        reduced, rank = fmpq_mat(table).rref()
        n = len(spanning)
        solution = [fmpq(0)] * n
        for r in range(rank):
            pivot = next(c for c in range(n + 1) if reduced[r, c] != 0)
            if pivot == n:
                return None
            solution[pivot] = reduced[r, n]
        return solution

    # --- what is known of the atoms ----------------------------------------------------------

    def proven(self, *values: Exact) -> str | None:
        """The theorem by which a nonzero form in the atoms of `values` (default: in all atoms)
        is a nonzero number, or None where none is known here."""
        used = self._used(values) if values else self.atoms
        rest = [a for a in used if a.kind != "root"]
        below = self._used([a.argument for a in used], inside=True)
        if any(a.kind == "root" and not _is_prime_root(a) for a in (*used, *below)):
            return None
        if not used:
            return RATIONAL
        if not rest:
            return "roots of distinct primes are independent (Besicovitch 1940)"
        algebraic = all(a.kind == "root" for a in below)  # the arguments are algebraic numbers
        kinds = [a.kind for a in rest]
        if algebraic and set(kinds) <= {"exp", "half-tangent"}:
            return "exponentials of independent algebraic numbers (Lindemann–Weierstrass)"
        if kinds == ["pi"]:
            return "π is transcendental (Lindemann)"
        if algebraic and kinds == ["log"]:
            return "the logarithm of an algebraic number is transcendental (Lindemann)"
        return None

    def _used(self, values: Sequence[Exact], inside: bool = False) -> list[Atom]:
        """The atoms of `values`, with those in the relations of their roots; with `inside` also
        those in the arguments of all others."""
        polys = [p for v in values if isinstance(v, Element) for p in (v.num, v.den)]
        return [self.atoms[i] for i in self.closure(polys, inside)]

    def closure(self, polys: Sequence[Any], inside: bool = True) -> list[int]:
        """The indices of the atoms that occur in `polys`, in the relations of their roots, and
        with `inside` in the arguments of all of them."""
        found: set[int] = set()
        todo = list(polys)
        while todo:
            new = {i for i, e in enumerate(todo.pop().degrees()) if e} - found
            found |= new
            arguments = [
                self.atoms[i].argument for i in new if inside or self.atoms[i].kind == "root"
            ]
            todo += [p for c in arguments if isinstance(c, Element) for p in (c.num, c.den)]
        return sorted(found)

    def ball(self, value: Exact, bits: int) -> arb:
        """An interval that contains `value`, computed with `bits` bits."""
        with flint.ctx.workprec(bits):
            return self._ball(value, bits)

    def _ball(self, value: Exact, bits: int) -> arb:
        if not isinstance(value, Element):
            return arb(value)
        return self.poly_ball(value.num, bits) / self.poly_ball(value.den, bits)

    def poly_ball(self, poly: Any, bits: int) -> arb:
        total = arb(0)
        powers: dict[tuple[int, int], arb] = {}
        for monomial, coefficient in poly.to_dict().items():
            term = arb(coefficient)
            for i, e in enumerate(monomial):
                if e:
                    if (i, int(e)) not in powers:
                        powers[i, int(e)] = self._atom_ball(i, bits) ** int(e)
                    term = term * powers[i, int(e)]
            total = total + term
        return total

    def _atom_ball(self, i: int, bits: int) -> arb:
        if (i, bits) not in self._balls:
            a = self.atoms[i]
            z = self._ball(a.argument, bits)
            self._balls[i, bits] = {
                "pi": lambda: arb.pi(),
                "exp": lambda: (z / a.divisor).exp(),
                "half-tangent": lambda: (z / (2 * a.divisor)).tan(),
                "log": lambda: z.log(),
                "root": lambda: z.root(a.degree),
                "erf": lambda: z.erf(),
                "symbol": lambda: z,
            }[a.kind]()
        return self._balls[i, bits]

    def sign(self, value: Exact) -> int:
        """−1, 0 or 1. Algebraic numbers are told from 0 by their separation bound; elsewhere 0 is
        only the form 0, and UndecidedError says that no ball tells."""
        if not isinstance(value, Element):
            return (value > 0) - (value < 0)
        if self._unsigned and any(a.kind == "symbol" for a in self._used([value], inside=True)):
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

    def expr(self, value: Exact) -> Expr:
        """`value` as a closed form in the numbers that the atoms stand for."""
        if not isinstance(value, Element):
            return number(_as_fraction(value))
        num, den = self._poly_expr(value.num), self._poly_expr(value.den)
        return num / den

    def _poly_expr(self, poly: Any) -> Expr:
        total = number(0)
        for monomial, c in poly.to_dict().items():
            term = number(1)
            for i, e in enumerate(monomial):
                if e:
                    term = term * self.atom_expr(i, int(e))
            total = total + number(Fraction(int(c.p), int(c.q))) * term
        return total

    def atom_expr(self, i: int, e: int = 1) -> Expr:
        """The e-th power of the number that atom i stands for."""
        a = self.atoms[i]
        z = self.expr(a.argument)
        match a.kind:
            case "pi":
                return power(PI, Fraction(e))
            case "exp":
                return function("exp", z * Fraction(e, a.divisor))
            case "half-tangent":
                return power(function("tan", z * Fraction(1, 2 * a.divisor)), Fraction(e))
            case "root":
                return power(z, Fraction(e, a.degree))
            case "symbol":
                return power(symbol(a.name), Fraction(e))
        return power(function(a.kind, z), Fraction(e))


T = TypeVar("T")


def evaluate_in_field(build: Callable[[Field], T], side: int = 0) -> T:
    """build(field), started again with finer divisors as long as it raises Refine."""
    divisors: dict[str, int] = {}
    for _ in range(MAX_REFINEMENTS):
        try:
            return build(Field(side, divisors))
        except Refine:
            continue
    raise elements.TooLarge("the exponents have too many denominators")


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


def _is_prime_root(a: Atom) -> bool:
    """Whether an atom is a root of a prime number, and not of what was left unfactored."""
    c = a.argument
    return (
        a.kind == "root" and not isinstance(c, Element) and int(c.p).bit_length() <= MAX_FACTOR_BITS
    )


def _factor(q: fmpq) -> list[tuple[int, int]]:
    """The factors of a positive rational, exponents of either sign: primes, but for a cofactor of
    more than MAX_FACTOR_BITS bits, which stays whole."""
    return _integer_factors(fmpz(q.p)) + [(p, -e) for p, e in _integer_factors(fmpz(q.q))]


def _integer_factors(n: fmpz) -> list[tuple[int, int]]:
    if n.bit_length() <= MAX_FACTOR_BITS:
        return [(int(p), int(e)) for p, e in n.factor()]
    found = []
    for p, e in n.factor(trial_limit=MAX_TRIAL):
        if p.bit_length() <= MAX_FACTOR_BITS:
            found += [(f, m * int(e)) for f, m in _integer_factors(p)]
        else:
            found.append((int(p), int(e)))
    return found


def _as_fraction(q: fmpq) -> Fraction:
    return Fraction(int(q.p), int(q.q))


def _content(z: Exact) -> fmpq:
    """The rational c with z/c primitive and of positive leading coefficient."""
    if not isinstance(z, Element):
        return z
    coefficients = [fmpq(c) for c in z.num.coeffs()]
    top, bottom = fmpz(0), 1
    for c in coefficients:
        top = top.gcd(c.p)
        bottom = lcm(bottom, int(c.q))
    return fmpq(top, bottom) * (1 if z.num.leading_coefficient() > 0 else -1)


def _leading_sign(z: Exact) -> int:
    lead = z.num.leading_coefficient() if isinstance(z, Element) else z
    return 1 if lead > 0 else -1


def _times(a: tuple[Exact, Exact], b: tuple[Exact, Exact]) -> tuple[Exact, Exact]:
    """The product of two complex numbers given as (real, imaginary)."""
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def _turns(unit: tuple[Exact, Exact], n: int) -> tuple[Exact, Exact]:
    """The n-th power of a complex number of modulus 1."""
    if n < 0:
        unit, n = (unit[0], -unit[1]), -n
    result: tuple[Exact, Exact] = (fmpq(1), fmpq(0))
    for bit in bin(n)[2:]:
        result = _times(result, result)
        if bit == "1":
            result = _times(result, unit)
    return result
