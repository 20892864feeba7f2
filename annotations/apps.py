from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"

    def ready(self) -> None:
        from casebundle.bundles import services

        from .following import follow

        if follow not in services.on_change:
            services.on_change.append(follow)
