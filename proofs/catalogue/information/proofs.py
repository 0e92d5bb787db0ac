"""The proofs of the claims on information loss: theorem T5 and the counts by symmetry.

In: nothing. Out: `Step`s, each a sentence with a check that runs or the theorem that it cites. The
checks are identities on small networks with free parameters and inputs, and counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flint import fmpq

from hessrank.proofs.catalogue.information.orbits import arrangements
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.information_loss import information as info
from hessrank.proofs.information_loss import units as hidden
from hessrank.proofs.information_loss.cuts import Cut, cuts
from hessrank.proofs.reasoning.claim import Step
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions.differentiation import gradient
from hessrank.symbolic.expressions.expression import ZERO, number, symbol
from hessrank.symbolic.expressions.functions import function
from hessrank.symbolic.expressions.substitution import replace, substitute
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem


def any_labels(model: Model, x: Sequence[Any], values: Sequence[object]) -> Landscape:
    """The model on examples x at θ = values; the labels are zero, J does not know them."""
    data = Data(x, [[0] * model.output_count] * len(x))
    return Problem(model, data).at(dict(zip(model.parameters, values, strict=True)))


def merged_linear(k: int, p: int) -> Landscape:
    """f = v(w·x) + c at w = 0, with p inputs, on k examples 0, e_1, …, e_p, 2·1, …: all merge."""
    net = mlp([p, 1, 1], "identity", fixed={"b1_1": 0})
    points = [[0] * p] + [[int(i == j) for j in range(p)] for i in range(p)]
    points += [[i + 1] * p for i in range(1, max(1, k - p))]
    return any_labels(net, points[:k], [*([0] * p), 2, 1])


@lru_cache(maxsize=1)
def generic_networks() -> tuple[Cut, ...]:
    """Cuts of small networks; their closed forms have free θ and x, the point does not matter."""
    found: list[Cut] = []
    for widths, name in (
        ([2, 2, 2], "tanh"),
        ([1, 2, 2, 1], "sigmoid"),
        ([2, 2, 1], "cube"),
        ([1, 2, 1], "exp"),
    ):
        net = mlp(widths, name)
        data = Data([[1] * widths[0]], [[0] * widths[-1]])
        found += cuts(Problem(net, data).at(dict.fromkeys(net.parameters, 1)))
    return tuple(found)


def _factorisation() -> Fact:
    """∂F/∂θ_>(x) = (∂g/∂θ_>)(a(x), θ_>), identically in θ and x."""
    for cut in generic_networks():
        model = cut.here.problem.model
        into = {f"a[{i + 1}]": a for i, a in enumerate(cut.hidden)}
        left = [s for f in model.outputs for s in gradient(f, cut.after)]
        right = substitute([s for g in cut.tail for s in gradient(g, cut.after)], into)
        same = vanish(*(a - b for a, b in zip(left, right, strict=True)))
        if cut.around:
            return Fact(Truth.FALSE, f"{cut.around} go around {cut.name}")
        if same.truth is not Truth.TRUE:
            return same
    return Fact(
        Truth.TRUE, f"an identity at {len(generic_networks())} layers of nets with free θ and x"
    )


def _sharpness() -> Fact:
    """With p = k − 1 the k merged rows of f = v(w·x) + c at w = 0 are independent."""
    for k in range(2, 7):
        here = merged_linear(k, k - 1)
        (cut,) = cuts(here)
        group = cut.classes.largest
        if (len(group), cut.p) != (k, k - 1) or info.class_dependence(cut, group):
            return Fact(Truth.FALSE, f"the rows are dependent for k = {k}")
    return Fact(Truth.TRUE, "k = 2, …, 6 merged examples with p = k − 1 have independent rows")


def _dead_rule() -> Fact:
    """relu and its derivatives vanish left of the kink, and the derivative in a unit's incoming
    weights becomes 0 when relu′ of that unit is replaced by 0, whatever the other units do."""
    relu = activation("relu")
    if any(v is not ZERO for v in substitute(relu.jet, {"z": number(-1)})):
        return Fact(Truth.FALSE, "relu has a slope at −1")
    for widths in ([2, 2, 2], [1, 2, 2, 1]):
        net = mlp(widths, "relu")
        (first, *_) = cuts(any_labels(net, [[1] * widths[0]], [1] * len(net.parameters)))
        for i, unit in enumerate(first.hidden):
            names = [n for n in net.parameters if n.startswith((f"w1_{i + 1}_", f"b1_{i + 1}"))]
            slopes = [s for f in net.outputs for s in gradient(f, names)]
            if any(s is not ZERO for s in replace(slopes, {function("step", *unit.args): ZERO})):
                return Fact(Truth.UNDECIDED, f"not seen to vanish for {widths}")
    return Fact(Truth.TRUE, "every term of ∂F/∂w contains relu′(z) of the unit (free θ and x)")


def _moves_keep_f() -> Fact:
    """F is unchanged when two units change places, and for tanh when one changes sign."""
    for h, name in ((2, "tanh"), (3, "sigmoid"), (3, "tanh"), (2, "cube")):
        net = mlp([2, h, 2], name)
        swap = {n: symbol(_swapped(n)) for n in net.parameters}
        moves = [swap]
        if name == "tanh":
            moves.append({n: -symbol(n) for n in net.parameters if _touches_first(n)})
        for move in moves:
            moved = substitute(net.outputs, move)
            same = vanish(*(a - b for a, b in zip(net.outputs, moved, strict=True)))
            if same.truth is not Truth.TRUE:
                return same
    return Fact(Truth.TRUE, "identities on nets with free θ and x")


def _swapped(name: str) -> str:
    """The parameter of [·, h, ·] that units 1 and 2 exchange with `name`."""
    turn = {"1": "2", "2": "1"}
    parts = name.split("_")
    place = 1 if parts[0] in ("w1", "b1") else 2
    if parts[0] != "b2":
        parts[place] = turn.get(parts[place], parts[place])
    return "_".join(parts)


def _touches_first(name: str) -> bool:
    parts = name.split("_")
    return parts[:2] in (["w1", "1"], ["b1", "1"]) or (parts[0] == "w2" and parts[2] == "1")


def _counts() -> Fact:
    """The formula against enumeration, for every way in which up to 4 units can be equal."""
    tried = 0
    for pattern in (
        (1,),
        (1, 1),
        (2,),
        (1, 1, 1),
        (2, 1),
        (3,),
        (1, 1, 1, 1),
        (2, 1, 1),
        (2, 2),
        (3, 1),
        (4,),
    ):
        kinds = [hidden.Unit((fmpq(j + 1), fmpq(j)), (fmpq(2 * j + 1),)) for j in range(4)]
        units = [kind for kind, many in zip(kinds, pattern, strict=False) for _ in range(many)]
        for flips in (False, True):
            turned = [units[0].flipped, *units[1:]] if flips else units
            if len(list(hidden.orbit(turned, flips))) != arrangements(turned, flips):
                return Fact(Truth.FALSE, f"the count is wrong for multiplicities {pattern}")
            tried += 1
    return Fact(Truth.TRUE, f"{tried} patterns of equal units, counted one by one")


FACTORS = Step(
    "∂F/∂θ_> is a function of the activations a(x) and θ_> alone, so that J = [J_< | "
    "E·B]: B holds one example of each class, E copies its rows.",
    _factorisation,
)
CHAIN = Step("The same for every C¹ function g(a(x; θ_<), θ_>).", cites="the chain rule")
SUBADDITIVE = Step(
    "rank [J_< | E·B] ≤ p + K·C: J_< has p columns, E has K·C.",
    cites="rank [P | Q] ≤ rank P + rank Q and rank QR ≤ rank Q",
)
GROUP_COUNT = Step(
    "The K·k rows of k merged examples have rank ≤ p + K; for p < K(k−1) these are "
    "fewer than K·k rows.",
    cites="rank [P | Q] ≤ rank P + rank Q",
)
SHARP = Step(
    "One parameter more forces nothing: for p = k − 1 there are independent rows.", _sharpness
)
NO_COLUMNS = Step(
    "With p = 0 there is no J_<: J = E·B repeats a row for each merged example.",
    cites="the definition of E",
)
DEAD = Step(
    "Off the kink a dead unit has σ = σ′ = 0, and σ′ is a factor of every derivative in "
    "its incoming weights.",
    _dead_rule,
)
DEAD_LAYER = Step(
    "Where all units of a layer are dead, every path from an earlier parameter "
    "passes through such a factor, and the activations are all 0, hence merged.",
    cites="the chain rule",
)
REGULAR = Step(
    "With θ_< held, F = E·(g on the classes), a submersion in θ_> onto K·C values.",
    cites="the submersion theorem (constant rank)",
)
INVARIANT = Step(
    "Exchanging units, and for tanh changing the sign of one, leaves F unchanged.", _moves_keep_f
)
ORBIT = Step(
    "A group of order h!, or 2^h·h!, whose stabiliser permutes equal units has the orbit "
    "h!/Π m_j!, or 2^h·h!/Π m_j!.",
    cites="the orbit–stabiliser theorem",
)
COUNTED = Step("The formula agrees with enumeration.", _counts)
