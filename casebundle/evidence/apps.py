from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "casebundle.evidence"
    label = "evidence"
