"""What each role comes to do, from the first press to the last."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core import mail
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from checkins.models import CheckIn
from cohorts.invitations import invite
from cohorts.models import Cohort, Membership, SupervisorAssignment
from cohorts.roster.work import work_on_all
from peersupport.accounts.actions import Invitee
from peersupport.accounts.models import Role, User
from supervision.models import Session
from tests import programme

Look = Callable[[], None]
SignIn = Callable[[User], None]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "three words unlike others"


@pytest.fixture(params=[1280, 320], ids=["desktop", "phone"])
def width(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, width: int) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, base_url=live_server.url
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def sign_in(page: Page, live_server: LiveServer) -> SignIn:
    """Sign in without typing: the sign-in page has a journey of its own."""

    def enter(user: User) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])

    return enter


@pytest.fixture
def look(page: Page) -> Look:
    """Look at the page as it stands: accessible, nothing sideways, an error said in the title."""

    def closely() -> None:
        root = "document.documentElement"
        sideways = page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
        violations = [
            (each["id"], each["nodes"][0]["target"])
            for each in Axe().run(page).response["violations"]
        ]
        failed = page.locator(".nhsuk-error-summary").count() > 0

        assert violations == [], page.url
        assert sideways <= 0, page.url
        assert page.title().startswith("Error: ") == failed, page.url

    return closely


def test_a_head_imports_a_roster_and_places_people(page: Page, look: Look, sign_in: SignIn) -> None:
    where = programme.organisation()
    sign_in(programme.head(where))
    manager = programme.supervisor(where, given_name="Anwen", email="anwen@trust.example")
    programme.supervisor(where, given_name="Leila")
    roster = (
        "employee_number,first_name,last_name,email,role,site,team,line_manager_email\n"
        "1,Ifeoma,Santos,ifeoma@trust.example,psw,Riverside,Therapies,anwen@trust.example\n"
        "2,Rhys,Kaur,rhys@trust.example,psw,Castle Hill,Theatres,\n"
        "3,Tariq,Singh,tariq@,psw,Riverside,Pharmacy,\n"
    )

    page.goto("/cohorts/roster/import/")
    page.set_input_files(
        "input[type=file]",
        {"name": "roster.csv", "mimeType": "text/csv", "buffer": roster.encode()},
    )
    page.get_by_role("button", name="Check").click()
    work_on_all()
    page.reload()
    look()
    expect(page.get_by_text("tariq@")).to_be_visible()
    expect(page.get_by_text("Nothing has been changed yet")).to_be_visible()
    assert not User.objects.filter(email="rhys@trust.example").exists()
    page.get_by_role("button", name="Import 2 changes").click()
    work_on_all()
    page.reload()
    look()

    page.goto("/cohorts/new/")
    page.get_by_role("button", name="Start cohort").click()
    look()
    page.get_by_label("What is the cohort called?").fill("Winter 2026")
    page.get_by_label("When does it start?").fill(programme.today().isoformat())
    page.get_by_role("button", name="Start cohort").click()
    look()

    page.goto("/cohorts/place/")
    page.get_by_role("button", name="Check before placing").click()
    look()
    page.get_by_label("Ifeoma Santos").check()
    page.get_by_label("Rhys Kaur").check()
    page.locator("[name=to-cohort]").select_option(str(Cohort.objects.get().pk))
    page.locator("[name=to-supervisor]").select_option(str(manager.pk))
    page.get_by_role("button", name="Check before placing").click()
    look()
    expect(page.get_by_text("line manager. Choose another supervisor.")).to_be_visible()
    leila = User.objects.get(given_name="Leila")
    page.locator("select[name^=supervisor-]").select_option(str(leila.pk))
    page.locator("button[name=confirm], button[name=again]").first.click()
    if page.locator("button[name=confirm]").count():
        page.locator("button[name=confirm]").click()
    look()

    supervisors = set(SupervisorAssignment.objects.values_list("supervisor", flat=True))
    assert supervisors == {manager.pk, leila.pk}
    page.get_by_role("button", name="Undo").click()
    look()
    assert not Membership.objects.current().exists()


def test_a_supervisor_logs_a_session_in_three_presses(
    page: Page, look: Look, sign_in: SignIn
) -> None:
    where = programme.organisation()
    supervisor = programme.supervisor(where)
    worker = programme.supervised_psw(supervisor, programme.cohort(where), given_name="Blessing")
    sign_in(supervisor)
    page.goto("/supervision/")
    look()
    presses = 0

    for press in (
        page.get_by_role("link", name="Log a session with Blessing"),
        page.get_by_label("Workload and time"),
        page.get_by_role("button", name="Save session"),
    ):
        press.click()
        presses += 1

    look()
    expect(page.get_by_text("Session with Blessing saved")).to_be_visible()
    assert presses == 3
    session = Session.objects.get()
    assert (session.outcome, session.themes) == ("held", ["workload"])
    assert session.attendances.get().worker == worker


def test_what_a_supervisor_typed_is_kept_when_something_is_wrong(
    page: Page, look: Look, sign_in: SignIn
) -> None:
    where = programme.organisation()
    supervisor = programme.supervisor(where)
    worker = programme.supervised_psw(supervisor, programme.cohort(where))
    sign_in(supervisor)
    page.goto(f"/supervision/log/?with={worker.pk}")
    page.get_by_label("When was it?").fill("31 February")
    page.get_by_label("Anything you agreed").fill("Ask about Fridays")

    page.get_by_role("button", name="Save session").click()

    look()
    page.locator(".nhsuk-error-summary a").first.click()
    expect(page.get_by_label("When was it?")).to_be_focused()
    expect(page.get_by_label("Anything you agreed")).to_have_value("Ask about Fridays")
    assert not Session.objects.exists()


def test_a_supervisor_books_moves_and_cancels(page: Page, look: Look, sign_in: SignIn) -> None:
    where = programme.organisation()
    supervisor = programme.supervisor(where)
    programme.supervised_psw(supervisor, programme.cohort(where), given_name="Blessing")
    sign_in(supervisor)
    page.goto("/supervision/sessions/new/")
    look()
    page.get_by_role("link", name="Blessing").first.click()
    look()
    page.get_by_role("button", name="Book session").click()
    look()
    page.get_by_label("On which day?").fill("tomorrow")
    page.get_by_label("At what time?").fill("10:00")
    page.get_by_role("button", name="Book session").click()
    look()
    booked = Session.objects.booked().get()

    page.goto(f"/supervision/sessions/{booked.pk}/rearrange/")
    look()
    page.get_by_label("On which day?").fill("tomorrow")
    page.get_by_label("At what time?").fill("2.30pm")
    page.get_by_role("button", name="Move session").click()
    moved = Session.objects.booked().get()
    page.goto(f"/supervision/sessions/{moved.pk}/cancel/")
    look()
    page.get_by_role("button", name="Cancel session").click()
    look()

    assert not Session.objects.booked().exists()


def test_a_psw_accepts_an_invitation_and_checks_in_by_keyboard(page: Page, look: Look) -> None:
    where = programme.organisation()
    head = programme.head(where)
    supervisor = programme.supervisor(where)
    invitee = Invitee("nia@trust.example", "Nia", "Lloyd", Role.PSW)
    invitation = invite(invitee, organisation=where, by=head)
    worker = User.objects.get(email="nia@trust.example")
    programme.supervised(programme.member(worker, programme.cohort(where)), supervisor)

    page.goto(f"/invitation/{invitation.key}/")
    look()
    page.get_by_label("Choose a password").fill("short")
    page.get_by_role("button", name="Save and sign in").click()
    look()
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("button", name="Save and sign in").click()
    look()
    page.get_by_role("button", name="Check in", exact=True).click()
    look()
    page.get_by_role("button", name="Save check-in").click()
    look()
    for number in range(3):
        page.locator(".app-scale__input").nth(number * 11 + 5).focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Save check-in").click()
    look()

    check_in = CheckIn.objects.get()
    assert sorted(check_in.answers.values()) == [6, 6, 6]


def test_a_psw_shares_takes_back_and_asks_to_talk(page: Page, look: Look, sign_in: SignIn) -> None:
    where = programme.organisation()
    supervisor = programme.supervisor(where, given_name="Anwen")
    worker = programme.supervised_psw(supervisor, programme.cohort(where))
    sign_in(worker)
    page.goto("/check-ins/new/")
    for number in range(3):
        page.locator(".app-scale__input").nth(number * 11 + 7).check()
    page.get_by_label("Share this one with Anwen").check()
    page.get_by_role("button", name="Save check-in").click()
    look()
    check_in = CheckIn.objects.get()
    shared = list(CheckIn.objects.readable_by(supervisor))
    page.get_by_role("button", name="Take").first.click()
    look()
    page.goto("/check-ins/talk/")
    look()
    page.locator("main form button").last.click()
    look()

    assert shared == [check_in]
    assert list(CheckIn.objects.readable_by(supervisor)) == []
    assert supervisor.talk_requests_received.count() == 1


def test_signing_in_says_what_went_wrong_and_then_lets_one_in(page: Page, look: Look) -> None:
    person = programme.psw(programme.organisation(), email="ana@trust.example")
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    page.goto("/")
    look()
    page.get_by_role("button", name="Sign in").click()
    look()
    page.get_by_label("E-mail address").fill("ana@trust.example")
    page.locator("input[name=password]").fill("not this one at all")
    page.get_by_role("button", name="Sign in").click()
    look()
    expect(page.get_by_label("E-mail address")).to_have_value("ana@trust.example")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    look()
    expect(page.get_by_role("heading", level=1)).to_contain_text(person.first_name)

    page.get_by_role("button", name="Sign out").click()
    look()
    page.goto("/accounts/password/reset/")
    page.locator("input[name=email]").fill("ana@trust.example")
    page.locator("main form button").last.click()
    look()
    assert [message.to for message in mail.outbox] == [["ana@trust.example"]]


def test_an_auditor_sees_whether_e_mails_went_out(page: Page, look: Look, sign_in: SignIn) -> None:
    where = programme.organisation()
    sign_in(programme.ig_auditor(where))
    page.goto("/")
    look()

    page.get_by_role("link", name="The delivery log").click()

    look()
    expect(page.get_by_text("No e-mails yet")).to_be_visible()


def test_without_javascript_a_session_is_logged_and_a_check_in_made(
    browser: Browser, live_server: LiveServer, sign_in: SignIn, page: Page, width: int
) -> None:
    where = programme.organisation()
    supervisor = programme.supervisor(where)
    worker = programme.supervised_psw(
        supervisor, programme.cohort(where, starts_on=date(2026, 1, 5))
    )
    sign_in(supervisor)
    state = page.context.storage_state()
    context = browser.new_context(
        java_script_enabled=False,
        storage_state=state,
        base_url=live_server.url,
        viewport={"width": width, "height": 800},
    )
    plain = context.new_page()

    plain.goto(f"/supervision/log/?with={worker.pk}")
    plain.get_by_role("button", name="Save session").click()

    assert "saved" in plain.locator("main").inner_text()
    assert Session.objects.held().count() == 1
    context.close()
