"""What is excluded for all labels against labels that are tried one by one.

Classes of a small grammar, rational throughout. Of H ⪰ 0 the rank is below ρ = rank J exactly where
e_ρ(H), the sum of its principal minors of order ρ, is 0: along lines r = c·n of critical residuals
that is a polynomial in c, whose rational zeros SymPy finds. There, and on a grid of small integers,
the kind of the point is asked; a local minimum of lower rank refutes an exclusion.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product

import sympy

from hessrank.proofs.counterexamples import fewer as module
from hessrank.proofs.counterexamples.labels import labels
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

FORMS = ("x", "y", "x*y", "x**2", "y**2", "x**2 - y**2", "x**3", "x*y**2", "x + y**2", "x*y + x**3")
#: So many lines of residuals, and so many points on each, are tried.
LINES, ZEROS = 6, 4


def classes(rng: random.Random, count: int) -> Iterator[tuple[Model, list[list[int]], list[int]]]:
    """Closed forms at 0, and square, cube and identity nets at small integers."""
    for _ in range(count):
        if rng.random() < 0.5:
            outputs = rng.sample(FORMS, rng.randint(2, 3))
            yield Model.from_expressions([f"{f} + 0*x + 0*y" for f in outputs], "x y"), [[]], [0, 0]
        else:
            widths = rng.choice(([1, 1, 1], [1, 2, 1], [2, 1, 1], [1, 1, 1, 1], [1, 1, 2]))
            net = mlp(widths, rng.choice(("square", "cube", "identity")), rng.random() < 0.3)
            x = [[rng.randint(-2, 2) for _ in range(widths[0])] for _ in range(rng.randint(2, 3))]
            yield net, x, [rng.choice((0, 0, 1, 1, -1, 2)) for _ in net.parameters]


def labelled(model: Model, x: list[list[int]], point: list[int], r: sympy.Matrix) -> Landscape:
    """The landscape with residual r of the loss Σ (o − y)²/2."""
    K = model.output_count
    zero = Problem(model, Data(x, [[0] * K for _ in x]), "half-squared").at(point)
    F = zero.loss_gradient.to_sympy()  # o − 0
    y = [Fraction(int(v.p), int(v.q)) for v in F.reshape(len(F), 1) - r]
    return Problem(model, Data(x, [y[i : i + K] for i in range(0, len(y), K)]), "half-squared").at(
        point
    )


def lower_ranks(model: Model, x: list[list[int]], point: list[int]) -> Iterator[Landscape]:
    """Landscapes in which H may have a lower rank than J."""
    M = len(x) * model.output_count
    J = labelled(model, x, point, sympy.zeros(M, 1)).jacobian.to_sympy()
    left, rho = J.T.nullspace(), J.rank()
    if not left or not rho:
        return
    seconds = []
    for n in left:
        H = labelled(model, x, point, n).hessian.to_sympy()
        seconds.append(H - J.T * J)
    c = sympy.Symbol("c")
    mixed = [v for v in product((-1, 0, 1, 2), repeat=len(left)) if any(v)]
    for weights in [v for v in mixed if next(w for w in v if w) > 0][:LINES]:
        S = sum((w * s for w, s in zip(weights, seconds, strict=True)), sympy.zeros(*H.shape))
        n = sum((w * v for w, v in zip(weights, left, strict=True)), sympy.zeros(M, 1))
        pencil = J.T * J + c * S
        e = sum(
            pencil.extract(list(rows), list(rows)).det(method="berkowitz")
            for rows in combinations(range(H.shape[0]), rho)
        )
        e = sympy.Poly(sympy.expand(e), c)
        zeros = [] if e.is_zero else [r for r in sympy.roots(e) if r.is_Rational]
        for value in [*zeros[:ZEROS], -1, 1]:
            if (J.T * J + value * S).rank() < rho:
                yield labelled(model, x, point, value * n)


def tried(seed: int, count: int) -> Counter[str]:
    """What is said of classes, and in how many of them labels of lower rank were found by force.
    AssertionError where these were excluded."""
    seen: Counter[str] = Counter()
    for model, x, point in classes(random.Random(seed), count):
        answer = labels(model, x, point).fewer
        by_force = any(
            minimum(here).local.truth is Truth.TRUE for here in lower_ranks(model, x, point)
        )
        spec = ([str(o) for o in model.outputs], x, point)
        assert not (by_force and answer.exists is Truth.FALSE), (spec, answer.why)
        seen[f"{answer.exists.name.lower()}, {'found' if by_force else 'not found'}"] += 1
    return seen


def test_no_label_that_is_tried_was_excluded() -> None:
    seen = tried(0, 120)
    assert seen["true, found"] >= 5 and seen["false, not found"] >= 40, seen


def test_a_wrong_exclusion_is_noticed(monkeypatch) -> None:
    """With no c left on any line of residuals, and with no direction to follow."""
    monkeypatch.setattr(module, "pencil", lambda *_: [])
    monkeypatch.setattr(module, "_affine", lambda *_: None)
    try:
        tried(0, 120)
    except AssertionError:
        return
    raise AssertionError("not noticed")
