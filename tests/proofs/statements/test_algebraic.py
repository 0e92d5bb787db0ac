"""The checker's algebraic numbers: angles and roots against the identities of the textbook, zeros
of polynomials and enclosures against SymPy and mpmath."""

from __future__ import annotations

import copy
import json
import math
import random
from fractions import Fraction

import mpmath
import pytest
import sympy

from hessrank.proofs import checker
from hessrank.proofs.critical_points.critical_points import critical_points
from hessrank.proofs.critical_points.polynomials import polynomial_landscape
from hessrank.proofs.statements.algebraic import point_certificates
from hessrank.proofs.statements.statement import statement_certificate
from hessrank.specs.spec import loads
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem

BITS = 96


def value(text: str, field: dict[str, object] | None = None) -> object:
    return checker._constant(text, "x", checker._read_field(field or {}))


def contains(number: object, true: object, slack: int = 1 << 20) -> None:
    lo, hi = checker._enclose(number, BITS)
    slip = mpmath.mpf(10) ** -100  # of `true`, where the number is rational
    with mpmath.workdps(120):
        scale = mpmath.mpf(2) ** BITS
        assert lo <= scale * (true + slip) and scale * (true - slip) <= hi, (lo, hi, true)
    assert hi - lo <= slack


# --- angles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["cos(pi/5) - (1 + 5**(1/2))/4", "cos(pi/12) - (6**(1/2) + 2**(1/2))/4",
     "sin(pi/8)**2 + cos(pi/8)**2 - 1", "cos(2*pi/7) + cos(4*pi/7) + cos(6*pi/7) + 1/2",
     "cos(pi/9)*cos(2*pi/9)*cos(4*pi/9) - 1/8", "sin(2*pi/7) - cos(3*pi/14)",
     "2*sin(pi/3)/3**(1/2) - 1", "16*cos(2*pi/17) + 1 - 17**(1/2) - 2*(4*cos(2*pi/17) +"
     "4*cos(8*pi/17) + (1 - 17**(1/2))/2) - 8*cos(2*pi/17) + 8*cos(8*pi/17)",
     "sin(pi/7)*sin(2*pi/7)*sin(3*pi/7) - 7**(1/2)/8", "cos(100*pi/101) - cos(102*pi/101)",
     "1/cos(pi/7)*cos(pi/7) - 1", "(cos(pi/5) + 3**(1/2))/(cos(pi/5) + 3**(1/2)) - 1",
     "cos(7*pi) + 1", "sin(-pi/6) + 1/2", "cos(pi/4)*2**(1/2) - 1",
     "2**(3/4)*cos(pi/4)*2**(3/4) - 2", "11**(1/2)*cos(pi/3) - 11**(1/2)/2"],
)  # fmt: skip
def test_identities_of_angles(text: str) -> None:
    """Viète, Morrie, Gauss: each is 0 as a form; the number itself is 0 to 60 digits, too."""
    with mpmath.workdps(70):
        names = {n: getattr(sympy, n) for n in ("sin", "cos", "pi")}
        assert abs(sympy.N(sympy.sympify(text, locals=names, rational=True), 60)) < 10**-50
    assert value(text) == 0


