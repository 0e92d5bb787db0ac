"""A counterexample in a folder that a stranger can verify.

In: a `Landscape`, its spec as text, a title and what is to be said of it. Out: the files by their
names, and one line for each that could not be made. Four ways to check lie side by side: the spec
for hessrank, the certificate with a copy of its checker, a replay with `fractions` alone, and
theorems for Coq.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from hessrank.proofs import checker
from hessrank.proofs.derivations.derivation import derive
from hessrank.proofs.pages.blocks import Block, Code, Heading, Items, Text, literal
from hessrank.proofs.pages.formats import FORMATS
from hessrank.proofs.statements.coq import LIBRARY, coq_file
from hessrank.proofs.statements.replay import replay_file
from hessrank.proofs.statements.statement import statement_certificate
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.problems.landscape import Landscape

#: How each file is used.
COMMANDS = MappingProxyType(
    {
        "spec.toml": "hessrank rank spec.toml",
        "certificate.json": "python -I -S checker.py certificate.json",
        "replay.py": "python -I -S replay.py",
        "proof.v": "coqc -q -w none Certificate.v && coqc -q -w none proof.v",
    }
)

#: What each file is.
USES = MappingProxyType(
    {
        "spec.toml": "spec.toml: the problem and the point, for hessrank.",
        "certificate.json": "certificate.json: the statement. checker.py, one file of the standard "
        "library, recomputes every matrix from the problem and replays it.",
        "replay.py": "replay.py: a second way, with fractions alone.",
        "proof.v": "proof.v: ranks and signs as theorems about rational matrices, without axioms; "
        "needs coq and mathcomp with zify and algebra-tactics.",
    }
)


def package(
    here: Landscape, spec: str, title: str, about: Sequence[Block] = ()
) -> tuple[dict[str, str | bytes], tuple[str, ...]]:
    """(the files by name, what is missing and why).

    >>> from hessrank.specs.spec import read_spec
    >>> from hessrank.specs.writer import dumps
    >>> here = read_spec("X13").landscape()
    >>> sorted(package(here, dumps(here), "X13")[0])[:5]
    ['Certificate.v', 'certificate.json', 'checker.py', 'page.html', 'page.md']
    """
    files: dict[str, str | bytes] = {"spec.toml": spec}
    missing = []

    def add(name: str, make: Callable[[], str | bytes]) -> None:
        try:
            files[name] = make()
        except InputError as error:
            missing.append(f"{name}: {error}")

    statement = ""
    try:
        certificate = statement_certificate(here)
    except InputError as error:
        missing.append(f"certificate.json: {error}")
    else:
        statement = certificate["statement"]
        files["certificate.json"] = json.dumps(certificate, ensure_ascii=False, indent=1) + "\n"
        files["checker.py"] = Path(checker.__file__).read_text(encoding="utf-8")
    add("replay.py", lambda: replay_file(here, statement))
    add("proof.v", lambda: coq_file(here, statement))
    if "proof.v" in files:
        files["Certificate.v"] = LIBRARY.read_text(encoding="utf-8")
    blocks = [*about, *_page(here, spec, statement, files)]
    for ending, write in FORMATS.items():
        add(f"page{ending}", partial(write, title, blocks))
    return files, tuple(missing)


def _page(
    here: Landscape, spec: str, statement: str, files: Mapping[str, str | bytes]
) -> list[Block]:
    commands = [command for name, command in COMMANDS.items() if name in files]
    proved = [Text(literal(statement + "."), "Proved:")] if statement else []
    uses = [literal(words) for name, words in USES.items() if name in files]
    return [
        *proved,
        Heading("Verify it"),
        Items(tuple(uses)),
        Code("\n".join(commands)),
        Heading("The spec"),
        Code(spec.strip()),
        *derive(here).blocks(),
    ]
