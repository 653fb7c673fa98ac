"""The pages of staff. Each view loads, calls one action, and answers."""
