"""A claim asked of a user's own landscape.

In: a claim and `Asked`: the landscape, and where wanted a layer, a split of the parameters into two
modules, further inputs. Out: a finding for each form of the claim. What a claim speaks of besides
the landscape is read off `Asked`; a part that is missing is named, with the way to give it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hessrank.proofs.catalogue import readings
from hessrank.proofs.information_loss.cuts import Cut, cut_through, cuts
from hessrank.proofs.reasoning.claim import Claim, Form, proved
from hessrank.proofs.reasoning.statement import Finding, Instance, Outcome, Statement
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import HessrankError, InputError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.problems.points import modules

#: A hidden layer by its number, or by the closed forms of its activations.
Layer = int | Sequence[str | Expr]
Forms = dict[str, Finding | None]
#: The fact of a finding that rests on the proof of a form and on no computation at the point.
PROOF = "proof"


@dataclass(frozen=True)
class Asked:
    """here: the landscape; layer: a hidden layer (from 1), or the closed forms of its activations
    where the model is given by such; split: the parameters of the first of
    two modules; test: further inputs, a row each."""

    here: Landscape
    layer: Layer | None = None
    split: tuple[str, ...] = ()
    test: tuple[Any, ...] = ()

    @property
    def cut(self) -> Cut | None:
        """The landscape seen at the layer. InputError where it has no such layer."""
        return None if self.layer is None else layer(self.here, self.layer)

    def require(self) -> None:
        """InputError where a part that is given is none of this landscape, whatever is asked."""
        if self.layer is not None:
            layer(self.here, self.layer)
        if self.split:
            modules(list(self.split), [n for n, _ in self.here.values])
        if self.test:
            readings.off_the_data(self.here, self.test)


def layer(here: Landscape, number: Layer) -> Cut:
    """The landscape seen at hidden layer `number` (from 1), or at that of the activations. Raises
    InputError where there is none.

    >>> from hessrank.symbolic.models.models import mlp
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> net = mlp([1, 2, 1], "tanh", bias=False)
    >>> here = Problem(net, Data([1, 2], [0, 0])).at(dict.fromkeys(net.parameters, 1))
    >>> layer(here, 1).p
    2
    """
    if not isinstance(number, int) and isinstance(number, Sequence):
        closed = (number,) if isinstance(number, str) else number
        return cut_through(here, closed, f"the layer ({', '.join(map(str, closed))})")
    found = cuts(here)
    if not found and here.problem.model.network is None:
        raise InputError(
            "the model is given by closed forms: name the layer by the activations that occur in "
            'the outputs, in the spec as [layer] activations = ["tanh(w*x)"]',
            "layer",
        )
    if not found:
        raise InputError("the model has no hidden layer", "layer")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(found):
        raise InputError(f"expected a hidden layer from 1 to {len(found)}, found {number}", "layer")
    return found[number - 1]


def ask(claim: Claim, asked: Asked) -> Forms:
    """What each form of the claim says of the landscape; None for a form that it does not have.

    Raises InputError where the claim cannot speak of the landscape: it names what is missing.
    """
    if not claim.forms:
        why = claim.beyond or "an experiment answers it, no single landscape"
        raise InputError(f"{claim.id} cannot be asked of a landscape: {why}", "claim")
    try:
        subject = subject_of(claim, asked)
    except (UndecidedError, TooLarge) as error:
        return _all_forms(claim, Outcome.UNDECIDED, Fact(Truth.UNDECIDED, str(error)))
    found: Forms = dict.fromkeys(("as_written", "strong", "best"))
    for name, form in claim.forms.items():
        asked_here = form.statement.on(Instance("here", subject), thorough=True)
        found[name] = _by_proof(claim, form, asked_here)
    return found


def _by_proof(claim: Claim, form: Form, found: Finding) -> Finding:
    """Where every hypothesis holds and the conclusion alone cannot be computed at the point, it
    follows for a form whose proof is complete; the last fact, PROOF, says so."""
    statement = form.statement
    if found.outcome is not Outcome.UNDECIDED or not isinstance(statement, Statement):
        return found
    names = [h.name for h in statement.hypotheses]
    if statement.each is not None or [n for n, _ in found.facts] != [
        *names,
        statement.conclusion.name,
    ]:
        return found
    if any(fact.truth is not Truth.TRUE for _, fact in found.facts[:-1]) or not proved(form):
        return found
    words = f"{statement.conclusion.words}, by the proof that hessrank claims {claim.id} shows"
    return replace(
        found, outcome=Outcome.HOLDS, facts=(*found.facts, (PROOF, Fact(Truth.TRUE, words)))
    )


def ask_all(claims: Sequence[Claim], asked: Asked) -> dict[str, Forms]:
    """Every claim by its id. One that cannot speak of the landscape is not applicable, with the
    reason; one that ends in a refusal is undecided."""
    return {claim.id: _tolerant(claim, asked) for claim in claims}


def _tolerant(claim: Claim, asked: Asked) -> Forms:
    try:
        return ask(claim, asked)
    except InputError as error:
        return _all_forms(claim, Outcome.NOT_APPLICABLE, Fact(Truth.FALSE, str(error)))
    except HessrankError as error:
        return _all_forms(claim, Outcome.UNDECIDED, Fact(Truth.UNDECIDED, str(error)))


def _all_forms(claim: Claim, outcome: Outcome, fact: Fact) -> Forms:
    one = Finding("here", outcome, (("subject", fact),))
    named: Mapping[str, object] = claim.forms or {"as_written": None}
    return {name: one if name in named else None for name in ("as_written", "strong", "best")}


def subject_of(claim: Claim, asked: Asked) -> Any:
    """What the predicates of the claim are asked of. InputError where a part is missing."""
    reader: Callable[[Any], Any] | None = readings.READERS.get(claim.id)
    if reader is not None:
        return reader(asked)
    if not claim.over_gallery:
        what = readings.SPEAKS_OF.get(claim.id, "objects of its own")
        raise InputError(
            f"{claim.id} is not about a landscape at a point: it speaks of {what}", "claim"
        )
    if asked.layer is not None and _layered(claim):
        return asked.cut
    return asked.here


def _layered(claim: Claim) -> bool:
    """Whether the claim is about a layer."""
    return any(
        isinstance(form.statement, Statement)
        and any(h.name == "layered" for h in form.statement.hypotheses)
        for form in claim.forms.values()
    )
