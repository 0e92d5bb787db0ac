"""Every way to a rank on the same matrices: whatever two ways say must be compatible.

The rank is known by construction: B = [I; B'] and C = [I, C'] have rank r over any field, so that
the product BC has rank r, whatever numbers B' and C' hold. For the matrices of networks the
singular values of the second engine, which sees no derived formula, stand beside the exact ways.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

import hessrank as hr
from hessrank.numeric.measured_ranks import measured_rank
from hessrank.symbolic.expressions.expression import Expr, evaluate, number
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.expressions.substitution import Expressions
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.models import architecture_bounds
from hessrank.symbolic.ranks.algebraic_rank import algebraic_rank
from hessrank.symbolic.ranks.ball_matrix import BallMatrix
from hessrank.symbolic.ranks.formal_rank import formal_rank
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import left_null_space, null_space
from hessrank.symbolic.ranks.probable_rank import probable_upper
from hessrank.symbolic.ranks.rational_rank import rational_rank
from hessrank.symbolic.ranks.unexpanded.free_forms import free_upper
from hessrank.symbolic.ranks.unexpanded.residue_rank import residue_bounds

Bounds = tuple[int, int]


def disagreements(found: dict[str, Bounds], rank: int | None = None) -> list[str]:
    """What is wrong with bounds on one rank from several ways; `rank`, where that is known."""
    true = {} if rank is None else {"by construction": (rank, rank)}
    every = {**found, **true}
    return [
        f"{a} says ≥ {low}, {b} says ≤ {high}"
        for a, (low, _) in every.items()
        for b, (_, high) in every.items()
        if low > high
    ]


@dataclass(frozen=True)
class Product:
    """BC of rank r, as closed forms."""

    name: str
    rows: tuple[tuple[Expr, ...], ...]
    rank: int

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.rows[0])

    def entries(self, ring: Any) -> list[list[Any]]:
        return [evaluate(row, ring, {}) for row in self.rows]

    def at(self, bits: int) -> list[list[Any]]:
        return self.entries(BallRing())

    @property
    def exact(self) -> Matrix:
        def build(field: Field) -> Matrix:
            return Matrix.of(np.array(self.entries(field), dtype=object), field)

        return evaluate_in_field(build)


#: Numbers of which B' and C' are made: from each ring that a way treats by itself.
NUMBERS = {
    "rational": ("0", "1", "-2/3", "5", "7/11"),
    "exponential lattice": ("exp(log(2)/2)", "tanh(log(3))", "sigmoid(log(5))", "1/2"),
    "roots": ("sqrt(2)", "sqrt(3)", "2", "sqrt(6)"),
    "one exponential": ("exp(1)", "exp(2)", "exp(-1)", "3"),
    "tanh": ("tanh(1)", "tanh(2)", "1", "tanh(1/2)"),
    "turns": ("cos(1)", "sin(1)", "cos(2)", "1"),
    "logarithms": ("log(2)", "log(3)", "log(6)", "1"),
    "angles": ("cos(pi/5)", "sqrt(5)", "sin(pi/10)", "1"),
}


def product(name: str, m: int, n: int, r: int, seed: int) -> Product:
    draw = random.Random(f"{name} {m} {n} {r} {seed}")
    given = [parse(text) for text in NUMBERS[name]]
    unit = [[number(int(i == j)) for j in range(r)] for i in range(r)]
    B = unit + [[draw.choice(given) for _ in range(r)] for _ in range(m - r)]
    right = [[draw.choice(given) for _ in range(n - r)] for _ in range(r)]
    C = [row + more for row, more in zip(unit, right, strict=True)]
    rows = []
    for b in draw.sample(B, m):
        row = []
        for j in range(n):
            total = number(0)
            for k in range(r):
                total = total + b[k] * C[k][j]
            row.append(total)
        rows.append(tuple(row))
    return Product(f"{name}, {m}×{n}", tuple(rows), r)


SIZES = ((3, 4, 2), (4, 3, 3), (2, 2, 1))
PRODUCTS = [product(name, *size, seed=1) for name in NUMBERS for size in SIZES]


def both(result: Any) -> Bounds:
    return result.lower, result.upper


def ways(p: Product) -> Iterator[tuple[str, Callable[[], Bounds | None]]]:
    """Each way that treats such a matrix; None where it says nothing."""
    M, (m, n) = p.exact, p.shape
    yield "rank of the closed forms", lambda: both(hr.rank([list(row) for row in p.rows]))
    yield "rank of the transpose", lambda: both(M.T.rank())
    yield "formal rank", lambda: both(formal_rank(M.rows, M.shape, M.field))
    if M.is_rational:
        for kernel in (False, True):
            yield (
                f"rational rank, kernel={kernel}",
                lambda k=kernel: both(rational_rank(M.to_flint(), kernel=k)),
            )

    def algebraic() -> Bounds | None:
        found = algebraic_rank(M.rows, M.shape, M.field)
        return None if found is None else both(found)

    yield "algebraic rank", algebraic
    yield "balls", lambda: both(BallMatrix(p.at, p.shape).rank())
    yield "balls and residues", lambda: both(BallMatrix(p.at, p.shape, entries=p.entries).rank())

    def free() -> Bounds | None:
        found = free_upper(p.entries, p.shape)
        return None if found is None else (0, found[0])

    yield "free letters", free

    def residues() -> Bounds | None:
        seen = residue_bounds(p.entries, p.shape)
        return None if seen is None else (seen.rank if seen.independent else 0, seen.rank)

    yield "residues", residues

    def probable() -> Bounds | None:
        found = probable_upper(M.rows, p.rank, M.field)
        return None if found is None else (0, p.rank)

    yield "random specialisation", probable

    def kernel() -> Bounds:
        dimension = len(null_space(M.rows, n, M.field))
        return n - dimension, n - dimension

    def cokernel() -> Bounds:
        dimension = len(left_null_space(M.rows, n, M.field))
        return m - dimension, m - dimension

    yield "null space", kernel
    yield "left null space", cokernel

    def generic() -> Bounds:
        """The rank at a point is at most the generic one."""
        symbols: dict[Expr, str] = {}
        for e in (e for row in p.rows for e in row):
            if not e.is_number:
                symbols.setdefault(e, f"t{len(symbols)}")
        rows = [[symbols.get(e, str(e)) for e in row] for row in p.rows]
        return 0, hr.generic_rank(rows).upper

    yield "generic rank", generic

    def numeric() -> Bounds | None:
        found = measured_rank(M.to_numpy())
        return (found.rank, found.rank) if found.safe else None

    yield "singular values", numeric


@pytest.mark.parametrize("p", PRODUCTS, ids=lambda p: p.name)
def test_every_way_to_the_rank_of_a_product(p: Product) -> None:
    found = {name: bounds for name, way in ways(p) if (bounds := way()) is not None}
    assert disagreements(found, p.rank) == []
    assert {"formal rank", "balls", "null space", "singular values"} <= set(found)
    assert found["rank of the closed forms"] == (p.rank, p.rank)


def test_that_no_way_is_silent_everywhere() -> None:
    """Each way says something on some product, and settles the rank, or its side of it, on one."""
    told: dict[str, int] = {}
    for p in PRODUCTS[::3]:
        for name, way in ways(p):
            bounds = way()
            told[name] = told.get(name, 0) + (bounds is not None and p.rank in bounds)
    assert len(told) == 15
    assert all(told.values()), told


def test_that_the_checker_can_fail() -> None:
    assert disagreements({"a": (2, 3), "b": (0, 2)}) == []
    assert disagreements({"a": (3, 3), "b": (0, 2)}) == ["a says ≥ 3, b says ≤ 2"]
    assert disagreements({"a": (0, 1)}, rank=2) == ["by construction says ≥ 2, a says ≤ 1"]


# --- the matrices of networks -------------------------------------------------------------------

LOSSES = ("half-squared", "softmax-cross-entropy", "quartic")
NAMES = ("jacobian", "gauss_newton", "residual", "hessian", "loss_hessian")


@cache
def landscape(activation: str, loss: str, seed: int) -> hr.Landscape:
    """A net of widths 1, 3, 2 whose hidden units 1 and 2 are alike, on three examples."""
    draw = random.Random(f"{activation} {loss} {seed}")
    net = hr.mlp([1, 3, 2], activation, bias=seed == 1)
    # thirds of weights and fifths of biases: no preactivation is 0, where relu has its kink
    point = {
        n: Fraction(draw.choice((-8, -2, 1, 4, 7)), 5 if n.startswith("b") else 3)
        for n in net.parameters
    }
    point |= {n: point[n.replace("w1_2", "w1_1")] for n in point if n.startswith("w1_2")}
    point |= {n: point[n.replace("b1_2", "b1_1")] for n in point if n.startswith("b1_2")}
    x = [[1], [2], [-1]]
    soft = [["1/2", "1/2"], ["1/4", "3/4"], [1, 0]]
    return hr.Problem(net, hr.Data(x, soft), loss).at(point)


def ways_of_a_landscape(here: hr.Landscape, name: str) -> dict[str, Bounds]:
    matrix = here.matrix(name)
    found = {"landscape": both(here.rank(name)), "matrix": both(matrix.rank())}
    key = dict(zip(NAMES, ("J", "GN", "R", "H", "A"), strict=True))[name]
    found["balls and residues"] = both(here._enclosed_matrix(key, matrix.shape).rank())
    modular = here._modular_rank(name)
    if modular is not None:
        found["residues of the run"] = both(modular)
    setting = here._setting
    if setting is not None and name in architecture_bounds.MATRICES:
        found["architecture"] = (0, architecture_bounds.upper_bound(name, setting)[0])
    for side, bound in zip(("below", "above"), here._by_theorems(name), strict=True):
        if bound is not None:
            found[f"theorems, {side}"] = (bound[0], 10**6) if side == "below" else (0, bound[0])
    if name != "loss_hessian":
        measured = here.numeric_rank(name)
        if getattr(measured, "safe", False):
            found["singular values"] = (measured.rank, measured.rank)
    rows = here.evaluation(Expressions()).get(key)
    if matrix.shape[0] * matrix.shape[1] <= 40:
        found["closed forms"] = both(hr.rank(np.reshape(rows, matrix.shape).tolist()))
    return found


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["identity", "relu", "square", "tanh"])
def test_every_way_to_the_ranks_of_a_landscape(activation: str, loss: str) -> None:
    for seed in (0,) if activation == "tanh" else (0, 1):
        here = landscape(activation, loss, seed)
        for name in NAMES:
            found = ways_of_a_landscape(here, name)
            assert disagreements(found) == [], (name, found)
            assert found["landscape"][1] - found["landscape"][0] <= 0, (name, found)


def test_that_each_way_to_the_ranks_of_a_landscape_is_taken() -> None:
    taken = {
        way
        for activation in ("square", "tanh")
        for name in NAMES
        for way in ways_of_a_landscape(landscape(activation, "half-squared", 0), name)
    }
    assert taken == {
        "landscape",
        "matrix",
        "balls and residues",
        "residues of the run",
        "architecture",
        "theorems, below",
        "theorems, above",
        "singular values",
        "closed forms",
    }
