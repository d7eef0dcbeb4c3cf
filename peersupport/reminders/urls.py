"""Addresses of the delivery log."""

from django.urls import path

from peersupport.reminders import views

app_name = "reminders"
urlpatterns = [
    path("", views.reminder_list, name="reminder-list"),
    path("<int:pk>/", views.reminder_detail, name="reminder-detail"),
    path("<int:pk>/settle/", views.reminder_settle, name="reminder-settle"),
]
