"""Addresses of people, invitations and the account. The desk adds the screens that need other rooms (desk/urls.py)."""

from django.urls import path

from . import views

urlpatterns = [
    path("cases/<slug:reference>/people/", views.people_list, name="people"),
    path("cases/<slug:reference>/people/invite/", views.invite, name="invite"),
    path("cases/<slug:reference>/people/<uuid:pk>/", views.person, name="person"),
    path("cases/<slug:reference>/people/<uuid:pk>/name/", views.name, name="name"),
    path("cases/<slug:reference>/people/<uuid:pk>/remove/", views.remove, name="remove"),
    path("cases/<slug:reference>/people/<uuid:pk>/resend/", views.resend, name="resend"),
    path("invitations/<str:secret>/", views.invitation, name="invitation"),
    path("account/", views.account, name="account"),
    path("account/tokens/", views.new_token, name="new-token"),
    path("account/tokens/<uuid:pk>/revoke/", views.revoke_token, name="revoke-token"),
    path("account/sessions/end/", views.end_sessions, name="end-sessions"),
]
