"""The smallest sizes and the narrowest margins of the checker: matrices of 0 and 1 rows, bounds
that are met exactly, and what is not computed where nobody asks for it."""

from __future__ import annotations

import copy
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
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


@pytest.mark.parametrize("e", [0, 1, 2, 3, 64, 65])
@pytest.mark.parametrize("start", [0, 2])
def test_whole_powers_of_a_series(e: int, start: int) -> None:
    """(start + s)^e by the binomial theorem; beyond 64 not where it starts at 0."""
    z = checker.Series([Fraction(start), Fraction(1), Fraction(0), Fraction(0)])
    if e > 64 and not start:
        with pytest.raises(checker.Refused, match="division by zero"):
            checker._series_power(z, Fraction(e))
        return
    found = checker._series_power(z, Fraction(e)).c
    assert found == [math.comb(e, k) * (start ** (e - k) if e >= k else 0) for k in range(4)]


FUNCTIONS = {
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "tanh": mpmath.tanh,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "erf": mpmath.erf,
    "relu": lambda z: z,
    "abs": lambda z: z,
    "sign": lambda z: mpmath.mpf(1),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("start", [Fraction(1, 3), Fraction(2)])
def test_functions_of_a_series(name: str, start: Fraction) -> None:
    """f(start + 2s − s²), every coefficient against Taylor's in multiprecision."""
    z = checker.Series([start, Fraction(2), Fraction(-1), Fraction(0), Fraction(0)])
    found = checker._series_function(name, z)
    series = found.c if isinstance(found, checker.Series) else [found, *[Fraction(0)] * 4]
    with mpmath.workprec(400):
        at = mpmath.mpf(start.numerator) / start.denominator
        true = mpmath.taylor(lambda s: FUNCTIONS[name](at + 2 * s - s * s), 0, 4)
        for c, t in zip(series, true, strict=True):
            lo, hi = checker._enclose(c, 64)
            assert lo - 99 <= mpmath.ldexp(t, 64) <= hi + 99 and hi - lo < 1 << 20


def test_a_parameter_that_does_not_occur_has_slope_zero() -> None:
    here = problem(["x"], {"x": 1, "y": 2})
    L, slopes, moved = checker.along(here, {"x": "1 + s", "y": "2 - s"}, 2)
    assert L.c == [Fraction(1, 2), 1, Fraction(1, 2)]
    assert [g.c for g in slopes] == [[1, 1, 0], [0, 0, 0]] and moved["y"].c == [2, -1, 0]


def test_fields_of_degree_64_are_carried_and_no_larger_ones() -> None:
    for n in (64, 65):
        x = 1 + checker._prime_power(2, Fraction(1, n))
        if n == 64:  # (1 + a)(1 − a + … − a⁶³) = 1 − a⁶⁴ = −1
            assert x * checker._inverse(x) == 1
        else:
            with pytest.raises(checker.Refused, match="field of algebraic numbers is too large"):
                checker._inverse(x)


def test_the_inverse_of_an_algebraic_number_beside_others() -> None:
    """1/(aπ) = a²/(2π) for a³ = 2, and with any power of e as a factor."""
    a = checker.zero_of({"polynomial": [-2, 0, 0, 1], "between": [1, 2]})
    half = Fraction(1, 2)
    for other in (checker._atom("pi", 1), checker._exp(Fraction(3))):
        one = checker._inverse(a * other)
        assert one - a * a * checker._inverse(other) * half == 0
        assert one * a * other == 1


def test_prime_factors_of_long_numbers() -> None:
    """Trial division reaches 10⁵; a prime that is left is proved, a product is refused."""
    large, mersenne = 10**9 + 7, 2**61 - 1
    for n, factors in ((99991**2, [(99991, 2)]), (12 * large, [(2, 2), (3, 1), (large, 1)]),
                       (mersenne, [(mersenne, 1)]), (100003, [(100003, 1)])):  # fmt: skip
        assert checker._primes(Fraction(n)) == factors
        assert checker._primes(Fraction(1, n)) == [(p, -k) for p, k in factors]
    for n in (100003**2, 100003 * mersenne):
        with pytest.raises(checker.Refused, match="too long to be factored"):
            checker._primes(Fraction(n))


def test_named_numbers_in_inputs_kernels_and_targets() -> None:
    """J = (a, 1) for a² = 2: the kernel is spanned by (1, −a)."""
    model = {"kind": "closed-form", "outputs": ["x*u + y*v"], "parameters": ["x", "y"],
             "inputs": ["u", "v"], "fixed": {}}  # fmt: skip
    given = {"model": model, "x": [["a", 1]], "y": [["a"]], "regulariser": None,
             "loss": {"kind": "half-squared", "factor": 1}, "point": {"x": 1, "y": 0},
             "field": {"a": {"polynomial": [-2, 0, 1], "between": [1, 2]}}}  # fmt: skip
    here = checker.Problem(given)
    claim = {"kind": "rank-enclosed", "matrix": "jacobian", "rank": 1, "rows": [0],
             "columns": [1], "inverse": [[1]],
             "kernel": {"free": [0], "vectors": [[1, "-a"]]}}  # fmt: skip
    assert said(here, claim) == "rank J = 1" and said(here, {"kind": "perfect-fit"})[:5] == "r = 0"
    claim["kernel"] = {"free": [0], "vectors": [[1, "a"]]}
    assert "not in the kernel" in said(here, claim)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("exp(1)*o1**2 + o2**2", "rank H = 2"),
        ("o1**2 + o1*o2 + o2**2", "rank H = 2"),
        ("exp(1)*o1**2 - o2**2", "refused: A is not positive definite"),
        ("exp(1)*o1**2", "refused: A is not positive definite"),
        ("o1**2 + 2*o1*o2 + o2**2", "refused: A is not positive definite"),
        ("o1*o2", "refused: A is not positive definite"),
        ("exp(1)*(o1**2 + o1*o2 + o2**2)", "refused: A is not rational"),
    ],
)
def test_definite_a_with_and_without_entries_off_the_diagonal(loss: str, expected: str) -> None:
    claim = {"kind": "gauss-newton", "rank": 2, "proves": "rank"}
    assert said(problem(["x", "y"], {"x": 0, "y": 0}, loss), claim, "rank J = 2") == expected


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in ("sinh", "cosh")])
@pytest.mark.parametrize("ends", [("1/3", "1/2"), (2, "9/4"), (1, 1)])
def test_functions_of_an_interval(name: str, ends: tuple[object, object]) -> None:
    """The image holds the values at the ends and between, and is not much longer."""
    a, b = (checker._number(e, "end") for e in ends)
    found = checker._span_function(name, checker.Span(math.floor(a * ONE), math.ceil(b * ONE)))
    lo, hi = (found.lo, found.hi) if isinstance(found, checker.Span) else (int(found) * ONE,) * 2
    with mpmath.workprec(400):
        points = [a + (b - a) * k / 8 for k in range(9)]
        values = [FUNCTIONS[name](mpmath.mpf(p.numerator) / p.denominator) for p in points]
        assert lo <= mpmath.ldexp(min(values), checker.WORK)
        assert mpmath.ldexp(max(values), checker.WORK) <= hi
        assert hi - lo <= 16 * (b - a) * ONE + (1 << 20)


