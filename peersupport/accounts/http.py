"""The request as views see it behind LoginRequiredMiddleware."""

from django.http import HttpRequest

from peersupport.accounts.models import User


class SignedInRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User
