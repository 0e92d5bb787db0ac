r"""One example after the other: each quantity in symbols, with the numbers put in, and its value.

In: `Parts` of a landscape. Out: blocks, `Worked` displays among them. A layered network is worked
by its vectors and matrices z, a, σ′, P, δ, T; closed forms and tied layers entry by entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hessrank.proofs.derivations.derived import Derived
from hessrank.proofs.derivations.meanings import entry_labels, names_of, resolved
from hessrank.proofs.derivations.parts import Parts
from hessrank.proofs.derivations.text.layout import LINE, SCALED
from hessrank.proofs.derivations.worked import NOWHERE, Meaning, Worked
from hessrank.proofs.pages.blocks import Block, Formula, Heading, Text
from hessrank.proofs.pages.breadth import breadth
from hessrank.symbolic.expressions.expression import ZERO, Expr, number
from hessrank.symbolic.expressions.printing import (
    latex,
    latex_all,
    latex_grid,
    product_latex,
    symbol_latex,
)
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.expressions.tidy import sizes
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.layers import Array, Network

#: So many displays are worked where nothing more is asked.
DISPLAYS = 80
#: An entry of a worked display has at most this many symbols.
SHORT = 40


def examples(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    """The examples, worked; empty where there is nothing short to show."""
    here, point = parts.here, parts.point
    assert here is not None and point is not None
    D = len(parts.problem.data)
    found: list[Block] = []
    shown = 0
    for d in range(min(D, parts.limit)):
        net = parts.problem.model.network
        lines = _layers(parts, net, d) if net is not None else _entries(parts, names, d)
        if not lines or (shown and shown + len(lines) > DISPLAYS and not parts.expanded):
            break
        found += [*_opening(parts, d), *lines]
        shown += sum(isinstance(b, Formula) for b in lines)
    worked = sum(isinstance(b, Heading) for b in found)
    if D > 1 and 0 < worked < D:
        rest = f"example {D}" if worked == D - 1 else f"examples {worked + 1} to {D}"
        found.append(Text(f"In the same way for {rest}; their rows stand in the matrices below."))
    return found


def _opening(parts: Parts, d: int) -> list[Block]:
    data = parts.problem.data
    x, y = (f"{s} = {_transposed(row[d])}" for s, row in (("x", data.x), ("y", data.y)))
    given = f"${x}$, ${y}$" if data.x[d] else f"${y}$"
    what = f"Example {d + 1}: {given}" if len(data) > 1 else f"The example {given}"
    return [Heading(what, 3)]


def _transposed(row: Sequence[Expr]) -> str:
    if len(row) == 1:
        return latex(row[0])
    return f"({', '.join(latex_all(row))})" + r"^{\top}"


# --- a layered network ----------------------------------------------------------------------------


def _layers(parts: Parts, net: Network, d: int) -> list[Block]:
    """z, a, σ′, σ″, P, the rows of J, r, δ and T of one example."""
    point = parts.point
    assert point is not None
    if f"{d}|f" not in point.matrices:
        return []
    of = {
        key.partition("|")[2]: np.array(rows, dtype=object)
        for key, rows in point.matrices.items()
        if key.startswith(f"{d}|")
    }
    L, K = net.depth, net.widths[-1]
    meaning = _meaning(parts, net, d, of)
    of["x"] = of["a^(0)"]
    say = _Said(meaning)
    for l in range(1, L + 1):
        before = f"a^({l - 1})" if l > 1 else "x"
        z, W, b = f"z^({l})", f"W^({l})", f"b^({l})"
        bias = rf" + {_name(b)}" if net.bias else ""
        put = product_latex([_grid(of[W]), _grid(of[before])]) + (
            f" + {_grid(of[b])}" if net.bias else ""
        )
        left = _name(z) if l < L else "f"
        say(left, f"{_name(W)} {_name(before)}{bias}", put, _result(of[z]))
        if l == L or not _bends(net):
            continue
        jets = activation(net.activation).jet
        put = _called(jets[0], of[z])
        say(_name(f"a^({l})"), rf"\sigma({_name(z)})", put, _result(of[f"a^({l})"]))
        for primes, key in (("'", "s"), ("''", "c")):
            say(rf"\sigma{primes}({_name(z)})", _result(of[f"{key}^({l})"]))
    for l in range(L - 1, 0, -1):
        for m in range(l + 1, L + 1):
            _backwards(say, of, net, m, l)
        for k in range(K):
            _row(say, of, net, l, k, K)
    _residual(say, of, net, parts.loss)
    return say.blocks


def _bends(net: Network) -> bool:
    return net.activation != "identity"


class _Said:
    """Worked displays, each as far as its sides are short."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning = meaning
        self.blocks: list[Block] = []

    def __call__(self, *sides: str) -> None:
        kept = [s for i, s in enumerate(sides) if s not in sides[:i]]
        put = 1 if len(sides) == 4 and len(kept) > 2 and kept[1] == sides[1] else NOWHERE
        if max(map(breadth, kept)) > LINE and len(kept) == 4:
            kept, put = [kept[0], kept[1], kept[3]], NOWHERE
        if max(map(breadth, kept)) > LINE or len(kept) < 2:
            return
        self.blocks.append(Worked(" = ".join(kept), False, "", self.meaning, put))


