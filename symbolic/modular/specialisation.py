"""J, r, A and the second derivatives of a network at a random specialisation of its generic point.

In: a `Setting`, a prime p, a source of random numbers and, for piecewise activations, a sign
pattern. Out: the four matrices modulo p. Parameters, the factors U V of the inputs, the targets and
the values of tanh, sigmoid, … (the atoms) are drawn as independent residues: docs/generic.md proves
that this is a specialisation of the generic point, and says where two atoms must be equal.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import flint
import numpy as np

from hessrank.symbolic.errors import InputError, KinkError
from hessrank.symbolic.expressions.differentiation import differentiate
from hessrank.symbolic.expressions.expression import Expr, evaluate
from hessrank.symbolic.expressions.functions import FUNCTIONS
from hessrank.symbolic.expressions.parsing import expected
from hessrank.symbolic.linear_algebra.primefield import matmul, reduce_in_place
from hessrank.symbolic.models.architecture_bounds import SOFTMAX, Setting
from hessrank.symbolic.models.layers import (
    Array,
    Forward,
    Network,
    Objects,
    forward,
    jacobian,
    weighted_hessian,
)
from hessrank.symbolic.models.losses import FORMS, Loss
from hessrank.symbolic.modular.residue_arrays import Mod, ModScalars, ResidueArrays

MATRICES = ("jacobian", "gauss_newton", "residual", "hessian")
#: The losses whose r and A are polynomials in outputs, targets and atoms.
LOSSES = tuple(name for name in FORMS if name not in ("log-cosh", "cross-entropy"))
#: Length of the primes: longer than `primefield` needs, for better odds at little cost.
BITS = 24
_ATOMS = frozenset({"tanh", "sigmoid", "softplus", "exp", "sin", "cos"})
_KINKS = frozenset({"relu", "step"})
_WEIGHTS = 1000  # integer parameters and inputs are ±1 to ±_WEIGHTS
_ATTEMPTS = 100

Pattern = tuple[Array, ...]


def check(setting: Setting) -> None:
    """InputError for an activation or loss that has no specialisation here."""
    if setting.loss not in LOSSES:
        known = ", ".join(LOSSES)
        hint = expected(setting.loss, LOSSES)
        raise InputError(f"generic ranks know the losses {known}, not {setting.loss!r}{hint}")
    functions = setting.network.sigma.functions
    if functions - _ATOMS - _KINKS:
        raise InputError(
            f"generic ranks do not cover the activation {setting.network.activation!r}: "
            "no theorem makes its values independent"
        )


def is_piecewise(network: Network) -> bool:
    """Whether the generic rank depends on the activation region."""
    return network.sigma.kinks


def is_full(setting: Setting) -> bool:
    """Whether the inputs have the largest possible rank, and are drawn freely."""
    return setting.input_rank == min(setting.examples, setting.network.widths[0])


def sign_pattern(setting: Setting, rng: random.Random) -> Pattern:
    """For each hidden layer an array (D, n_l) of 0 and 1: which units are on at a random point.

    The point has integer parameters and inputs and is run exactly; points with a preactivation
    0 are drawn again. KinkError where that does not end, as for a unit whose input is always 0.
    """
    net = setting.network
    for _ in range(_ATTEMPTS):
        theta = _integers((net.size,), rng)
        left = _integers((setting.examples, setting.input_rank), rng)
        x = left @ _integers((setting.input_rank, net.widths[0]), rng)
        pattern: list[Array] = []
        try:
            forward(net, theta, x, _Signs(_Rationals(), pattern, []))
        except KinkError:
            continue
        return tuple(pattern)
    raise KinkError(f"a preactivation is 0 at each of {_ATTEMPTS} random points")


def matrices(
    setting: Setting,
    p: int,
    rng: random.Random,
    pattern: Pattern | None,
    wanted: Sequence[str],
) -> Iterator[tuple[str, Array]]:
    """(name, matrix mod p) for each name in `wanted`: jacobian (M×N), gauss_newton, residual,
    hessian (N×N)."""
    net, D = setting.network, setting.examples
    draw = _Residues(p, rng)
    x = draw(D, net.widths[0])
    if not is_full(setting):
        x = matmul(draw(D, setting.input_rank), draw(setting.input_rank, net.widths[0]), p)
    atoms = _LayerAtoms(draw, pattern)
    run = forward(net, draw(net.size), x, ResidueArrays(p, atoms))
    r, A = _loss(setting, run.outputs, draw, _cut_off(net, D, pattern))
    yield from products(run, r, A, wanted)


def products(
    run: Forward, r: Array, A: Array, wanted: Sequence[str]
) -> Iterator[tuple[str, Array]]:
    """The four matrices of a run in F_p, for r (D, K) and A (D, K, K)."""
    ring = run.ring
    assert isinstance(ring, ResidueArrays)
    D, K = run.outputs.shape
    if set(wanted) & {"jacobian", "gauss_newton", "hessian"}:
        J = jacobian(run)
        if "jacobian" in wanted:
            yield "jacobian", J.reshape(D * K, run.net.size)
    if set(wanted) & {"gauss_newton", "hessian"}:
        AJ = reduce_in_place(np.matmul(A, J), ring.p)  # K products of residues: exact
        H = ring.matmul(J.reshape(D * K, run.net.size).T, AJ.reshape(D * K, run.net.size))
        del J, AJ
        if "gauss_newton" in wanted:
            yield "gauss_newton", H
    if set(wanted) & {"residual", "hessian"}:
        R = weighted_hessian(run, r)
        if "residual" in wanted:
            yield "residual", R
    if "hessian" in wanted:
        H += R
        del R
        yield "hessian", reduce_in_place(H, ring.p)


class _Residues:
    """Independent uniform residues, from the caller's source of random numbers."""

    def __init__(self, p: int, rng: random.Random) -> None:
        self.p, self.source = p, np.random.default_rng(rng.getrandbits(64))

    def __call__(self, *shape: int) -> Array:
        return reduce_in_place(self.source.integers(0, self.p, shape).astype(float), self.p)

    def units(self, *shape: int) -> Array:
        return reduce_in_place(self.source.integers(1, self.p, shape).astype(float), self.p)


