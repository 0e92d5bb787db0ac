"""LaTeX's commands for letters and signs, and the Unicode for them.

In: nothing. Out: tables by the name of the command.
"""

from __future__ import annotations

import re


def _pairs(text: str) -> dict[str, str]:
    return dict(re.findall(r"(\S+) (\S)", text))


LETTERS = _pairs(
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ iota ι kappa κ "
    "lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω "
    "Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω ell ℓ "
    "partial ∂ nabla ∇ infty ∞ top ⊤ emptyset ∅ ldots … cdots ⋯ dots … vdots ⋮ surd √ bot ⊥"
)
OPERATORS = _pairs(
    "le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ approx ≈ equiv ≡ sim ∼ to → rightarrow → mapsto ↦ in ∈ "
    "notin ∉ subset ⊂ subseteq ⊆ supseteq ⊇ cap ∩ cup ∪ setminus ∖ succ ≻ succeq ⪰ prec ≺ preceq ⪯ "
    "Rightarrow ⇒ Leftrightarrow ⇔ iff ⇔ implies ⇒ cdot · times × circ ∘ pm ± mp ∓ oplus ⊕ "
    "otimes ⊗ wedge ∧ vee ∨ neg ¬ perp ⟂ propto ∝ cong ≅ forall ∀ exists ∃ mid ∣ | ‖ ast ∗ "
    "ll ≪ gg ≫"
)
#: Operators that carry limits.
BIG = _pairs("sum ∑ prod ∏ int ∫ bigcup ⋃ bigcap ⋂ bigwedge ⋀")
#: Names of functions.
WORDS = set(
    re.findall(
        r"\w+", "exp log ln sin cos tan sinh cosh tanh min max det ker dim lim sup inf deg arg Pr"
    )
)
RELATIONS = set("=<>≤≥≠≈≡∼→↦∈∉⊂⊆⊇≻⪰≺⪯⇒⇔∝≅")
BINARY = set("+−±∓")
