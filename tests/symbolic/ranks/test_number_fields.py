"""Ranks over number fields against the regular representation: a number of Q(√2, ∛5) is the 6×6
rational matrix by which it multiplies, and a matrix over the field has 6 times its rank."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq, fmpq_mat, fmpz, nmod, nmod_mat

from hessrank.symbolic.errors import counted
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.residues import residue
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.ranks import number_field_rank as way
from hessrank.symbolic.ranks.number_field_rank import (
    NumberField,
    Table,
    _mod,
    _pivots,
    _solved,
    _split,
    _verified,
    number_field_rank,
)

#: Multiplication by √2 and by ∛5 in the basis 1, ∛5, ∛25, √2, √2∛5, √2∛25.
ROOT = fmpq_mat(6, 6, [2 * (j == i + 3) + (i == j + 3) for i in range(6) for j in range(6)])
CUBE = fmpq_mat(
    6, 6, [(i == j + 1 and i % 3 > 0) + 5 * (j == i + 2 and i % 3 == 0)
           for i in range(6) for j in range(6)]
)  # fmt: skip
ONE = fmpq_mat(6, 6, [int(i == j) for i in range(6) for j in range(6)])

Number = tuple[Any, fmpq_mat]  # in the field, and as a matrix


def numbers() -> tuple[Field, Number, Number]:
    field = Field()
    root, cube = (field.power(fmpq(q), Fraction(1, k)) for q, k in ((2, 2), (5, 3)))
    assert (ROOT * ROOT).tolist() == (2 * ONE).tolist()
    assert (CUBE * CUBE * CUBE).tolist() == (5 * ONE).tolist()
    return field, (root, ROOT), (cube, CUBE)


def drawn(rng: random.Random, root: Number, cube: Number, size: int = 3) -> Number:
    """A random number of the field, often with few terms."""
    value, matrix = fmpq(0), 0 * ONE
    for a, b in itertools.product(range(2), range(3)):
        q = fmpq(rng.randint(-size, size), rng.randint(1, 3)) if rng.random() < 0.5 else fmpq(0)
        value = value + q * root[0] ** a * cube[0] ** b
        term = ONE
        for _ in range(a):
            term = term * root[1]
        for _ in range(b):
            term = term * cube[1]
        matrix = matrix + q * term
    return value, matrix


def times(a: list[list[Number]], b: list[list[Number]]) -> list[list[Number]]:
    n, k = len(b[0]), len(b)
    return [
        [
            (
                sum((row[t][0] * b[t][j][0] for t in range(k)), fmpq(0)),
                sum((row[t][1] * b[t][j][1] for t in range(k)), 0 * ONE),
            )
            for j in range(n)
        ]
        for row in a
    ]


def true_rank(table: list[list[Number]]) -> int:
    if not table or not table[0]:
        return 0
    rows = [[v for e in row for v in e[1].tolist()[i]] for row in table for i in range(6)]
    rank = fmpq_mat(rows).rank()
    assert rank % 6 == 0
    return int(rank) // 6


def planted(rng: random.Random, m: int, n: int, r: int, root: Number, cube: Number) -> Any:
    left = [[drawn(rng, root, cube) for _ in range(r)] for _ in range(m)]
    right = [[drawn(rng, root, cube) for _ in range(n)] for _ in range(r)]
    return times(left, right)


@pytest.mark.parametrize("seed", range(24))
def test_the_rank_is_that_of_the_regular_representation(seed: int) -> None:
    rng = random.Random(seed)
    field, root, cube = numbers()
    m, n = rng.randint(1, 4), rng.randint(1, 4)
    table = planted(rng, m, n, rng.randint(1, min(m, n)), root, cube)
    rows = [[v for v, _ in row] for row in table]
    expected = true_rank(table)
    found = number_field_rank(rows, (m, n), field)
    if found is None:  # no irrational entry at all
        assert not any(hasattr(v, "num") for row in rows for v in row)
        return
    assert (found.lower, found.upper, found.status) == (expected, expected, "certified")
    assert found.shape == (m, n) and found.failure_log2 is None
    minor = found.witness
    assert minor is not None and minor.size == expected
    assert true_rank([[table[i][j] for j in minor.columns] for i in minor.rows]) == expected
    assert found.lower_reason == (
        f"a {expected}×{expected} minor is not zero modulo a prime ideal above {minor.prime}"
    )
    if expected == min(m, n):
        side = (
            f"the matrix has {counted(m, 'row')}"
            if m <= n
            else f"the matrix has {counted(n, 'column')}"
        )
        assert found.upper_reason == side and found.kernel is None
        return
    degree = NumberField.of([v.num for r in rows for v in r if hasattr(v, "num")], field).degree
    assert found.upper_reason == (
        f"{counted(n - expected, 'independent kernel vector')} over a number field of degree "
        f"{degree} verified"
    )
    assert found.kernel is not None and len(found.kernel) == n - expected
    vectors = [evaluate(list(v), field, {}) for v in found.kernel]
    for v in vectors:
        for row in rows:
            assert sum((a * b for a, b in zip(row, v, strict=True)), fmpq(0)) == 0
    outside = [j for j in range(n) if j not in minor.columns]
    assert [[v[j] for j in outside] for v in vectors] == [
        [fmpq(int(i == j)) for j in outside] for i in outside
    ]


def test_a_bound_from_elsewhere_is_taken_where_it_is_reached() -> None:
    field, (s, _), _ = numbers()
    rows = [[s, fmpq(2), s], [fmpq(1), s, fmpq(1)]]
    found = number_field_rank(rows, (2, 3), field, (1, "proved otherwise"))
    assert found is not None and (found.lower, found.upper_reason) == (1, "proved otherwise")
    assert found.kernel is None
    above = number_field_rank(rows, (2, 3), field, (2, "proved otherwise"))
    assert above is not None and above.upper == 1 and len(above.kernel or ()) == 2
    full = number_field_rank([[s, fmpq(1)]], (1, 2), field, (2, "more than the size"))
    assert full is not None and full.upper_reason == "the matrix has 1 row"
    tall = number_field_rank([[s], [fmpq(1)]], (2, 1), field)
    assert tall is not None and tall.upper_reason == "the matrix has 1 column"


def test_what_is_left_to_other_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rational matrices, transcendental entries, entries of another field, too large degrees, and
    where no prime splits."""
    field, (s, _), (c, _) = numbers()
    other = Field().power(fmpq(2), Fraction(1, 2))
    e = field.function("exp", fmpq(1))
    assert number_field_rank([[fmpq(1)]], (1, 1), field) is None
    assert number_field_rank([[e]], (1, 1), field) is None
    assert number_field_rank([[s, e]], (1, 2), field) is None
    assert number_field_rank([[s / (s + e)]], (1, 1), field) is None
    assert number_field_rank([[s / (s + e), s]], (1, 2), field) is None
    assert number_field_rank([[other]], (1, 1), field) is None
    assert number_field_rank([[s, other]], (1, 2), field) is None
    both = [[s, c], [s * c, c * c]]
    monkeypatch.setattr(way, "MAX_DEGREE", 6)
    assert number_field_rank(both, (2, 2), field) is not None
    monkeypatch.setattr(way, "MAX_DEGREE", 5)
    assert number_field_rank(both, (2, 2), field) is None
    monkeypatch.setattr(way, "MAX_DEGREE", 6)
    monkeypatch.setattr(way, "MAX_TRIED", 0)
    assert number_field_rank(both, (2, 2), field) is None


