"""How `rank` and `generic_rank` read, sample and combine: each step against what it should be."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
import sympy
from flint import fmpq
from sympy.polys.matrices import DomainMatrix

from hessrank.symbolic.budget import OVER, OverBudget, budget
from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.expressions.expression import evaluate, number, symbol
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.ranks import generic_rank as generics
from hessrank.symbolic.ranks import rank as ranks
from hessrank.symbolic.ranks.ball_matrix import BallMatrix
from hessrank.symbolic.ranks.generic_rank import GenericRank, _sample, _sharper, generic_rank
from hessrank.symbolic.ranks.matrices import Matrix, SymbolicMatrix
from hessrank.symbolic.ranks.rank import (
    _balls,
    _has_floats,
    _is_rational,
    _words,
    closed_forms,
    rank,
    real_form,
)
from hessrank.symbolic.ranks.rank_result import RankResult

I = sympy.I


class Bfloat16(float):
    """An array library's own float, by its name."""


Bfloat16.__name__ = "bfloat16"


class Foreign:
    """An array of a library that is not NumPy: it has a type of entries and no rows."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def __repr__(self) -> str:
        return f"foreign {self.dtype}"


@pytest.mark.parametrize(
    ("matrix", "floats", "rational"),
    [
        ([[1, 2]], False, True),
        (((1, Fraction(1, 2)),), False, True),
        ([[1, flint.fmpz(2)], [flint.fmpq(1), 3]], False, True),
        ([[1, "2"]], False, False),
        ([[1, True]], False, False),
        ([[1], 2], False, False),
        ("12", False, False),
        (5, False, False),
        ([[1, 0.5]], True, False),
        ([[1], (0.5,)], True, False),
        ([np.array([0.5])], True, False),
        ([[np.float32(1)]], True, False),
        ([[np.longdouble(1)]], True, False),
        ([[Bfloat16(1)]], True, False),
        (np.array([[1.0]]), True, True),
        (np.array([[1.0]], dtype="f2"), True, True),
        (np.array([[1.0]], dtype=np.longdouble), True, True),
        (np.array([[1]]), False, True),
        (np.array([[1, 2]], dtype=object), False, True),
        (np.array([[1, "2"]], dtype=object), False, False),
        (np.array([[1, 0.5]], dtype=object), True, False),
        (np.zeros((0, 2)), True, True),
        (Foreign("torch.float32"), True, False),
        (Foreign("torch.double"), True, False),
        (Foreign("bfloat16"), True, False),
        (Foreign("torch.int64"), False, False),
        (Foreign("object"), False, False),
        (np.array([1, 2], dtype=object), False, False),
        (flint.fmpz_mat([[1]]), False, True),
        (flint.fmpq_mat([[1]]), False, True),
        (sympy.Matrix([[1]]), False, False),
    ],
    ids=str,
)
def test_what_is_rational_at_a_glance_and_what_is_binary(
    matrix: Any, floats: bool, rational: bool
) -> None:
    assert _has_floats(matrix) is floats
    assert _is_rational(matrix) is rational


def test_words_that_may_be_symbols() -> None:
    assert _words("exp(x_1) + Pi*y2 - 3z + sqrt(w)") >= {"x_1", "y2", "z", "w"}
    assert not _words("exp(nan) + Inf + oo + zoo + infinity + tanh(1) + log(2)") & {
        "exp", "nan", "Inf", "oo", "zoo", "infinity", "tanh", "log",
    }  # fmt: skip


def test_closed_forms_have_the_shape_of_the_matrix() -> None:
    x = symbol("x")
    s = SymbolicMatrix(((x, number(1)),), (1, 2))
    assert closed_forms(s) == (((x, number(1)),), (1, 2))
    m = Matrix(((fmpq(1, 2), fmpq(3)),), (1, 2), Field())
    assert closed_forms(m) == (((number(Fraction(1, 2)), number(3)),), (1, 2))
    for empty, shape in (
        (np.zeros((0, 3), dtype=object), (0, 3)),
        (flint.fmpz_mat(3, 0), (3, 0)),
        (sympy.zeros(0, 4), (0, 4)),
        ([], (0, 0)),
        ([[], []], (2, 0)),
    ):
        assert closed_forms(empty)[1] == shape
    assert closed_forms(flint.fmpq_mat([[fmpq(1, 2), 1]]))[0] == (
        (number(Fraction(1, 2)), number(1)),
    )
    assert closed_forms([("x", 1), ["y", 2]]) == (
        ((x, number(1)), (symbol("y"), number(2))),
        (2, 2),
    )
    assert closed_forms(sympy.MatrixSymbol("A", 1, 1).as_explicit() * 0)[1] == (1, 1)


@pytest.mark.parametrize("a", [sympy.Rational(1, 2), sympy.sqrt(2), I, 1 + I * sympy.sqrt(3)])
def test_matrices_over_a_domain_of_sympy(a: Any) -> None:
    """(1, a; a, a²) and (1, a; a, a² + 1), dense and sparse."""
    for more in (0, 1):
        domain = DomainMatrix.from_Matrix(sympy.Matrix([[1, a], [a, a**2 + more]]), extension=True)
        for one in (domain.to_dense(), domain.to_sparse(), domain.to_field()):
            assert int(rank(one)) == 1 + more
    assert closed_forms(DomainMatrix([[2, 3]], (1, 2), sympy.ZZ)) == (
        ((number(2), number(3)),),
        (1, 2),
    )


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (BallMatrix(lambda bits: [], (0, 0)), "the matrix is only known by balls"),
        (np.zeros(3, dtype=object), "a matrix has two dimensions, not 1"),
        (sympy.MatrixSymbol("A", sympy.Symbol("n"), 2), "expected a matrix of known size"),
        (flint.nmod_mat(1, 1, [3], 7), "nmod_mat is not a matrix of exact real numbers"),
        ([[1], 2], "a matrix is a list of rows, each a list of exact numbers"),
        ([[1, 2], [3]], r"row 1 has 1 entries, row 0 has 2"),
        ([[1, 2], [3, None]], "expected an exact number, found None"),
    ],
    ids=str,
)
def test_what_has_no_closed_forms(matrix: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        closed_forms(matrix)
    assert error.value.key == ("matrix[1][1]" if "None" in message else "matrix")


@pytest.mark.parametrize("entry", ["2 +", "exp(1", None, I * sympy.oo, I * sympy.nan, 1 + I * 0.5])
def test_an_entry_that_is_no_number_is_named(entry: Any) -> None:
    with pytest.raises(InputError) as error:
        rank([[1, 2], [3, entry]])
    assert error.value.key == "matrix[1][1]"


def test_a_matrix_beyond_memory_is_refused() -> None:
    class Huge:
        shape = (10**7, 10**6)

    with pytest.raises(InputError, match="a 10000000x1000000 matrix needs 1000000"):
        closed_forms(Huge())


def test_the_real_form_of_a_complex_matrix() -> None:
    """(1 + 2i, x) becomes (1, x, −2, 0; 2, 0, 1, x)."""
    for matrix in ([[1 + 2 * I, "x"]], sympy.Matrix([[1 + 2 * I, sympy.Symbol("x")]])):
        form = real_form(matrix)
        assert form is not None
        assert [[str(v) for v in row] for row in form] == [
            ["1", "x", "-2", "0"],
            ["2", "0", "1", "x"],
        ]
    for real in ([[1, 2]], [1, 2], 5, sympy.Matrix([[1]]), "i", [[1], 2], np.array([[1]])):
        assert real_form(real) is None
    with pytest.raises(InputError) as error:
        real_form([[I], [None]])
    assert error.value.key == "matrix[1][0]"


@pytest.mark.parametrize("lower", range(3))
@pytest.mark.parametrize("more", range(3))
@pytest.mark.parametrize("failure", [None, -120.0])
def test_half_of_an_even_rank(lower: int, more: int, failure: float | None) -> None:
    """2r lies in lower..upper where r lies in ⌈lower/2⌉..⌊upper/2⌋."""
    upper = lower + more
    inside = [r for r in range(3) if lower <= 2 * r <= upper]
    if not inside:
        return
    if lower == upper:
        status = "certified" if failure is None else "probabilistic"
    else:
        status = "undecided"
    found = ranks.halved(
        RankResult(
            lower, upper, status, (4, 6), "below", "above", Minor((0,) * lower, (0,) * lower),
            ((1,),), failure,
        )
    )  # fmt: skip
    assert (found.lower, found.upper) == (inside[0], inside[-1])
    if len(inside) > 1:
        assert found.status == "undecided"
    else:
        assert found.status == ("certified" if failure is None else "probabilistic")
    assert str(found.shape) == "(2, 3)" and found.witness is None and found.kernel is None
    assert found.failure_log2 == failure
    why = "half the rank of [[Re, -Im], [Im, Re]], which is even; that: "
    assert (found.lower_reason, found.upper_reason) == (why + "below", why + "above")


def test_complex_ranks_keep_their_options_and_kind() -> None:
    found = rank([[1, I], [I, -1]])
    assert (found.lower, found.status, found.shape) == (1, "certified", (2, 2))
    generic = generic_rank([["x", I], [I, 1]], near={"x": 3})
    assert isinstance(generic, GenericRank) and int(generic) == 2 and generic.shape == (2, 2)
    assert abs(dict(generic.sample)["x"] - 3) < Fraction(1, 10**5)


# --- ranks ---------------------------------------------------------------------------------------


def test_options_reach_every_kind_of_matrix() -> None:
    field = Field()
    m = Matrix(((fmpq(1), fmpq(2)), (fmpq(2), fmpq(4))), (2, 2), field)
    assert rank(m, kernel=True).kernel == ((-2, 1),)
    assert rank([["1", 2], [2, 4]], kernel=True).kernel == ((-2, 1),)
    assert rank([[1, 2], [2, 4]], kernel=True).kernel == ((-2, 1),)
    ball = BallMatrix(lambda bits: [[flint.arb(1)]], (1, 1))
    assert int(rank(ball)) == 1
    assert rank([["log(2)", 1], [1, 3]], seed=4) == rank([["log(2)", 1], [1, 3]], seed=4)
    with pytest.raises(InputError, match="the matrix has the free symbol 'a': give it a value"):
        rank([["b", "a"]])
    with pytest.raises(InputError, match="seconds"):
        rank([[1]], seconds=0)
    with pytest.raises(InputError, match="seconds"):
        generic_rank([["x"]], seconds=0)
    with pytest.raises(InputError, match="a matrix of binary floats is not exact"):
        rank([[0.5]])


def test_out_of_time_what_is_known_is_said() -> None:
    with budget(-1):
        late = rank([["log(2)", "log(3)"], ["log(4)", "log(9)"]])
        generic = generic_rank([["x*exp(y)", "y"], ["y", "x"]])
    assert late.lower <= 1 <= late.upper and not late.decided and OVER in late.upper_reason
    assert isinstance(generic, GenericRank) and generic.lower <= 2 == generic.upper
    assert OVER in generic.upper_reason


def test_what_the_field_gives_up_is_bounded_by_balls(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["log(2)", "log(3)"], ["log(4)", "2*log(3)"]]

    def fails(error: Exception) -> Any:
        def build(*_: object) -> Any:
            raise error

        return build

    for error in (TooLarge("a test"), UndecidedError("a test")):
        monkeypatch.setattr(ranks, "evaluate_in_field", fails(error))
        found = rank(rows)
        assert found.lower == 1 and found.shape == (2, 2)
        assert found.upper == 2 or found.decided
        full = rank([["log(2)", 1], [1, 1]])
        assert (full.lower, full.upper, full.status) == (2, 2, "certified")
        proportional = rank([["log(2)", "log(3)"], ["2*log(2)", "2*log(3)"]])
        assert (proportional.lower, proportional.upper) == (1, 1)
        assert proportional.status == "certified"
    monkeypatch.setattr(ranks, "evaluate_in_field", fails(OverBudget("over budget: a test")))
    cut = rank(rows)
    assert (cut.lower, cut.upper) == (1, 2) and "over budget: a test" in cut.upper_reason


def test_balls_of_closed_forms() -> None:
    flat = [parse(text) for text in ("log(2)", "1/3", "exp(1)", "2")]
    for shape in ((2, 2), (1, 4), (4, 1)):
        for bits in (64, 300):
            rows = _balls(flat, shape)(bits)
            assert (len(rows), len(rows[0])) == shape
            v = [w for row in rows for w in row]
            with flint.ctx.workprec(400):
                for ball, exact in zip(
                    v, (flint.arb(2).log(), flint.arb(1) / 3, flint.arb(1).exp(), 2), strict=True
                ):
                    assert ball.overlaps(flint.arb(exact))
            assert bits - 8 < v[0].rel_accuracy_bits() <= bits + 8


# --- samples -------------------------------------------------------------------------------------


def test_samples_are_rational_reproducible_and_different() -> None:
    names, attempts = ("x", "y", "z", "u", "v", "w"), range(4)
    drawn = {(n, k): _sample(None, k, n) for n in names for k in attempts}
    assert len({str(q) for q in drawn.values()}) == len(drawn)
    assert drawn == {(n, k): _sample(None, k, n) for n in names for k in attempts}
    for (_, k), q in drawn.items():
        assert fmpq(1, 8) < abs(q) < 2 and q.q > 1
        assert k or q > 0
    assert any(q < 0 for q in drawn.values()) and sum(q > 0 for q in drawn.values()) > 10
    for near in (Fraction(5, 3), Fraction(-7)):
        for n, k in itertools.product(names, attempts):
            shift = _sample(number(near), k, n) - fmpq(near.numerator, near.denominator)
            assert 0 < abs(shift) <= fmpq(1, 2**20)
    shifts = [_sample(number(0), 0, n) for n in names]
    assert any(q < 0 for q in shifts) and any(q > 0 for q in shifts)
    with pytest.raises(InputError, match="expected rational numbers") as error:
        _sample(parse("pi"), 0, "x")
    assert error.value.key == "near.x"


def generic(lower: int, upper: int, failure: float | None = None, **more: Any) -> GenericRank:
    status = "undecided"
    if lower == upper:
        status = "certified" if failure is None else "probabilistic"
    return GenericRank(
        lower, upper, status, (5, 5), f"≥{lower}", f"≤{upper}", failure_log2=failure, **more
    )


def test_two_samples_say_more_than_one() -> None:
    every = [generic(a, b) for a in range(5) for b in range(a, 5)]
    for a, b in itertools.product(every, every):
        low, high = max(a.lower, b.lower), min(a.upper, b.upper)
        if low <= high:
            both = _sharper(a, b)
            assert (both.lower, both.upper) == (low, high)
            assert both.status == ("certified" if low == high else "undecided")
            assert (both.lower_reason, both.upper_reason) == (f"≥{low}", f"≤{high}")
    probable = generic(1, 2, -120.0)
    assert _sharper(generic(2, 4), probable).status == "probabilistic"
    assert _sharper(generic(2, 4), probable).failure_log2 == -120.0
    assert _sharper(generic(0, 1), generic(1, 2, -120.0)).failure_log2 is None
    a = generic(1, 3, witness=Minor((0,), (0,)), sample=(("x", Fraction(1)),))
    b = generic(0, 2, kernel=((1,),), sample=(("x", Fraction(2)),))
    for both in (_sharper(a, b), _sharper(b, a)):
        assert both.witness == Minor((0,), (0,)) and both.kernel == ((1,),)
        assert both.sample == (("x", Fraction(1)),)
    twin = generic(1, 3, sample=(("x", Fraction(3)),))
    assert _sharper(a, twin).sample == a.sample


def test_a_generic_rank_names_its_sample() -> None:
    found = generic_rank([["x", "1"], ["1", "x"]], near={"x": 2})
    ((name, q),) = found.sample
    assert name == "x" and 0 < abs(q - 2) < Fraction(1, 2**20)
    assert found.lower_reason.startswith("at a sample point a 2×2 minor lies in a ball")
    assert repr(found).startswith("GenericRank(generic rank 2 of 2x2, certified")
    data = found.to_json()
    assert (data["kind"], data["sample"], data["lower"]) == ("generic", {"x": str(q)}, 2)
    less = generic_rank([["x", "x**2"], ["1", "x"]])
    assert less.kernel is not None and less.upper_reason == (
        "1 independent kernel vector verified exactly"
    )
    zero = generic_rank([["x - x"]])
    assert zero.lower_reason == "no rank is negative" and len(zero.sample) == 1
    constant = generic_rank([[1, 2], [2, 4]])
    assert int(constant) == 1 and constant.sample == ()
    assert not constant.lower_reason.startswith("at a sample")


def test_samples_are_drawn_again_where_there_is_no_value() -> None:
    """log(−x) has a value where x < 0: the first sample is positive."""
    found = generic_rank([["log(-x)", 1]])
    assert int(found) == 1 and dict(found.sample)["x"] < 0
    with pytest.raises(UndecidedError, match="no point of the domain was found: "):
        generic_rank([["log(-x**2 - 1)", 1]])
    with pytest.raises(DomainError, match="an entry has a value nowhere"):
        generic_rank([["1/(x - x)", 1]])
    with pytest.raises(DomainError):
        generic_rank([["x*log(-1)", 1]])
    with pytest.raises(DomainError):
        generic_rank([["log(cos(pi))", 1]])


@pytest.mark.parametrize(
    ("constant", "exists"),
    [
        ("log(-1)", False),
        ("sqrt(-2)", False),
        ("1/(sqrt(2)-sqrt(2))", False),
        ("sqrt(2)", True),
        ("log(2)", True),
        ("exp(10**9)", True),
    ],
)
def test_constants_need_a_value_though_0_times_them_is_0(constant: str, exists: bool) -> None:
    matrix = [[f"x + 0*({constant})", 1], [1, "y"]]
    if exists:
        assert generic_rank(matrix).lower == 2
    else:
        with pytest.raises(DomainError):
            generic_rank(matrix)


def test_roots_and_logarithms_stop_at_their_first_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where branches occur one sample counts; elsewhere samples go on until the rank is decided."""
    calls: list[dict[str, Any]] = []

    def at(rows: Any, shape: Any, sample: dict[str, Any]) -> GenericRank:
        calls.append(sample)
        k = len(calls)
        return generic(min(k, 3), 4, sample=(("x", Fraction(k)),))

    monkeypatch.setattr(generics, "_generic_at", at)
    for text, count, lower in (
        ("sqrt(x)", 1, 1),
        ("log(x)", 1, 1),
        ("sqrt(x) + exp(x)", 1, 1),
        ("(1 + log(x))**2", 1, 1),
        ("exp(sqrt(x))", 1, 1),
        ("1/x", 4, 3),
        ("exp(x)", 4, 3),
        ("x**2", 4, 3),
    ):
        calls.clear()
        found = generic_rank([[text] * 5] * 5)
        assert (len(calls), found.lower) == (count, lower), text
        assert len({str(c["x"]) for c in calls}) == count

    def stops(rows: Any, shape: Any, sample: dict[str, Any]) -> GenericRank:
        calls.append(sample)
        if len(calls) > 1:
            raise OverBudget("over budget: a test")
        return generic(1, 4, sample=(("x", Fraction(7)),))

    monkeypatch.setattr(generics, "_generic_at", stops)
    calls.clear()
    cut = generic_rank([["x"] * 5] * 5)
    assert (cut.lower, cut.upper, cut.upper_reason) == (1, 4, "≤4; over budget: a test")
    assert cut.sample == (("x", Fraction(7)),)
    none = generic_rank([["x"] * 5] * 5)
    assert isinstance(none, GenericRank) and (none.lower, none.upper) == (0, 5)
    assert none.upper_reason == "the matrix has 5 rows; over budget: a test"


