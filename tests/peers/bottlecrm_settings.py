"""BottleCRM's settings for tests: jobs at once (no Redis), no mail, webhooks to this machine and nowhere else.

Read by BottleCRM's own Python, never imported by ours.
"""

import webhooks.ssrf  # type: ignore[import-not-found]
from crm.settings import *  # type: ignore[import-not-found]  # noqa: F403

CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = False
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}


class _Every:
    def __contains__(self, port: object) -> bool:
        return True


# it refuses loopback, and ports other than 443: here the reverse
webhooks.ssrf.is_blocked = lambda address: not address.is_loopback
webhooks.ssrf._allowed_ports = _Every
webhooks.ssrf._allowed_schemes = lambda: ("http",)