def test_independence_of_the_monomials_has_to_be_known() -> None:
    """By Besicovitch for roots of primes, or atom by atom in a tower; else another way decides."""
    for simple, tower in ((True, False), (False, True), (False, False)):
        field, (s, _), (c, _) = numbers()
        if not simple:
            field.simple.clear()
        if not tower:
            field.tower.clear()
        found = number_field_rank([[s, c], [s * c, c * c]], (2, 2), field)
        assert (found is not None) is (simple or tower)
        assert found is None or found.upper == 1


def test_long_kernels_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    field, (s, _), _ = numbers()
    rows = [[s, fmpq(2), s], [fmpq(2), 2 * s, fmpq(2)]]
    for shown, largest in ((True, 6), (False, 5)):
        monkeypatch.setattr(way, "MAX_SHOWN", largest)
        found = number_field_rank(rows, (2, 3), field)
        assert found is not None and found.upper == 1 and (found.kernel is not None) is shown


def test_coordinates_in_the_basis_of_monomials() -> None:
    field, (s, _), (c, _) = numbers()
    over = NumberField.of([s.num, c.num], field)
    assert over is not None and over.degree == 6 and sorted(over.degrees) == [2, 3]
    assert len(set(over.monomials)) == 6
    atoms = [field.atom_power(i, 1) for i in over.used]
    rng = random.Random(5)
    for _ in range(10):
        coefficients = tuple(fmpq(rng.randint(-2, 2), rng.randint(1, 5)) for _ in range(6))
        value = fmpq(0)
        for q, exponents in zip(coefficients, over.monomials, strict=True):
            term = q
            for a, e in zip(atoms, exponents, strict=True):
                term = term * a**e
            value = value + term
        poly = over.poly(coefficients)
        assert field.polynomial(poly) == value
        assert over.coefficients(poly) == coefficients


