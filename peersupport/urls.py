"""Every address. Each app keeps its own; who may open what stands in tests/access."""

from django.urls import include, path

from checkins.help_line_views import help_lines
from cohorts import address_views
from peersupport import views
from peersupport.accounts.organisation_views import organisation_edit
from peersupport.metrics import metrics
from peersupport.reminders import choice_views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("me/", views.me, name="me"),
    path("me/address/", address_views.my_address, name="my-address"),
    path("address/<str:key>/", address_views.address_confirm, name="address-confirm"),
    path("me/e-mails/", choice_views.my_e_mails, name="my-e-mails"),
    path("e-mails/stop/<str:token>/", choice_views.e_mails_stop, name="e-mails-stop"),
    path("metrics", metrics, name="metrics"),
    path("who-sees-what/", views.who_sees_what, name="who-sees-what"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("help-lines/", help_lines, name="help-lines"),
    path("privacy/", views.privacy, name="privacy"),
    path("organisation/", organisation_edit, name="organisation-edit"),
    path("accounts/", include("peersupport.accounts.urls")),
    path("", include("cohorts.invitation_urls")),
    path("cohorts/", include("cohorts.urls")),
    path("", include("supervision.leave_urls")),
    path("supervision/", include("supervision.urls")),
    path("check-ins/", include("checkins.urls")),
    path("reminders/", include("peersupport.reminders.urls")),
]

handler400 = "peersupport.views.bad_request"
handler403 = "peersupport.views.forbidden"
handler404 = "peersupport.views.not_found"
handler500 = "peersupport.views.broken"
