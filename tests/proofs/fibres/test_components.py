"""Polynomial fibres, component by component, against counts of real branches.

In the plane the zeros of several polynomials near 0 are those of their greatest common divisor g
(what is left of each has isolated zeros in common), and g has a real branch at 0 where it has zeros
on small circles; these are counted by SymPy's Sturm sequences after t ↦ ((1 − t²), 2t)/(1 + t²).
"""

from __future__ import annotations

import random
from fractions import Fraction
from functools import reduce

import pytest
import sympy
from flint import Ordering, fmpq_mpoly_ctx

from hessrank.proofs.fibres import components as room
from hessrank.proofs.fibres.components import Zeros, components
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.symbolic.budget import OverBudget
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

X, Y, T = sympy.symbols("x y t")


def at(outputs: list[str], names: str, **point: object) -> Landscape:
    forms = [f + "".join(f" + 0*{n}" for n in names.split()) for f in outputs]
    problem = Problem(Model.from_expressions(forms, names), Data([[]], [[0] * len(forms)]))
    return problem.at({n: point.get(n, 0) for n in names.split()})


def known_in_the_plane(polynomials: list[sympy.Expr]) -> int:
    """The local dimension at 0 of the real zeros."""
    g = sympy.Poly(reduce(sympy.gcd, polynomials), X, Y)
    if g.is_zero:
        return 2
    if g.eval((0, 0)):
        return 0
    counts = set()
    for radius in (sympy.Rational(1, 10**4), sympy.Rational(1, 10**5)):
        on_circle = {X: radius * (1 - T**2) / (1 + T**2), Y: radius * 2 * T / (1 + T**2)}
        moved = sympy.together(g.as_expr().subs(on_circle, simultaneous=True))
        roots = sympy.Poly(sympy.fraction(moved)[0], T).count_roots()
        counts.add(bool(roots) or not g.eval((-radius, 0)))
    (branches,) = counts
    return int(branches)


def drawn(rng: random.Random) -> sympy.Expr:
    """Sparse, a product, a sum or difference of powers."""

    def sparse(low: int, high: int, terms: int) -> sympy.Expr:
        total = sympy.Integer(0)
        for _ in range(terms):
            d = rng.randint(low, high)
            e = rng.randint(0, d)
            total += rng.choice([-2, -1, 1, 1, 2, 3]) * X**e * Y ** (d - e)
        return sympy.expand(total)

    match rng.randrange(6):
        case 0:
            return sparse(1, 4, rng.randint(1, 4))
        case 1:
            return sympy.expand(sparse(1, 3, 2) * sparse(1, 3, 2))
        case 2:
            a, b = sparse(1, 3, 2), sparse(1, 3, 2)
            return sympy.expand(rng.choice([1, 2]) * a**2 + rng.choice([1, 1, -1]) * b**2)
        case 3:
            return sympy.expand(sparse(1, 2, 2) ** 2 + sparse(1, 2, 2) ** 4)
        case 4:
            a, b = sparse(1, 2, 2), sparse(1, 2, 2)
            return sympy.expand(a ** rng.choice([2, 3, 4]) - b ** rng.choice([3, 5]))
        case _:
            return sparse(2, 5, 3)


def contradiction(found: Zeros | None, known: int) -> str | None:
    if found is None or found.lower <= known <= found.upper:
        return None
    return f"{found} does not hold {known}"


@pytest.mark.parametrize("seed", range(4))
def test_real_branches_in_the_plane(seed: int) -> None:
    rng = random.Random(seed)
    decided = 0
    for _ in range(25):
        polynomials = [drawn(rng) for _ in range(rng.choice([1, 1, 2, 3]))]
        found = components(at([str(p) for p in polynomials], "x y"))
        why = contradiction(found, known_in_the_plane(polynomials))
        assert why is None, (polynomials, why)
        decided += found is not None and found.lower == found.upper
    assert decided >= 22  # those with an isolated point of order four or more may stay open


