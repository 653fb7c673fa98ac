"""Business rules: what was given goes in, findings come out, each with its remedy."""
