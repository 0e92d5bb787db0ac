"""Verify a claim: at a local minimum, rank H = rank J.

A duplicated tanh neuron that fits its data exactly, with log(3)/2 as its weight: every tanh is
rational there, so that the ranks are decided and not guessed.
"""

import hessrank as hr

net = hr.Model.from_expressions(
    outputs=["a*tanh(u*x) + b*tanh(w*x)"], parameters="a b u w", inputs="x"
)
data = hr.Data(x=[[1], [2], [3]], y=[["3/2"], ["12/5"], ["39/14"]])
problem = hr.Problem(net, data, loss="half-squared")
here = problem.at({"a": 1, "b": 2, "u": "log(3)/2", "w": "log(3)/2"})

print("J =", here.jacobian)
for name in ("jacobian", "gauss_newton", "residual", "hessian"):
    print(f"rank {name}: {here.rank(name)}")

found = hr.verdict(here)
print("rank H = rank J:", found.rank_equality.truth.value)
print(found.explanation)
