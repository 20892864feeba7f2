import logging

from django.apps import AppConfig
from django.conf import settings


class WatchingConfig(AppConfig):
    name = "casebundle.watching"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        if settings.LOG_FORMAT == "json":
            # Python's own warnings too are a line of JSON each.
            logging.captureWarnings(True)
