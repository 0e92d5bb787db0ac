"""What a claim is, apart from any mathematics: truth, statement, claim, audit, search."""