def test_the_checker_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every polynomial is said to take both signs, circles know better."""
    monkeypatch.setattr(room._Work, "both_signs", lambda *_: True)
    found = components(at(["x**2 + y**2"], "x y"))
    assert contradiction(found, known_in_the_plane([X**2 + Y**2]))


KNOWN = {  # outputs, names, dimension
    "a cusp": (["x**2 - y**3"], "x y", 1),
    "a cusp on a line": (["x", "y**2 - z**3"], "x y z", 1),
    "a powered line and a cusp": (["x**3", "y**2 - z**3"], "x y z", 1),
    "a cone": (["x**2 + y**2 - z**2"], "x y z", 2),
    "a cone over the origin": (["x**2 + y**2 - z**3"], "x y z", 2),
    "an axis": (["x**2 + y**4"], "x y z", 1),
    "a curved axis": (["(x + y*z)**2 + (y - z**2)**4"], "x y z", 1),
    "two parabolas": (["x - y**2", "x + y**2"], "x y z", 1),
    "three axes": (["x*y", "y*z", "x*z"], "x y z", 1),
    "a plane and a line": (["x*y", "x*z"], "x y z", 2),
    "lines over Q(sqrt 2)": (["x**2 - 2*y**2"], "x y", 1),
    "a point over Q(i)": (["x**2 + 2*y**2", "z"], "x y z", 0),
    "order four in x": (["(x + y**2)**4 - y**9"], "x y", 1),
    "order four, isolated": (["x**4 + y**6"], "x y", 0),
    "an odd power between even ones": (["x**2*(x**2 + y**2)*y**3"], "x y", 1),
    "a definite factor": (["(x**2 + y**2)*(1 + x)"], "x y", 0),
    "order four, around a curve": (["(2*x + y + y**2)**4 + y**6"], "x y", 0),
    # xy(xy + z²) = 0 by the first two, so xy = 0 by the third, and then all are 0
    "three quadrics in a point": (["x**2 + y*z", "y**2 - x*z", "z**2 + 2*x*y"], "x y z", 0),
    "a maximum": (["x**4 + y**4 - x**2 - y**2"], "x y", 0),
    "one variable": (["x**2 - x**3"], "x", 0),
    "a rational function": (["x*y/(1 + x)", "x*z/(2 - y)"], "x y z", 2),
    "a pole elsewhere": (["(x**2 + y**2)/(1 - x)"], "x y", 0),
    "nothing asked": (["0", "0"], "x y", 2),
    "Whitney's umbrella": (["x**2 - y**2*z"], "x y z", 2),
    "the handle of an umbrella": (["x**2 + y**2*z**2"], "x y z", 1),
}


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("moved", [False, True])
def test_known_germs(name: str, moved: bool) -> None:
    outputs, names, dimension = KNOWN[name]
    point = dict.fromkeys(names.split(), 0)
    if moved:  # a linear change of coordinates, and another point
        letters = names.split()
        at_ = {n: Fraction(2 * i - 3, i + 1) for i, n in enumerate(letters)}
        shifted = {n: f"({n} - ({v}))" for n, v in at_.items()}
        first, last = letters[0], letters[-1]
        shifted[first] = f"({shifted[first]} + 3*{shifted[last]})"
        outputs = ["".join(shifted.get(c, c) for c in f) for f in outputs]
        point = dict(at_)
    found = components(at(outputs, names, **point))
    assert found is not None and (found.lower, found.upper) == (dimension, dimension), found


def test_any_variable_may_be_moved() -> None:
    """x first does not do: its powers at y = 0 are of order 4 and 6."""
    found = components(at(["(y + x + x**2)**4 + x**6"], "x y"))
    assert found is not None and (found.lower, found.upper) == (0, 0)


XYZW = fmpq_mpoly_ctx.get(("x", "y", "z", "w"), Ordering.degrevlex)
ALL = frozenset(range(4))


def test_even_terms_are_those_of_the_moved_variable() -> None:
    x, y, z, w = XYZW.gens()
    for p, terms in (
        (3 * (y + x**2) ** 4 + z**6, [(y + x**2) ** 4, z**6]),
        (-5 * (z - w**3) ** 2 - y**2 * w**2, [(z - w**3) ** 2, y**2 * w**2]),
        (x**2 + 7 * y**4, [x**2, y**4]),
        (x**2 - y**4, []),
        (x**3 + y**4, []),
    ):
        found = room._even_terms(p, ALL)
        assert len(found) == len(terms) and all(t in found for t in terms)


def test_what_vanishes_with_a_polynomial_of_one_sign() -> None:
    """Rule 5: (x + y²)² + z²(1 + y) = 0 where x + y² = 0 and z²(1 + y) = 0; else the gradient."""
    x, y, z, w = XYZW.gens()
    square = (x + y**2) ** 2 + z**2 * (1 + y)
    assert room._critical(square, ALL) == [2 * (x + y**2), 4 * z**2 * (1 + y)]
    cone = x**2 + y**2 + z**2 + w**2 + x**3
    assert room._critical(cone, ALL) == [x, y, z, w]
    quartic = x**4 * (1 + y) + z**4 * (1 + x)
    assert room._critical(quartic, ALL) == [quartic, *(quartic.derivative(i) for i in range(4))]


def test_zeros_of_a_system() -> None:
    x, y, z, _ = XYZW.gens()
    none = x - x
    for system, bounds in (
        ([none], (4, 4)),
        ([1 + x], (-1, -1)),
        ([x, 1 + y], (-1, -1)),
        ([x * y, x * (1 + z), x * z], (3, 3)),
        ([x * y, z], (2, 2)),
    ):
        found = room._Work().zeros(system, ALL, ())
        assert (found.lower, found.upper) == bounds


def test_what_takes_too_many_systems_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    here = at(["x*y", "y*z", "x*z"], "x y z")
    assert components(here) is not None
    monkeypatch.setattr(room, "MAX_SYSTEMS", 2)
    assert components(here) is None
    cross = at(["x*y"], "x y")  # it, x = 0 and y = 0, and what is left of either
    for most in (4, 5):
        monkeypatch.setattr(room, "MAX_SYSTEMS", most)
        assert (components(cross) is not None) is (most == 5)


def test_signs_that_the_mean_of_four_roots_does_not_see() -> None:
    """(x² − y³)² − y⁷ is y⁶ − y⁷ > 0 at x = 0 and −y⁷ < 0 at x² = y³: its zeros are curves."""
    x, y, _, _ = XYZW.gens()
    p = (x**2 - y**3) ** 2 - y**7
    assert room._Work().both_signs(p, frozenset({0, 1})) is not False
    found = components(at(["(x**2 - y**3)**2 - y**7"], "x y"))
    assert found is not None and found.lower <= 1 <= found.upper


def test_a_union_shows_its_largest_part() -> None:
    found = components(at(["x*y", "x*z"], "x y z"))
    assert found == Zeros(2, 2, "on {s_x = 0} no equation is left")
    assert components(at(["0"], "x y")) == Zeros(2, 2, "no equation is left")


def test_components_are_looked_for_up_to_their_limits() -> None:
    """Σ xᵢ² = 0, and multiples of it: the point 0."""
    for names, outputs in (
        (room.MAX_PARAMETERS, 1),
        (room.MAX_PARAMETERS + 1, 1),
        (2, room.MAX_OUTPUTS),
        (2, room.MAX_OUTPUTS + 1),
    ):
        letters = [f"x{i}" for i in range(names)]
        form = " + ".join(f"{x}**2" for x in letters)
        found = components(at([f"{k + 1}*({form})" for k in range(outputs)], " ".join(letters)))
        if names <= room.MAX_PARAMETERS and outputs <= room.MAX_OUTPUTS:
            assert found is not None and (found.lower, found.upper) == (0, 0)
        else:
            assert found is None


def test_long_polynomials_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    here = at(["x**2 + y**2 + x*y**2"], "x y")
    monkeypatch.setattr(room, "MAX_TERMS", 3)
    assert components(here) is not None
    monkeypatch.setattr(room, "MAX_TERMS", 2)
    assert components(here) is None
    x, y, _, _ = XYZW.gens()
    with pytest.raises(TooLarge, match="a polynomial of 3 terms"):
        room._through(x**2 + y**2 + x)
    with pytest.raises(TooLarge, match="a polynomial of 3 terms"):
        room._replaced(x**2 + y, 0, y**0, 1 + y)


def test_a_cone_that_takes_too_long_bounds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, z, _ = XYZW.gens()
    system, alive = [x**2 - y * z + x**5, y**3 - x**2 * z], frozenset(range(3))
    assert room._cone_dimension(system, alive) == 1

    def over(*_: object) -> int:
        raise OverBudget("time is over")

    monkeypatch.setattr(room, "groebner", over)
    assert room._cone_dimension(system, alive) == 3


def test_a_hypersurface_whose_signs_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its dimension is one less than that of the space at most."""
    monkeypatch.setattr(room._Work, "both_signs", lambda *_: None)
    found = components(at(["x**2 - y**3"], "x y"))
    assert found is not None and (found.lower, found.upper) == (0, 1)


