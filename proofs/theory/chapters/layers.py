r"""Layered networks: the recurrences by which `symbolic.models.layers` differentiates them.

In: nothing. Out: a chapter, and its displays by label, which the derivation of a network prints
too. Each recurrence is local, so it is checked with a generic 2-jet for what comes before and
behind: activations, and functions of the layers, at an indeterminate point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from hessrank.proofs.theory import worlds
from hessrank.proofs.theory.statement import Chapter, Check, Display, Say
from hessrank.proofs.theory.world import Function, World
from hessrank.symbolic.expressions.expression import Expr, symbol
from hessrank.symbolic.linear_algebra.object_matrices import matmul

Array = np.ndarray
WORDS = "generic 2-jets of the activation and of the layers, two units each"


def activation(z: Array, at: Array, name: str = "") -> tuple[Array, Array, Array]:
    """σ(z), σ′(z), σ″(z) for each unit, as 2-jets around `at` with a cube."""
    found: list[list[Expr]] = [[], [], []]
    for i, (v, p) in enumerate(zip(z.flat, at.flat, strict=True)):
        a, s, c, k = (symbol(f"{n}{name}_{i}") for n in ("sa", "ss", "sc", "sk"))
        d = v - p
        found[0].append(a + s * d + c * d**2 / 2 + k * d**3)
        found[1].append(s + c * d + 3 * k * d**2)
        found[2].append(c + 6 * k * d)
    values, slopes, curves = (np.array([[v] for v in column], dtype=object) for column in found)
    return values, slopes, curves


def sigma(at: Array) -> dict[str, Function]:
    """The same as functions, by the names of a page."""
    t = worlds.column("t", len(at))
    names = (r"\sigma", r"\sigma'", r"\sigma''")
    return {n: Function((t,), f) for n, f in zip(names, activation(t, at), strict=True)}


def affine(name: str, u: Array, at: Array) -> tuple[Array, Array]:
    """A generic function of u around `at` (squares besides), and its Jacobian there."""
    n = len(u)
    P = worlds.matrix(name, n, n)
    rows = []
    for i in range(n):
        form = symbol(f"{name}0_{i}")
        for j in range(n):
            d = u[j, 0] - at[j, 0]
            form = form + P[i, j] * d + symbol(f"{name}q_{i}_{j}") * d**2
        rows.append([form])
    return np.array(rows, dtype=object), P


def jacobian(forms: Array, u: Array) -> Array:
    rows = [[worlds.derivative(f, v) for v in u.flat] for f in forms.flat]
    return np.array(rows, dtype=object)


def _point(u: Array, at: Array) -> dict[str, Expr]:
    return {v.name: p for v, p in zip(u.flat, at.flat, strict=True)}


def at_point(forms: Array, point: Mapping[str, Expr]) -> Array:
    flat = [worlds.put(f, point) for f in forms.flat]
    return np.array([*flat, None], dtype=object)[:-1].reshape(forms.shape)


@lru_cache(maxsize=1)
def forward() -> Sequence[World]:
    """One unit's way forwards, σ the generic function of the world."""
    W, before, b = worlds.matrix("W", 2, 2), worlds.column("a", 2), worlds.column("b", 2)
    z = matmul(W, before) + b
    at = worlds.column("at", 2)
    a, _, _ = activation(z, at)
    values: dict[str, Any] = {
        "W^(l)": W, "a^(l-1)": before, "b^(l)": b, "z^(l)": z, "a^(l)": a, **sigma(at),
    }  # fmt: skip
    return (World(WORDS, values),)


@lru_cache(maxsize=1)
def backward() -> Sequence[World]:
    """g a generic function of z^{(l+1)} = W^{(l+1)} σ(z^{(l)}) + b: δ by differentiating g."""
    z, at = worlds.column("z", 2), worlds.column("at", 2)
    W, b = worlds.matrix("W", 2, 2), worlds.column("b", 2)
    a, _, _ = activation(z, at)
    above = matmul(W, a) + b
    up, up_at = worlds.column("up", 2), worlds.column("upat", 2)
    d, q = worlds.matrix("d", 1, 2)[0], worlds.symmetric("q", 2)
    g = worlds.jet("k", symbol("g"), d, q, up - up_at)
    inside = {v.name: f for v, f in zip(up.flat, above.flat, strict=True)}
    delta_up = at_point(jacobian(np.array([[g]]), up).T, inside)
    delta = jacobian(np.array([[worlds.put(g, inside)]]), z).T
    values = {
        "W^(l+1)": W, r"\delta^(l+1)": delta_up, r"\delta^(l)": delta, "z^(l)": z, **sigma(at),
    }  # fmt: skip
    return (World(WORDS, values, {}, _point(z, at)),)


