"""The operators' door: one queue, one case page, decisions. No tables of its own."""
