"""Spec files: a problem and a point as TOML, read exactly.

In: the path of a spec file, or its text. Out: a `Spec`. Numbers are exact: 0.1 is 1/10, and text
such as "log(3)/2" is read by the whitelisting parser. Every mistake is a `SpecError` of one line,
`FILE: key: what was expected`. docs/spec.md is the reference of the format; text becomes tables in
`toml`, tables become objects in `reader`, and `writer` goes the other way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hessrank import gallery
from hessrank.specs import reader, toml
from hessrank.specs.places import located, named, under
from hessrank.specs.toml import table
from hessrank.symbolic.brief import Brief
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.parsing import nearest
from hessrank.symbolic.problems.landscape import Problem

if TYPE_CHECKING:
    from hessrank.symbolic.problems.landscape import Landscape

TOP = ("id", "title", "shows", "side", "model", "data", "loss", "regulariser", "point")
#: What claims may speak of besides the landscape.
ABOUT = ("layer", "split")


@dataclass(frozen=True, repr=False)
class Spec(Brief):
    """A spec file that was read: `source` names it in messages, `id` in reports.

    `point` has a value for each parameter, or is None where the file gives none; `side` says
    which piece counts at a kink. What claims may speak of besides: `layer`, a hidden layer by its
    number or by the closed forms of its activations; `split`, the parameters of the first of two
    modules; `test`, inputs off the data.
    """

    source: str
    id: str
    title: str
    shows: str
    problem: Problem
    point: Mapping[str, Expr] | None
    side: str | int
    layer: int | tuple[Expr, ...] | None = None
    split: tuple[str, ...] = ()
    test: tuple[tuple[Expr, ...], ...] = ()

    @property
    def about(self) -> dict[str, Any]:
        """layer, split and test, as `claims_on` and `dumps` take them.

        >>> read_spec("X2").about
        {'layer': None, 'split': (), 'test': ()}
        """
        return {"layer": self.layer, "split": self.split, "test": self.test}

    def landscape(self) -> Landscape:
        """The problem at the point. Raises SpecError where the spec gives none."""
        with self.located():
            if self.point is None:
                raise InputError("expected a value for each parameter")
            return self.problem.at(self.point, side=self.side)

    @contextmanager
    def located(self) -> Iterator[None]:
        """An InputError inside becomes a SpecError at `point`: what lies on a kink or outside the
        domain shows itself only when the matrices are evaluated."""
        with located(self.source), under("point", ("model", "data", "loss", "regulariser")):
            yield


def read_spec(path: str | Path) -> Spec:
    """The spec in the file at `path`, or the gallery's entry of that id where no such file is.

    >>> read_spec("X2").title
    '(θ, θ²) with target (0, 1/2): L = θ⁴ + 1/4'
    """
    file = Path(path)
    if str(path) in gallery.ids() and not file.exists():
        file = gallery.path(str(path))
    with located(str(path)):
        if str(path).replace("-", "").isalnum() and not file.exists():
            known = nearest(str(path), gallery.ids())
            raise InputError(f"no such file, and no entry of the gallery{known}")
        return loads(toml.read(file), str(path))


def loads(text: str, name: str) -> Spec:
    """The spec that `text` describes; `name` stands for the file in messages.

    >>> loads("[model]\\noutputs = ['__import__(\\"os\\")']\\nparameters = 'a'", "s.toml")
    Traceback (most recent call last):
        ...
    hessrank.specs.places.SpecError: s.toml: data: expected, but not there
    """
    with located(name):
        raw = table(toml.loads(text), "", (*TOP, *ABOUT), required=("model", "data", "loss"))
        model = reader.model_of(table(raw["model"], "model", reader.MODEL))
        data = reader.data_of(table(raw["data"], "data", reader.DATA, required=("y",)), model)
        loss = reader.loss_of(raw["loss"])
        penalty = reader.regulariser_of(raw["regulariser"], model) if "regulariser" in raw else None
        with named("loss"):
            problem = Problem(model, data, loss, regulariser=penalty)
        point = reader.read_point(raw["point"], model, name) if "point" in raw else None
        return Spec(
            source=name,
            id=reader.text_of(raw, "id", Path(name).stem),
            title=reader.text_of(raw, "title", ""),
            shows=reader.text_of(raw, "shows", ""),
            problem=problem,
            point=point,
            side=reader.side_of(raw),
            layer=reader.layer_of(raw["layer"], model) if "layer" in raw else None,
            split=reader.split_of(raw["split"], model) if "split" in raw else (),
            test=reader.test_of(raw["data"], model),
        )
