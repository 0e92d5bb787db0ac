"""The reduction to the kernel, its parts and the choice of directions, against forms in coordinates
in which they are plain: a linear change of coordinates moves neither sign nor degree."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy
from flint import fmpq, fmpq_mat
from landscapes import at, origin

from hessrank.proofs.minima import degenerate as module
from hessrank.proofs.minima.degenerate import (
    MAX_DIRECTIONS,
    _along_vectors,
    _combinations,
    _complement,
    _critical_manifold,
    _falls,
    _on_kernel,
    _on_manifold,
    degenerate,
)
from hessrank.proofs.minima.germs import reduction
from hessrank.proofs.minima.germs.leading_form import FormSign
from hessrank.proofs.minima.germs.power_series import PowerSeries
from hessrank.proofs.minima.germs.reduction import Leading, _carried, _inverse, combined, leading
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.budget import OverBudget
from hessrank.symbolic.errors import KinkError, UndecidedError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks.null_space import null_space

TRUE, FALSE = Truth.TRUE, Truth.FALSE
POS, NEG, NONE = FormSign.POSITIVE, FormSign.NEGATIVE, FormSign.UNDECIDED


# --- parts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_inverses(seed: int) -> None:
    """A·A⁻¹ = I for symmetric A, of any size; what has no inverse is refused."""
    rng = random.Random(seed)
    n = rng.randint(1, 4)
    half = [[rng.randint(-3, 3) for _ in range(n)] for _ in range(n)]
    A = [[fmpq(half[i][j] + half[j][i], 3) for j in range(n)] for i in range(n)]
    table = fmpq_mat(n, n, [v for row in A for v in row])
    if table.det() == 0:
        with pytest.raises(UndecidedError, match="not inverted"):
            _inverse(A, Field())
        return
    assert _inverse(A, Field()) == [[table.inv()[i, j] for j in range(n)] for i in range(n)]


def test_the_inverse_of_nothing_and_of_irrational_entries() -> None:
    assert _inverse([], Field()) == []
    field = Field()
    ring = [[parse(v, set()) for v in row] for row in (["sqrt(2)", "1"], ["1", "sqrt(2)"])]
    A = [evaluate(row, field, {}) for row in ring]
    B = _inverse(A, field)
    for i in range(2):
        for j in range(2):
            assert sum((A[i][k] * B[k][j] for k in range(2)), fmpq(0)) == int(i == j)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({(3,): 1}, Leading(NEG, 3, -1)),
        ({(3,): -1, (4,): 1}, Leading(NEG, 3, 1)),
        ({(4,): -1, (5,): 1}, Leading(NEG, 4, 1)),
        ({(4,): 1, (5,): -7}, Leading(POS, 4)),
        ({(2, 1): 1}, Leading(NEG, 3)),
        ({(4, 0): 1, (0, 4): 1}, Leading(POS, 4)),
        ({}, Leading(None, 0)),
        ({(0,): 5}, Leading(None, 0)),
    ],
)
def test_the_first_terms_that_do_not_vanish(
    terms: dict[tuple[int, ...], int], expected: Leading
) -> None:
    field, n = Field(), len(next(iter(terms), (0,)))
    g = PowerSeries(field, n, 6).series({m: fmpq(c) for m, c in terms.items()})
    assert reduction._leading(iter([(6, g)]), field) == expected


@pytest.mark.parametrize("degree", [1, 2])
def test_no_kernel_has_terms_of_the_first_two_degrees(degree: int) -> None:
    field = Field()
    g = PowerSeries(field, 1, 4).series({(degree,): fmpq(1), (3,): fmpq(1)})
    with pytest.raises(UndecidedError, match="was not seen to vanish"):
        reduction._leading(iter([(4, g)]), field)


def test_combinations_of_kernel_vectors() -> None:
    kernel = [(fmpq(1), fmpq(0), fmpq(2)), (fmpq(0), fmpq(1), fmpq(-1, 3))]
    assert combined(kernel, (3, -2)) == (3, -2, fmpq(20, 3))
    assert combined(kernel, (0, 1)) == kernel[1] and combined(kernel, (0, 0)) == (0, 0, 0)


def test_the_entries_of_H_in_another_field() -> None:
    """[[√2, 0, π], …] keep their values and places."""
    here = at("sqrt(2)*x**2/2 + pi*x*z + y**2*3/2 - x*y", dict.fromkeys("xyz", 0))
    H = here.hessian.exact()
    rows = _carried(H, field := Field())
    want = [["sqrt(2)", "-1", "pi"], ["-1", "3", "0"], ["pi", "0", "0"]]
    for row, texts in zip(rows, want, strict=True):
        known = evaluate([parse(t, set()) for t in texts], field, {})
        assert all(v == k for v, k in zip(row, known, strict=True))
    plain = _carried(origin("x**2 + x*y").hessian.exact(), Field())
    assert plain == [[2, 1], [1, 0]]


@pytest.mark.parametrize("n", [1, 2, 3, 5, 40])
def test_the_directions_that_are_tried(n: int) -> None:
    """All at once, the unit vectors, then mixed ones: small integers, the same at each call."""
    tried = list(_combinations(n))
    assert tried[0] == (1,) * n and tried == list(_combinations(n))
    assert all(len(w) == n and set(w) <= {-2, -1, 0, 1, 2} for w in tried)
    if n == 1:
        assert tried == [(1,)]
        return
    units = min(n, MAX_DIRECTIONS // 2)
    assert tried[1 : 1 + units] == [tuple(int(i == j) for j in range(n)) for i in range(units)]
    mixed = tried[1 + units :]
    assert len(mixed) == MAX_DIRECTIONS // 2
    assert {v for w in mixed for v in w} == {-2, -1, 0, 1, 2} and len(set(mixed)) > 1


@pytest.mark.parametrize("seed", range(15))
def test_complements_of_idle_directions(seed: int) -> None:
    """Unit vectors of ker H that with the idle ones span it: their number is dim ker H − rank of
    the idle ones, and all of them together are independent."""
    rng = random.Random(seed)
    n, k = 5, rng.randint(1, 4)
    form = " + ".join(f"{n}**2" for n in "vwxyz"[k:]) + "".join(f" + 0*{n}" for n in "vwxyz"[:k])
    H = at(form, dict.fromkeys("vwxyz", 0)).hessian.exact()  # the kernel: the first k coordinates
    idle = [
        tuple([fmpq(rng.randint(-1, 1)) for _ in range(k)] + [fmpq(0)] * (n - k))
        for _ in range(rng.randint(1, 3))
    ]
    found = _complement(H, idle)
    r = fmpq_mat(len(idle), n, [v for row in idle for v in row]).rank()
    assert len(found) == k - r
    assert all(sorted(w) == [0] * (k - 1) + [1] for w in found)
    rows = [*idle, *([*w, *[0] * (n - k)] for w in found)]
    assert fmpq_mat(len(rows), n, [fmpq(v) for row in rows for v in row]).rank() == k


def test_a_complement_in_an_irrational_kernel() -> None:
    """½(√2x + y)²: ker H is spanned by (−1/√2, 1, 0) and (0, 0, 1)."""
    H = at("(sqrt(2)*x + y)**2/2 + 0*z", dict.fromkeys("xyz", 0)).hessian.exact()
    last, kernel = (fmpq(0), fmpq(0), fmpq(1)), null_space([*map(list, H.rows)], 3, H.field)
    assert _complement(H, [last]) == [(1, 0)]
    assert _complement(H, [kernel[0]]) == [(0, 1)]
    assert _complement(H, kernel) == []


# --- leading forms in other coordinates ----------------------------------------------------------

#: (squares of u, …; g in the rest): the leading form of g decides.
PLAIN: list[tuple[str, str, int, FormSign]] = [
    ("u**2", "v**3", 3, NEG),
    ("u**2", "2*v**4 - v**5", 4, POS),
    ("u**2", "-v**4 + v**5", 4, NEG),
    ("u**2", "v**5 - 3*v**6", 5, NEG),
    ("3*u**2", "v**6", 6, POS),
    ("u**2 + 2*w**2", "-v**6", 6, NEG),
    ("u**2 + w**2", "v**4", 4, POS),
    ("u**2", "v**4 + w**4", 4, POS),
    ("u**2", "v**4 - v**2*w**2*3 + w**4", 4, NEG),
    ("u**2", "v**2*w**2", 4, FormSign.SEMIDEFINITE),
    ("u**2", "v**3 - w**3", 3, NEG),
    ("", "v**4 + w**6", 4, FormSign.SEMIDEFINITE),
    ("", "v**3*w", 4, NEG),
    ("u**2", "v**8", 8, POS),
]


@pytest.mark.parametrize("bend", [False, True])
@pytest.mark.parametrize(("squares", "g", "degree", "sign"), PLAIN)
def test_leading_forms(squares: str, g: str, degree: int, sign: FormSign, bend: bool) -> None:
    """Σ squares + g after u ↦ u + c·v² + d·v·w + …: completing the squares finds g again."""
    u, v, w = sympy.symbols("u v w")
    form = sympy.sympify(f"{squares or 0} + {g}")
    if bend:
        moved = {u: u + 2 * v**2 - v**3, w: w + v**2 if "w" in squares else w}
        form = sympy.expand(form.subs(moved, simultaneous=True))
    if bend and not squares:
        return
    here = origin(str(form))
    order = 8 if degree > 4 else 6
    found = leading(here, here.hessian.exact(), None, order)
    assert (found.sign, found.degree) == (sign, degree)
    short = leading(here, here.hessian.exact(), None, degree - 1)
    assert (short.sign, short.degree) == (None, 0) or degree <= 4


@pytest.mark.parametrize(
    ("form", "falls"),
    [
        ("v**3", -1),
        ("-v**3", 1),
        ("-v**4", 1),
        ("5*v**5", -1),
        ("-5*v**5", 1),
        ("v**4", 0),
        ("u**2 + v**3", -1),
        ("u**2 - v**3", 1),
    ],
)
def test_the_side_on_which_it_falls(form: str, falls: int) -> None:
    here = origin(form)
    assert leading(here, here.hessian.exact(), None, 6).falls == falls
    two = origin(f"{form} + w**6")
    assert leading(two, two.hessian.exact(), None, 6).falls == 0


def test_leading_forms_along_single_vectors() -> None:
    """v³ − w⁴: along v a cube, along w the negative fourth power, along both the cube."""
    here = origin("u**2 + v**3 - w**4")
    H = here.hessian.exact()
    assert leading(here, H, [(1, 0)], 8) == Leading(NEG, 3, -1)
    assert leading(here, H, [(-1, 0)], 8) == Leading(NEG, 3, 1)
    assert leading(here, H, [(0, 1)], 8) == Leading(NEG, 4, 1)
    assert leading(here, H, [(1, 1)], 8) == Leading(NEG, 3, -1)
    assert leading(here, H, [(1, 0), (0, 1)], 8).degree == 3
    with pytest.raises(UndecidedError, match="first or second"):
        moved = origin("u**2 + v**3 + w")
        leading(moved, moved.hessian.exact(), None, 4)


def test_points_away_from_zero_and_transcendental_ones() -> None:
    """(x − log 2)⁴ + (y − x²…)² at log 2, and (x − 3)³ at 3."""
    here = at("(x - log(2))**4 + (y - x**2)**2", {"x": "log(2)", "y": "log(2)**2"})
    assert leading(here, here.hessian.exact(), None, 4) == Leading(POS, 4)
    cube = at("(x - 3)**3 + 0*y + (y - 1/2)**2", {"x": 3, "y": "1/2"})
    assert leading(cube, cube.hessian.exact(), None, 4) == Leading(NEG, 3, -1)


def test_how_large_a_closed_form_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    here = origin("u**2 + v**4")
    from hessrank.symbolic.expressions.differentiation import gradient
    from hessrank.symbolic.expressions.expression import postorder
    from hessrank.symbolic.problems.evaluation import total_loss

    L = total_loss(here.problem)
    size = len(postorder([L, *gradient(L, ("u", "v"))]))
    monkeypatch.setattr(reduction, "MAX_NODES", size)
    assert leading(here, here.hessian.exact(), None, 4).degree == 4
    monkeypatch.setattr(reduction, "MAX_NODES", size - 1)
    with pytest.raises(UndecidedError, match=f"more than {size - 1} nodes"):
        leading(here, here.hessian.exact(), None, 4)


# --- the three ways ------------------------------------------------------------------------------


def _asked(way, here: Landscape):
    return way(here, here.hessian.exact(), here.hessian.inertia.zero)


@pytest.mark.parametrize(
    ("form", "local", "strict"),
    [
        ("u**2 + v**4", TRUE, TRUE),
        ("u**2 + v**3", FALSE, FALSE),
        ("u**2 + v**12", TRUE, TRUE),
        ("u**2 + v**14", None, None),
        ("v**12 + w**12", TRUE, TRUE),
        ("v**14 + w**12", None, None),
        ("(x**2 + y**2 + z**2)**2", TRUE, TRUE),
        ("x**6 - y**6 + z**6", FALSE, FALSE),
        ("x**7 + y**7 + z**7", None, None),
        ("(x**2 + y**2 + z**2 + w**2)**2", TRUE, TRUE),
        ("x**5 + y**5 + z**5 + w**5", None, None),
        ("(x**2 + y**2 + z**2 + w**2 + v**2)**2", None, None),  # five dimensions are not asked
        ("u**2*v**2", None, None),
    ],
)
def test_the_whole_kernel(form: str, local: Truth | None, strict: Truth | None) -> None:
    found = _asked(_on_kernel, origin(form))
    assert (None if found is None else (found.local.truth, found.strict)) == (
        None if local is None else (local, strict)
    )


def test_what_is_said_of_the_whole_kernel() -> None:
    found = _asked(_on_kernel, origin("u**2 + v**4"))
    assert "the leading form of L on ker H, of degree 4, is positive" in found.local.reason
    found = _asked(_on_kernel, origin("u**2 + v**5"))
    assert "of degree 5, takes a negative value" in found.local.reason


def test_modulo_an_orbit() -> None:
    """F = a(w₁x₁ + w₂x₂)² where x₂ = 0: w₂ is idle, and a rescaling keeps F. At a fit these
    two span ker H: a minimum that is not strict; with a regulariser no group counts."""
    net = mlp([2, 1, 1], "square", bias=False)
    data = Data([[1, 0], [2, 0]], [[1], [4]])
    here = Problem(net, data).at(dict(zip(net.parameters, (1, 3, 1), strict=True)))
    found = _asked(_on_kernel, here)
    assert (found.local.truth, found.strict) == (TRUE, FALSE) and "orbit" in found.local.reason
    held = Problem(net, data, "half-squared", "(w1_1_2 - 3)**4").at(here.point)
    assert "orbit" not in str(_asked(_on_kernel, held))


@pytest.mark.parametrize(
    ("form", "local"),
    [
        ("v**3 + w**3", FALSE),
        ("v**3 - w**3", FALSE),  # not along (1, 1)
        ("v**4 - 3*v**2*w**2 + w**4", FALSE),
        ("v**4 - w**6", FALSE),
        ("v**4 + w**6", None),
        ("v**4 - w**12", FALSE),
        ("v**4 - w**16", FALSE),
        ("v**4 - w**18", None),
        ("v**4*10 + w**4 - (v - 2*w)**4", FALSE),  # along (0, 1)
        ("(v + w)**2*(v - w)**2 - (v - w)**6", FALSE),  # only along (1, −1)
    ],
)
def test_single_vectors(form: str, local: Truth | None) -> None:
    found = _asked(_along_vectors, origin(form))
    assert (None if found is None else found.local.truth) == local


def test_up_to_how_many_parameters_single_vectors_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = origin("u**2 + v**3")
    for most, local in ((2, FALSE), (1, None)):
        monkeypatch.setattr(module, "MAX_PARAMETERS", most)
        found = _asked(_along_vectors, here)
        assert (None if found is None else found.local.truth) == local


def test_manifolds_of_critical_points() -> None:
    """½(xy − 1)² at (1, 1): the hyperbola; ½(x² + y² + z² − 1)²: the sphere; constant rank, so the
    fibre is a manifold. ½(xy)² at (0, 0): no constant rank, and the axes are lines only."""
    for form, y, point, d in (
        ("x*y", 1, {"x": 1, "y": 1}, 1),
        ("x**2 + y**2 + z**2", 1, {"x": 1, "y": 0, "z": 0}, 2),
    ):
        here = at(form, point, "half-squared", [y])
        dimension, why = _critical_manifold(here)
        assert dimension == d and why
        found = _asked(_on_manifold, here)
        assert (found.local.truth, found.strict) == (TRUE, FALSE)
        assert f"of dimension {d} = nullity(H) ({why})" in found.local.reason
    cross = at("x*y", {"x": 0, "y": 0}, "half-squared")
    found = _critical_manifold(cross)
    assert (found is None or found[0] <= 1) and _asked(_on_manifold, cross) is None
    bound = at("x*y", {"x": 1, "y": 1}, "half-squared", [1], "(x - 1)**4*0 + (y - 1)**4")
    assert _asked(_on_manifold, bound) is None
    lone = at("x**2", {"x": 0}, "half-squared")
    assert _critical_manifold(lone) is None


def test_where_nothing_decides_the_dimension_is_said() -> None:
    here = origin("u**2 + v**14")
    found = degenerate(here, here.hessian.exact(), 1)
    assert found.kind == "undecided" and "kernel of dimension 1" in found.local.reason


def test_the_direction_of_one_parameter() -> None:
    here, two = origin("v**3"), origin("v**3 + w**4")
    for falls in (1, -1):
        found = _falls(here, Leading(NEG, 3, falls), "why")
        assert found.direction is not None and str(found.direction[0]) == str(falls)
        assert found.local.reason == "why" and found.local.truth is FALSE
        assert _falls(two, Leading(NEG, 3, falls), "why").direction is None
    assert _falls(here, Leading(NEG, 3, 0), "why").direction is None


def test_a_way_that_fails_leaves_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    here = origin("u**2 + v**3")
    for error in (KinkError("no"), UndecidedError("no")):

        def fails(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(module, "_on_kernel", fails)
        monkeypatch.setattr(module, "_on_manifold", fails)
        found = degenerate(here, here.hessian.exact(), 1)
        assert found.local.truth is FALSE and "on a curve" in found.local.reason
        assert "of order 3" in found.local.reason


def test_fractions_stay_exact() -> None:
    """(x − y/3)² + y⁴/10⁴⁰ against … − y⁴/10⁴⁰."""
    tiny = Fraction(1, 10**40)
    for sign, want in ((1, POS), (-1, NEG)):
        here = origin(f"(x - y/3)**2 + ({sign * tiny})*y**4")
        assert leading(here, here.hessian.exact(), None, 4).sign is want


@pytest.mark.parametrize("error", [UndecidedError("no"), TooLarge("no")])
def test_a_direction_that_is_not_expanded_leaves_the_others(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of all directions fails; time that is over ends the search."""
    here = origin("v**4 + w**4 + u**2")
    tried: list[object] = []

    def one(there: Landscape, H: object, weights: list[object], order: int) -> Leading:
        tried.extend(weights)
        if len(tried) == 1:
            raise error
        return Leading(NEG, order)

    monkeypatch.setattr(module, "leading", one)
    found = _asked(_along_vectors, here)
    assert found.local.truth is FALSE and tried == [(1, 1), (1, 0)]

    def late(*_: object) -> Leading:
        tried.append(None)
        raise OverBudget("late")

    tried.clear()
    monkeypatch.setattr(module, "leading", late)
    with pytest.raises(OverBudget):
        _asked(_along_vectors, here)
    assert len(tried) == 1
