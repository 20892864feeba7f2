from django.apps import AppConfig


class RunningConfig(AppConfig):
    name = "casebundle.running"

    def ready(self) -> None:
        from . import gauges

        gauges.start()
