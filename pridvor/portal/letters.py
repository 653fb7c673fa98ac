"""The one mail that this door sends itself: the code that proves an address."""

from datetime import datetime

from procrastinate.contrib.django import app

from pridvor.clients.models import SignIn


def send_code(row: SignIn, *, now: datetime) -> None:
    """This will have the code mailed: a job in the caller's transaction."""
    app.configure_task("notifications.send_code", queue="mail").defer(sign_in=str(row.public_id))
