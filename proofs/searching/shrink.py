"""Shrinking a counterexample: fewer parameters, fewer examples, simpler numbers and loss.

In: a question and a landscape that violates it. Out: a smaller one that still does, exactly. Moves
are tried in order; one is made where the landscape, with its labels chosen anew where they have to
be, is a counterexample of smaller size. It ends where no move is left or the time is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hessrank.proofs.counterexamples.label_space import SMALL_RESIDUALS
from hessrank.proofs.reasoning.order import heights
from hessrank.proofs.reasoning.statement import Finding
from hessrank.proofs.searching.candidates import ask, simplest
from hessrank.proofs.searching.question import Question, size, smaller
from hessrank.symbolic.budget import budget, over
from hessrank.symbolic.errors import HessrankError
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.substitution import put_in
from hessrank.symbolic.fields.field import Refine
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

#: One move is tried within so many seconds of processor time.
MOVE_SECONDS = 6.0
#: What a number is replaced by, where that is simpler.
SIMPLER = ("0", "1", "-1", "2", "1/2")
#: And for weights into units.
LOGARITHMS = ("log(2)", "log(2)/2", "log(3)", "log(3)/2")

Point = Mapping[str, Expr]


@dataclass(frozen=True)
class Move:
    """A landscape without its labels, and labels that may serve: None to choose them anew."""

    model: Model
    x: tuple[tuple[Expr, ...], ...]
    point: Point
    y: tuple[tuple[Expr, ...], ...] | None
    loss: Loss


def shrunk(question: Question, found: Finding) -> Finding:
    """The smallest counterexample that moves from `found` reach while the budget lasts."""
    if not isinstance(found.subject, Landscape) or found.subject.problem.regulariser is not None:
        return found
    found = smaller(found, simplest(question, found)) or found
    while not over():
        for move in moves(found.subject):
            better = _tried(question, move, found)
            if better is not None:
                found = better
                break
            if over():
                return found
        else:
            return found
    return found


def _tried(question: Question, move: Move, found: Finding) -> Finding | None:
    """The counterexample that a move leads to, where it is smaller than `found`."""
    best: Finding | None = None
    with budget(MOVE_SECONDS):
        try:
            if move.y is not None:
                problem = Problem(move.model, Data(list(move.x), list(move.y)), move.loss)
                made = question.ask(problem.at(move.point))
                best = None if made is None else simplest(question, made)
            if move.loss.weights is None and move.loss.name in SMALL_RESIDUALS:
                told = ask(question, move.model, move.x, move.point, (move.loss.name,))
                best = smaller(best, told.finding)
        except (HessrankError, Refine):
            pass
    return best if best is not None and size(best) < size(found) else None


def moves(here: Landscape) -> Iterator[Move]:
    """All moves from a landscape, those that save most first."""
    problem = here.problem
    model, x, y = problem.model, problem.data.x, problem.data.y
    point = dict(here.values)
    for smaller_model, theta, columns in _models(model, point):
        rows = tuple(tuple(row[j] for j in columns) for row in x)
        K = smaller_model.output_count
        kept = y if model.output_count == K else None
        yield Move(smaller_model, rows, theta, kept, problem.loss)
    for d in range(len(x) if len(x) > 1 else 0):
        rest_x, rest_y = x[:d] + x[d + 1 :], y[:d] + y[d + 1 :]
        yield Move(model, rest_x, point, rest_y, _loss(problem))
    if problem.loss.name != "half-squared":
        yield Move(model, x, point, y, Loss.named("half-squared"))
    for name, value in point.items():
        for simple in _simpler(value, SIMPLER if value.is_number else LOGARITHMS):
            yield Move(model, x, point | {name: simple}, y, problem.loss)
    for d, row in enumerate(x):
        for j, value in enumerate(row):
            for simple in _simpler(value, SIMPLER):
                changed = (*row[:j], simple, *row[j + 1 :])
                yield Move(model, (*x[:d], changed, *x[d + 1 :]), point, y, problem.loss)


def _loss(problem: Problem) -> Loss:
    """The loss with one example less: weights go with their examples, so they are dropped."""
    return Loss.named("half-squared") if problem.loss.weights is not None else problem.loss


def _simpler(value: Expr, texts: Sequence[str]) -> Iterator[Expr]:
    now = heights(value)
    for text in texts:
        made = constant(text)
        if heights(made) < now or (heights(made) == now == 1 and text == "0" and value != made):
            yield made


def _models(model: Model, point: Point) -> Iterator[tuple[Model, Point, Sequence[int]]]:
    """(model, point, the inputs that are left) with fewer parameters."""
    net = model.network
    if net is None or model.fixed:
        yield from _without_parameter(model, point)
        return
    W = [[[point[net.parameters[p]] for p in row] for row in block] for block in net.blocks]
    everything = list(range(net.widths[0]))

    def made(widths: Sequence[int], bias: bool, blocks: Any) -> tuple[Model, Point]:
        small = mlp(list(widths), net.activation, bias)
        assert small.network is not None
        theta = {
            small.network.parameters[p]: blocks[l][i][j]
            for l, block in enumerate(small.network.blocks)
            for i, row in enumerate(block)
            for j, p in enumerate(row)
        }
        return small, theta

    for l in range(1, net.depth):  # a hidden unit
        for unit in range(net.widths[l] if net.widths[l] > 1 else 0):
            blocks = [[list(row) for row in block] for block in W]
            del blocks[l - 1][unit]
            for row in blocks[l]:
                del row[unit]
            widths = [n - (k == l) for k, n in enumerate(net.widths)]
            yield (*made(widths, net.bias, blocks), everything)
    for j in range(net.widths[0] if net.widths[0] > 1 else 0):  # an input
        blocks = [[list(row) for row in block] for block in W]
        for row in blocks[0]:
            del row[j]
        widths = [net.widths[0] - 1, *net.widths[1:]]
        yield (*made(widths, net.bias, blocks), [i for i in everything if i != j])
    for k in range(net.widths[-1] if net.widths[-1] > 1 else 0):  # an output
        blocks = [[list(row) for row in block] for block in W]
        del blocks[-1][k]
        widths = [*net.widths[:-1], net.widths[-1] - 1]
        yield (*made(widths, net.bias, blocks), everything)
    if net.bias:
        yield (*made(net.widths, False, [[row[:-1] for row in block] for block in W]), everything)


def _without_parameter(model: Model, point: Point) -> Iterator[tuple[Model, Point, Sequence[int]]]:
    """A closed form with one parameter held at its value."""
    if model.tied is not None or model.forms is None or len(point) < 2:
        return
    for name in model.parameters:
        rest = [n for n in model.parameters if n != name]
        forms = tuple(put_in(list(model.forms), {name: point[name]}))
        made = Model(tuple(rest), model.inputs, forms=forms, fixed=model.fixed)
        yield made, {n: point[n] for n in rest}, list(range(len(model.inputs)))
