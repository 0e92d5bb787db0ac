"""proofs: predicates, verdicts, certificates and the checker that replays them."""
