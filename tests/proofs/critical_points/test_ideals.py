"""Gröbner bases against SymPy's, covers on ideals with known zeros, zeros against NumPy's."""

from __future__ import annotations

import random
from itertools import product

import flint
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.proofs.critical_points.ideals import (
    contains,
    cover,
    dimension,
    groebner,
    is_empty,
    normal_form,
)
from hessrank.proofs.critical_points.real_points import zeros

NAMES = ["x", "y", "z"]
CONTEXT = flint.fmpq_mpoly_ctx.get(NAMES, flint.Ordering.degrevlex)
SYMBOLS = sympy.symbols("x y z")

monomials = st.tuples(*[st.integers(0, 2)] * 3).filter(lambda m: sum(m) <= 3)
polynomials = st.dictionaries(monomials, st.integers(-3, 3).filter(bool), min_size=1, max_size=4)


def to_sympy(p):
    terms = [
        sympy.Rational(int(c.p), int(c.q)) * sympy.prod(s ** int(e) for s, e in zip(SYMBOLS, m))  # noqa: B905
        for m, c in p.to_dict().items()
    ]
    return sympy.Add(*terms)


@given(st.lists(polynomials, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_reduced_bases_are_those_of_sympy(generators):
    ps = [CONTEXT.from_dict(d) for d in generators]
    ours = groebner(ps)
    theirs = sympy.groebner([to_sympy(p) for p in ps], *SYMBOLS, order="grevlex", domain=sympy.QQ)
    assert {sympy.expand(to_sympy(p)) for p in ours} == {sympy.expand(g) for g in theirs.exprs}
    assert contains(ours, ps)


@given(st.lists(st.tuples(*[st.integers(-2, 2)] * 3), min_size=1, max_size=5, unique=True))
@settings(max_examples=40, deadline=None)
def test_a_cover_holds_every_known_zero_and_nothing_else(points):
    """The products of linear forms, one for each point, vanish on the points at least; the leaves
    hold all of them and lie in the zero set of the generators."""
    draw = random.Random(len(points))
    generators = []
    for _ in range(4):
        p = CONTEXT.constant(1)
        for point in points:
            a = [draw.randint(-2, 2) for _ in NAMES]
            p = p * sum(
                (c * (g - v) for c, g, v in zip(a, CONTEXT.gens(), point, strict=True)),
                CONTEXT.constant(0),
            )
        generators.append(p)
    leaves = cover(generators)
    for point in points:
        assert any(all(g(*point) == 0 for g in leaf) for leaf in leaves) or not any(generators)
    assert all(contains(leaf, generators) for leaf in leaves)


def test_a_leaf_that_lies_in_another_is_left_out_and_an_empty_one_too():
    x, y, z = CONTEXT.gens()
    assert cover([x * y, x * z]) == [(x,), (z, y)]
    assert cover([x**2 + 1, x]) == []
    assert is_empty(groebner([x * y - 1, x]))


def test_units_are_divided_out():
    x, y, _ = CONTEXT.gens()
    assert cover([x * y], nonzero=[x]) == [(y,)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("x*y, x*z", 2), ("x - 1, y**2 - x, z", 0), ("x**2 + y**2 + z**2", 2), ("x*y - 1, x", -1)],
)
def test_dimensions(text, expected):
    """Textbook varieties: a plane and a line, points, a cone, nothing."""
    x, y, z = CONTEXT.gens()
    known = {
        "x*y, x*z": [x * y, x * z],
        "x - 1, y**2 - x, z": [x - 1, y**2 - x, z],
        "x**2 + y**2 + z**2": [x**2 + y**2 + z**2],
        "x*y - 1, x": [x * y - 1, x],
    }
    assert dimension(groebner(known[text])) == expected


@given(st.lists(st.integers(-4, 4), min_size=3, max_size=6))
@settings(max_examples=50, deadline=None)
def test_real_zeros_are_those_of_numpy(coefficients):
    """x a root of a polynomial with simple roots, y = x² and z = x − y: every zero, no other."""
    p = np.poly1d([1, *coefficients])
    exact = sympy.Poly([1, *coefficients], SYMBOLS[0])
    if sympy.gcd(exact, exact.diff()).degree() > 0:
        return
    x, y, z = CONTEXT.gens()
    f = sum((c * x**k for k, c in enumerate(reversed([1, *coefficients]))), CONTEXT.constant(0))
    found = zeros(groebner([f, y - x**2, z - x + y]), random.Random(0).randint)
    assert len(found) == len(exact.real_roots())
    for point in found:
        a, b, c = (float(point.ball(v).mid()) for v in point.coordinates)
        scale = sum(abs(k) * abs(a) ** i for i, k in enumerate(reversed(p.coefficients)))
        assert abs(p(a)) < 1e-9 * (1 + scale)
        assert np.isclose(b, a * a) and np.isclose(c, a - b)


def test_multiple_zeros_are_one_point_each():
    x, y, z = CONTEXT.gens()
    basis = groebner([(x - 1) ** 2 * (x + 2), y**3, z - 5])
    found = zeros(basis, random.Random(0).randint)
    shown = {tuple(round(float(p.ball(v).mid())) for v in p.coordinates) for p in found}
    assert shown == {(1, 0, 5), (-2, 0, 5)}


def test_a_remainder_that_is_0_shows_membership():
    x, y, _ = CONTEXT.gens()
    basis = groebner([x * y - 1, y**2 - x])
    for a, b in product((x, y, x + y), repeat=2):
        assert not normal_form(a * (x * y - 1) + b * (y**2 - x), basis)
    assert normal_form(x - 1, basis)
