"""Elementary functions in the field: identities that have to be the form 0, roots that denest,
bounds on algebraic numbers against SymPy's minimal polynomials, fields that are joined."""

from __future__ import annotations

from fractions import Fraction

import flint
import mpmath
import pytest
import sympy
from flint import fmpq, fmpz

from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields import angles, radicals
from hessrank.symbolic.fields.atoms import Atom
from hessrank.symbolic.fields.basis import content
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.roots import MAX_DENESTING, square_root
from hessrank.symbolic.fields.separation import atom_size, poly_size


def value(field: Field, text: str) -> Exact:
    return evaluate([parse(text)], field, {})[0]


RAMANUJAN = "(2**(1/3) - 1)**(1/3) - (1/9)**(1/3) + (2/9)**(1/3) - (4/9)**(1/3)"
#: The first is evaluated alone, before the second, to which it is equal by what stands beside it.
EQUAL = [
    ("atan(1/2) + atan(1/3)", "pi/4", "Euler"),
    ("4*atan(1/5) - atan(1/239)", "pi/4", "Machin 1706"),
    ("12*atan(1/18) + 8*atan(1/57) - 5*atan(1/239)", "pi/4", "Gauss"),
    ("atan(3/2) + atan(2/3)", "pi/2", "A&S 4.4.3"),
    ("atan(-7/5)", "-atan(7/5)", "A&S 4.4.16"),
    ("2*atan(1/3)", "atan(3/4)", "A&S 4.4.34"),
    ("atan(1)", "pi/4", "tan(π/4) = 1"),
    ("asinh(1)", "log(1 + sqrt(2))", "A&S 4.6.20"),
    ("asinh(3/4)", "log(2)", "A&S 4.6.20"),
    ("asinh(-3/4)", "-log(2)", "A&S 4.6.20"),
    ("sinh(asinh(2))", "2", "sinh is its inverse"),
    ("log(sqrt(2))", "log(2)/2", "log xʸ = y log x"),
    ("log(2**(2/3)*3**(1/4))", "2*log(2)/3 + log(3)/4", "log xʸ = y log x"),
    ("log(sqrt(exp(1) + 1))", "log(exp(1) + 1)/2", "log xʸ = y log x"),
    ("log(exp(3/2))", "3/2", "log is the inverse of exp"),
    ("exp(1 + log(2)/3)", "2**(1/3)*exp(1)", "exp of a sum"),
    ("exp(pi - 2*log(3)/5)*3**(2/5)", "exp(pi)", "exp of a sum"),
    ("exp(sqrt(2) + log(2) - 3*log(5)/2)", "2*exp(sqrt(2))/5**(3/2)", "exp of a sum"),
    ("sqrt(sqrt(2))", "2**(1/4)", "roots of roots"),
    ("(7 + 5*sqrt(2))**(1/6)", "sqrt(1 + sqrt(2))", "(1 + √2)³ = 7 + 5√2"),
    (f"sqrt({RAMANUJAN})", "0", "Ramanujan 1913"),
    ("(2**(2/3))**(1/5)*sqrt(3**(1/3))", "2**(2/15)*3**(1/6)", "roots of roots"),
    ("sqrt(exp(1))", "exp(1/2)", "√eˣ = e^(x/2)"),
    ("(exp(1/2)*2**(1/3))**(3/4)", "exp(3/8)*2**(1/4)", "roots of products"),
    ("sqrt(2 + sqrt(3))", "(sqrt(6) + sqrt(2))/2", "2 + √3 = (√6 + √2)²/4"),
    ("sqrt(2 - sqrt(3))", "(sqrt(6) - sqrt(2))/2", "2 − √3 = (√6 − √2)²/4"),
    ("sqrt(3 - sqrt(5))", "(sqrt(10) - sqrt(2))/2", "3 − √5 = (√10 − √2)²/4"),
    ("sqrt(sqrt(27/2) + sqrt(6))", "sqrt(5)*(3/2)**(1/4)", "√(27/2) + √6 = (5/2)√6"),
    ("sqrt(10 + 2*sqrt(6) + 2*sqrt(10) + 2*sqrt(15))", "sqrt(2) + sqrt(3) + sqrt(5)", "squared"),
    (
        "sqrt(112 + 70*sqrt(2) + (46 + 34*sqrt(2))*sqrt(5))",
        "5 + 4*sqrt(2) + (3 + sqrt(2))*sqrt(5)",
        "Borodin, Fagin, Hopcroft and Tompa 1985",
    ),
]


