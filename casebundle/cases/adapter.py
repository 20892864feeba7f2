from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitationOnly(DefaultAccountAdapter):
    """Nobody signs up: a clerk invites."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
