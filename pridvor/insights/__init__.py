"""Figures read from the ledgers: durations, error rate, NPS. Never opens the vault."""
