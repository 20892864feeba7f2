from django.apps import AppConfig


class BundlesConfig(AppConfig):
    name = "casebundle.bundles"
    label = "bundles"

    def ready(self) -> None:
        from django.conf import settings

        from casebundle.cases import access
        from casebundle.pdf import confinement

        from . import checks  # noqa: F401  (registers them)
        from .services import hidden_from

        confinement.demand(settings.CONFINEMENT)
        access.hidden_documents[:] = [hidden_from]