def test_the_signs_of_a_polynomial_near_0() -> None:
    x, y, z, w = XYZW.gens()
    cone = x**2 + y**2 + z**2 + w**2
    for q, signs in (
        (cone, {1}),
        (-cone, {-1}),
        (x * cone, {1, -1}),
        (-(x**2) * cone, {-1}),
        (y**2 - x**3, {1, -1}),
        ((x + y**2) ** 2 - y**5, {1, -1}),  # positive on every line
        (cone - cone, set()),
    ):
        assert room._Work().signs(q, ALL) == signs


def test_lines_along_one_two_and_all_variables() -> None:
    """Those that are left, with coordinates 1, −1 and 2, and no others but the idle ones."""
    x, y, z, w = XYZW.gens()
    form = x**2 + y**2 + z**2 + w**2  # moves along every line
    lines = {tuple(map(int, v)) for v in room._lines(form, [0, 1, 2, 3])}
    counts = {k: sum(4 - v.count(0) == k for v in lines) for k in range(1, 5)}
    assert counts == {1: 4 * 3, 2: 6 * 3**2, 3: 0, 4: 3**4}
    assert {tuple(map(int, v)) for v in room._lines(form, [1])} == {
        (0, 1, 0, 0),
        (0, -1, 0, 0),
        (0, 2, 0, 0),
    }
    idle = [tuple(map(int, v)) for v in room._lines((x - y) ** 2, [0, 1])]
    assert idle[0] == tuple(-c for c in idle[1]) and idle[0][0] == idle[0][1] != 0


