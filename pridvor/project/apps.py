from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "pridvor.project"
    label = "project"
