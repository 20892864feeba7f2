"""The addresses of signing in: of all that allauth brings, those that the product means, each by its name.

Not among them, and so nowhere: signing up, giving an account another address, confirming one, codes by e-mail.
"""

from allauth.account.urls import urlpatterns as all_of_allauth
from django.urls import path

from . import views

WANTED = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}

urlpatterns = [
    *(pattern for pattern in all_of_allauth if pattern.name in WANTED),
    # allauth's own pages lead here where somebody has no account.
    path("signup/", views.no_sign_up, name="account_signup"),
    # Whoever is signed in has one; who has none chooses it by the link of an invitation, or by one for a new password.
    path("password/set/", views.choose_by_mail, name="account_set_password"),
]