@pytest.mark.parametrize("text", ["roots", "fifths", "both"])
def test_homomorphisms_respect_the_relations(text: str) -> None:
    """d distinct rows, each multiplicative; √2 goes to a square root of 2, 2cos(2π/m) to one of its
    conjugates."""
    field = Field()
    cosine = field.function("cos", field.function("pi") / 5)
    s, c = (field.power(fmpq(q), Fraction(1, k)) for q, k in ((2, 2), (5, 3)))
    chosen = {"roots": [s, c], "fifths": [cosine], "both": [cosine, c]}[text]
    over = NumberField.of([v.num for v in chosen], field)
    assert over is not None
    for seed in range(3):
        found = over.splitting(random.Random(seed))
        assert found is not None
        p, basis = found
        assert fmpz(p).is_prime() and p.bit_length() == 62
        rows = [[int(v) for v in row] for row in basis.tolist()]
        assert len(rows) == len({tuple(r) for r in rows}) == over.degree
        assert basis.rank() == over.degree  # Dedekind: distinct homomorphisms are independent
        for row in rows:
            value = dict(zip(over.monomials, row, strict=True))
            unit = {i: value[tuple(int(k == i) for k in over.used)] for i in over.used}
            for exponents, v in value.items():
                image = 1
                for i, e in zip(over.used, exponents, strict=True):
                    image = image * pow(unit[i], e, p) % p
                assert image == v
            images = {i: nmod(v, p) for i, v in unit.items()}
            if text != "fifths":
                assert residue(c, images, p) ** 3 == 5
            if text == "roots":
                assert residue(s, images, p) ** 2 == 2
            else:  # 4x² − 2x − 1 is the minimal polynomial of cos(π/5)
                x = residue(cosine, images, p)
                assert 4 * x * x - 2 * x - 1 == 0


def test_a_table_has_its_entries_once_and_their_residues() -> None:
    field, (s, _), (c, _) = numbers()
    over = NumberField.of([s.num, c.num], field)
    assert over is not None
    root, half = (field.lift(v.num) for v in (s, s / 2 + c))
    table = Table([[root, None, half], [None, half, root]], over)
    assert len(table.polys) == len(table.entries) == 3 and table.polys[0].is_zero()
    assert table.at.tolist() == [[1, 0, 2], [0, 2, 1]]
    p, basis = over.splitting(random.Random(1)) or pytest.fail("no prime")
    images = table.residues(p, basis)
    assert len(images) == 6
    for k, image in enumerate(images):
        unit = dict(zip(over.monomials, (int(v) for v in basis.tolist()[k]), strict=True))
        known = {i: nmod(unit[tuple(int(j == i) for j in over.used)], p) for i in over.used}
        a, b = (int(residue(v, known, p)) for v in (s, s / 2 + c))
        assert image.tolist() == [[a, 0, b], [0, b, a]]


