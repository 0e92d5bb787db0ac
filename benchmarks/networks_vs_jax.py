"""Certified ranks of linear networks against JAX's floating-point ones, whole process each.

    python benchmarks/networks_vs_jax.py [N ...]

Both sides start a Python of their own, so imports and compilation count. JAX (the extra `bench`)
computes J by `jax.jacobian` and H by `jax.hessian` in float64 at one random point and takes
`numpy.linalg.matrix_rank` of both with its default tolerance. hessrank gives the ranks of J, JᵀAJ,
the residual term and H with a certificate. Prints time, ratio, peak memory and the ranks.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec

OURS = """
import json, resource
from hessrank.symbolic.modular.network_ranks import generic_ranks
from hessrank.symbolic.models.layers import Network
found = generic_ranks(Network({widths}, {activation!r}, {bias}), examples={examples},
                      loss={loss!r})
print(json.dumps({{
    "jacobian": int(found.jacobian), "hessian": int(found.hessian),
    "status": found.jacobian.status + "/" + found.hessian.status,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
}}))
"""

JAX = """
import json, resource
import jax, jax.numpy as jnp, numpy as np
jax.config.update("jax_enable_x64", True)
widths, bias = {widths}, {bias}
sigma = {{"identity": lambda z: z, "tanh": jnp.tanh}}[{activation!r}]
rng = np.random.default_rng(0)
x = rng.normal(size=({examples}, widths[0]))
y = rng.dirichlet(np.ones(widths[-1]), size={examples})
shapes = list(zip(widths, widths[1:]))
theta = np.concatenate([
    part for m, n in shapes
    for part in (rng.normal(size=m * n) / np.sqrt(m), rng.normal(size=n * bias))
])
def outputs(t):
    a, start = x, 0
    for l, (m, n) in enumerate(shapes, 1):
        a = a @ t[start : start + m * n].reshape(n, m).T
        start += m * n
        if bias:
            a, start = a + t[start : start + n], start + n
        a = sigma(a) if l < len(shapes) else a
    return a
def loss(t):
    if {loss!r} == "half-squared":
        return jnp.sum((outputs(t) - y) ** 2) / 2
    return -jnp.sum(y * jax.nn.log_softmax(outputs(t), axis=1))
J = np.asarray(jax.jacobian(lambda t: outputs(t).ravel())(theta))
H = np.asarray(jax.hessian(loss)(theta))
print(json.dumps({{
    "jacobian": int(np.linalg.matrix_rank(J)), "hessian": int(np.linalg.matrix_rank(H)),
    "status": "float64", "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
}}))
"""


@dataclass(frozen=True)
class Row:
    """One network of the table."""

    widths: tuple[int, ...]
    activation: str
    bias: bool
    examples: int
    loss: str = "softmax-cross-entropy"


ROWS = {
    9: Row((2, 2, 1), "tanh", True, 4, "half-squared"),
    46: Row((3, 4, 4, 2), "tanh", True, 8),
    1440: Row((64, 16, 16, 10), "identity", False, 100),
    3960: Row((64, 36, 36, 10), "identity", False, 100),
}


def run(script: str, row: Row) -> tuple[float, dict[str, object]]:
    """Seconds of the whole process, and what it printed."""
    code = script.format(**vars(row))
    started = time.perf_counter()
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, json.loads(done.stdout)


def main(sizes: list[int]) -> None:
    if find_spec("jax") is None:
        sys.exit("JAX is missing: pip install 'hessrank[bench]'")
    print(f"{'N':>5} {'':9} {'seconds':>8} {'peak GB':>8} {'rank J':>7} {'rank H':>7}  status")
    for N in sizes:
        seconds, ours = run(OURS, ROWS[N])
        theirs_seconds, theirs = run(JAX, ROWS[N])
        for name, s, found in (("hessrank", seconds, ours), ("JAX", theirs_seconds, theirs)):
            print(
                f"{N:>5} {name:9} {s:>8.2f} {found['peak']:>8.2f} {found['jacobian']:>7} "
                f"{found['hessian']:>7}  {found['status']}"
            )
        print(f"{'':5} JAX takes {theirs_seconds / seconds:.1f} times as long")


if __name__ == "__main__":
    main([int(n) for n in sys.argv[1:]] or list(ROWS))
