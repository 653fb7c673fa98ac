"""Places in a list that grows: opaque to whoever gets one, and good for ever."""

import base64
import binascii
import re

from pridvor.api.problems import Problem


def after(key: int) -> str:
    """The place right after the row with this key."""
    return base64.urlsafe_b64encode(f"after:{key}".encode()).decode().rstrip("=")


def read(cursor: str) -> int:
    """The key that a cursor stands behind; 0 for none. Raises Problem `bad-cursor`."""
    if not cursor:
        return 0
    try:
        said = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        raise Problem("bad-cursor") from None
    match = re.fullmatch(r"after:([0-9]{1,18})", said)
    if match is None:
        raise Problem("bad-cursor")
    return int(match[1])
