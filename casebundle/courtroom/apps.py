from django.apps import AppConfig


class CourtroomConfig(AppConfig):
    name = "casebundle.courtroom"
    label = "courtroom"
