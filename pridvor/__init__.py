"""Pridvor: client onboarding, from the first click to a working account."""
