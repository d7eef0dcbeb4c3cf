"""Sign-in, by allauth, without what this service does not have: sign-up and e-mail lists."""

from allauth.account import views as allauth
from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

urlpatterns = [
    path("login/", login_not_required(allauth.login), name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", login_not_required(allauth.account_inactive), name="account_inactive"),
    path("password/change/", allauth.password_change, name="account_change_password"),
    path(
        "password/reset/", login_not_required(allauth.password_reset), name="account_reset_password"
    ),
    path(
        "password/reset/done/",
        login_not_required(allauth.password_reset_done),
        name="account_reset_password_done",
    ),
    # The key has hyphens too: only an expression can say that the first one parts the two.
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        login_not_required(allauth.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        login_not_required(allauth.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]
