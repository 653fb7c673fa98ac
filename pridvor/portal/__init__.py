"""The clients' door: register, upload, follow, correct, rate. No tables of its own."""
