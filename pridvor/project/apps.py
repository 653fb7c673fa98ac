from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "pridvor.project"
    label = "project"

    def ready(self) -> None:
        from pridvor.project import wiring  # noqa: PLC0415 the table names actions, whose models need the app registry

        wiring.connect()
