"""hessrank: verify claims about the loss landscape of small networks, exactly.

The public names. Each is imported from its module when it is first used, so that `import
hessrank` and `hessrank --help` cost nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Model": "hessrank.symbolic.models",
    "mlp": "hessrank.symbolic.models",
    "Data": "hessrank.symbolic.problems",
    "Problem": "hessrank.landscape",
    "Landscape": "hessrank.landscape",
    "Loss": "hessrank.symbolic.losses",
    "exact": "hessrank.symbolic.exact",
    "HessrankError": "hessrank.symbolic.errors",
    "InputError": "hessrank.symbolic.errors",
    "UndecidedError": "hessrank.symbolic.errors",
    "Spec": "hessrank.spec",
    "dumps": "hessrank.spec",
    "loads": "hessrank.spec",
    "read_spec": "hessrank.spec",
    "RankResult": "hessrank.symbolic.ranks",
    "generic_ranks": "hessrank.symbolic.generic",
    "rank": "hessrank.symbolic.exact_rank",
    "generic_rank": "hessrank.symbolic.exact_rank",
    "rank_locus": "hessrank.symbolic.locus",
    "measured_rank": "hessrank.numeric.measure",
    "Truth": "hessrank.proofs.truth",
    "verdict": "hessrank.proofs.verdict",
    "derive": "hessrank.proofs.derivations.derivation",
    "minimum": "hessrank.proofs.minima",
    "check": "hessrank.catalogue",
    "verify": "hessrank.catalogue",
    "audit": "hessrank.catalogue",
    "counterexample": "hessrank.catalogue",
    "claims": "hessrank.catalogue",
    "Report": "hessrank.catalogue",
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