def test_what_shows_the_lower_bound() -> None:
    found = components(at(["x - y", "y - z**2", "w**2 - z**3"], "x y z w"))
    assert found is not None
    assert found.below == "on {s_x - s_y = s_z**2 - s_y = 0} s_z**3 - s_w**2 takes both signs"


def test_bounds_where_no_step_decides() -> None:
    """Two surfaces with a singular point in common: real curves are not looked for."""
    found = components(at(["x**3 - y**2*z + z**5", "y**3 - x*z**2 + x**4"], "x y z"))
    assert found is not None and (found.lower, found.upper) == (0, 1)


@pytest.mark.parametrize(
    ("outputs", "names"),
    [(["tanh(x)*y"], "x y"), (["sqrt(1 + x)*y"], "x y"), (["x*y**500"], "x y")],
)
def test_what_is_not_rational_or_too_large_is_left(outputs: list[str], names: str) -> None:
    assert components(at(outputs, names)) is None or outputs == ["x*y**500"]


def test_a_point_off_the_rationals_is_left() -> None:
    assert components(at(["x*y"], "x y", x="sqrt(2)")) is None


@pytest.mark.parametrize("sizes", ["111", "212", "311", "121", "221", "222"])
def test_products_of_matrices_that_are_zero(sizes: str) -> None:
    """{W₂W₁ = 0} at 0: rank W₂ = r leaves (h − r)n for W₁, so max_r r(m + h − r) + (h − r)n."""
    n, h, m = map(int, sizes)
    net = mlp([n, h, m], "identity", bias=False)
    x = [[int(i == j) for j in range(n)] for i in range(n)]
    here = Problem(net, Data(x, [[0] * m] * n)).at([0] * len(net.parameters))
    known = max(r * (m + h - r) + (h - r) * n for r in range(min(m, h) + 1))
    found = fibre_dimension(here)
    assert found.lower <= known <= found.upper
    if h == 1 or m == 1 == n:
        assert found.decided, found


def test_the_piece_of_a_relu_net() -> None:
    """w > 0: F = a w x near the point, at a = 0 a regular point of the line a = 0."""
    here = Problem(mlp([1, 1, 1], "relu", bias=False), Data([[2]], [[0]])).at([3, 0])
    assert fibre_dimension(here).lower == fibre_dimension(here).upper == 1
    zero = components(here)
    assert zero is not None and zero.lower == zero.upper == 1
