from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "casebundle.demo"
    label = "demo"
