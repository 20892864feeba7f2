from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"

    def ready(self) -> None:
        from casebundle.bundles import services

        from .indexing import mark

        services.on_change[:] = [mark]
