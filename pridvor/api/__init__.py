"""The machines' door: health, and the connectors' hooks."""
