"""J, ∇L and H of a network in float64, ours against JAX's: whole process, and warm.

    python benchmarks/floats_vs_jax.py [tanh|identity]

The net is [64, 16, 16, 10] with biases (N = 1,482) or, for identity, without (N = 1,440), softmax
cross-entropy on 100 examples. Both sides start a Python of their own and evaluate twice at other
points: the first evaluation with imports and compilation, the second warm. JAX (the extra `bench`)
jits `jax.jacobian` and `jax.hessian`, which for it is the fastest way. Prints seconds of the clock,
the ratios, and how far the two matrices differ.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

SETUP = """
import json, sys, time
import numpy as np
rng = np.random.default_rng(0)
widths, activation = (64, 16, 16, 10), {activation!r}
bias = activation != "identity"
shapes = list(zip(widths, widths[1:]))
x = rng.integers(-64, 65, size=(100, 64)) / 64
y = np.eye(10)[rng.integers(0, 10, size=100)]
def theta(seed):
    draw = np.random.default_rng(seed)
    parts = [p for m, n in shapes
             for p in (draw.normal(size=m * n) / np.sqrt(m), draw.normal(size=n * bias))]
    return np.concatenate(parts)
"""

OURS = (
    SETUP
    + """
import hessrank as hr
from hessrank.numeric.forward_pass import forward_pass
from hessrank.numeric.measure import evaluate
net = hr.mlp(widths, activation, bias=bias)
problem = hr.Problem(net, hr.Data(hr.exact(x), hr.exact(y)), "softmax-cross-entropy")
forward = forward_pass(problem.at(hr.exact(theta(0))))
found = evaluate(forward)
start = time.perf_counter()
found = evaluate(forward, theta=theta(1))
warm = time.perf_counter() - start
np.savez(sys.argv[1], J=found.jacobian, H=found.hessian, g=found.gradient)
print(json.dumps(warm))
"""
)

JAX = (
    SETUP
    + """
import jax, jax.numpy as jnp
jax.config.update("jax_enable_x64", True)
sigma = {{"identity": lambda z: z, "tanh": jnp.tanh}}[activation]
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
    return -jnp.sum(y * jax.nn.log_softmax(outputs(t), axis=1))
@jax.jit
def all_of(t):
    return jax.jacobian(lambda s: outputs(s).ravel())(t), jax.hessian(loss)(t), jax.grad(loss)(t)
jax.block_until_ready(all_of(theta(0)))
start = time.perf_counter()
J, H, g = jax.block_until_ready(all_of(theta(1)))
warm = time.perf_counter() - start
np.savez(sys.argv[1], J=J, H=H, g=g)
print(json.dumps(warm))
"""
)


def timed(source: str, activation: str, path: Path) -> tuple[float, float]:
    """(seconds of the whole process, of the warm evaluation)."""
    start = time.perf_counter()
    command = [sys.executable, "-c", source.format(activation=activation), str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - start, json.loads(run.stdout)


def main(activation: str = "tanh") -> None:
    if find_spec("jax") is None:
        sys.exit("needs JAX: pip install 'hessrank[bench]'")
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.npz" for name in ("ours", "jax")]
        (ours, warm), (theirs, warm_jax) = (
            timed(source, activation, path) for source, path in zip((OURS, JAX), paths, strict=True)
        )
        a, b = (np.load(path) for path in paths)
        apart = {k: float(np.abs(a[k] - b[k]).max() / np.abs(b[k]).max()) for k in ("J", "g", "H")}
    print(f"whole process: ours {ours:.1f} s, JAX {theirs:.1f} s, ratio {ours / theirs:.2f}")
    print(f"warm:          ours {warm:.2f} s, JAX {warm_jax:.2f} s, ratio {warm / warm_jax:.2f}")
    print("largest relative differences: " + ", ".join(f"{k} {v:.0e}" for k, v in apart.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