def test_functions_that_are_not_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rank at the sample bounds from below; its kernel and odds say nothing of other points."""

    def too_large(*_: object) -> Any:
        raise TooLarge("a test")

    monkeypatch.setattr(generics, "_functions", too_large)
    full = generic_rank([["x", 1], [1, "x"]], near={"x": 3})
    assert (full.lower, full.upper, full.status) == (2, 2, "certified")
    assert full.upper_reason == "the matrix has 2 rows; not expanded: a test"
    assert full.lower_reason.startswith("at a sample point ") and full.kernel is None
    less = generic_rank([["x", "x"], [1, 1], [2, 2]], near={"x": 3})
    assert (less.lower, less.upper, less.status) == (1, 2, "undecided")
    assert less.upper_reason == "the matrix has 2 columns; not expanded: a test"
    assert less.kernel is None and less.failure_log2 is None
    assert abs(dict(less.sample)["x"] - 3) < Fraction(1, 2**20)
    constant = generic_rank([["sqrt(2)", 2], [1, "sqrt(2)"]])
    assert (constant.lower, constant.upper, constant.status) == (1, 1, "certified")
    assert constant.kernel is not None and not constant.lower_reason.startswith("at a sample")


def test_functions_near_a_sample_are_elements_of_one_field() -> None:
    field, rows = generics.generic_field([["x", "x*y"]], {"x": Fraction(1, 2), "y": Fraction(3)})
    assert field.sign(rows[0][0]) == 1
    assert (
        rows[0][1]
        == rows[0][0] * evaluate([symbol("y")], field, {"y": field.indeterminate("y", fmpq(3))})[0]
    )
