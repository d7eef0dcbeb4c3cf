"""Addresses of cohorts."""

app_name = "cohorts"
urlpatterns: list = []
