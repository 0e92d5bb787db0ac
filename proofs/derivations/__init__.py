"""Derivations: the Hessian identity and its pieces, typeset and checked on forward passes."""
