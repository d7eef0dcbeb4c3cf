"""Addresses of the roster import, under /cohorts/roster/."""

from django.urls import path

from cohorts import roster_views as views

urlpatterns = [
    path("import/", views.roster_import, name="roster-import"),
    path("import/template.<str:kind>", views.roster_import_template, name="roster-import-template"),
    path("import/<int:pk>/", views.roster_import_detail, name="roster-import-detail"),
    path("import/<int:pk>/apply/", views.roster_import_apply, name="roster-import-apply"),
    path("import/<int:pk>/discard/", views.roster_import_discard, name="roster-import-discard"),
    path(
        "import/<int:pk>/refused.<str:kind>",
        views.roster_import_refused,
        name="roster-import-refused",
    ),
]
