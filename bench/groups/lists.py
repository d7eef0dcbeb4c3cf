"""The lists people open most: everybody, for a head; one's own people, for a supervisor."""

from collections.abc import Iterator

from bench.groups.pages import ADMIN, NAIVE, OURS, RAW, admin_people, admin_supervisees, shown
from bench.measure import Job
from bench.world import World


def jobs(world: World) -> Iterator[Job]:
    head, supervisor = world.head, world.supervisor
    yield Job(
        "lists",
        "people list",
        world.size,
        ours=shown(OURS, head, "/cohorts/people/"),
        peers=[
            shown(ADMIN, head, "/peers/admin/cohorts/person/", admin_people),
            shown(
                f"{ADMIN}, own fields only",
                head,
                "/peers/admin-own-fields/cohorts/person/",
                admin_people,
            ),
            shown(NAIVE, head, "/peers/naive/people/"),
            shown(RAW, head, "/peers/limit/people/"),
        ],
    )
    yield Job(
        "lists",
        "caseload",
        world.size,
        ours=shown(OURS, supervisor, "/supervision/"),
        peers=[
            shown(
                ADMIN,
                supervisor,
                "/peers/admin/cohorts/supervisorassignment/",
                admin_supervisees,
            ),
            shown(NAIVE, supervisor, "/peers/naive/caseload/"),
            shown(RAW, supervisor, "/peers/limit/caseload/"),
        ],
    )