@pytest.mark.parametrize(("one", "other", "source"), EQUAL, ids=[f"{e[0]} = {e[1]}" for e in EQUAL])
def test_values_that_are_equal_are_one_form(one: str, other: str, source: str) -> None:
    def build(field: Field) -> tuple[Exact, Exact]:
        return value(field, one), value(field, other)

    first, second = evaluate_in_field(build)
    assert first == second, source


@pytest.mark.parametrize("text", [e[0] for e in EQUAL if e[0].startswith("sqrt(") and e[1] != "0"])
def test_roots_that_denest_are_made_of_roots_of_rationals(text: str) -> None:
    """Whatever comes after: a nested root would do for the field, too."""

    def build(field: Field) -> bool:
        return any(isinstance(a.argument, Element) for a in field.used([value(field, text)]))

    assert not evaluate_in_field(build)


@pytest.mark.parametrize("text", ["sqrt(1 + sqrt(2))", "sqrt(4 + sqrt(2))", "sqrt(3 + 2*3**(1/3))"])
def test_what_does_not_denest_is_its_own_root(text: str) -> None:
    def build(field: Field) -> tuple[Exact, Exact]:
        inner = value(field, text.removeprefix("sqrt(").removesuffix(")"))
        assert square_root(field, inner, MAX_DENESTING) is None
        return value(field, text) ** 2, inner

    square, inner = evaluate_in_field(build)
    assert square == inner


@pytest.mark.parametrize("primes", [(2, 3), (2, 3, 5), (2, 3, 5, 7)])
def test_each_root_of_a_sum_takes_one_step(primes: tuple[int, ...]) -> None:
    """√(Σ √p)² takes as many steps as there are roots beyond the first."""
    total = " + ".join(f"sqrt({p})" for p in primes)

    def build(field: Field) -> list[Exact | None]:
        square = value(field, f"({total})**2")
        depths = range(len(primes) - 2, MAX_DENESTING + 1)
        return [value(field, total), *(square_root(field, square, d) for d in depths)]

    known, short, *found = evaluate_in_field(build)
    assert short is None and all(r == known for r in found)


def test_a_root_that_is_not_shown_to_be_new_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """√(1 + √2), where residues and lattices show nothing."""
    text = "sqrt(1 + sqrt(2))"
    assert evaluate_in_field(lambda field: field.proven(value(field, text)))
    monkeypatch.setattr(radicals, "is_no_power", lambda *_: False)
    monkeypatch.setattr(radicals, "root_in_field", lambda *_: None)
    assert evaluate_in_field(lambda field: field.proven(value(field, text))) is None


def test_roots_are_looked_for_in_fields_up_to_a_degree(monkeypatch: pytest.MonkeyPatch) -> None:
    field = Field()
    two = field.power(fmpq(2), Fraction(1, 2))
    monkeypatch.setattr(radicals, "MAX_DEGREE", 2)
    assert radicals.root_in_field(field, 3 + 2 * two, 2) == 1 + two
    monkeypatch.setattr(radicals, "MAX_DEGREE", 1)
    assert radicals.root_in_field(field, 3 + 2 * two, 2) is None


@pytest.mark.parametrize("p", [5, 13, 17, 29, 1009, 10**9 + 9])
def test_primes_that_are_sums_of_two_squares(p: int) -> None:
    a, b = angles.two_squares(p)
    assert a > b > 0 and a * a + b * b == p


