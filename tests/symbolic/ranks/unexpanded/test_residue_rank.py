"""What residues show of a rank: the odds by their formula, bounds with their reasons, and silence
where the entries may not exist."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import flint
import pytest
from flint import arb, fmpq

from hessrank.symbolic.budget import OverBudget, budget
from hessrank.symbolic.errors import DomainError, UndecidedError
from hessrank.symbolic.expressions.expression import number
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.linear_algebra.primefield import prime_count
from hessrank.symbolic.ranks.rank_result import RankResult
from hessrank.symbolic.ranks.unexpanded import residue_rank
from hessrank.symbolic.ranks.unexpanded.residue_rank import (
    THEOREM,
    _excludes_zero,
    _exist,
    _largest_minor,
    _odds_log2,
    _of_row,
    residue_bounds,
    unexpanded,
)
from hessrank.symbolic.ranks.unexpanded.residue_ring import (
    Residue,
    ResidueRing,
    Zero,
)

P = 2**61 - 1


def ring(seed: int = 0, denominator: int = 10, p: int = P) -> ResidueRing:
    return ResidueRing(p, random.Random(seed), denominator)


def singular(R: Any) -> Any:
    e = R.function("exp", R.number(1))
    return [[e, e * e], [R.number(1), e]]


def test_a_prime_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def entries(R: Any) -> Any:
        calls.append(R)
        if len(calls) < 3:
            raise Zero("a test")
        return [[R.function("exp", R.number(Fraction(1, 7))), R.number(1)]]

    found = residue_bounds(entries, (1, 2))
    assert found is not None and (found.rank, found.primes) == (1, 1)
    assert found.failure_log2 == -math.inf and found.independent
    assert found.minor == Minor((0,), (0,), calls[-1].p) and calls[-1].denominator == 7
    assert [R.denominator for R in calls] == [1, 1, 1, 7]
    assert len({R.p for R in calls}) == 4 and all(R.p.bit_length() == 62 for R in calls)

    calls = []

    def never(R: Any) -> Any:
        calls.append(R)
        raise Zero("a test")

    assert residue_bounds(never, (1, 1)) is None and len(calls) == 40
    for error in (UndecidedError("a test"), DomainError("a test")):

        def refuses(R: Any, error: Exception = error) -> Any:
            raise error

        assert residue_bounds(refuses, (1, 1)) is None

    def late(R: Any) -> Any:
        raise OverBudget("a test")

    with pytest.raises(OverBudget):
        residue_bounds(late, (1, 1))


def test_the_largest_rank_that_was_seen_counts() -> None:
    """A first choice of residues that shows less is forgotten, and so are its odds."""
    full = residue_bounds(singular, (2, 2))
    assert full is not None and full.rank == 1
    calls = []

    def unlucky(R: Any) -> Any:
        calls.append(R)
        return [[R.number(0)] * 2] * 2 if len(calls) == 1 else singular(R)

    found = residue_bounds(unlucky, (2, 2))
    assert found is not None and (found.rank, found.primes) == (1, full.primes)
    assert found.failure_log2 == pytest.approx(full.failure_log2) and found.minor.size == 1
    assert found.failure_log2 <= -100 and len(calls) == 1 + full.primes

    def sometimes(R: Any) -> Any:
        calls.append(R)
        if len(calls) == 1:
            R.function("log", R.number(2))
        return singular(R)

    calls = []
    tainted = residue_bounds(sometimes, (2, 2))
    assert tainted is not None and not tainted.independent and full.independent


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_odds_of_residues(order: int) -> None:
    """Degrees and bits of the `order` largest entries of the `order` largest rows, order! terms,
    and pairs of letters whose arguments may meet."""
    R = ring()
    for k in range(5):
        R.function("log", R.number(2 + k))
    R._atom("log", Residue(R, 7, None, 5, 11))
    sizes = [[(3, 5), (9, 1), (2, 7)], [(1, 1), (1, 2), (1, 3)], [(8, 8), (0, 0), (4, 4)]]
    table = [[Residue(R, 1, None, d, b) for d, b in row] for row in sizes]
    for row, pairs in zip(table, sizes, strict=True):
        d, b = (sorted(v)[-order:] for v in zip(*pairs, strict=True))
        assert _of_row(row, order) == (sum(d), sum(b))
    degree = {1: 9, 2: 12 + 12, 3: 14 + 3 + 12}[order]
    bits = {1: 8, 2: 12 + 12, 3: 13 + 6 + 12}[order] + order * math.log2(order)
    pairs = 6 * 6 * 16
    expected = (degree + pairs + 1) / 2.0**60 + (bits + pairs + 1) / 61 / prime_count(62)
    assert _odds_log2(table, R, order) == pytest.approx(math.log2(expected), rel=1e-12)


def test_hopeless_odds_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def entries(R: Any, n: int) -> Any:
        e = R.function("exp", R.number(n))
        return [[e, e], [e, e]]

    assert residue_bounds(lambda R: entries(R, 2**58), (2, 2)) is None
    found = residue_bounds(lambda R: entries(R, 2**50), (2, 2))
    assert found is not None and found.rank == 1 and found.primes > 5


def test_minors_of_residues() -> None:
    R = ring()
    rows = [[R.number(v) for v in row] for row in ([0, 1, 2], [0, 2, 4], [0, 0, 5])]
    assert _largest_minor(rows, (3, 3), P) == Minor((0, 2), (1, 2), P)
    assert _largest_minor([], (0, 3), P) == Minor((), (), P)
    assert _largest_minor([[], []], (2, 0), P) == Minor((), (), P)


# --- what is sharpened ---------------------------------------------------------------------------


def open_result(lower: int, upper: int, shape: tuple[int, int], minor: Minor | None) -> RankResult:
    return RankResult(lower, upper, "undecided", shape, "below", "above", minor)


def balls(rows: list[list[str]]) -> Any:
    def at(bits: int) -> Any:
        with flint.ctx.workprec(bits):
            return [[arb(1).exp() ** int(v) for v in row] for row in rows]

    return at


def test_residues_decide_what_was_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel of (e, e²; 1, e) with one letter for e: without it, residues have the word."""
    known = open_result(0, 2, (2, 2), None)
    kernel = unexpanded(known, singular, balls([["1", "2"], ["0", "1"]]))
    assert (kernel.lower, kernel.upper, kernel.status) == (1, 1, "certified")
    monkeypatch.setattr(residue_rank, "MAX_ENTRIES", 3)
    found = unexpanded(known, singular, balls([["1", "2"], ["0", "1"]]))
    assert (found.lower, found.upper, found.status) == (1, 1, "probabilistic")
    assert found.witness is not None and found.witness.size == 1 and found.witness.prime
    assert found.lower_reason == f"a 1×1 minor is not zero modulo {found.witness.prime}; {THEOREM}"
    seen = residue_bounds(singular, (2, 2))
    assert seen is not None and found.failure_log2 == seen.failure_log2
    assert found.upper_reason == (
        f"no larger minor is nonzero at {seen.primes} random choices of residues for the values of "
        "the functions"
    )
    shown = ((number(1), number(-1)),)
    proved = RankResult(0, 1, "undecided", (2, 2), "below", "above", kernel=shown)
    raised = unexpanded(proved, singular, balls([["1", "2"], ["0", "1"]]))
    assert (raised.lower, raised.status, raised.upper_reason) == (1, "certified", "above")
    assert raised.kernel == shown and raised.failure_log2 is None and found.kernel is None
    known = open_result(1, 2, (2, 2), Minor((1,), (1,)))
    kept = unexpanded(known, singular, balls([["1", "2"], ["0", "1"]]))
    assert (kept.lower_reason, kept.witness) == ("below", Minor((1,), (1,)))


