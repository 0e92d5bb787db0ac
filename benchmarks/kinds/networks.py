"""Networks and closed forms at exact points: J, JᵀAJ, the D²f term and H against jets in mpmath.

All activations, losses and regularisers; duplicated and unconnected units, repeated examples.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

import hessrank as hr
from kinds.outcomes import Outcome, Spec, against_digits
from kinds.textbook import FUNCTIONS, Jet, jet

KINDS = ("network", "network-decimals", "closed-form")
MATRICES = ("jacobian", "gauss_newton", "residual", "hessian")
ACTIVATIONS = (
    *("tanh", "sigmoid", "softplus", "gelu", "swish", "sin", "exp"),
    *("identity", "square", "cube", "relu", "leaky-relu"),
)
#: Losses of the outputs o of one example and its targets y, in the words of the textbook.
LOSSES = {
    "half-squared": lambda o, y: [f"({a} - {b})**2/2" for a, b in zip(o, y, strict=True)],
    "sum-of-squares": lambda o, y: [f"({a} - {b})**2" for a, b in zip(o, y, strict=True)],
    "quartic": lambda o, y: [f"({a} - {b})**4" for a, b in zip(o, y, strict=True)],
    "binary-cross-entropy": lambda o, y: [
        f"softplus({a}) - {b}*{a}" for a, b in zip(o, y, strict=True)
    ],
    "softmax-cross-entropy": lambda o, y: [
        f"log({' + '.join(f'exp({a})' for a in o)})",
        *(f"-{b}*{a}" for a, b in zip(o, y, strict=True)),
    ],
}
#: Terms in the parameters, of which the first is named {0}.
REGULARISERS = (None, None, None, "{0}**2/2", "{0}**4 - {0}", "exp({0}/2)", "l2")
FORMS = (
    (["a*tanh(u*x) + b*tanh(w*x)"], "a b u w"),
    (["a*x + b*x**2", "a*b"], "a b"),
    (["exp(a)*sin(b*x)", "a - b"], "a b"),
    (["a**3*x - b/(1 + a**2)"], "a b"),
    (["a*sigmoid(b*x) + c", "a*c*x"], "a b c"),
    (["s*t*x + t**3"], "s t"),
    (["log(2 + a**2)*x + b"], "a b"),
)


def draw(rng: random.Random, kind: str) -> Spec:
    """A problem at a point."""
    values = ["0", "1", "-1", "1/2", "2"]
    if kind == "network-decimals":
        digits = rng.choice((1, 2))
        values = ["0"] + [
            str(Fraction(rng.randint(-2 * 10**digits, 2 * 10**digits), 10**digits))
            for _ in range(8)
        ]
    D = rng.randint(1, 3)
    problem: Spec = {"kind": kind}
    if kind == "closed-form":
        outputs, names = rng.choice(FORMS)
        problem |= {"outputs": outputs, "parameters": names}
        inputs, K = 1, len(outputs)
        point = {name: rng.choice(values) for name in names.split()}
    else:
        widths = [rng.randint(1, 2), rng.randint(1, 3), rng.randint(1, 2)]
        activation, bias = rng.choice(ACTIVATIONS), rng.random() < 0.5
        if activation in ("tanh", "sigmoid") and kind == "network":
            values += ["log(2)", "log(3)/2"]
        problem |= {"widths": widths, "activation": activation, "bias": bias}
        inputs, K = widths[0], widths[2]
        net = hr.mlp(widths, activation, bias=bias)
        point = {name: rng.choice(values) for name in net.parameters}
        if rng.random() < 0.4 and widths[1] > 1:  # a duplicated unit
            for name in list(point):
                if name.startswith(("w1_2_", "b1_2")):
                    point[name] = point[name[:3] + "1" + name[4:]]
        if rng.random() < 0.2:  # a unit that enters nothing
            for name in list(point):
                if name.startswith("w2_") and name.endswith("_1"):
                    point[name] = "0"
    x = [[str(rng.randint(-2, 2)) for _ in range(inputs)] for _ in range(D)]
    if D > 1 and rng.random() < 0.3:
        x[1] = list(x[0])
    loss = rng.choice([n for n in LOSSES if K == 2 or n != "softmax-cross-entropy"])
    targets = {"softmax-cross-entropy": [["1", "0"], ["0", "1"], ["1/3", "2/3"]]}.get(loss)
    if targets is None:
        pool = ["0", "1", "1/2"] if loss == "binary-cross-entropy" else ["0", "1", "-1", "1/2"]
        y = [[rng.choice(pool) for _ in range(K)] for _ in range(D)]
    else:
        y = [rng.choice(targets) for _ in range(D)]
    return problem | {
        "x": x,
        "y": y,
        "loss": loss,
        "regulariser": _regulariser(rng.choice(REGULARISERS), list(point)),
        "point": point,
    }


def _regulariser(text: str | None, names: list[str]) -> str | None:
    if text == "l2":
        return " + ".join(f"{name}**2" for name in names)
    return text and text.format(names[0])


def landscape(problem: Spec) -> hr.Landscape:
    """The problem through hessrank's public names."""
    if "outputs" in problem:
        model = hr.Model.from_expressions(problem["outputs"], problem["parameters"], "x")
    else:
        model = hr.mlp(problem["widths"], problem["activation"], bias=problem["bias"])
    data = hr.Data(problem["x"], problem["y"])
    whole = hr.Problem(model, data, problem["loss"], regulariser=problem["regulariser"])
    return whole.at(problem["point"])


