r"""What the LaTeX of a derivation's pages means, so that it can be read back and checked.

In: `Parts`. Out: `Meaning`s: a value for each name and for each left side of a display.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from hessrank.proofs.derivations.derived import Derived, Rows
from hessrank.proofs.derivations.parts import NAMES, Parts, second
from hessrank.proofs.derivations.worked import Meaning
from hessrank.symbolic.expressions.expression import Expr, symbol
from hessrank.symbolic.expressions.printing import symbol_latex
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.models.layers import Array


def names_of(derived: Derived) -> list[tuple[str, Expr]]:
    """The names that a derivation gave, each as itself."""
    return [(name, symbol(name)) for name, _ in derived.definitions]


def resolved(derived: Derived) -> dict[str, Expr]:
    """Their values without names."""
    found: dict[str, Expr] = {}
    for name, value in derived.definitions:
        (found[name],) = substitute([value], found)
    return found


def table(rows: Sequence[Sequence[Expr]]) -> Array:
    """A matrix of closed forms as an array."""
    flat = [e for row in rows for e in row]
    found: Array = np.array([*flat, None], dtype=object)[:-1]
    return found.reshape(len(rows), len(rows[0]) if rows else 0)


def entry_labels(
    parts: Parts, names: Mapping[str, str], value: Callable[[str], Rows]
) -> dict[str, tuple[Expr, Expr]]:
    """By the left side of each entry of f, ∂f/∂θ and ∇²f on and above the diagonal: its closed form
    and its value, an entry of `value` of the same key."""
    one, K = parts.one, parts.problem.model.output_count
    assert one is not None
    by = [names.get(n) or symbol_latex(n) for n in parts.problem.model.parameters]
    places: list[tuple[str, str, int, int]] = []
    for k in range(K):
        f = f"f_{{{k + 1}}}" if K > 1 else "f"
        places.append((f, "f", k, 0))
        for j, b in enumerate(by):
            places.append((rf"\frac{{\partial {f}}}{{\partial {b}}}", "J", k, j))
        for i, b in enumerate(by):
            for j, c in enumerate(by[i:], i):
                places.append((second(f, b, c), f"D2_{k + 1}", i, j))
    return {
        " ".join(left.split()): (one.matrices[key][i][j], value(key)[i][j])
        for left, key, i, j in places
    }


def of_example(parts: Parts, names: Mapping[str, str]) -> Meaning:
    """Of the section on one example: everything as a closed form in θ, x and our names."""
    one, model = parts.one, parts.problem.model
    assert one is not None
    own = [*model.parameters, *model.inputs, *(n for n, _ in one.definitions), *dict(model.fixed)]
    labels: dict[str, object] = {names.get(n) or symbol_latex(n): symbol(n) for n in own}
    labels |= {
        left: form
        for left, (form, _) in entry_labels(parts, names, one.matrices.__getitem__).items()
    }
    K = model.output_count
    labels |= {
        "f": table(one.matrices["f"]),
        r"\frac{\partial f}{\partial \theta}": table(one.matrices["J"]),
    }
    for k in range(K):
        left = rf"\nabla^2 f_{{{k + 1}}}" if K > 1 else r"\nabla^2 f"
        labels[left] = table(one.matrices[f"D2_{k + 1}"])
    return Meaning("one example", {}, labels, resolved(one))


def of_loss(parts: Parts) -> Meaning:
    """Of the loss of one example, in its outputs o and targets y."""
    loss = parts.loss
    assert loss is not None
    K = parts.problem.model.output_count
    own = [f"{s}{k + 1}" for s in "oy" for k in range(K)]
    labels: dict[str, object] = {symbol_latex(n): symbol(n) for n in own}
    labels |= {symbol_latex(n): v for n, v in names_of(loss)}
    labels |= {
        r"\ell(o, y)": loss.matrices["value"][0][0],
        r"\nabla_o \ell": table(loss.matrices["r"]),
        r"\nabla_o^2 \ell": table(loss.matrices["A"]),
    }
    if parts.problem.loss.is_centred:
        labels |= {"y": table([[symbol(f"y{k + 1}")] for k in range(K)])}
        labels |= {"p": table([[symbol(f"@p_{k + 1}")] for k in range(K)])}
    return Meaning("the loss of one example", {}, labels, resolved(loss))


def of_matrices(parts: Parts, derived: Derived, names: Mapping[str, str]) -> Meaning:
    """Of F, J, r, A, both terms and H, on all examples: `derived` is of θ or of the point."""
    model = parts.problem.model
    labels: dict[str, object] = {
        names.get(n) or symbol_latex(n): symbol(n) for n in model.parameters
    }
    labels |= {symbol_latex(n): v for n, v in names_of(derived)}
    of = {key: table(rows) for key, rows in derived.matrices.items() if key in NAMES}
    kept = {key: value for key, value in of.items() if key in "FJrAH"}
    labels |= {NAMES[key]: value for key, value in of.items()}
    for key, value in of.items():
        if key in ("F", "r"):
            labels[NAMES[key] + r"^{\top}"] = value.T
    if parts.here is not None and derived is parts.point:
        for name, chosen in parts.here.values:
            labels[names.get(name) or symbol_latex(name)] = chosen
    return Meaning("all examples", kept, labels, resolved(derived))