def test_residues_below_what_is_proved_are_not_believed() -> None:
    known = open_result(2, 3, (3, 3), Minor((0, 1), (0, 1)))

    def entries(R: Any) -> Any:
        return [[R.number(1) if isinstance(R, ResidueRing) else fmpq(1)] * 3] * 3

    assert unexpanded(known, entries, balls([["0"] * 3] * 3)) is known


def logs(R: Any) -> Any:
    a, b = (R.function("log", R.number(Fraction(k))) for k in (2, 3))
    return [[a, b, a * b], [b, a, b]]


def log_balls(bits: int) -> Any:
    with flint.ctx.workprec(bits):
        a, b = arb(2).log(), arb(3).log()
        return [[a, b, a * b], [b, a, b]]


def test_without_a_theorem_a_ball_has_to_show_the_minor() -> None:
    for known in (open_result(0, 2, (2, 3), None), open_result(1, 2, (2, 3), Minor((0,), (0,)))):
        found = unexpanded(known, logs, log_balls)
        assert (found.lower, found.upper, found.status) == (2, 2, "certified")
        assert found.lower_reason == "a 2×2 minor lies in a ball of 64 bits without zero"
        assert found.upper_reason == "above" and found.witness == Minor((0, 1), (0, 1))
        assert found.failure_log2 is None
    flat = unexpanded(open_result(1, 2, (2, 3), None), logs, lambda bits: [[arb(1)] * 3] * 2)
    assert (flat.lower, flat.upper, flat.status) == (1, 2, "undecided")
    assert (flat.lower_reason, flat.failure_log2) == ("below", None)