@lru_cache(maxsize=1)
def across() -> Sequence[World]:
    """P^{(m,l)} = ∂z^{(m)}/∂z^{(l)} where z^{(m-1)} is a generic function of u = z^{(l)}."""
    u, at = worlds.column("u", 2), worlds.column("uat", 2)
    below, P = affine("P", u, at)
    W, b = worlds.matrix("W", 2, 2), worlds.column("b", 2)
    there = worlds.column("at", 2)
    a, _, _ = activation(below, there)
    values = {
        "W^(m)": W, "z^(m-1)": below, "P^(m-1,l)": P, "P^(m,l)": jacobian(matmul(W, a) + b, u),
        **sigma(there),
    }  # fmt: skip
    return (World(WORDS, values, {}, _point(u, at)),)


@lru_cache(maxsize=1)
def bending() -> Sequence[World]:
    """δ^{(m)} = (W^{(m+1)ᵀ}δ^{(m+1)}) ∘ σ′(z^{(m)}), with z^{(m)} and δ^{(m+1)} functions of u."""
    u, at = worlds.column("u", 2), worlds.column("uat", 2)
    z, P = affine("P", u, at)
    up, T = affine("T", u, at)
    W = worlds.matrix("W", 2, 2)
    there = worlds.column("at", 2)
    _, slope, _ = activation(z, there)
    values = {
        "W^(m+1)": W, "z^(m)": z, r"\delta^(m+1)": up, "P^(m,l)": P, "T^(m+1,l)": T,
        "T^(m,l)": jacobian(matmul(W.T, up) * slope, u), **sigma(there),
    }  # fmt: skip
    return (World(WORDS, values, {}, _point(u, at)),)


def _moving() -> tuple[dict[str, Any], Array, Array, dict[str, Expr], dict[str, Expr]]:
    """u = z^{(l)} = W^{(l)} a^{(l-1)} + b as W moves around W_0: names, u, its place at W_0, u in
    terms of W, and W_0."""
    W, start = worlds.matrix("W", 2, 2), worlds.matrix("Wat", 2, 2)
    a, b, u = worlds.column("a", 2), worlds.column("b", 2), worlds.column("u", 2)
    names = {"W^(l)": W, "a^(l-1)": a}
    return names, u, matmul(start, a) + b, _point(u, matmul(W, a) + b), _point(W, start)


@lru_cache(maxsize=1)
def weights() -> Sequence[World]:
    """g, δ^{(m)} and a^{(m-1)} as functions of u = z^{(l)}."""
    names, u, at, inside, start = _moving()
    g = worlds.jet("k", symbol("g"), worlds.matrix("d", 1, 2)[0], worlds.symmetric("q", 2), u - at)
    delta_m, _ = affine("T", u, at)
    below, _ = affine("P", u, at)
    there = worlds.column("sat", 2)
    kept, _, _ = activation(below, there)
    values = {
        **names, "g": worlds.put(g, inside),
        r"\delta^(l)": at_point(jacobian(np.array([[g]]), u).T, inside),
        r"\delta^(m)": at_point(delta_m, inside), "a^(m-1)": at_point(kept, inside),
        "z^(m-1)": at_point(below, inside), **sigma(there),
        "T^(m,l)": at_point(jacobian(delta_m, u), inside),
        "P^(m-1,l)": at_point(jacobian(below, u), inside),
    }  # fmt: skip
    return (World(WORDS, values, {"i": 2, "j": 2}, start),)


