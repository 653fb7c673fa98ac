"""The journey language: read, check, version. Knows of no case."""
