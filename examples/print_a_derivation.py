"""Print a derivation: J, r, A and both terms of H for symbolic parameters, as LaTeX."""

import hessrank as hr

net = hr.Model.from_expressions(outputs=["v*tanh(w*x)"], parameters="v w", inputs="x")
problem = hr.Problem(net, hr.Data(x=[[1], [2]], y=[[0], [1]]), loss="half-squared")
print(hr.derive(problem).latex())
