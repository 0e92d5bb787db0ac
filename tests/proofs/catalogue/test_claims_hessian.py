"""Claims 26 to 39: verdicts as CLAIMS.md expects them, and every counterexample's facts found again
with SymPy, mpmath or NumPy from the formulas of the gallery's table, not from the specs."""

from __future__ import annotations

from dataclasses import replace

import mpmath
import numpy as np
import pytest
import sympy
from flint import fmpq
from words import plain

from hessrank.proofs.catalogue import find
from hessrank.proofs.catalogue.hessian.claims import CLAIMS
from hessrank.proofs.catalogue.hessian.subjects import duplicated_neuron
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.reasoning.claim import Step, settle
from hessrank.proofs.reasoning.statement import Existence, Instance, Outcome, Predicate, Statement
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.specs.spec import loads, read_spec
from hessrank.symbolic.errors import KinkError, UndecidedError
from hessrank.verification import replay, settle_one

s, t, u, v = sympy.symbols("s t u v", real=True)

#: From CLAIMS.md: (number, as stated, repaired). COND and FALSE refute the form as stated.
BELIEVED = [
    (26, "refuted", "true"), (27, "refuted", "true"), (28, "true", None), (29, "refuted", "true"),
    (30, "true", "true"), (31, "true", None), (32, "refuted", "true"), (33, "true", "true"),
    (34, "refuted", "true"), (35, "true", "true"), (36, "true", None), (37, "refuted", "true"),
    (38, "true", None), (39, "refuted", None),
]  # fmt: skip


@pytest.mark.parametrize(("number", "stated", "repaired"), BELIEVED)
def test_verdicts_are_those_of_the_catalogue(
    number: int, stated: str, repaired: str | None
) -> None:
    found = settle_one(number, seed=None)
    assert (plain(found.stated), plain(found.repaired)) == (stated, repaired)
    assert not found.contradictory
    for settled in (found.stated, found.repaired):
        if settled is None:
            continue
        if settled.verdict == "refuted":
            assert settled.counterexamples
        if settled.verdict == "true":
            assert settled.confirmations and not settled.counterexamples


def test_every_counterexample_replays_to_the_same_finding() -> None:
    for claim in CLAIMS:
        settled = settle_one(claim.id, seed=None).stated
        if settled is None or not claim.over_gallery:
            continue
        for finding in settled.counterexamples:
            text = replay(finding)
            assert text is not None
            again = loads(text, "replay").landscape()
            assert claim.stated is not None
            found = claim.stated.on(Instance(finding.instance, again))
            assert found.outcome is Outcome.FAILS, (claim.id, finding.instance)
            assert [f.truth for _, f in found.facts] == [f.truth for _, f in finding.facts]


# --- the facts behind, from scratch --------------------------------------------------------------


def ranks(F: list[sympy.Expr], loss: sympy.Expr, o: list[sympy.Symbol], names: list[sympy.Symbol],
          at: dict[sympy.Symbol, object]) -> tuple[int, int, bool]:  # fmt: skip
    """(rank J, rank H, ∇L = 0) by SymPy from the composed loss."""
    L = loss.subs(dict(zip(o, F, strict=True)), simultaneous=True)
    J = sympy.Matrix(F).jacobian(names).subs(at)
    H = sympy.simplify(sympy.hessian(L, names).subs(at))
    slope = sympy.Matrix([L.diff(n) for n in names]).subs(at)
    return J.rank(), H.rank(), all(sympy.simplify(g) == 0 for g in slope)


o1, o2, o3 = O = list(sympy.symbols("o1 o2 o3", real=True))
PLAIN = [
    ("X1", [t**2], (o1 + 1) ** 2 / 2, [t], {t: 0}, (0, 1)),
    ("X2", [t, t**2], o1**2 + (o2 - sympy.Rational(1, 2)) ** 2, [t], {t: 0}, (1, 0)),
    ("X3", [sympy.cos(t), sympy.sin(t)], o1**2 + o2**2, [t], {t: sympy.Rational(1, 3)}, (1, 0)),
    ("X4", [t**2], o1**2 / 2, [t], {t: 0}, (0, 0)),
    ("X6", [s, t], o1**2 + o2**4, [s, t], {s: 0, t: 0}, (2, 1)),
    ("X13", [s, t**2], o1**2 / 2 + o2, [s, t], {s: 0, t: 0}, (1, 2)),
    ("X14", [t, t], (o1**2 - o2**2) / 2, [t], {t: 0}, (1, 0)),
    (
        "X15",
        [t, t, t],
        sympy.log(sympy.exp(o1) + sympy.exp(o2) + sympy.exp(o3)) - (o1 + o2 + o3) / 3,
        [t],
        {t: 0},
        (1, 0),
    ),
]


