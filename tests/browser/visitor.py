"""Somebody at a browser, who looks closely at every page they come to."""

import re
from collections.abc import Iterable
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Error, Locator, Page, ViewportSize, expect

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 640}

ENDING = " – Peer support"
ANOTHER_HEADING = {"Home"}
"""Pages whose heading is not their name: home says good morning."""

AXE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
FACTS = """() => ({
    headings: [...document.querySelectorAll("h1")].map(heading => heading.innerText),
    summaries: document.querySelectorAll(".nhsuk-error-summary").length,
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wider: [...document.querySelectorAll("main *, header *, footer *")]
        .filter(each =>
            each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .map(each => each.outerHTML.slice(0, 120)).slice(0, 3),
})"""

WATCH_FOCUS = """() => {
    const FIELDS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
    const whole = ["outlineStyle", "outlineWidth", "boxShadow", "backgroundColor", "borderColor"];
    const look = element => [null, "::before"].flatMap(part => {
        const style = getComputedStyle(element, part);
        return whole.map(name => style[name]);
    }).join();
    // A radio's ring is drawn on its label; Tab comes to one radio of a group.
    const around = field => [field, ...(field.labels ?? []), field.parentElement].map(look).join();
    const name = field => field.type === "radio" ? field.form.action + field.name : field;
    const short = field => field.outerHTML.slice(0, 160);
    const shown = [...document.querySelectorAll(FIELDS)]
        .filter(each => !each.disabled && each.tabIndex >= 0 && each.checkVisibility());
    const before = new Map(shown.map(each => [each, around(each)]));
    const reached = new Set();
    window.watched = {
        unseen: [],
        missed: () => shown.filter(each => !reached.has(name(each))).map(short),
    };
    document.addEventListener("focusin", ({ target }) => {
        reached.add(name(target));
        if (around(target) === before.get(target)) watched.unseen.push(short(target));
    });
    document.activeElement?.blur();
    const inside = shown.filter(each => each.type === "date").length * 3;  // day, month, calendar
    return new Set(shown.map(name)).size + inside;
}"""


