"""The console in a real Chromium."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, WebSocketRoute
from screening import Box, Until, job_of, key_of, wait_for

from reverie.values import Play, Rung

OTHERS = ("generate/storyboard", "watch")


@pytest.fixture
def console(served: Box, page: Page, until: Until, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The console of a box on which something has happened, and whose other programs are well."""
    monkeypatch.setattr("reverie.web.wellness.FRESH", 600.0)  # each beats once only
    for program in OTHERS:
        served.store.health.beat(program, "running", "", {})
    clip = served.studio.film(1, 48, topic="toy-car")
    moment = served.studio.moment(1, topic="toy-car")
    served.store.plays.start(
        Play("p", "window", clip.key, 1, Rung.CLIP, moment.id, "c", moment.seen, moment.seen + 0.25)
    )
    served.store.jobs.wish(job_of(2, 1, served.studio.clock.now(), topic="balloon"))
    served.store.jobs.claim(key_of(2), "w", 60, None)
    served.store.jobs.renew(key_of(2), "w", 60, 0.4)
    page.set_viewport_size({"width": 1100, "height": 800})
    page.goto(f"{served.url}/console")
    until("() => document.querySelector('#moment-list li')")
    return page


def test_it_says_what_happened_why_and_how_fast(console: Page, until: Until) -> None:
    text = until("() => document.querySelector('#moment-list li').innerText")
    assert "a banana was held up to the camera" in text.lower()
    assert "0.25 s" in text
    assert "exact film" in text
    assert "40 %" in until("() => document.querySelector('#job-list li').innerText")
    until("() => document.querySelector('#moment-list img')?.naturalWidth > 0")
    until("() => document.querySelector('#wellness').innerText == 'all well'")


SCORES = {"frames": 48.0, "sees": 0.62, "asked": 1.0, "dynamic": 0.083, "flicker": 0.987, "novel": 0.1234567}


def test_a_card_says_in_words_what_the_check_measured(served: Box, console: Page, until: Until) -> None:
    """What matters at a glance, all of it when asked, and nothing is lost that this page does not know."""
    console.route("**/api/state", lambda route: route.fulfill(json=_scored(route.fetch().json())))
    said = until("() => document.querySelector('#moment-list .check:not([hidden]) summary')?.innerText")
    assert said == "Check passed · recognised 62 % · movement 8.3 % · steadiness 0.987"
    assert not console.is_visible("#moment-list .check dl")
    console.focus("#moment-list .check summary")
    console.keyboard.press("Enter")
    until("() => document.querySelector('#moment-list .check').open")
    rows = console.inner_text("#moment-list .check dl").split("\n")
    told = dict(zip(rows[::2], rows[1::2], strict=True))
    assert told["What was asked for is seen"] == "62 %"
    assert told["Pictures"] == "48"
    assert told["novel"] == "0.123"


def _scored(state: dict[str, Any]) -> dict[str, Any]:
    for moment in state["moments"]:
        for wish in moment["wishes"]:
            wish["clip"]["scores"] = SCORES
    return state


def test_a_card_says_why_its_film_was_given_up(served: Box, console: Page, until: Until) -> None:
    why = "the clip did not pass the check: <b>it looks like noise</b> (noise 0.81, at most 0.72)"
    served.studio.moment(2, topic="balloon")
    served.store.jobs.fail(key_of(2), "w", why, retry=False)
    said = until("() => document.querySelector('#moment-list .faults .bad')?.innerText")
    assert said == f"storyboard: given up. {why[0].upper()}{why[1:]}."
    assert console.evaluate("() => document.querySelector('#moment-list .faults b')") is None


def test_a_card_says_what_comes_of_a_film_that_is_not_there_yet(
    served: Box, console: Page, until: Until
) -> None:
    """Nothing went wrong where it gave way; and a second try that waits is not made yet."""
    served.studio.moment(2, topic="balloon")
    said = "() => document.querySelector('#moment-list .faults .waits')?.innerText"
    served.store.jobs.give_back(key_of(2), "w", "it gave way: somebody waits for another one")
    assert until(said) == "storyboard: waits. It gave way: somebody waits for another one."
    served.store.jobs.claim(key_of(2), "w", 60, None)
    served.store.jobs.fail(key_of(2), "w", "the paint is gone", retry=True)
    said = "() => document.querySelector('#moment-list .faults li:not(.waits)')?.innerText"
    assert until(said) == "storyboard: will be tried again. The paint is gone."


def test_a_question_is_answered(served: Box, console: Page, until: Until) -> None:
    console.fill("#ask-text", "a dinosaur walks through the snow")
    console.press("#ask-text", "Enter")
    assert "Understood" in until("() => document.querySelector('#ask-answer').innerText")
    until(
        "() => document.querySelector('#moment-list').innerText.includes('dinosaur walks through the snow')"
    )
    assert served.store.moments.live()[0].brief.topic in console.inner_text("#ask-answer")


def test_dials_turn_by_keyboard(served: Box, console: Page, until: Until) -> None:
    console.focus("#dial-form input[name=paused]")
    console.keyboard.press("Space")
    until("() => document.querySelector('#wellness').innerText == 'generating paused'")
    assert served.store.dials().paused
    console.select_option("#dial-form select[name=language]", "zh")
    until("async () => (await (await fetch('/api/dials')).json()).language == 'zh'")


def test_a_film_opens_and_plays_by_keyboard(console: Page, until: Until) -> None:
    until("() => document.querySelector('#film-list .thumb:not(:disabled)')")
    console.focus("#film-list .thumb")
    console.keyboard.press("Enter")
    until(
        "() => document.querySelector('#film').open && document.querySelector('#film video').currentTime > 0"
    )
    assert key_of(1) in console.inner_text("#film")
    console.keyboard.press("Escape")
    until("() => !document.querySelector('#film').open && !document.querySelector('#film video').src")


