"""Activations and losses from their textbook formulas, in autograd.numpy.

Written apart from the code under test: only numbers pass between the two sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

erf = primitive(np.vectorize(math.erf, otypes=[float]))  # autograd's own needs SciPy
defvjp(erf, lambda y, z: lambda g: g * 2 / math.sqrt(math.pi) * anp.exp(-(z**2)))

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "square": lambda z: z * z,
    "cube": lambda z: z * z * z,
    "power-4": lambda z: z**4,
    "relu": lambda z: anp.where(z > 0, z, 0 * z),
    "leaky-relu": lambda z: anp.where(z > 0, z, z / 100),
    "tanh": anp.tanh,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "softplus": lambda z: anp.logaddexp(0, z),
    "exp": anp.exp,
    "sin": anp.sin,
    "cos": anp.cos,
    "gelu": lambda z: z / 2 * (1 + erf(z / math.sqrt(2))),
    "swish": lambda z: z / (1 + anp.exp(-z)),
}
#: ℓ of all outputs o and targets y, both (D, K).
LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "half-squared": lambda o, y: anp.sum((o - y) ** 2) / 2,
    "sum-of-squares": lambda o, y: anp.sum((o - y) ** 2),
    "mean-squared": lambda o, y: anp.mean((o - y) ** 2),
    "quartic": lambda o, y: anp.sum((o - y) ** 4),
    "log-cosh": lambda o, y: anp.sum(anp.logaddexp(o - y, y - o) - math.log(2)),
    "softmax-cross-entropy": lambda o, y: (
        -anp.sum(y * (o - anp.log(anp.sum(anp.exp(o), axis=1, keepdims=True))))
    ),
    "cross-entropy": lambda o, y: -anp.sum(y * anp.log(o)),
    "binary-cross-entropy": lambda o, y: anp.sum(
        y * anp.logaddexp(0, -o) + (1 - y) * anp.logaddexp(0, o)
    ),
    "o1**3/3 + log(1 + (o1 - y1)**2)": lambda o, y: anp.sum(
        o[:, 0] ** 3 / 3 + anp.log(1 + (o[:, 0] - y[:, 0]) ** 2)
    ),
}


def network(widths: Sequence[int], bias: bool, activation: str, theta: Any, x: Any) -> Any:
    """The outputs (D, K) of a fully connected net on x (D, n): layers in order, weights row by
    row, then biases."""
    a, start = x, 0
    for layer, (m, n) in enumerate(pairwise(widths), 1):
        z = anp.dot(a, anp.reshape(theta[start : start + n * m], (n, m)).T)
        start += n * m
        if bias:
            z = z + theta[start : start + n]
            start += n
        a = ACTIVATIONS[activation](z) if layer < len(widths) - 1 else z
    return a
