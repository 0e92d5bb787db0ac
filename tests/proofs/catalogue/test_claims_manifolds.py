"""Claims 1 to 25: every derived verdict against the catalogue of claims, and its evidence redone.

The expected verdicts are those of the catalogue (TRUE, FALSE or COND for each number), which was
written before the toolkit and from the theory; the facts of each counterexample are verified again
with SymPy.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy
from words import plain

from hessrank import gallery
from hessrank.proofs.catalogue.fibres import claims as fibres
from hessrank.proofs.catalogue.fibres.predicates import behaviour, spheres
from hessrank.proofs.catalogue.fibres.subjects import Preimages, at_origin, split
from hessrank.proofs.catalogue.solution_sets import claims as solution_sets
from hessrank.proofs.catalogue.solution_sets.maps import (
    ClosedInterval,
    FatCantorMap,
    Regions,
    relu_regions,
)
from hessrank.proofs.catalogue.solution_sets.subjects import Decay, QuadraticGraph
from hessrank.proofs.experiments.flow import comparison, drainage, ends, slope
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.fibres.level_sets import LevelSet, connected, two_points
from hessrank.proofs.reasoning.claim import Settled, settle, settle_claim
from hessrank.proofs.reasoning.statement import Instance, Outcome
from hessrank.specs.spec import read_spec
from hessrank.symbolic.expressions.expression import symbol

CLAIMS = (*fibres.CLAIMS, *solution_sets.CLAIMS)
BY_ID = {claim.id: claim for claim in CLAIMS}

# number, id: the verdicts on the form as stated and on the repaired form, as the catalogue has them
CATALOGUE = {
    (1, "fibre-dimension-at-least"): ("refuted", "true"),  # COND: rank locally constant
    (2, "low-fibres-null"): ("refuted", "true"),  # FALSE for C^∞, TRUE for analytic nets
    (3, "several-classes"): ("true", "true"),  # TRUE for relu; analytic nets have one class
    (4, "spheres-unique"): ("true", None),
    (5, "contours-dimension"): ("refuted", "true"),  # COND ∇f_i ≠ 0
    (6, "parallel-contours"): ("refuted", "true"),  # COND: parallel on a neighbourhood
    (7, "contours-connected"): ("refuted", None),  # FALSE
    (8, "gradients-perpendicular"): ("true", None),
    (8, "kernel-is-tangent"): ("refuted", "true"),  # the converse is FALSE
    (9, "fibre-dimension-at-most"): ("true", None),
    (10, "high-dimension-dependence"): ("true", None),
    (10, "dependence-high-dimension"): ("refuted", "true"),  # the converse is FALSE
    (11, "low-rank-high-dimension"): ("refuted", "true"),  # one direction only
    (12, "low-rank-dependence"): ("refuted", "true"),  # COND M ≤ N
    (13, "linear-solution-dimension"): ("true", None),
    (13, "nonlinear-solution-dimension"): ("refuted", "true"),  # to first order only
    (14, "submersion"): ("true", None),
    (15, "low-rank-says-little"): ("true", None),
    (16, "closed-sets-smooth"): ("true", None),  # TRUE for C^∞
    (16, "closed-sets-analytic"): ("refuted", None),  # FALSE for analytic
    (17, "image-embedded"): ("refuted", "true"),  # FALSE; a neighbourhood of θ embeds
    (18, "submersion-needs-parameters"): ("true", None),
    (19, "off-data-arbitrary"): ("refuted", "true"),  # COND
    (20, "several-solution-manifolds"): ("true", None),
    (21, "solutions-unbounded"): ("refuted", "true"),  # COND homogeneous nets
    (22, "regulariser-fixes"): ("refuted", "true"),  # "do" FALSE, "can" TRUE
    (23, "weighted-volume"): ("true", None),
    (24, "asymptote-sets"): ("refuted", "true"),  # COND cones
    (25, "drainage"): (None, None),  # measured
}


@pytest.fixture(scope="module")
def settled() -> dict[str, Settled]:
    specs = {i: read_spec(i) for i in gallery.ids()}
    instances = [Instance(i, s.problem.at(s.point)) for i, s in specs.items()]
    return {c.id: settle_claim(c, instances, seed=None) for c in CLAIMS}


def test_all_of_1_to_25() -> None:
    assert {(c.number, c.id) for c in CLAIMS if 1 <= c.number <= 25} == set(CATALOGUE)
    assert {number for number, _ in CATALOGUE} == set(range(1, 26))


@pytest.mark.parametrize("number,name", CATALOGUE)
def test_verdict(number: int, name: str, settled: dict[str, Settled]) -> None:
    found, (stated, repaired) = settled[name], CATALOGUE[number, name]
    assert plain(found.stated) == stated
    assert plain(found.repaired) == repaired
    assert not found.contradictory
    for form in (found.stated, found.repaired):
        if form is not None and form.verdict == "true":
            assert form.confirmations


@pytest.mark.parametrize("name", [n for (_, n), v in CATALOGUE.items() if v[0] == "refuted"])
def test_every_claim_stands_without_the_gallery(name: str) -> None:
    """Its own instances refute it, but for the two whose instances are all in the gallery."""
    alone = settle_claim(BY_ID[name], (), seed=None).stated
    assert alone is not None
    assert alone.verdict == ("open" if name == "low-rank-dependence" else "refuted")


def test_counterexamples_fulfil_every_hypothesis(settled: dict[str, Settled]) -> None:
    for found in settled.values():
        for c in found.stated.counterexamples if found.stated else ():
            *hypotheses, conclusion = [fact.to_json()["value"] for _, fact in c.facts]
            assert all(h is True for h in hypotheses) and conclusion is False


# --- the counterexamples, redone with SymPy ------------------------------------------------------

x, y, z, t, lam, a, b, w = sympy.symbols("x y z t lambda a b w")
SPHERES = sympy.Matrix([(x - 1) ** 2 + y**2 + z**2, (x + 1) ** 2 + y**2 + z**2])


def test_x5_is_isolated() -> None:
    """F = (1, 1) forces |θ|² = 0, while rank J = 1 and N − M = 1."""
    assert sympy.expand(sum(SPHERES) - 2 - 2 * (x**2 + y**2 + z**2)) == 0
    assert SPHERES.jacobian([x, y, z]).subs({x: 0, y: 0, z: 0}).rank() == 1
    mine = spheres("1/3", 2, -1).outputs.to_sympy()
    assert list(mine) == list(SPHERES.subs({x: sympy.Rational(1, 3), y: 2, z: -1}))


def test_x12_crosses_itself() -> None:
    F = sympy.Matrix([t**2 - 1, t * (t**2 - 1)])
    assert F.subs(t, 1) == F.subs(t, -1)
    assert sympy.Matrix.hstack(F.diff(t).subs(t, 1), F.diff(t).subs(t, -1)).rank() == 2


def test_the_fat_cantor_set_has_measure_one_half() -> None:
    n = sympy.symbols("n", integer=True, positive=True)
    removed = sympy.summation(2 ** (n - 1) * sympy.Rational(1, 4) ** n, (n, 1, sympy.oo))
    assert FatCantorMap().measure == Fraction(1, 2) == 1 - Fraction(int(removed.p), int(removed.q))


def test_relu_regions() -> None:
    F = {1: sympy.Matrix([a * w, 2 * a * w]), -1: sympy.zeros(2, 1)}
    for here in relu_regions().landscapes:
        sign = 1 if here.point["w"].value > 0 else -1
        J = F[sign].jacobian([a, w])
        assert here.rank("jacobian").lower == J.subs({a: 1, w: sign}).rank() == (sign == 1)


def test_weight_decay_determinant() -> None:
    L = (a * b - 1) ** 2 + lam * (a**2 + b**2)
    c = sympy.sqrt(1 - lam)
    H = sympy.hessian(L, (a, b)).subs({a: c, b: c})
    assert sympy.expand(H.det() - 16 * lam * (1 - lam)) == 0
    assert [sympy.expand(L.diff(v).subs({a: c, b: c})) for v in (a, b)] == [0, 0]


def test_a_circle_of_minima_remains() -> None:
    """Two points of the circle have the same loss, below that of 0 and of points around."""
    values = {sympy.Symbol("λ"): sympy.Rational(3, 4)}

    def loss(a0: object, a1: object, b0: object, b1: object) -> sympy.Expr:
        dot = sympy.Integer(0) + a0 * b0 + a1 * b1
        return (dot - 1) ** 2 + sympy.Rational(3, 4) * (a0**2 + a1**2 + b0**2 + b1**2)

    half, three, four = sympy.Rational(1, 2), sympy.Rational(3, 10), sympy.Rational(4, 10)
    zero = sympy.Integer(0)
    assert loss(half, zero, half, zero) == loss(three, four, three, four)
    least = 2 * values[sympy.Symbol("λ")] - values[sympy.Symbol("λ")] ** 2
    assert loss(half, zero, half, zero) == least < loss(zero, zero, zero, zero)
    grid = [sympy.Rational(i, 4) for i in range(-3, 4)]
    assert all(loss(p, q, r, half) >= least for p in grid for q in grid for r in grid)


def test_paraboloid_directions() -> None:
    """θ/|θ| → (0, 0, 1) along every ray of the parameters."""
    s = sympy.symbols("s", positive=True)
    for u in ((1, 0), (1, 2), (-3, 1)):
        point = sympy.Matrix([s * u[0], s * u[1], s**2 * (u[0] ** 2 + u[1] ** 2)])
        limits = [sympy.limit(v / sympy.sqrt(point.dot(point)), s, sympy.oo) for v in point]
        assert limits == [0, 0, 1]


# --- what must not refute ------------------------------------------------------------------------

UNREFUTING = {
    "another point is no second preimage": (
        "image-embedded",
        Preimages(
            behaviour(["t**2 - 1", "t*(t**2 - 1)"], "t", {"t": 1}),
            behaviour(["t**2 - 1", "t*(t**2 - 1)"], "t", {"t": 2}),
        ),
        Outcome.UNDECIDED,
    ),
    "the same branch twice": (
        "image-embedded",
        Preimages(behaviour(["t", "t**2"], "t", {"t": 1}), behaviour(["t", "t**2"], "t", {"t": 1})),
        Outcome.UNDECIDED,
    ),
    "a stationary point of a curve is outside": (
        "image-embedded",
        Preimages(behaviour(["t**2", "t**3"], "t", {"t": 0})),
        Outcome.NOT_APPLICABLE,
    ),
    "Cantor's own set has measure 0": (
        "low-fibres-null",
        FatCantorMap(Fraction(1, 3)),
        Outcome.HOLDS,
    ),
    "gradients that are not parallel": ("parallel-contours", spheres(0, 1), Outcome.NOT_APPLICABLE),
    "a gradient that is 0 is not parallel to another": (
        "parallel-contours",
        behaviour(["x", "y**2"], "x y", {"x": 0, "y": 0}),
        Outcome.NOT_APPLICABLE,
    ),
    "spheres off the axis": ("spheres-unique", spheres(0, 1), Outcome.NOT_APPLICABLE),
    "a circle in the fibre": ("fibre-dimension-at-least", spheres(0, 1), Outcome.HOLDS),
    "one region is not two": (
        "several-classes",
        Regions(relu_regions().landscapes[:1]),
        Outcome.NOT_APPLICABLE,
    ),
    "a set without certificate": (
        "contours-connected",
        LevelSet((symbol("x") ** 2 - 1,), ("x",)),
        Outcome.UNDECIDED,
    ),
    "a point is a zero set": (
        "closed-sets-analytic",
        ClosedInterval(Fraction(1), Fraction(1)),
        Outcome.HOLDS,
    ),
    "a saddle surface": ("asymptote-sets", QuadraticGraph(((1, 0), (0, -1))), Outcome.UNDECIDED),
    "a parabola has m − 1 = 0": ("asymptote-sets", QuadraticGraph(((1,),)), Outcome.HOLDS),
    "width 1 collapses": ("regulariser-fixes", Decay(1), Outcome.HOLDS),
    "θ² = 1 has a second model, far away": (
        "off-data-arbitrary",
        split("t**2*(1 - v) + v*t", "t", "v", [0], [1], {"t": 1}),
        Outcome.UNDECIDED,
    ),
    "x² is not affine": (
        "linear-solution-dimension",
        behaviour(["x**2"], "x", {"x": 0}),
        Outcome.NOT_APPLICABLE,
    ),
    "a cosine is not affine": (
        "linear-solution-dimension",
        behaviour(["cos(x)"], "x", {"x": 0}),
        Outcome.NOT_APPLICABLE,
    ),
}


@pytest.mark.parametrize("name", UNREFUTING)
def test_what_must_not_refute(name: str) -> None:
    claim, subject, outcome = UNREFUTING[name]
    stated = BY_ID[claim].stated
    assert stated is not None
    assert stated.on(Instance(name, subject)).outcome is outcome


def test_a_false_step_proves_nothing() -> None:
    claim = BY_ID["spheres-unique"]
    assert claim.stated is not None
    wrong = replace(claim.as_written.proof[0], check=lambda: connected(two_points()))
    found = settle(claim.stated, [], (wrong, *claim.as_written.proof[1:]))
    assert found.verdict == "open"


# --- the hypotheses that the repairs need --------------------------------------------------------


def test_new_gradients_are_not_enough_off_the_data() -> None:
    """Claim 19: rank [J_train; J_test] > rank J_train alone does not do. The training outputs are
    those of X5, whose fibre is a point; the output y off the data has a new gradient there."""
    claim = BY_ID["off-data-arbitrary"]
    assert claim.repaired is not None and claim.examples is not None
    weaker = claim.repaired.without("train-constant-rank")
    found = [weaker.on(i) for i in claim.examples()]
    failing = [f for f in found if f.outcome is Outcome.FAILS]
    assert [f.instance for f in failing] == ["the spheres of X5, with the output y off the data"]
    split = failing[0].subject
    assert list(split.train.outputs.to_sympy()) == [1, 1]
    J = sympy.Matrix.vstack(SPHERES.jacobian([x, y, z]), sympy.Matrix([[0, 1, 0]]))
    assert J.subs({x: 0, y: 0, z: 0}).rank() == 2


@pytest.mark.parametrize(
    "name",
    [
        "fibre-dimension-at-least",
        "parallel-contours",
        "kernel-is-tangent",
        "dependence-high-dimension",
    ],
)
def test_constant_rank_is_needed(name: str) -> None:
    claim = BY_ID[name]
    assert claim.repaired is not None and claim.examples is not None
    weaker = claim.repaired.without("constant-rank")
    assert any(weaker.on(i).outcome is Outcome.FAILS for i in claim.examples())
    assert all(claim.repaired.on(i).outcome is not Outcome.FAILS for i in claim.examples())


def test_five_level_sets() -> None:
    """S2's list: x² + y², x², x³, xy, 0 have dimensions 0, 1, 1, 1 (a cross), 2 at 0."""
    found = [fibre_dimension(h) for h in at_origin().landscapes]
    assert [int(f) for f in found] == [0, 1, 1, 1, 2]