def test_rationals_modulo_a_prime() -> None:
    assert [_mod(fmpq(*q), 7) for q in ((3, 1), (-3, 1), (3, 2), (-1, 3), (15, 1))] == [
        3,
        4,
        5,
        2,
        1,
    ]
    for denominator in (7, 14):
        with pytest.raises(ZeroDivisionError):
            _mod(fmpq(1, denominator), 7)


@pytest.mark.parametrize("seed", range(8))
def test_pivots_name_a_largest_minor(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = 10007
    A = rng.integers(0, 3, (4, 2)) @ rng.integers(0, 3, (2, 5)) % p
    minor = _pivots(A, p)
    assert minor.prime == p and minor.size == nmod_mat(A.tolist(), p).rank()
    chosen = A[np.ix_(minor.rows, minor.columns)]
    assert not minor.size or int(nmod_mat(chosen.tolist(), p).det())
    assert _pivots(np.zeros((2, 3), dtype=np.int64), p) == Minor((), (), p)


# --- unlucky primes ------------------------------------------------------------------------------


def first_prime(field: Field, value: Any) -> tuple[int, list[int]]:
    """The prime that `number_field_rank` draws first for Q(√2), and the residues of √2."""
    over = NumberField.of([value.num], field)
    assert over is not None and over.monomials == [(0,), (1,)]
    p, basis = over.splitting(random.Random(0)) or pytest.fail("no prime")
    return p, [int(row[1]) for row in basis.tolist()]


def root_two() -> tuple[Field, Any]:
    field = Field()
    return field, field.power(fmpq(2), Fraction(1, 2))


def test_a_prime_in_a_denominator_is_passed_over() -> None:
    field, s = root_two()
    p, _ = first_prime(field, s)
    found = number_field_rank([[s / p, fmpq(2, p)], [fmpq(1), s]], (2, 2), field)
    assert found is not None and found.upper == 1 and found.witness is not None
    assert found.witness.prime != p


def test_a_minor_that_vanishes_above_the_first_prime() -> None:
    """√2 − a with a ≡ √2 under one of the two homomorphisms. Under the first of them nothing is
    seen, and no kernel of a matrix that is not zero verifies; under the second the kernel waits for
    another prime."""
    field, s = root_two()
    _, (one, two) = first_prime(field, s)
    for a, expected in ((one, None), (two, 1)):
        found = number_field_rank([[s - a, 2 * s - 2 * a]], (1, 2), field)
        assert (found and found.lower) == expected
        found = number_field_rank([[s - a, 2 * s - 2 * a], [s - a, 2 * s - 2 * a]], (2, 2), field)
        assert (found and found.upper) == expected
        if found:
            assert [[str(v) for v in k] for k in found.kernel or ()] == [["-2", "1"]]


@pytest.mark.parametrize("bits", [20, 100, 300])
def test_long_coefficients_take_several_primes(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """(u, v; us, vs) with s = √2: the kernel is (−v/u, 1), its coefficients of about `bits`."""
    rng = random.Random(bits)
    field, s = root_two()
    u, v = (fmpq(rng.getrandbits(bits) | 1) + fmpq(rng.getrandbits(bits) | 1) * s for _ in "uv")
    rows = [[u, v], [u * s, v * s]]
    found = number_field_rank(rows, (2, 2), field)
    assert found is not None and found.upper == 1 and found.kernel is not None
    (vector,) = found.kernel
    x, y = evaluate(list(vector), field, {})
    assert y == 1 and x * u + v == 0
    # numerators and denominators of 2·bits bits each need 4·bits of modulus
    monkeypatch.setattr(way, "MAX_PRIMES", 1 if bits > 20 else 2)
    few = number_field_rank(rows, (2, 2), field)
    assert (few is None) == (bits > 20)


def test_coefficients_are_looked_for_at_1_2_4_and_8_primes(monkeypatch: pytest.MonkeyPatch) -> None:
    moduli: list[int] = []
    monkeypatch.setattr(way, "_reconstructed", lambda known, modulus: moduli.append(modulus))
    field, s = root_two()
    for most, tried in ((9, [1, 2, 4, 8]), (8, [1, 2, 4, 8]), (7, [1, 2, 4])):
        monkeypatch.setattr(way, "MAX_PRIMES", most)
        moduli.clear()
        assert number_field_rank([[s, s], [s, s]], (2, 2), field) is None
        assert [round(m.bit_length() / 62) for m in moduli] == tried


def test_coefficients_modulo_one_prime_solve_the_system() -> None:
    """S X = −B: the residues that `_solved` gives in the basis are those of −v/u."""
    field, s = root_two()
    over = NumberField.of([s.num], field)
    assert over is not None
    one = field.ctx.constant(1)
    table = Table(
        [[(1 + s).num, one * 3], [(2 + s).num, (1 + s).num]], over
    )  # 2 + √2 = √2 (1 + √2)
    split = _split(table, random.Random(3))
    assert split is not None
    p = split[0]
    minor = Minor((0,), (0,), p)
    # −3/(1 + √2) = 3 − 3√2
    assert _solved(split, minor, [1]) == [3, p - 3]
    assert _solved(split, Minor((), (), p), [0, 1]) == []


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_kernel_is_verified_beyond_the_primes_it_came_from(count: int) -> None:
    """k plus a multiple of the primes p that were used is a kernel vector modulo all of them, and
    none; the same prime twice proves no more than once."""
    field, s = root_two()
    over = NumberField.of([s.num], field)
    assert over is not None
    one = field.ctx.constant(1)
    table = Table([[s.num, one * 2], [one, s.num]], over)
    rng = random.Random(7)
    splits = [_split(table, rng) or pytest.fail("no prime") for _ in range(count)]
    true = [(fmpq(0), fmpq(-1)), (fmpq(1), fmpq(0))]
    assert _verified(table, [true], splits, rng)
    product = 1
    for p, _, _ in splits:
        product *= p
    for place, part in itertools.product(range(2), range(2)):
        k = [list(c) for c in true]
        k[place][part] += product
        vector = [tuple(c) for c in k]
        assert not _verified(table, [true, vector], splits, rng)
        assert not _verified(table, [vector], [splits[0]] * 9 + splits[1:] * 9, rng)
    assert not _verified(table, [[(fmpq(1), fmpq(0)), (fmpq(1), fmpq(0))]], splits, rng)


def test_more_primes_are_drawn_for_long_kernels() -> None:
    """(1, x) for x = 2³⁰⁰ + 1: one prime of 62 bits is no proof that (−x, 1) is in the kernel."""
    field, s = root_two()
    over = NumberField.of([s.num], field)
    assert over is not None
    one, x = field.ctx.constant(1), 2**300 + 1
    table, rng = Table([[one, one * x, s.num]], over), random.Random(5)
    first = _split(table, rng)
    assert first is not None
    true = [(fmpq(-x), fmpq(0)), (fmpq(1), fmpq(0)), (fmpq(0), fmpq(0))]
    near = [(fmpq(-x - first[0]), fmpq(0)), *true[1:]]
    for splits in ([first], []):
        assert _verified(table, [true], splits, rng)
        assert not _verified(table, [near], splits, rng)


def test_where_no_more_primes_split_nothing_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    field, s = root_two()
    over = NumberField.of([s.num], field)
    assert over is not None
    table = Table([[s.num, field.ctx.constant(2)]], over)
    k, rng = [(fmpq(0), fmpq(-1)), (fmpq(1), fmpq(0))], random.Random(0)
    splits = [_split(table, rng) or pytest.fail("no prime") for _ in range(3)]
    monkeypatch.setattr(way, "MAX_TRIED", 0)
    assert _split(table, rng) is None
    assert not _verified(table, [k], [], rng)
    assert _verified(table, [k], splits, rng)  # those that are there serve
