"""Addresses of checkins."""

from django.urls import path

from checkins import help_line_views, talk_views, views

app_name = "checkins"
urlpatterns = [
    path("", views.check_in_list, name="check-in-list"),
    path("new/", views.check_in_new, name="check-in-new"),
    path("shared/", views.shared_with_me, name="shared-with-me"),
    path("<int:pk>/", views.check_in_detail, name="check-in-detail"),
    path("<int:pk>/share/", views.check_in_share, name="check-in-share"),
    path("<int:pk>/take-back/", views.check_in_take_back, name="check-in-take-back"),
    path("talk/", talk_views.talk_request_new, name="talk-request-new"),
    path("talk/waiting/", talk_views.talk_request_list, name="talk-request-list"),
    path("talk/<int:pk>/", talk_views.talk_request_acknowledge, name="talk-request-acknowledge"),
    path("talk/<int:pk>/withdraw/", talk_views.talk_request_withdraw, name="talk-request-withdraw"),
    path("help-lines/", help_line_views.help_line_list, name="help-line-list"),
    path("help-lines/copy/", help_line_views.help_line_copy, name="help-line-copy"),
    path("help-lines/new/", help_line_views.help_line_new, name="help-line-new"),
    path("help-lines/<int:pk>/", help_line_views.help_line_edit, name="help-line-edit"),
    path("help-lines/<int:pk>/remove/", help_line_views.help_line_remove, name="help-line-remove"),
]