# --- the experiment -----------------------------------------------------------------------------


def test_flow_descends_the_loss_of_x7() -> None:
    L = ((a * (a - 10)) ** 2 + (b * (a - 10)) ** 2) / 2
    gradient = sympy.lambdify((a, b), [L.diff(a), L.diff(b)])
    points = np.random.default_rng(1).normal(0, 8, (20, 2))
    expected = np.array([gradient(*p) for p in points])
    assert np.allclose(slope(points), expected, rtol=1e-10)


def test_flow_ends_at_the_sides_of_the_saddle() -> None:
    """On b = 0 the loss falls from the saddle a = 5 to a = 0 and to a = 10."""
    point, on_line = ends(np.array([[-3.0, 0.0], [4.999, 0.0], [5.001, 0.0], [30.0, 0.0]]))
    assert point.tolist() == [True, True, False, False]
    assert on_line.tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    "shares,words",
    [
        ([(0.6, 0.7), (0.51, 0.6)], "more from every start"),
        ([(0.6, 0.7), (0.1, 0.2)], "where training starts decides"),
        ([(0.4, 0.6), (0.1, 0.2)], "more from no start"),
        ([(0.4, 0.6), (0.6, 0.7)], "do not tell"),
    ],
)
def test_the_answer_follows_the_intervals(shares: list, words: str) -> None:
    assert words in comparison(shares)


def test_drainage_counts() -> None:
    found = drainage(seed=3, runs=100)
    assert found == drainage(seed=3, runs=100)
    for count in found.counts.values():
        assert count["line"] + count["point"] + count["unsettled"] == count["runs"] == 100
        low, high = count["line_share_95"]
        assert 0 <= low <= count["line"] / 100 <= high <= 1


def test_starts_below_the_pass_stay_on_their_side() -> None:
    """L falls along the flow, and L(5, 0) = 312.5 is the least loss on a = 5: whoever starts below
    it ends on its own side."""
    theta = np.random.default_rng(2).normal(5, 6, (400, 2))
    low = theta[(theta[:, 0] - 10) ** 2 * (theta**2).sum(axis=1) / 2 < 312.5]
    point, on_line = ends(low)
    assert len(low) > 20
    assert (point == (low[:, 0] < 5)).all() and (on_line == (low[:, 0] > 5)).all()
