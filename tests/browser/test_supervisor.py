"""A supervisor: sees who is next, logs in under a minute, books and moves sessions, answers."""

from playwright.sync_api import expect

from checkins.models import TalkRequest
from supervision.models import Session
from tests.browser.conftest import Riverside, SignIn

LARGEST_PAGE = 100_000  # bytes of HTML, so that it opens on a phone in a basement


def test_the_usual_session_is_logged_in_three_presses(
    sign_in: SignIn, riverside: Riverside
) -> None:
    anwen = sign_in(riverside.anwen)
    anwen.opens("/")
    anwen.follows("See who is next")
    anwen.presses = 0

    anwen.follows("Log a session with Blessing Adeyemi")
    anwen.chooses("Workload and time")
    anwen.presses_button("Save session")

    anwen.sees("Session with Blessing saved")
    assert anwen.presses == 3
    session = Session.objects.get()
    assert (session.outcome, session.themes) == (Session.Outcome.HELD, ["workload"])
    assert [each.worker for each in session.attendances.all()] == [riverside.blessing]


def test_the_log_form_is_light(sign_in: SignIn, riverside: Riverside) -> None:
    anwen = sign_in(riverside.anwen)

    answer = anwen.page.goto(f"/supervision/log/?with={riverside.blessing.pk}")

    assert answer is not None
    assert len(answer.body()) <= LARGEST_PAGE


def test_what_was_typed_is_kept_when_something_is_wrong(
    sign_in: SignIn, riverside: Riverside
) -> None:
    anwen = sign_in(riverside.anwen)

    anwen.opens(f"/supervision/log/?with={riverside.rhys.pk}")
    anwen.enters("31 February", at="When was it?")
    anwen.enters("Ask about Fridays", at="Anything you agreed to do? (optional)")
    anwen.unfolds("Add a shared note (optional)")
    anwen.enters("A good month.", at="Shared note (optional)")
    anwen.presses_button("Save session")

    anwen.sees("There is a problem")
    assert anwen.has_at("When was it?") == "31 February"
    assert anwen.has_at("Anything you agreed to do? (optional)") == "Ask about Fridays"
    assert anwen.has_at("Shared note (optional)") == "A good month."
    assert not Session.objects.exists()
    anwen.page.locator(".nhsuk-error-summary a").first.click()
    expect(anwen.page.get_by_label("When was it?", exact=True)).to_be_focused()


def test_a_session_is_booked_moved_and_cancelled(sign_in: SignIn, riverside: Riverside) -> None:
    anwen = sign_in(riverside.anwen)

    anwen.opens("/supervision/")
    anwen.follows("Book a session")
    anwen.follows("Blessing Adeyemi")
    anwen.presses_button("Book session")
    anwen.sees("Enter the time you will meet")
    anwen.enters("tomorrow", at="On which day?")
    anwen.enters("10:00", at="At what time?")
    anwen.presses_button("Book session")
    anwen.sees("Booked for")
    anwen.opens(Session.objects.booked().get().get_absolute_url())
    anwen.follows("Rearrange")
    anwen.enters("tomorrow", at="On which day?")
    anwen.enters("2.30pm", at="At what time?")
    anwen.presses_button("Move session")
    anwen.sees("Moved to", "14:30")
    anwen.opens(Session.objects.booked().get().get_absolute_url())
    anwen.follows("Cancel this session")
    anwen.presses_button("Cancel session")

    anwen.sees("The session is cancelled")
    assert not Session.objects.booked().exists()


def test_two_sessions_at_one_time_are_refused_with_the_time_that_is_taken(
    sign_in: SignIn, riverside: Riverside
) -> None:
    anwen = sign_in(riverside.anwen)

    for worker in (riverside.blessing, riverside.rhys):
        anwen.opens(f"/supervision/sessions/new/?with={worker.pk}")
        anwen.enters("tomorrow", at="On which day?")
        anwen.enters("10:00", at="At what time?")
        anwen.presses_button("Book session")

    anwen.sees("You already have a session from 10:00 to 10:20")
    assert Session.objects.booked().count() == 1


def test_a_group_session_is_one_entry(sign_in: SignIn, riverside: Riverside) -> None:
    anwen = sign_in(riverside.anwen)

    anwen.opens("/supervision/log/")
    anwen.follows("Several of them, as a group")
    anwen.chooses("Blessing Adeyemi", "Rhys Kowalska", "Workload and time")
    anwen.presses_button("Save session")

    anwen.sees("Group session saved.")
    assert Session.objects.get().attendances.count() == 2


def test_a_wish_to_talk_waits_until_it_is_answered(sign_in: SignIn, riverside: Riverside) -> None:
    TalkRequest.objects.create(
        organisation=riverside.organisation, worker=riverside.blessing, asked=riverside.anwen
    )
    anwen = sign_in(riverside.anwen)

    anwen.opens("/")
    anwen.sees("Blessing Adeyemi would like to talk")
    anwen.follows("I have been in touch with Blessing Adeyemi")
    anwen.presses_button("I have been in touch")

    anwen.sees("Thank you. Blessing sees that you have been in touch")
    anwen.sees_no("would like to talk")


def test_without_scripts_a_session_is_logged(
    sign_in_without_scripts: SignIn, riverside: Riverside
) -> None:
    anwen = sign_in_without_scripts(riverside.anwen)

    anwen.opens("/supervision/")
    anwen.follows("Log a session with Blessing Adeyemi")
    anwen.chooses("Workload and time")
    anwen.presses_button("Save session")

    anwen.sees("Session with Blessing saved")
