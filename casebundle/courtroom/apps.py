from django.apps import AppConfig


class CourtroomConfig(AppConfig):
    name = "casebundle.courtroom"
    label = "courtroom"

    def ready(self) -> None:
        from casebundle.bundles import drawing
        from casebundle.journal.hub import hub
        from casebundle.journal.record import after_commit

        from . import ahead, court, others, services, signing_out

        hub.listeners[:] = [court.heard]
        if services.after_entry not in after_commit:
            after_commit.append(services.after_entry)
        if ahead.ahead.heard not in after_commit:
            after_commit.append(ahead.ahead.heard)
        drawing.in_court[:] = [ahead.presented]
        signing_out.start()
        hub.told.append(others.others.heard)
        hub.works[:] = [others.others.run]
        hub.returned[:] = [others.others.say_again]
        court.tell_others[:] = [others.others.tell]
