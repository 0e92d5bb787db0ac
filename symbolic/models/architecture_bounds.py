"""Upper bounds on the ranks of J, JᵀAJ, Σ r_m∇²F_m and H that follow from the architecture alone.

In: a `Setting`: the network, how many examples, the rank of the inputs, the loss. Out: bounds,
each with the theorem that proves it. They hold at every parameter, input of that rank and target,
so that a nonzero minor of the same size anywhere makes a generic rank certain. docs/generic.md has
the proofs.

Letters: n_l widths, m_l = n_l + 1 with biases and n_l without; q the rank of the inputs x, q̂ that
of x with a column of ones appended where there are biases; κ the rank of A for one example at
most, K - 1 for softmax cross-entropy (1ᵀr = 0 and A1 = 0: everything passes through the centring
projector P) and K otherwise; ω the rank of Ω = Σ_d r_d x_dᵀ at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import comb

from hessrank.symbolic.errors import counted
from hessrank.symbolic.models.layers import Network

Bound = tuple[int, str]

SOFTMAX = "softmax-cross-entropy"


@dataclass(frozen=True)
class Setting:
    """What the bounds know of a problem: D examples, inputs of rank `input_rank`, a loss."""

    network: Network
    examples: int
    input_rank: int
    loss: str = "half-squared"
    #: The dimension of {ΔW_1 : ΔW_1 x_d = 0 for each unit and the d on which it is not dead}, where
    #: the bounds are for a neighbourhood of a point: F does not depend on ΔW_1 there.
    idle: int | None = None

    @property
    def linear(self) -> bool:
        return self.network.sigma.is_linear

    @property
    def outputs(self) -> int:
        """K."""
        return self.network.widths[-1]

    @property
    def kappa(self) -> int:
        """κ."""
        return self.outputs - (self.loss == SOFTMAX)

    @property
    def augmented_rank(self) -> int:
        """q̂: the rank of the inputs with the constant input of the biases, at most."""
        return min(self.examples, self.input_rank + self.network.bias)

    @property
    def omega(self) -> int:
        """ω."""
        return min(self.kappa, self.augmented_rank)

    def fed(self, l: int) -> int:
        """m_l: the number of inputs of layer l + 1, with the constant one."""
        return self.network.widths[l] + self.network.bias


def upper_bound(matrix: str, setting: Setting) -> Bound:
    """The least of all bounds on the rank of `matrix`, with its reason.

    matrix: "jacobian", "gauss_newton", "residual" or "hessian".

    >>> net = Network((64, 16, 16, 10))
    >>> upper_bound("hessian", Setting(net, 100, 64, "softmax-cross-entropy"))[0]
    990
    """
    return min(bounds(matrix, setting), key=lambda bound: bound[0])


def bounds(matrix: str, setting: Setting) -> list[Bound]:
    """Every bound that applies to `matrix`, as (bound, reason)."""
    found = _BOUNDS[matrix](setting)
    if matrix != "jacobian" and setting.kappa == 0:
        found.append((0, "softmax of one logit is constant: r = 0 and A = 0"))
    return list(found)


def _jacobian(s: Setting) -> list[Bound]:
    net, K, D = s.network, s.outputs, s.examples
    found = [
        (D * K, f"J has {counted(D * K, 'row')}"),
        (net.size, f"J has {counted(net.size, 'column')}"),
        _null_space(s, ()),
    ]
    if net.sigma.homogeneity and net.depth > 1:
        hidden = sum(net.widths[1:-1])
        found.append(
            (
                net.size - hidden - _dead_inputs(s),
                "kernel: the rescaling of each hidden unit (T8) and the inputs' null space (T6)",
            )
        )
    found += [_bottleneck(s, K), *_product_rank(s, K)]
    degree = _degree(net)
    if degree is not None:
        q, b = s.input_rank, int(net.bias)
        space = comb(q + degree - 1 + b, degree)
        found.append(
            (K * space, f"polynomials of degree {degree} in {q} variables: {space} for an output")
        )
    return found


def _gauss_newton(s: Setting) -> list[Bound]:
    D, kappa = s.examples, s.kappa
    found = [(bound, f"rank JᵀAJ ≤ rank J; {why}") for bound, why in _jacobian(s)]
    found.append((D * kappa, f"A has rank at most {D}·{kappa}"))
    if s.network.depth > 1 and 0 < kappa < s.outputs:
        kernel = [(s.fed(s.network.depth - 1), "the logit shift 1·vᵀ in the last layer")]
        if s.network.sigma.homogeneity:
            hidden = sum(s.network.widths[1:-1])
            kernel.append((hidden, "the rescaling of each hidden unit (T8)"))
        found.append(_null_space(s, kernel))
    return [*found, _bottleneck(s, kappa), *_product_rank(s, kappa)]


def _residual(s: Setting) -> list[Bound]:
    net, K, L = s.network, s.outputs, s.network.depth
    if L == 1:
        return [(0, "F is linear in θ")]
    if s.linear:
        return [_staircases(s, curvature=False)]
    spread = min(s.kappa, s.examples)  # the rank of the D×K matrix of the r_d
    last = spread * net.widths[-2]
    away = K * s.fed(L - 1) - last
    found = [
        (net.size, counted(net.size, "parameter")),
        _null_space(s, [(away, "the last layer's directions that all r_d annihilate, its biases")]),
    ]
    sizes = [block.size for block in net.blocks]
    sizes[0], sizes[-1] = sizes[0] - _dead_inputs(s), last
    flat = sizes if net.sigma.is_piecewise_linear else sizes[-1:]
    found.append(
        (2 * (sum(sizes) - max(flat)), "∂²F/∂W_l² = 0 for a layer l: twice the other layers' size")
    )
    return found


def _hessian(s: Setting) -> list[Bound]:
    net, L = s.network, s.network.depth
    if L == 1:
        return [(bound, f"F is linear in θ, H = JᵀAJ; {why}") for bound, why in _gauss_newton(s)]
    shift = (s.outputs - s.kappa) * s.fed(L - 1)
    found = [
        (net.size, counted(net.size, "parameter")),
        _null_space(s, [(shift, "the logit shift 1·vᵀ in the last layer")]),
    ]
    both = [upper_bound("gauss_newton", s), upper_bound("residual", s)]
    found.append((both[0][0] + both[1][0], f"rank JᵀAJ + rank of the residual term ({both[1][1]})"))
    if s.linear:
        found.append(_staircases(s, curvature=True))
    return found


_BOUNDS: dict[str, Callable[[Setting], list[Bound]]] = {
    "jacobian": _jacobian,
    "gauss_newton": _gauss_newton,
    "residual": _residual,
    "hessian": _hessian,
}


#: The matrices that have bounds.
MATRICES = tuple(_BOUNDS)


def _dead_inputs(s: Setting) -> int:
    """T6 for the first layer: ΔW_1 with ΔW_1 x_d = 0 for all d; F never depends on it. Near a point
    the d on which a unit is dead do not count."""
    if s.idle is not None:
        return s.idle
    return s.network.widths[1] * (s.fed(0) - s.augmented_rank)


def _null_space(s: Setting, more: Iterable[tuple[int, str]]) -> Bound:
    alive = "" if s.idle is None else ", for each unit of those on which it is alive"
    inputs = f"the null space of the inputs in the first layer{alive} (T6)"
    kernel = [(_dead_inputs(s), inputs), *more]
    reasons = " and ".join(f"{why} ({size})" for size, why in kernel if size)
    total = sum(size for size, _ in kernel)
    return s.network.size - total, f"kernel: {reasons}" if total else counted(
        s.network.size, "parameter"
    )


def _degree(net: Network) -> int | None:
    """The degree of F in x for a polynomial network, None where it is none."""
    k = net.sigma.degree
    return None if k is None else k ** (net.depth - 1)


def _bottleneck(s: Setting, kappa: int) -> Bound:
    """R_l ≥ rank of ∂z_l/∂(θ of the layers up to l), a matrix of D·n_l rows, layer by layer.

    Layer l adds {ΔW_l a_{l-1}}, of dimension n_l·(rank of a_{l-1}), to a subspace of {W_l U};
    modulo the image of W_l only (n_l − n_{l-1})₊·(rank of a_{l-1}) is left.
    """
    n, D = (*s.network.widths[:-1], kappa), s.examples
    rank = n[1] * s.augmented_rank
    for l in range(2, len(n)):
        fed = min(D, s.fed(l - 1))
        through = D * min(n[l], n[l - 1]) + max(n[l] - n[l - 1], 0) * fed
        rank = min(rank + n[l] * fed, through)
    return rank, "what each layer adds, and what the narrowest layer lets through (after T5)"


def _product_rank(s: Setting, kappa: int) -> list[Bound]:
    """Deep linear: P·W_L…W_1·x ranges over matrices of rank ≤ ρ, a variety of known dimension."""
    net = s.network
    if not s.linear:
        return []
    q = s.augmented_rank - net.bias
    rho = min(q, kappa, *net.widths[1:-1]) if net.depth > 1 else min(q, kappa)
    bound = rho * (kappa + q - rho) + net.bias * kappa
    constant = f" and {kappa} constants" if net.bias else ""
    return [(bound, f"the {kappa}×{q} matrices of rank at most {rho}{constant}")]


def _staircases(s: Setting, curvature: bool) -> Bound:
    """Deep linear: for each layer, the conditions U ΔW_l V = 0 that put ΔW_l into the kernel.

    Each pair (rank U, rank V) is a rectangle; the U are nested, and so are the V, so that the
    conditions are as many as the cells that the rectangles cover together.
    """
    layers = range(1, s.network.depth + 1)
    total = sum(_staircase_area(_conditions(s, l, curvature)) for l in layers)
    return total, "conditions U·ΔW_l·V = 0 layer by layer, by the ranks of partial products"


def _conditions(s: Setting, l: int, curvature: bool) -> list[tuple[int, int]]:
    """Bounds on (rank U, rank V) for layer l."""
    n, L, b = s.network.widths, s.network.depth, int(s.network.bias)
    found = []
    if curvature:  # P W_L…W_{l+1} · Δ · W_{l-1}…W_1 x
        found.append((min(s.kappa, *n[l:L], n[l]), _least(s.augmented_rank, n[1:l], b)))
    for m in range(l + 1, L + 1):  # W_{m-1}…W_{l+1} · Δ · W_{l-1}…W_1 Ωᵀ W_L…W_{m+1}
        found.append((min(n[l:m]), _least(_least(s.omega, n[1:l], b), n[m:L], 0)))
    for m in range(1, l):  # W_{m-1}…W_1 Ωᵀ W_L…W_{l+1} · Δ · W_{l-1}…W_{m+1}
        constant = b if curvature or l < L else 0
        found.append((_least(_least(s.omega, n[1:m], b), n[l:L], 0), min(n[m:l]) + constant))
    return found


def _least(start: int, widths: tuple[int, ...], more: int) -> int:
    return min([start, *(n + more for n in widths)])


def _staircase_area(rectangles: Iterable[tuple[int, int]]) -> int:
    """The number of cells covered by rectangles that share a corner.

    >>> _staircase_area([(3, 1), (1, 2), (1, 1)])
    4
    """
    area, width = 0, 0
    for u, v in sorted(rectangles, key=lambda rectangle: -rectangle[0]):
        if v > width:
            area += u * (v - width)
            width = v
    return area


def deep_with_equality(net: Network) -> bool:
    """Whether T17 speaks of a network without fixed or tied parameters, off its kinks: one output;
    linear of any depth, or two hidden layers of relu or leaky relu of which the second is one unit.

    >>> deep_with_equality(Network((2, 3, 2, 1))), deep_with_equality(Network((2, 3, 1, 1), "relu"))
    (True, True)
    """
    one_unit = net.depth == 3 and net.widths[2] == 1
    piecewise = net.activation in ("relu", "leaky-relu")
    return net.widths[-1] == 1 and (net.sigma.is_linear or (piecewise and one_unit))
