"""The quotes of the catalogue, looked for in the source texts, word for word.

In: the folder that holds the texts, a file for each source that the catalogue names. Out: where
each quote stands, by file and line. Exit status 1 where one does not stand in a text that its claim
names as its source, or where the record beside this file is not what was found; --record writes it.

    python benchmarks/quotes.py FOLDER [--record]

The texts are not part of the package. The record holds the hash of each piece of a quote and where
it was found, so that a test without the texts notices a quote that was changed and not looked for.
Quotes are compared without footnote marks, with plain quotation marks and single blanks; "…" stands
between pieces. Formulas that the stored texts lost are missing in the quotes as well.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from hessrank.proofs.catalogue import CLAIMS
from hessrank.proofs.reasoning.claim import Claim

RECORD = Path(__file__).with_suffix(".json")
_PLAIN = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "\xa0": " "})


def plain(text: str) -> str:
    """`text` without footnote marks, with plain quotation marks and single blanks.

    >>> plain("usually^{[2]}  at\\nleast “so”")
    'usually at least "so"'
    """
    return " ".join(re.sub(r"\^\{\[\d+\]\}", "", text).translate(_PLAIN).split())


def pieces(claim: Claim) -> list[str]:
    """The pieces of a claim's quote, as they are looked for."""
    return [plain(p) for p in claim.quote.split("…") if plain(p)]


def sources(claim: Claim) -> list[str]:
    """The files that a claim names as its sources."""
    return re.findall(r"\bS\d (\d{3}_\w+)", claim.source)


def digest(piece: str) -> str:
    return hashlib.sha256(piece.encode()).hexdigest()


def line_of(piece: str, lines: Sequence[str]) -> int | None:
    """The line (from 1) in which `piece` begins; None where it is not in the text."""
    whole = " ".join(lines)
    if piece not in whole:
        return None
    start, at = whole.index(piece), 0
    for number, line in enumerate(lines, 1):
        at += len(line) + 1
        if start < at:
            return number
    return None


def found_in(folder: Path) -> tuple[dict[str, list[dict[str, object]]], list[str]]:
    """(what to record of each claim's quote, the complaints)."""
    texts = {
        file.stem: [plain(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for file in folder.iterdir()
        if file.suffix == ".txt"
    }
    record: dict[str, list[dict[str, object]]] = {}
    wrong: list[str] = []
    for claim in CLAIMS:
        for piece in pieces(claim):
            places = {
                name: line
                for name in sources(claim)
                if (line := line_of(piece, texts.get(name, []))) is not None
            }
            if not places:
                wrong.append(f"{claim.label} {claim.id}: not in {sources(claim)}: {piece!r}")
                continue
            name, line = next(iter(places.items()))
            entry = {"source": name, "line": line, "sha256": digest(piece)}
            record.setdefault(claim.id, []).append(entry)
    return record, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the source texts lie, as .txt files")
    parser.add_argument("--record", action="store_true", help="write what was found")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error(f"{given.folder}: no such folder")
    record, wrong = found_in(given.folder)
    if given.record and not wrong:
        RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if record != json.loads(RECORD.read_text(encoding="utf-8")):
        wrong.append(f"{RECORD.name} is not what was found: run with --record")
    for id, entries in record.items():
        print(id, *(f"{e['source']}:{e['line']}" for e in entries))
    quoted = sum(map(len, record.values()))
    print(f"{quoted} pieces of the quotes of {len(record)} claims found; {len(wrong)} complaints")
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
