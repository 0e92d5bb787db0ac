"""What a derivation derives: closed forms of one example, of all examples, and values at a point.

In: a model, a loss, a problem or a landscape. Out: `Derived`: matrices of closed forms, and the
definitions of the names that they use. These very forms are what is typeset, and what
`agreement` compares with the forward pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from hessrank.proofs.derivations.layer_values import example_values, weights
from hessrank.symbolic.errors import DomainError
from hessrank.symbolic.expressions.expression import (
    ZERO,
    Expr,
    evaluate,
    number,
    postorder,
    symbol,
)
from hessrank.symbolic.expressions.functions import FUNCTIONS, exp
from hessrank.symbolic.expressions.substitution import Expressions, replace, substitute
from hessrank.symbolic.expressions.tidy import Definitions, name_shared, sizes, tidy
from hessrank.symbolic.fields.balls import BallRing
from hessrank.symbolic.fields.elements import Element, as_fraction
from hessrank.symbolic.fields.field import evaluate_in_field
from hessrank.symbolic.models import layers
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Array
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.evaluation import NOT_CARRIED
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.ranks.matrices import AnyMatrix

Rows = tuple[tuple[Expr, ...], ...]

#: Closed forms that together are longer than this (in leaves and operations) are not written out.
LONGEST = 60_000
#: More second derivatives than this are not written out.
MOST = 8_000


@dataclass(frozen=True)
class Derived:
    """`matrices` by key, in the names of `definitions` (each in terms of earlier ones)."""

    definitions: Definitions
    matrices: Mapping[str, Rows]


def one_example(model: Model, letter: str) -> Derived | None:
    """f (K×1), J (K×N) and every ∇²f_k (N×N, key "D2_k") of one example with symbolic x.

    For a network they are written in z, a = σ(z), σ′(z), σ″(z) of its units; for closed
    forms, in names `letter`_1, … for what occurs more than once. None where that is too much.
    """
    K, N = model.output_count, len(model.parameters)
    if K * N * N > MOST:
        return None
    ring = _Units(Expressions())
    theta = {name: symbol(name) for name in model.parameters}
    x = np.array([[symbol(name) for name in model.inputs]], dtype=object).reshape(1, -1)
    run = model.run(theta, x, ring)
    second = run.second_derivatives()[0]
    found = {"f": _rows(run.outputs.reshape(K, 1)), "J": _rows(run.jacobian().reshape(K, N))}
    found |= {f"D2_{k + 1}": _rows(second[k].reshape(N, N)) for k in range(K)}
    if _length(found) > LONGEST:
        return None
    units = tuple(ring.definitions)  # none for closed forms, which have no units
    return _named(found, letter, units if units or model.network else None)


@dataclass(frozen=True)
class _Units(layers.Objects):
    """Closed forms of one example in which z, a, s, c of each unit are names. Units of a layer are
    counted in the order in which they are run: those of one activation after those of another."""

    definitions: list[tuple[str, Expr]] = field(default_factory=list)
    _units: Counter[int] = field(default_factory=Counter)

    def jet(self, name: str, z: Array, layer: int) -> tuple[Array, Array, Array | None]:
        jets = np.empty((3, 1, z.shape[1]), dtype=object)
        for i, value in enumerate(z[0]):
            self._units[layer] += 1
            unit = f"{layer}_{self._units[layer]}"
            bends = activation(name).jet[2] is not ZERO
            at = self._call(f"@z{unit}", value, always=bends)
            v, first, second = substitute(activation(name).jet, {"z": at})
            a = self._call(f"@a{unit}", v)
            s = self._call(f"@s{unit}", replace([first], {v: a})[0])
            c = self._call(f"@c{unit}", replace([second], {v: a, first: s})[0])
            jets[:, 0, i] = a, s, c
        flat = all(c is ZERO for c in jets[2, 0])
        return jets[0], jets[1], None if flat else jets[2]

    def _call(self, name: str, value: Expr, always: bool = False) -> Expr:
        """The name for `value`, unless (not always) that is as short."""
        (value,) = tidy([value])
        if value.op in ("number", "symbol") and not always:
            return value
        self.definitions.append((name, value))
        return symbol(name)


def loss_of_one(loss: Loss, K: int, M: int, letter: str) -> Derived | None:
    """ℓ (1×1), r (K×1) and A (K×K) of one example in o1…oK, y1…yK; None for weighted-squared."""
    if loss.couples:
        return None
    y = [symbol(f"y{k + 1}") for k in range(K)]
    value, r, A = loss.at_targets(y, M)
    if loss.is_centred:
        return _softmax(value, y, loss.scale(M))
    found = {"value": ((value,),), "r": _rows([[v] for v in r]), "A": _rows(A)}
    return _named(found, letter)


def _softmax(value: Expr, y: Sequence[Expr], scale: Fraction) -> Derived:
    """r = p − y and A = diag(p) − ppᵀ with p = softmax(o), where the targets sum to 1."""
    K = len(y)
    exponentials = [exp(symbol(f"o{k + 1}")) for k in range(K)]
    total = sum(exponentials[1:], exponentials[0])
    p = [symbol(f"@p_{k + 1}") for k in range(K)]
    r = [[scale * (p[k] - y[k])] for k in range(K)]
    A = [
        [
            scale * p[k] * (1 - p[k]) if k == l else -scale * p[min(k, l)] * p[max(k, l)]
            for l in range(K)
        ]
        for k in range(K)
    ]
    definitions = tuple((f"@p_{k + 1}", exponentials[k] / total) for k in range(K))
    found = {"value": ((value,),), "r": _rows(r), "A": _rows(A)}
    return _named(found, "", definitions)


def all_examples(problem: Problem, letter: str, in_theta: bool = False) -> Derived | None:
    """F, J, r, A, GN = JᵀAJ, R = Σ r_m∇²F_m, P (the regulariser's) and H, with θ symbolic.

    In GN, R and H the entries of r and A stand as names r_m and A_{m,m'}; in_theta: there are no
    names at all. None where that is too
    much to write.
    """
    M, N = problem.M, problem.N
    if M * N * N > MOST:
        return None
    found = {
        "F": problem.outputs.rows,
        "J": problem.jacobian.rows,
        "r": problem.loss_gradient.rows,
        "A": problem.loss_hessian.rows,
        "P": problem.regulariser_hessian.rows,
        **{f"D2_{m + 1}": problem.second_derivative(m).rows for m in range(M)},
    }
    if _length(found) > LONGEST:
        return None
    known = _named(found, letter, () if in_theta else None)
    definitions = list(known.definitions)

    def called(name: str, value: Expr) -> Expr:
        if in_theta or value.op in ("number", "symbol"):
            return value
        if (name, value) not in definitions:
            definitions.append((name, value))
        return symbol(name)

    of = known.matrices
    J = of["J"]
    r = [called(f"@r_{m + 1}", of["r"][m][0]) for m in range(M)]
    A = [
        [
            called(f"@A_{min(m, n) + 1}_{max(m, n) + 1}", of["A"][min(m, n)][max(m, n)])
            for n in range(M)
        ]
        for m in range(M)
    ]
    AJ = [[_dot(A[m], [J[n][j] for n in range(M)]) for j in range(N)] for m in range(M)]
    columns = [[J[m][i] for m in range(M)] for i in range(N)]
    GN = [[_dot(columns[i], [AJ[m][j] for m in range(M)]) for j in range(N)] for i in range(N)]
    D2 = [of[f"D2_{m + 1}"] for m in range(M)]
    R = [[_dot(r, [table[i][j] for table in D2]) for j in range(N)] for i in range(N)]
    H = [[GN[i][j] + R[i][j] + of["P"][i][j] for j in range(N)] for i in range(N)]
    composed = {"GN": _tidied(GN), "R": _tidied(R), "H": _tidied(H)}
    return Derived(tuple(definitions), {**of, **composed})


def matrices(here: Landscape) -> dict[str, AnyMatrix]:
    """The landscape's matrices by the letters of a derivation."""
    return {
        "F": here.outputs,
        "J": here.jacobian,
        "r": here.loss_gradient,
        "A": here.loss_hessian,
        "GN": here.gauss_newton,
        "R": here.residual,
        "P": here.regulariser_hessian,
        "H": here.hessian,
    }


def at_point(
    here: Landscape, letter: str, one: Derived | None = None, examples: int = 0
) -> Derived:
    """F, J, r, A, GN, R, P, H at the point: of two exact forms of an entry the shorter.

    One is the entry in the field of the point, where a rational number is one; the other is what
    the rule gives on closed forms, so that tanh 1/2 stays tanh 1/2. Matrices that are only known by
    balls are missing. Also what the first `examples` examples are worked with, by keys such as
    "0|z^(1)": of a layered network its layers (`layer_values`), else what `one` is at the example.
    """
    kept = {key: matrix for key, matrix in matrices(here).items() if matrix.is_exact}
    if all(matrix.is_rational for matrix in kept.values()):
        found = {key: _rows(matrix.closed_forms()) for key, matrix in kept.items()}
    else:
        ruled = _by_rule(here)
        entries = iter(
            _shorter(
                [(m.field, v) for m in kept.values() for row in m.rows for v in row],
                [e for key in kept for row in ruled[key] for e in row],
            )
        )
        found = {
            key: tuple(tuple(next(entries) for _ in row) for row in matrix.rows)
            for key, matrix in kept.items()
        }
    return _named(found | _worked(here, found, one, examples), letter)


def _worked(
    here: Landscape, kept: Mapping[str, Rows], one: Derived | None, examples: int
) -> dict[str, Rows]:
    """The values of the first examples by "d|name", rational where they are."""
    problem = here.problem
    net, K = problem.model.network, problem.model.output_count
    found: dict[str, Array] = {}
    for d, x in enumerate(problem.data.x[:examples]):
        if net is not None and "r" in kept:
            r = np.array(kept["r"][d * K : d * K + K], dtype=object)
            column = np.array([[v] for v in x], dtype=object)
            values = example_values(net, weights(here), column, r)
        elif net is None and one is not None:
            values = _put_in(one, {**here.point, **dict(problem.model.fixed)}, problem, x)
        else:
            return {}
        found |= {f"{d}|{name}": value for name, value in values.items()}
    flat = [e for table in found.values() for e in table.flat]
    if sum(sizes(flat)) > LONGEST:
        return {}
    with suppress(*NOT_CARRIED, DomainError):
        exact = evaluate_in_field(lambda field: evaluate(flat, field, {}))
        flat = [
            e if isinstance(v, Element) else number(as_fraction(v))
            for e, v in zip(flat, exact, strict=True)
        ]
    entries = iter(flat)
    return {
        key: tuple(tuple(next(entries) for _ in row) for row in table)
        for key, table in found.items()
    }


def _put_in(
    one: Derived, point: Mapping[str, Expr], problem: Problem, x: Sequence[Expr]
) -> dict[str, Array]:
    """The names and matrices of one example, at a point and an input."""
    known = {**point, **dict(zip(problem.model.inputs, x, strict=True))}
    found: dict[str, Array] = {}
    for name, form in one.definitions:
        (known[name],) = substitute([form], known)
        found[name] = np.array([[known[name]]], dtype=object)
    for key, rows in one.matrices.items():
        flat = substitute([e for row in rows for e in row], known)
        found[key] = np.array([*flat, None], dtype=object)[:-1].reshape(len(rows), -1)
    return found


def _by_rule(here: Landscape) -> dict[str, Rows]:
    """The matrices at the point as closed forms without a field."""
    found = here.evaluation(Expressions())
    F, r = found.get("F").reshape(-1, 1), found.get("r").reshape(-1, 1)
    keys = ("J", "A", "GN", "R", "P", "H")
    return {k: _rows(v) for k, v in {"F": F, "r": r, **{k: found.get(k) for k in keys}}.items()}


def _shorter(exact: Sequence[tuple[Any, Any]], ruled: Sequence[Expr]) -> list[Expr]:
    """Of each value of a field and the closed form that the rule gives the shorter one."""
    lengths = sizes(ruled)
    long = [n > LONGEST for n in lengths]
    kinks = any(_kinked(n) for n in postorder(ruled))
    tidied = iter(tidy([b for b, far in zip(ruled, long, strict=True) if not far]))
    found = []
    for (over, value), b, far in zip(exact, ruled, long, strict=True):
        short = None if far else next(tidied)
        if not isinstance(value, Element):
            found.append(number(as_fraction(value)))
            continue
        pieces = short is None or (kinks and any(map(_kinked, postorder([b]))))
        size = 0 if short is None else sizes([short])[0]
        if short is not None and not pieces and size <= len(value.num) + len(value.den):
            found.append(short)
            continue
        a: Expr = over.expr(value)
        found.append(a if short is None or pieces or size > sizes([a])[0] else short)
    return found


def _kinked(node: Expr) -> bool:
    return node.op == "function" and bool(node.args) and FUNCTIONS[node.name].kink


def _named(
    found: Mapping[str, Rows], letter: str, definitions: Definitions | None = None
) -> Derived:
    """The matrices tidied, with names for what they share, unless names are given already."""
    flat = tidy([e for rows in found.values() for row in rows for e in row])
    if definitions is None:
        definitions, flat = name_shared(flat, letter)
    entries: Iterator[Expr] = iter(flat)
    matrices = {
        key: tuple(tuple(next(entries) for _ in row) for row in rows) for key, rows in found.items()
    }
    return Derived(definitions, matrices)


def _length(found: Mapping[str, Rows]) -> int:
    """Leaves and operations of all entries, written out."""
    return sum(sizes([e for rows in found.values() for row in rows for e in row]))


def _tidied(rows: Sequence[Sequence[Expr]]) -> Rows:
    return tuple(tuple(tidy(row)) for row in rows)


def _dot(a: Sequence[Expr], b: Sequence[Expr]) -> Expr:
    total = ZERO
    for u, v in zip(a, b, strict=True):
        total = total + u * v
    return total


def _rows(table: Any) -> Rows:
    return tuple(tuple(v if isinstance(v, Expr) else number(v) for v in row) for row in table)


def values(derived: Derived, ring: Any, symbols: Mapping[str, Any]) -> dict[str, Array]:
    """The matrices evaluated in `ring`, with `symbols` for the free names."""
    known = dict(symbols)
    for name, value in derived.definitions:
        (known[name],) = evaluate([value], ring, known)
    found = {}
    for key, rows in derived.matrices.items():
        flat = evaluate([e for row in rows for e in row], ring, known)
        shape = (len(rows), len(rows[0]) if rows else 0)
        found[key] = np.array([*flat, None], dtype=object)[:-1].reshape(shape)
    return found


def enclosed(derived: Derived, rows: Rows) -> list[list[Any]]:
    """Balls around entries in the names of `derived` that depend on nothing else."""
    ring = BallRing()
    known: dict[str, Any] = {}
    for name, value in derived.definitions:
        (known[name],) = evaluate([value], ring, known)
    flat = iter(evaluate([e for row in rows for e in row], ring, known))
    return [[next(flat) for _ in row] for row in rows]
