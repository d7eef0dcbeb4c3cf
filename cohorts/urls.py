"""Addresses of cohorts."""

from django.urls import include, path

app_name = "cohorts"
urlpatterns = [
    path("roster/", include("cohorts.roster_urls")),
]
