"""Addresses of supervision."""

from django.urls import path

from supervision import booking_views, held_views, log_views, session_views, views

app_name = "supervision"
urlpatterns = [
    path("", views.caseload, name="caseload"),
    path("unsupervised/", views.unsupervised, name="unsupervised"),
    path("log/", log_views.log, name="log"),
    path("mine/", session_views.my_supervision, name="my-supervision"),
    path("actions/<int:pk>/done/", session_views.action_done, name="action-done"),
    path("sessions/<int:pk>/", session_views.session_detail, name="session-detail"),
    path("sessions/new/", booking_views.session_new, name="session-new"),
    path("sessions/<int:pk>/rearrange/", booking_views.session_rearrange, name="session-rearrange"),
    path("sessions/<int:pk>/held/", held_views.session_held, name="session-held"),
    path("sessions/<int:pk>/cancel/", booking_views.session_cancel, name="session-cancel"),
]