@pytest.mark.parametrize(("name", "F", "loss", "names", "at", "expected"), PLAIN)
def test_gallery_ranks_from_the_table(name, F, loss, names, at, expected) -> None:
    assert ranks(F, loss, O[: len(F)], names, at) == (*expected, True)
    here = read_spec(name).landscape()
    assert (int(here.rank("jacobian")), int(here.rank("hessian"))) == expected
    # CLAIMS.md calls each of them a minimum of L, but X14
    assert minimum(here).local.truth is Truth.of(name != "X14")


def test_the_duplicated_neuron_is_a_minimum() -> None:
    """a·tanh(ux) + b·tanh(wx), a = 1, b = 2, u = w = log(2)/2, x = 1, 2, 3, from its labels alone:
    ∇L = 0, r ≠ 0, rank J = 2, H ⪰ 0 of rank 3 (mpmath, 60 digits), and along (1, −1, 0, 0) the
    loss does not change at all; so ker H is tangent to a line of equal loss."""
    here = duplicated_neuron()
    with mpmath.workdps(60):
        y = [mpmath.mpf(sympy.N(v, 60)) for v in (
            sympy.sympify(str(row[0])) for row in here.problem.data.y)]  # fmt: skip
        at = [mpmath.mpf(1), mpmath.mpf(2), mpmath.log(2) / 2, mpmath.log(2) / 2]

        def f(p: list[mpmath.mpf], x: int) -> mpmath.mpf:
            return p[0] * mpmath.tanh(p[2] * x) + p[1] * mpmath.tanh(p[3] * x)

        def L(*p: mpmath.mpf) -> mpmath.mpf:
            return sum((f(list(p), x) - v) ** 2 for x, v in zip((1, 2, 3), y, strict=True)) / 2

        def order(*i: int) -> tuple[int, ...]:
            return tuple(i.count(k) for k in range(4))

        slope = [mpmath.diff(L, at, order(i)) for i in range(4)]
        assert max(map(abs, slope)) < mpmath.mpf(10) ** -25
        assert L(*at) > mpmath.mpf(10) ** -6
        H = mpmath.matrix(4, 4)
        for i in range(4):
            for j in range(4):
                H[i, j] = mpmath.diff(L, at, order(i, j))
        spectrum = sorted(mpmath.eigsy(H, eigvals_only=True))
        assert abs(spectrum[0]) < mpmath.mpf(10) ** -20 < mpmath.mpf(10) ** -6 < spectrum[1]
        flat = H * mpmath.matrix([1, -1, 0, 0])
        assert max(abs(x) for x in flat) < mpmath.mpf(10) ** -20
        assert abs(L(at[0] + 5, at[1] - 5, *at[2:]) - L(*at)) < mpmath.mpf(10) ** -50
        J = np.array(
            [[float(mpmath.diff(lambda *p, x=x: f(list(p), x), at, order(i))) for i in range(4)]
             for x in (1, 2, 3)]
        )  # fmt: skip
        assert np.linalg.matrix_rank(J, tol=1e-10) == 2
        rng = np.random.default_rng(0)
        for _ in range(200):  # and nothing lower nearby
            step = [mpmath.mpf(float(d)) / 10**3 for d in rng.normal(size=4)]
            assert L(*(p + d for p, d in zip(at, step, strict=True))) >= L(*at)
    assert (int(here.rank("jacobian")), int(here.rank("hessian"))) == (2, 3)
    assert minimum(here).local.truth is Truth.TRUE


def test_hard_labels_on_probabilities() -> None:
    """p = (1 − t², t²), label (1, 0): L = −log(1 − t²) has J = 0 and L″ = 2 at 0 (34)."""
    L = -sympy.log(1 - t**2)
    assert L.diff(t, 2).subs(t, 0) == 2 and (1 - t**2).diff(t).subs(t, 0) == 0
    claim = find(34)
    assert claim.examples is not None
    (here,) = [i.subject for i in claim.examples() if i.id == "hard-label-on-probabilities"]
    assert here.hessian.fractions() == [[2]] and int(here.rank("jacobian")) == 0


def test_soft_labels_on_probabilities() -> None:
    """At p = y inside: the residual term is 0 though r = −1, and H = Jᵀdiag(1/y)J (34)."""
    claim = find(34)
    assert claim.examples is not None
    (here,) = [i.subject for i in claim.examples() if i.id == "soft-label-on-probabilities"]
    L = -sympy.Rational(3, 4) * sympy.log(1 - t**2) - sympy.Rational(1, 4) * sympy.log(t**2)
    at = sympy.Rational(1, 2)
    assert L.diff(t).subs(t, at) == 0
    assert here.hessian.fractions()[0][0] == L.diff(t, 2).subs(t, at) == sympy.Rational(16, 3)
    assert here.residual.fractions() == [[0]]
    assert here.loss_gradient.fractions() == [[-1], [-1]]


