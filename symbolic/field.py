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

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, TypeVar

import flint
from flint import arb, fmpq, fmpq_mat, fmpz

from hessrank.symbolic import elements
from hessrank.symbolic.elements import Element, Exact, fraction, inverse
from hessrank.symbolic.errors import DomainError, HessrankError, InputError, KinkError, UndecidedError
from hessrank.symbolic.expression import Expr, number, power, rational_power, symbol
from hessrank.symbolic.functions import PI, function

#: Precisions, in bits, at which a sign is looked for before it is called undecided.
PRECISIONS = (64, 128, 256, 512, 1024, 2048, 4096)
#: Integers of more bits than this are not factored.
MAX_FACTOR_BITS = 220
#: Exponents of one atom beyond this are not carried as powers.
MAX_ATOM_EXPONENT = 2_000


class Refine(HessrankError):
    """A basis element must be divided more finely; the evaluation starts again."""


@dataclass(frozen=True)
class Atom:
    """A number carried as an indeterminate.

    kind: "root" (argument**(1/degree)), "exp" (exp(argument/divisor)), "half-tangent"
    (tan(argument/(2·divisor))), "log", "pi", or the name of another function of `argument`.
    """

    kind: str
    argument: Exact
    divisor: int = 1
    degree: int = 0  # of the relation aᵏ = argument; 0 for none

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

    # --- the ring interface -----------------------------------------------------------------

    @staticmethod
    def number(q: Fraction) -> fmpq:
        return fmpq(q.numerator, q.denominator)

    def power(self, value: Exact, exponent: Fraction) -> Exact:
        """value ** exponent, real."""
        n, k = exponent.numerator, exponent.denominator
        if k == 1:
            return inverse(value) ** -n if n < 0 else value**n
        if value == 0:
            if n < 0:
                raise DomainError("division by zero")
            return fmpq(0)
        if self.sign(value) < 0:
            raise DomainError(f"a negative number to the power {exponent}")
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
                return s / c
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
        return {"relu": z if s > 0 else fmpq(0), "abs": z if s > 0 else -z,
                "step": fmpq(int(s > 0)), "sign": fmpq(s)}[name]

    def indeterminate(self, name: str) -> Exact:
        """A free symbol as an atom of its own: for identities in θ, not for numbers."""
        return self.atom_power(self._atom(Atom(f"symbol {name}", fmpq(0))), 1)

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
            if q and (12 * q).q == 1:
                z = z - q * self.atom_power(i, 1)
                turn = _turns(self._twelfth(), int((12 * q).p) % 24)
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

    def _twelfth(self) -> tuple[Exact, Exact]:
        """(cos π/12, sin π/12) = ((√6 + √2)/4, (√6 − √2)/4)."""
        two = self.power(fmpq(2), Fraction(1, 2))
        six = two * self.power(fmpq(3), Fraction(1, 2))
        return (six + two) / 4, (six - two) / 4

    def _log(self, z: Exact) -> Exact:
        s = self.sign(z)
        if s <= 0:
            raise DomainError("log of zero" if s == 0 else "log of a negative number")
        total: Exact = fmpq(0)
        if not isinstance(z, Element):
            for p, e in _factor(z):
                total = total + e * self.atom_power(self._atom(Atom("log", fmpq(p))), 1)
            return total
        num, den = self.lift(z.num), self.lift(z.den)
        if self.last_algebraic(num) is not None and len(num) > 1:
            return self.atom_power(self._atom(Atom("log", z)), 1)
        constant = fmpq(1)
        for poly, direction in ((num, 1), (den, -1)):
            scale, factors = poly.factor()
            constant = constant * fmpq(scale) ** direction
            for factor, multiplicity in factors:
                value = self.polynomial(factor)
                if self.sign(value) < 0:
                    value, constant = -value, constant * (-1) ** multiplicity
                total = total + direction * int(multiplicity) * self._log_of_factor(value)
        return total + self._log(constant)

    def _log_of_factor(self, value: Exact) -> Exact:
        """log of an irreducible polynomial; that of an exp or root atom is known."""
        for i, a in enumerate(self.atoms):
            if a.kind == "exp" and value == self.atom_power(i, 1):
                return a.argument / a.divisor
            if a.kind == "root" and value == self.atom_power(i, 1):
                return self.function("log", a.argument) / a.degree
        return self.atom_power(self._atom(Atom("log", value)), 1)

    def _root(self, value: Exact, n: int, k: int) -> Exact:
        """value ** (n/k) for positive value."""
        result: Exact = fmpq(1)
        if not isinstance(value, Element):
            for p, e in _factor(value):
                whole, rest = divmod(Fraction(n * e, k), 1)
                result = result * fmpq(p) ** int(whole)
                if rest:
                    result = result * self._prime_root(p, rest)
            return result
        num, den = self.lift(value.num), self.lift(value.den)
        if len(num) == 1 and len(den) == 1 and not self.holds_rootless_atom(value):
            return self._monomial_root(value, n, k)
        if k == 2 and (simple := self._denest(value)) is not None:
            return simple**n
        # (num/den)^(1/k) = (num·den^(k−1))^(1/k) / den keeps the relation polynomial.
        radicand = self.polynomial(self.reduce(num * den ** (k - 1)))
        atom = self.atom_power(self._atom(Atom("root", radicand, degree=k)), 1)
        return (atom / self.polynomial(den)) ** n

    def _denest(self, value: Element) -> Exact | None:
        """√(a + b√c) = √((a+s)/2) ± √((a−s)/2) where s = √(a² − b²c) is rational, else None."""
        used = self._used([value])
        if len(used) != 1 or used[0].degree != 2:
            return None
        i = self.atoms.index(used[0])
        a, b = self.coefficients(self.lift(value.num), i, 2)
        c = used[0].argument
        if any(isinstance(v, Element) for v in (a, b, c)):
            return None
        s = rational_power(_as_fraction(a * a - b * b * c), Fraction(1, 2)) if a * a > b * b * c else None
        if s is None:
            return None
        half = (a + self.number(s)) / 2, (a - self.number(s)) / 2
        root = [self.power(h, Fraction(1, 2)) for h in half]
        return root[0] + root[1] if b > 0 else root[0] - root[1]

    def holds_rootless_atom(self, value: Element) -> bool:
        """Whether a monomial holds an atom whose roots are not again such atoms."""
        degrees = [
            a + b
            for a, b in zip(self.lift(value.num).degrees(), self.lift(value.den).degrees(),
                            strict=True)
        ]
        return any(d and self.atoms[i].kind not in ("exp", "root") for i, d in enumerate(degrees))

    def _monomial_root(self, value: Element, n: int, k: int) -> Exact:
        """(c Π E_i^{e_i} Π a_j^{e_j}) ** (n/k), with exp(b/D)^e = exp(e·b/D)."""
        num, den = self.lift(value.num), self.lift(value.den)
        ((monomial, c),) = num.to_dict().items()
        ((below, _),) = den.to_dict().items()
        result: Exact = self._root(fmpq(c), n, k)
        for i, e in enumerate(m - b for m, b in zip(monomial, below, strict=True)):
            atom = self.atoms[i]
            if e and atom.kind == "exp":
                turns = fmpq(int(e) * n, k * atom.divisor)
                result = result * self._basis_power("exp", atom.argument, turns)
            elif e:
                exponent = Fraction(int(e) * n, k * atom.degree)
                result = result * self.power(atom.argument, exponent)
        return result

    def _prime_root(self, p: int, exponent: Fraction) -> Exact:
        """p ** exponent, 0 < exponent < 1, through p ** (1/D)."""
        key, need = f"root:{p}", exponent.denominator
        have = self.divisors.get(key, 1)
        if have % need:
            self.divisors[key] = lcm(have, need)
            if any(a.kind == "root" and a.argument == p for a in self.atoms):
                raise Refine(key)
        degree = self.divisors[key]
        i = self._atom(Atom("root", fmpq(p), degree=degree))
        return self.atom_power(i, int(exponent * degree))

    def _combination(self, z: Exact, spanning: Sequence[Exact]) -> list[fmpq] | None:
        """Rational c with z = Σ c_j·spanning_j, or None: linear algebra on coefficients."""
        if not spanning:
            return None
        one = self.ctx.constant(1)
        pairs = [
            (self.lift(v.num), self.lift(v.den)) if isinstance(v, Element)
            else (self.ctx.constant(v), one)
            for v in (*spanning, z)
        ]
        common = one
        for _, den in pairs:
            common = common * (den / common.gcd(den))
        polys = [(num * (common / den)).to_dict() for num, den in pairs]
        monomials = sorted({m for p in polys for m in p})
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
        roots = [a for a in used if a.kind == "root"]
        rest = [a for a in used if a.kind != "root"]
        if any(isinstance(a.argument, Element) for a in roots):
            return None
        if not used:
            return "rational numbers"
        if not rest:
            return "roots of distinct primes are independent (Besicovitch 1940)"
        if all(a.kind in ("exp", "half-tangent") and self._is_algebraic(a.argument) for a in rest):
            return "exponentials of independent algebraic numbers (Lindemann–Weierstrass)"
        if len(rest) == 1 and rest[0].kind == "pi":
            return "π is transcendental (Lindemann)"
        if len(rest) == 1 and rest[0].kind == "log" and self._is_algebraic(rest[0].argument):
            return "the logarithm of an algebraic number is transcendental (Lindemann)"
        return None

    def _used(self, values: Sequence[Exact]) -> list[Atom]:
        """The atoms of `values`, with those in the relations of their roots."""
        found: set[int] = set()
        todo = list(values)
        while todo:
            value = todo.pop()
            if isinstance(value, Element):
                degrees = zip(
                    self.lift(value.num).degrees(), self.lift(value.den).degrees(), strict=True
                )
                new = {i for i, (a, b) in enumerate(degrees) if a + b} - found
                found |= new
                todo.extend(self.atoms[i].argument for i in new if self.atoms[i].algebraic)
        return [self.atoms[i] for i in sorted(found)]

    def _is_algebraic(self, value: Exact) -> bool:
        if not isinstance(value, Element):
            return True
        degrees = zip(self.lift(value.num).degrees(), self.lift(value.den).degrees(), strict=True)
        return all(self.atoms[i].algebraic or a + b == 0 for i, (a, b) in enumerate(degrees))

    def ball(self, value: Exact, bits: int) -> arb:
        """An interval that contains `value`, computed with `bits` bits."""
        with flint.ctx.workprec(bits):
            return self._ball(value, bits)

    def _ball(self, value: Exact, bits: int) -> arb:
        if not isinstance(value, Element):
            return arb(value)
        num, den = self._poly_ball(value.num, bits), self._poly_ball(value.den, bits)
        return num / den

    def _poly_ball(self, poly: Any, bits: int) -> arb:
        total = arb(0)
        for monomial, coefficient in poly.to_dict().items():
            term = arb(coefficient)
            for i, e in enumerate(monomial):
                if e:
                    term = term * self._atom_ball(i, bits) ** int(e)
            total = total + term
        return total

    def _atom_ball(self, i: int, bits: int) -> arb:
        if (i, bits) not in self._balls:
            a = self.atoms[i]
            if a.kind.startswith("symbol "):
                raise UndecidedError(f"{a.kind} has no value")
            z = self._ball(a.argument, bits)
            self._balls[i, bits] = {
                "pi": lambda: arb.pi(),
                "exp": lambda: (z / a.divisor).exp(),
                "half-tangent": lambda: (z / (2 * a.divisor)).tan(),
                "log": lambda: z.log(),
                "root": lambda: z.root(a.degree),
                "erf": lambda: z.erf(),
            }[a.kind]()
        return self._balls[i, bits]

    def sign(self, value: Exact) -> int:
        """−1, 0 or 1. 0 only for the form 0; UndecidedError where no ball tells."""
        if not isinstance(value, Element):
            return (value > 0) - (value < 0)
        for bits in PRECISIONS:
            ball = self.ball(value, bits)
            if ball > 0:
                return 1
            if ball < 0:
                return -1
        raise UndecidedError(f"the sign of {value} is not decided at {PRECISIONS[-1]} bits")

    def require_nonzero(self, value: Element) -> None:
        """UndecidedError where `value` is not known to differ from 0. With indeterminates among
        the atoms values are functions, and a form that is not 0 is not the zero function."""
        if any(a.kind.startswith("symbol ") for a in self.atoms):
            return
        if self.proven(value) is None:
            self.sign(value)

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
        if a.kind.startswith("symbol "):
            return power(symbol(a.kind.removeprefix("symbol ")), Fraction(e))
        match a.kind:
            case "pi":
                return power(PI, Fraction(e))
            case "exp":
                return function("exp", z * Fraction(e, a.divisor))
            case "half-tangent":
                return power(function("tan", z * Fraction(1, 2 * a.divisor)), Fraction(e))
            case "root":
                return power(z, Fraction(e, a.degree))
        return power(function(a.kind, z), Fraction(e))


T = TypeVar("T")


def evaluate_in_field(build: Callable[[Field], T], side: int = 0) -> T:
    """build(field), started again with finer divisors as long as it raises Refine."""
    divisors: dict[str, int] = {}
    while True:
        try:
            return build(Field(side, divisors))
        except Refine:
            continue


def _factor(q: fmpq) -> list[tuple[int, int]]:
    """The prime factorisation of a positive rational, exponents of either sign."""
    if max(int(q.p).bit_length(), int(q.q).bit_length()) > MAX_FACTOR_BITS:
        raise UndecidedError(f"a number of more than {MAX_FACTOR_BITS} bits is not factored")
    top = [(int(p), int(e)) for p, e in fmpz(q.p).factor()]
    return top + [(int(p), -int(e)) for p, e in fmpz(q.q).factor()]


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
