"""Addresses of the delivery log, and of what e-mails say."""

from django.urls import path

from peersupport.reminders import views, wording_views

app_name = "reminders"
urlpatterns = [
    path("", views.reminder_list, name="reminder-list"),
    path("<int:pk>/", views.reminder_detail, name="reminder-detail"),
    path("<int:pk>/settle/", views.reminder_settle, name="reminder-settle"),
    path("wording/", wording_views.wording_list, name="wording-list"),
    path("wording/<slug:kind>/", wording_views.wording_edit, name="wording-edit"),
    path("wording/<int:pk>/end/", wording_views.wording_end, name="wording-end"),
]
