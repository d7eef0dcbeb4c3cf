"""Pages as contenders: the same people in the same order, whoever draws them."""

import re
from collections.abc import Callable

from django.http import HttpResponse

from bench.measure import LIMIT, Contender
from bench.world import page, signed_in
from cohorts.models import SupervisorAssignment
from peersupport.accounts.models import User

OURS = "ours"
ADMIN = "Django admin"
NAIVE = "naive tutorial version"
RAW = f"{LIMIT}raw SQL and a minimal view"

Answer = Callable[[HttpResponse], list[int]]


def linked(pattern: str) -> Answer:
    """The numbers in a page's links, each where it first stands."""
    link = re.compile(pattern)

    def answer(response: HttpResponse) -> list[int]:
        numbers = link.findall(response.content.decode())
        return [int(number) for number in dict.fromkeys(numbers)]

    return answer


people = linked(r'href="/cohorts/people/(\d+)/"')
admin_people = linked(r"/cohorts/person/(\d+)/change/")
_assignments = linked(r"/cohorts/supervisorassignment/(\d+)/change/")


def admin_supervisees(response: HttpResponse) -> list[int]:
    """The people whose assignments an admin page lists."""
    numbers = _assignments(response)
    found = SupervisorAssignment.objects.in_bulk(numbers)
    return [found[number].worker_id for number in numbers]


def shown(name: str, user: User, address: str, answer: Answer = people) -> Contender:
    """The page at `address` as `user` sees it."""
    browser = signed_in(user)
    return Contender(name, lambda: page(browser, address), answer)
