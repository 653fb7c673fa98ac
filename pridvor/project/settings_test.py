"""Settings of the test suite: the same as everywhere, with cheap password hashes."""

import os

from pridvor.project.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
for _database in DATABASES.values():  # noqa: F405
    _database["CONN_MAX_AGE"] = 0
    if os.environ.get("PRIDVOR_TEST_PREPARED"):  # tests/prepared.py
        _database["TEST"] = {**_database.get("TEST", {}), "TEMPLATE": _database["NAME"]}
