"""Ranks of a network at a rational point, or at one of the exponential lattice.

In: the exact forward pass of a network at the point (`layers.forward` over rationals), r and A.
Out: a `RankResult` for each matrix. Only the forward pass is exact; the matrices, which are large,
are formed modulo random primes from its residues, by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial

import flint
import numpy as np

from hessrank.symbolic.chance import generator
from hessrank.symbolic.linear_algebra.primefield import random_prime, residues
from hessrank.symbolic.models.layers import Array, Forward
from hessrank.symbolic.modular import size_bounds
from hessrank.symbolic.modular.rank_search import Search
from hessrank.symbolic.modular.residue_arrays import ResidueArrays
from hessrank.symbolic.modular.specialisation import BITS, MATRICES, products
from hessrank.symbolic.ranks.rank_result import RankResult


def is_rational(run: Forward, *more: Array) -> bool:
    """Whether every number that the derivatives need, and the other arrays, are rational.

    The weights of the first layer are not needed: they may be logarithms of rationals, which make
    the activations of a tanh or sigmoid layer rational.
    """
    bent = [c for c in run.curvatures if c is not None]
    arrays = (*run.inputs, *run.weights[1:], *run.slopes, *bent, *more)
    rational = (flint.fmpq, flint.fmpz, int, Fraction)
    return all(isinstance(q, rational) for array in arrays for q in array.ravel())


def residues_at(
    run: Forward, r: Array, A: Array, p: int, wanted: Sequence[str] = MATRICES
) -> Iterator[tuple[str, Array]]:
    """(name, matrix mod p) for each wanted matrix at the point of an exact rational run.

    r (D, K) and A (D, K, K) are the loss's derivatives there, block by block. J is M×N, the others
    are N×N. F and W_1, which no derivative contains, are left out. Raises ZeroDivisionError where
    p divides a denominator: choose another prime.
    """
    modular = Forward(
        run.net,
        ResidueArrays(p),
        tuple(_residues(a, p) for a in run.inputs),
        (np.zeros(run.weights[0].shape), *(_residues(W, p) for W in run.weights[1:])),
        tuple(_residues(s, p) for s in run.slopes),
        tuple(None if c is None else _residues(c, p) for c in run.curvatures),
        np.zeros(run.outputs.shape),
    )
    yield from products(modular, _residues(r, p), _residues(A, p), wanted)


def ranks_at(
    run: Forward,
    r: Array,
    A: Array,
    upper: Mapping[str, tuple[int, str]] | None = None,
    wanted: Sequence[str] = MATRICES,
    free: Sequence[int] | None = None,
    seed: int | None = None,
) -> dict[str, RankResult]:
    """The ranks at the point of an exact rational run, by name.

    r (D, K), A (D, K, K): as in `residues_at`; upper: proved upper bounds with their reasons, for
    example those of `structure`; free: the positions in θ of the free parameters, by default all;
    seed: fixes the primes, as `chance.generator` does.
    """
    rng = generator("ranks at a point", seed)
    columns = np.arange(run.net.size) if free is None else np.array(free, dtype=np.intp)
    sizes = size_bounds.entry_heights(run, r, A)
    searches = {}
    for name in wanted:
        rows = run.outputs.size if name == "jacobian" else len(columns)
        shape = (rows, len(columns))
        size_bound = (min(shape), f"the matrix is {rows}×{len(columns)}")
        bounds = [size_bound, *([upper[name]] if upper and name in upper else [])]
        miss = partial(size_bounds.point_miss_log2, sizes[name], BITS)
        searches[name] = Search(shape, min(bounds, key=lambda b: b[0]), miss, "at this point")
    while pending := [name for name, search in searches.items() if not search.done]:
        p = random_prime(rng, BITS)
        try:
            for name, matrix in residues_at(run, r, A, p, pending):
                if free is not None:
                    kept = np.arange(len(matrix)) if name == "jacobian" else columns
                    matrix = matrix[np.ix_(kept, columns)]
                searches[name].look(matrix, p)
        except ZeroDivisionError:
            continue
    return {name: search.result() for name, search in searches.items()}


def _residues(array: Array, p: int) -> Array:
    found = []
    for q in array.ravel():
        n, d = size_bounds.ratio(q)
        if d % p == 0:
            raise ZeroDivisionError(f"{p} divides a denominator")
        found.append(n % p if d == 1 else n * pow(d, -1, p) % p)
    return residues(np.array(found, dtype=object), p).reshape(array.shape)
