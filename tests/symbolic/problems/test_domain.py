"""Where F or L has no value, nothing that is made of its derivatives is handed out.

The expected outcomes come from the real functions themselves: log is defined on the positive
numbers, 1/x away from 0, tan away from π/2 + πZ, √x on the nonnegative numbers; step and sign jump
at 0. That derivatives exist there (1/o at o = −2/3) is the trap.
"""

import pytest

import hessrank as hr
from hessrank.symbolic.errors import DomainError, InputError, KinkError
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.problems.domain import may_fail

OF_L = ["loss_gradient", "loss_hessian", "gauss_newton", "residual", "hessian", "gradient"]


def at(
    outputs, point, x=((1,),), y=((0,),), loss="half-squared", regulariser=None, side=0, fixed=()
):
    model = hr.Model.from_expressions(outputs, [*point, *dict(fixed)], "x", fixed=dict(fixed))
    return hr.Problem(model, hr.Data(x, y), loss, regulariser).at(point, side)


LOSS = {
    "log of a negative output": (
        lambda: at(["w*x", "3*w*x+4"], {"w": "-2/3"}, y=[["1/2", "1/2"]], loss="cross-entropy"),
        "loss at example 1: log(o1) has no value, for o1 = -2/3",
    ),
    "log at 0": (lambda: at("w*x", {"w": 0}, loss="log(o)*o**2"), "example 1: log(o1)"),
    "in a text": (lambda: at("w*x", {"w": -1}, loss="-log(o)-o"), "o1 = -1"),
    "the second example": (
        lambda: at("w*x", {"w": 1}, x=[[1], [-2]], y=[[0], [0]], loss="o-log(o)"),
        "loss at example 2: log(o1) has no value, for o1 = -2",
    ),
    "a sign": (lambda: at("w*x", {"w": 0}, loss="sign(o)+o**2"), "sign(o1)"),
    "a step at the target": (
        lambda: at("w*x", {"w": 5}, y=[[5]], loss="step(o-y)+(o-y)**2"),
        "jump",
    ),
    "a step, whatever the side": (
        lambda: at("w*x", {"w": 0}, loss="step(o-y)+(o-y)**2", side="right"),
        "jump",
    ),
    "a pole behind a transcendental": (
        lambda: at("w*x", {"w": "log(2)"}, loss="1/(exp(o)-2)"),
        "exp(o1) - 2 = 0",
    ),
    "a root": (lambda: at("w*x", {"w": -1}, loss="sqrt(o)+o**2"), "o1 = -1"),
    "the edge of a root": (
        lambda: at("w*x", {"w": 0}, loss="o**(5/2) + o - o**2"),
        "loss at example 1: o1**(5/2) has no value, for o1 = 0: its domain ends there",
    ),
    "a target of 0 times a pole": (lambda: at("w*x", {"w": 0}, loss="y/o + (o-y)**2"), "o1 = 0"),
    "a target of 0 times a logarithm": (
        lambda: at("w*x", {"w": -1}, loss="(o-y)**2 - y*log(o)"),
        "log(o1) has no value, for o1 = -1",
    ),
    "a difference of targets times a root": (
        lambda: at("w*x", {"w": -1}, y=[[1]], loss="(y-1)*sqrt(o) + o**2"),
        "o1 = -1",
    ),
    "a target of 0 times a jump": (
        lambda: at("w*x", {"w": 0}, loss="y*step(o) + (o-y)**2"),
        "jump",
    ),
    "a regulariser at its edge": (lambda: at("w*x", {"w": 1}, regulariser="(w-1)**(7/2)"), "ends"),
    "a regulariser": (lambda: at("w*x", {"w": -1}, regulariser="-log(w)-w"), "the regulariser"),
    "a regulariser that jumps": (lambda: at("w*x", {"w": 0}, regulariser="sign(w)"), "regulariser"),
    "a regulariser with a root": (lambda: at("w*x", {"w": -1}, regulariser="sqrt(w)**3"), "w = -1"),
}


@pytest.mark.parametrize("name", LOSS)
def test_where_only_the_loss_has_no_value_the_rank_of_j_stays(name):
    build, message = LOSS[name]
    assert int(build().rank("jacobian")) == 1
    for matrix in OF_L:
        with pytest.raises(DomainError) as caught:
            getattr(build(), matrix)
        assert message in str(caught.value)
    for question in (
        lambda h: h.rank("hessian"),
        lambda h: h.minimum(),
        lambda h: h.verdict(),
    ):
        with pytest.raises(DomainError):
            question(build())