@pytest.mark.parametrize(
    "z", ["1/2", "2", "7/3", "-22/7", "1000/999", "10000000000001/3", "3/10000000000037"]
)
def test_arctangents_against_mpmath(z: str) -> None:
    """The last two have a norm that is not factored."""

    def build(field: Field) -> flint.arb:
        return field.ball(value(field, f"atan({z})"), 200)

    ball = evaluate_in_field(build)
    with mpmath.workdps(50):
        theirs = mpmath.atan(mpmath.mpf(Fraction(z).numerator) / Fraction(z).denominator)
        assert abs(mpmath.mpf(ball.mid().str(60, radius=False)) - theirs) < mpmath.mpf(10) ** -45


def test_arithmetic_with_rationals_of_every_kind() -> None:
    field = Field()
    e = field.function("exp", fmpq(1))
    for q in (Fraction(-2, 3), fmpq(5, 7), 4, fmpz(-9)):
        exact = fmpq(q.numerator, q.denominator) if isinstance(q, Fraction) else fmpq(q)
        for found, same in (
            (e + q, e + exact),
            (q - e, exact - e),
            (q * e, e * exact),
            (e / q, e * (1 / exact)),
        ):
            assert found == same and isinstance(found, Element)
            middle = field.ball(found, 128) - field.ball(same, 128)
            assert middle.contains(0) and middle.rad() < 1e-30
        assert e != q
        assert q / e == exact * e**-1
        with flint.ctx.workprec(128):
            assert field.ball(q + e, 128).overlaps(flint.arb(exact) + flint.arb(1).exp())


def test_powers_of_either_sign() -> None:
    field = Field()
    e = field.function("exp", fmpq(1))
    for n in range(-5, 6):
        assert (e + 1) ** n * (e + 1) ** -n == 1
        assert e**n == field.function("exp", fmpq(n)) == field.power(e, Fraction(n))
    with flint.ctx.workprec(128):
        assert field.ball((e + 1) ** -3, 128).overlaps(1 / (flint.arb(1).exp() + 1) ** 3)


@pytest.mark.parametrize(
    ("terms", "scale"),
    [
        (("2/3", "4/9"), fmpq(2, 9)),
        (("2/3", "-4/9"), fmpq(-2, 9)),
        (("-5", "10"), fmpq(5)),
        (("1/2", "1"), fmpq(1, 2)),
        (("7", "-21/4"), fmpq(-7, 4)),
    ],
)
def test_the_content_of_a_number(terms: tuple[str, str], scale: fmpq) -> None:
    """c0 + c1·e: the gcd of the numerators over the lcm of the denominators, signed as c1."""
    field = Field()
    e = field.function("exp", fmpq(1))
    c0, c1 = (fmpq(Fraction(t).numerator, Fraction(t).denominator) for t in terms)
    assert content(c0 + c1 * e) == scale


def test_a_zero_with_long_coefficients_is_recognised() -> None:
    """N·(t² − 2) is 0 at t = √2: the longer N, the finer the ball that tells."""
    field = Field()
    t = field.power(fmpq(2), Fraction(1, 2)).num
    for digits in (0, 20, 40, 200):
        assert field._is_algebraic_zero(10**digits * (t * t - 2))
        assert not field._is_algebraic_zero(10**digits * (t * t - 2) + 1)
        assert not field._is_algebraic_zero(t - fmpq(14142135623730951, 10**16))
    hidden = Element(field, t * t - 2, field.ctx.constant(1))  # 0, and not written so
    assert hidden != 0 and field.sign(hidden) == 0
    assert field.power(hidden, Fraction(1, 2)) == 0
    with pytest.raises(DomainError, match="division by zero"):
        field.power(hidden, Fraction(-1, 2))


