from django.apps import AppConfig


class CompanyConfig(AppConfig):
    name = "pridvor.company"
    label = "company"
