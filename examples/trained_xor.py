"""From training to a theorem: XOR with a tanh net of nine parameters.

Training ends at floats beside an exact fit. `hr.fit` trains, `nearby` proves that the fit is there,
and says what the ranks of J and H are at that exact point.

    python examples/trained_xor.py
"""

import hessrank as hr

net = hr.mlp([2, 2, 1], activation="tanh")
xor = hr.Problem(net, hr.Data([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]))

run = hr.fit(xor, seed=0)
print(f"training ends at L = {run.loss:.1e}, ‖∇L‖ = {run.gradient_norm:.1e}")

at_the_floats = run.here.rank("hessian")
print(f"at the floats themselves rank H = {at_the_floats.lower}: an accident of rounding")

near = run.nearby
print(f"within {near.distance} lies an exact {near.kind}: {near.why}")
print(f"there rank J = {int(near.rank_jacobian)} and rank H = {int(near.rank_hessian)}")
print(f"rank H = rank J: {near.rank_equality.truth.value}; {near.point}")
print(f"the fits around it form a manifold of dimension {near.fibre_dimension}")