@pytest.mark.parametrize("n", [3, 5, 7, 8, 10, 12, 15, 20])
def test_tangents_of_multiples_of_pi_are_bounded(n: int) -> None:
    """tan(π/n) against SymPy's minimal polynomial: its degree, leading coefficient and zeros."""
    t, x = sympy.tan(sympy.pi / n), sympy.Symbol("x")
    minimal = sympy.Poly(sympy.minimal_polynomial(t, x), x)
    field = Field()
    pi = field.function("pi")
    found = atom_size(field, field.index_of(Atom("half-tangent", pi, fmpq(n, 2))))
    assert found is not None
    degree, size = found
    assert degree % minimal.degree() == 0
    assert 2**size.denominator >= abs(minimal.LC())
    assert 2**size.house >= max(abs(complex(z)) for z in minimal.nroots())
    assert atom_size(field, field.index_of(Atom("half-tangent", pi + 1, fmpq(n, 2)))) is None


@pytest.mark.parametrize("power", [1, 2, 3])
@pytest.mark.parametrize("scale", [1, 3])
def test_values_of_polynomials_are_bounded(power: int, scale: int) -> None:
    """(t^power + 1)/scale at t = tan(π/10), likewise."""
    t, x = sympy.tan(sympy.pi / 10), sympy.Symbol("x")
    minimal = sympy.Poly(sympy.minimal_polynomial((t**power + 1) / scale, x), x)
    field = Field()
    atom = field.index_of(Atom("half-tangent", field.function("pi"), fmpq(5)))
    tangent = field.atom_power(atom, power)
    assert isinstance(tangent, Element)
    size = poly_size(field, (tangent.num + 1) * fmpq(1, scale))
    assert size is not None
    assert 2**size.denominator >= abs(minimal.LC()) ** (1 / minimal.degree())
    assert 2**size.house >= max(abs(complex(z)) for z in minimal.nroots())


# --- joined fields -------------------------------------------------------------------------------


def test_numbers_that_depend_on_a_variable_meet() -> None:
    """x·e^(1/2) and x + e^(1/3) around the same sample."""

    def in_a_field(text: str, sample: fmpq) -> Exact:
        def build(field: Field) -> Exact:
            return evaluate([parse(text, {"x"})], field, {"x": field.indeterminate("x", sample)})[0]

        return evaluate_in_field(build)

    a, b = in_a_field("x*exp(1/2)", fmpq(3)), in_a_field("x + exp(1/3)", fmpq(3))
    assert a.field is not b.field
    assert a * b == in_a_field("x**2*exp(1/2) + x*exp(5/6)", fmpq(3))
    field, (one, other) = a.field.join([a, b])
    assert [s.name for s in field.atoms if s.kind == "symbol"] == ["x"]
    assert one.field is other.field is field
    with pytest.raises(InputError, match="x is a variable around two different samples"):
        a + in_a_field("x", fmpq(4))


def test_a_variable_without_a_sample_stays_without_a_sign() -> None:
    x = Field().indeterminate("x")
    e = evaluate_in_field(lambda f: f.function("exp", fmpq(1, 2)))
    field, (moved, _) = Field().join([x, e])
    assert field.unsigned and moved.field is field
    for unknown in (moved, moved * e, field.function("exp", moved), field.function("erf", moved)):
        with pytest.raises(UndecidedError, match="depends on a variable"):
            field.sign(unknown)
    sampled = Field().join([Field().indeterminate("x", fmpq(2)), e])[0]
    assert not sampled.unsigned


@pytest.mark.parametrize("side", [-1, 0, 1])
def test_a_joined_field_keeps_the_side(side: int) -> None:
    plain = evaluate_in_field(lambda f: f.function("exp", fmpq(1, 2)))
    sided = evaluate_in_field(lambda f: f.function("exp", fmpq(1, 3)), side)
    for pair in ([plain, sided], [sided, plain]):
        assert Field().join(pair)[0].side == side
    assert Field(side).join([plain])[0].side == side
