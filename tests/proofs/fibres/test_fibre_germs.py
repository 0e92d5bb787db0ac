"""Bounds on the dimension of a fibre against germs whose local dimension is known, moved by
diffeomorphisms before and after.

The strong checker is `contradiction`: it holds what `fibre_dimension` says of F at 0 against the
true dimension of {G = 0}, which no change of coordinates around 0 alters, neither of the parameters
nor of the outputs; and the tangent vectors that are shown against J and their own independence.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import sympy
from flint import fmpq

from hessrank.proofs.fibres.fibre import FibreDimension, fibre_dimension
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

U, V, W = sympy.symbols("u v w")

#: (components of G, number of variables, dim {G = 0} at 0, whether rank dG is constant near 0)
GERMS: list[tuple[list[sympy.Expr], int, int, bool | None]] = [
    ([U], 3, 2, True),
    ([U**2], 2, 1, False),
    ([U**3], 2, 1, False),
    ([U, V], 3, 1, True),
    ([U**2 + V**2], 2, 0, False),
    ([U**2 + V**2], 3, 1, False),
    ([U * V], 2, 1, False),
    ([U**2 - V**2], 2, 1, False),
    ([U**2 + V**2 - W**2], 3, 2, False),
    ([U**2 + V**2 + W**4], 3, 0, False),
    ([U**2, U * V], 2, 1, False),
    ([U, U * V], 2, 1, False),
    ([U, V**2], 2, 0, False),
    ([U, V**2], 3, 1, False),
    ([U**2, V**2], 2, 0, False),
    ([U * V, U * W], 3, 2, False),
    ([U, U**2], 2, 1, True),
    ([U + V, U * V], 2, 0, False),
    ([U**2 + V**2 - W**3], 3, 2, False),
    ([U**2 + V**4], 2, 0, False),
]


def changed(G: list[sympy.Expr], n: int, rng: random.Random) -> list[sympy.Expr]:
    """ψ ∘ G ∘ φ with φ, ψ diffeomorphisms around 0 that keep 0."""
    old, new = (U, V, W)[:n], sympy.symbols("x y z")[:n]

    def invertible(size: int) -> sympy.Matrix:
        while True:
            A = sympy.Matrix(size, size, lambda i, j: rng.randint(-2, 2))
            if A.det():
                return A

    A, B = invertible(n), invertible(len(G))
    inner = {
        u: sum(A[i, j] * x for j, x in enumerate(new))
        + sum(rng.choice([0, 0, 1, -1]) * a * b for a in new for b in new)
        for i, u in enumerate(old)
    }
    moved = [g.subs(inner, simultaneous=True) for g in G]
    return [
        sympy.expand(
            sum(B[i, j] * g for j, g in enumerate(moved)) + rng.choice([0, 1]) * moved[0] ** 2
        )
        for i in range(len(G))
    ]


def at_origin(forms: list[sympy.Expr], n: int) -> Landscape:
    names = ["x", "y", "z"][:n]
    texts = [str(f) + "".join(f" + 0*{v}" for v in names) for f in forms]
    problem = Problem(Model.from_expressions(texts, names), Data([[]], [[0] * len(forms)]))
    return problem.at(dict.fromkeys(names, 0))


def contradiction(
    here: Landscape, found: FibreDimension, truth: int, steady: bool | None
) -> str | None:
    """Why `found` cannot be right where the fibre has the local dimension `truth`, or None."""
    if not found.lower <= truth <= found.upper:
        return f"{found} does not hold {truth}"
    if steady is not None and found.constant_rank.truth is Truth.of(not steady):
        return f"constant rank: {found.constant_rank}"
    J = here.jacobian.to_sympy()
    vectors = [
        sympy.Matrix([sympy.Rational(int(c.p), int(c.q)) for c in v]) for v in found.tangents
    ]
    if any(J * v != sympy.zeros(J.rows, 1) for v in vectors):
        return "a tangent vector outside ker J"
    if vectors and sympy.Matrix.hstack(*vectors).rank() != found.lower:
        return "tangent vectors that do not span the manifold"
    return None


def test_the_checker_can_fail() -> None:
    here = at_origin([sympy.Symbol("x") ** 2], 2)
    right = fibre_dimension(here)
    assert contradiction(here, right, 1, False) is None
    for wrong in (
        replace(right, upper=0, lower=0),
        replace(right, lower=2, upper=2),
        replace(right, constant_rank=~right.constant_rank),
    ):
        assert contradiction(here, wrong, 1, False)
    line = at_origin([sympy.Symbol("x")], 2)
    outside = replace(fibre_dimension(line), tangents=((fmpq(1), fmpq(0)),))
    assert contradiction(line, outside, 1, True) == "a tangent vector outside ker J"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("which", range(len(GERMS)))
def test_germs_keep_their_dimension(which: int, seed: int) -> None:
    G, n, dimension, steady = GERMS[which]
    forms = (
        changed(G, n, random.Random(100 * which + seed))
        if seed
        else [g.subs({U: sympy.Symbol("x"), V: sympy.Symbol("y"), W: sympy.Symbol("z")}) for g in G]
    )
    here = at_origin(forms, n)
    found = fibre_dimension(here)
    why = contradiction(here, found, dimension, steady)
    assert why is None, (forms, found, why)


def test_they_are_decided() -> None:
    """In their own coordinates."""
    to = {U: sympy.Symbol("x"), V: sympy.Symbol("y"), W: sympy.Symbol("z")}
    found = [fibre_dimension(at_origin([g.subs(to) for g in G], n)) for G, n, _, _ in GERMS]
    assert all(f.decided for f in found)
