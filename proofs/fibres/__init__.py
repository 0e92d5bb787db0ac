"""Fibres {θ' : F(θ') = F(θ)}: their dimension near a point, their shape as a whole."""
