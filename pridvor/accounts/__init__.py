"""Staff who sign in: roles, second factors, sessions."""