MODEL = {
    "log": (lambda: at("log(w*x)", {"w": -1}), "output 1 at example 1: log(w*x)"),
    "step": (lambda: at("step(w*x)", {"w": 0}), "step(w*x) has no value, for w*x = 0"),
    "step at a side": (lambda: at("w + step(w*x)", {"w": 0}, side="left"), "jump"),
    "sign of the second output": (
        lambda: at(["w", "sign(w-x)"], {"w": 1}, y=[[0, 0]]),
        "output 2 at example 1",
    ),
    "tan": (lambda: at("w*tan(pi*x)", {"w": 0}, x=[["1/2"]]), "tan(pi*x)"),
    "the edge of a root": (lambda: at("(w*x)**(5/2)", {"w": 0}), "its domain ends there"),
    "root": (lambda: at("sqrt(w*x)**3", {"w": -2}), "w*x = -2"),
    "the second example": (lambda: at("log(w*x)", {"w": 1}, x=[[1], [-1]], y=[[0], [0]]), "exam"),
    "a fixed 0 times a logarithm": (
        lambda: at("a*log(w) + x", {"w": -1}, fixed={"a": 0}),
        "log(w) has no value, for w = -1",
    ),
    "a fixed 0 over a pole": (lambda: at("a/w + w*x", {"w": 0}, fixed={"a": 0}), "w = 0"),
    "an input 0 over a pole": (lambda: at("x/w + w", {"w": 0}, x=[[0]]), "w = 0"),
    "a fixed difference 0 times a root": (
        lambda: at("(a-b)*sqrt(w) + w", {"w": -1}, fixed={"a": 2, "b": 2}),
        "w = -1",
    ),
}


@pytest.mark.parametrize("name", MODEL)
def test_where_the_outputs_have_no_value_everything_is_refused(name):
    build, message = MODEL[name]
    for matrix in ("outputs", "jacobian", *OF_L):
        with pytest.raises(DomainError) as caught:
            getattr(build(), matrix)
        assert message in str(caught.value)
    for rank in ("jacobian", "hessian"):
        with pytest.raises(DomainError):
            build().rank(rank)
    with pytest.raises(DomainError):
        build().second_derivative(0)


def test_inside_the_domain_nothing_changes():
    assert int(at("w*x", {"w": 1}, loss="o-log(o)").rank("hessian")) == 1
    assert at("w*x", {"w": 1}, loss="o-log(o)").minimum().kind == "global minimum"
    assert int(at("w*x", {"w": -1}, loss="sign(o)+o**2").rank("hessian")) == 1
    assert int(at("relu(w*x)", {"w": 0}, side="right").rank("jacobian")) == 1
    assert int(at("w + x**(5/2)", {"w": 0}, x=[[0]]).rank("jacobian")) == 1
    assert int(at("w + (w**2)**(5/2)", {"w": 0}).rank("jacobian")) == 1
    soft = at(["w*x", "-w*x"], {"w": 0}, y=[["1/2", "1/2"]], loss="softmax-cross-entropy")
    assert soft.minimum().kind == "global minimum"


#: L has a value, and the formula of a derivative none: (closed form, rank J or None, kind or None).
KINKS = {
    "a square under a root, twice differentiable": ("(w*w)**(4/3)", 0, "global minimum"),
    "once differentiable": ("1 - (w*w)**(2/3)", None, None),
    "a sum of squares": ("(w**2 + w**4)**(1/3)", None, "global minimum"),
    "a norm": ("sqrt(w**2 + 4*w**2)", None, "global minimum"),
    "a root of relu": ("relu(w)**(2/3)", None, "global minimum"),
    "a root of abs": ("abs(w)**(1/2)", None, "global minimum"),
    "a root of a power of relu": ("(relu(w)**3)**(1/2)", None, "global minimum"),
    "a smooth product": ("w*sqrt(w**2)", None, None),
}


@pytest.mark.parametrize("name", KINKS)
def test_a_derivative_without_a_value_is_a_kink_where_the_outputs_have_one(name):
    form, rank, kind = KINKS[name]
    here = at(f"{form} + 0*x", {"w": 0}, y=[[-1]], loss="o")
    assert str(here.outputs[0, 0]) == ("1" if form.startswith("1") else "0")
    with pytest.raises(KinkError, match=r"example 1: .*in a derivative"):
        here.rank("hessian")
    if rank is None:
        with pytest.raises(KinkError, match=r"example 1: .*in a derivative"):
            here.rank("jacobian")
    else:
        assert int(here.rank("jacobian")) == rank
    if kind is None:
        with pytest.raises(KinkError):
            here.minimum()
    else:
        assert here.minimum().kind == kind


