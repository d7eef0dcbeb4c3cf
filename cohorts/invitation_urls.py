"""Addresses for inviting people (heads) and for accepting (anybody with a link)."""

from django.urls import path

from cohorts import invitation_views as views

urlpatterns = [
    path("cohorts/people/invitations/", views.invitation_list, name="invitation-list"),
    path("cohorts/people/invitations/new/", views.invitation_new, name="invitation-new"),
    path(
        "cohorts/people/invitations/everyone/",
        views.invitation_everyone,
        name="invitation-everyone",
    ),
    path(
        "cohorts/people/invitations/<int:pk>/again/",
        views.invitation_again,
        name="invitation-again",
    ),
    path(
        "cohorts/people/invitations/<int:pk>/withdraw/",
        views.invitation_withdraw,
        name="invitation-withdraw",
    ),
    path("invitation/lost/", views.invitation_lost, name="invitation-lost"),
    path("invitation/<str:key>/", views.invitation_accept, name="invitation-accept"),
]
