"""The generic ranks of a network: those at almost every parameter, input and target.

In: a network, the number of examples, the rank of the inputs, a loss. Out: `GenericRanks`, the
ranks of J, JᵀAJ, Σ r_m∇²F_m and H over the field of functions of (θ, x, y).

How: the entries of these matrices are polynomials over Q in parameters, inputs, targets and the
values of the transcendental functions, which are algebraically independent. Random residues modulo
a random prime therefore specialise the generic point (`generic_point`), and a minor that is not
zero there proves a lower bound for certain. Upper bounds are those of `structure`, or come at fixed
odds (`degrees`) from independent repetitions. docs/generic.md proves all this.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from dataclasses import dataclass
from typing import Any

from hessrank.symbolic.brief import Brief
from hessrank.symbolic.budget import SECONDS, OverBudget, decision, spend
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.linear_algebra.memory import require_memory
from hessrank.symbolic.linear_algebra.primefield import random_prime
from hessrank.symbolic.models import architecture_bounds
from hessrank.symbolic.models.architecture_bounds import SOFTMAX, Setting
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.models.losses import Loss, loss_name
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.modular import size_bounds, specialisation
from hessrank.symbolic.modular.rank_search import Search
from hessrank.symbolic.modular.specialisation import MATRICES
from hessrank.symbolic.ranks.rank_result import RankResult, cut_short


@dataclass(frozen=True, repr=False)
class GenericRanks(Brief):
    """The generic ranks of the four matrices, what they cost, and what was asked.

    region: for piecewise activations, in words, the activation region that the ranks belong to;
    seconds: wall-clock time; peak_memory: the process's largest resident size so far, in bytes.
    """

    setting: Setting
    seed: int
    jacobian: RankResult
    gauss_newton: RankResult
    residual: RankResult
    hessian: RankResult
    region: str | None
    seconds: float
    peak_memory: int

    def to_json(self) -> dict[str, Any]:
        """The record as plain lists, numbers and strings."""
        net = self.setting.network
        return {
            "widths": list(net.widths),
            "activation": net.activation,
            "bias": net.bias,
            "parameters": net.size,
            "examples": self.setting.examples,
            "input_rank": self.setting.input_rank,
            "loss": self.setting.loss,
            "seed": self.seed,
            **{name: getattr(self, name).to_json() for name in MATRICES},
            "region": self.region,
            "seconds": self.seconds,
            "peak_memory": self.peak_memory,
        }


def generic_ranks(
    net: Model | Network,
    examples: int = 100,
    input_rank: int | None = None,
    loss: str | Loss = SOFTMAX,
    seed: int = 0,
    seconds: float = SECONDS,
) -> GenericRanks:
    """The ranks at almost every θ, inputs x of rank `input_rank` and targets y (generic residual).

    net: a network, every parameter free; examples: D; input_rank: the rank of the D×n_0 matrix of
    inputs, by default the largest, min(D, n_0); loss: one of `specialisation.LOSSES`; seed: fixes
    primes and residues; seconds: after which the bounds that were found are returned. For relu and
    leaky-relu the ranks are those on the activation region of one random integer point, which the
    seed fixes too.

    Raises InputError for other losses, for gelu (whose values are not covered by the theorem used)
    and for what does not fit into memory. Source: docs/generic.md.

    >>> ranks = generic_ranks(Network((2, 2, 1)), examples=3, loss="half-squared")
    >>> int(ranks.jacobian), int(ranks.hessian), ranks.hessian.status
    (2, 5, 'certified')
    """
    started = time.perf_counter()
    setting = _setting(net, examples, input_rank, loss)
    rng = random.Random(seed)
    pattern = None
    region = None
    if specialisation.is_piecewise(setting.network):
        pattern = specialisation.sign_pattern(setting, rng)
        region = "the activation region of a random integer point"
    searches = {name: _search(name, setting, region) for name in MATRICES}
    why = ""
    try:
        with decision(seconds):
            while pending := [name for name, search in searches.items() if not search.done]:
                spend()
                p = random_prime(rng, specialisation.BITS)
                for name, matrix in specialisation.matrices(setting, p, rng, pattern, pending):
                    searches[name].look(matrix, p)
    except OverBudget as error:
        why = str(error)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = [searches[name].result() for name in MATRICES]
    J, GN, R, H = (cut_short(r, why) if why else r for r in found)
    took = time.perf_counter() - started
    peak *= 1 if sys.platform == "darwin" else 1024
    return GenericRanks(setting, seed, J, GN, R, H, region, took, peak)


def _search(name: str, setting: Setting, region: str | None) -> Search:
    net = setting.network
    rows = setting.examples * setting.outputs if name == "jacobian" else net.size
    bound = architecture_bounds.upper_bound(name, setting)
    miss = size_bounds.miss_log2(setting, name)
    where = f" (on {region})" if region else ""
    return Search((rows, net.size), bound, miss, f"at a random specialisation{where}")


def _setting(net: Model | Network, D: int, q: int | None, loss: str | Loss) -> Setting:
    if isinstance(net, Model):
        if net.network is None:
            raise InputError("generic ranks need a layered network", "net")
        if net.fixed:
            raise InputError(f"the parameter {net.fixed[0][0]!r} is fixed, not generic", "net")
        net = net.network
    if not isinstance(D, int) or D < 1:
        raise InputError(f"expected a number of examples >= 1, found {D!r}", "examples")
    largest = min(D, net.widths[0])
    if q is not None and not (isinstance(q, int) and 1 <= q <= largest):
        raise InputError(f"expected an input rank from 1 to {largest}, found {q!r}", "input_rank")
    name = loss.name if isinstance(loss, Loss) else loss_name(loss)
    setting = Setting(net, D, largest if q is None else q, name)
    specialisation.check(setting)
    M, N, widest = D * setting.outputs, net.size, max(net.widths)
    need = 8 * (4 * N * N + 3 * M * N + 4 * D * widest * widest)
    require_memory(need, f"a network of {N} parameters on {D} examples")
    return setting