def test_softmax_hessian_is_diag_p_minus_pp() -> None:
    """A = diag(p) − ppᵀ at the logits (log 2, 0, log 3) (35, 36), by hand p = (1/3, 1/6, 1/2)."""
    from hessrank.symbolic.models.models import Model
    from hessrank.symbolic.problems.data import Data
    from hessrank.symbolic.problems.landscape import Problem

    model = Model.from_expressions(["a", "b", "c"], "a b c")
    y = [["1/3", "1/6", "1/2"]]
    here = Problem(model, Data([[]], y), "softmax-cross-entropy").at(
        {"a": "log(2)", "b": 0, "c": "log(3)"}
    )
    p = [fmpq(1, 3), fmpq(1, 6), fmpq(1, 2)]
    expected = [[p[i] * (i == j) - p[i] * p[j] for j in range(3)] for i in range(3)]
    assert [list(row) for row in here.loss_hessian.rows] == expected
    assert int(here.rank("hessian")) == 2 and int(here.rank("jacobian")) == 3


# --- how a verdict is derived --------------------------------------------------------------------

EVEN = Predicate("even", "n is even", lambda n: Fact(Truth.of(n % 2 == 0), f"{n} mod 2"))
SMALL = Predicate("small", "n < 10", lambda n: Fact(Truth.of(n < 10), f"{n} against 10"))
NUMBERS = [Instance(str(n), n) for n in (2, 4, 7, 12)]
CHECKED = Step("checked", lambda: Fact(Truth.TRUE, "it was"))
FAILED = Step("failed", lambda: Fact(Truth.FALSE, "it was not"))


def test_a_counterexample_refutes() -> None:
    found = settle(Statement((EVEN,), SMALL), NUMBERS)
    assert found.verdict == "refuted" and found.tried == 3
    assert [f.instance for f in found.counterexamples] == ["12"]
    assert "12" in found.summary


def test_a_proof_beside_a_counterexample_is_a_contradiction() -> None:
    found = settle(Statement((EVEN,), SMALL), NUMBERS, (CHECKED,))
    assert found.verdict == "contradiction" and "CONTRADICTION" in found.summary
    known = find(26)
    claim = replace(known, strong=replace(known.strong, proof=(CHECKED,)))
    from hessrank.proofs.reasoning.claim import settle_claim
    from hessrank.verification import gallery_instances

    assert settle_claim(claim, gallery_instances(), None).contradictory


@pytest.mark.parametrize(
    ("proof", "verdict"),
    [
        ((), "open"),
        ((CHECKED,), "true"),
        ((CHECKED, Step("cited", cites="Sard 1942")), "true"),
        ((CHECKED, FAILED), "open"),
        ((Step("neither"),), "open"),
        ((CHECKED, Step("unknown", lambda: Fact(Truth.UNDECIDED, "who knows"))), "open"),
    ],
)
def test_only_a_whole_proof_proves(proof: tuple[Step, ...], verdict: str) -> None:
    found = settle(Statement((EVEN,), SMALL), NUMBERS[:3], proof)
    assert found.verdict == verdict
    if any(step.cites for step in proof):
        assert "Sard 1942" in found.summary


def test_existence_needs_a_witness_and_nothing_else() -> None:
    assert settle(Existence((EVEN, SMALL)), NUMBERS).verdict == "true"
    none = settle(Existence((~EVEN, ~SMALL)), NUMBERS, (CHECKED,))
    assert none.verdict == "open" and not none.counterexamples


def test_undecided_is_neither() -> None:
    def unknown(n: int) -> Fact:
        raise UndecidedError("too hard")

    hard = Predicate("hard", "n is hard", unknown)
    assert settle(Statement((EVEN,), hard), NUMBERS).verdict == "open"
    assert settle(Statement((hard,), SMALL), NUMBERS).counterexamples == ()
    on = Statement((hard, EVEN), SMALL).on(NUMBERS[2])  # 7 is not even: it does not apply
    assert on.outcome is Outcome.NOT_APPLICABLE

    def kink(n: int) -> Fact:
        raise KinkError("unit 1, example 2")

    found = Statement((), Predicate("k", "k", kink)).on(NUMBERS[0])
    assert found.outcome is Outcome.NOT_APPLICABLE and "unit 1" in found.reason
