"""Quadratic basins, for the claims on volumes and priors (52, 62).

In: rational Hessians. Out: `Instance`s of `Quadratic` and of `Rivals`, and predicates on them,
decided by the exact volumes of `volume`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import flint
from flint import arb, fmpq

from hessrank.proofs.basins.spectrum import spectrum
from hessrank.proofs.basins.volume import (
    ball_constant,
    crossovers,
    holds_more,
    product_of_widths,
    quadratic_volume,
    spread,
)
from hessrank.proofs.catalogue.basins.couplings import Table, exact_table, to_flint
from hessrank.proofs.reasoning.statement import Instance, Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions.expression import Expr, evaluate, number
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.linear_algebra.inertia import factorise


@dataclass(frozen=True)
class Quadratic:
    """The basin {½θᵀHθ < ε}."""

    H: Table
    epsilon: Fraction


def quadratics() -> Sequence[Instance]:
    tables: dict[str, list[list[int]]] = {
        "parabola": [[2]],
        "bowl": [[1, 0], [0, 1]],
        "tilted": [[2, 1], [1, 1]],
        "valley": [[1, 1], [1, 1]],
        "three": [[4, 1, 0], [1, 3, 1], [0, 1, 2]],
    }
    return tuple(Instance(n, Quadratic(exact_table(H), Fraction(1, 10))) for n, H in tables.items())


def _all_positive(q: Quadratic) -> Fact:
    least = spectrum(q.H)[0]
    return Fact(Truth.of(bool(least.ball() > 0)), f"the least eigenvalue is {least}")


def _ball(form: Expr, bits: int = 128) -> arb:
    with flint.ctx.workprec(bits):
        return evaluate([form], BallRing(), {})[0]


def _is_product_of_widths(q: Quadratic) -> Fact:
    """The volume is Π 2√(2ε/λ_i), the product of the widths of the parabolas."""
    if _all_positive(q).truth is not Truth.TRUE:
        return Fact(Truth.FALSE, "a width is infinite or not defined, and so is the volume")
    n = len(q.H)
    volume = quadratic_volume(q.H, q.epsilon)
    with flint.ctx.workprec(128):
        widths = product_of_widths(q.H, q.epsilon) * 2**n
        apart = bool((_ball(volume) - widths) != 0)
    shown = f"volume {_short(_ball(volume))}, product of the widths {_short(widths)}"
    if apart:
        return Fact(Truth.FALSE, shown)
    # for N = 1 the formula is c₁√(2ε/λ) with c₁ = 2: the width itself
    return Fact(Truth.of(True if n == 1 and ball_constant(1) == number(2) else None), shown)


def _times_ball_constant(q: Quadratic) -> Fact:
    """volume = c_N·Π√(2ε/λ_i): the product of the eigenvalues is that of the pivots of LDLᵀ."""
    if _all_positive(q).truth is not Truth.TRUE:
        return Fact(Truth.FALSE, "a width is infinite or not defined, and so is the volume")
    pivots = prod((b[0][0] for b in factorise([list(r) for r in q.H]).blocks), start=Fraction(1))
    # the product of the roots of a monic polynomial of degree k is (−1)^k times its constant term
    once = {e.factor: e.multiplicity for e in spectrum(q.H)}
    roots = prod((((-1) ** (len(f) - 1) * f[0]) ** m for f, m in once.items()), start=Fraction(1))
    n = len(q.H)
    return Fact(Truth.of(pivots == roots), f"Π λ_i = {roots} = det H; c_{n} = {ball_constant(n)}")


@dataclass(frozen=True)
class Rivals:
    """Two quadratic basins under the prior N(0, s²I), and a flat and a sharp b = βs²."""

    first: Table
    second: Table
    flat: Fraction
    sharp: Fraction


def rivals() -> Sequence[Instance]:
    big, small = Fraction(10**6), Fraction(1, 10**6)
    return (
        Instance(
            "line-or-bowl",
            Rivals(
                exact_table([[8, 0], [0, 0]]),
                exact_table([[1, 0], [0, 1]]),
                Fraction(1),
                Fraction(100),
            ),
        ),
        Instance(
            "steep-line-or-shallow-bowl",
            Rivals(
                exact_table([[big, 0], [0, 0]]),
                exact_table([[small, 0], [0, small]]),
                Fraction(1),
                Fraction(10**19),
            ),
        ),
        Instance(
            "tilted",
            Rivals(
                exact_table([[5, 5], [5, 5]]),
                exact_table([[1, Fraction(1, 2)], [Fraction(1, 2), 1]]),
                Fraction(1),
                Fraction(50),
            ),
        ),
        Instance(
            "second-is-a-saddle",
            Rivals(
                exact_table([[1, 0], [0, 0]]),
                exact_table([[1, 0], [0, -1]]),
                Fraction(1, 4),
                Fraction(1, 2),
            ),
        ),
        Instance(
            "bowl-or-line",
            Rivals(
                exact_table([[1, 0], [0, 1]]),
                exact_table([[8, 0], [0, 0]]),
                Fraction(1),
                Fraction(100),
            ),
        ),
        Instance(
            "no-crossing",
            Rivals(
                exact_table([[1, 0], [0, 0]]),
                exact_table([[2, 0], [0, 1]]),
                Fraction(1),
                Fraction(100),
            ),
        ),
    )


def _first_of_lower_rank(r: Rivals) -> Fact:
    ranks = to_flint(r.first).rank(), to_flint(r.second).rank()
    return Fact(Truth.of(ranks[0] < ranks[1]), f"ranks {ranks[0]} and {ranks[1]}")


def _basins_convex(r: Rivals) -> Fact:
    good = all(e.is_zero or bool(e.ball() > 0) for H in (r.first, r.second) for e in spectrum(H))
    return Fact(Truth.of(good), "both Hessians are positive semidefinite" if good else "a saddle")


def _short(x: arb) -> str:
    return f"{float(x.mid()):.8g}"


def _second_wins_flat(r: Rivals) -> Fact:
    wins = holds_more(r.first, r.second, r.flat) < 0
    values = [spread(H)(fmpq(r.flat.numerator, r.flat.denominator)) for H in (r.first, r.second)]
    return Fact(
        Truth.of(wins), f"at b = {r.flat} the weights are ({values[0]})^(−½) and ({values[1]})^(−½)"
    )


def _first_wins_sharp(r: Rivals) -> Fact:
    wins = holds_more(r.first, r.second, r.sharp) > 0
    at = ", ".join(x.str(8, radius=False) for x in crossovers(r.first, r.second))
    shown = f"at b = {r.sharp} the order of their weights is the other way, even at b = {at}"
    return Fact(Truth.of(wins), shown)


def _first_wins_in_the_end(r: Rivals) -> Fact:
    """Beyond the last crossover the basin of lower rank holds more."""
    gap = spread(r.second) - spread(r.first)
    last = gap.coeffs()[-1]
    return Fact(
        Truth.of(bool(last > 0)),
        f"det(I + bH₂) − det(I + bH₁) has the leading term {last}·b^{gap.degree()}",
    )


POSITIVE = Predicate("positive", "every eigenvalue is positive", _all_positive)
VOLUME_OF_BOX = Predicate(
    "volume-of-box", "the volume is the product of the widths", _is_product_of_widths
)
VOLUME_OF_BALL = Predicate(
    "volume-of-ball",
    "the volume is the product of the half-widths times the volume of the unit ball",
    _times_ball_constant,
    r"c_N\prod_i\sqrt{2\varepsilon/\lambda_i},\ c_N=\pi^{N/2}/\Gamma(N/2+1)",
)
LOWER_RANK = Predicate("lower-rank", "the first basin has the lower rank", _first_of_lower_rank)
SECOND_HOLDS_MORE = Predicate(
    "second-holds-more",
    "at a flat prior weight b the second holds more of a Gaussian prior",
    _second_wins_flat,
)
FIRST_HOLDS_MORE = Predicate(
    "first-holds-more", "at a sharper one the first does", _first_wins_sharp
)
SEMIDEFINITE = Predicate("convex", "both Hessians are positive semidefinite", _basins_convex)
FIRST_IN_THE_END = Predicate(
    "first-in-the-end",
    "from some b = βs² on the first holds more of the prior",
    _first_wins_in_the_end,
    r"\det(I+bH_1) < \det(I+bH_2),\ b \to \infty",
)
