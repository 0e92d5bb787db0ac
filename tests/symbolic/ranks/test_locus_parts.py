"""The parts of a rank locus: determinants, zeros of factors and unions, worked by hand or counted
out over all points of a small space."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import pytest
from flint import fmpq, fmpq_mat

import hessrank as hr
from hessrank.symbolic.budget import OverBudget
from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.expressions.expression import symbol
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.ranks import rank_locus as way
from hessrank.symbolic.ranks.generic_rank import generic_field, generic_rank
from hessrank.symbolic.ranks.locus import components as union
from hessrank.symbolic.ranks.locus import conditions
from hessrank.symbolic.ranks.locus.conditions import Condition
from hessrank.symbolic.ranks.rank_locus import RankLocus, rank_locus

SAMPLE = {name: Fraction(k + 2, 3 + k) for k, name in enumerate("uvwxyz")}


def condition(left: str, right: str = "0") -> Condition:
    return Condition(*(parse(text, set("uvwxyz")) for text in (left, right)))


def components(matrix: Any) -> set[frozenset[str]]:
    locus = rank_locus(matrix)
    assert locus.components is not None
    return {frozenset(map(str, c)) for c in locus.components}


#: Matrices, and where their minors vanish together.
BY_HAND = (
    ([["u", 0], [0, "w"]], [{"w = 0"}, {"u = 0"}]),
    ([["u*w-1", "u"], ["w", "v"]], [{"u*v*w - u*w - v = 0"}]),
    ([["u-1", "w"], ["u**2-1", 1]], [{"u = 1"}, {"u*w + w - 1 = 0"}]),
    # minors u² − w², v(u − w), v(w − u)
    ([["u", "w", "v"], ["w", "u", "v"]], [{"u = w"}, {"u = -w", "v = 0"}]),
    # minors of one row: all three
    ([["u", "w", "u*w"]], [{"u = 0", "w = 0"}]),
    ([["u*w", "u*v"]], [{"u = 0"}, {"v = 0", "w = 0"}]),
    # (eᵘ − 1)², 2eᵘ = 3eʷ, e^{uw} = eᵛ
    ([["exp(2*u)-2*exp(u)+1"]], [{"u = 0"}]),
    ([["2*exp(u)-3*exp(w)"]], [{"u = w + log(3/2)"}]),
    ([["exp(2*u)-5*exp(w)"]], [{"u = 1/2*w + 1/2*log(5)"}]),
    ([["exp(u*w)-exp(v)"]], [{"u*w - v = 0"}]),
    ([["exp(u**2)-2"]], [{"u**2 = log(2)"}]),
    ([["exp(u/w)-2"]], [{"u/w = log(2)"}]),
    ([["3*u+2*w-6"]], [{"u = (-2/3)*w + 2"}]),
    ([["u-sqrt(2)"]], [{"u - 2**(1/2) = 0"}]),
    ([["pi*u-1"]], [{"u*pi - 1 = 0"}]),
    ([["exp(u)-exp(w)+1"]], [{"exp(u) - exp(w) + 1 = 0"}]),
    ([["u*exp(w)+1"]], [{"u*exp(w) + 1 = 0"}]),
    # no zero: all coefficients of one sign; of (1 + e + e²)-multiples (Pólya); e is no rational
    ([["exp(u)+exp(w)+1"]], []),
    ([["-exp(u)-exp(w)"]], []),
    ([["exp(2*u)-exp(u)+1"]], []),
    ([["exp(4*u)-exp(2*u)+1"]], []),
    ([["exp(u)-exp(u+1)"]], []),
    ([["exp(u)*exp(1)-2*exp(u)"]], []),
    # solved conditions are put into the others: u = w and uw = 1 is w² = 1
    ([["u-w", "u*w-1"]], [{"u = 1", "w = 1"}, {"u = -1", "w = -1"}]),
    ([["u-w", "u-2*w"]], [{"u = 0", "w = 0"}]),
    ([["u-1", "u-2"]], []),
    ([["u-w", "u*v-w*v"]], [{"u = w"}]),
)


@pytest.mark.parametrize(("matrix", "expected"), BY_HAND, ids=[str(m)[:50] for m, _ in BY_HAND])
def test_loci_worked_by_hand(matrix: Any, expected: list[set[str]]) -> None:
    assert components(matrix) == set(map(frozenset, expected))


def test_a_locus_in_words() -> None:
    locus = rank_locus([["u", "w"], ["u**2", "w**2"]])
    assert str(locus) == "the rank falls below 2 exactly where w = 0, or u = 0, or u = w"
    assert [str(c) for c in locus.hypersurfaces] == ["w = 0", "u = 0", "u = w"]
    assert locus.generators == (locus.hypersurfaces,) and not locus.piece
    assert locus._repr_latex_() == (
        r"$\{\theta : \operatorname{rank} < 2\} = \{w = 0\} \cup \{u = 0\} \cup \{u = w\}$"
    )
    two = rank_locus([["u", "w", "u*w"]])
    assert str(two) == "the rank falls below 1 exactly where u = 0 and w = 0"
    assert two._repr_latex_() == r"$\{\theta : \operatorname{rank} < 1\} = \{u = 0, w = 0\}$"
    assert two.hypersurfaces == ()
    never = rank_locus([["exp(u)"]])
    assert str(never) == "the rank is 1 everywhere"
    assert never._repr_latex_() == r"$\{\theta : \operatorname{rank} < 1\} = \emptyset$"
    root = rank_locus([["sqrt(u)"]])
    ((name, q),) = root.generic.sample
    assert name == "u"
    assert str(root).startswith(f"on the piece of the domain around u = {float(q):.3g}, the rank ")
    assert "throughout" in str(rank_locus([["exp(sqrt(u))*exp(w)"]]))
    assert "u = " in str(root) and ", w = " in str(rank_locus([["exp(sqrt(u))*exp(w)"]]))
    open_ = RankLocus(locus.generic, locus.generators * 3, None)
    assert str(open_) == "the rank is below 2 exactly where 3 minors vanish"
    assert open_._repr_latex_() == (
        r"$\{\theta : \operatorname{rank} < 2\} = \text{where 3 minors vanish}$"
    )
    assert open_.hypersurfaces == ()


def test_components_are_in_a_fixed_order() -> None:
    """Those that come of a substitution in that of their text."""
    assert str(rank_locus([["u-w", "(u*w-1)*(u*w-4)*(u*w-9)"]])) == (
        "the rank falls below 1 exactly where "
        + ", or ".join(f"u = {k} and w = {k}" for k in (-1, -2, -3, 1, 2, 3))
    )
    # beside a factor of a minor, which comes first
    assert str(rank_locus([["z", "u*(u**2-1)*(u**2-4)+z"]])) == (
        "the rank falls below 1 exactly where "
        + ", or ".join(f"z = 0 and u = {k}" for k in (-1, -2, 0, 1, 2))
    )


def test_long_loci_are_cut_short() -> None:
    generic = rank_locus([["u"]]).generic
    part = tuple((condition("u", str(k)),) for k in range(way.SHOWN + 1))
    for count, dots in ((way.SHOWN, 0), (way.SHOWN + 1, 1)):
        shown = RankLocus(generic, (), part[:count])._repr_latex_()
        assert shown.count(r"\cdots") == dots and shown.count("u =") == way.SHOWN
    long = (condition(" + ".join(f"u**{k}*v" for k in range(2, 70))),)
    shown = RankLocus(generic, (), (part[0], long))._repr_latex_()
    assert r"\cdots" in shown and len(shown) < 200


def test_conditions() -> None:
    assert str(condition("u", "2*w")) == "u = 2*w" and condition("u", "2*w").latex == "u = 2 w"
    assert str(condition("u", "w").difference) == "u - w"
    assert condition("u", "w").solved and condition("u").solved
    assert not condition("u", "u*w").solved and not condition("2*u", "w").solved
    assert not condition("1", "u").solved


# --- what is refused -----------------------------------------------------------------------------


def test_sizes_that_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    square = [["u", "v"], ["w", "x"]]
    for name, most in (("MAX_SIZE", 2), ("MAX_MINORS", 1)):
        monkeypatch.setattr(way, name, most)
        assert components(square) == {frozenset({"u*x - v*w = 0"})}
        monkeypatch.setattr(way, name, most - 1)
        with pytest.raises(InputError, match="1 minors of size 2: the locus is computed for") as e:
            rank_locus(square)
        assert e.value.key == "matrix"
        monkeypatch.undo()
    wide = [["u", "v", "w"], ["x", "y", "z"]]
    monkeypatch.setattr(way, "MAX_MINORS", 3)
    assert len(rank_locus(wide).generators) == 3
    monkeypatch.setattr(way, "MAX_MINORS", 2)
    with pytest.raises(InputError, match="3 minors of size 2"):
        rank_locus(wide)
    monkeypatch.undo()
    monkeypatch.setattr(way, "MAX_TERMS", 1)
    with pytest.raises(InputError, match="the minors are too large: a minor has 2 terms"):
        rank_locus(square)
    monkeypatch.undo()
    with pytest.raises(InputError, match="seconds"):
        rank_locus(square, seconds=0)


def test_problems_name_their_matrix() -> None:
    model = hr.Model.from_expressions(["a*b"], "a b", "x")
    here = hr.Problem(model, hr.Data([[1]], [[0]]))
    for name in ("gauss-newton", "gauss_newton"):
        assert rank_locus(here, name).generic.shape == (2, 2)
    assert rank_locus(here).generic.shape == (1, 2)
    for name in ("jacobi", "model", "at"):
        with pytest.raises(InputError, match=f"no matrix '{name}'") as error:
            rank_locus(here, name)
        assert error.value.key == "matrix"


def test_angles_of_variables_are_refused_and_those_of_numbers_are_not() -> None:
    for text in ("sin(u)", "cos(u*w)", "tan(exp(u))"):
        with pytest.raises(InputError, match="not computed for sin, cos and tan of θ") as error:
            rank_locus([[text, 1], [1, "w"]])
        assert error.value.key == "matrix"
    for text in ("sin(1)", "cos(sqrt(2))", "tan(exp(1))"):
        assert components([[f"{text}*u"]]) == {frozenset({"u = 0"})}


def test_the_zero_function_has_no_locus() -> None:
    locus = rank_locus([["u - u", 0]])
    assert (locus.generators, locus.components, locus.piece) == ((), (), False)
    assert str(locus) == "the rank is 0 everywhere"


def test_what_costs_too_much_leaves_the_minors(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = [["u", "w"], ["u**2", "w**2"]]
    whole = rank_locus(matrix)

    def late(*_: object) -> Any:
        raise OverBudget("a test")

    monkeypatch.setattr(way, "components", late)
    locus = rank_locus(matrix)
    assert locus.components is None and locus.generators == whole.generators
    monkeypatch.undo()

    def too_large(*_: object) -> Any:
        raise TooLarge("a test")

    monkeypatch.setattr(way, "_numerator", too_large)
    with pytest.raises(InputError, match="the minors are too large: a test"):
        rank_locus(matrix)


# --- forms ---------------------------------------------------------------------------------------


def elements(**samples: Fraction) -> tuple[Field, list[Any]]:
    field = Field()
    return field, [
        field.indeterminate(n, fmpq(q.numerator, q.denominator)) for n, q in samples.items()
    ]


@pytest.mark.parametrize("size", range(1, 5))
def test_determinants_by_expansion(size: int) -> None:
    rng = random.Random(size)
    field, _ = elements(u=Fraction(1))
    one = field.ctx.constant(1)
    for _ in range(4):
        A = [[rng.randint(-3, 3) for _ in range(size)] for _ in range(size)]
        det = fmpq_mat([[fmpq(v) for v in row] for row in A]).det()
        assert way._determinant([[one * v for v in row] for row in A]) == one * det


def test_terms_of_a_minor_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    field, (u, v) = elements(u=Fraction(1, 2), v=Fraction(1, 3))
    x, y = (field.lift(w.num) for w in (u, v))
    one = field.ctx.constant(1)
    monkeypatch.setattr(way, "MAX_TERMS", 2)
    assert way._determinant([[x, one], [one, y]]) == x * y - 1
    monkeypatch.setattr(way, "MAX_TERMS", 1)
    with pytest.raises(TooLarge):
        way._determinant([[x, one], [one, y]])


def test_common_factors_of_a_minor_and_its_denominators_go() -> None:
    """(u² − v²)·u over (u − v) and (u − v)u: u + v is left, and a minor that is 0 stays 0."""
    field, (u, v) = elements(u=Fraction(1, 2), v=Fraction(1, 3))
    x, y = (field.lift(w.num) for w in (u, v))
    one = field.ctx.constant(1)
    left = way._numerator(field, [([(x * x - y * y) * x], x - y)])
    assert left == (x + y) * x or left == -(x + y) * x
    square = [([(x - y) * (x - y) * (x + y) * x, 0 * one], (x - y) * (x - y)), ([one, one], x)]
    left = way._numerator(field, square)
    assert left == x + y or left == -(x + y)
    assert way._numerator(field, [([x], y)]) == x
    assert way._numerator(field, [([0 * x], y)]).is_zero()
    assert way._numerator(field, [([x], one * 3)]) == x
    # a factor goes as often as it divides the denominators, and no more often
    for k in (1, 2, 3):
        left = way._numerator(field, [([(x - y) ** 3 * x], (x - y) ** k)])
        assert left == (x - y) ** (3 - k) * x


def test_where_divisors_and_logarithms_vanish() -> None:
    def poles(*texts: str) -> set[str]:
        forms = [parse(text, set("uvw")) for text in texts]
        return {str(c) for c in way._poles(forms, SAMPLE)}

    assert poles("1/u") == {"u = 0"} and poles("u", "exp(u)", "u**2", "sqrt(u)") == set()
    assert poles("u/sqrt(u)") == poles("log(sqrt(u))") == {"u = 0"}
    assert poles("1/(u*w)", "log(u - v)") == {"u = 0", "w = 0", "u = v"}
    assert poles("(u + v)**(-1/2)") == {"u = -v"}
    assert poles("1/2", "log(2)", "1/pi", "1/sqrt(2)") == set()
    assert poles("1/(exp(u) + 1)") == set() and poles("1/(exp(u) - 1)") == {"u = 0"}
    assert poles("1/(u - u + 2)") == set() and poles("tanh(1/u)") == {"u = 0"}


def test_poles_that_are_not_decided_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = way.generic_field
    for error in (TooLarge("a test"), UndecidedError("a test"), DomainError("a test")):

        def sometimes(rows: Any, sample: Any, error: Exception = error) -> Any:
            if str(rows[0][0]) == "u":
                raise error
            return genuine(rows, sample)

        monkeypatch.setattr(way, "generic_field", sometimes)
        forms = [parse(text, set("uw")) for text in ("1/u", "1/w")]
        assert {str(c) for c in way._poles(forms, SAMPLE)} == {"w = 0"}


def test_which_roots_and_logarithms_make_pieces() -> None:
    for text, piece in (
        ("sqrt(u)", True), ("log(u)", True), ("u**(1/3)", True), ("exp(sqrt(u + 1))", True),
        ("sqrt(2)", False), ("log(2)*u", False), ("u**2", False), ("1/u", False),
        ("tanh(u)", False), ("u**(-2)", False), ("softplus(u)", False),
    ):  # fmt: skip
        flat, found = way._forms([[text, 1]])
        assert found is piece and len(flat) == 2, text


def reading(text: str) -> str | None:
    field, ((value,),) = generic_field([[text]], SAMPLE)
    found = conditions._read(field, field.lift(value.num))
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u", "u = 0"),
        ("2*w - 3*u", "u = 2/3*w"),
        ("u*w - 1", "u*w - 1 = 0"),
        ("u**2 - 2", "u**2 - 2 = 0"),
        ("sqrt(u) + 1", None),
        ("sqrt(u) + sqrt(w)", "u**(1/2) + w**(1/2) = 0"),
        ("sqrt(u) + u**2", "u**2 + u**(1/2) = 0"),
        ("sqrt(u**2 + 1) + sqrt(w**2 + 1)", None),
        ("sqrt(u)*exp(w) + u**2 + 1", None),
        ("exp(u)", None),
        ("exp(u) + pi", None),
        ("exp(u) - pi", "exp(u) - pi = 0"),
        ("exp(u) - 2", "u = log(2)"),
        ("2 - exp(u)", "u = log(2)"),
        ("exp(2*u) - 2", "u = 1/2*log(2)"),
        ("exp(u)*exp(w) - 3", "u = -w + log(3)"),
        ("exp(u) - exp(w)", "u = w"),
        ("exp(u) + exp(w)", None),
        ("3*exp(u/2) - 2*exp(w/3)", "u = 2/3*w + 2*log(2/3)"),
        ("exp(u) - exp(w) - 1", "exp(u) - exp(w) - 1 = 0"),
        ("u + exp(u)", "u + exp(u) = 0"),
        ("log(2) - exp(1)", None),
        ("erf(u) - 1/2", "erf(u) - 1/2 = 0"),
    ],
)
def test_what_is_read_of_a_factor(text: str, expected: str | None) -> None:
    assert reading(text) == expected


def test_a_root_vanishes_where_what_stands_under_it_does() -> None:
    def found(text: str) -> set[str]:
        field, ((value,),) = generic_field([[text]], SAMPLE)
        return {str(c) for c in conditions.zeros(field, field.lift(value.num))}

    assert found("sqrt(u)") == found("u**(1/3)") == found("3*u**(5/2)") == {"u = 0"}
    assert found("sqrt(u*w)") == {"u = 0", "w = 0"}
    assert found("sqrt(9 - u**2)*w") == {"u = 3", "u = -3", "w = 0"}
    assert found("sqrt(u + sqrt(w))") == {"u + w**(1/2) = 0"}
    assert found("sqrt(exp(u) - 1)") == {"u = 0"}
    assert found("sqrt(u**2 + 1)") == found("sqrt(2)") == set()


def test_positive_forms() -> None:
    """x² − x + 1 times (1 + x) is x³ + 1; 2x² − 2x + 1 takes more; x² − 2x + 1 has a zero."""

    def has_no_zero(text: str) -> bool:
        field, ((value,),) = generic_field([[text]], SAMPLE)
        f = field.lift(value.num)
        used = [i for i, e in enumerate(f.degrees()) if e]
        return conditions._has_no_zero(field, f, used)

    for text, expected in (
        ("exp(u) + 1", True),
        ("-exp(u) - exp(w)", True),
        ("exp(2*u) - exp(u) + 1", True),
        ("2*exp(2*u) - 2*exp(u) + 1", True),
        ("exp(2*u) - exp(u)*exp(w) + exp(2*w)", False),  # the part of least degree stays
        ("exp(6*u) - exp(3*u) + 1", True),
        ("exp(2*u) - 2*exp(u) + 1", False),
        ("exp(u) - 1", False),
        ("exp(2*u) - 19/10*exp(u) + 1", False),  # positive, and too close to 0 for k ≤ 4
    ):
        assert has_no_zero(text) is expected, text


def test_too_many_terms_are_not_multiplied(monkeypatch: pytest.MonkeyPatch) -> None:
    field, ((value,),) = generic_field([["exp(2*u) - exp(u) + 1"]], SAMPLE)
    f = field.lift(value.num)
    used = [i for i, e in enumerate(f.degrees()) if e]
    for most, expected in ((6, True), (5, False)):
        monkeypatch.setattr(conditions, "MAX_TERMS", most)
        assert conditions._has_no_zero(field, f, used) is expected


# --- unions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(25))
def test_components_are_the_minimal_choices(seed: int) -> None:
    """Conditions that say nothing of each other (x² = 2, …): the union holds exactly where every
    generator has a condition that does, and no component contains another."""
    rng = random.Random(seed)
    every = [condition(f"{name}**2", "2") for name in "uvwxyz"]
    generators = [tuple(rng.sample(every, rng.randint(1, 3))) for _ in range(rng.randint(1, 4))]
    found = union.components(generators, frozenset(), SAMPLE)
    assert found is not None
    for held in itertools.chain.from_iterable(itertools.combinations(every, k) for k in range(7)):
        falls = all(set(g) & set(held) for g in generators)
        assert falls == any(set(c) <= set(held) for c in found)
    for a, b in itertools.permutations(found, 2):
        assert not set(a) <= set(b)
    order = [c for g in generators for c in g]
    for c in found:
        assert sorted(c, key=order.index) == list(c)
    assert list(found) == sorted(found, key=lambda c: (len(c), [order.index(x) for x in c]))


def test_no_generator_is_everywhere_and_an_empty_one_nowhere() -> None:
    assert union.components([], frozenset(), SAMPLE) == ((),)
    assert union.components([()], frozenset(), SAMPLE) == ()


def test_too_many_components_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    every = [condition(f"{name}**2", "2") for name in "uvwx"]
    generators = [(every[0], every[1]), (every[2], every[3])]
    monkeypatch.setattr(union, "MAX_COMPONENTS", 4)
    assert len(union.components(generators, frozenset(), SAMPLE) or ()) == 4
    monkeypatch.setattr(union, "MAX_COMPONENTS", 3)
    assert union.components(generators, frozenset(), SAMPLE) is None


def test_components_inside_of_others_or_of_poles_are_left_out() -> None:
    line, square = condition("u", "w"), condition("u**2 - w**2")
    assert union.components([(line,)], frozenset(), SAMPLE) == ((line,),)
    assert union.components([(line,)], frozenset({line}), SAMPLE) == ()
    assert union.components([(line,)], frozenset({condition("v")}), SAMPLE) == ((line,),)
    assert union._in_poles(frozenset({line}), frozenset({square}), SAMPLE)
    assert not union._in_poles(frozenset({line}), frozenset(), SAMPLE)
    assert not union._in_poles(frozenset({square}), frozenset({line}), SAMPLE)
    both = union.components([(line, square)], frozenset(), SAMPLE)
    assert both == ((line,), (square,)) or both == ((square,),) or both == ((line,),)


def test_what_conditions_imply() -> None:
    u1, w1, uw, uu = (
        condition("u", "1"),
        condition("w", "1"),
        condition("u*w", "1"),
        condition("u", "w"),
    )
    implies = union._implies
    assert implies((u1, w1), (uw,), SAMPLE) and implies((u1, w1), (uu,), SAMPLE)
    assert implies((u1, w1), (w1, uw, uu), SAMPLE) and implies((uw,), (uw,), SAMPLE)
    assert not implies((u1,), (w1,), SAMPLE) and not implies((uw,), (u1,), SAMPLE)
    assert not implies((u1, w1), (uw, condition("v", "1")), SAMPLE)
    assert not implies((u1, w1), (condition("v", "1"), uw), SAMPLE)
    assert implies((u1,), (), SAMPLE) and not implies((), (u1,), SAMPLE)


def test_solved_variables_are_put_into_the_others() -> None:
    def reduced(*conditions: Condition) -> set[frozenset[str]]:
        return {frozenset(map(str, c)) for c in union._reduced(frozenset(conditions), SAMPLE)}

    u1 = condition("u", "1")
    assert reduced(u1, condition("u*w", "2")) == {frozenset({"u = 1", "w = 2"})}
    assert reduced(u1, condition("u", "w")) == {frozenset({"u = 1", "w = 1"})}
    assert reduced(condition("u", "w"), condition("u*w", "1")) == {
        frozenset({"u = 1", "w = 1"}),
        frozenset({"u = -1", "w = -1"}),
    }
    assert reduced(u1, condition("u", "2")) == set()
    assert reduced(u1, condition("u**2", "1")) == {frozenset({"u = 1"})}
    assert reduced(condition("u**2", "2"), condition("w**2", "2")) == {
        frozenset({"u**2 = 2", "w**2 = 2"})
    }


def test_a_substitution_that_branches_too_much_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    both = frozenset({condition("u", "w"), condition("u*w", "1")})
    monkeypatch.setattr(union, "MAX_COMPONENTS", 2)
    assert len(union._reduced(both, SAMPLE)) == 2
    monkeypatch.setattr(union, "MAX_COMPONENTS", 1)
    assert union._reduced(both, SAMPLE) == {both}


def test_what_a_condition_means_where_another_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    u1 = condition("u", "1")

    def substituted(text: str) -> Any:
        found = union._substituted(condition(text), u1, SAMPLE)
        return None if found is None else [str(c) for c in found]

    assert substituted("u - 1") is None and substituted("u") == []
    assert substituted("w*(u + 1) - 4") == ["w = 2"]
    for error in (TooLarge("a test"), UndecidedError("a test"), DomainError("a test")):

        def refuses(*_: object, error: Exception = error) -> Any:
            raise error

        monkeypatch.setattr(union, "generic_field", refuses)
        (left,) = union._substituted(condition("u*w", "4"), u1, SAMPLE) or ()
        assert str(left.right) == "0" and str(left.difference) in ("w - 4", "1*w - 4")

    def late(*_: object) -> Any:
        raise OverBudget("a test")

    monkeypatch.setattr(union, "generic_field", late)
    with pytest.raises(OverBudget):
        union._substituted(condition("u*w", "4"), u1, SAMPLE)


def test_the_generic_rank_and_its_sample_are_kept() -> None:
    locus = rank_locus([["u", "w"], ["w", "u"]])
    generic = generic_rank([["u", "w"], ["w", "u"]])
    assert int(locus.generic) == 2 and locus.generic.sample == generic.sample
    assert symbol("u") in {c.left for g in locus.generators for c in g}
