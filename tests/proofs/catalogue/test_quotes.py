"""What is quoted was found in the source texts: the record of `benchmarks/quotes.py` has the hash
of every piece of every quote, taken where it stands in them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from benchmarks import quotes
from hessrank.proofs.catalogue import CLAIMS, find

RECORD = json.loads(quotes.RECORD.read_text(encoding="utf-8"))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_every_quote_was_found_in_a_text_that_its_claim_names(claim) -> None:
    entries = RECORD.get(claim.id, [])
    assert [e["sha256"] for e in entries] == [quotes.digest(p) for p in quotes.pieces(claim)]
    assert {e["source"] for e in entries} <= set(quotes.sources(claim))
    if not entries:  # then nobody says it, or its sentence is lost in the stored texts
        reasons = ("nobody", "lost in the stored texts", "a theorem beside")
        assert any(reason in claim.source for reason in reasons)


def test_a_quote_that_does_not_stand_there_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = find("no-saddles-all-the-way")
    (name,) = quotes.sources(claim)
    text = "Heading\n“Saddle points all the way down”^{[3]} isn’t\n" + " ".join(
        claim.quote.split()[7:]
    )
    (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    wrong = dataclasses.replace(claim, quote=claim.quote.replace("adjacent", "nearby"))
    monkeypatch.setattr(quotes, "RECORD", tmp_path / "record.json")
    monkeypatch.setattr(quotes, "CLAIMS", (claim,))
    (tmp_path / "record.json").write_text("{}")
    assert quotes.main([str(tmp_path), "--record"]) == 0
    assert f"{name}:2" in capsys.readouterr().out
    monkeypatch.setattr(quotes, "CLAIMS", (wrong,))
    assert quotes.main([str(tmp_path)]) == 1
    assert "not in" in capsys.readouterr().err