@pytest.mark.parametrize("seed", range(25))
def test_sums_and_products_of_roots_of_unity(seed: int) -> None:
    """Multiplication modulo x^n − 1, then at e^(2πi/n) by mpmath."""
    rng = random.Random(seed)
    n = rng.choice([3, 4, 5, 8, 9, 12, 15, 16, 20, 25, 27, 36, 49])
    a, b = ([rng.randint(-3, 3) for _ in range(n)] for _ in range(2))

    def real(c: list[int]) -> object:
        return checker._sum(x * checker._cosine(Fraction(k, n)) for k, x in enumerate(c))

    def true(c: list[int]) -> object:
        return mpmath.fsum(x * mpmath.cos(2 * mpmath.pi * k / n) for k, x in enumerate(c))

    with mpmath.workdps(120):
        contains(real(a), true(a))
        contains(real(a) * real(b), true(a) * true(b))
    x = real(a)
    if x != 0 and not isinstance(x, Fraction) and sympy.totient(n) <= 20:
        assert x * checker._inverse(x) == 1
    whole = [x + rng.randint(1, 2) for x in a]
    for p in sympy.primefactors(n):  # Σ_j e(r + j/p) = 0: the same number
        shift = rng.randrange(n)
        for j in range(p):
            whole[(shift + j * n // p) % n] += 3
    again = [x - 0 for x in whole]
    for p in sympy.primefactors(n):
        for j in range(p):
            again[j * n // p] -= 5
    assert real(whole) == real(again)


def test_the_basis_of_roots_of_unity_has_as_many_elements_as_the_field() -> None:
    for n in range(1, 61):
        monomials = {m for k in range(n) for m, _ in checker._terms(checker._turn(Fraction(k, n)))}
        assert len(monomials) == sympy.totient(n), n


def test_gauss_sums_are_square_roots() -> None:
    for p in sympy.primerange(2, 60):
        root = checker._gauss(int(p))
        assert root * root == p
        with mpmath.workdps(120):
            contains(root, mpmath.sqrt(int(p)))


def test_pi_and_erf_to_the_last_bit() -> None:
    rng = random.Random(7)
    with mpmath.workdps(120):
        contains(value("pi"), mpmath.pi, 1 << 10)
        contains(value("1/pi**(1/2) + pi**2"), mpmath.pi**-0.5 + mpmath.pi**2)
        for _ in range(25):
            q = Fraction(rng.randint(-60, 60), rng.randint(10, 15))
            true = mpmath.erf(mpmath.mpf(q.numerator) / q.denominator)
            ends = math.floor(q * 2**BITS), math.ceil(q * 2**BITS)
            lo, hi = checker._image("erf", *ends, BITS)
            assert lo <= true * 2**BITS <= hi and hi - lo < 2 ** (20 + 3 * q * q)
            assert value(f"erf({q}) + erf({-q})") == 0
    with pytest.raises(checker.Refused, match="too large"):
        checker._erf_at((1 << BITS + 5) + 1, BITS)


# --- zeros of polynomials ------------------------------------------------------------------------


def zero(polynomial: list[object], lo: object, hi: object) -> dict[str, object]:
    return {"t": {"polynomial": polynomial, "between": [lo, hi]}}


CUBIC = zero([-1, -1, 0, 1], 1, 2)  # t³ = t + 1, the plastic number


@pytest.mark.parametrize(
    "text",
    ["t**3 - t - 1", "t**5 - t**4 - 1", "1/t - t**2 + 1", "(t + 1)/(t**2 - 1) - 1/(t - 1)",
     "t**(-4)*t**4 - 1", "exp(log(t)) - t", "tanh(log(t)/2) - (t - 1)/(t + 1)",
     "(t*2**(1/2))**2 - 2*t**2", "1/(t*exp(1))*t - exp(-1)"],
)  # fmt: skip
def test_identities_of_a_zero(text: str) -> None:
    """The plastic number is a zero of x⁵ − x⁴ − 1 = (x³ − x − 1)(x² − x + 1), too."""
    assert value(text, CUBIC) == 0


@pytest.mark.parametrize("seed", range(20))
def test_zeros_are_those_of_sympy(seed: int) -> None:
    rng = random.Random(seed)
    x = sympy.Symbol("x")
    m = sympy.Poly(rng.randint(1, 3) * x ** rng.randint(2, 5)
                   + sum(rng.randint(-5, 5) * x**k for k in range(2)) + 1, x)  # fmt: skip
    given = [int(c) for c in reversed(m.all_coeffs())]
    for (a, b), times in m.intervals():
        lo, hi = sympy.Rational(a) - sympy.Rational(1, 100), b + sympy.Rational(1, 100)
        ends = [v if (v := Fraction(int(e.p), int(e.q))).denominator > 1 else int(v)
                for e in (lo, hi)]  # fmt: skip
        inside = [r for r in m.real_roots() if lo < r < hi]
        field = zero(given, *(v if isinstance(v, int) else str(v) for v in ends))
        if times % 2 == 0 or len(set(inside)) != 1:
            with pytest.raises(checker.Refused):
                checker._read_field(field)
            continue
        true = mpmath.mpf(str(sympy.N(inside[0], 110)))
        with mpmath.workdps(110):
            contains(value("t", field), mpmath.mpf(str(sympy.N(inside[0], 105))))
        assert true == 0 or checker._sign(value("t", field)) == (1 if true > 0 else -1)


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ([], "field is not an object"),
        ({"t": [1]}, "an object with the keys"),
        ({"1t": CUBIC["t"]}, "not a list of names"),
        (zero([1], 0, 1), "not of degree"),
        (zero([1, 0], 0, 1), "not of degree"),
        (zero([1] * 66, 0, 1), "not of degree"),
        (zero([-2, 0, 1], 2, 1), "no zero between"),
        (zero([-2, 0, 1], -2, 2), "no zero between"),
        (zero([-2, 0, 1], 2, 3), "no zero between"),
        (zero([1, -2, 1], 0, 2), "no zero between"),  # a double zero
        (zero([0, -1, 0, 1], -2, 2), "more than one zero"),  # −1, 0, 1
        (zero([-2, 0, 1], 0, 0.5), "not an exact number"),
        (zero([-2, 0, "t"], 0, 2), "not an exact number"),
    ],
)
def test_fields_that_are_none(field: object, reason: str) -> None:
    with pytest.raises(checker.Refused, match=reason):
        checker._read_field(field)


def test_a_reducible_polynomial_proves_nothing_false() -> None:
    """t = 1 as the zero of (x − 1)(x − 3) below 2: its form is not 0, nor is its sign decided; and
    t − 3 has no inverse, though it is −2."""
    field = zero([3, -4, 1], "1/2", 2)
    assert value("t**2 - 4*t + 3", field) == 0
    with pytest.raises(checker.Refused, match="not decided"):
        checker._sign(value("t - 1", field))
    for text in ("1/(t - 3)", "1/(t - 1)"):
        with pytest.raises(checker.Refused, match="an inverse is not found"):
            value(text, field)
    assert value("t", zero([-3, 2], 1, 2)) == Fraction(3, 2)


# --- certificates at such points -----------------------------------------------------------------


def critical(outputs: list[str], names: str, y: list[object]) -> list[dict[str, object]]:
    problem = Problem(Model.from_expressions(outputs, names), Data([[]], [y]))
    found = critical_points(problem, 20)
    made = point_certificates(polynomial_landscape(problem), found)
    shown = {f"{i}-{j}": p for i, c in enumerate(found.components, 1)
             for j, p in enumerate(c.real_points or (), 1)}  # fmt: skip
    for name, certificate in made.items():
        said, kind = json.loads(json.dumps(certificate)), shown[name].kind
        assert checker.check(said) is None
        p, q, z = shown[name].inertia
        assert f"H has {p} positive, {q} negative, {z} zero eigenvalues" in said["statement"]
        assert ("global minimum" in said["statement"]) == (kind == "global minimum")
        assert ("no" in kind or kind == "saddle") == ("not a minimum" in said["statement"])
    return list(made.values())


def test_certificates_of_all_critical_points() -> None:
    """L = (t³ − t − 1)²/2 has t³ = t + 1 and ±1/√3; (a² − 2)² + (ab − 1)² has kernels in Q(√2)."""
    assert len(critical(["t**3 - t"], "t", [1])) == 3
    found = critical(["a**2", "a*b", "2*a*b"], "a b c", [2, 1, 2])
    vectors = [c for one in found for c in one["claims"] if c.get("kernel")]
    assert vectors and any("field" in one["problem"] for one in found)


def test_a_forged_field_is_refused() -> None:
    one = next(c for c in critical(["t**3 - t"], "t", [1]) if "perfect" in str(c["claims"]))
    [name] = one["problem"]["field"]
    for change, reason in (
        ({"polynomial": [-2, -1, 0, 1]}, ""),
        ({"between": [-1, 0]}, "between the two"),
    ):
        mutant = copy.deepcopy(one)
        mutant["problem"]["field"][name] |= change
        mutant["about"] = checker.fingerprint(mutant["problem"])
        mutant["digest"] = checker.digest(mutant)
        assert checker.check(mutant) is not None and reason in checker.check(mutant)


def test_angles_and_gelu_in_a_statement() -> None:
    """F = t·gelu(x) at t = 2cos(π/5): J is gelu(x), which is irrational; r = 0 by 4cos²(π/5) =
    2cos(π/5) + 1 in the labels."""
    text = """
[model]
outputs = ["t**2*x"]
parameters = "t"
inputs = "x"
[data]
x = [[1], ["cos(pi/7)"]]
y = ["(3 + sqrt(5))/2", "cos(pi/7)*(1 + 2*cos(pi/5))"]
[loss]
kind = "half-squared"
[point]
t = "2*cos(pi/5)"
"""
    made = statement_certificate(loads(text, "angles").landscape())
    assert checker.check(json.loads(json.dumps(made))) is None
    assert made["statement"] == (
        "rank J = 1, rank H = 1, H has 1 positive, 0 negative, 0 zero eigenvalues, ∇L = 0, "
        "the fibre of θ has dimension 0, "
        "r = 0 and θ is a global minimum of L"
    )
    gelu = text.replace("t**2*x", "t*gelu(x)").replace('"(3 + sqrt(5))/2"', "1")
    made = statement_certificate(loads(gelu, "gelu").landscape())
    assert made["statement"].startswith("rank J = 1, rank H = 1, H has 1 positive")