@pytest.mark.parametrize("e", [-2, -1, 0, 1, 3])
def test_powers_of_an_interval(e: int) -> None:
    found = checker._span_power(checker.Span(2 * ONE, 3 * ONE), Fraction(e))
    lo, hi = sorted((Fraction(2) ** e, Fraction(3) ** e))
    assert math.floor(lo * ONE) - 9 <= found.lo <= lo * ONE <= hi * ONE <= found.hi
    assert found.hi <= math.ceil(hi * ONE) + 9
    for bad in (Fraction(1, 2), Fraction(65), Fraction(-65)):
        with pytest.raises(checker.Refused, match="not carried over intervals"):
            checker._span_power(checker.Span(ONE, ONE), bad)


@pytest.mark.parametrize("between", [[1, 2], [2, 3], [3, 4], [-2, 2], [2, 1]])
def test_zeros_lie_inside_of_their_interval(between: list[int]) -> None:
    """x² − 4: an end that is a zero is refused, as is an interval with none or two."""
    with pytest.raises(checker.Refused, match="no zero between the two"):
        checker.zero_of({"polynomial": [-4, 0, 1], "between": between})


@pytest.mark.parametrize("vector", [[1], [1, 0, 0], []])
def test_vectors_of_another_length_are_refused_in_words(vector: list[int]) -> None:
    here = problem(["x", "x*y"], {"x": 0, "y": 0})
    step = {"vectors": [vector], "weights": [1], "alpha": [0, 0], "beta": []}
    claim = {"kind": "all-labels", "bound": 1, "steps": [step]}
    assert said(here, claim) == f"refused: vectors has {len(vector)} entries, not 2"