def textbook(problem: Spec) -> dict[str, Any]:
    """J, JᵀAJ, the D²f term and H at the working precision, by the jets of outputs and loss."""
    names = list(problem["point"])
    n = len(names)
    theta = {
        name: Jet.variable(jet(text, {}, 0).value, i, n)
        for i, (name, text) in enumerate(problem["point"].items())
    }
    J, total = [], Jet.constant(0, n)
    gauss_newton = np.full((n, n), mpmath.mpf(0))
    for x, y in zip(problem["x"], problem["y"], strict=True):
        F = _outputs(problem, theta, x, n)
        J += [f.gradient for f in F]
        K = len(F)
        o = [f"o{k}" for k in range(K)]
        parts = LOSSES[problem["loss"]](o, [f"({v})" for v in y])
        total = sum((jet(p, dict(zip(o, F, strict=True)), n) for p in parts), start=total)
        free = {
            name: Jet.variable(f.value, k, K) for k, (name, f) in enumerate(zip(o, F, strict=True))
        }
        A = sum((jet(p, free, K) for p in parts), start=Jet.constant(0, K)).hessian
        rows = np.array([f.gradient for f in F], dtype=object)
        gauss_newton = gauss_newton + rows.T @ A @ rows
    residual = total.hessian - gauss_newton
    H = total.hessian
    if problem["regulariser"]:
        H = H + jet(problem["regulariser"], theta, n).hessian
    known = (np.array(J), gauss_newton, residual, H)
    return dict(zip(MATRICES, known, strict=True))


def _outputs(problem: Spec, theta: dict[str, Jet], x: list[str], n: int) -> list[Jet]:
    if "outputs" in problem:
        names = {**theta, "x": Jet.constant(jet(x[0], {}, 0).value, n)}
        return [jet(text, names, n) for text in problem["outputs"]]
    a = [Jet.constant(jet(v, {}, 0).value, n) for v in x]
    last = len(problem["widths"]) - 1
    for l in range(1, last + 1):
        z = []
        for i in range(1, problem["widths"][l] + 1):
            start = theta[f"b{l}_{i}"] if problem["bias"] else Jet.constant(0, n)
            terms = (theta[f"w{l}_{i}_{j}"] * v for j, v in enumerate(a, 1))
            z.append(sum(terms, start=start))
        a = z if l == last else [v.apply(FUNCTIONS[problem["activation"]]) for v in z]
    return a


def run(problem: Spec) -> list[Outcome]:
    """The four ranks of the problem."""
    here = landscape(problem)
    outcomes = []
    known: dict[int, dict[str, Any]] = {}
    for name in MATRICES:
        found = here.rank(name)

        def at(digits: int, name: str = name) -> Any:
            if digits not in known:
                known[digits] = textbook(problem)
            return known[digits][name].tolist()

        outcomes.append(Outcome(found.status, against_digits(f"{name}, jets", found, at)))
    return outcomes
