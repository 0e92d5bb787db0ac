"""The checker's arithmetic, piece by piece, against SymPy, mpmath and python-flint: an enclosure
that does not enclose, or an elimination that skips a row, would let false statements through."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import flint
import mpmath
import pytest
import sympy

from hessrank.proofs import checker

BITS = 96
ONE = 1 << BITS


def rational(rng: random.Random, size: int = 9) -> Fraction:
    return Fraction(rng.randint(-size, size), rng.randint(1, 5))


def table(rng: random.Random, m: int, n: int) -> list[list[Fraction]]:
    return [[rational(rng) * rng.choice([0, 1, 1]) for _ in range(n)] for _ in range(m)]


def flints(A: list[list[Fraction]]) -> flint.fmpq_mat:
    return flint.fmpq_mat([[flint.fmpq(v.numerator, v.denominator) for v in row] for row in A])


# --- matrices ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_semidefinite_is_that_of_sylvester(seed: int) -> None:
    """BᵀDB with B unit triangular is semidefinite exactly where D ≥ 0."""
    rng = random.Random(seed)
    n = rng.randint(1, 5)
    D = [rng.choice([0, 1, 2, 3]) for _ in range(n)]
    if seed % 2:
        D[rng.randrange(n)] = -1
    B = [[Fraction(1 if i == j else rng.randint(-2, 2) * (j > i)) for j in range(n)]
         for i in range(n)]  # fmt: skip
    S = [[sum((B[k][i] * D[k] * B[k][j] for k in range(n)), Fraction(0)) for j in range(n)]
         for i in range(n)]  # fmt: skip
    for order in (list(range(n)), rng.sample(range(n), n)):
        turned = [[S[i][j] for j in order] for i in order]
        assert checker._semidefinite(turned) is (min(D) >= 0), (D, B)


def test_small_semidefinite_matrices() -> None:
    one, two = Fraction(1), Fraction(2)
    for S, is_so in (
        ([], True),
        ([[Fraction(0)]], True),
        ([[-one]], False),
        ([[0 * one, one], [one, 0 * one]], False),
        ([[0 * one, one], [one, two]], False),
        ([[one, two], [two, one]], False),
        ([[one, one], [one, one]], True),
        ([[one, 0 * one, 0 * one], [0 * one, one, two], [0 * one, two, one]], False),
    ):
        assert checker._semidefinite(S) is is_so, S


@pytest.mark.parametrize("seed", range(40))
def test_ranks_and_determinants_agree_with_flint(seed: int) -> None:
    rng = random.Random(seed)
    m, n = rng.randint(1, 5), rng.randint(1, 5)
    A = table(rng, m, n)
    if seed % 3 == 0 and m > 1:
        A[-1] = [a - 2 * b for a, b in zip(A[0], A[m // 2], strict=True)]
    assert checker._rank(A) == flints(A).rank()
    square = [[rng.randint(-9, 9) * rng.choice([0, 1, 1]) for _ in range(m)] for _ in range(m)]
    if seed % 4 == 0:
        square[0] = list(square[-1])
    det = int(flint.fmpz_mat(square).det())
    assert checker._determinant(square) == det
    for p in (2, 3, 7, 10007):
        assert checker._determinant_mod(square, p) == det % p
    assert checker._rank([]) == 0 and checker._determinant([]) == 1


def test_rows_without_denominators_and_products() -> None:
    assert checker._cleared([Fraction(1, 2), Fraction(-2, 3), Fraction(5)]) == [3, -4, 30]
    assert checker._matmul([[1, 2], [3, 4]], [[5, 6, 7], [8, 9, 10]]) == [
        [21, 24, 27],
        [47, 54, 61],
    ]


@pytest.mark.parametrize("n", [0, 1, 2, 41, 43, 561, 3215031751, 2**31 - 1, 2**61 - 1, 41 * 43])
def test_primes_by_sympy(n: int) -> None:
    assert checker._is_prime(n) is bool(sympy.isprime(n))
    if n > 1:
        assert dict(checker._primes(Fraction(n, 12))) == {
            p: k for p, k in sympy.factorrat(sympy.Rational(n, 12)).items() if k
        }


# --- intervals -----------------------------------------------------------------------------------


def holds(interval: tuple[int, int], true: object, width: int, bits: int = BITS) -> None:
    """lo ≤ true·2^bits ≤ hi, and hi − lo ≤ width."""
    lo, hi = interval
    with mpmath.workdps(120):
        scaled = mpmath.mpf(2) ** bits * true
        assert lo <= scaled <= hi, (lo, hi, true)
    assert hi - lo <= width, hi - lo


@pytest.mark.parametrize("n", [2, 3, 5, 17])
def test_roots(n: int) -> None:
    rng = random.Random(n)
    for x in (0, 1, 2, 2**n, 2**n - 1, 3**n, rng.randrange(10**40)):
        assert checker._floor_root(x, n) == sympy.integer_nthroot(x, n)[0]
    with mpmath.workdps(120):
        for q in (Fraction(2), Fraction(1, 7), Fraction(10**6), Fraction(rng.randint(1, 99), 13)):
            lo, hi = (
                (q.numerator << BITS) // q.denominator,
                -((-q.numerator << BITS) // q.denominator),
            )
            true = mpmath.root(mpmath.mpf(q.numerator) / q.denominator, n)
            holds(checker._nth_root((lo, hi), n, BITS), true, 1 << 12)
        wide = checker._nth_root((ONE, 2**n * ONE), n, BITS)
        assert wide[0] <= ONE and 2 * ONE <= wide[1] <= 2 * ONE + 2
    assert checker._nth_root((-5, ONE), n, BITS)[0] == 0
    with pytest.raises(checker.Refused, match="too high"):
        checker._nth_root((ONE, ONE), 1001, BITS)
    checker._nth_root((ONE, ONE), 1000, BITS)


@pytest.mark.parametrize("seed", range(40))
def test_products_and_quotients_of_intervals(seed: int) -> None:
    """Every product and quotient of members lies inside, and no further out than rounding."""
    rng = random.Random(seed)
    a, c = (tuple(sorted(rng.randint(-9 * ONE, 9 * ONE) for _ in range(2))) for _ in range(2))
    exact = [x * y for x in a for y in c]
    lo, hi = checker._mul(a, c, BITS)  # type: ignore[arg-type]
    assert lo == math.floor(Fraction(min(exact), ONE)) and hi == math.ceil(
        Fraction(max(exact), ONE)
    )
    q = rational(rng)
    lo, hi = checker._times(a, q)  # type: ignore[arg-type]
    ends = [x * q for x in a]
    assert lo == math.floor(min(ends)) and hi == math.ceil(max(ends))
    if a[0] > 0 or a[1] < 0:
        lo, hi = checker._reciprocal(a, BITS)  # type: ignore[arg-type]
        ends = [Fraction(ONE * ONE, x) for x in a]
        assert lo == math.floor(min(ends)) and hi == math.ceil(max(ends))
    else:
        with pytest.raises(checker.Refused, match="not separated"):
            checker._reciprocal(a, BITS)  # type: ignore[arg-type]


@pytest.mark.parametrize("end", [(0, 5), (-5, 0), (-1, 1)])
def test_nothing_is_divided_by_an_interval_around_zero(end: tuple[int, int]) -> None:
    with pytest.raises(checker.Refused):
        checker._reciprocal(end, BITS)


FUNCTIONS = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "tanh": mpmath.tanh,
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_images_hold_the_values_to_the_last_bit(name: str) -> None:
    """At 96 bits, held against 120 digits: inside without any slack, and narrow."""
    rng = random.Random(name)
    points = [Fraction(0), Fraction(1), Fraction(1, 3), Fraction(5, 2), Fraction(-7, 4)]
    points += [rational(rng, 40) for _ in range(12)] + [Fraction(1, 10**6)]
    for q in points:
        if name == "log" and q <= 0:
            continue
        lo, hi = math.floor(q * ONE), math.ceil(q * ONE)
        with mpmath.workdps(120):
            true = FUNCTIONS[name](mpmath.mpf(q.numerator) / q.denominator)
            slack = int(2**14 * max(math.exp(2 * abs(q)), 1 / abs(q) if q else 1))
        holds(checker._image(name, lo, hi, BITS), true, slack)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_images_hold_whole_intervals(name: str) -> None:
    rng = random.Random(name)
    for _ in range(15):
        lo = rng.randint(1, 3 * ONE) if name == "log" else rng.randint(-3 * ONE, 3 * ONE)
        hi = lo + rng.randint(0, ONE)
        below, above = checker._image(name, lo, hi, BITS)
        with mpmath.workdps(60):
            for k in range(6):
                z = (lo + (hi - lo) * k // 5) / mpmath.mpf(2) ** BITS
                assert below <= FUNCTIONS[name](z) * mpmath.mpf(2) ** BITS <= above


def over(name: str, lo: int, hi: int) -> tuple[Any, Any]:
    """f and f' over an interval."""
    found = checker._apply(name, checker._variable(checker.Span(lo, hi), 0, 1))
    return found.v, found.parts[1].get((0,), Fraction(0))


