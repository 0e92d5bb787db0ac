"""The theorems that several themes cite, each a step of a proof with its check.

In: nothing. Out: `Step`s for T3 (the Hessian identity) and T4 (the rank at a perfect fit).
"""

from __future__ import annotations

from itertools import product

from hessrank.proofs.derivations import identity
from hessrank.proofs.reasoning.claim import Step
from hessrank.proofs.reasoning.truth import Fact, Truth

GRAM = (
    "for A ⪰ 0, ker JᵀAJ = ker AJ and rank JᵀAJ = rank AJ "
    "(Horn and Johnson, Matrix Analysis, 2nd ed., observation 7.1.8)"
)


def _identity_expands() -> Fact:
    """T3 for generic quadratic maps, by expansion, in several dimensions."""
    good = all(identity.holds(n, m) for n, m in product((1, 2), (1, 2)))
    return Fact(
        Truth.of(good),
        "expanded for N, M ≤ 2 with indeterminate coefficients; each term involves at most two "
        "parameters and two outputs",
    )


T3 = Step(
    "H = JᵀAJ + Σ_m r_m∇²F_m; both sides depend on the 2-jets of F and ℓ alone, so it is "
    "enough to expand it for generic quadratic maps",
    _identity_expands,
)
T3_AT_FIT = Step(f"{T3.words}; r = 0 leaves H = JᵀAJ", _identity_expands)
T4_STEPS = (
    T3_AT_FIT,
    Step("A ⪰ 0 ⇒ ker JᵀAJ = J⁻¹(ker A), so rank H = rank J − dim(im J ∩ ker A)", cites=GRAM),
)
