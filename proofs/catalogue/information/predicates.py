"""What claims on information loss are made of: predicates of a model that is seen at its layers.

In: nothing. Out: `Predicate`s, to be used as hypotheses and conclusions. Their subjects are
landscapes of networks, seen at every hidden layer, and `Cut`s: models of closed forms together
with a layer that was named. A property of a layer, as a hypothesis, asks for some layer; as a
conclusion, it is asked of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.information_loss import information as info
from hessrank.proofs.information_loss import units as hidden
from hessrank.proofs.information_loss.cuts import Cut, cuts
from hessrank.proofs.reasoning.statement import Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.brief import count
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import differs
from hessrank.symbolic.problems.landscape import Landscape


def layers_of(subject: Any) -> tuple[Cut, ...]:
    """The cuts of a subject: itself, or those of a network at all its hidden layers."""
    return (subject,) if isinstance(subject, Cut) else cuts(subject)


def landscape_of(subject: Any) -> Landscape:
    """The landscape of a subject."""
    return subject.here if isinstance(subject, Cut) else subject


def some(subject: Any, test: Callable[[Cut], Fact]) -> Fact:
    """The property at some layer."""
    facts = [test(cut) for cut in layers_of(subject)]
    for truth in (Truth.TRUE, Truth.UNDECIDED):
        for fact in facts:
            if fact.truth is truth:
                return fact
    return Fact(Truth.FALSE, facts[0].reason if facts else "the model is not cut at any layer")


def every(subject: Any, test: Callable[[Cut], Fact]) -> Fact:
    """The property at all layers."""
    return ~some(subject, lambda cut: ~test(cut))


def _settled(cut: Cut, fact: Fact) -> Fact:
    """A fact about all classes: it stands only where the classes are known to be all there are."""
    if fact.truth is Truth.TRUE and cut.classes.separated.truth is not Truth.TRUE:
        return cut.classes.separated
    return fact


def _zero(values: Iterable[Exact], cut: Cut, what: str) -> Fact:
    """Whether exact numbers are all zero."""
    left = [v for v in values if v != 0]
    if not left:
        return Fact(Truth.TRUE, what)
    known = any(differs(cut.values.field, v) for v in left)
    return Fact(Truth.of(False if known else None), f"it is not so that {what}")


def _layered(subject: Any) -> Fact:
    found = layers_of(subject)
    shown = ", ".join(cut.name for cut in found)
    return Fact(Truth.of(bool(found)), f"seen at {shown}" if found else "no layer is singled out")


def _no_path(subject: Any) -> Fact:
    return every(
        subject,
        lambda cut: Fact(
            Truth.of(not cut.around),
            f"{', '.join(cut.around)} reach the outputs around {cut.name}"
            if cut.around
            else f"everything passes through {cut.name}",
        ),
    )


def _equal_after(cut: Cut) -> Fact:
    """Examples that merge at the layer have equal rows of J in the columns after it."""
    K, whole = len(cut.tail), cut.values.whole
    gaps = [
        u - v
        for group in cut.classes.groups
        for d in group[1:]
        for k in range(K)
        for u, v in zip(whole[group[0] * K + k][cut.p :], whole[d * K + k][cut.p :], strict=True)
    ]
    return _settled(cut, _zero(gaps, cut, f"merged examples have equal gradients after {cut.name}"))


def _rows(subject: Any, size: Callable[[Landscape], int], shown: str) -> Fact:
    """rank J < size."""
    here = landscape_of(subject)
    return landscape_facts.rank_below(here.rank("jacobian"), size(here), shown)


def _dependent(subject: Any) -> Fact:
    return _rows(subject, lambda here: here.problem.M, "M")


def _low_rank(subject: Any) -> Fact:
    return _rows(subject, lambda here: min(here.problem.M, here.problem.N), "min(M, N)")


def _group_dependent(cut: Cut) -> Fact:
    """The rows of J of the largest class of merged examples are dependent, with the vector."""
    group = cut.classes.largest
    if len(group) < 2:
        return ~cut.classes.separated
    found = info.class_dependence(cut, group)
    examples = ", ".join(str(d + 1) for d in group)
    if not found:
        independent = Fact(Truth.TRUE, f"the rows of examples {examples} are independent")
        return ~_settled(cut, independent)
    y = ", ".join(str(cut.values.field.expr(v)) for v in found[0])
    return Fact(Truth.TRUE, f"y = ({y}) on the rows of examples {examples}: yᵀJ = 0")


def _bounded(cut: Cut) -> Fact:
    rank, bound = cut.here.rank("jacobian"), info.rank_bound(cut, cut.classes)
    return _settled(cut, Fact(Truth.of(rank.at_most(bound)), info.sharp(bound, rank).reason))


def _counts_below(cut: Cut) -> Fact:
    """p + K·C < min(M, N)."""
    here, bound = cut.here, info.rank_bound(cut, cut.classes)
    least = min(here.problem.M, here.problem.N)
    known = cut.classes.separated.truth is Truth.TRUE  # else C may be smaller
    truth = Truth.TRUE if bound < least else Truth.FALSE if known else Truth.UNDECIDED
    return Fact(truth, f"p + K·C = {bound}, min(M, N) = {least} at {cut.name}")


def _equal_outputs(cut: Cut) -> Fact:
    """F(x_i) = F(x_j) for examples of one class."""
    F, K = cut.here.outputs.exact("F"), cut.here.problem.model.output_count
    flat = [v for row in F.rows for v in row]
    gaps = [
        flat[K * g[0] + k] - flat[K * i + k]
        for g in cut.classes.groups
        for i in g[1:]
        for k in range(K)
    ]
    equal = all(v == 0 for v in gaps)
    return Fact(
        Truth.of(equal or None),
        f"examples that merge at {cut.name} have equal outputs: {count(len(gaps), 'pair')}",
    )


def _separates(subject: Any) -> Fact:
    """(rank J < M) ⇔ (two examples merge at some layer)."""
    low, lost = _dependent(subject), some(subject, info.merged)
    reason = f"{low.reason}; {lost.reason}"
    if Truth.UNDECIDED in (low.truth, lost.truth):
        return Fact(Truth.UNDECIDED, reason)
    return Fact(Truth.of(low.truth is lost.truth), reason)


def _merged_before_parameters(cut: Cut) -> Fact:
    none = Fact(Truth.of(cut.p == 0), f"{cut.p} parameters before {cut.name}")
    return none & info.merged(cut)


def _rows_equal(cut: Cut) -> Fact:
    if cut.p:
        return Fact(Truth.TRUE, f"nothing is said of {cut.name}")
    return _equal_after(cut)


def network_landscape(subject: Any) -> Landscape:
    """The landscape of a network; UndecidedError for another model."""
    here = landscape_of(subject)
    if here.problem.model.network is None:
        raise UndecidedError("the model is no network")
    return here


def _some_unit_dead(subject: Any) -> Fact:
    dead = hidden.dead_units(network_landscape(subject)) if _is_relu(subject) else ()
    return Fact(Truth.of(bool(dead)), f"{len(dead)} units are strictly dead on some example")


def _is_relu(subject: Any) -> bool:
    net = landscape_of(subject).problem.model.network
    return net is not None and net.sigma.dies


def _dead_gradients(subject: Any) -> Fact:
    """T5c for units and for whole layers."""
    here = network_landscape(subject)
    found = hidden.dead_unit_columns(here)
    for l, examples in hidden.dead_layers(here):
        found = found & info.dead_layer(cuts(here)[l - 1], examples)
    return found


def _promises_dimension(cut: Cut) -> Fact:
    """0 < N − p − K·C and N − M < N − p − K·C: a promise of a manifold larger than usual."""
    here, bound = cut.here, info.rank_bound(cut, cut.classes)
    good = bound < here.problem.N and bound < here.problem.M
    known = cut.classes.separated.truth is Truth.TRUE
    truth = Truth.TRUE if good else Truth.FALSE if known else Truth.UNDECIDED
    return Fact(truth, f"N = {here.problem.N}, M = {here.problem.M}, p + K·C = {bound}")


def _fibre_at_least(cut: Cut) -> Fact:
    """The fibre contains a manifold of dimension N − p − K·C through θ: by what is known of its
    dimension, else by T5b."""
    promised = cut.here.problem.N - info.rank_bound(cut, cut.classes)
    if promised <= 0:
        return Fact(Truth.TRUE, "no larger fibre is promised here: N ≤ p + K·C")
    found = fibre_dimension(cut.here).at_least(promised)
    if found.truth is not Truth.UNDECIDED or cut.around:
        return found
    manifold = info.fibre_manifold(cut, cut.classes)
    if manifold.truth is Truth.TRUE:
        return Fact(Truth.TRUE, f"{manifold.reason}, so dimension ≥ {promised} (T5b)")
    return found


def _promised_fibre(cut: Cut) -> Fact:
    """The promise, at a layer that makes one."""
    promise = _promises_dimension(cut)
    if promise.truth is Truth.FALSE:
        return Fact(Truth.TRUE, f"no larger fibre is promised at {cut.name}")
    return _settled(cut, _fibre_at_least(cut)) if promise.truth is Truth.TRUE else promise


LAYERED = Predicate("layered", "the model is seen at a layer", _layered, setting=True)
NO_PATH = Predicate("no-path-around", "no input reaches the outputs around the layer", _no_path)
SEQUENTIAL = replace(
    NO_PATH, name="sequential", words="each layer is computed from the one before", setting=True
)
MERGED = Predicate(
    "merged", "two examples have equal activations at the layer", lambda s: some(s, info.merged)
)
MERGING_OCCURS = Predicate(
    "merging-occurs",
    "there are examples with equal activations at the layer",
    MERGED.test,
    setting=True,
)
FEW_BEFORE = Predicate(
    "few-parameters-before",
    "k examples are merged and fewer than K(k−1) parameters stand before the layer",
    lambda s: some(s, lambda cut: info.forced_by_count(cut, cut.classes)),
    "p < K(k-1)",
)
SEVERAL = Predicate(
    "several-examples",
    "there are at least two examples",
    lambda s: Fact(
        Truth.of(len(landscape_of(s).problem.data) > 1),
        f"{len(landscape_of(s).problem.data)} examples",
    ),
)
LOW_RANK = Predicate("low-rank", "rank J < min(M, N)", _low_rank)
ENOUGH_PARAMETERS = Predicate(
    "enough-parameters",
    "N ≥ M",
    lambda s: Fact(
        Truth.of(landscape_of(s).problem.N >= landscape_of(s).problem.M),
        f"N = {landscape_of(s).problem.N}, M = {landscape_of(s).problem.M}",
    ),
)
EQUAL_AFTER = Predicate(
    "equal-gradients-after",
    "merged examples have equal gradients after the layer",
    lambda s: every(s, _equal_after),
    r"J_{>}[i] = J_{>}[j]",
)
EQUAL_OUTPUTS = Predicate(
    "equal-outputs",
    "merged examples have equal outputs, whatever comes after the layer",
    lambda s: every(s, _equal_outputs),
    r"f(x_i) = f(x_j)",
)
GROUP_DEPENDENT = Predicate(
    "merged-rows-dependent",
    "the rows of J of the merged examples are dependent",
    lambda s: some(s, _group_dependent),
    r"\exists y \ne 0: y^\top J = 0",
)
DEPENDENT = Predicate("rows-dependent", "the rows of J are dependent", _dependent)
BOUNDED = Predicate(
    "T5-bound",
    "rank J ≤ p + K·C with C classes of equal activations",
    lambda s: every(s, _bounded),
    r"\operatorname{rank} J \le p + KC",
)
COUNTS_BELOW = Predicate(
    "p+KC-small",
    "p + K·C < min(M, N) at the layer",
    lambda s: some(s, _counts_below),
    r"p + KC < \min(M, N)",
)
SAME_NOTION = Predicate(
    "dependent-iff-merged",
    "the rows of J are dependent if and only if two examples merge",
    _separates,
)
MERGED_BEFORE_PARAMETERS = Predicate(
    "merged-before-parameters",
    "two examples merge at a layer that no parameter comes before",
    lambda s: some(s, _merged_before_parameters),
    "p = 0",
    setting=True,
)
ROWS_EQUAL = Predicate("rows-equal", "their rows of J are equal", lambda s: every(s, _rows_equal))
DEAD_UNIT = Predicate(
    "dead-unit", "a relu unit is strictly dead on an example", _some_unit_dead, setting=True
)
DEAD_GRADIENTS = Predicate(
    "dead-gradients",
    "the outputs there have zero derivatives in its incoming weights, and in every parameter up to "
    "the layer where all its units are dead",
    _dead_gradients,
)
PROMISES_DIMENSION = Predicate(
    "early-discarding",
    "so much is merged so early that p + K·C < min(M, N)",
    lambda s: some(s, _promises_dimension),
    r"p + KC < \min(M, N)",
)
FIBRE_AT_LEAST = Predicate(
    "fibre-at-least",
    "the fibre of θ contains a manifold of dimension N − p − K·C",
    lambda s: every(s, lambda cut: _settled(cut, _fibre_at_least(cut))),
    r"\dim \ge N - p - KC",
)
PROMISED_FIBRE = Predicate(
    "promised-fibre",
    "the fibre of θ contains a manifold of dimension N − p − K·C, more than N − M",
    lambda s: every(s, _promised_fibre),
    r"\dim \ge N - p - KC",
)
FULL_RANK_AFTER = Predicate(
    "full-rank-after",
    "∂g/∂θ_> on the classes has rank K·C",
    lambda s: every(s, lambda cut: info.fibre_manifold(cut, cut.classes)),
)
