"""The smallest sizes and the narrowest margins of the checker: matrices of 0 and 1 rows, bounds
that are met exactly, and what is not computed where nobody asks for it."""

from __future__ import annotations

import copy
import math
from fractions import Fraction
from typing import Any

import pytest

from hessrank.proofs import checker

ONE = 1 << checker.WORK


def problem(
    outputs: list[str], point: dict[str, object], loss: str | None = None, **change: object
) -> checker.Problem:
    model = {"kind": "closed-form", "outputs": outputs, "parameters": list(point), "inputs": [],
             "fixed": {}}  # fmt: skip
    given = {"model": model, "x": [[]], "y": [[0] * len(outputs)], "regulariser": None,
             "loss": {"kind": "half-squared", "factor": 1}, "point": point}  # fmt: skip
    if loss is not None:
        given["loss"] = {"kind": "expression", "factor": 1, "expression": loss}
    return checker.Problem(given | change)


def said(here: checker.Problem, claim: dict[str, object], *proved: str) -> str:
    """What the claim proves, or why it is refused."""
    try:
        return checker.sentence(here, claim, list(proved))
    except checker.Refused as refusal:
        return f"refused: {refusal}"


def inertia(blocks: list[object], signs: tuple[int, int, int]) -> dict[str, object]:
    counts = dict(zip(("positive", "negative", "zero"), signs, strict=True))
    n = len(blocks)
    return {"kind": "inertia", "matrix": "hessian", "order": list(range(n)),
            "L": [[0] * i for i in range(n)], "blocks": blocks, "inertia": counts}  # fmt: skip


@pytest.mark.parametrize(
    ("d", "signs", "reason"),
    [
        (1, (1, 0, 0), None),
        (2, (1, 0, 0), "L D Lᵀ differs"),
        (-1, (0, 1, 0), "L D Lᵀ differs"),
        (0, (0, 0, 1), "L D Lᵀ differs"),
    ],
)
def test_inertia_of_one_number(d: int, signs: tuple[int, int, int], reason: str | None) -> None:
    """H of t²/2."""
    found = said(problem(["t"], {"t": 3}), inertia([[[d]]], signs))
    assert (
        reason in found if reason else found == "H has 1 positive, 0 negative, 0 zero eigenvalues"
    )


def test_inertia_of_nothing() -> None:
    here = problem(["2"], {})
    assert said(here, inertia([], (0, 0, 0))) == "H has 0 positive, 0 negative, 0 zero eigenvalues"
    assert "positive is wrong" in said(here, inertia([], (1, 0, 0)))


@pytest.mark.parametrize("order", [1, 2])
def test_second_derivatives_only_where_they_are_asked_for(order: int) -> None:
    asked: set[int] = set()

    def cube(k: int) -> Fraction:
        asked.add(k)
        return Fraction([8, 12, 12][k])

    found = checker._variable(Fraction(2), 0, order).chain(cube)
    assert asked == set(range(order + 1)) and (found.v, found.first()) == (8, {0: 12})


def test_the_norm_of_a_row_less_the_unit() -> None:
    row = [(-3, 2), (ONE - 5, ONE + 4), (1, 7)]
    assert [checker._off_unit(row, i) for i in range(3)] == [
        ONE + 3 + ONE + 4 + 7,
        3 + 5 + 7,
        3 + ONE + 4 + ONE - 1,
    ]
    assert checker._magnitude((3, 10)) == 10 and checker._magnitude((-9, 2)) == 9


def leaves(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    if isinstance(value, (dict, list)):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for key, v in inner for leaf in leaves(v, (*path, key))]
    return [path]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1.0], ids=str)
def test_binary_floats_are_refused_in_words(value: float) -> None:
    """In every place of a certificate, sealed again: JSON of Python knows NaN and Infinity."""
    model = {"kind": "closed-form", "outputs": ["t"], "parameters": ["t"], "inputs": ["x"],
             "fixed": {}}  # fmt: skip
    given = {"model": model, "x": [[1]], "y": [["1/2"]], "regulariser": "t - t",
             "loss": {"kind": "half-squared", "factor": 1}, "point": {"t": "1/2"}}  # fmt: skip
    claims = [{"kind": "critical"}, {"kind": "negative-curvature", "direction": ["1/2"]}]
    made: Any = {"format": checker.FORMAT, "version": 1, "kind": "statement", "problem": given,
                 "about": "", "claims": claims[:1], "statement": "∇L = 0"}  # fmt: skip

    def sealed(certificate: Any) -> Any:
        certificate["about"] = checker.fingerprint(certificate["problem"])
        return certificate | {"digest": checker.digest(certificate)}

    assert checker.check(sealed(made)) is None
    made["claims"] = claims
    for path in leaves(made):
        forged = copy.deepcopy(made)
        *above, last = path
        place = forged
        for key in above:
            place = place[key]
        place[last] = value
        if path != ("about",):
            assert isinstance(checker.check(sealed(forged)), str), path
        forged["digest"] = value
        assert isinstance(checker.check(forged), str), path


def test_which_roots_of_primes_are_sums_of_roots_of_unity() -> None:
    """√97 beside e(1/5) is, √101 is not; both keep their squares and their signs."""
    for p, kinds in ((97, {"turn"}), (101, {"prime", "turn"})):
        root = checker._prime_power(p, Fraction(1, 2))
        number = root + checker._cosine(Fraction(1, 5))
        assert {g[0] for m in number.terms for g, _ in m} == kinds
        assert checker._product(root, root) == p
        back = number - checker._cosine(Fraction(1, 5))
        assert back * back == p and checker._sign(number - 10) == 1
    assert checker._half(frozenset([(("prime", 97), Fraction(1, 3))])) == 0


def test_rank_and_inertia_of_empty_matrices() -> None:
    """No parameters: H has no rows. No examples: J has none."""
    enclosed = {"kind": "rank-enclosed", "rank": 0, "rows": [], "columns": [], "inverse": [],
                "kernel": None}  # fmt: skip
    plain = {"kind": "rank", "rank": 0, "rows": [], "columns": [], "adjugate": [],
             "determinant": 1}  # fmt: skip
    bare, blank = problem(["2"], {}), problem(["t"], {"t": 1}, x=[], y=[])
    for claim in (enclosed, plain):
        assert said(bare, claim | {"matrix": "hessian"}) == "rank H = 0"
        assert said(blank, claim | {"matrix": "jacobian"}) == "rank J = 0"
        assert "is out of range" in said(bare, claim | {"matrix": "hessian", "rows": [0]})
        assert "is out of range" in said(blank, claim | {"matrix": "jacobian", "columns": [0]})
