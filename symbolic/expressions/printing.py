"""Closed forms on paper: LaTeX.

In: `Expr`s. Out: LaTeX, written from the graph itself in a stable order, with like terms collected
and nothing expanded. No verdict passes through this module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from hessrank.symbolic.expressions.enclosed import Enclosed
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.tidy import Factors, factors, in_parts, sizes, terms, tidy

#: A notebook is shown a closed form of at most so many symbols.
MAX_SHOWN = 500
GREEK = re.findall(
    r"\w+",
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega",
)
#: What would be read together with a number before it.
_NUMERAL = re.compile(r"\d|\\frac\{\d")
_GLYPHS = {"epsilon": "varepsilon", "phi": "varphi"}


# --- LaTeX ----------------------------------------------------------------------------------------


def symbol_latex(name: str) -> str:
    r"""A symbol's name as LaTeX; w1_2_3 and b1_2 are a network's weight and bias.

    Digits and what stands behind _ are indices. A leading @ marks a name that a derivation gave:
    @t_1, or @a1_2 for unit 2 in layer 1, whose σ′ is @s1_2 and σ″ @c1_2.

    >>> print(*map(symbol_latex, ["w1_2_3", "b1_2", "theta2", "alpha_1_2", "rate", "@t_1"]))
    w^{(1)}_{2,3} b^{(1)}_{2} \theta_{2} \alpha_{1,2} \mathrm{rate} t_{1}
    >>> print(*map(symbol_latex, ["sigma_w", "rate_in_2", "@s1_2"]))
    \sigma_{w} \mathrm{rate}_{\mathrm{in},2} \sigma'(z^{(1)}_{2})
    """
    layered = re.fullmatch(r"(w)(\d+)_(\d+_\d+)|(b)(\d+)_(\d+)|@([a-z])(\d+)_(\d+)", name)
    if layered:
        letter, layer, unit = (g for g in layered.groups() if g)
        primes = {"@s": "'", "@c": "''"}.get(name[:2])
        if primes:
            return rf"\sigma{primes}({symbol_latex(f'@z{layer}_{unit}')})"
        return f"{letter}^{{({layer})}}_{{{unit.replace('_', ',')}}}"
    parts = re.match(r"@?([A-Za-z]*)(\d*)(.*)", name)
    assert parts is not None  # each part may be empty
    stem, digits, behind = parts.groups()
    indices = [i for i in (digits, *behind.split("_")) if i]
    below = ",".join(map(_word, indices))
    return _word(stem) + (f"_{{{below}}}" if indices else "")


def _word(text: str) -> str:
    """One letter, a Greek letter by its name, a number, or a word set upright."""
    if text in GREEK:
        return f"\\{_GLYPHS.get(text, text)}"
    return text if len(text) == 1 or text.isdigit() else rf"\mathrm{{{text}}}"


def latex(e: Expr, names: Mapping[str, str] | None = None) -> str:
    r"""`e` as LaTeX, without delimiters; `names` overrides how symbols are written.

    >>> from hessrank.symbolic.expressions.parsing import parse
    >>> print(latex(parse("(1 - tanh(u*x)**2)*x*a/2", {"a", "u", "x"})))
    \frac{1}{2} a x (1 - \tanh^{2}(u x))
    """
    return latex_all([e], names)[0]


def latex_all(forms: Sequence[Expr], names: Mapping[str, str] | None = None) -> list[str]:
    """`latex` of several forms; what they share is written once."""
    return ["".join(pieces) for pieces in latex_terms(forms, names)]


def latex_terms(forms: Sequence[Expr], names: Mapping[str, str] | None = None) -> list[list[str]]:
    """The signed summands of each form, which joined are its LaTeX: where a line may break."""
    ready = tidy(forms)
    text: dict[Expr, str] = {}
    for node in in_parts(ready):
        if node.op == "symbol":
            text[node] = (names or {}).get(node.name) or symbol_latex(node.name)
        elif node.op == "function":
            text[node] = _function(node, Fraction(1), text)
        else:
            text[node] = "".join(_signed(node, text))
    return [[text[f]] if f.op in ("symbol", "function") else _signed(f, text) for f in ready]


def _signed(e: Expr, text: Mapping[Expr, str]) -> list[str]:
    split = [factors(t) for t in terms(e)]
    split.sort(key=lambda term: not term[1])  # the constant last, ...
    first = next((i for i, (c, _) in enumerate(split) if c > 0), 0)
    split.insert(0, split.pop(first))  # ... but no minus sign in front that can be avoided
    pieces = []
    for i, (c, pairs) in enumerate(split):
        sign = ("-" if i == 0 else " - ") if c < 0 else "" if i == 0 else " + "
        pieces.append(sign + _term(abs(c), pairs, text))
    return pieces


def _term(c: Fraction, pairs: Factors, text: Mapping[Expr, str]) -> str:
    top = [_factor(b, e, text) for b, e in pairs if e > 0]
    bottom = [_factor(b, -e, text) for b, e in pairs if e < 0]
    if bottom or not any(b.op == "add" for b, _ in pairs):
        above, below = _joined(c.numerator, top), _joined(c.denominator, bottom)
        if below == "1":
            return above
        for b, e in pairs:  # the bar of the fraction is bracket enough for a sum that stands alone
            if b.op == "add" and e == 1 and above == top[0]:
                above = text[b]
            elif b.op == "add" and e == -1 and below == bottom[0]:
                below = text[b]
        return rf"\frac{{{above}}}{{{below}}}"
    return _joined(c, top)


def _joined(scale: Fraction | int, written: Sequence[str]) -> str:
    number = rational_latex(Fraction(scale))
    return product_latex(list(written) if scale == 1 and written else [number, *written])


def product_latex(written: Sequence[str]) -> str:
    r"""Factors side by side, with a dot between two numbers.

    >>> print(product_latex(["2", "3", "x"]))
    2 \cdot 3 x
    """
    line = written[0]
    for piece in written[1:]:
        line += (r" \cdot " if _NUMERAL.match(piece) else " ") + piece
    return line


def _factor(base: Expr, exponent: Fraction, text: Mapping[Expr, str]) -> str:
    atom = base.op == "symbol" or (base.op == "number" and base.value.denominator == 1)
    if exponent == 1:
        return text[base] if atom or base.op == "function" else _wrapped(text[base])
    if exponent.numerator == 1:
        degree = "" if exponent.denominator == 2 else f"[{exponent.denominator}]"
        return rf"\sqrt{degree}{{{text[base]}}}"
    if base.op == "function":
        return _function(base, exponent, text)
    alone = atom and "^" not in text[base] and not text[base].startswith(r"\frac")
    inside = text[base] if alone else _wrapped(text[base])
    return f"{inside}^{{{exponent}}}"


def _wrapped(inside: str) -> str:
    r"""In round brackets, which grow where what is inside is tall."""
    tall = any(mark in inside for mark in (r"\frac", r"\left", r"\sqrt", "^{("))
    return rf"\left({inside}\right)" if tall else f"({inside})"


def _function(e: Expr, exponent: Fraction, text: Mapping[Expr, str]) -> str:
    raised = "" if exponent == 1 else f"^{{{exponent}}}"
    if not e.args:
        named = symbol_latex(e.name) if isinstance(e.name, Enclosed) else rf"\{e.name}"
        return named + raised
    inside = text[e.args[0]]
    if e.name == "exp":
        plain = "e" if inside == "1" else f"e^{{{inside}}}"
        return plain if not raised else _wrapped(plain) + raised
    if e.name == "abs":
        return rf"\left|{inside}\right|{raised}"
    return FUNCTIONS[e.name].latex + raised + _wrapped(inside)


def rational_latex(q: Fraction) -> str:
    """A rational number as LaTeX."""
    return str(q) if q.denominator == 1 else rf"\frac{{{q.numerator}}}{{{q.denominator}}}"


def latex_matrix(
    rows: Sequence[Sequence[Expr]], shape: tuple[int, int], names: Mapping[str, str] | None = None
) -> str:
    """A matrix as LaTeX."""
    if 0 in shape:
        return rf"\left(\;\right)_{{{shape[0]}\times {shape[1]}}}"
    flat = latex_all([e for row in rows for e in row], names)
    n = shape[1]
    return latex_grid([flat[i : i + n] for i in range(0, len(flat), n)])


def latex_grid(cells: Sequence[Sequence[str]]) -> str:
    """Rows of LaTeX cells in round brackets (pmatrix holds at most ten columns)."""
    tall = any(r"\frac" in c for row in cells for c in row)
    body = (r" \\[4pt] " if tall else r" \\ ").join(" & ".join(row) for row in cells)
    if len(cells[0]) <= 10:
        return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"
    columns = "c" * len(cells[0])
    return rf"\left(\begin{{array}}{{{columns}}} {body} \end{{array}}\right)"


# --- notebooks ------------------------------------------------------------------------------------


def _repr_latex_(e: Expr) -> str:
    (size,) = sizes([e])
    if size > MAX_SHOWN:
        return rf"$\text{{a closed form of {size} symbols; str() and .to\_sympy() have it}}$"
    return f"${latex(e)}$"


def _to_sympy(e: Expr) -> Any:
    """`e` as a SymPy expression in real Symbols of the same names."""
    from hessrank.symbolic.expressions.exchange.to_sympy import to_sympy

    return to_sympy(e)


# What a notebook shows of a closed form, and its way to SymPy. Set here, so that the nodes know
# nothing of paper.
Expr._repr_latex_ = _repr_latex_
Expr.to_sympy = _to_sympy
