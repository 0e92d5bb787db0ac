"""What the theory cites: the source texts and the theorems that it does not prove."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: By key; addresses as text.
BIBLIOGRAPHY = {
    "S0": "V. Hebbar, [Short version] Information Loss → Basin flatness, AI Alignment Forum, "
    "21 May 2022",
    "S1": "V. Hebbar, Information Loss → Basin flatness, with comments by S. Becker-Kahn and "
    "others, AI Alignment Forum, 2022",
    "S2": "S. Becker-Kahn, note on the Hessian of the total loss and behaviour manifolds, AI "
    "Alignment Forum, 2022",
    "S3": "S. Becker-Kahn, comments, AI Alignment Forum, 2022",
    "S4": "Basin broadness depends on the size and number of orthogonal features, with comments, "
    "AI Alignment Forum, 2022",
    "EY": "C. Eckart, G. Young, The approximation of one matrix by another of lower rank, "
    "Psychometrika 1 (1936), 211–218, doi.org/10.1007/BF02288367",
    "Haynsworth": "E. V. Haynsworth, Determination of the inertia of a partitioned Hermitian "
    "matrix, Linear Algebra Appl. 1 (1968), 73–81, doi.org/10.1016/0024-3795(68)90050-5",
    "HJ": "R. A. Horn, C. R. Johnson, Matrix Analysis, 2nd ed., Cambridge 2012, "
    "doi.org/10.1017/CBO9781139020411",
    "LB": "T. Laurent, J. von Brecht, Deep linear networks with arbitrary loss: all local minima "
    "are global, ICML 2018, Proc. Machine Learning Research 80, 2902–2907",
    "Lee": "J. M. Lee, Introduction to Smooth Manifolds, 2nd ed., Springer 2012, "
    "doi.org/10.1007/978-1-4419-9982-5",
    "Mityagin": "B. Mityagin, The zero set of a real analytic function, 2015, arXiv:1512.07276",
    "Sard": "A. Sard, The measure of the critical values of differentiable maps, Bull. Amer. Math. "
    "Soc. 48 (1942), 883–890, doi.org/10.1090/S0002-9904-1942-07811-6",
    "Watanabe": "S. Watanabe, Algebraic Geometry and Statistical Learning Theory, Cambridge 2009, "
    "doi.org/10.1017/CBO9780511800474",
    "Whitney": "H. Whitney, Analytic extensions of differentiable functions defined in closed "
    "sets, Trans. Amer. Math. Soc. 36 (1934), 63–89, doi.org/10.1090/S0002-9947-1934-1501735-3",
}

_KEY = re.compile(r"\[([A-Z][A-Za-z0-9]*)\]")
_BOOK = r"Lee, Introduction to Smooth Manifolds, (?:2nd ed\., )?"
#: How a reason of the catalogue names a source, and how the article does.
_SOURCES = (
    (r"\(Whitney 1934; " + _BOOK + r"([^()]+)\)", r"([Whitney]; [Lee], \1)"),
    (r"\(" + _BOOK + r"([^()]+)\)", r"([Lee], \1)"),
    (r"\(Horn and Johnson, ([^()]+)\)", r"([HJ], \1)"),
    (r"\(Łojasiewicz; Mityagin 2015, [^()]+\)", "[Mityagin]"),
    (r"Haynsworth 1968, ([a-z ]+)", r"\1 [Haynsworth]"),
)


def keyed(text: str) -> str:
    """The text with sources by their keys.

    >>> keyed("a manifold (Lee, Introduction to Smooth Manifolds, thm 4.25)")
    'a manifold ([Lee], thm 4.25)'
    """
    for named, key in _SOURCES:
        text = re.sub(named, key, text)
    return text


def cited(texts: Iterable[str]) -> list[str]:
    """The keys that the texts cite as [key], in the order of the bibliography.

    >>> cited(["a manifold [Lee]", "of the note [S2]"])
    ['S2', 'Lee']
    """
    found = {key for text in texts for key in _KEY.findall(text)}
    unknown = found - set(BIBLIOGRAPHY)
    if unknown:
        raise KeyError(f"not in the bibliography: {sorted(unknown)}")
    return [key for key in BIBLIOGRAPHY if key in found]