def test_it_says_when_the_server_is_away_and_recovers(served: Box, console: Page, until: Until) -> None:
    port = int(served.url.rpartition(":")[2])
    served.stop()
    until("() => document.querySelector('#wellness').innerText == 'no answer'")
    settings = served.config.serve.model_copy(update={"port": port})
    served.config = served.config.model_copy(update={"serve": settings})
    served.start()
    until("() => document.querySelector('#wellness').innerText == 'all well'")


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_sticks_out_on_any_screen(console: Page, width: int, until: Until) -> None:
    console.set_viewport_size({"width": width, "height": 800})
    until("() => document.documentElement.scrollWidth <= innerWidth")


def test_it_needs_you_when_a_program_is_not_well(served: Box, console: Page, until: Until) -> None:
    until("() => document.querySelector('#wellness').innerText == 'all well'")
    served.store.health.beat("watch", "failing", "the detector cannot be loaded", {})
    until("() => document.querySelector('#wellness').innerText == 'needs you'")
    assert "watch: the detector cannot be loaded" in console.inner_text("#trouble")


# state, made, failed → what the header says
FARES = [
    ("running", 0, 1, "all well"),  # the first try of the first film
    ("running", 0, 2, "films fail"),
    ("running", 1, 2, "all well"),
    ("failing", 0, 4, "needs you"),
    ("failing", 9, 4, "needs you"),
]


def test_it_says_when_films_fail(served: Box, console: Page, until: Until) -> None:
    for state, made, failed, word in FARES:
        served.store.health.beat(
            "generate/storyboard", state, f"{made}/{failed}", {"made": made, "failed": failed}
        )
        until(
            "(word) => document.querySelector('#program-list').innerText.includes(word)", f"{made}/{failed}"
        )
        assert console.inner_text("#wellness") == word
    assert "generate/storyboard: 9/4" in console.inner_text("#trouble")


PILL = "(word) => document.querySelector('#live-state').innerText == word"


@pytest.fixture
def sockets(page: Page) -> list[WebSocketRoute]:
    """Every time that the page asks for the live view; the test answers."""
    asked: list[WebSocketRoute] = []
    page.route_web_socket("**/api/live*", lambda socket: asked.append(socket))
    return asked


def show(page: Page, sockets: list[WebSocketRoute], count: int) -> None:
    """Answer the `count`th asking with a picture."""
    wait_for(lambda: page.evaluate("1") and len(sockets) >= count, f"the live view to be asked for {count} x")
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(picture, "JPEG")
    sockets[count - 1].send(picture.getvalue())


def test_a_live_view_that_is_slow_is_waited_for(
    served: Box, page: Page, sockets: list[WebSocketRoute], until: Until
) -> None:
    """It is said to be over when no picture came for ten seconds, not when one is late."""
    page.clock.install()
    page.goto(f"{served.url}/console")
    show(page, sockets, 1)
    until(PILL, "live")
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 5)  # a busy box here must not age the picture
    sockets[0].close()
    until(PILL, "slow")
    assert page.is_visible("#live-picture")
    page.clock.run_for(2_000)
    show(page, sockets, 2)
    until(PILL, "live")
    sockets[1].send('{"waiting": "no camera program"}')
    until(PILL, "slow")
    page.clock.run_for(10_000)
    sockets[1].send('{"waiting": "no camera program"}')
    until(PILL, "waiting")
    assert page.inner_text("#live-note") == "The camera program is not running."
    sockets[1].close()
    until(PILL, "off")
    assert page.inner_text("#live-note") == "The live view has ended."


def test_nobody_sees_a_live_view_of_long_ago(
    served: Box, page: Page, sockets: list[WebSocketRoute], until: Until
) -> None:
    page.set_viewport_size({"width": 500, "height": 200})
    page.goto(f"{served.url}/console")
    page.evaluate("() => document.querySelector('#live').scrollIntoView({ behavior: 'instant' })")
    show(page, sockets, 1)
    until(PILL, "live")
    page.evaluate("() => scrollTo({ top: 1e6, behavior: 'instant' })")
    until(PILL, "paused")
    assert not page.is_visible("#live-picture")


def test_a_program_that_never_reports_is_missed(served: Box, page: Page, until: Until) -> None:
    """At first the box may still be starting; then somebody is needed."""
    page.goto(f"{served.url}/console")
    until("() => document.querySelector('#wellness').innerText == 'starting'")
    assert "missing" in page.inner_text("#program-list")
    page.route(
        "**/api/state",
        lambda route: route.fulfill(json=_aged(route.fetch().json())),
    )
    until("() => document.querySelector('#wellness').innerText == 'needs you'")
    assert "watch: has not reported" in page.inner_text("#trouble")


def _aged(state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "programs": [{**p, "age": p["age"] + 60} for p in state["programs"]]}


def test_chinese_has_its_letters(console: Page, until: Until) -> None:
    """The font that comes along is loaded for Chinese text, and for that alone."""
    ask = """async (text) => (await document.fonts.load("16px 'Reverie CJK'", text)).map((f) => f.status)"""
    assert console.evaluate(ask, "cat, “cat”") == []
    assert console.evaluate(ask, "小猫。") == ["loaded"], "the policy allows it, and the browser can read it"


def test_the_kiosk_has_them_before_its_first_caption(served: Box, page: Page, until: Until) -> None:
    page.goto(served.url)
    until("() => [...document.fonts].every((face) => face.status == 'loaded') && document.fonts.size == 1")
