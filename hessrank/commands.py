"""The commands: read, compute, print; each returns the exit status.

In: parsed arguments. Out: standard output, files where asked for, and a status. All input is read
before anything is computed, and everything is computed before anything is printed, so that a
mistake leaves no half of an answer behind. Heavy imports stay inside the functions.
"""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

from hessrank.symbolic.errors import InputError


def verify(arguments: Namespace) -> int:
    """`hessrank verify [SPEC...]`: 1 where the engines disagree; an inequality is a finding."""
    from hessrank import gallery
    from hessrank.progress import track
    from hessrank.record import record
    from hessrank.spec import Spec, read_spec

    specs: dict[str, Spec] = {}
    for path in arguments.specs or gallery.ids():
        spec = read_spec(path)
        if spec.id in specs:
            raise InputError(f"{path}: id: {spec.id!r} is also the id of {specs[spec.id].source}")
        specs[spec.id] = spec
    records = {spec.id: record(spec) for spec in track(list(specs.values()), "verifying")}
    if arguments.json:
        _print_json({"gallery": records})
    else:
        from hessrank.report import print_gallery

        print_gallery(records)
    return int(any(found["agreement"] is False for found in records.values()))


def rank(arguments: Namespace) -> int:
    """`hessrank rank SPEC`: the record of one spec."""
    from hessrank.progress import track
    from hessrank.record import record
    from hessrank.spec import read_spec

    [found] = [record(spec) for spec in track([read_spec(arguments.spec)], "deciding")]
    if arguments.json:
        _print_json(found)
    else:
        from hessrank.report import print_record

        print_record(found)
    return int(found["agreement"] is False)


def generic(arguments: Namespace) -> int:
    """`hessrank generic`: the ranks at almost every point, of a network and random data."""
    from hessrank.progress import track
    from hessrank.spec import located
    from hessrank.symbolic.generic import generic_ranks
    from hessrank.symbolic.layers import Network

    with located("hessrank generic"):
        net = Network(tuple(arguments.widths), arguments.activation, bias=not arguments.no_bias)
        [found] = [
            generic_ranks(net, examples, arguments.input_rank, arguments.loss, arguments.seed)
            for examples in track([arguments.examples], "deciding")
        ]
    if arguments.json:
        _print_json(found.to_json())
    else:
        from hessrank.report import print_generic

        print_generic(found.to_json())
    return 0


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, indent=2, allow_nan=False))
