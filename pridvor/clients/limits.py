"""How often something may be asked for from one place, counted exactly whatever number of processes serve.

The count is one row that one statement raises, so that of any number of requests at one moment each gets a number of
its own; reading and then writing would let as many through as read at once (CWE-362). A place is kept as a keyed digest.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

COUNT = """
insert into clients_asking as kept (place, count, since) values (%(place)s, 1, %(now)s)
on conflict (place) do update set
  count = case when kept.since <= %(over)s then 1 else kept.count + 1 end,
  since = case when kept.since <= %(over)s then %(now)s else kept.since end
returning count, since
"""


@dataclass(frozen=True)
class Counted:
    """Which asking it is of those in its span of time, and when the next span begins."""

    number: int
    until: datetime


def count(what: str, place: str, *, within: timedelta, now: datetime) -> int:
    """This will count one more asking, and return which one it is of those in this span of time."""
    return counted(what, place, within=within, now=now).number


def counted(what: str, place: str, *, within: timedelta, now: datetime) -> Counted:
    """As `count`, and says until when the span lasts."""
    digest = hmac.new(settings.KEYS["session"], f"{what}:{place}".encode(), hashlib.sha256).digest()
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"place": digest, "now": now, "over": now - within})
        number, since = cursor.fetchone()
        return Counted(int(number), since + within)