def test_logarithms_have_a_pole() -> None:
    with pytest.raises(checker.Refused, match="pole"):
        checker._log_at(0, BITS)
    with pytest.raises(checker.Refused, match="too large"):
        checker._taylor((1 << BITS + 10) + 1, (1, 1, 1, 1), BITS)


@pytest.mark.parametrize(
    ("name", "slope"),
    [
        ("exp", mpmath.exp),
        ("log", lambda z: 1 / z),
        ("tanh", lambda z: 1 / mpmath.cosh(z) ** 2),
        ("sigmoid", lambda z: mpmath.exp(-z) / (1 + mpmath.exp(-z)) ** 2),
        ("softplus", lambda z: 1 / (1 + mpmath.exp(-z))),
        ("sin", mpmath.cos),
        ("cos", lambda z: -mpmath.sin(z)),
    ],
)
def test_slopes_over_intervals_to_the_last_bit(name: str, slope: object) -> None:
    rng = random.Random(name)
    whole = 1 << checker.WORK
    for _ in range(20):
        lo = rng.randint(1, 3 * whole) if name == "log" else rng.randint(-3 * whole, 3 * whole)
        hi = lo + rng.choice([0, 1, whole >> 40, whole // 4])
        value, first = over(name, lo, hi)
        f = (lambda z: 1 / (1 + mpmath.exp(-z))) if name == "sigmoid" else FUNCTIONS[name]
        with mpmath.workdps(120):
            for end in (lo, hi, (lo + hi) // 2):
                z = end / mpmath.mpf(2) ** checker.WORK
                assert value.lo <= f(z) * whole <= value.hi, name
                assert first.lo <= slope(z) * whole <= first.hi, name  # type: ignore[operator]


@pytest.mark.parametrize("name", ["relu", "abs"])
def test_kinks_over_intervals(name: str) -> None:
    """Slopes 1 to the right, 0 or −1 to the left; nothing where the kink may lie inside."""
    value, slope = over(name, 2, 5)
    assert (value.lo, value.hi, slope) == (2, 5, 1)
    value, slope = over(name, -5, -2)
    left = 0 if name == "relu" else -1
    assert slope == left and (value.lo, value.hi) == ((0, 0) if name == "relu" else (2, 5))
    for lo, hi in ((-1, 1), (0, 1), (-1, 0), (0, 0)):
        with pytest.raises(checker.Refused):
            over(name, lo, hi)


def test_arithmetic_of_spans() -> None:
    whole = 1 << checker.WORK
    a, b = checker.Span(whole, 2 * whole), checker.Span(-3 * whole, whole)

    def ends(x: checker.Span) -> tuple[int, int]:
        assert x.lo % whole == x.hi % whole == 0
        return x.lo // whole, x.hi // whole

    assert ends(a + b) == (-2, 3) and ends(a - b) == (0, 5) and ends(-b) == (-1, 3)
    assert ends(a * b) == (-6, 2) and ends(a * Fraction(-2)) == (-4, -2)
    assert ends(3 - a) == (1, 2) and ends(a - Fraction(1)) == (0, 1) and ends(2 + a) == (3, 4)
    assert ends(checker._span_power(a, Fraction(3))) == (1, 8)
    assert ends(checker._span_power(a, Fraction(0))) == (1, 1)
    inverse = checker._span_power(a, Fraction(-1))
    assert (inverse.lo, inverse.hi) == (whole // 2, whole)
    for e in (Fraction(1, 2), Fraction(65)):
        with pytest.raises(checker.Refused):
            checker._span_power(a, e)
    checker._span_power(a, Fraction(64))


def test_products_of_tables_of_intervals() -> None:
    X = [[Fraction(1), Fraction(-2)], [Fraction(0), Fraction(1, 3)]]
    B = [[(1, 2), (0, 0)], [(3, 5), (-6, 9)]]
    assert checker._enclosed_product(X, B) == [[(-9, -4), (-18, 12)], [(1, 2), (-2, 3)]]


# --- exact numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["2**(1/3) - 3**(1/5)", "exp(1/3)*log(5)", "tanh(2)/7 - sin(3)", "cos(1)*2**(1/2)", "log(7/3)",
     "exp(-2) - 1/7", "(2 + exp(1))**(1/2)", "softplus(1) - sigmoid(1)", "1/exp(3)", "1/2**(2/3)",
     "1/log(5)",
     "1/tanh(2)**3", "2/sin(1)", "log(tanh(1))", "1/log(cos(1))"],
)  # fmt: skip
def test_enclosures_of_constants_to_the_last_bit(text: str) -> None:
    names = {n: getattr(sympy, n) for n in ("exp", "log", "tanh", "sin", "cos")}
    names["sigmoid"] = lambda z: 1 / (1 + sympy.exp(-z))
    names["softplus"] = lambda z: sympy.log(1 + sympy.exp(z))
    with mpmath.workdps(120):
        true = mpmath.mpf(str(sympy.N(sympy.sympify(text, locals=names, rational=True), 110)))
    number = checker._constant(text, "x")
    holds(checker._enclose(number, BITS), true, 1 << 20)
    assert checker._sign(number) == (1 if true > 0 else -1)
    assert checker._sign(-number) == (-1 if true > 0 else 1)


@pytest.mark.parametrize(
    "text",
    ["log(exp(1/3)) - 1/3", "log(3*exp(1/2)) - log(3) - 1/2", "log(2**(1/2)) - log(2)/2",
     "log(exp(log(5)*2/3)) - 2*log(5)/3", "log(2*3**(1/2)*exp(2)) - log(2) - log(3)/2 - 2"],
)  # fmt: skip
def test_logarithms_of_products(text: str) -> None:
    assert checker._constant(text, "x") == 0


def test_signs_of_fractions_and_of_close_numbers() -> None:
    assert [checker._sign(Fraction(q)) for q in (-1, 0, 1)] == [-1, 0, 1]
    near = checker._constant("exp(1) - 2.718281828459045".replace("2.718281828459045",
                             "2718281828459045/1000000000000000"), "x")  # fmt: skip
    assert checker._sign(near) == 1


# --- what is read --------------------------------------------------------------------------------


def test_what_is_read_is_of_the_shape_that_was_asked() -> None:
    assert checker._rational_table([[1, "1/2"]], 1, 2, "t") == [[1, Fraction(1, 2)]]
    for value, m, n in (
        ([[1]], 2, 1),
        ([[1], [2]], 1, 1),
        ([[1, 2]], 1, 1),
        ([1], 1, 1),
        ("x", 1, 1),
    ):
        with pytest.raises(checker.Refused):
            checker._rational_table(value, m, n, "t")
    assert checker._increasing([0, 2], 3, "i") == [0, 2]
    for value in ([0, 0], [2, 0], [3], [-1], [True], [0.0], (0, 1), None):
        with pytest.raises(checker.Refused):
            checker._increasing(value, 3, "i")
    assert checker._index(0, 5, "i") == 0 and checker._index(5, 5, "i") == 5
    for value in (-1, 6, "1", True):
        with pytest.raises(checker.Refused):
            checker._index(value, 5, "i")
    assert checker._number("-3/2", "n") == Fraction(-3, 2) and checker._number(4, "n") == 4
    for value in ("2/4", "3/1", "3", "1/0", 0.5, True, None, "1/-2", " 1/2"):
        with pytest.raises(checker.Refused):
            checker._number(value, "n")
    assert checker._names(["a", "b_1"]) == ["a", "b_1"]
    for value in (["a", "a"], ["1"], [""], ["a b"], [1], "ab"):
        with pytest.raises(checker.Refused):
            checker._names(value)
    checker._keys({"a": 1, "b": 2}, "b a")
    for value in ({"a": 1}, {"a": 1, "b": 2, "c": 3}, [], None):
        with pytest.raises(checker.Refused):
            checker._keys(value, "a b")


# --- losses --------------------------------------------------------------------------------------


def problem(loss: object, y: list[object], outputs: list[str] | None = None) -> checker.Problem:
    """F = (a, b) at a = 3, b = 1, one example."""
    return checker.Problem(
        {
            "model": {
                "kind": "closed-form",
                "outputs": outputs or ["a", "b"],
                "parameters": ["a", "b"],
                "inputs": [],
                "fixed": {},
            },
            "x": [[]],
            "y": [y],
            "loss": loss,
            "regulariser": None,
            "point": {"a": 3, "b": 1},
        }
    )


@pytest.mark.parametrize(
    ("loss", "y", "value"),
    [
        ({"kind": "half-squared", "factor": 1}, [0, 0], 5),
        ({"kind": "half-squared", "factor": "1/2"}, [1, 1], 1),
        ({"kind": "sum-of-squares", "factor": 1}, [0, 0], 10),
        ({"kind": "mean-squared", "factor": 1}, [0, 0], 5),
        ({"kind": "quartic", "factor": 1}, [1, 0], 17),
        ({"kind": "weighted-squared", "weights": [[2, 1], [1, 4]]}, [0, 0], 14),
        ({"kind": "weighted-squared", "weights": [[2, 1], [1, 4]]}, [1, 2], 4),
        ({"kind": "expression", "factor": 3, "expression": "o1*o2 - y1"}, [1, 0], 6),
    ],
)
def test_values_of_losses_by_hand(loss: object, y: list[object], value: int) -> None:
    """Weighted: ½ eᵀWe at e = (3, 1): ½ (18 + 6 + 4); at (2, −1): ½ (8 − 4 + 4)."""
    here = problem(loss, y)
    assert here.total(here.theta) == value


@pytest.mark.parametrize(
    "loss",
    [
        {"kind": "weighted-squared", "weights": [[1, 2], [0, 1]]},
        {"kind": "weighted-squared", "weights": [[1, 0]]},
        {"kind": "half-squared", "factor": 0},
        {"kind": "half-squared", "factor": -1},
        {"kind": "half-squared"},
        {"kind": "no such loss", "factor": 1},
        {"kind": 3, "factor": 1},
        {"kind": "cross-entropy", "factor": 1},
        {"kind": "binary-cross-entropy", "factor": 1},
        {"kind": "softmax-cross-entropy", "factor": 1},
        None,
    ],
)
def test_what_is_no_loss_is_refused(loss: object) -> None:
    """The last three because the target 2 is no probability."""
    with pytest.raises(checker.Refused):
        problem(loss, [2, 0])


def test_squares_under_a_weighted_loss() -> None:
    """½ eᵀWe with W = (2, 1; 1, 2) at e = 0: (e₁ + e₂/2)² + ¾ e₂²."""
    here = problem({"kind": "weighted-squared", "weights": [[2, 1], [1, 2]]}, [3, 1])
    for root, weight, holds_true in (
        ("1/2", "3/4", True),
        ("1/3", "3/4", False),
        ("1/2", 1, False),
    ):
        squares = [
            {"weight": 1, "root": f"a - 3 + {root}*(b - 1)"},
            {"weight": weight, "root": "b - 1"},
        ]
        claim = {"kind": "squares", "squares": squares}
        if holds_true:
            assert checker.sentence(here, claim, ["∇L = 0"]) == "θ is a global minimum of L"
        else:
            with pytest.raises(checker.Refused, match="not the sum"):
                checker.sentence(here, claim, ["∇L = 0"])
