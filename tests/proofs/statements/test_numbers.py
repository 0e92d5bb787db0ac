"""The checker's exact numbers under sums, products and quotients, against mpmath; and Sturm's
count of zeros, remainders and factors against what was multiplied."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import mpmath
import pytest

from hessrank.proofs import checker

BITS = 96


def near(number: object, true: object) -> None:
    """The enclosure holds the value, and is narrow."""
    lo, hi = checker._enclose(number, BITS)
    with mpmath.workdps(80):
        scaled, slip = true * mpmath.mpf(2) ** BITS, mpmath.mpf(10) ** -35
        assert lo - slip <= scaled <= hi + slip, (number, true)
        assert hi - lo <= 2**50 * (1 + abs(true)), (number, true)


def softplus(z: object) -> object:
    return mpmath.log1p(mpmath.exp(z))


#: Numbers, and mpmath's way to them.
LEAVES = {
    "2**(1/2)": lambda: mpmath.sqrt(2),
    "3**(2/3)": lambda: mpmath.cbrt(9),
    "12**(1/4)": lambda: mpmath.root(12, 4),
    "(2/3)**(-3/2)": lambda: mpmath.mpf(1.5) ** 1.5,
    "exp(1)": lambda: mpmath.e,
    "exp(-1/2)": lambda: mpmath.exp(-0.5),
    "exp(2)": lambda: mpmath.exp(2),
    "exp(log(3)*2/5)": lambda: mpmath.mpf(9) ** (mpmath.mpf(1) / 5),
    "tanh(1)": lambda: mpmath.tanh(1),
    "tanh(-1/4)": lambda: -mpmath.tanh(0.25),
    "sigmoid(2)": lambda: 1 / (1 + mpmath.exp(-2)),
    "sin(1)": lambda: mpmath.sin(1),
    "cos(-1)": lambda: mpmath.cos(1),
    "sin(-3/2)": lambda: -mpmath.sin(1.5),
    "log(3)": lambda: mpmath.log(3),
    "log(2 + 3**(1/2))": lambda: mpmath.log(2 + mpmath.sqrt(3)),
    "pi": lambda: mpmath.pi,
    "cos(pi/5)": lambda: mpmath.cos(mpmath.pi / 5),
    "sin(2*pi/7)": lambda: mpmath.sin(2 * mpmath.pi / 7),
    "erf(-1/2)": lambda: -mpmath.erf(0.5),
    "softplus(1)": lambda: softplus(1),
    "(2 + exp(1))**(1/3)": lambda: mpmath.cbrt(2 + mpmath.e),
    "sinh(1)": lambda: mpmath.sinh(1),
    "cosh(1/2)": lambda: mpmath.cosh(0.5),
    "relu(1 - pi)": lambda: mpmath.mpf(0),
    "relu(pi - 1)": lambda: mpmath.pi - 1,
    "abs(3 - pi)": lambda: mpmath.pi - 3,
    "sign(3 - pi)": lambda: mpmath.mpf(-1),
}


@pytest.mark.parametrize("text", LEAVES)
def test_numbers(text: str) -> None:
    with mpmath.workdps(80):
        near(checker._constant(text, "x"), LEAVES[text]())


@pytest.mark.parametrize("seed", range(60))
def test_sums_and_products_of_any_numbers(seed: int) -> None:
    rng = random.Random(seed)
    with mpmath.workdps(80):
        texts = rng.sample(list(LEAVES), 4)
        pool = [(checker._constant(t, "x"), LEAVES[t]()) for t in texts]
        for _ in range(6):
            (a, x), (b, y) = rng.choice(pool), rng.choice(pool)
            c = Fraction(rng.randint(-3, 3), rng.randint(1, 3))
            made = rng.choice(
                [
                    (a + b * c, x + y * c.numerator / c.denominator),
                    (a - b, x - y),
                    (c - a, mpmath.mpf(c.numerator) / c.denominator - x),
                    (a * b, x * y),
                    (checker._power(a, Fraction(2)), x**2),
                    (checker._power(a, Fraction(3)), x**3),
                ]
            )
            if len(checker._terms(made[0])) < 40 and abs(made[1]) < 1e6:
                near(*made)
                pool.append(made)


QUOTIENTS = {
    "1/(2**(1/2)*exp(1))": lambda: mpmath.exp(-1) / mpmath.sqrt(2),
    "1/(3*exp(-1/2)*tanh(1))": lambda: mpmath.exp(0.5) / mpmath.tanh(1) / 3,
    "1/(2 + exp(1))**(1/2)": lambda: 1 / mpmath.sqrt(2 + mpmath.e),
    "1/((2 + exp(1))**(1/3))**2": lambda: (2 + mpmath.e) ** (mpmath.mpf(-2) / 3),
    "1/log(5)**2": lambda: mpmath.log(5) ** -2,
    "pi**(-3)": lambda: mpmath.pi**-3,
    "1/(1 + cos(pi/5))": lambda: 1 / (1 + mpmath.cos(mpmath.pi / 5)),
    "1/(3**(1/2) - 2**(1/3))": lambda: 1 / (mpmath.sqrt(3) - mpmath.cbrt(2)),
    "1/(exp(1)*2**(3/4)*pi)": lambda: 1 / (mpmath.e * mpmath.mpf(2) ** 0.75 * mpmath.pi),
    "tanh(log(5)/3)": lambda: mpmath.tanh(mpmath.log(5) / 3),
    "sigmoid(-log(7)/2)": lambda: 1 / (1 + mpmath.sqrt(7)),
}


@pytest.mark.parametrize("text", QUOTIENTS)
def test_quotients(text: str) -> None:
    with mpmath.workdps(80):
        near(checker._constant(text, "x"), QUOTIENTS[text]())


@pytest.mark.parametrize(
    "text",
    ["exp(2)*tanh(1) + tanh(1) - exp(2) + 1", "exp(-2)*tanh(1) - 1 + exp(-2) + tanh(1)",
     "exp(3)*tanh(1) - exp(3) + exp(1) + exp(1)*tanh(1)",
     "exp(4)*tanh(1) - exp(4) + 2*exp(2) - 1 - tanh(1)",
     "exp(2)*tanh(1)**2 + tanh(1)**2 - (exp(2) - 1)*tanh(1)", "tanh(2)*exp(4) + tanh(2) - exp(4)"
     " + 1", "sin(2)**3 + sin(2)*cos(2)**2 - sin(2)", "sin(1)**4 - (1 - cos(1)**2)**2",
     "((1 + exp(1))**(1/3))**3 - 1 - exp(1)", "((2 + pi)**(1/2))**5 - (2 + pi)**2*(2 + pi)**(1/2)",
     "2**(1/3)*2**(2/3) - 2", "(1/2)**(1/3)*4**(1/6) - 1", "2**(5/2) - 4*2**(1/2)",
     "cosh(1)**2 - sinh(1)**2 - 1", "exp(log(2)*3) - 8", "exp(-log(2)) - 1/2",
     "exp(1 + log(2)/2) - exp(1)*2**(1/2)", "log(8/9) - 3*log(2) + 2*log(3)", "log(1)",
     "tanh(0)", "erf(0)", "sin(0)", "cos(0) - 1", "exp(0) - 1", "softplus(0) - log(2)",
     "sigmoid(0) - 1/2", "0**(1/2)", "sigmoid(1) + sigmoid(-1) - 1", "tanh(pi) + tanh(-pi)",
     "cos(pi - 3) - cos(3 - pi)", "sin(1 - pi) + sin(pi - 1)", "exp(log(pi)) - pi",
     "exp(log(pi)/2) - pi**(1/2)", "relu(-2)", "abs(-2) - 2", "sign(-2) + 1", "relu(3) - 3",
     "(1 + 2)**0 - 1", "2**(-2) - 1/4", "(-2)**3 + 8"],
)  # fmt: skip
def test_forms_that_are_zero(text: str) -> None:
    """Identities of the textbook; with E = e² and t = tanh 1, E²t = E² − 2E + 1 + t."""
    assert checker._constant(text, "x") == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1/0", "division by zero"),
        ("1/(2**(1/2) - 2**(1/2))", "division by zero"),
        ("(-2)**(1/2)", "root of a negative"),
        ("(1 - pi)**(1/2)", "root of a negative"),
        ("log(0)", "not positive"),
        ("log(3 - pi)", "not positive"),
        ("2**1001", "exponent is too large"),
        ("2**(1/1001)", "exponent is too large"),
        ("3**(2**(1/2))", "not rational"),
        ("1/(pi + 1)", "unlike terms"),
        ("relu(0)", "kink"),
        ("gamma(3)", "not carried"),
        ("cos(pi/4099)", "too large"),
        ("(1000003*1000033)**(1/2)", "too long to be factored"),
        ("exp(1, 2)", "not allowed"),
        ("[1]", "not allowed"),
        ("1.5", "not allowed"),
        ("True", "not allowed"),
        ("1 if 1 else 2", "not allowed"),
        ("exp(z=1)", "not allowed"),
        ("2 // 1", "not allowed"),
        ("+2", "not allowed"),
        ("2 +", "not an expression"),
    ],
)
def test_what_is_no_number(text: str, reason: str) -> None:
    with pytest.raises(checker.Refused, match=reason):
        checker._constant(text, "x")


def test_exponents_and_lengths_at_their_limits() -> None:
    assert checker._constant("2**1000", "x") == 2**1000
    assert checker._constant("(2**(1/1000))**1000", "x") == 2
    long = Fraction(2) ** 1048
    assert checker._power(long, Fraction(999)) == Fraction(2) ** (1048 * 999)
    with pytest.raises(checker.Refused, match="too long"):
        checker._power(long, Fraction(1000))
    assert checker._cosine(Fraction(1, 1 << 12)) != 0


# --- factors, remainders, Sturm ------------------------------------------------------------------


def test_factors() -> None:
    assert checker._primes(Fraction(1)) == []
    assert checker._primes(Fraction(360, 539)) == [(2, 3), (3, 2), (5, 1), (7, -2), (11, -1)]
    large = 10**9 + 7  # a prime above the bound of trial division
    assert checker._primes(Fraction(2 * large, 9)) == [(2, 1), (large, 1), (3, -2)]
    assert checker._primes(Fraction(99991**2)) == [(99991, 2)]
    for n in (1000003 * 1000033, 100003**2):
        with pytest.raises(checker.Refused, match="too long to be factored"):
            checker._primes(Fraction(n))


def product(p: list[Fraction], q: list[Fraction]) -> list[Fraction]:
    out = [Fraction(0)] * (len(p) + len(q) - 1)
    for (i, x), (j, y) in itertools.product(enumerate(p), enumerate(q)):
        out[i + j] += x * y
    return out


@pytest.mark.parametrize("seed", range(30))
def test_remainders(seed: int) -> None:
    """p = a·q + r with r of lower degree has the remainder r."""
    rng = random.Random(seed)

    def some(n: int) -> list[Fraction]:
        return [Fraction(rng.randint(-4, 4), rng.randint(1, 3)) for _ in range(n)]

    q = [*some(rng.randint(0, 3)), Fraction(rng.choice([1, -2]))]
    r = some(len(q) - 1)
    p = product([*some(rng.randint(0, 3)), Fraction(3)], q)
    p = [x + (r[k] if k < len(r) else 0) for k, x in enumerate(p)]
    while r and not r[-1]:
        r.pop()
    assert checker._remainder(p, q) == r
    x = Fraction(rng.randint(-5, 5), 3)
    assert checker._at_point(p, x) == sum(c * x**k for k, c in enumerate(p))


@pytest.mark.parametrize("seed", range(60))
def test_zeros_between_two_numbers_are_counted(seed: int) -> None:
    """Products of linear factors, some of them twice, and of x² + 1."""
    rng = random.Random(seed)
    zeros = [rng.randint(-4, 4) for _ in range(rng.randint(1, 5))]
    m = [Fraction(rng.choice([1, -1, 2, -3]))]
    for z in zeros:
        m = product(m, [Fraction(-z), Fraction(1)])
    if seed % 3 == 0:
        m = product(m, [Fraction(1), Fraction(0), Fraction(1)])
    for a, b in itertools.combinations(range(-9, 10, 2), 2):
        lo, hi = Fraction(a, 2), Fraction(b, 2)
        inside = [z for z in zeros if lo < z < hi]
        given = {"polynomial": [int(c) for c in m], "between": [f"{a}/2", f"{b}/2"]}
        if len(inside) % 2 and len(set(inside)) == 1:
            t = checker.zero_of(given)
            low, high = checker._enclose(t, 20)
            assert low <= inside[0] << 20 <= high and high - low <= 1
            assert checker._value(checker._tree("+".join(f"({c})*t**{k}" for k, c in enumerate(m))
                                  ), {"t": t}) == 0  # fmt: skip
        else:
            with pytest.raises(checker.Refused, match="between the two"):
                checker.zero_of(given)


def test_degrees_of_zeros() -> None:
    line = [-1] + [0] * 63 + [1]
    assert checker.zero_of({"polynomial": line, "between": ["1/2", 2]}) != 1
    for m in ([-1] + [0] * 64 + [1], [1], [], [-1, 1, 0]):
        with pytest.raises(checker.Refused, match="not of degree 1 to 64"):
            checker.zero_of({"polynomial": m, "between": ["1/2", 2]})
    t = checker.zero_of({"polynomial": [-5, 0, 1], "between": [1, 3]})
    with mpmath.workdps(60):
        near(t, mpmath.sqrt(5))
        near(checker._power(t, Fraction(3)) * Fraction(1, 7), mpmath.sqrt(5) * 5 / 7)
    for lo, hi in ((2, 3), (-3, -2)):  # either way the polynomial may pass 0
        for m in ([-5, 0, 1], [5, 0, -1]):
            found = checker._enclose(checker.zero_of({"polynomial": m, "between": [lo, hi]}), 64)
            root = math.isqrt(5 << 128) * (1 if lo > 0 else -1)
            assert found[0] <= root + (lo > 0) and root - (lo < 0) <= found[1]
            assert found[1] - found[0] == 1


@pytest.mark.parametrize("bits", [6, 8])
def test_series_hold_the_value_at_every_point(bits: int) -> None:
    """At few bits every error of rounding shows."""
    one = 1 << bits
    with mpmath.workdps(30):
        for n in range(-4 * one, 4 * one + 1, 3 if bits == 6 else 31):
            x = mpmath.mpf(n) / one
            for signs, f in (
                ((1, 1, 1, 1), mpmath.exp),
                ((0, 1, 0, -1), mpmath.sin),
                ((1, 0, -1, 0), mpmath.cos),
            ):
                if n >= 0 or f is not mpmath.exp:
                    lo, hi = checker._taylor(n, signs, bits)
                    assert lo <= f(x) * one <= hi, (n, f)
            for kind in ("exp", "erf", "tanh", "softplus"):
                f = softplus if kind == "softplus" else getattr(mpmath, kind)
                lo, hi = checker._image(kind, n, n, bits)
                assert lo <= f(x) * one <= hi, (n, kind)
            if n > 0:
                lo, hi = checker._log_at(n, bits)
                assert lo <= mpmath.log(x) * one <= hi