def _backwards(say: _Said, of: Mapping[str, Array], net: Network, m: int, l: int) -> None:
    """P^{(m,l)} = W^{(m)} diag σ′(z^{(m-1)}) P^{(m-1,l)}."""
    left = _name(f"P^({m},{l})")
    symbols, put = _name(f"W^({m})"), _grid(of[f"W^({m})"])
    if _bends(net):
        symbols += rf" \operatorname{{diag}}(\sigma'({_name(f'z^({m - 1})')}))"
        put += rf" \operatorname{{diag}}{_grid(of[f's^({m - 1})'], bracket=True)}"
    if m - 1 > l:
        symbols += f" {_name(f'P^({m - 1},{l})')}"
        put = product_latex([put, _grid(of[f"P^({m - 1},{l})"])])
    say(left, symbols, put, _result(of[f"P^({m},{l})"]))


def _row(say: _Said, of: Mapping[str, Array], net: Network, l: int, k: int, K: int) -> None:
    """∂f_k/∂W^{(l)} = P^{(L,l)ᵀ} e_k a^{(l-1)ᵀ}."""
    P, before = f"P^({net.depth},{l})", f"a^({l - 1})" if l > 1 else "x"
    f = f"f_{{{k + 1}}}" if K > 1 else "f"
    left = rf"\frac{{\partial {f}}}{{\partial {_name(f'W^({l})')}}}"
    if left not in say.meaning.labels:
        return
    unit = f" e_{{{k + 1}}}" if K > 1 else ""
    column = of[P][k].reshape(-1, 1)
    put = product_latex([_grid(column), _grid(of[before].T)])
    symbols = rf"{_name(P, True)}{unit} {_name(before, True)}"
    value = _result(say.meaning.labels[left])
    if K > 1:
        say(left, symbols, value)
    else:
        say(left, symbols, put, value)


