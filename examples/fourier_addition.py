"""The Fourier net for addition modulo p: certified ranks at a point of a cyclotomic field.

A net with 2p inputs (two one-hot numbers), 2p − 1 squares and p outputs adds modulo p exactly: its
weights are cos and sin of multiples of 2π/p (Gromov, "Grokking modular arithmetic", 2023). The fit
is perfect, so that rank H = rank J (T4), and rank J is decided over Q(2cos(2π/4p)): 6p² − 10p + 5
for p = 5, 7, 11. From it follows λ ≥ rank J / 2 for the learning coefficient λ (T7).

    python examples/fourier_addition.py [p ...]     (p = 11 takes some ten seconds)
"""

import sys
import time

import hessrank as hr


def fourier_net(p):
    """The problem at its Fourier solution, p odd.

    One unit has the constant weight 1/2; each frequency k has four, with inputs (x, y) and outputs
    v: 2·cos a·cos b − 2·sin a·sin b and its like come from squares of sums.
    """
    turns = [(f"cos({2 * n}*pi/{p})", f"sin({2 * n}*pi/{p})") for n in range(p)]
    cos, sin = [c for c, _ in turns], [s for _, s in turns]
    half = range(1, (p - 1) // 2 + 1)

    def constant(c):  # cancels what the squares leave over
        return " - ".join(["1"] + [f"2*({cos[k * c % p]} + {sin[k * c % p]})" for k in half])

    units = [(["1/2"] * p, ["1/2"] * p, [f"({constant(c)})/{p}" for c in range(p)])]
    for k in half:
        co, si = [cos[k * a % p] for a in range(p)], [sin[k * a % p] for a in range(p)]
        minus = [f"-{s}" for s in si]
        for x, y, v in ((co, co, co), (si, minus, co), (si, co, si), (co, si, si)):
            units.append((x, y, [f"{value}/{p}" for value in v]))

    def one_hot(a):
        return [int(i == a) for i in range(p)]

    pairs = [(a, b) for a in range(p) for b in range(p)]
    data = hr.Data(
        [one_hot(a) + one_hot(b) for a, b in pairs], [one_hot((a + b) % p) for a, b in pairs]
    )
    net = hr.mlp([2 * p, 2 * p - 1, p], activation="square", bias=False)
    inner = [x + y for x, y, _ in units]
    outer = [[v[c] for _, _, v in units] for c in range(p)]
    return hr.Problem(net, data).at({"W1": inner, "W2": outer})


for p in [int(word) for word in sys.argv[1:]] or [5, 7]:
    start = time.perf_counter()
    here = fourier_net(p)
    J, H = here.rank("jacobian"), here.rank("hessian")
    fit = "r = 0" if int(hr.rank(here.loss_gradient)) == 0 else "r is not 0"
    print(f"p = {p}: N = {here.problem.N}, M = {here.problem.M}, {fit}")
    print(f"  rank J = {J.shown} ({J.status}), rank H = {H.shown} ({H.status})")
    print(f"  6p^2 - 10p + 5 = {6 * p * p - 10 * p + 5}")
    print(f"  rank H = rank J: {hr.check('rank-equality', here).outcome.value}")
    print(
        f"  learning coefficient >= rank J / 2 = {J.lower / 2}; {time.perf_counter() - start:.1f} s"
    )