@pytest.mark.parametrize("text", ["1.5", "1e5", "1E-3", "NaN", "Infinity", "-Infinity"])
def test_inexact_numbers_are_not_even_read(text: str, tmp_path: Any, capsys: Any) -> None:
    file = tmp_path / "one.json"
    file.write_text(f'{{"kind": "rank", "a": [{text}]}}')
    with pytest.raises(ValueError, match="is not an exact number"):
        checker.read(file)
    assert checker.main([str(file)]) == 2
    assert f"unreadable: {text} is not an exact number" in capsys.readouterr().err


def test_the_inverse_of_a_number_too_large_to_enclose() -> None:
    """e^(e^(e^2)): positive whatever its size."""
    large = checker._exp(checker._exp(checker._exp(Fraction(2))))
    assert checker._inverse(large) * large == 1
    with pytest.raises(checker.Refused, match="too large for its function"):
        checker._sign(large)


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_definite_form_of_either_sign_isolates_the_point(sign: str) -> None:
    form = {"combination": [1], "kernel": [[1, 0], [0, 1]]}
    claim = {"kind": "fibre", "rank": 0, "steady": None, "family": None, "form": form}
    zero = {"x": 0, "y": 0}
    for output, dimension in (("(x**2 + x*y + y**2)", "0"), ("(x**2 + x*y)", "from 0 to 1")):
        found = said(problem([sign + output], zero), claim, "rank J = 0")
        assert found == f"the fibre of θ has dimension {dimension}"


def test_a_family_on_which_nothing_depends_on_the_parameters() -> None:
    claim = {"kind": "flat-family", "at": {"s": 3}, "family": {"x": "s"}}
    signs = "H has 0 positive, 0 negative, 1 zero eigenvalues"
    flat = "θ is a local minimum of L, not a strict one"
    assert said(problem(["2"], {"x": 3}), claim, "∇L = 0", signs) == flat
    assert "∇L = 0 is not claimed" in said(problem(["2"], {"x": 3}), claim, signs)
    assert "misses θ" in said(problem(["2"], {"x": 2}), claim, "∇L = 0", signs)


def test_a_key_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    """Readers differ in which of two they take: the file would say two things."""
    file = tmp_path / "twice.json"
    file.write_text('{"format": "x", "version": 1, "version": 2}', encoding="utf-8")
    with pytest.raises(ValueError, match="a key is given twice"):
        checker.read(file)


@pytest.mark.parametrize("W", [[[1]], [[1, 0], [0]], [[1, 0], [0, 1, 0]]])
def test_weights_of_another_shape_are_refused(W: object) -> None:
    given = {
        "model": {"kind": "closed-form", "outputs": ["t", "u"], "parameters": ["t", "u"],
                  "inputs": [], "fixed": {}},
        "x": [[]], "y": [[0, 0]], "regulariser": None, "point": {"t": 0, "u": 0},
        "loss": {"kind": "weighted-squared", "weights": W},
    }  # fmt: skip
    with pytest.raises(checker.Refused, match="weights"):
        checker.Problem(given)


def test_each_slope_of_a_family_is_asked_for() -> None:
    """L = (x − y)²/2, whose slopes add up to 0 everywhere: the line y = x consists of critical
    points, y = 2x does not."""
    here = problem(["x - y"], {"x": 0, "y": 0})
    proved = ["∇L = 0", "H has 1 positive, 0 negative, 1 zero eigenvalues"]
    claim = {"kind": "flat-family", "at": {"s": 0}, "family": {"x": "s", "y": "s"}}
    assert said(here, claim, *proved) == "θ is a local minimum of L, not a strict one"
    claim["family"] = {"x": "s", "y": "2*s"}
    assert said(here, claim, *proved) == "refused: ∇L is not 0 on the family"


def test_weights_may_hold_numbers_of_the_field() -> None:
    given = {
        "model": {"kind": "closed-form", "outputs": ["t"], "parameters": ["t"], "inputs": [],
                  "fixed": {}},
        "x": [[]], "y": [[0]], "regulariser": None, "point": {"t": 1},
        "loss": {"kind": "weighted-squared", "weights": [["c"]]},
        "field": {"c": {"polynomial": [-2, 0, 1], "between": [1, 2]}},
    }  # fmt: skip
    here = checker.Problem(given)
    assert here.gradient[0] * here.gradient[0] == 2
