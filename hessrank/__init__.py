"""hessrank: verify claims about the loss landscape of small networks, exactly.

The public names. Each is imported from its module when it is first used, so that `import
hessrank` and `hessrank --help` cost nothing.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

__version__ = "0.1.0"

# In a clone that is not installed, symbolic/, numeric/ and proofs/ lie beside this folder.
_root = Path(__file__).parent.parent
if (_root / "pyproject.toml").is_file():
    __path__.append(str(_root))

_HOMES = {
    "Model": "hessrank.symbolic.models.models",
    "mlp": "hessrank.symbolic.models.models",
    "from_jax": "hessrank.frameworks.jax",
    "from_safetensors": "hessrank.frameworks.safetensors",
    "from_torch": "hessrank.frameworks.torch",
    "Sweep": "hessrank.sweeps.sweep",
    "sweep": "hessrank.sweeps.sweep",
    "sequential": "hessrank.symbolic.models.sequential",
    "Data": "hessrank.symbolic.problems.problem",
    "Problem": "hessrank.questions",
    "Landscape": "hessrank.questions",
    "Loss": "hessrank.symbolic.models.losses",
    "exact": "hessrank.symbolic.expressions.exact",
    "HessrankError": "hessrank.symbolic.errors",
    "InputError": "hessrank.symbolic.errors",
    "UndecidedError": "hessrank.symbolic.errors",
    "Spec": "hessrank.specs.spec",
    "dumps": "hessrank.specs.spec",
    "loads": "hessrank.specs.spec",
    "read_spec": "hessrank.specs.spec",
    "RankResult": "hessrank.symbolic.ranks.rank_result",
    "generic_ranks": "hessrank.symbolic.modular.network_ranks",
    "rank": "hessrank.symbolic.ranks.rank",
    "generic_rank": "hessrank.symbolic.ranks.rank",
    "rank_locus": "hessrank.symbolic.ranks.rank_locus",
    "measured_rank": "hessrank.numeric.measured_ranks",
    "Truth": "hessrank.proofs.reasoning.truth",
    "fit": "hessrank.proofs.existence.training",
    "nearby": "hessrank.proofs.existence.nearby",
    "Nearby": "hessrank.proofs.existence.nearby",
    "verdict": "hessrank.proofs.minima.verdict",
    "critical_points": "hessrank.proofs.critical_points.critical_points",
    "derive": "hessrank.proofs.derivations.derivation",
    "minimum": "hessrank.proofs.minima.minimum",
    "find_smallest": "hessrank.verification",
    "predicate": "hessrank.proofs.counterexamples.language",
    "read_claim": "hessrank.specs.claim_file",
    "labels": "hessrank.proofs.counterexamples.labels",
    "check": "hessrank.verification",
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


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"hessrank.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'hessrank' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
