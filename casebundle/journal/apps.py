from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "casebundle.journal"
    label = "journal"

    def ready(self) -> None:
        from . import hub

        hub.start()
