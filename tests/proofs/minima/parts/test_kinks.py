"""L to first order at a kink: slopes against L itself along lines, 0 in the subdifferential against
SymPy's solution of g + Σ s_i a_i = 0, and what is decided of each case by hand."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy
from flint import fmpq
from landscapes import at

from hessrank.proofs.minima.kinks import (
    MAX_KINKS,
    FirstOrder,
    _decide,
    _dot,
    _first_order,
    _zero_inside,
    minimum_at_kink,
)
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.fields.field import Field

TRUE, FALSE, UNDECIDED = Truth.TRUE, Truth.FALSE, Truth.UNDECIDED


def whole(values: list[int]) -> list[fmpq]:
    return [fmpq(v) for v in values]


def first_order(g: list[int], c: list[int], a: list[list[int]], least: list[int]) -> FirstOrder:
    return FirstOrder(Field(), whole(g), whole(c), [whole(row) for row in a], least)


# --- slopes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_slopes_of_a_sum_of_kinks(seed: int) -> None:
    """L′(0; v) = L(v) for L = g·θ + Σ c_i k_i(a_i·θ)."""
    rng = random.Random(seed)
    n, m = rng.randint(1, 3), rng.randint(0, 3)
    g, c = ([rng.randint(-3, 3) for _ in range(k)] for k in (n, m))
    a = [[rng.randint(-2, 2) for _ in range(n)] for _ in range(m)]
    least = [rng.choice([0, -1]) for _ in range(m)]
    found = first_order(g, c, a, least)
    for _ in range(10):
        v = [rng.randint(-3, 3) for _ in range(n)]
        want = sum(p * q for p, q in zip(g, v, strict=True))
        for ci, ai, li in zip(c, a, least, strict=True):
            z = sum(p * q for p, q in zip(ai, v, strict=True))
            want += ci * (abs(z) if li else max(z, 0))
        assert found.slope(v) == want
        assert _dot(whole(g), v) == sum(p * q for p, q in zip(g, v, strict=True))


#: (L, point, {v: L′(θ; v)}) by hand.
SLOPES: list[tuple[str, dict[str, object], dict[tuple[int, ...], Fraction | int]]] = [
    ("abs(x)", {"x": 0}, {(1,): 1, (-1,): 1, (2,): 2}),
    ("relu(x)", {"x": 0}, {(1,): 1, (-1,): 0}),
    ("3*relu(2*x) - x", {"x": 0}, {(1,): 5, (-1,): 1}),
    ("y*abs(x) + y**2", {"x": 0, "y": 3}, {(1, 0): 3, (-1, 0): 3, (0, 1): 6, (1, -1): -3}),
    ("abs(x)*relu(x - y) + 5*x", {"x": 1, "y": 1}, {(1, 0): 6, (0, 1): 0, (0, -1): 1, (1, 1): 5}),
    ("relu(x)**2 + x", {"x": 0}, {(1,): 1, (-1,): -1}),
    ("(1 + relu(x))**3", {"x": 0}, {(1,): 3, (-1,): 0}),
    ("abs(relu(x) - 1/2)", {"x": 0}, {(1,): -1, (-1,): 0}),
    ("relu(2 + abs(x))", {"x": 0}, {(1,): 1, (-1,): 1}),
    ("relu(x - 5) + abs(x)", {"x": 0}, {(1,): 1, (-1,): 1}),
    ("relu(x + 5) + abs(x)", {"x": 0}, {(1,): 2, (-1,): 0}),
    ("abs(x - 5) + abs(x)", {"x": 0}, {(1,): 0, (-1,): 2}),
    ("abs(sin(x)) + exp(x)", {"x": 0}, {(1,): 2, (-1,): 0}),
    ("abs(x**2 - 4)", {"x": 2}, {(1,): 4, (-1,): 4}),
    ("abs(x) + relu(y)", {"x": 0, "y": 0}, {(1, 1): 2, (-1, -1): 1, (0, 1): 1, (0, -1): 0}),
    ("abs(x) + relu(x)", {"x": 0}, {(1,): 2, (-1,): 1}),
    ("abs(sqrt(2)*sqrt(2) - 2)*x + abs(x)", {"x": 0}, {(1,): 1, (-1,): 1}),
    ("sign(x + 1)*abs(x) + step(x - 1)*x", {"x": 0}, {(1,): 1, (-1,): 1}),
]


@pytest.mark.parametrize(("form", "point", "slopes"), SLOPES)
def test_slopes_by_hand(
    form: str, point: dict[str, object], slopes: dict[tuple[int, ...], Fraction | int]
) -> None:
    found = _first_order(at(form, point), Field())
    assert found is not None
    for v, want in slopes.items():
        assert found.slope(v) == fmpq(want), v


def test_the_parts_of_the_first_order() -> None:
    """L = 2x − y + 3·relu(x + y) + 5·|x − 2y| at 0: g, c, a and l are read off."""
    found = _first_order(at("2*x - y + 3*relu(x + y) + 5*abs(x - 2*y)", {"x": 0, "y": 0}), Field())
    assert found is not None
    kinks = sorted(
        (int(c.p), tuple(int(v.p) for v in a), least)
        for c, a, least in zip(found.c, found.a, found.least, strict=True)
    )
    assert found.g == [2, -1] and kinks == [(3, (1, 1), 0), (5, (1, -2), -1)]


def test_an_argument_that_occurs_twice_is_one_kink() -> None:
    found = _first_order(at("relu(x) + relu(x)**2 + 3*relu(x)", {"x": 0}), Field())
    assert found is not None and found.c == [4]


@pytest.mark.parametrize(
    "form", ["relu(abs(x))", "abs(relu(x) - abs(x))", "step(x)", "sign(x) + abs(x)"]
)
def test_kinks_within_kinks_and_jumps_are_left_open(form: str) -> None:
    assert _first_order(at(form, {"x": 0}), Field()) is None


@pytest.mark.parametrize(("m", "known"), [(MAX_KINKS, True), (MAX_KINKS + 1, False)])
def test_how_many_kinks_are_examined(m: int, known: bool) -> None:
    form = " + ".join(f"abs({i}*x)" for i in range(1, m + 1))
    found = _first_order(at(form, {"x": 0}), Field())
    assert (found is not None) is known
    if found is not None:
        assert found.slope([1]) == m * (m + 1) // 2


# --- 0 in the subdifferential --------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_zero_among_the_slopes_against_sympy(seed: int) -> None:
    """Independent a_i: s from a linear system, then c_i l_i ≤ s_i ≤ c_i."""
    rng = random.Random(seed)
    n = rng.randint(1, 3)
    m = rng.randint(0, n)
    c = [rng.choice([0, 1, 2, 3]) for _ in range(m)]
    a = [[rng.randint(-2, 2) for _ in range(n)] for _ in range(m)]
    least = [rng.choice([0, -1]) for _ in range(m)]
    s = [
        rng.choice([ci * li, ci, *range(ci * li - 1, ci + 2)])
        for ci, li in zip(c, least, strict=True)
    ]
    g = [-sum(s[i] * a[i][j] for i in range(m) if c[i]) for j in range(n)]
    if rng.random() < 0.2:
        g[rng.randrange(n)] += 1
    active = [i for i in range(m) if c[i]]
    A = sympy.Matrix(n, len(active), lambda j, k: a[active[k]][j])
    found = _zero_inside(first_order(g, c, a, least), n)
    if active and A.rank() < len(active):
        assert found is None
        return
    unknowns = sympy.symbols(f"s:{len(active)}")
    solved = sympy.linsolve((A, -sympy.Matrix(g)), *unknowns) if active else (
        sympy.S.EmptySet if any(g) else sympy.FiniteSet(())
    )  # fmt: skip
    if solved == sympy.S.EmptySet:
        assert found == -1
        return
    (value,) = solved
    ranges = [(c[i] * least[i], v, c[i]) for i, v in zip(active, value, strict=True)]
    if any(not lo <= v <= hi for lo, v, hi in ranges):
        assert found == -1
    else:
        inner = len(active) == n and all(lo < v < hi for lo, v, hi in ranges)
        assert found == int(inner)


# --- what is decided -----------------------------------------------------------------------------

#: (L at 0, local, global, strict); None: not decided by first-order certificates.
DECIDED: list[tuple[str, tuple[Truth, Truth, Truth] | None]] = [
    ("abs(x)", (TRUE, TRUE, TRUE)),
    ("abs(x) - x", (TRUE, TRUE, UNDECIDED)),
    ("relu(x)", (TRUE, TRUE, UNDECIDED)),
    ("abs(x) - 2*x", (FALSE, FALSE, FALSE)),
    ("abs(x) + x/2", (TRUE, TRUE, TRUE)),
    ("abs(x) + 2*x", (FALSE, FALSE, FALSE)),
    ("abs(x) - x**4", (TRUE, UNDECIDED, TRUE)),
    ("abs(x) - x - x**4", None),  # falls to the right
    ("abs(x) - x + x**3", None),
    ("abs(x) + relu(y)**2", None),  # slope 0 along y, no convexity by rules
    ("abs(x) + abs(y) + y*relu(x)", (TRUE, UNDECIDED, TRUE)),  # relu(x) has the factor c = y = 0
    ("abs(x) + y**2", (TRUE, TRUE, UNDECIDED)),
    ("abs(x) + y", (FALSE, FALSE, FALSE)),
    ("abs(x) - y", (FALSE, FALSE, FALSE)),
    ("abs(x) - abs(y)", (FALSE, FALSE, FALSE)),
    ("-relu(x)", (FALSE, FALSE, FALSE)),
    ("abs(x) - relu(-2*x) + 3*x/2", (FALSE, FALSE, FALSE)),  # to the left: 1 − 2 − 3/2
    ("3*abs(x) - relu(x)", None),  # a concave kink: dependent a_i
    ("abs(x + y) + x/2 - y/2", (FALSE, FALSE, FALSE)),
    ("3*abs(x + y) + 3*abs(x) + 2*x + y - abs(y)", None),  # c < 0 and no line of a coordinate falls
    ("abs(x) + abs(y) + abs(x + y)", None),  # dependent, though a minimum
    ("abs(x + y) + abs(x - y)", (TRUE, TRUE, TRUE)),
    ("abs(sqrt(2)*x + 2*y) + abs(x + sqrt(2)*y)", None),  # dependent: √2 times the other
    ("abs(x + y) + abs(x - y) + 2*x", (TRUE, TRUE, UNDECIDED)),  # slope 0 along (−1, 0)
    ("3*abs(x + y) + 3*abs(x - 2*y) + x + 4*y", (TRUE, TRUE, TRUE)),
    ("2*abs(x - y) + relu(x + y) - x/2 - y/2", (TRUE, TRUE, TRUE)),
    ("relu(x + y) + x - y", (FALSE, FALSE, FALSE)),
    ("2*abs(x + 2*y) + abs(y) + 3*x + 5*y", (FALSE, FALSE, FALSE)),
    ("4*abs(x + 2*y) + abs(y) + 3*x + 9*y", (FALSE, FALSE, FALSE)),  # s = (−3, −3): along (−2, 1)
    ("4*abs(x + 2*y) + 3*abs(y) + 3*x + 9*y", (TRUE, TRUE, UNDECIDED)),
    ("4*abs(x + 2*y) + 4*abs(y) + 3*x + 9*y", (TRUE, TRUE, TRUE)),
    ("x", None),
    ("x**2", None),
]


#: The word for a point, from (is it a local, is it a global minimum).
KIND = {
    (TRUE, TRUE): "global minimum",
    (TRUE, UNDECIDED): "strict local minimum",
    (FALSE, FALSE): "not a minimum",
}


@pytest.mark.parametrize(("form", "want"), DECIDED)
def test_what_slopes_decide(form: str, want: tuple[Truth, Truth, Truth] | None) -> None:
    here = at(form, dict.fromkeys(("x", "y") if "y" in form else ("x",), 0))
    for found in (_decide(here, Field()), minimum_at_kink(here)):
        if want is None:
            assert found is None, found
            continue
        assert found is not None
        assert (found.local.truth, found.is_global.truth, found.strict) == want, found
        assert found.kind == KIND[want[:2]]


@pytest.mark.parametrize(("factor", "local"), [("1/2", TRUE), ("-2/3", TRUE), (2, FALSE)])
def test_kinks_along_irrational_forms(factor: object, local: Truth) -> None:
    """|√2x + y| + |x − y| + c(√2x + y) at 0: s = (−c, 0), inside for |c| < 1 alone."""
    here = at(f"abs(sqrt(2)*x + y) + abs(x - y) + ({factor})*(sqrt(2)*x + y)", {"x": 0, "y": 0})
    found = minimum_at_kink(here)
    assert found is not None and found.local.truth is local
    assert found.strict is local


@pytest.mark.parametrize(
    ("form", "direction"),
    [
        ("abs(x) - 2*x", (1,)),
        ("abs(x) + 2*x", (-1,)),
        ("abs(x) + y", (0, -1)),
        ("abs(x) - y", (0, 1)),
        ("abs(y) - 3*x", (1, 0)),
    ],
)
def test_along_which_line_it_falls(form: str, direction: tuple[int, ...]) -> None:
    found = _decide(at(form, dict.fromkeys("xy"[: len(direction)], 0)), Field())
    assert found is not None and found.direction is not None
    assert tuple(int(str(v)) for v in found.direction) == direction
