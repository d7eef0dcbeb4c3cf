"""A peer support worker: checks in, sees their own line, decides who reads it, asks to talk."""

from datetime import timedelta

from django.utils import timezone

from checkins.models import CheckIn, TalkRequest
from peersupport.accounts.models import User
from supervision.models import AgreedAction, Attendance, Session
from tests.browser.conftest import Riverside, SignIn
from tests.browser.visitor import Visitor, starts

ENERGY = "How much energy have you had this week?"
STRAIN = "How much strain has the role put on you?"
SUPPORT = "How well supported have you felt?"


def test_checking_in_takes_a_keyboard_and_shows_ones_own_line(
    sign_in: SignIn, riverside: Riverside
) -> None:
    checked_in_before(riverside.blessing)
    blessing = sign_in(riverside.blessing)

    blessing.opens("/")
    blessing.follows("Check in")
    blessing.sees("Only you will see your answers.")
    blessing.presses_button("Save check-in")
    blessing.sees("Answer at least one question")
    checks_in(blessing)

    blessing.sees("Check-in saved. Only you can read it", "Help lines", "Samaritans")
    blessing.unfolds("As a table")
    blessing.looks()
    assert CheckIn.objects.latest("pk").answers == {"energy": 6, "strain": 4, "supported": 8}
    assert not CheckIn.objects.readable_by(riverside.anwen).exists()


def test_a_check_in_is_shared_read_and_taken_back(sign_in: SignIn, riverside: Riverside) -> None:
    checked_in_before(riverside.blessing)
    blessing, anwen = sign_in(riverside.blessing), sign_in(riverside.anwen)
    check_in = CheckIn.objects.of(riverside.blessing).get()
    page = check_in.get_absolute_url()

    blessing.opens(page)
    blessing.presses_button(starts("Share with Anwen"))
    anwen.opens("/check-ins/shared/")
    anwen.follows(starts("Blessing Adeyemi"))
    anwen.sees("Blessing Adeyemi shares this check-in with you.")
    blessing.opens(page)
    blessing.sees("Anwen Haddad")
    blessing.presses_button(starts("Take back"))
    anwen.opens(page)
    blessing.opens("/me/")

    anwen.sees("There is nothing here")
    blessing.sees("Who has opened it", "Anwen Haddad")


def test_asking_to_talk_tells_the_supervisor_no_more_than_that(
    sign_in: SignIn, riverside: Riverside
) -> None:
    blessing = sign_in(riverside.blessing)

    blessing.opens("/")
    blessing.follows("I'd like to talk")
    blessing.sees("Anwen Haddad is told that you would like to talk.")
    blessing.presses_button("Tell Anwen")

    blessing.sees("You have asked to talk to Anwen Haddad", "Anwen has not answered yet")
    assert TalkRequest.objects.get().asked == riverside.anwen
    blessing.presses_button("I no longer need this")
    blessing.sees("Taken back. You can ask to talk at any time")


def test_what_was_agreed_stands_in_my_supervision_until_it_is_done(
    sign_in: SignIn, riverside: Riverside
) -> None:
    session = supervised_a_week_ago(riverside)
    blessing = sign_in(riverside.blessing)

    blessing.opens("/")
    blessing.follows("Ask about Fridays")
    blessing.sees("My supervision", "Sessions so far")
    blessing.opens(session.get_absolute_url())
    blessing.sees("Protected time on Fridays went well.")
    blessing.opens("/supervision/mine/")
    blessing.presses_button(starts("Done"))

    blessing.sees("Marked as done", "Nothing open.")
    blessing.opens("/cohorts/mine/")
    blessing.sees("Riverside wards")


def test_without_scripts_a_check_in_is_saved_and_shared(
    sign_in_without_scripts: SignIn, riverside: Riverside
) -> None:
    blessing = sign_in_without_scripts(riverside.blessing)

    blessing.opens("/")
    blessing.follows("Check in")
    blessing.chooses("Share this one with Anwen Haddad")
    checks_in(blessing)

    blessing.sees("Check-in saved, and shared with Anwen Haddad")
    assert list(CheckIn.objects.readable_by(riverside.anwen)) == list(CheckIn.objects.all())


def checks_in(visitor: Visitor) -> None:
    visitor.answers(ENERGY, 6)
    visitor.answers(STRAIN, 4)
    visitor.answers(SUPPORT, 8)
    visitor.presses_button("Save check-in")


def checked_in_before(worker: User) -> None:
    CheckIn.objects.create(
        organisation=worker.organisation,
        worker=worker,
        instrument="pulse",
        answered_on=timezone.localdate() - timedelta(days=7),
        answers={"energy": 5, "strain": 5, "supported": 5},
        score="50.00",
    )


def supervised_a_week_ago(riverside: Riverside) -> Session:
    """A session with a note, and something Blessing agreed to do."""
    where = riverside.organisation
    session = Session.objects.create(
        organisation=where,
        supervisor=riverside.anwen,
        held_on=timezone.localdate() - timedelta(days=7),
        outcome=Session.Outcome.HELD,
        shared_note="Protected time on Fridays went well.",
        logged_at=timezone.now(),
        logged_by=riverside.anwen,
    )
    Attendance.objects.create(organisation=where, session=session, worker=riverside.blessing)
    AgreedAction.objects.create(
        organisation=where, session=session, owner=riverside.blessing, words="Ask about Fridays"
    )
    return session
