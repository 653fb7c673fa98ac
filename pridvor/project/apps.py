import os

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from pridvor.lib import wall


class ProjectConfig(AppConfig):
    name = "pridvor.project"
    label = "project"

    def ready(self) -> None:
        from pridvor.project import wiring  # noqa: PLC0415 the table names actions, whose models need the app registry

        connection_created.connect(wall.on_connecting)
        wiring.connect()
        if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
            from pridvor.project import tracing  # noqa: PLC0415 its packages cost each start a second, and few name a collector

            tracing.start()
