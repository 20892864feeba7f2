import json

from django.apps import AppConfig


class CourtroomConfig(AppConfig):
    name = "casebundle.courtroom"
    label = "courtroom"

    def ready(self) -> None:
        from casebundle.journal.hub import otherwise
        from casebundle.journal.models import Entry

        def hidden_turn(entry: Entry) -> str:
            """The court turned to a page that this reader may not see: nothing is shown to them, and not which."""
            return json.dumps(
                {
                    "type": "state",
                    "seq": entry.seq,
                    "hearing": entry.data["hearing"],
                    "presenter": entry.actor,
                    "page": None,
                    "label": None,
                    "view": None,
                    "hidden": True,
                },
                ensure_ascii=False,
            )

        otherwise["page.turned"] = hidden_turn
