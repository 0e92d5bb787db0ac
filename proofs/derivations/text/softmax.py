r"""A at a point, for softmax: diag(p) − ppᵀ of each example with its p, checked as printed.

In: `Parts` of a landscape and what its matrices mean. Out: blocks, or None where one is too wide.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hessrank.proofs.derivations.meanings import table
from hessrank.proofs.derivations.parts import Parts
from hessrank.proofs.derivations.text.layout import LONGEST_ENTRY, compact, vector
from hessrank.proofs.derivations.worked import Meaning, worked
from hessrank.proofs.pages.blocks import Block, Formula, Text
from hessrank.symbolic.expressions.expression import number
from hessrank.symbolic.expressions.printing import latex_all, rational_latex
from hessrank.symbolic.expressions.tidy import sizes, tidy


def scaled(scale: Fraction, inside: str) -> str:
    r"""A sum times the factor of the loss.

    >>> scaled(Fraction(1, 2), "p - y")
    '\\frac{1}{2} \\left(p - y\\right)'
    """
    return inside if scale == 1 else rf"{rational_latex(scale)} \left({inside}\right)"


def block_by_block(parts: Parts, meaning: Meaning) -> list[Block] | None:
    """A_d = diag(p) − ppᵀ, p = p^(d), of each example; None where these are many or long."""
    assert parts.point is not None
    problem, of = parts.problem, parts.point.matrices
    D, K = len(problem.data), problem.model.output_count
    known = all(key in of for key in "FrA")
    if not (problem.loss.is_centred and known) or parts.limit < D * K:
        return None
    scale = problem.loss.scale(problem.M)
    labels, values, found = dict(meaning.labels), dict(meaning.values), list[Block]()
    for d in range(D):
        p, A, f = f"p^{{({d + 1})}}", f"A_{{{d + 1}}}", f"f(x_{{{d + 1}}})"
        at = slice(d * K, d * K + K)
        # r = p − y, times the factor of the loss; that p = softmax(f) is what is checked
        pairs = zip(of["r"][at], problem.data.y[d], strict=True)
        shares = tidy([number(1 / scale) * r + y for (r,), y in pairs])
        block = tuple(row[at] for row in of["A"][at])
        turned = rf"p^{{({d + 1})\top}}"
        labels |= {f: table(of["F"][at]), A: table(block)}
        values[f"p^({d + 1})"] = table([(e,) for e in shares])
        covariance = rf"\operatorname{{diag}}({p}) - {p} {turned}"
        left = f"{A} = {scaled(scale, covariance)}"
        given = vector(rf"{p} = \operatorname{{softmax}}({f})", latex_all(shares))
        if max(sizes(shares)) > LONGEST_ENTRY or given.wide:
            return None
        whole = compact(left, block, {}, parts.limit, True) or []
        short = len(whole) == 1 and isinstance(whole[0], Formula)
        found += [given, *(whole if short else [Formula(left)])]
    meant = replace(meaning, labels=labels, values=values)
    what = scaled(scale, r"\operatorname{diag}(p^{(d)}) - p^{(d)} p^{(d)\top}")
    return [
        Text(
            f"$A$ has on its diagonal the blocks $A_d = {what}$ of the examples, with the "
            "probabilities $p^{(d)}$:"
        ),
        *worked(found, meant),
    ]