def _residual(say: _Said, of: Mapping[str, Array], net: Network, loss: Derived | None) -> None:
    """r, and where it is not zero δ and T."""
    L = net.depth
    r = of[rf"\delta^({L})"]
    left = _name(rf"\delta^({L})")
    if loss is not None and len(r) == 1 and not loss.definitions:
        form = loss.matrices["r"][0][0]
        numbers = {"o1": _put(of["f"].flat[0]), "y1": _put(say.meaning.labels["y"])}
        say(left, latex(form, {"o1": "f", "y1": "y"}), latex(form, numbers), _result(r))
    else:
        say(left, r"\nabla_o \ell(f, y)", _result(r))
    if all(e is ZERO for e in r.flat) or not _bends(net) or L == 1:
        return
    for l in range(L - 1, 0, -1):
        left, up, W = rf"\delta^({l})", rf"\delta^({l + 1})", f"W^({l + 1})"
        slope = f"s^({l})"
        symbols = rf"\left({_name(W, True)} {_name(up)}\right) \circ \sigma'({_name(f'z^({l})')})"
        inside = product_latex([_grid(of[W].T), _grid(of[up])])
        put = rf"\left({inside}\right) \circ {_grid(of[slope])}"
        say(_name(left), symbols, put, _result(of[left]))
    for l in range(1, L):
        for m in range(L - 1, l - 1, -1):
            value = of[f"T^({m},{l})"]
            W, up = f"W^({m + 1})", rf"\delta^({m + 1})"
            bent = (
                rf"\operatorname{{diag}}\left(\left({_name(W, True)} {_name(up)}\right) \circ "
                rf"\sigma''({_name(f'z^({m})')})\right)"
            )
            inside = product_latex([_grid(of[W].T), _grid(of[up])])
            put = (
                rf"\operatorname{{diag}}\left(\left({inside}\right) \circ "
                rf"{_grid(of[f'c^({m})'])}\right)"
            )
            if m > l:
                bent += f" {_name(f'P^({m},{l})')}"
                put = product_latex([put, _grid(of[f"P^({m},{l})"])])
            if m + 1 < L:
                first = rf"\operatorname{{diag}}(\sigma'({_name(f'z^({m})')})) {_name(W, True)}"
                bent = rf"{first} {_name(f'T^({m + 1},{l})')} + {bent}"
                slopes, T = _grid(of[f"s^({m})"], bracket=True), _grid(of[f"T^({m + 1},{l})"])
                before = product_latex([_grid(of[W].T), T])
                put = rf"\operatorname{{diag}}{slopes} {before} + {put}"
            say(_name(f"T^({m},{l})"), bent, put, _result(value))


# --- closed forms, and tied layers ----------------------------------------------------------------


def _entries(parts: Parts, names: Mapping[str, str], d: int) -> list[Block]:
    """The names of one example, f, and the nonzero entries of ∂f/∂θ and ∇²f."""
    one, point = parts.one, parts.point
    assert point is not None
    if one is None or f"{d}|f" not in point.matrices:
        return []
    given = {**dict(parts.here.values if parts.here else ()), **dict(parts.problem.model.fixed)}
    given |= zip(parts.problem.model.inputs, parts.problem.data.x[d], strict=True)
    given |= {name: point.matrices[f"{d}|{name}"][0][0] for name, _ in one.definitions}
    put = {name: _put(value) for name, value in given.items()}
    lefts = entry_labels(parts, names, lambda key: point.matrices[f"{d}|{key}"])
    meaning = Meaning(
        f"example {d + 1}",
        {},
        {symbol_latex(name): value for name, value in names_of(point)}
        | {names.get(name) or symbol_latex(name): value for name, value in given.items()}
        | {left: value for left, (_, value) in lefts.items()},
        resolved(point),
    )
    say = _Said(meaning)
    for name, form in one.definitions:
        left = names.get(name) or symbol_latex(name)
        _put_and_say(say, left, form, names, put, given[name])
    for left, (form, value) in lefts.items():
        if form is not ZERO:
            _put_and_say(say, left, form, names, put, value)
    return say.blocks


def _put_and_say(
    say: _Said,
    left: str,
    form: Expr,
    names: Mapping[str, str],
    put: Mapping[str, str],
    value: Expr,
) -> None:
    """left = the form = the form with the numbers put in = value; of a name alone, its value."""
    if form.op == "symbol":
        say(left, latex(form, names), _value(value))
    else:
        say(left, latex(form, names), latex(form, put), _value(value))


def _value(e: Expr) -> str:
    return latex(e) if sizes([e])[0] <= SHORT else TOO_LONG


# --- what the names mean --------------------------------------------------------------------------


