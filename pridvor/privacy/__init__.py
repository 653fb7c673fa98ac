"""What the law gives people over their data: who looked, copies, erasure, retention, consents, incidents."""
