from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "casebundle.cases"
    label = "cases"

    def ready(self) -> None:
        from . import adapter

        adapter.start()
