"""The real points of a stratum, and what kind of critical point each is.

In: a `Stratum`. Out: a `Component`. What is said of a point is proved at the point:

- it is an exact algebraic point at which every equation vanishes (`real_points`);
- rank J and rank H are those of its stratum; the signs of H follow from the signs of the
  coefficients of its characteristic polynomial, all of whose roots are real (Descartes' rule);
- H ≻ 0: a strict local minimum. Both signs: a saddle. A negative square: no minimum;
- H ⪰ 0 of rank r < N: choose r rows of H that are independent at θ. ∂_iL = 0 for these rows is
  near θ a manifold of dimension N − r with tangent space ker H. Where all of ∇L vanishes on it, it
  is the critical set near θ, L is constant on it, and across it H is definite: by the lemma of
  Morse and Bott θ is a local minimum. That ∇L vanishes on it is decided on a cover of closed
  pieces, of which those through θ matter (`strata.critical_manifold`);
- L = 0 where L is a sum of squares: a global minimum.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations, pairwise, product
from typing import Any

from flint import fmpq

from hessrank.proofs.critical_points.findings import Component, RealPoint
from hessrank.proofs.critical_points.ideals import (
    cover,
    dimension,
    groebner,
    independent_sets,
    is_empty,
    normal_form,
)
from hessrank.proofs.critical_points.polynomials import PolynomialLandscape, principal_minor
from hessrank.proofs.critical_points.real_points import (
    AlgebraicPoint,
    TooManyZeros,
    characteristic,
    zeros,
)
from hessrank.proofs.critical_points.reality import forced_forms, no_real_point
from hessrank.proofs.critical_points.strata import Stratum, critical_manifold
from hessrank.symbolic.budget import OverBudget, budget, spend

#: Slices through a stratum that are searched for real points.
SLICES = 12
#: Points of a stratum that are looked at.
MAX_POINTS = 32
#: Losses that are sums of squares, so that L ≥ 0 where there is no regulariser.
NONNEGATIVE = ("half-squared", "sum-of-squares", "mean-squared", "quartic")
DIGITS = 20
SEMIDEFINITE = (
    "H ⪰ 0, and the critical points near θ were not shown to be a manifold of its nullity"
)
#: So long may each choice of rows take, in a first and in a second round.
MANIFOLD_SECONDS = (1.5, 6.0)


@dataclass(eq=False)
class Judge:
    """Finds the real points of strata and judges them."""

    landscape: PolynomialLandscape
    random: random.Random
    manifolds: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    @property
    def nonnegative(self) -> bool:
        problem = self.landscape.problem
        return problem.loss.name in NONNEGATIVE and problem.regulariser is None

    def component(self, stratum: Stratum) -> Component:
        """The stratum with its real points, as far as the budget allows."""
        try:
            return self._component(stratum)
        except OverBudget:
            return self._named(stratum, None, False, "the time ran out before a real point")
        except TooManyZeros as error:
            return self._named(stratum, None, False, f"a slice was refused: {error}")

    def settled(self, s: Stratum, component: Component) -> Component:
        """The component with Morse and Bott asked where H is semidefinite: it may take long."""
        points = []
        for p in component.real_points or ():
            if p.reason == SEMIDEFINITE and s.dimension == p.inertia[2]:
                try:
                    kind, reason = self._morse_bott(p.exact, p.inertia[0])
                    p = replace(p, kind=kind, reason=reason)
                except OverBudget:
                    pass
            points.append(p)
        return replace(component, real_points=tuple(points)) if points else component

    def _named(
        self, s: Stratum, points: Sequence[RealPoint] | None, everything: bool, why: str
    ) -> Component:
        return Component(
            s.dimension,
            s.rank_jacobian,
            s.rank_hessian,
            tuple(f"{self._shown(p)} = 0" for p in s.equations),
            f"{self._shown(s.inequation)} ≠ 0",
            None if points is None else tuple(points),
            everything,
            why,
        )

    def _shown(self, p: Any) -> str:
        text = str(p)
        names = self.landscape.problem.model.parameters
        for i in reversed(range(len(names))):
            text = text.replace(f"t{i}", names[i])
        return text

    def _descends(self, s: Stratum) -> bool:
        """Whether H has a negative square at every real point of the stratum: H ⪰ 0 with a zero
        on the diagonal has that row 0, and no point of the stratum has all such rows 0."""
        H = self.landscape.hessian
        zero = [i for i, row in enumerate(H) if not normal_form(row[i], s.closed)]
        forced = [v for i in zero for v in H[i] if v]
        return bool(forced) and is_empty(groebner([*s.closed, *forced]))

    def _component(self, s: Stratum) -> Component:
        nothing = no_real_point(s.closed, s.value, self.nonnegative)
        if nothing is not None:
            return self._named(s, (), True, f"no real point: {nothing}")
        forms = forced_forms(s.closed)
        if forms:
            pieces = cover([*s.closed, *forms])
            if all(no_real_point(p, s.value, self.nonnegative) for p in pieces):
                return self._named(s, (), True, "no real point: a semidefinite form is 0")
        if s.dimension == 0:
            points = [self._judged(s, p) for p in zeros(s.closed, self.random.randint)]
            why = "all its points" if points else "no real point: every zero is isolated"
            return self._named(s, points, True, why)
        descends = self._descends(s)
        exact = self._sampled(s)
        if not exact:
            why = f"no real point was met on {SLICES} rational slices, and none was excluded"
            return replace(self._named(s, None, False, why), descends=descends)
        points = [self._judged(s, p) for p in exact[:MAX_POINTS]]
        found = self._named(s, points, False, "some of its points, on rational slices")
        return replace(found, descends=descends)

    def _sampled(self, s: Stratum) -> list[AlgebraicPoint]:
        """Real points of the stratum on slices by rational values of independent parameters, with
        every pattern of signs of the first three."""
        N, gens = self.landscape.N, self.landscape.context.gens()
        choices = [u for u in independent_sets(s.closed, range(N)) if len(u) == s.dimension]
        choices = choices or list(combinations(range(N), s.dimension))
        found: list[AlgebraicPoint] = []
        for attempt in range(SLICES):
            chosen = choices[attempt % len(choices)] if attempt >= 8 else choices[0]
            signs = [-1 if attempt >> k & 1 else 1 for k in range(len(chosen))]
            at = [
                Fraction(sign * self.random.randint(1, 4 + attempt), 1 + attempt % 2)
                for sign in signs
            ]
            fixed = [
                gens[i] - fmpq(v.numerator, v.denominator) for i, v in zip(chosen, at, strict=True)
            ]
            try:
                basis = groebner([*s.closed, *fixed])
                if dimension(basis) != 0:
                    continue
                new = zeros(basis, self.random.randint)
            except (OverBudget, TooManyZeros):
                if found:
                    break
                raise
            found += new
            if len(found) >= MAX_POINTS and attempt + 1 >= min(8, 1 << s.dimension):
                break
        return found

    def _judged(self, s: Stratum, point: AlgebraicPoint) -> RealPoint:
        names = self.landscape.problem.model.parameters
        coordinates = tuple(
            (name, point.decimals(x, DIGITS))
            for name, x in zip(names, point.coordinates, strict=False)
        )
        L = point.value(self.landscape.loss)
        signs = self._inertia(s, point)
        kind, reason = self._kind(L, signs)
        return RealPoint(coordinates, point.decimals(L, DIGITS), signs, kind, reason, point)

    def _inertia(self, s: Stratum, point: AlgebraicPoint) -> tuple[int, int, int]:
        """(positive, negative, zero) squares of H: a real-rooted polynomial has as many positive
        roots as its coefficients change sign."""
        H = [[point.value(v) for v in row] for row in self.landscape.hessian]
        e = characteristic(H, point.f)
        signs = [(-1) ** k * point.sign(c) for k, c in enumerate(e)]
        kept = [v for v in signs if v]
        positive = sum(1 for a, b in pairwise(kept) if a != b)
        rank = max(k for k, v in enumerate(signs) if v)
        if rank != s.rank_hessian:
            raise ArithmeticError("rank H at a point differs from that of its stratum")
        return positive, rank - positive, self.landscape.N - rank

    def _kind(self, L: Any, signs: tuple[int, int, int]) -> tuple[str, str]:
        positive, negative, zero = signs
        if self.nonnegative and L == 0:
            return "global minimum", "L = 0, and L ≥ 0 everywhere"
        if positive and negative:
            return "saddle", "H has squares of both signs"
        if negative:
            return "not a minimum", "H has a negative square"
        if not zero:
            return "strict local minimum", "H is positive definite"
        if not positive:
            return "undecided", "H = 0"
        return "undecided", SEMIDEFINITE

    def _morse_bott(self, point: AlgebraicPoint, rank: int) -> tuple[str, str]:
        N = self.landscape.N
        H = [[point.value(v) for v in row] for row in self.landscape.hessian]
        nonzero = tuple(i for i in range(N) if point.coordinates[i] != 0)
        choices = [
            chosen
            for chosen in combinations(range(N), rank)
            if characteristic([[H[i][j] for j in chosen] for i in chosen], point.f)[rank] != 0
        ]
        choices.sort(key=lambda rows: len(principal_minor(self.landscape, rows)))
        for seconds, rows in product(MANIFOLD_SECONDS, choices):
            pieces = self._manifold(rows, nonzero, seconds)
            through = [flat for piece, flat in pieces if all(point.value(g) == 0 for g in piece)]
            if through and all(through):
                return "local minimum", (
                    f"H ⪰ 0 has rank {rank}, and the critical points near θ are a manifold of"
                    f" dimension {N - rank} (Morse and Bott)"
                )
        return "undecided", SEMIDEFINITE

    def _manifold(
        self, rows: tuple[int, ...], nonzero: tuple[int, ...], seconds: float
    ) -> list[tuple[Any, bool]]:
        """`critical_manifold` where a principal minor and these parameters are not 0; [] where it
        takes longer than `seconds`."""
        key = (rows, nonzero)
        tried, known = self.manifolds.get(key, (0, []))
        if not known and tried < seconds:
            units = [principal_minor(self.landscape, rows)]
            units += [self.landscape.theta[i] for i in nonzero]
            try:
                with budget(seconds):
                    known = critical_manifold(self.landscape, rows, units)
            except OverBudget:
                spend()
            self.manifolds[key] = (seconds, known)
        return known
