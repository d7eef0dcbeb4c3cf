"""One PSW's own scores over time, drawn on the server, and the same figures as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkins import instruments
from checkins.models import CheckIn
from checkins.scoring import Instrument, shown
from cohorts.templatetags.days import in_words
from peersupport.accounts.models import RecordRead, User

# Half a year of weekly ones: what fits on a phone and still shows where things are going.
LATEST = 26

# The drawing: x in per cent of its width, y in pixels, so that its words stay readable on a phone.
LEFT, RIGHT = 10.0, 95.0
TOP, BOTTOM, LABELS = 28.0, 168.0, 192.0
MOST_MONTHS = 6
CLOSE = 12.0  # nearer than this, two words touch on a phone

# What a person's name is made of.
NAMES = ("known_as", "given_name", "family_name")


@dataclass(frozen=True)
class Point:
    """One score, and where it stands in the drawing."""

    on: date
    score: int
    x: float
    y: float

    @property
    def value_y(self) -> float:
        """Where its value is written: just above."""
        return round(self.y - 11, 1)


@dataclass(frozen=True)
class Line:
    """From one point to the next."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Mark:
    """A word on one of the axes, and where it stands."""

    words: str
    at: float


@dataclass(frozen=True)
class Trend:
    """The latest scores of one person with one instrument, oldest first."""

    instrument: Instrument
    points: list[Point]
    readers: list[str]

    def __bool__(self) -> bool:
        return bool(self.points)

    @property
    def lines(self) -> list[Line]:
        return [
            Line(one.x, one.y, next_.x, next_.y)
            for one, next_ in zip(self.points, self.points[1:], strict=False)
        ]

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def values(self) -> list[Point]:
        """The points whose value is written: the last, and the extremes that do not touch it."""
        written = [self.last]
        for extreme in (max, min):
            point = extreme(self.points, key=lambda point: point.score)
            if all(abs(point.x - other.x) > CLOSE for other in written):
                written.append(point)
        return written

    @property
    def scale(self) -> list[Mark]:
        """Four rules from the lowest possible score to the highest."""
        lowest, highest = self.instrument.rule.lowest, self.instrument.rule.highest
        scores = [lowest + (highest - lowest) * third / 3 for third in range(4)]
        return [Mark(str(round(score)), _height(score, self.instrument)) for score in scores]

    @property
    def months(self) -> list[Mark]:
        """The months along the foot, thinned out to what fits."""
        return _months(self.points[0].on, self.last.on)

    @property
    def sentence(self) -> str:
        """What the drawing shows, for those who do not see it."""
        return gettext(
            "%(count)s check-ins from %(first)s to %(last)s. The latest came to %(score)s of "
            "%(highest)s; the lowest was %(least)s and the highest %(most)s."
        ) % {
            "count": len(self.points),
            "first": in_words(self.points[0].on),
            "last": in_words(self.last.on),
            "score": self.last.score,
            "highest": round(self.instrument.rule.highest),
            "least": min(point.score for point in self.points),
            "most": max(point.score for point in self.points),
        }

    @property
    def caption(self) -> str:
        if self.instrument.higher_is == "better":
            return gettext("My check-ins. Higher is better.")
        return gettext("My check-ins. Lower is better.")

    @property
    def seen_by(self) -> str:
        """Who else has opened any of these, in words."""
        names = ", ".join(self.readers) or gettext("nobody")
        return gettext("Who has opened any you shared: %(names)s") % {"names": names}

    head = (_("Date"), _("Score"))

    @property
    def rows(self) -> list[tuple[str, int]]:
        """The same figures as a table, the latest first."""
        return [(in_words(point.on), point.score) for point in reversed(self.points)]

    @cached_property
    def svg(self) -> SafeString:
        return render_to_string("checkins/trend.svg.html", {"trend": self})


def of(worker: User, key: str = "pulse") -> Trend:
    """The trend of `worker`, for nobody's eyes but theirs. One query."""
    instrument = instruments.get(key)
    reads = RecordRead.objects.filter(
        subject=worker, kind=RecordRead.Kind.CHECK_IN, record_id=OuterRef("pk")
    ).values(names=JSONObject(**{part: f"reader__{part}" for part in NAMES}))
    latest = (
        CheckIn.objects.of(worker)
        .filter(instrument=key, score__isnull=False)
        .annotate(readers=ArraySubquery(reads))
        .order_by("-answered_on")
        .only("answered_on", "score")[:LATEST]
    )
    check_ins = list(reversed(latest))
    readers = {User(**names).name for check_in in check_ins for names in check_in.readers}
    return Trend(instrument, _points(check_ins, instrument), sorted(readers))


def _points(check_ins: Sequence[CheckIn], instrument: Instrument) -> list[Point]:
    if not check_ins:
        return []
    first, last = check_ins[0].answered_on, check_ins[-1].answered_on
    return [
        Point(
            on=check_in.answered_on,
            score=shown(check_in.score),
            x=_across(check_in.answered_on, first, last),
            y=_height(check_in.score, instrument),
        )
        for check_in in check_ins
        if check_in.score is not None
    ]


def _height(score: Decimal | int, instrument: Instrument) -> float:
    rule = instrument.rule
    share = float((score - rule.lowest) / (rule.highest - rule.lowest))
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)


def _across(day: date, first: date, last: date) -> float:
    days = (last - first).days
    share = (day - first).days / days if days else 1.0
    return round(LEFT + (RIGHT - LEFT) * share, 2)


def _months(first: date, last: date) -> list[Mark]:
    starts = [first]
    while (start := (starts[-1] + relativedelta(months=1)).replace(day=1)) <= last:
        starts.append(start)
    step = -(-len(starts) // MOST_MONTHS)
    marks = [Mark(date_format(start, "M"), _across(start, first, last)) for start in starts[::step]]
    if len(marks) > 1 and marks[1].at - marks[0].at < CLOSE:
        del marks[0]
    return marks
