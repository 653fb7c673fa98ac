"""What people are told, in which words, on which channel."""