@lru_cache(maxsize=1)
def same_layer() -> Sequence[World]:
    """The same where m = l: ∂g/∂W^{(l)} = δ^{(l)} a^{(l-1)}ᵀ, and a^{(l-1)} does not move."""
    names, u, at, inside, start = _moving()
    delta, _ = affine("T", u, at)
    values = {
        **names, r"\delta^(l)": at_point(delta, inside),
        "T^(l,l)": at_point(jacobian(delta, u), inside),
    }  # fmt: skip
    return (World(WORDS, values, {"i": 2, "j": 2}, start),)


def displays() -> dict[str, Display]:
    """The recurrences by label."""
    found = (
        ("forward", r"z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}", forward),
        ("activation", r"a^{(l)} = \sigma(z^{(l)})", forward),
        (
            "back-delta",
            r"\delta^{(l)} = \left(W^{(l+1)\top} \delta^{(l+1)}\right) \circ \sigma'(z^{(l)})",
            backward,
        ),
        (
            "across",
            r"P^{(m,l)} = W^{(m)} \operatorname{diag}(\sigma'(z^{(m-1)})) P^{(m-1,l)}",
            across,
        ),
        (
            "bending",
            r"T^{(m,l)} = \operatorname{diag}(\sigma'(z^{(m)})) W^{(m+1)\top} T^{(m+1,l)} + "
            r"\operatorname{diag}\left(\left(W^{(m+1)\top} \delta^{(m+1)}\right) \circ "
            r"\sigma''(z^{(m)})\right) P^{(m,l)}",
            bending,
        ),
        (
            "weight",
            r"\frac{\partial g}{\partial W^{(l)}_{ij}} = \delta^{(l)}_i a^{(l-1)}_j",
            weights,
        ),
        (
            "weights-same",
            r"\frac{\partial}{\partial W^{(l)}_{ij}} \left(\delta^{(l)}_{i'} a^{(l-1)}_{j'}\right) "
            r"= T^{(l,l)}_{i'i} a^{(l-1)}_j a^{(l-1)}_{j'}",
            same_layer,
        ),
        (
            "weights",
            r"\frac{\partial}{\partial W^{(l)}_{ij}} \left(\delta^{(m)}_{i'} a^{(m-1)}_{j'}\right) "
            r"= T^{(m,l)}_{i'i} a^{(l-1)}_j a^{(m-1)}_{j'} + \delta^{(m)}_{i'} "
            r"\left(\operatorname{diag}(\sigma'(z^{(m-1)})) P^{(m-1,l)}\right)_{j'i} a^{(l-1)}_j",
            weights,
        ),
    )
    return {label: Display(label, latex, Check("J", made)) for label, latex, made in found}


def chapter() -> Chapter:
    of = displays()
    return Chapter(
        "Layered networks",
        (
            Say(
                r"With $a^{(0)} = x$, $f = z^{(n)}$ for $n$ layers, and an activation $\sigma$ "
                r"(in the last layer "
                "none), a layered network runs forwards by"
            ),
            of["forward"],
            of["activation"],
            Say(
                r"For $g = \sum_k r_k f_k$ with $r$ held constant let $\delta^{(l)} = \partial g/"
                r"\partial z^{(l)}$. It runs backwards from $\delta^{(n)} = r$; $\circ$ is the "
                "entrywise product:"
            ),
            of["back-delta"],
            Say(
                r"Let $P^{(m,l)} = \partial z^{(m)}/\partial z^{(l)}$ and $T^{(m,l)} = \partial"
                r"\delta^{(m)}/\partial z^{(l)}$, with the parameters above layer $l$ held. From "
                r"$P^{(l,l)} = 1$ and $T^{(n,l)} = 0$,"
            ),
            of["across"],
            of["bending"],
            Say("The derivatives in the weights are"),
            of["weight"],
            Say(r"and, differentiated again, for $m = l$ and for $m > l$,"),
            of["weights-same"],
            of["weights"],
            Say(
                "The row of $J$ for output $k$ is ({weight}) with $r = e_k$; the $D^2f$ term of an "
                r"example is ({weights-same}) and ({weights}) with $r = \nabla\ell$. A bias is the "
                "weight of a constant input 1, of which the last summand is zero."
            ),
        ),
    )
