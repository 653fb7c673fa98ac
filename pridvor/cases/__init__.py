"""The engine: cases, steps, attempts, events. decide is pure; actions make it so."""
