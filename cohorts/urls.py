"""Addresses of cohorts."""

from django.urls import include, path

from cohorts import address_views, people_views, placing_views, views

app_name = "cohorts"
urlpatterns = [
    path("", views.cohort_list, name="cohort-list"),
    path("new/", views.cohort_new, name="cohort-new"),
    path("<int:pk>/", views.cohort_detail, name="cohort-detail"),
    path("<int:pk>/edit/", views.cohort_edit, name="cohort-edit"),
    path("mine/", views.my_cohort, name="my-cohort"),
    path("people/", people_views.person_list, name="person-list"),
    path("people/<int:pk>/", people_views.person_detail, name="person-detail"),
    path("people/<int:pk>/address/", address_views.person_address, name="person-address"),
    path("people/<int:pk>/supervisor/", people_views.person_supervisor, name="person-supervisor"),
    path("people/<int:pk>/end/", people_views.person_end, name="person-end"),
    path("people/<int:pk>/pause/", people_views.person_pause, name="person-pause"),
    path("people/<int:pk>/roles/", people_views.person_roles, name="person-roles"),
    path("place/", placing_views.place, name="place"),
    path("place/check/", placing_views.place_check, name="place-check"),
    path("placings/<int:pk>/undo/", placing_views.placing_undo, name="placing-undo"),
    path("roster/", include("cohorts.roster_urls")),
]
