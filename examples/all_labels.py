"""All labels at once: at this θ, is there any y that makes it a minimum with rank H ≠ rank J?

First two duplicated tanh units on three examples, N = 4 > M = 3: one residual keeps θ critical, and
a linear matrix inequality decides for every y together. Then the same weights with relu: a theorem
(T16) answers for every y.

    python examples/all_labels.py
"""

import hessrank as hr

x = [[1], [2], [3]]
point = {"w1_1_1": "log(2)", "w1_2_1": "log(2)", "w2_1_1": 1, "w2_1_2": 1}
for activation in ("tanh", "relu"):
    net = hr.mlp([1, 2, 1], activation, bias=False)
    found = hr.labels(net, x, point)
    print(f"{activation}: rank J = {int(found.rank_jacobian)}")
    for name, asked in (("rank H > rank J", found.more), ("rank H < rank J", found.fewer)):
        print(f"  {name}: {asked.exists.value}: {asked.why}")
        if asked.labels is None:
            continue
        print("    with y =", ", ".join(str(row[0]) for row in asked.labels))
        here = hr.Problem(net, hr.Data(x, asked.labels), "half-squared").at(point)  # asked anew
        ranks = int(here.rank("hessian")), int(here.rank("jacobian"))
        print(f"    {here.minimum().kind}, rank H = {ranks[0]}, rank J = {ranks[1]}")
        assert here.minimum().local.truth is hr.Truth.TRUE and ranks[0] != ranks[1]
