"""Free letters: identities that they keep, combinations with rational coefficients against ranks
of the coefficients, and what is too large for them."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
from flint import fmpq, fmpq_mat

from hessrank.symbolic.budget import OverBudget
from hessrank.symbolic.errors import DomainError, UndecidedError
from hessrank.symbolic.fields.elements import Element
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.ranks.unexpanded import free_forms
from hessrank.symbolic.ranks.unexpanded.free_forms import FreeField, free_upper

COLUMNS = "the 2 columns are rational combinations of {} of them"


def test_letters_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_forms, "MAX_ATOMS", 2)
    field = FreeField()
    a, b = field.letter("erf", fmpq(1)), field.letter("erf", fmpq(2))
    assert a == field.letter("erf", fmpq(1)) != b and field.letters == 2
    with pytest.raises(TooLarge):
        field.letter("erf", fmpq(3))

    def entries(f: Any) -> Any:
        return [[f.function("erf", fmpq(k)) for k in (1, 2, 3)]] * 2

    assert free_upper(entries, (2, 3)) is None
    monkeypatch.setattr(free_forms, "MAX_ATOMS", 3)
    assert free_upper(entries, (2, 3)) == (1, "the 2 rows are rational combinations of 1 of them")


def test_powers_and_roots_of_letters() -> None:
    field = FreeField()
    e = field.function("exp", fmpq(1))
    assert field.power(e, Fraction(3)) == e * e * e and field.power(e, Fraction(-1)) * e == 1
    root = field.power(fmpq(2), Fraction(1, 2))
    assert isinstance(root, Element) and field.power(fmpq(2), Fraction(3, 2)) == root * root * root
    assert root == field.power(fmpq(2), Fraction(1, 2)) != field.power(fmpq(2), Fraction(1, 3))
    assert field.power(fmpq(3), Fraction(1, 2)) != root
    assert field.power(fmpq(2), Fraction(-1, 2)) * root == 1 and field.letters == 4
    assert isinstance(field.function("pi"), Element) and field.function("pi") == field.function(
        "pi"
    )


def test_exact_values_and_letters_of_functions() -> None:
    field = FreeField()
    zero, one = fmpq(0), fmpq(1)
    for name, value in {
        "exp": 1, "cos": 1, "cosh": 1, "sin": 0, "tan": 0, "tanh": 0, "sinh": 0, "erf": 0,
        "atan": 0, "asinh": 0, "relu": 0, "abs": 0, "sigmoid": fmpq(1, 2),
    }.items():  # fmt: skip
        assert field.function(name, zero) == value, name
    assert field.function("log", one) == 0 and field.letters == 0
    assert isinstance(field.function("softplus", zero), Element) and field.letters == 1
    assert isinstance(field.function("log", fmpq(2)), Element) and field.letters == 2
    assert field.function("relu", fmpq(-2)) == 0 and field.function("abs", fmpq(-2)) == 2
    with pytest.raises(UndecidedError, match="the sign of an argument of relu is not known"):
        field.function("relu", field.function("exp", one))


@pytest.mark.parametrize("inside", ["number", "letter"])
def test_free_letters_keep_parity_and_half_angles(inside: str) -> None:
    field = FreeField()
    for sign in (1, -1):
        z = fmpq(3147 * sign, 1000) if inside == "number" else sign * field.letter("w")
        for name in ("erf", "atan", "asinh", "sin", "tan", "sinh", "tanh"):
            assert field.function(name, z) == -field.function(name, -z) != 0, name
        for name in ("cos", "cosh"):
            assert field.function(name, z) == field.function(name, -z) != 1, name
        assert field.function("exp", z) * field.function("exp", -z) == 1
        assert field.function("sigmoid", z) + field.function("sigmoid", -z) == 1
        assert field.function("softplus", z) - field.function("softplus", -z) == z
        c, s, t = (field.function(name, z) for name in ("cos", "sin", "tan"))
        assert c * c + s * s == 1 and t * c == s
        u = field.function("exp", z)
        assert field.function("sinh", z) * 2 * u == u * u - 1
        assert field.function("cosh", z) * 2 * u == u * u + 1
    assert len({str(field.function(n, fmpq(5))) for n in ("erf", "atan", "asinh", "exp")}) == 4


@pytest.mark.parametrize("seed", range(12))
def test_columns_that_generate_the_others(seed: int) -> None:
    """Combinations with rational coefficients of letters, against the rank of the coefficients."""
    rng = random.Random(seed)
    field = FreeField()
    e = [field.function("exp", fmpq(k)) for k in (1, 2, 3)]
    basis = [*e, e[0] * e[1], 1 / e[2], fmpq(1)]
    width, r = rng.randint(1, 5), rng.randint(1, 3)
    right = [[fmpq(rng.randint(-2, 2), rng.randint(1, 2)) for _ in range(width)] for _ in range(r)]
    left = [[[rng.randint(-1, 1) for _ in basis] for _ in range(r)] for _ in range(3)]
    coefficients = [
        [
            [sum((fmpq(row[t][k]) * right[t][j] for t in range(r)), fmpq(0)) for k in range(6)]
            for j in range(width)
        ]
        for row in left
    ]
    rows = [
        [sum((q * b for q, b in zip(c, basis, strict=True)), fmpq(0)) for c in row]
        for row in coefficients
    ]
    stacked = [[row[j][k] for j in range(width)] for row in coefficients for k in range(6)]
    kept = free_forms._independent(rows, field)
    assert len(kept) == fmpq_mat(stacked).rank()
    assert not kept or fmpq_mat([[v[j] for j in kept] for v in stacked]).rank() == len(kept)
    assert free_forms._independent([], field) == free_forms._independent([[], []], field) == []
    assert free_forms._independent([[fmpq(0)] * 2], field) == []


def forms(table: list[list[str]]) -> Any:
    """Entries such as "2a", "ab", "1", "0" in letters a, b, …: exp of 1, of 2, … as letters."""

    def entries(f: Any) -> Any:
        def value(text: str) -> Any:
            found = fmpq(1)
            for c in text:
                found = found * (fmpq(int(c)) if c.isdigit() else f.letter(c))
            return found

        return [[value(text) for text in row] for row in table]

    return entries


@pytest.mark.parametrize(
    ("table", "shape", "expected"),
    [
        ([["a", "b"], ["b", "a"]], (2, 2), None),
        ([["a", "b", "a"]] * 2, (2, 3), (1, "the 2 rows are rational combinations of 1 of them")),
        (
            [["a", "2a"], ["b", "2b"], ["c", "2c"]],
            (3, 2),
            (1, COLUMNS.format(1)),
        ),
        ([["a", "0"], ["b", "0"]], (2, 2), (1, COLUMNS.format(1))),
        (
            [["a", "b", "c"], ["d", "0", "0"], ["e", "0", "0"]],
            (3, 3),
            (2, "at most 2 nonzero entries share no row or column"),
        ),
        (
            [["a", "aa"], ["1", "a"]],
            (2, 2),
            (1, "a kernel verified with a free letter for each value of a function"),
        ),
        ([["0", "0"], ["0", "0"]], (2, 2), (0, COLUMNS.format(0))),
    ],
)  # fmt: skip
def test_what_free_letters_show(table: Any, shape: Any, expected: Any) -> None:
    found = free_upper(forms(table), shape)
    if expected and expected[0] == 1 and "rows" in expected[1]:
        assert found is not None and found[0] == 1
    else:
        assert found == expected


def test_free_letters_are_not_asked_for_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    table = [["a", "aa"], ["b", "ab"]]
    rows = lambda f: forms(table)(f)  # noqa: E731
    field = FreeField()
    value = forms(table)(field)
    assert free_forms._formal(value, field) == 1
    terms = sum(len(v.num) + len(v.den) for row in value for v in row)
    for name, enough in (("MAX_LETTERS", 2), ("MAX_SIDE", 2), ("MAX_TERMS", terms)):
        monkeypatch.setattr(free_forms, name, enough)
        assert free_forms._formal(value, field) == 1
        monkeypatch.setattr(free_forms, name, enough - 1)
        assert free_forms._formal(value, field) is None and free_upper(rows, (2, 2)) is None
        monkeypatch.undo()
    monkeypatch.setattr(free_forms, "MAX_SIDE", 2)
    wide = forms([["a", "b", "c"]])(field)
    assert free_forms._formal(wide, field) is None
    assert free_forms._formal([[r[0]] for r in zip(*wide, strict=True)], field) is None
    monkeypatch.undo()
    assert free_forms._formal(wide, field) == 1 and free_forms._formal([], field) is None
    assert free_forms._formal(forms([["a", "b"], ["b", "a"]])(field), field) == 2
    for error in (TooLarge("a test"), UndecidedError("a test"), DomainError("a test")):

        def refuses(*_: object, error: Exception = error) -> Any:
            raise error

        monkeypatch.setattr(free_forms, "reduced", refuses)
        assert free_forms._formal(value, field) is None
        assert free_upper(refuses, (2, 2)) is None

    def late(*_: object) -> Any:
        raise OverBudget("a test")

    monkeypatch.setattr(free_forms, "reduced", late)
    with pytest.raises(OverBudget):
        free_forms._formal(value, field)
    with pytest.raises(OverBudget):
        free_upper(late, (2, 2))
    monkeypatch.undo()
    monkeypatch.setattr(free_forms, "annihilates", lambda *_: False)
    assert free_forms._formal(value, field) is None

    def too_large(*_: object) -> Any:
        raise TooLarge("a test")

    monkeypatch.setattr(free_forms, "cleared", too_large)
    assert free_upper(rows, (2, 2)) is None


def test_other_arguments_have_other_letters() -> None:
    """Of every function: what is one at two arguments would only bound from above by luck."""
    for name in ("sin", "cos", "tan", "exp", "log", "tanh", "softplus", "erf", "atan"):
        field = FreeField()
        one, two = (field.function(name, field.number(Fraction(q))) for q in (2, 5))
        assert one != two and one == field.function(name, field.number(Fraction(2)))
    field = FreeField()
    roots = [field.power(field.number(Fraction(q)), Fraction(1, k)) for q in (2, 3) for k in (2, 3)]
    assert len({str(field.expr(r)) for r in roots}) == 4
