from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "casebundle.desk"
    label = "desk"

    def ready(self) -> None:
        from casebundle.cases import head

        from .rows import known_of

        head.knowledge[:] = [known_of]