class Visitor:
    """A person's browser. `presses` counts what they have pressed; each new page is looked at."""

    def __init__(self, page: Page, *, scripts: bool = True) -> None:
        self.page = page
        self.scripts = scripts
        self.presses = 0
        self.said: list[str] = []
        page.set_default_timeout(10_000)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def _listen(self, message: ConsoleMessage) -> None:
        """Keep what the browser complains of, but not that the page itself is a 404."""
        about = message.location["url"]
        is_404 = message.text.startswith("Failed to load resource") and about == self.page.url
        if message.type in ("error", "warning") and not is_404:
            self.said.append(f"{message.text} ({about})")

    def opens(self, address: str) -> None:
        self.page.goto(address)
        self.looks()

    def follows(self, link: str | re.Pattern[str]) -> None:
        """Press the one link with this name, or link drawn as a button, and look where it leads."""
        links = self.page.get_by_role("link", name=link, exact=True)
        drawn_as_buttons = self.page.get_by_role("button", name=link, exact=True)
        self._goes_by(links.or_(drawn_as_buttons.and_(self.page.locator("a"))))

    def presses_button(self, name: str | re.Pattern[str]) -> None:
        """Press the one button with this name and look at what comes of it."""
        self._goes_by(self.page.get_by_role("button", name=name, exact=True))

    def _goes_by(self, control: Locator) -> None:
        self.presses += 1
        with self.page.expect_navigation():
            control.click()
        self.looks()

    def chooses(self, *labels: str) -> None:
        """Press the radio buttons or ticks with these labels."""
        for label in labels:
            self.presses += 1
            self.page.get_by_label(label, exact=True).check()

    def selects(self, question: str, answer: str, *, of: str | None = None) -> None:
        """Choose the one answer that begins with these words, in the group `of` questions."""
        part = self.page.get_by_role("group", name=of) if of else self.page
        select = part.get_by_label(question, exact=True)
        texts = [text.strip() for text in select.locator("option").all_text_contents()]
        found = [text for text in texts if text.startswith(answer)]
        assert len(found) == 1, texts
        select.select_option(label=found[0])

    def answers(self, question: str, number: int) -> None:
        """Come to a scale by Tab and choose with the arrow keys, as one does without a mouse."""
        squares = (
            self.page.get_by_role("radiogroup", name=question)
            .or_(self.page.get_by_role("group", name=question))
            .get_by_role("radio")
        )
        squares.first.focus()
        self.page.keyboard.press("Space")
        for _ in range(number):
            self.page.keyboard.press("ArrowRight")
        expect(squares.nth(number)).to_be_checked()

    def brings(self, file: str, content: bytes) -> None:
        """Choose a file; NHS.UK's script puts a button of its own where its label leads."""
        self.page.locator("input[type=file]").set_input_files(
            {"name": file, "mimeType": "text/csv", "buffer": content}
        )

    def unfolds(self, words: str) -> None:
        """Open a part of the page that is folded away."""
        self.page.get_by_text(words, exact=True).click()

    def enters(self, words: str, *, at: str) -> None:
        self.page.get_by_label(at, exact=True).fill(words)

    def sees(self, *words: str) -> None:
        for each in words:
            expect(self.page.locator("body")).to_contain_text(each)

    def sees_no(self, *words: str) -> None:
        for each in words:
            expect(self.page.locator("main")).not_to_contain_text(each)

    def waits_until_gone(self, words: str) -> None:
        """Wait for a page that looks again by itself, and look at what it has become."""
        expect(self.page.locator("main")).not_to_contain_text(words, timeout=20_000)
        self.looks()

    def has_at(self, label: str) -> str:
        """What stands in the field with this label."""
        return self.page.get_by_label(label, exact=True).input_value()

    def looks(self) -> None:
        """Look at the page; again, where it came anew by itself meanwhile."""
        try:
            self._looks_closely()
        except Error as error:
            if "navigation" not in error.message:
                raise
            self.page.wait_for_load_state()
            self._looks_closely()

    def _looks_closely(self) -> None:
        """What must be true of every page, whatever is on it."""
        if self.scripts:
            self.page.wait_for_selector("body.js-enabled")
        where = f"{self.page.url} at {self.page.viewport_size}"
        facts: dict[str, Any] = self.page.evaluate(FACTS)
        assert not self.said, f"{where}: the browser says {self.said}"
        assert facts["sideways"] <= 0, f"{where} scrolls sideways: {facts['wider']}"
        self._names_itself(facts, where)
        if self.scripts:  # axe is one
            found = violations(self.page)
            assert not found, f"{where}: {found}"
        self.said.clear()  # axe tries styles that our policy refuses

    def _names_itself(self, facts: dict[str, Any], where: str) -> None:
        """One heading, which is the page's name; an error says so there too."""
        title = self.page.title()
        assert len(facts["headings"]) == 1, f"{where}: has the headings {facts['headings']}"
        assert title.startswith("Error: ") == bool(facts["summaries"]), f"{where}: is named {title}"
        name = title.removeprefix("Error: ").removesuffix(ENDING)
        assert title.endswith(ENDING), f"{where}: is named {title}"
        heading = _one_line(facts["headings"][0])
        assert name in {heading, *ANOTHER_HEADING}, f"{where}: {name} is headed {heading}"

    def opens_at_both_widths(self, address: str) -> None:
        self.page.set_viewport_size(NARROW)
        self.opens(address)
        self.page.set_viewport_size(WIDE)
        self.looks()

    def reaches_everything_by_keyboard(self) -> None:
        """Tab comes to each control in turn, and one can see where it is."""
        controls: int = self.page.evaluate(WATCH_FOCUS)
        for _ in range(controls + 2):  # and out of the page, and in again
            self.page.keyboard.press("Tab")
        missed, unseen = self.page.evaluate("[watched.missed(), watched.unseen]")
        assert not missed, f"{self.page.url}: Tab does not come to {missed}"
        assert not unseen, f"{self.page.url}: one does not see the focus on {unseen}"


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    if page.evaluate("!window.axe"):  # half a megabyte: once a page
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options)", AXE)["violations"]
    return [f"{rule['id']}: {rule['help']}: {_places(rule['nodes'])}" for rule in found]


def _places(nodes: Iterable[dict[str, Any]]) -> list[str]:
    return [node["html"][:200] for node in nodes][:3]


def _one_line(words: str) -> str:
    return " ".join(words.split())


def starts(words: str) -> re.Pattern[str]:
    """A name that begins with these words; the rest says whose it is."""
    return re.compile(f"^{re.escape(words)}")
