"""Closed forms: interned nodes, derivatives against SymPy, exact powers against integers, and depth
beyond Python's recursion limit."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction

import flint
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.symbolic.errors import DomainError, InputError
from hessrank.symbolic.expressions.convexity import Curvature, curvature
from hessrank.symbolic.expressions.differentiation import differentiate, gradient, hessian
from hessrank.symbolic.expressions.expression import (
    ZERO,
    Expr,
    evaluate,
    free_symbols,
    number,
    postorder,
    power,
    rational_power,
    symbol,
)
from hessrank.symbolic.expressions.functions import FUNCTIONS, function
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.balls import BallRing

x, y = symbol("x"), symbol("y")


def deep(n: int = 5_000) -> Expr:
    e = x
    for _ in range(n):
        e = function("tanh", e) + y
    return e


def test_equal_structure_is_one_object() -> None:
    assert (x + y) * 2 is (x + y) * 2
    assert x * 0 is ZERO and x + 0 is x and x**1 is x and (x**2) ** 3 is x**6
    with pytest.raises(AttributeError):
        x.name = "z"  # type: ignore[misc]
    with pytest.raises((TypeError, InputError)):
        x + 0.5  # type: ignore[operator]


@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("exponent", ["1/2", "1/4", "2/3", "3/4", "3/2", "-1/2"])
def test_roots_of_even_powers(n: int, exponent: str) -> None:
    """(xⁿ)^q is |x|^(nq) for even n, a power of x where nq is even and positive; else it stays."""
    x, q = symbol("x"), Fraction(exponent)
    found = power(power(x, Fraction(n)), q)
    simple = n % 2 == 0 and q > 0 and (n * q).denominator == 1 and (n * q) % 2 == 0
    assert (found is power(x, n * q)) == (simple or n == 1)
    if simple:
        for value in (-2.0, -0.5, 0.0, 3.0):
            assert abs((value**n) ** float(q) - value ** int(n * q)) < 1e-9


def test_a_root_squared_keeps_its_domain() -> None:
    """(√x)² is x only for x ≥ 0; √2 squared is 2."""
    assert number(2) ** Fraction(1, 2) * 1 is not number(2)
    assert (number(2) ** Fraction(1, 2)) ** 2 is number(2)
    with pytest.raises(DomainError):
        substitute([(x ** Fraction(1, 2)) ** 2], {"x": number(-1)})


def test_depth_is_no_obstacle() -> None:
    e = deep()
    assert len(postorder([e])) == 2 * 5_000 + 2
    assert pickle.loads(pickle.dumps(e)) is e and copy.deepcopy(e) is e
    assert free_symbols(e) == {"x", "y"}
    assert str(e).startswith("tanh(tanh(") and len(str(e)) == 1 + 5_000 * len("tanh() + y")
    (slope,) = gradient(e, ["y"])
    assert slope.op == "add"
    assert substitute([e], {"x": symbol("z")})[0] is not e
    with pytest.raises(InputError, match="characters"):
        parse(str(e), {"x", "y"})


@pytest.mark.parametrize(
    "text", ["-x*y", "x**(-1/2) + 2**(1/3)", "pi*x - erf(y)", "(x + y)**3/(x - y)", "5/7"]
)
def test_pickles_are_the_same_node(text: str) -> None:
    e = parse(text, {"x", "y"})
    assert pickle.loads(pickle.dumps(e)) is e


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"relu", "step", "abs", "sign"}))
def test_derivatives_of_the_functions_are_sympys(name: str) -> None:
    s = sympy.Symbol("x", real=True)
    z = s**2 / 3 + sympy.Rational(1, 5)
    theirs = {
        "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)),
        "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
    }.get(name, getattr(sympy, name, None))
    assert theirs is not None
    ours = differentiate(differentiate(function(name, x**2 / 3 + Fraction(1, 5)), "x"), "x")
    for q in (Fraction(2, 7), Fraction(-5, 3)):
        with flint.ctx.workprec(200):
            (value,) = evaluate([ours], BallRing(), {"x": BallRing.number(q)})
            found = sympy.Float(value.str(40, radius=False), 40)
        expected = sympy.diff(theirs(z), s, 2).subs(s, sympy.Rational(q)).evalf(40)
        assert abs(found - expected) < sympy.Float(10) ** -30


def test_the_piecewise_derivatives() -> None:
    """relu′ = step, |·|′ = sign, and their derivatives are 0 away from the kink."""
    assert differentiate(function("relu", x), "x") is function("step", x)
    assert differentiate(function("abs", x), "x") is function("sign", x)
    assert differentiate(function("step", x), "x") is ZERO
    assert [function(n, number(-3)) for n in ("relu", "abs", "step", "sign")] == [
        number(v) for v in (0, 3, 0, -1)
    ]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6))
def test_gradient_and_hessian_of_polynomials(c: list[int]) -> None:
    """Against SymPy, with shared nodes and cancelling terms."""
    e = parse(
        f"({c[0]}*x + {c[1]}*y)**3 + {c[2]}*x*y*({c[3]} + x*y) + {c[4]}*(x*y)**2 + {c[5]}*y",
        {"x", "y"},
    )
    X, Y = sympy.symbols("x y")
    same = (
        (c[0] * X + c[1] * Y) ** 3 + c[2] * X * Y * (c[3] + X * Y) + c[4] * (X * Y) ** 2 + c[5] * Y
    )

    class Poly:
        number = staticmethod(lambda q: sympy.Rational(q.numerator, q.denominator))
        power = staticmethod(lambda v, e: v ** int(e))

    table = [v for row in hessian(e, ["x", "y"]) for v in row]
    found = evaluate([*gradient(e, ["x", "y"]), *table], Poly(), {"x": X, "y": Y})
    expected = [same.diff(X), same.diff(Y), *sympy.hessian(same, (X, Y))]
    assert all(sympy.expand(a - b) == 0 for a, b in zip(found, expected, strict=True))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**40), st.integers(1, 10**12), st.integers(2, 9), st.integers(-4, 4))
def test_rational_powers(p: int, q: int, k: int, n: int) -> None:
    """(r^k)^(n/k) = rⁿ, and a root is rational only where integers say so."""
    r = Fraction(p, q)
    if r == 0 and n < 0:
        with pytest.raises(DomainError):
            rational_power(r, Fraction(n))
        return
    e = Fraction(n, k)
    power = rational_power(r**k, e)
    assert power == r**n
    beside = rational_power(r**k + 1, Fraction(1, k))
    assert beside is None or beside**k == r**k + 1


def test_roots_of_huge_integers_are_quick() -> None:
    n = 10**20_000
    assert rational_power(Fraction(n**3), Fraction(1, 3)) == n
    assert rational_power(Fraction(n**3 + 1), Fraction(1, 3)) is None


def test_unknown_functions_are_refused() -> None:
    for z in (x, number(1)):
        with pytest.raises(InputError):
            function("arctan", z)
    with pytest.raises(InputError):
        function("tanh")


#: Textbook curvatures (Boyd and Vandenberghe, section 3.1.5).
CURVATURES = [
    ("3*x - y + 1", "affine"), ("x**2 + y**4", "convex"), ("-(x - y)**2", "concave"),
    ("exp(x) - log(y)", "convex"), ("log(exp(x) + exp(y) + 1)", "convex"),
    ("softplus(x) + abs(x - y)", "convex"), ("log(cosh(x))", "convex"), ("5", "constant"),
    ("x*y", "unknown"), ("x**3", "unknown"), ("x**2 - y**2", "unknown"), ("tanh(x)", "unknown"),
    ("sqrt(2)*abs(x)", "convex"), ("-(pi*abs(x))", "concave"), ("(1 - sqrt(2))*x", "affine"),
    ("abs(sqrt(2)*x + y) + abs(x - y)", "convex"), ("exp(-3)*x**2*(2 + sqrt(3))", "convex"),
    ("(1 - sqrt(2))*abs(x)", "unknown"), ("sin(2)*x**2", "unknown"),
    ("log(exp(x) - exp(y))", "unknown"), ("exp(-(x**2))", "unknown"), ("(x**2 - 1)**2", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), CURVATURES)
def test_curvature(text: str, kind: str) -> None:
    assert curvature(parse(text, {"x", "y"})) is Curvature(kind)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_what_is_called_convex_is_convex_along_segments(seed: int) -> None:
    """Random compositions: f(midpoint) ≤ (f(a) + f(b))/2 by Python's floats."""
    import math
    import random

    rng = random.Random(seed)

    def tree(depth: int) -> tuple[str, str]:
        kind = rng.randrange(7) if depth else rng.randrange(2)
        if kind == 0:
            return (rng.choice(["x", "y"]),) * 2
        if kind == 1:
            return (str(rng.randint(0, 3)),) * 2
        a, f = tree(depth - 1)
        if kind == 2:
            b, g = tree(depth - 1)
            return f"({a} + {b})", f"({f} + {g})"
        if kind == 3:
            c = rng.choice(["-2", "-1", "2", "sqrt(2)", "exp(-1)", "(1 - sqrt(2))", "cosh(1)"])
            value = c.replace("sqrt", "math.sqrt").replace("exp", "math.exp")
            return f"({c})*({a})", f"({value.replace('cosh', 'math.cosh')})*({f})"
        if kind == 4:
            n = rng.choice([2, 3, 4])
            return f"({a})**{n}", f"({f})**{n}"
        if kind == 5:
            return f"exp({a})", f"math.exp({f})"
        return f"log(exp({a}) + 1)", f"math.log(math.exp({f}) + 1)"

    text, python = tree(4)
    found = curvature(parse(text, {"x", "y"}))
    if found is Curvature.UNKNOWN:
        return
    code = compile(python, "form", "eval")
    for _ in range(40):
        a, b = ((rng.uniform(-2, 2), rng.uniform(-2, 2)) for _ in range(2))
        try:
            f = [
                eval(code, {"math": math}, {"x": u, "y": v})
                for u, v in (a, b, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2))
            ]
        except OverflowError:
            return
        slack = 1e-9 * (1 + abs(f[0]) + abs(f[1]))
        if found in (Curvature.CONVEX, Curvature.AFFINE, Curvature.CONSTANT):
            assert f[2] <= (f[0] + f[1]) / 2 + slack, text
        if found in (Curvature.CONCAVE, Curvature.AFFINE, Curvature.CONSTANT):
            assert f[2] >= (f[0] + f[1]) / 2 - slack, text
