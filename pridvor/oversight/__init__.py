"""The managers' door: where cases stand, how long they take, what goes wrong."""
