"""hessrank: verify claims about the loss landscape of small networks, exactly.

The public names. Each is imported from its module when it is first used, so that `import
hessrank` and `hessrank --help` cost nothing; type checkers and editors read the imports instead,
and refuse a name that is not there. tests/test_packaging.py keeps the two lists in step.
"""

from importlib import import_module
from os import path
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# In a clone that is not installed, symbolic/, numeric/ and proofs/ lie beside this folder.
_root = path.dirname(path.dirname(path.abspath(__file__)))
if path.isfile(path.join(_root, "pyproject.toml")):
    __path__.append(_root)

if TYPE_CHECKING:
    from hessrank import gallery as gallery
    from hessrank.article import theory as theory
    from hessrank.frameworks.jax import from_jax as from_jax
    from hessrank.frameworks.safetensors import from_safetensors as from_safetensors
    from hessrank.frameworks.torch import from_torch as from_torch
    from hessrank.numeric.measured_ranks import measured_rank as measured_rank
    from hessrank.plots.plot import plot as plot
    from hessrank.proofs.counterexamples.labels import labels as labels
    from hessrank.proofs.counterexamples.language import predicate as predicate
    from hessrank.proofs.critical_points.critical_points import critical_points as critical_points
    from hessrank.proofs.derivations.derivation import derive as derive
    from hessrank.proofs.existence.nearby import Nearby as Nearby
    from hessrank.proofs.existence.nearby import nearby as nearby
    from hessrank.proofs.existence.training import fit as fit
    from hessrank.proofs.information_loss.account import information as information
    from hessrank.proofs.minima.minimum import minimum as minimum
    from hessrank.proofs.minima.verdict import verdict as verdict
    from hessrank.proofs.reasoning.claim import Claim as Claim
    from hessrank.proofs.reasoning.truth import Truth as Truth
    from hessrank.specs.claim_file import read_claim as read_claim
    from hessrank.specs.spec import Spec as Spec
    from hessrank.specs.spec import loads as loads
    from hessrank.specs.spec import read_spec as read_spec
    from hessrank.specs.writer import dumps as dumps
    from hessrank.sweeps.sweep import Sweep as Sweep
    from hessrank.sweeps.sweep import sweep as sweep
    from hessrank.symbolic.errors import DomainError as DomainError
    from hessrank.symbolic.errors import HessrankError as HessrankError
    from hessrank.symbolic.errors import InputError as InputError
    from hessrank.symbolic.errors import KinkError as KinkError
    from hessrank.symbolic.errors import UndecidedError as UndecidedError
    from hessrank.symbolic.expressions.exact import exact as exact
    from hessrank.symbolic.models.losses import Loss as Loss
    from hessrank.symbolic.models.models import Model as Model
    from hessrank.symbolic.models.models import mlp as mlp
    from hessrank.symbolic.models.sequential import sequential as sequential
    from hessrank.symbolic.modular.network_ranks import generic_ranks as generic_ranks
    from hessrank.symbolic.problems.data import Data as Data
    from hessrank.symbolic.problems.landscape import Landscape as Landscape
    from hessrank.symbolic.problems.landscape import Problem as Problem
    from hessrank.symbolic.ranks.generic_rank import generic_rank as generic_rank
    from hessrank.symbolic.ranks.rank import rank as rank
    from hessrank.symbolic.ranks.rank_locus import rank_locus as rank_locus
    from hessrank.symbolic.ranks.rank_result import RankResult as RankResult
    from hessrank.verification import Report as Report
    from hessrank.verification import audit as audit
    from hessrank.verification import check as check
    from hessrank.verification import claims as claims
    from hessrank.verification import claims_on as claims_on
    from hessrank.verification import counterexample as counterexample
    from hessrank.verification import explain_kernel as explain_kernel
    from hessrank.verification import find_smallest as find_smallest
    from hessrank.verification import shrink as shrink
    from hessrank.verification import verify as verify

import_module("hessrank.questions")  # what a landscape's methods answer; imports nothing heavy

_HOMES = {
    "Model": "hessrank.symbolic.models.models",
    "mlp": "hessrank.symbolic.models.models",
    "from_jax": "hessrank.frameworks.jax",
    "from_safetensors": "hessrank.frameworks.safetensors",
    "from_torch": "hessrank.frameworks.torch",
    "Sweep": "hessrank.sweeps.sweep",
    "sweep": "hessrank.sweeps.sweep",
    "sequential": "hessrank.symbolic.models.sequential",
    "Data": "hessrank.symbolic.problems.data",
    "Problem": "hessrank.symbolic.problems.landscape",
    "Landscape": "hessrank.symbolic.problems.landscape",
    "Loss": "hessrank.symbolic.models.losses",
    "exact": "hessrank.symbolic.expressions.exact",
    "DomainError": "hessrank.symbolic.errors",
    "HessrankError": "hessrank.symbolic.errors",
    "InputError": "hessrank.symbolic.errors",
    "KinkError": "hessrank.symbolic.errors",
    "UndecidedError": "hessrank.symbolic.errors",
    "Spec": "hessrank.specs.spec",
    "dumps": "hessrank.specs.writer",
    "loads": "hessrank.specs.spec",
    "read_spec": "hessrank.specs.spec",
    "RankResult": "hessrank.symbolic.ranks.rank_result",
    "generic_ranks": "hessrank.symbolic.modular.network_ranks",
    "rank": "hessrank.symbolic.ranks.rank",
    "generic_rank": "hessrank.symbolic.ranks.generic_rank",
    "rank_locus": "hessrank.symbolic.ranks.rank_locus",
    "measured_rank": "hessrank.numeric.measured_ranks",
    "Truth": "hessrank.proofs.reasoning.truth",
    "fit": "hessrank.proofs.existence.training",
    "nearby": "hessrank.proofs.existence.nearby",
    "Nearby": "hessrank.proofs.existence.nearby",
    "verdict": "hessrank.proofs.minima.verdict",
    "critical_points": "hessrank.proofs.critical_points.critical_points",
    "derive": "hessrank.proofs.derivations.derivation",
    "information": "hessrank.proofs.information_loss.account",
    "minimum": "hessrank.proofs.minima.minimum",
    "find_smallest": "hessrank.verification",
    "shrink": "hessrank.verification",
    "predicate": "hessrank.proofs.counterexamples.language",
    "read_claim": "hessrank.specs.claim_file",
    "plot": "hessrank.plots.plot",
    "labels": "hessrank.proofs.counterexamples.labels",
    "check": "hessrank.verification",
    "theory": "hessrank.article",
    "verify": "hessrank.verification",
    "audit": "hessrank.verification",
    "counterexample": "hessrank.verification",
    "claims": "hessrank.verification",
    "claims_on": "hessrank.verification",
    "explain_kernel": "hessrank.verification",
    "Claim": "hessrank.proofs.reasoning.claim",
    "Report": "hessrank.verification",
}
_MODULES = ("gallery",)

__all__ = sorted([*_HOMES, *_MODULES])


def _attribute(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"hessrank.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'hessrank' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


if not TYPE_CHECKING:  # a checker that saw it would take any name
    __getattr__ = _attribute


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
