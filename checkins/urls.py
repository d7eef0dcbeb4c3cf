"""Addresses of checkins."""

app_name = "checkins"
urlpatterns: list = []
