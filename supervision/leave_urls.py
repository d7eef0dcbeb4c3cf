"""Addresses of leave: under Me, and under each person for a head."""

from django.urls import path

from supervision import leave_views

urlpatterns = [
    path("me/leave/", leave_views.my_leave, name="my-leave"),
    path("me/leave/new/", leave_views.my_leave_new, name="my-leave-new"),
    path("cohorts/people/<int:pk>/leave/", leave_views.person_leave, name="person-leave"),
    path(
        "cohorts/people/<int:pk>/leave/new/", leave_views.person_leave_new, name="person-leave-new"
    ),
    path("leave/<int:pk>/", leave_views.leave_edit, name="leave-edit"),
    path("leave/<int:pk>/end/", leave_views.leave_end, name="leave-end"),
]
