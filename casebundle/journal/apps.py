from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "casebundle.journal"
    label = "journal"
