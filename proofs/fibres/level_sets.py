"""Level sets as a whole: connected or not, bounded or not, by certificates that are checked.

In: polynomial equations in the parameters and a certificate. Out: `Fact`s. A certificate is a
witness that somebody found; here it is only checked, by exact identities:

- `Separation`: 1 = Σ h_i e_i + h·g, so that g has no zero on {e = 0}; g takes both signs there,
  hence the set is not connected (intermediate value theorem);
- `Retraction`: straight lines inside the set lead to a graph over the connected R^n∖{0}, n ≥ 2;
- `Escape`: a curve inside the set along which a coordinate tends to infinity;
- `Sphere`: a combination of the equations is a positive definite form minus a constant: bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from hessrank.proofs.facts.identities import formal_values, vanish
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions.differentiation import gradient, hessian
from hessrank.symbolic.expressions.expression import (
    ONE,
    ZERO,
    Expr,
    evaluate,
    number,
    postorder,
    symbol,
)
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.linear_algebra.inertia import Definiteness, inertia
from hessrank.symbolic.linear_algebra.object_matrices import object_array
from hessrank.symbolic.ranks.matrices import Matrix

Point = Mapping[str, int | Fraction]


@dataclass(frozen=True)
class Separation:
    """Cofactors h_i of the equations and h of g, and a point on either side of g = 0."""

    g: Expr
    cofactors: tuple[Expr, ...]
    cofactor: Expr
    positive: Point
    negative: Point


@dataclass(frozen=True)
class Retraction:
    """θ = (base, rest) moves along a straight line to (base, end(base)) within the set."""

    base: tuple[str, ...]
    end: Mapping[str, Expr]


@dataclass(frozen=True)
class Escape:
    """A curve for t > 0: closed forms in t for every parameter; `coordinate` is t itself."""

    curve: Mapping[str, Expr]
    coordinate: str


@dataclass(frozen=True)
class Sphere:
    """Weights c of the equations for which Σ c_i e_i is a definite form minus a constant."""

    weights: tuple[int | Fraction, ...]


Certificate = Separation | Retraction | Escape | Sphere


@dataclass(frozen=True)
class LevelSet:
    """{θ : e(θ) = 0 for every equation e}, polynomials in `parameters`; `point` lies in it."""

    equations: tuple[Expr, ...]
    parameters: tuple[str, ...]
    certificates: tuple[Certificate, ...] = ()
    point: Point | None = None


def connected(level: LevelSet) -> Fact:
    """Whether the set is connected, as far as its certificates tell."""
    second = [v for e in level.equations for r in hessian(e, level.parameters) for v in r]
    if vanish(*second).truth is Truth.TRUE:
        return Fact(Truth.TRUE, "the equations are affine, so the set is an affine subspace")
    for certificate in level.certificates:
        if isinstance(certificate, Separation):
            return ~_separates(level, certificate)
        if isinstance(certificate, Retraction):
            return _retracts(level, certificate)
    return Fact(Truth.UNDECIDED, "no certificate of either kind")


def unbounded(level: LevelSet) -> Fact:
    """Whether the set extends to infinity, as far as its certificates tell."""
    for certificate in level.certificates:
        if isinstance(certificate, Escape):
            return _escapes(level, certificate)
        if isinstance(certificate, Sphere):
            return ~_is_sphere(level, certificate)
    return Fact(Truth.UNDECIDED, "no certificate of either kind")


def positive_dimension(level: LevelSet) -> Fact:
    """Whether the set holds a manifold of positive dimension: TRUE where the gradients of fewer
    equations than parameters are independent at `point` (implicit function theorem)."""
    n, m = len(level.parameters), len(level.equations)
    if level.point is None or m >= n:
        return Fact(Truth.UNDECIDED, f"{m} equations in {n} parameters, no regular point is known")
    at = {name: number(value) for name, value in level.point.items()}
    rows = [substitute(gradient(e, level.parameters), at) for e in level.equations]

    def independent(field: Field) -> bool:
        table = [evaluate(row, field, {}) for row in rows]
        return Matrix.of(object_array(table, (m, n)), field).rank().lower == m

    regular = Fact(
        Truth.of(evaluate_in_field(independent) or None),
        f"dimension {n} − {m} at {_shown(level.point)}, where the gradient is not 0",
    )
    inside = contains(level, level.point)
    return regular if inside.truth is Truth.TRUE else Fact(Truth.UNDECIDED, inside.reason)


def contains(level: LevelSet, point: Point) -> Fact:
    """Whether a rational point satisfies the equations."""
    at = {name: number(value) for name, value in point.items()}
    return vanish(*substitute(level.equations, at))


def _separates(level: LevelSet, s: Separation) -> Fact:
    total = s.cofactor * s.g - 1
    for h, e in zip(s.cofactors, level.equations, strict=True):
        total = total + h * e
    identity = vanish(total)
    signs = []
    for point in (s.positive, s.negative):
        inside = contains(level, point)
        if inside.truth is not Truth.TRUE:
            return Fact(Truth.UNDECIDED, f"{_shown(point)} is not in the set: {inside.reason}")
        signs.append(_sign(s.g, point))
    if identity.truth is Truth.TRUE and signs == [1, -1]:
        return Fact(
            Truth.TRUE,
            f"{s.g} has no zero on the set (1 lies in the ideal), but both "
            f"signs: at {_shown(s.positive)} and {_shown(s.negative)}",
        )
    return Fact(Truth.UNDECIDED, f"the certificate does not hold: {identity.reason}, signs {signs}")


def _retracts(level: LevelSet, r: Retraction) -> Fact:
    rest = [n for n in level.parameters if n not in r.base]
    s = symbol("s")
    line = {n: (1 - s) * symbol(n) + s * r.end[n] for n in rest}
    moved = substitute(level.equations, line)
    stays = vanish(*(m - (1 - s) * e for m, e in zip(moved, level.equations, strict=True)))
    reaches = vanish(*substitute(level.equations, r.end))
    # the base never vanishes on the set: with base = 0 some equation is a constant that is not 0
    at_zero = formal_values(substitute(level.equations, dict.fromkeys(r.base, ZERO)))
    avoids = any(isinstance(v, fmpq) and v != 0 for v in at_zero)
    radius = ZERO
    for name in r.base:
        radius = radius + symbol(name) ** 2
    denominators = {
        p.args[0]
        for e in r.end.values()
        for p in postorder([e])
        if p.op == "pow" and p.exponent < 0
    }
    if (
        len(r.base) >= 2
        and avoids
        and denominators <= {radius}
        and (stays & reaches).truth is Truth.TRUE
    ):
        return Fact(
            Truth.TRUE,
            "straight lines in the set lead to a graph over "
            f"({', '.join(r.base)}) ≠ 0, and R^{len(r.base)} without 0 is connected",
        )
    return Fact(Truth.UNDECIDED, "the retraction is not confirmed")


def _escapes(level: LevelSet, e: Escape) -> Fact:
    inside = vanish(*substitute(level.equations, e.curve))
    t = symbol("t")
    poles = {
        p.args[0]
        for form in e.curve.values()
        for p in postorder([form])
        if p.op == "pow" and p.exponent < 0
    }
    if inside.truth is Truth.TRUE and e.curve[e.coordinate] is t and poles <= {t}:
        shown = ", ".join(f"{n} = {form}" for n, form in e.curve.items())
        return Fact(Truth.TRUE, f"the curve {shown}, t → ∞, stays in the set")
    return Fact(Truth.UNDECIDED, f"the curve is not confirmed: {inside.reason}")


def _is_sphere(level: LevelSet, sphere: Sphere) -> Fact:
    total = ZERO
    for c, e in zip(sphere.weights, level.equations, strict=True):
        total = total + number(c) * e
    table = hessian(total, level.parameters)
    form = ZERO
    for a, row in zip(level.parameters, table, strict=True):
        for b, value in zip(level.parameters, row, strict=True):
            form = form + number(Fraction(1, 2)) * value * symbol(a) * symbol(b)
    quadratic = vanish(
        *gradient(total - form, level.parameters),
        *(g for row in table for v in row for g in gradient(v, level.parameters)),
    )
    if quadratic.truth is Truth.TRUE:
        values = [formal_values(row) for row in table]
        if inertia(values).definiteness is Definiteness.POSITIVE_DEFINITE:
            return Fact(
                Truth.TRUE,
                "a positive definite quadratic form is constant on the set, "
                "which is therefore bounded",
            )
    return Fact(Truth.UNDECIDED, "no definite form is shown to be constant on the set")


def _sign(form: Expr, point: Point) -> int:
    at = {name: number(value) for name, value in point.items()}
    (value,) = substitute([form], at)
    return evaluate_in_field(lambda field: field.sign(evaluate([value], field, {})[0]))


def _shown(point: Point) -> str:
    return "(" + ", ".join(f"{n} = {v}" for n, v in point.items()) + ")"


# --- the level sets that the claims speak of -----------------------------------------------------


def two_points() -> LevelSet:
    """θ² = 1."""
    x = symbol("x")
    return LevelSet(
        (x**2 - 1,), ("x",), (Separation(x, (number(-1),), x, {"x": 1}, {"x": -1}), Sphere((1,)))
    )


def hyperbola() -> LevelSet:
    """ab = 1: two components, both unbounded (X11)."""
    a, b, t = symbol("a"), symbol("b"), symbol("t")
    return LevelSet(
        (a * b - 1,),
        ("a", "b"),
        (
            Separation(a, (number(-1),), b, {"a": 1, "b": 1}, {"a": -1, "b": -1}),
            Escape({"a": t, "b": ONE / t}, "a"),
        ),
        {"a": 1, "b": 1},
    )


def wide_hyperbola() -> LevelSet:
    """a·b = 1 for a, b ∈ R²: connected and unbounded."""
    names = ("a1", "a2", "b1", "b2")
    a1, a2, b1, b2 = map(symbol, names)
    t, radius = symbol("t"), ZERO + a1**2 + a2**2
    return LevelSet(
        (a1 * b1 + a2 * b2 - 1,),
        names,
        (
            Retraction(("a1", "a2"), {"b1": a1 / radius, "b2": a2 / radius}),
            Escape({"a1": t, "a2": ZERO, "b1": ONE / t, "b2": ZERO}, "a1"),
        ),
        {"a1": 1, "a2": 0, "b1": 1, "b2": 0},
    )


def circle() -> LevelSet:
    """θ₁² + θ₂² = 1: bounded."""
    x, y = symbol("x"), symbol("y")
    return LevelSet((x**2 + y**2 - 1,), ("x", "y"), (Sphere((1,)),), {"x": 1, "y": 0})


def line() -> LevelSet:
    """x + y = 1."""
    x, y, t = symbol("x"), symbol("y"), symbol("t")
    curve = Escape({"x": t, "y": 1 - t}, "x")
    return LevelSet((x + y - 1,), ("x", "y"), (curve,), {"x": 1, "y": 0})