def test_nothing_is_said_where_the_entries_may_not_exist() -> None:
    known = open_result(0, 2, (2, 2), None)
    assert unexpanded(known, singular, lambda bits: [[arb("nan")] * 2] * 2) is known
    assert unexpanded(known, singular, lambda bits: [[arb(1), arb("inf")], [arb(1)] * 2]) is known

    def refuses(bits: int) -> Any:
        raise UndecidedError("a test")

    assert unexpanded(known, singular, refuses) is known
    asked: list[int] = []

    def late(bits: int) -> Any:
        asked.append(bits)
        if bits < 512:
            raise UndecidedError("a test")
        return [[arb(1)]]

    assert _exist(late) and asked == [128, 256, 512]
    asked.clear()
    assert not _exist(lambda bits: asked.append(bits) or [[arb("nan")]]) and asked == [
        128,
        256,
        512,
    ]
    sure = RankResult(1, 1, "certified", (2, 2), "below", "above")
    assert unexpanded(sure, singular, refuses) is sure

    def stops(bits: int) -> Any:
        raise OverBudget("over budget: a test")

    cut = unexpanded(known, singular, stops)
    assert (cut.lower, cut.upper, cut.upper_reason) == (0, 2, "above; over budget: a test")
    with pytest.raises(OverBudget):
        _exist(stops)
    with budget(-1):
        assert unexpanded(known, singular, balls([["1"] * 2] * 2)).upper_reason.startswith(
            "above; "
        )


def test_free_letters_come_before_residues(monkeypatch: pytest.MonkeyPatch) -> None:
    def entries(R: Any) -> Any:
        e = R.function("exp", R.number(Fraction(1)))
        return [[e, 2 * e], [e, 2 * e]]

    known = open_result(1, 2, (2, 2), Minor((0,), (0,)))
    ones = balls([["1", "1"], ["1", "1"]])
    found = unexpanded(known, entries, ones)
    assert (found.lower, found.upper, found.status) == (1, 1, "certified")
    assert found.upper_reason == "the 2 columns are rational combinations of 1 of them"
    zero = unexpanded(open_result(0, 2, (2, 2), None), entries, ones)
    assert (zero.lower, zero.upper, zero.status, zero.failure_log2) == (1, 1, "certified", None)
    monkeypatch.setattr(residue_rank, "MAX_ENTRIES", 4)
    assert unexpanded(known, entries, ones).status == "certified"
    monkeypatch.setattr(residue_rank, "MAX_ENTRIES", 3)
    assert unexpanded(known, entries, ones).status == "probabilistic"


def test_how_many_bits_a_minor_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    def near(k: int) -> Any:
        return lambda bits: [
            [arb(0), arb(1) + arb(fmpq(1, 2**k)), arb(1)],
            [arb(0), arb(1), arb(1)],
        ]

    minor = Minor((0, 1), (1, 2))
    for k, bits in ((20, 64), (100, 128), (1000, 1024), (4000, 4096), (6000, 8192), (9000, 16384)):
        assert _excludes_zero(near(k), minor) == bits
    assert _excludes_zero(near(20_000), minor) == 0
    monkeypatch.setattr(residue_rank, "MAX_FINE", 2)
    assert _excludes_zero(near(6000), minor) == 8192
    monkeypatch.setattr(residue_rank, "MAX_FINE", 1)
    assert _excludes_zero(near(6000), minor) == 0

    def late(bits: int) -> Any:
        if bits < 512:
            raise UndecidedError("a test")
        return near(20)(bits)

    assert _excludes_zero(late, minor) == 512

    def stops(bits: int) -> Any:
        raise OverBudget("a test")

    with pytest.raises(OverBudget):
        _excludes_zero(stops, minor)


def test_residues_are_those_of_the_seed() -> None:
    primes = []
    for seed in (0, 0, 1, 2):
        found = residue_bounds(singular, (2, 2), seed)
        assert found is not None and found.rank == 1
        primes.append(found.minor.prime)
    assert primes[0] == primes[1] and len(set(primes)) == 3


def test_the_primes_of_a_matrix_of_zeros_are_counted() -> None:
    calls = []

    def zero(R: Any) -> Any:
        calls.append(R)
        e = R.function("exp", R.number(1))
        return [[e * e - R.function("exp", R.number(2))]]

    found = residue_bounds(zero, (1, 1))
    assert found is not None and (found.rank, found.primes) == (0, len(calls)) and len(calls) > 1
