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
