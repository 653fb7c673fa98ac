"""Views by noun: each loads, calls one action, and answers."""
