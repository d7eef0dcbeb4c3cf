"""The service's addresses, and those of the peers."""

from django.urls import include, path

from bench.peers import admin, limit, naive

urlpatterns = [
    path("", include("peersupport.urls")),
    path("peers/admin/", admin.site.urls),
    path("peers/admin-own-fields/", admin.own_fields.urls),
    path("peers/admin-overdue/", admin.overdue.urls),
    path("peers/naive/people/", naive.People.as_view()),
    path("peers/naive/caseload/", naive.caseload),
    path("peers/naive/overdue/", naive.overdue),
    path("peers/naive/log/", naive.log),
    path("peers/limit/people/", limit.people),
    path("peers/limit/caseload/", limit.caseload),
    path("peers/limit/overdue/", limit.overdue),
    path("peers/limit/log/", limit.log),
]
