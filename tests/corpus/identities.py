"""Numbers that are equal though nothing in their notation says so, and numbers that are not."""

from __future__ import annotations

from corpus.entry import Entry


def equal(name, a, b, source, fooled=()):
    """Rank 1 where a = b."""
    return Entry(name, [[a, b], [1, 1]], 1, source, fooled)


def unequal(name, a, b, source, fooled=("numpy",)):
    """Rank 2 where a ≠ b, though double precision takes them for equal."""
    return Entry(name, [[a, b], [1, 1]], 2, source, fooled)


S, D, W = "sympy", "domain-matrix", "structural"

ENTRIES = [
    Entry(
        "tanh w and tanh 2w",
        [["tanh(2)*(1 + tanh(1)**2)", "2*tanh(1)"], [1, 1]],
        1,
        "A&S 4.5.33",
        (S, D, W),
    ),
    equal("sin² + cos²", "sin(1)**2 + cos(1)**2", 1, "A&S 4.3.10", (D, W)),
    equal("sin 2", "sin(2)", "2*sin(1)*cos(1)", "A&S 4.3.24", (W,)),
    equal("cos 3", "cos(3)", "4*cos(1)**3 - 3*cos(1)", "A&S 4.3.28", (W,)),
    equal("cosh² − sinh²", "cosh(1)**2", "1 + sinh(1)**2", "A&S 4.5.16", (D, W)),
    equal("sech² by tanh²", "1 - tanh(1)**2", "1/cosh(1)**2", "A&S 4.5.17", (W,)),
    equal("half angle of tan", "tan(1/2)*sin(1)", "1 - cos(1)", "A&S 4.3.22", (S, D, W)),
    equal("tan 2", "tan(2)*(1 - tan(1)**2)", "2*tan(1)", "A&S 4.3.26", (S, D, W)),
    equal("log 6", "log(6)", "log(2) + log(3)", "A&S 4.1.6", (W,)),
    Entry(
        "log 2, log 3, log 4, log 9",
        [["log(2)", "log(3)"], ["log(4)", "log(9)"]],
        1,
        "log x² = 2 log x",
        (W,),
    ),
    equal("log₂ 8", "log(8)", "3*log(2)", "A&S 4.1.8", (W,)),
    Entry(
        "logarithms of 12, 18, 24",
        [
            ["log(12)", "log(18)", "log(24)"],
            ["2*log(2)", "log(2)", "3*log(2)"],
            ["log(3)", "2*log(3)", "log(3)"],
        ],
        2,
        "12 = 2²·3, 18 = 2·3², 24 = 2³·3: row 1 = row 2 + row 3",
        (W,),
    ),
    equal("log of a sum", "log(exp(2) - 1)", "log(exp(1) - 1) + log(exp(1) + 1)", "x² − 1", (W,)),
    equal("softplus", "softplus(1)", "1 + softplus(-1)", "log(1+e^z) = z + log(1+e^−z)", (W,)),
    equal("sigmoid by tanh", "2*sigmoid(1)", "1 + tanh(1/2)", "σ(z) = (1 + tanh(z/2))/2", (W,)),
    equal("tanh of a logarithm", "tanh(log(3)/2)", "1/2", "e^(log 3) = 3", (D, W)),
    Entry(
        "addition theorem",
        [
            ["sin(3)", "sin(1)", "cos(1)"],
            ["cos(3)", "cos(1)", "-sin(1)"],
            ["sin(4)", "sin(2)", "cos(2)"],
        ],
        2,
        "sin(a+2) and cos(a+2) are the same combination of sin a, cos a",
        (D, W),
    ),
    Entry(
        "Gram matrix of two unit vectors",
        [[1, "cos(1)", "cos(2)"], ["cos(1)", 1, "cos(1)"], ["cos(2)", "cos(1)", 1]],
        2,
        "inner products of three unit vectors of the plane at angles 0, 1, 2",
        (D, W),
    ),
    # nested radicals
    equal("√(5 + 2√6)", "sqrt(5 + 2*sqrt(6))", "sqrt(2) + sqrt(3)", "(√2 + √3)² = 5 + 2√6", (W,)),
    equal("√(3 + 2√2)", "sqrt(3 + 2*sqrt(2))", "1 + sqrt(2)", "(1 + √2)² = 3 + 2√2", (W,)),
    equal("∛(2 + √5)", "(2 + sqrt(5))**(1/3)", "(1 + sqrt(5))/2", "φ³ = 2 + √5", (W,)),
    equal(
        "∛(∛2 − 1)",
        "(2**(1/3) - 1)**(1/3)",
        "(1/9)**(1/3) - (2/9)**(1/3) + (4/9)**(1/3)",
        "Ramanujan 1913",
        (W,),
    ),
    equal(
        "Shanks' radicals",
        "sqrt(11 + 2*sqrt(29)) + sqrt(16 - 2*sqrt(29) + 2*sqrt(55 - 10*sqrt(29)))",
        "sqrt(5) + sqrt(22 + 2*sqrt(5))",
        "Shanks 1974",
        (W,),
    ),
    equal(
        "⁴√(7 + 4√3)",
        "(7 + 4*sqrt(3))**(1/4)",
        "(sqrt(6) + sqrt(2))/2",
        "((√6 + √2)/2)⁴ = 7 + 4√3",
        (W,),
    ),
    equal(
        "roots over e", "sqrt(exp(1) + 1)*sqrt(exp(1) - 1)", "sqrt(exp(2) - 1)", "√x√y = √xy", (W,)
    ),
    equal(
        "exp of equal radicals",
        "exp(sqrt(5 + 2*sqrt(6)))",
        "exp(sqrt(2))*exp(sqrt(3))",
        "√(5 + 2√6) = √2 + √3",
        (W,),
    ),
    # angles
    equal(
        "Morrie's law",
        "cos(pi/7)*cos(2*pi/7)*cos(4*pi/7)",
        "-1/8",
        "sin 8x = 8 sin x cos x cos 2x cos 4x",
        (W,),
    ),
    equal("IMO 1963", "cos(pi/7) - cos(2*pi/7) + cos(3*pi/7)", "1/2", "IMO 1963, problem 5", (W,)),
    equal("tan 3π/11", "tan(3*pi/11) + 4*sin(2*pi/11)", "sqrt(11)", "Gauss sum of order 11", (W,)),
    equal(
        "product of sines",
        "sin(pi/9)*sin(2*pi/9)*sin(4*pi/9)",
        "sqrt(3)/8",
        "Π 2 sin(kπ/9) = 3",
        (W,),
    ),
    # not equal
    unequal(
        "Hermite's number",
        "exp(pi*sqrt(163))",
        262537412640768744,
        "Hermite 1859: they differ by 7.5·10⁻¹³, relatively 3·10⁻³⁰",
    ),
    unequal("its logarithm", "log(262537412640768744)", "pi*sqrt(163)", "Hermite 1859"),
    unequal("π from 640320", "log(640320**3 + 744)", "pi*sqrt(163)", "Ramanujan 1914"),
    unequal(
        "exp(π√652)",
        "exp(pi*sqrt(652))",
        68925893036109279891085639286943768,
        "Weisstein, Almost Integer: they differ by 1.6·10⁻¹⁰",
    ),
    unequal("exp(π√67)", "exp(pi*sqrt(67))", 5280**3 + 744, "Heegner numbers: they differ by 10⁻⁶"),
    unequal("a difference of square roots", "sqrt(10**40 + 1)", 10**20, "10⁴⁰ + 1 is no square"),
    unequal(
        "eighth difference of √",
        "sqrt(10**6) + 28*sqrt(10**6 + 2) + 70*sqrt(10**6 + 4) + 28*sqrt(10**6 + 6)"
        " + sqrt(10**6 + 8)",
        "8*sqrt(10**6 + 1) + 56*sqrt(10**6 + 3) + 56*sqrt(10**6 + 5) + 8*sqrt(10**6 + 7)",
        "Besicovitch 1940: roots of distinct squarefree numbers are independent",
    ),
    unequal("tanh of 30", "tanh(30)", 1, "tanh is irrational at rational z ≠ 0 (Lindemann)"),
    unequal("softplus of 50", "softplus(50)", 50, "log(1 + e⁵⁰) > 50"),
    unequal("sigmoid of 40", "sigmoid(40)", 1, "σ < 1"),
    unequal("cos of 10⁻⁹", "cos(1/10**9)", 1, "cos z < 1 for 0 < z < 1"),
    unequal("erf of 7", "erf(7)", 1, "erf < 1"),
    unequal("sin of a tiny angle", "sin(1/10**6)", "1/10**6 - 1/(6*10**18)", "the series goes on"),
    Entry(
        "a nearly linear tanh unit",
        [[f"tanh({x}/10**3)", f"{x}*(1 - tanh({x}/10**3)**2)", x] for x in (1, 2, 3)],
        3,
        "mpmath with 60 digits: the smallest singular value is 10⁻¹², not 0",
        ("gram",),
    ),
    Entry(
        "tanh units in saturation",
        [["tanh(20)", "tanh(21)"], ["tanh(40)", "tanh(42)"]],
        2,
        "Lindemann–Weierstrass: tanh 20·tanh 42 ≠ tanh 21·tanh 40 as functions of e²",
        ("numpy",),
    ),
]
