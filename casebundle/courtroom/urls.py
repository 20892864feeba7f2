from django.urls import path

from . import views

app_name = "courtroom"

urlpatterns = [
    path("cases/<str:reference>/hearings/", views.hearings, name="hearings"),
    path("hearings/<uuid:pk>/", views.hearing, name="hearing"),
    path("hearings/<uuid:pk>/live/", views.hearing_live, name="hearing-live"),
    path("hearings/<uuid:pk>/begin/", views.begin, name="begin"),
    path("hearings/<uuid:pk>/close/", views.close, name="close"),
    path("hearings/<uuid:pk>/floor/", views.floor, name="floor"),
    path("hearings/<uuid:pk>/screens/", views.new_screen, name="new-screen"),
    path("screens/<str:code>/end/", views.end_screen, name="end-screen"),
    path("screen/", views.enter_code, name="enter-code"),
    path("screen/<str:code>", views.screen, name="screen"),
    path("screen/<str:code>/page/<str:page>", views.screen_page, name="screen-page"),
]
