"""Who the demo's people are: a staff roster as a workforce system writes it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from random import Random

GIVEN = """
Aisha Alun Amal Amara Anwen Bethan Blessing Callum Carys Catrin Chidi Daniel Deepa Dylan Eilidh
Emeka Ewan Farah Fatima Femi Fiona Gareth Grace Hamza Hannah Ibrahim Ifeoma Iona Isla Jack Jamal
Jaspreet Joanna José Kofi Kwame Leila Lowri Łukasz Malik Megan Mei Mina Nia Niamh Oluwaseun Owen
Priya Rhys Rosa Ruth Sanjay Seán Sinéad Tariq Tomasz Umar Wei Yusuf Zainab Zoë
""".split()
FAMILY = """
Adeyemi Ahmed Ali Baker Begum Campbell Chowdhury Clarke Davies Edwards Evans Fernandes Fraser Ghosh
Griffiths Gupta Haddad Hassan Hughes Hussain Iqbal Jackson Jenkins Jones Kaur Kelly Khan Kowalska
Lewis MacDonald Mensah Morgan Murphy Nguyen Nowak O'Connor Okafor Owusu Patel Perera Powell Pugh
Rahman Reid Roberts Santos Shah Singh Stewart Thomas Walker Walsh Williams Wright Zhang
""".split()
SITES = ("Riverside Hospital", "Castle Hill Hospital", "Northgate Clinic", "St Anne's Hub")
TEAMS = (
    "Community Nursing",
    "Critical Care",
    "Emergency Department",
    "Facilities",
    "Maternity",
    "Mental Health Inpatients",
    "Pharmacy",
    "Theatres",
    "Therapies",
)
STAFF_GROUPS = (
    "Additional Clinical Services",
    "Administrative and Clerical",
    "Allied Health Professionals",
    "Estates and Ancillary",
    "Medical and Dental",
    "Nursing and Midwifery Registered",
)
DAYS = ("Mon Tue Wed Thu Fri", "Mon Tue Thu", "Wed Thu Fri", "Tue Fri", "Mon Wed Fri")


@dataclass(frozen=True)
class Row:
    """One line of the roster; the fields are its columns."""

    employee_number: str
    first_name: str
    last_name: str
    email: str
    role: str
    staff_group: str
    band: str
    site: str
    team: str
    line_manager_email: str
    availability: str
    started_on: str


@dataclass(frozen=True)
class Known:
    """Somebody with a demo account: a first name, a last name, an address and roles."""

    first_name: str
    last_name: str
    email: str
    role: str


def rows(known: list[Known], numbers: dict[str, int], *, domain: str, today: date) -> list[Row]:
    """The roster of an organisation: those `known`, then `numbers` more of each role."""
    random = Random(domain)
    names = _names(random, {(person.first_name, person.last_name) for person in known})
    people = list(known)
    for role, number in numbers.items():
        for _ in range(number):
            first, last = next(names)
            address = f"{_plain(first)}.{_plain(last)}@{domain}"
            people.append(Known(first, last, address, role))
    return [
        Row(
            employee_number=f"D{10_000 + place}",
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email,
            role=person.role,
            staff_group=random.choice(STAFF_GROUPS),
            band=str(random.randint(2, 8)),
            site=random.choice(SITES),
            team=random.choice(TEAMS),
            line_manager_email=f"manager{random.randrange(30)}@{domain}",
            availability=random.choice(DAYS),
            started_on=(today - timedelta(days=random.randint(500, 4000))).isoformat(),
        )
        for place, person in enumerate(people)
    ]


def as_file(roster: list[Row]) -> bytes:
    """The roster as a CSV file."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(field.name for field in fields(Row))
    writer.writerows(astuple(row) for row in roster)
    return written.getvalue().encode()


def _names(random: Random, taken: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """First and last names, no pair twice."""
    pairs = [(first, last) for first in GIVEN for last in FAMILY if (first, last) not in taken]
    random.shuffle(pairs)
    yield from pairs


def _plain(name: str) -> str:
    """A name as it stands in an address."""
    accents = str.maketrans("ąćéëíïłńóöśúüŁÉ", "aceeiilnoosuulE", "' ")
    return name.translate(accents).lower()