@pytest.mark.parametrize("e", ["4/3", "2/3", "1/2"])
def test_a_loss_or_regulariser_without_derivatives_has_a_kink(e):
    of_loss = at("w*x", {"w": 0}, loss=f"(o*o)**({e})")
    penalised = at("w*x", {"w": 0}, regulariser=f"(w*w)**({e})")
    for here, place in ((of_loss, "the loss at example 1"), (penalised, "the regulariser")):
        assert int(here.rank("jacobian")) == 1
        with pytest.raises(KinkError, match=rf"{place}: .*in a derivative"):
            here.rank("hessian")
        assert here.minimum().kind == "global minimum"


def test_outside_of_the_domain_no_derivative_makes_a_kink():
    """t^(5/2) has derivatives up to the second at 0, and no neighbours for t < 0."""
    for form in ("w**(5/2)", "w**(3/2)", "(-w*w)**(4/3)", "log(w)*w**3"):
        with pytest.raises(DomainError) as caught:
            at(f"{form} + 0*x", {"w": 0}).rank("hessian")
        assert not isinstance(caught.value, KinkError)


@pytest.mark.parametrize("form", ["relu(w)*w - 1", "2*max(w**2, -w**3) - w**4", "-abs(w)**(5/2)"])
def test_a_kink_that_minimum_leaves_open_names_the_example(form):
    with pytest.raises(KinkError, match="example 1: "):
        at(f"{form} + 0*x", {"w": 0}, loss="o").minimum()


def test_a_jump_is_a_kink_and_outside_the_domain():
    with pytest.raises(KinkError):
        assert at("step(w*x)", {"w": 0}).jacobian
    with pytest.raises(InputError):
        assert at("step(w*x)", {"w": 0}).jacobian


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("log(1 + a**2) + log(exp(a) + b**2) + sqrt(a**2)", []),
        ("log(a*a)", ["log(a*a)"]),
        ("1/(1 + abs(a)) + 1/cosh(b)", []),
        ("sqrt(a) + a**(-2)", ["a**(1/2)", "a**(-2)"]),
        ("tan(a) + sign(b)", ["tan(a)", "sign(b)"]),
        ("log(a + exp(b))", ["log(a + exp(b))"]),
        ("log(log(1 + exp(a)))", ["log(log(exp(a) + 1))"]),
    ],
)
def test_what_may_fail_is_seen(text, nodes):
    assert [str(n) for n in may_fail([parse(text, {"a", "b"})])] == nodes


def test_the_command_says_it_in_one_line(tmp_path, capsys):
    from hessrank.__main__ import main

    spec = tmp_path / "s.toml"
    spec.write_text(
        "model = {outputs = ['w*x', '3*w*x+4'], parameters = 'w', inputs = 'x'}\n"
        "data = {x = [[1]], y = [['1/2', '1/2']]}\nloss = {kind = 'cross-entropy'}\n"
        "point = {w = '-2/3'}\n"
    )
    assert main(["rank", str(spec)]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1
    for part in ("s.toml: point", "loss", "example 1", "-2/3"):
        assert part in printed.err


@pytest.mark.parametrize(
    ("outputs", "loss", "w", "of_F"),
    [
        ("w*x", "log(o) + o**2", -1, True),
        ("w*x", "(o - y)**2 + 1/o", 0, True),
        ("w*x", "sqrt(o)*o", "-1/2", True),
        ("log(w*x)", "o**2", -1, False),
    ],
)
def test_nothing_is_measured_where_there_is_no_value(outputs, loss, w, of_F) -> None:
    """F = w exists at w = −1 and has the derivative 1, L does not; log(w) exists at neither."""
    model = hr.Model.from_expressions([outputs], "w", "x")
    here = hr.Problem(model, hr.Data([1], [0]), hr.Loss.from_expression(loss)).at({"w": w})
    assert "has no value" in here.numeric_rank("hessian").reason
    assert "has no value" in here.numeric_rank("gauss_newton").reason
    J = here.numeric_rank("jacobian")
    assert J.rank == 1 if of_F else "has no value" in J.reason
