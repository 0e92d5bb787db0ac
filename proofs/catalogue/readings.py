"""How a claim on other subjects than a landscape reads the one that it is asked of.

In: what was asked (`asking.Asked`: here, split, test). Out: `READERS`, by the claim's id, each a
function to the subject that the claim's predicates know; `SPEAKS_OF`, in words, for claims that no
landscape can be read for. A reader raises InputError where a part is missing: how to give it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from hessrank.proofs.catalogue.basins.couplings import Coupling, Table, exact_table
from hessrank.proofs.catalogue.basins.subjects import Quadratic, Rivals
from hessrank.proofs.catalogue.fibres.subjects import Preimages, Split
from hessrank.proofs.facts.smooth_piece import outputs_of
from hessrank.proofs.fibres.level_sets import LevelSet
from hessrank.symbolic.errors import InputError, UndecidedError, counted
from hessrank.symbolic.expressions.expression import evaluate, number, postorder
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.fields.elements import Element
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem
from hessrank.symbolic.problems.points import modules


def hessian_table(here: Landscape) -> Table:
    """H as rational numbers. UndecidedError where it is not rational: the claim could be asked."""
    H = here.hessian
    if not H.is_rational:
        what = "H is not rational here" if here.certified is None else "here a box holds H"
        raise UndecidedError(f"volumes and spectra are decided for a rational H, and {what}")
    return exact_table(H.exact().fractions())


def _quadratic(asked: Any) -> Quadratic:
    """The quadratic part ½θᵀHθ at the point, below ε = 1."""
    return Quadratic(hessian_table(asked.here), Fraction(1))


def _rivals(asked: Any) -> Rivals:
    """H beside the round bowl of half its mean curvature, with a flat and a sharp posterior."""
    H = hessian_table(asked.here)
    n, trace = len(H), sum((row[i] for i, row in enumerate(H)), Fraction(0))
    bowl = [[trace / (2 * n) if i == j else Fraction(0) for j in range(n)] for i in range(n)]
    return Rivals(H, exact_table(bowl), Fraction(1, 1000), Fraction(10**6))


def _coupling(asked: Any) -> Coupling:
    """H in the blocks of two modules of parameters."""
    names = [n for n, _ in asked.here.values]
    first = list(asked.split)
    if not first:
        raise InputError(
            "the claim speaks of two modules: name the parameters of the first with --split",
            "split",
        )
    inside, rest = modules(first, names)
    H = hessian_table(asked.here)

    def block(rows: list[int], columns: list[int]) -> Table:
        return exact_table([[H[i][j] for j in columns] for i in rows])

    return Coupling(block(inside, inside), block(rest, rest), block(inside, rest))


def _decoupled(asked: Any) -> Coupling:
    """The two modules without what couples them, beside H."""
    both = _coupling(asked)
    none = exact_table([[0] * len(row) for row in both.B])
    return Coupling(both.P, both.Q, none, both.B)


def _preimages(asked: Any) -> Preimages:
    return Preimages(asked.here)


def _split(asked: Any) -> Split:
    """The landscape beside the same model on further inputs."""
    here = asked.here
    if not asked.test:
        raise InputError(
            "the claim speaks of inputs off the data: give them with --test-inputs", "test-inputs"
        )
    there = Problem(here.problem.model, off_the_data(here, asked.test))
    return Split(here, there.at(here.point, here.side))


def off_the_data(here: Landscape, test: Sequence[Any]) -> Data:
    """Further inputs as data. InputError that names them where they are none of the model."""
    K, n = here.problem.model.output_count, len(here.problem.model.inputs)
    try:
        data = Data(list(test), [[0] * K] * len(test))
    except InputError as error:
        key = (error.key or "").removeprefix("data.x")
        raise InputError(str(error), f"test-inputs{key}") from None
    if any(len(row) != n for row in data.x):
        raise InputError(f"expected rows of {counted(n, 'number')}", "test-inputs")
    return data


def _level_set(asked: Any) -> LevelSet:
    """The fibre of θ as a set of polynomial equations: a statement on all of it, not near θ alone,
    so that F has to be one polynomial."""
    here = asked.here
    names = here.problem.model.parameters
    forms = outputs_of(here.problem)
    if any(n.args and FUNCTIONS[n.name].kink for n in postorder(forms) if n.op == "function"):
        raise InputError("the claim speaks of a polynomial F, and F has kinks here", "model")

    def polynomial(field: Field) -> bool:
        symbols = {n: field.indeterminate(n) for n in names}
        found = evaluate(list(forms), field, symbols)
        return all(not isinstance(v, Element) or v.den.is_constant() for v in found)

    if not evaluate_in_field(polynomial):
        raise InputError("the claim speaks of a polynomial F, and F is none here", "model")
    values = here.outputs
    if not values.is_rational:
        raise UndecidedError("level sets are decided for rational values of F, and F(θ) has others")
    flat = [v for row in values.fractions() for v in row]
    return LevelSet(tuple(f - number(v) for f, v in zip(forms, flat, strict=True)), names)


def _here(asked: Any) -> Landscape:
    found: Landscape = asked.here
    return found


def _regularised(asked: Any) -> Landscape:
    if asked.here.problem.regulariser is None:
        raise InputError(
            "the claim speaks of a regulariser: add [regulariser] to the spec", "regulariser"
        )
    return _here(asked)


READERS: dict[str, Callable[[Any], Any]] = {
    "contours-connected": _level_set,
    "several-solution-manifolds": _level_set,
    "image-embedded": _preimages,
    "off-data-arbitrary": _split,
    "cylinders": _split,
    "T15": _split,
    "T11": _coupling,
    "regulariser-fixes": _regularised,
    "flat-is-low-rank": _here,
    "steepness-under-priors": _rivals,
    "low-rank-is-sparse": _coupling,
    "low-rank-less-extreme": _decoupled,
    "product-of-widths": _quadratic,
}
#: What the other claims on objects of their own speak of.
SPEAKS_OF = {
    "spheres-unique": "two families of spheres",
    "low-rank-says-little": "five functions at the origin",
    "closed-sets-smooth": "closed sets",
    "closed-sets-analytic": "closed sets",
    "weighted-volume": "a tube around a manifold",
    "asymptote-sets": "graphs of quadratic forms",
}
