"""Files from clients: received encrypted, quarantined, scanned, read, shown as images."""
