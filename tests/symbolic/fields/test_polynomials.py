"""Factors of polynomials against SymPy and against what they were multiplied from, and residues of
numbers against the relations between them."""

from __future__ import annotations

import random
from math import prod
from typing import Any

import pytest
import sympy
from flint import Ordering, fmpq, fmpq_mpoly_ctx

from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields import polynomials
from hessrank.symbolic.fields.elements import Element, Exact
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.fields.polynomials import (
    TooLarge,
    common_divisor,
    factored,
    factors,
    refuse_large,
    times,
)
from hessrank.symbolic.fields.residues import embeddings, homomorphism, residue

CONTEXT = fmpq_mpoly_ctx.get(("s", "t"), Ordering.lex)
S, T = CONTEXT.gens()


def multiplied(found: tuple[Any, list[tuple[Any, int]]]) -> Any:
    c, powers = found
    return prod((f**m for f, m in powers), start=CONTEXT.constant(c))


def by_sympy(poly: Any) -> list[int]:
    """The multiplicities of the irreducible factors."""
    terms = {
        tuple(map(int, m)): sympy.Rational(int(c.p), int(c.q)) for m, c in poly.to_dict().items()
    }
    return sorted(m for _, m in sympy.Poly(terms, *sympy.symbols("s t")).factor_list()[1])


@pytest.mark.parametrize("seed", range(8))
def test_factors_of_products(seed: int) -> None:
    rng = random.Random(seed)
    drawn = [
        CONTEXT.from_dict(
            {(rng.randint(0, 2), rng.randint(0, 2)): fmpq(rng.randint(-3, 3), 2) for _ in range(3)}
        )
        for _ in range(3)
    ]
    poly = prod((p**m for p, m in zip(drawn, (1, 2, 3), strict=True) if p), start=fmpq(3, 5) * S)
    found = factors(poly)
    assert multiplied(found) == poly and factored(poly) == found
    assert sorted(m for _, m in found[1]) == by_sympy(poly)


@pytest.mark.parametrize("n", [1, 2, 6, 12, 30])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("shape", ["t", "3*s^2", "s*t^4"])
def test_factors_of_powers_and_one(n: int, sign: int, shape: str) -> None:
    """c·m·(tⁿ ± 1): as many factors as there are divisors d of n (for +: of 2n, and not of n)."""
    before = {"t": T, "3*s^2": 3 * S**2, "s*t^4": S * T**4}[shape]
    for poly in (before * (T**n + sign), before * (1 + sign * T**n)):
        found = factors(poly)
        assert multiplied(found) == poly
        assert sorted(m for _, m in found[1]) == by_sympy(poly)


def test_factors_of_high_degree_are_those_of_the_powers_in_common() -> None:
    """With u = t^150 and s: t⁵(u² − s²)(u + s) is of degree 455, and t⁵(u − s)(u + s)²."""
    u = T**150
    found = factored(2 * T**5 * (u**2 - S**2) * (u + S))
    assert multiplied(found) == 2 * T**5 * (u**2 - S**2) * (u + S)
    assert sorted((int(f.total_degree()), m) for f, m in found[1]) == [(1, 5), (150, 1), (150, 2)]


def test_what_is_not_deflated_is_parted_by_its_powers() -> None:
    """((t + 1)^101·(t + 2)^101·t)²: of degree 406, without powers in common."""
    p = (T + 1) ** 101 * (T + 2) ** 101 * T
    found = factored(fmpq(1, 3) * p**2)
    assert multiplied(found) == fmpq(1, 3) * p**2
    assert sorted((int(f.total_degree()), m) for f, m in found[1]) == [(1, 2), (2, 202)]


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is kept to the last number."""
    three, two = S + T + 1, S + 2
    monkeypatch.setattr(polynomials, "MAX_PRODUCT", 6)
    assert times(three, two) == three * two
    monkeypatch.setattr(polynomials, "MAX_PRODUCT", 5)
    with pytest.raises(TooLarge, match="polynomials of 3 and 2 terms"):
        times(three, two)
    monkeypatch.setattr(polynomials, "MAX_TERMS", 5)
    refuse_large(three, two)
    monkeypatch.setattr(polynomials, "MAX_TERMS", 4)
    with pytest.raises(TooLarge, match="more than 4 terms"):
        refuse_large(three, two)
    monkeypatch.setattr(polynomials, "MAX_TERMS", 3_000)
    monkeypatch.setattr(polynomials, "MAX_FACTOR_DEGREE", 2)
    assert len(factors(three * two)[1]) == 2
    with pytest.raises(TooLarge, match="degree 3"):
        factors(three * two * S)


def test_common_divisors() -> None:
    p, q, r = S + T, S * T + 1, T - 3
    assert common_divisor(p * q, p * r) in (p, -p)
    assert common_divisor(p * q, r) == 1 == common_divisor(p, CONTEXT.constant(5))
    high = (S**3000 + T**3000) * p
    with pytest.raises(TooLarge, match="degrees 3001 and 3001"):
        common_divisor(high, high + 1)


#: Numbers whose products are reduced by the relations between their atoms.
RELATED = [
    ("sqrt(2) + sqrt(3)", "sqrt(6) - 1", "sqrt(2)/3", "exp(1) + sqrt(3)"),
    ("2**(1/3) + 1", "4**(1/3) - 2", "2**(1/3)*3**(1/2)"),
    ("cos(pi/5)", "sin(2*pi/5)", "1 - cos(2*pi/5)", "sqrt(5)", "2**(1/5)"),
    ("sqrt(1 + sqrt(2))", "sqrt(1 + sqrt(2)) - sqrt(2)", "sqrt(2) + 3"),
    ("tanh(1)", "exp(1/2)", "log(3) - 1", "pi"),
]


@pytest.mark.parametrize("texts", RELATED, ids=[", ".join(t) for t in RELATED])
def test_residues_of_sums_and_products(texts: tuple[str, ...]) -> None:
    """That of a product is the product of those of its factors, with relations put in or not."""

    def build(field: Field) -> list[Exact]:
        return evaluate([parse(t) for t in texts], field, {})

    values = evaluate_in_field(build)
    field = next(v.field for v in values if isinstance(v, Element))
    used = list(range(len(field.atoms)))
    for seed in range(5):
        made = homomorphism(field, used, random.Random(seed), 31)
        assert made is not None
        p, images = made
        assert p.bit_length() == 31 and sympy.isprime(p)
        of = {i: residue(v, images, p) for i, v in enumerate(values)}
        for i, a in enumerate(values):
            for j, b in enumerate(values):
                assert residue(a * b, images, p) == of[i] * of[j]
                assert residue(a - 2 * b, images, p) == of[i] - 2 * of[j]
                assert residue(a / b, images, p) == of[i] / of[j]


@pytest.mark.parametrize(
    ("text", "degree"),
    [("sqrt(2) + sqrt(3)", 4), ("2**(1/3)", 3), ("cos(pi/5)", 4), ("sqrt(1 + sqrt(2))", 4)],
)
def test_all_embeddings(text: str, degree: int) -> None:
    """As many as the degree of the field, with different residues of all atoms, where p splits."""
    value = evaluate_in_field(lambda field: evaluate([parse(text)], field, {})[0])
    field = value.field
    used = field.closure([value.num])
    found = []
    for p in sympy.primerange(10**4, 4 * 10**4):
        try:
            found = embeddings(field, used, int(p))
        except ZeroDivisionError:
            continue
        break
    assert len(found) == degree
    assert len({tuple(int(e[i]) for i in used) for e in found}) == degree