def _meaning(parts: Parts, net: Network, d: int, of: Mapping[str, Array]) -> Meaning:
    """What the names of one example mean."""
    point = parts.point
    assert point is not None
    K = net.widths[-1]
    values: dict[str, object] = {
        name: value for name, value in of.items() if name[0] not in "sce" or "^" not in name
    }
    values |= {"x": of["a^(0)"], "f": of["f"]}
    values |= {f"e_{k + 1}": _unit(K, k) for k in range(K)} if K > 1 else {}
    jets = activation(net.activation).jet
    for primes, jet in zip(("", "'", "''"), jets, strict=True):
        values[rf"\sigma{primes}"] = _Applied(jet)
    labels: dict[str, object] = {symbol_latex(name): value for name, value in names_of(point)}
    if K == 1:
        labels["y"] = parts.problem.data.y[d][0]
    labels[r"\nabla_o \ell(f, y)"] = of[rf"\delta^({net.depth})"]
    free = {name: i for i, name in enumerate(parts.problem.model.parameters)}
    for l, block in enumerate(net.blocks, 1):
        places = block[:, :-1] if net.bias else block
        parameters = [[free.get(net.parameters[p]) for p in row] for row in places]
        if any(p is None for row in parameters for p in row) or "J" not in point.matrices:
            continue
        for k in range(K):
            row = point.matrices["J"][d * K + k]
            table = np.array([[row[p or 0] for p in line] for line in parameters], dtype=object)
            f = f"f_{{{k + 1}}}" if K > 1 else "f"
            labels[rf"\frac{{\partial {f}}}{{\partial {_name(f'W^({l})')}}}"] = table
    return Meaning(f"example {d + 1}", values, labels, resolved(point))


class _Applied:
    """σ, or a derivative of it, entry by entry."""

    def __init__(self, form: Expr) -> None:
        self.form = form

    def __call__(self, z: object) -> object:
        table = z if isinstance(z, np.ndarray) else np.array([[z]], dtype=object)
        found = [substitute([self.form], {"z": v})[0] for v in table.flat]
        return np.array([*found, None], dtype=object)[:-1].reshape(table.shape)


def _unit(K: int, k: int) -> Array:
    return np.array([[number(int(i == k))] for i in range(K)], dtype=object)


def _name(name: str, transposed: bool = False) -> str:
    r"""z^(1) as z^{(1)}, and transposed."""
    base, _, above = name.partition("^(")
    if not above:
        return base + (r"^{\top}" if transposed else "")
    mark = r"\top" if transposed else ""
    return f"{base}^{{({above}{mark}}}"


def _grid(table: Array, bracket: bool = False) -> str:
    """A matrix in its place; of one entry that entry, in brackets where it is a sum (or asked)."""
    if any(size > SHORT for size in sizes(list(table.flat))):
        return TOO_LONG
    if table.size == 1:
        return _put(table.flat[0], bracket)
    if table.shape[1] > 10 or table.shape[0] > 10:
        return TOO_LONG
    cells = latex_all(list(table.flat))
    n = table.shape[1]
    return latex_grid([cells[i : i + n] for i in range(0, len(cells), n)])


#: A side that is too long to be set.
TOO_LONG = "x" * (SCALED + LINE)


def _put(e: Expr, bracket: bool = False) -> str:
    """A value in the place of a name."""
    text = latex(e)
    simple = e.op == "symbol" or (e.is_number and e.value >= 0)
    return text if simple and not bracket else rf"\left({text}\right)"


def _result(table: Array) -> str:
    """A matrix as the value of a chain."""
    return _value(table.flat[0]) if table.size == 1 else _grid(table)


def _called(form: Expr, z: Array) -> str:
    """σ(z) entry by entry, its function still written."""
    alone = form.op == "function"
    texts = [latex(form, {"z": latex(v) if alone else _put(v)}) for v in z.flat]
    if z.size == 1:
        return texts[0]
    return latex_grid([[t] for t in texts])
