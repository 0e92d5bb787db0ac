"""What several test files share: the catalogue, settled once on the whole gallery; and no deadline
for a random example, which a busy machine would miss."""

from __future__ import annotations

import pytest
from hypothesis import settings

from hessrank.proofs.catalogue import CLAIMS
from hessrank.proofs.reasoning.claim import Settled, settle_claim
from hessrank.verification import gallery_instances

settings.register_profile("hessrank", deadline=None)
settings.load_profile("hessrank")


@pytest.fixture(scope="session")
def settled() -> dict[str, Settled]:
    """Every claim by its id, settled with the seed that docs/claims.md shows."""
    return {claim.id: settle_claim(claim, gallery_instances()) for claim in CLAIMS}
