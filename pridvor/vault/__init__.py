"""Personal data only: put, reveal, find, erase; sealed under a key for each subject; every look logged."""
