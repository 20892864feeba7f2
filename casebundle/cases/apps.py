from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "casebundle.cases"
    label = "cases"
