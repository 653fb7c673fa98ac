"""Who the clients are: organisations and persons, contacts, sign-in by code."""
