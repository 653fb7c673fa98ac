"""Proof: checkpoints over every ledger's chains, the search for what was tampered with, and a case's sealed export."""
