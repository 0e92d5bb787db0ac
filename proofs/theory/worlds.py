r"""Worlds in which the displayed relations are checked.

In: dimensions. Out: `World`s: generic 2-jets of F and ℓ, generic matrices and vectors, and samples
of numeric matrices. An identity of generic 2-jets is one between maps with indeterminate
coefficients, at an indeterminate point; cubes stand in them so that a derivative taken elsewhere is
seen. Both of its sides depend on the 2-jets alone, so it holds for all C² maps of these
dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hessrank.proofs.theory.arithmetic import AnyIdentity, IllFormed
from hessrank.proofs.theory.world import Function, World
from hessrank.symbolic.expressions.differentiation import differentiate
from hessrank.symbolic.expressions.expression import Expr, number, symbol
from hessrank.symbolic.expressions.substitution import substitute

Array = np.ndarray


def matrix(name: str, rows: int, columns: int) -> Array:
    """A matrix of indeterminates."""
    found = [[symbol(f"{name}_{i}_{j}") for j in range(columns)] for i in range(rows)]
    return np.array(found, dtype=object)


def column(name: str, n: int) -> Array:
    """A column of indeterminates."""
    return np.array([[symbol(f"{name}_{i}")] for i in range(n)], dtype=object)


def symmetric(name: str, n: int) -> Array:
    """A symmetric matrix of indeterminates."""
    found = [[symbol(f"{name}_{min(i, j)}_{max(i, j)}") for j in range(n)] for i in range(n)]
    return np.array(found, dtype=object)


def of(rows: Sequence[Sequence[Any]]) -> Array:
    """A matrix of given entries."""
    return np.array([[v if isinstance(v, Expr) else number(v) for v in row] for row in rows])


def identity(n: int) -> Array:
    return of([[int(i == j) for j in range(n)] for i in range(n)])


def derivative(form: Expr, variable: Expr) -> Expr:
    """∂form/∂variable."""
    return differentiate(form, variable.name)


#: I of whatever order its place asks for.
ANY_IDENTITY = AnyIdentity()


def put(form: Expr, values: Mapping[str, Expr]) -> Expr:
    """The form with expressions for some of its symbols."""
    return substitute([form], values)[0]


def jet(name: str, constant: Expr, linear: Array, quadratic: Array, v: Array) -> Expr:
    """constant + linear·v + ½ vᵀ quadratic v, and cubes that no second derivative may see."""
    half = number(1) / 2
    total = constant
    for i, (a, x) in enumerate(zip(linear.flat, v.flat, strict=True)):
        total = total + a * x
        if name:
            total = total + symbol(f"{name}_{i}") * x**3
    for i, x in enumerate(v.flat):
        for j, y in enumerate(v.flat):
            total = total + half * quadratic[i, j] * x * y
    return total


def _base(N: int) -> tuple[Array, Array, dict[str, Expr]]:
    """θ, θ minus a generic point, and that point by the names of θ's components."""
    theta, at = column("theta", N), column("at", N)
    return theta, theta - at, {t.name: a for t, a in zip(theta.flat, at.flat, strict=True)}


def jets(N: int, M: int, **changed: Any) -> World:
    r"""Generic F: R^N → R^M and ℓ: R^M → R, compared at a generic θ.

    changed: r or A in place of the indeterminates; further values; cubes=False leaves those out.
    """
    theta, moved, point = _base(N)
    cubes = bool(changed.get("cubes", True))
    o, at = column("o", M), column("f", M)
    J = matrix("J", M, N)
    G = [symmetric(f"G{m}", N) for m in range(M)]
    r, A = changed.get("r", column("r", M)), changed.get("A", symmetric("A", M))
    F = np.array(
        [[jet(f"c{m}" if cubes else "", at[m, 0], J[m], G[m], moved)] for m in range(M)],
        dtype=object,
    )
    loss = jet("c", symbol("l"), r, A, o - at)
    L = put(loss, {f"o_{m}": F[m, 0] for m in range(M)})
    first = [derivative(L, t) for t in theta.flat]
    H = np.array([[derivative(g, t) for t in theta.flat] for g in first], dtype=object)
    values = {
        r"\theta": theta, r"\theta*": theta, "F": Function((theta,), F), "F_": list(F.flat),
        r"\ell": Function((o,), loss), "L": L, "J": J, "r": r, "A": A,
        "H": H, "v": column("v", N), "I": identity(N), "M": number(M), "G": J.T,
        "G_": [row.reshape(-1, 1) for row in J], **changed.get("values", {}),
    }  # fmt: skip
    ranges = {"i": N, "j": N, "m": M, "n": M}
    return World(changed.get("words", f"generic 2-jets, N = {N}, M = {M}"), values, ranges, point)


def outputs_by_example(N: int, K: int, D: int, **changed: Any) -> World:
    """S2's notation: f_p(x_d, θ) generic in θ for each p and d, ℓ of a K×D matrix."""
    theta, moved, point = _base(N)
    o, at = matrix("o", K, D), matrix("f", K, D)
    x = [number(d + 1) for d in range(D)]
    pairs = [(p, d) for p in range(K) for d in range(D)]
    forms = {
        (p, d): jet(
            f"c{p}{d}", at[p, d], matrix(f"J{p}{d}", 1, N)[0], symmetric(f"G{p}{d}", N), moved
        )
        for p, d in pairs
    }
    flat = np.array([o[p, d] - at[p, d] for p, d in pairs], dtype=object)
    r = changed.get("r", matrix("r", K, D))
    A = changed.get("A", symmetric("A", K * D))
    loss = jet("c", symbol("l"), np.array([r[p, d] for p, d in pairs]), A, flat)
    L = put(loss, {f"o_{p}_{d}": forms[p, d] for p, d in pairs})

    def f(p: int) -> Any:
        def at_example(example: Any, parameters: Any) -> Any:
            if not any(example is v for v in x):
                raise IllFormed("f is asked on what is no example")
            form = np.array([[forms[p, x.index(example)]]], dtype=object)
            return Function((theta,), form).at([parameters])

        return at_example

    def all_outputs(example: Any, parameters: Any) -> Any:
        return np.array([[f(p)(example, parameters)[0, 0]] for p in range(K)], dtype=object)

    F = np.array([[forms[p, d] for d in range(D)] for p in range(K)], dtype=object)
    values = {
        r"\theta": theta, r"\theta*": theta, "x_": x, "f_": [f(p) for p in range(K)], "L": L,
        "f": all_outputs,
        r"\ell": Function((o,), loss), "F": Function((theta,), F), "K": number(K), "D": number(D),
    }  # fmt: skip
    ranges = {"i": N, "j": N, "p": K, "q": K, "d": D}
    words = changed.get("words", f"generic 2-jets, N = {N}, K = {K}, D = {D}")
    return World(words, values, ranges, point)


def algebra(words: str, values: Mapping[str, Any], **ranges: int) -> World:
    """A world of given values."""
    return World(words, values, ranges)
