from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "casebundle.api"
    label = "api"
