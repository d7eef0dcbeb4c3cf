"""Pages that are there for heads of wellbeing only."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpResponse

from peersupport.accounts.http import SignedInRequest

P = ParamSpec("P")
View = Callable[Concatenate[SignedInRequest, P], HttpResponse]


def heads_only(view: View[P]) -> View[P]:
    """Answer everybody else as if the page were not there."""

    @wraps(view)
    def answer(request: SignedInRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_head:
            raise Http404
        return view(request, *args, **kwargs)

    return answer
