"""All traffic with outside systems: calls made once, retried, and written down."""