class _LayerAtoms:
    """The atoms of the hidden layers: independent residues, one for each example and unit."""

    def __init__(self, draw: _Residues, pattern: Pattern | None) -> None:
        self.draw, self.pattern = draw, pattern
        self.circles: dict[int, tuple[Array, Array]] = {}

    def __call__(self, name: str, z: Array, layer: int) -> Array:
        if name in _KINKS:
            assert self.pattern is not None
            step = self.pattern[layer - 1]
            return step if name == "step" else z * step
        if name in ("sin", "cos"):
            if layer not in self.circles:
                self.circles[layer] = _circle(self.draw, z.shape)
            return self.circles[layer][name == "cos"]
        return self.draw.units(*z.shape) if name == "exp" else self.draw(*z.shape)


def _circle(draw: _Residues, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """(sin, cos) as random points of the circle: 2t/(1+t²), (1−t²)/(1+t²) with 1 + t² ≠ 0."""
    p = draw.p
    t = draw(*shape)
    while (bad := reduce_in_place(1 + t * t, p) == 0).any():
        t[bad] = draw(int(bad.sum()))
    one = ModScalars(p, lambda name, z: z).number(Fraction(1))
    power = ModScalars(p, lambda name, z: z).power
    inverse = power(one + Mod(t, p) * Mod(t, p), Fraction(p - 2))
    sine = Mod(2 * t, p) * inverse
    cosine = Mod(reduce_in_place(1 - t * t, p), p) * inverse
    return sine.entries, cosine.entries


def _loss(setting: Setting, o: Array, draw: _Residues, cut: Array) -> tuple[Array, Array]:
    """r (D, K) and A (D, K, K) mod p at outputs o, for random targets.

    cut: from `_cut_off`. Examples cut off at the same layer have equal outputs, or, without biases,
    the output 0; the atoms of the loss follow suit.
    """
    p, (D, K) = draw.p, o.shape
    _, first, inverse = np.unique(cut, return_index=True, return_inverse=True)
    same = np.where(cut > 0, first[inverse.ravel()], np.arange(D))
    constant = (cut > 0) & (not setting.network.bias)
    if setting.loss == SOFTMAX:
        prob = _summing_to_one(draw, D, K)
        prob = prob[same]
        prob[constant] = _residue(Fraction(1, K), p)
        r = reduce_in_place(prob - _summing_to_one(draw, D, K), p)
        A = reduce_in_place(-prob[:, :, None] * prob[:, None, :], p)
        A[:, np.arange(K), np.arange(K)] += prob
        return r, reduce_in_place(A, p)

    def value(name: str, z: Array) -> Array:
        drawn = draw(D, K)[same]
        drawn[constant] = _residue(Fraction(FUNCTIONS[name].at_zero or 0), p)
        return drawn

    slope, curvature = separable(setting.loss)
    symbols = {"o1": Mod(o, p), "y1": Mod(draw(D, K), p)}
    found = evaluate([slope, curvature], ModScalars(p, value), symbols)
    r, diagonal = (np.broadcast_to(f.entries, (D, K)) for f in found)
    A = np.zeros((D, K, K))
    A[:, np.arange(K), np.arange(K)] = diagonal
    return np.ascontiguousarray(r), A


def separable(loss: str) -> tuple[Expr, Expr]:
    """r and the diagonal of A for one output, as closed forms in o1 and y1."""
    first = differentiate(Loss.named(loss).form(1), "o1")
    return first, differentiate(first, "o1")


def _cut_off(net: Network, D: int, pattern: Pattern | None) -> Array:
    """For each example the last relu layer (from 1) whose units are all off, or 0."""
    cut = np.zeros(D, dtype=int)
    if pattern is not None and net.sigma.dies:
        for layer, on in enumerate(pattern, 1):
            cut[~on.any(axis=1)] = layer
    return cut


def _summing_to_one(draw: _Residues, D: int, K: int) -> Array:
    free = draw(D, K - 1)
    last = reduce_in_place(1 - free.sum(axis=1, keepdims=True), draw.p)
    return np.concatenate([free, last], axis=1)


def _residue(q: Fraction, p: int) -> float:
    return float(q.numerator * pow(q.denominator, -1, p) % p)


def _integers(shape: tuple[int, ...], rng: random.Random) -> Array:
    count = int(np.prod(shape))
    flat = [flint.fmpq(rng.randint(1, _WEIGHTS) * rng.choice((-1, 1))) for _ in range(count)]
    return np.array(flat, dtype=object).reshape(shape)


class _Rationals:
    """The scalar ring Q of python-flint, with relu and step away from their kinks."""

    @staticmethod
    def number(q: Fraction) -> flint.fmpq:
        return flint.fmpq(q.numerator, q.denominator)

    @staticmethod
    def power(value: flint.fmpq, exponent: Fraction) -> flint.fmpq:
        return value ** int(exponent)

    @staticmethod
    def function(name: str, *args: flint.fmpq) -> flint.fmpq:
        (z,) = args
        if z == 0:
            raise KinkError(f"{name} at 0")
        on = flint.fmpq(int(z > 0))
        return on if name == "step" else z * on


@dataclass(frozen=True)
class _Signs(Objects):
    """The array ring Q that notes, layer by layer, which units are on.

    A preactivation that is 0 because everything that enters the layer is off stays 0 nearby: it
    is no kink, and the unit counts as off.
    """

    pattern: list[Array]
    dead: list[Array]

    def jet(self, name: str, z: Array, layer: int) -> tuple[Array, Array, Array | None]:
        nothing = (z == 0).all(axis=1) & (self.dead[-1] if self.dead else False)
        z = z.copy()
        z[nothing] = flint.fmpq(-1)
        jet = super().jet(name, z, layer)
        self.pattern.append((z > 0).astype(float))
        self.dead.append((jet[0] == 0).all(axis=1))
        return jet
