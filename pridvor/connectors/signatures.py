"""How systems prove to each other who sends: Standard Webhooks (standardwebhooks.com), and the older `t=…,v1=…`."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

PREFIX = "whsec_"


def standard(secret: str, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks 1.0: HMAC-SHA256 over id, time and body."""
    moment = str(int(at.timestamp()))
    signed = hmac.digest(_key(secret), b".".join((message.encode(), moment.encode(), body)), hashlib.sha256)
    return {
        "webhook-id": message,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _key(secret: str) -> bytes:
    """A secret as the standard writes it (whsec_ and base64), or any words."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return secret.encode()
