from django.apps import AppConfig


class BundlesConfig(AppConfig):
    name = "casebundle.bundles"
    label = "bundles"

    def ready(self) -> None:
        from casebundle.cases import access

        from . import checks  # noqa: F401  (registers them)
        from .services import hidden_from

        access.hidden_documents[:] = [hidden_from]
