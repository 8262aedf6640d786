"""The Zones page in a real Chromium: drawn by keyboard, mouse and finger, refused by name."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route
from screening import Box, Until, make_box

from reverie import zones
from reverie.errors import ConfigError
from reverie.vision.geometry import side

SQUARE = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.4]]
CAMERAS = [
    {
        "name": "front",
        "source": "demo",
        "zones": [{"name": "desk", "polygon": SQUARE, "labels": ["person", "cup"], "dwell": 4}],
        "lines": [{"name": "door", "start": [0.6, 0.2], "end": [0.6, 0.8]}],
    },
    {"name": "back door", "source": "demo"},
]
SAID = "(word) => document.querySelector('#bar').innerText.includes(word)"


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """One box of two cameras for all tests here: what they change is one file."""
    box = make_box(tmp_path_factory.mktemp("box"), cameras=CAMERAS)
    yield box
    box.stop()
    box.store.close()


@pytest.fixture
def served(one: Box) -> Box:
    """The box, served, with nothing drawn on it."""
    zones.file_of(one.config.store.folder).unlink(missing_ok=True)
    if not one.url or not answers(one):
        one.start()
    return one


def answers(box: Box) -> bool:
    try:
        return httpx.get(f"{box.url}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def still(route: Route) -> None:
    """What a camera sees: grey, 4:3."""
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "gray").save(picture, "JPEG")
    route.fulfill(body=picture.getvalue(), content_type="image/jpeg")


def shown(page: Page, served: Box, until: Until) -> Page:
    page.route("**/still", still)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{served.url}/console/zones")
    until("() => document.querySelector('#picture').naturalWidth > 0")
    return page


@pytest.fixture
def editor(served: Box, page: Page, until: Until) -> Page:
    """The page on the first camera, its still there."""
    return shown(page, served, until)


def plan(served: Box, camera: int = 0) -> zones.Plan:
    """What holds now, as `watch` reads it."""
    found = served.config.cameras[camera]
    return zones.load(served.config.store.folder, [found])[found.name]


def names(served: Box, camera: int = 0) -> list[str]:
    found = plan(served, camera)
    return [zone.name for zone in found.zones] + [line.name for line in found.lines]


def listed(page: Page) -> list[str]:
    return page.locator("#shape-list strong").all_inner_texts()


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a fraction of the picture is in the window."""
    area = page.locator("#easel").bounding_box()
    assert area is not None
    return area["x"] + x * area["width"], area["y"] + y * area["height"]


def click(page: Page, x: float, y: float) -> None:
    page.mouse.click(*place(page, x, y))


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*place(page, *start))
    page.mouse.down()
    page.mouse.move(*place(page, (start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
    page.mouse.move(*place(page, *end))
    page.mouse.up()


def save(page: Page, until: Until) -> None:
    """Save what is not saved, by keyboard."""
    assert page.inner_text("#origin") == "not saved"
    page.keyboard.press("Control+s")
    until("() => document.querySelector('#origin').innerText == 'drawn here'")
    assert "Saved." in page.inner_text("#bar")


def choose(page: Page, name: str) -> None:
    """Select a shape by its name; what is selected stays so."""
    button = page.locator("#shape-list button", has_text=name)
    if button.get_attribute("aria-current") != "true":
        button.click()


def near(found: Any, wanted: Any) -> bool:
    """Whether points agree to two pixels of 640."""
    return bool(
        len(found) == len(wanted)
        and all(
            abs(a - b) < 0.004 for p, q in zip(found, wanted, strict=True) for a, b in zip(p, q, strict=True)
        )
    )


# ---------------------------------------------------------------------------------- keyboard


def test_by_keyboard_alone(served: Box, editor: Page, until: Until) -> None:
    """Add a zone, move its corners, name it, save; delete one, save."""
    keys = editor.keyboard
    while editor.evaluate("() => document.activeElement.id") != "add-zone":
        keys.press("Tab")
    keys.press("Enter")
    assert editor.evaluate("() => document.activeElement.ariaLabel").startswith("Corner 1 of zone 2")
    for key in ("ArrowLeft", "Shift+ArrowUp", "Alt+ArrowUp"):  # 1 %, 5 % and 0.1 %
        keys.press(key)
    keys.press("Tab")
    assert editor.evaluate("() => document.activeElement.ariaLabel").startswith("Corner 2 of zone 2")
    keys.press("Insert")
    assert editor.evaluate("() => document.activeElement.ariaLabel").startswith("Corner 3 of zone 2")
    keys.press("ArrowRight")
    keys.press("Shift+Tab")
    keys.press("Delete")
    while editor.evaluate("() => document.activeElement.name") != "name":
        keys.press("Tab")
    keys.press("Control+a")
    keys.type("shelf")
    save(editor, until)
    assert names(served) == ["desk", "shelf", "door"]
    made = plan(served).zones[1]
    assert near(made.polygon, [(0.34, 0.299), (0.66, 0.55), (0.65, 0.75), (0.35, 0.75)])
    assert (made.kind, made.labels, made.dwell) == ("area", ("person",), None)
    assert plan(served).zones[0] == served.config.cameras[0].zones[0], "what was not touched stays as it was"
    while "desk" not in editor.evaluate("() => document.activeElement.innerText ?? ''"):
        keys.press("Shift+Tab")
    keys.press("Enter")
    keys.press("Enter")
    assert editor.evaluate("() => document.activeElement.ariaLabel").startswith("Corner 1 of desk")
    keys.press("Escape")
    assert editor.evaluate("() => document.activeElement.innerText").startswith("desk")
    keys.press("Delete")
    assert editor.evaluate("() => document.activeElement.innerText").startswith("shelf")
    save(editor, until)
    assert names(served) == ["shelf", "door"]


def test_a_line_by_keyboard_and_its_direction(served: Box, editor: Page, until: Until) -> None:
    editor.focus("#add-line")
    editor.keyboard.press("Enter")
    editor.keyboard.press("Tab")
    assert editor.evaluate("() => document.activeElement.ariaLabel").startswith("End of line 2")
    editor.keyboard.press("Shift+ArrowRight")
    save(editor, until)
    made = plan(served).lines[1]
    assert near([made.start, made.end], [(0.5, 0.3), (0.55, 0.8)])
    # The word stands where "in" is: to the right of start → end, on a picture of 640x480.
    at = """() => ['x', 'y'].map(
        (name) => Number(document.querySelector('g.line.selected text').getAttribute(name)))"""
    x, y = editor.evaluate(at)
    assert side(made.start, made.end, (x / 640, y / 480)) > 0
    editor.click("#turn")
    save(editor, until)
    assert (plan(served).lines[1].start, plan(served).lines[1].end) == (made.end, made.start)
    x, y = editor.evaluate(at)
    assert side(made.start, made.end, (x / 640, y / 480)) < 0


def test_every_step_can_be_taken_back(editor: Page) -> None:
    editor.focus("#add-zone")
    editor.keyboard.press("Enter")
    for _ in range(5):
        editor.keyboard.press("ArrowLeft")  # one step, however often
    assert listed(editor) == ["desk", "zone 2", "door"]
    moved = editor.locator(".handles button").first.get_attribute("aria-label")
    editor.keyboard.press("Control+z")
    assert editor.locator(".handles button").first.get_attribute("aria-label") != moved
    editor.keyboard.press("Control+z")
    assert listed(editor) == ["desk", "door"]
    assert editor.get_attribute("#undo", "aria-disabled") == "true"
    editor.click("#redo")
    editor.keyboard.press("Control+Shift+z")
    assert listed(editor) == ["desk", "zone 2", "door"]
    assert editor.locator(".handles button").first.get_attribute("aria-label") == moved


# ---------------------------------------------------------------------------------- mouse and finger


def test_a_zone_by_mouse(served: Box, editor: Page, until: Until) -> None:
    """Corner by corner, closed at the first; then a corner, a new corner and the whole are dragged."""
    corners = [(0.2, 0.5), (0.5, 0.5), (0.5, 0.9)]
    editor.click("#add-zone")
    for corner in (*corners, corners[0]):
        click(editor, *corner)
    assert listed(editor) == ["desk", "zone 2", "door"]
    drag(editor, (0.5, 0.9), (0.7, 0.9))
    drag(editor, (0.45, 0.7), (0.35, 0.8))  # the middle of the last side
    drag(editor, (0.45, 0.6), (0.55, 0.65))  # inside: all of it
    save(editor, until)
    assert near(plan(served).zones[1].polygon, [(0.3, 0.55), (0.6, 0.55), (0.8, 0.95), (0.45, 0.85)])


def test_a_box_is_dragged_and_ends_at_the_picture(served: Box, editor: Page, until: Until) -> None:
    editor.click("#add-zone")
    drag(editor, (0.9, 0.9), (0.6, 0.5))
    drag(editor, (0.9, 0.9), (1.03, 1.04))
    save(editor, until)
    assert near(plan(served).zones[1].polygon, [(0.6, 0.5), (0.9, 0.5), (1, 1), (0.6, 0.9)])


def test_a_line_by_mouse(served: Box, editor: Page, until: Until) -> None:
    editor.click("#add-line")
    drag(editor, (0.1, 0.8), (0.9, 0.9))
    editor.click("#add-line")
    click(editor, 0.2, 0.6)
    click(editor, 0.4, 0.6)
    save(editor, until)
    first, second = plan(served).lines[1:]
    assert near([first.start, first.end], [(0.1, 0.8), (0.9, 0.9)])
    assert near([second.start, second.end], [(0.2, 0.6), (0.4, 0.6)])


def test_a_sketch_is_given_up_or_shortened(editor: Page) -> None:
    editor.click("#add-zone")
    for corner in [(0.2, 0.5), (0.5, 0.5), (0.5, 0.9)]:
        click(editor, *corner)
    editor.keyboard.press("Backspace")
    editor.keyboard.press("Enter")  # two corners are no zone
    assert editor.locator(".dot").count() == 2
    editor.keyboard.press("Escape")
    assert editor.locator(".dot").count() == 0
    assert not editor.is_visible("#done")
    assert listed(editor) == ["desk", "door"]
    editor.click("#add-zone")
    editor.keyboard.press("Enter")  # one that is ready
    assert listed(editor) == ["desk", "zone 2", "door"]


def test_what_is_clicked_on_the_picture_is_chosen_and_not_moved(editor: Page) -> None:
    click(editor, 0.25, 0.25)
    assert editor.input_value("#shape input[name=name]") == "desk"
    assert editor.input_value("#shape input[name=dwell]") == "4"
    click(editor, 0.6, 0.35)
    assert editor.input_value("#shape input[name=name]") == "door"
    click(editor, 0.9, 0.9)
    assert not editor.is_visible("#inspector")
    assert editor.get_attribute("#save", "aria-disabled") == "true"


def test_keys_go_to_what_was_clicked_and_what_was_typed_stays_where_it_was(editor: Page) -> None:
    click(editor, 0.25, 0.25)
    editor.focus("#label")
    editor.keyboard.type("banana")
    click(editor, 0.6, 0.35)
    assert editor.locator("#labels").inner_text().split() == ["person", "✕"]
    editor.keyboard.press("Delete")
    assert listed(editor) == ["desk"]
    click(editor, 0.25, 0.25)
    assert "banana" in editor.inner_text("#labels")
    editor.keyboard.press("ArrowRight")
    assert "11 % across" in str(editor.locator(".handles button").first.get_attribute("aria-label"))


def test_by_finger(served: Box, chromium: Browser) -> None:
    """On a phone: tapped corner by corner, a corner dragged, saved; nothing sticks out."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    try:
        page = context.new_page()
        page.route("**/still", still)
        page.goto(f"{served.url}/console/zones")
        page.locator("#shape-list li").first.wait_for()
        page.tap("#add-zone")
        for corner in [(0.2, 0.5), (0.5, 0.5), (0.5, 0.9)]:
            page.touchscreen.tap(*place(page, *corner))
        page.tap("#done")
        finger = context.new_cdp_session(page)
        ways = [("touchStart", (0.5, 0.9)), ("touchMove", (0.6, 0.9)), ("touchMove", (0.7, 0.9))]
        for kind, point in ways:
            x, y = place(page, *point)
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        page.tap("#save")
        page.locator("#said", has_text="Saved.").wait_for()
        assert near(plan(served).zones[1].polygon, [(0.2, 0.5), (0.5, 0.5), (0.7, 0.9)])
    finally:
        context.close()


# ---------------------------------------------------------------------------------- settings


def test_settings_of_a_zone(served: Box, editor: Page, until: Until) -> None:
    choose(editor, "desk")
    editor.fill("#shape input[name=dwell]", "2,5")
    editor.fill("#shape input[name=crowd]", "3")
    editor.locator("#labels button", has_text="cup").click()
    editor.fill("#label", "teddy bear")
    editor.press("#label", "Enter")
    save(editor, until)
    desk = plan(served).zones[0]
    assert (desk.dwell, desk.crowd, desk.cooldown, desk.labels) == (2.5, 3, None, ("person", "teddy bear"))
    editor.fill("#shape input[name=dwell]", "")
    for _ in desk.labels:
        editor.press("#label", "Backspace")
    save(editor, until)
    assert (plan(served).zones[0].dwell, plan(served).zones[0].labels) == (None, ())


def test_kinds_of_zones(served: Box, editor: Page, until: Until) -> None:
    choose(editor, "desk")
    editor.check("#shape input[value=slot]", force=True)
    editor.fill("#shape input[name=holds]", "headphones")
    assert not editor.is_visible("#shape input[name=dwell]")
    save(editor, until)
    assert (plan(served).zones[0].kind, plan(served).zones[0].holds) == ("slot", "headphones")
    editor.check("#shape input[value=screen]", force=True)
    save(editor, until)
    assert (plan(served).zones[0].kind, plan(served).zones[0].holds) == ("screen", "")


def test_corners_in_numbers(served: Box, editor: Page, until: Until) -> None:
    choose(editor, "desk")
    editor.click(".corners summary")
    editor.get_by_label("Corner 1, % across").fill("5.25")
    editor.get_by_role("button", name="Add a corner after corner 2").click()
    editor.get_by_role("button", name="Remove corner 5").click()
    wrong = editor.get_by_label("Corner 2, % down")
    wrong.fill("200")
    assert wrong.get_attribute("aria-invalid") == "true"
    wrong.blur()
    assert (wrong.input_value(), wrong.get_attribute("aria-invalid")) == ("10", "false")
    save(editor, until)
    assert near(plan(served).zones[0].polygon, [(0.0525, 0.1), (0.4, 0.1), (0.4, 0.25), (0.4, 0.4)])


# ---------------------------------------------------------------------------------- refused


def crossed(page: Page) -> None:
    """Move the desk's first corner beyond its third."""
    choose(page, "desk")
    page.focus('.handles [data-index="0"]')
    for key in ["Shift+ArrowRight"] * 8 + ["Shift+ArrowDown"] * 3:
        page.keyboard.press(key)


def numbers(page: Page, name: str) -> None:
    choose(page, name)
    page.evaluate("() => document.querySelector('.corners').open = true")


def flattened(page: Page) -> None:
    numbers(page, "desk")
    for corner in range(1, 5):
        page.get_by_label(f"Corner {corner}, % down").fill("10")


def taken(page: Page) -> None:
    choose(page, "desk")
    page.fill("#shape input[name=name]", " door ")


def unnamed(page: Page) -> None:
    choose(page, "door")
    page.fill("#shape input[name=name]", " ")


def slashed(page: Page) -> None:
    choose(page, "door")
    page.fill("#shape input[name=name]", "in/out")


def dotted(page: Page) -> None:
    numbers(page, "door")
    page.get_by_label("End, % down").fill("20")


def forever(page: Page) -> None:
    choose(page, "desk")
    page.fill("#shape input[name=dwell]", "soon")


# What is drawn → what is said, and where the keyboard is then.
REFUSED = [
    (crossed, "Zone “desk”: its sides cross each other.", "Corner 2 of desk"),
    (flattened, "Zone “desk”: it has no area.", "Corner 1 of desk"),
    (taken, "Zone “door”: another line is called “door” too.", "name"),
    (unnamed, "Line “no name”: it needs a name.", "name"),
    (slashed, "Line “in/out”: a name has letters", "name"),
    (dotted, "Line “door”: it starts where it ends.", "Start of door"),
    (forever, "Zone “desk”: “lingers after” is seconds", "dwell"),
]


def test_what_cannot_be_saved_is_said_by_name(served: Box, editor: Page) -> None:
    for drawn, told, focused in REFUSED:
        drawn(editor)
        editor.click("#save")
        assert f"Not saved. {told}" in editor.inner_text("#refusal")
        at = editor.evaluate("() => document.activeElement.name || document.activeElement.ariaLabel")
        assert at.startswith(focused), told
        assert editor.locator("#shape [data-for]:not([hidden])").count(), "and inline, where it is put right"
        while editor.get_attribute("#undo", "aria-disabled") != "true":
            editor.click("#undo")
        assert not editor.is_visible("#refusal")
    assert not zones.file_of(served.config.store.folder).exists()


def test_the_server_has_the_last_word(served: Box, editor: Page, until: Until) -> None:
    error = "zone 'desk': <b>no</b>"
    editor.route(
        "**/api/zones/front",
        lambda route: (
            route.fulfill(status=422, json={"error": error})
            if route.request.method == "PUT"
            else route.fallback()
        ),
    )
    choose(editor, "desk")
    editor.fill("#shape input[name=name]", "counter")
    editor.keyboard.press("Control+s")
    until(SAID, f"Not saved: {error}")
    editor.unroute_all()
    served.stop()
    editor.keyboard.press("Control+s")
    until(SAID, "the server does not answer")
    assert listed(editor) == ["counter", "door"], "what was drawn is still there"


POLYGONS = [
    SQUARE,
    [[0.1, 0.1], [0.4, 0.4], [0.4, 0.1], [0.1, 0.4]],
    [[0, 0], [0.5, 0.5], [1, 1]],
    [[0.1, 0.1], [0.1, 0.1], [0.1, 0.1]],
    [[0, 0], [1, 0], [0.5, 0.5], [1, 1], [0, 1], [0.5, 0.5]],  # two triangles that touch
    [[0, 0], [1, 0], [1, 1], [0.9, -0.0], [0, 1]],
    [[0, 0], [1, 0], [1, 1], [0.4, 0.9], [0.6, 0.9], [0, 1]],
    [[0, 0], [0.001, 0], [0.001, 0.001]],
    [[0, 0], [0.004, 0], [0.004, 0.0004]],
    [[i / 80, (i / 80) ** 2] for i in range(64)],
    [[i / 80, (i / 80) ** 2] for i in range(65)],
]
NAMES = [
    "shelf",
    "é店 1",
    "_x",
    "-x",
    ".x",
    " ",
    "a/b",
    "a" * 64,
    "a" * 65,
    "²",
    "٣",
    "a\u200db",
    "a’b",
    "😀",
]


def test_page_and_server_refuse_the_same(served: Box, editor: Page) -> None:
    camera = served.config.cameras[1]
    ask = """async (wire) => {
        const { Drawing, problems } = await import('/static/drawing.js');
        return problems(new Drawing({ ...wire, configured: wire }).shapes).length == 0;
    }"""
    drawings = [[{"name": "shelf", "polygon": points}] for points in POLYGONS]
    drawings += [[{"name": name, "polygon": SQUARE}] for name in NAMES]
    answers = set()
    for drawn in drawings:
        wire = {"zones": drawn, "lines": []}
        try:
            zones.draw(camera, wire)
            right = True
        except ConfigError:
            right = False
        assert editor.evaluate(ask, wire) == right, drawn
        answers.add(right)
    assert answers == {True, False}


# ---------------------------------------------------------------------------------- two who edit


def other_saves(served: Box, name: str) -> None:
    """Somebody else leaves one zone of that name."""
    with httpx.Client(base_url=served.url, trust_env=False) as client:
        base = client.get("/api/zones/front").json()["version"]
        zone = {"name": name, "polygon": SQUARE}
        body = {"version": base, "zones": [zone], "lines": []}
        assert client.put("/api/zones/front", json=body).status_code == 200


def unlooking(page: Page) -> None:
    """From now on the page learns of others only when it saves, however slow this machine is."""
    page.route("**/api/zones", lambda route: route.abort())


def test_two_who_edit_are_told_of_each_other(served: Box, editor: Page, until: Until) -> None:
    unlooking(editor)
    choose(editor, "desk")
    editor.fill("#shape input[name=name]", "mine")
    other_saves(served, "theirs")
    editor.click("#save")
    until(SAID, "somebody else changed the zones of front")
    assert names(served) == ["theirs"]
    editor.click("#theirs")
    assert listed(editor) == ["theirs"]
    until("() => document.querySelector('#origin').innerText == 'drawn here'")
    editor.click("#undo")
    assert listed(editor) == ["mine", "door"]
    editor.click("#save")
    until("() => document.querySelector('#said').innerText.startsWith('Saved.')")
    assert names(served) == ["mine", "door"], "this time knowingly"


def test_mine_may_be_kept(served: Box, editor: Page, until: Until) -> None:
    unlooking(editor)
    choose(editor, "desk")
    editor.fill("#shape input[name=name]", "mine")
    other_saves(served, "theirs")
    editor.click("#save")
    until(SAID, "somebody else changed")
    other_saves(served, "again")  # after that was said
    with editor.expect_response(lambda answer: answer.status == 409):
        editor.click("#mine")
    until(SAID, "somebody else changed")
    assert names(served) == ["again"]
    editor.click("#mine")
    until("() => document.querySelector('#origin').innerText == 'drawn here'")
    assert names(served) == ["mine", "door"]


def test_an_untouched_page_follows(served: Box, editor: Page, until: Until) -> None:
    other_saves(served, "theirs")
    editor.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    until("() => document.querySelector('#shape-list').innerText.includes('theirs')")
    choose(editor, "theirs")
    editor.fill("#shape input[name=name]", "mine")
    other_saves(served, "again")
    editor.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    until(SAID, "somebody else changed")  # and is told before saving
    assert listed(editor) == ["mine"]


# ---------------------------------------------------------------------------------- the page


def test_back_to_the_configuration(served: Box, editor: Page, until: Until) -> None:
    assert not editor.is_visible("#reset")
    choose(editor, "desk")
    editor.click("#delete")
    save(editor, until)
    assert names(served) == ["door"]
    editor.click("#reset")
    assert listed(editor) == ["desk", "door"]
    assert names(served) == ["door"], "nothing holds before it is saved"
    editor.click("#save")
    until("() => document.querySelector('#origin').innerText == 'from the configuration'")
    assert plan(served) == zones.configured(served.config.cameras[0])


def test_each_camera_keeps_its_own(served: Box, editor: Page, until: Until) -> None:
    choose(editor, "desk")
    editor.fill("#shape input[name=name]", "counter")
    editor.select_option("#camera", "back door")
    assert listed(editor) == []
    assert editor.is_visible("#list .empty")
    assert "Not saved either: front." in editor.inner_text("#saving")
    editor.focus("#add-zone")
    editor.keyboard.press("Enter")
    save(editor, until)
    assert (names(served), names(served, 1)) == (["desk", "door"], ["zone 1"])
    editor.select_option("#camera", "front")
    assert listed(editor) == ["counter", "door"]
    save(editor, until)
    assert names(served) == ["counter", "door"]


def test_without_a_picture_one_draws_all_the_same(served: Box, page: Page, until: Until) -> None:
    page.goto(f"{served.url}/console/zones")  # no camera program runs
    until("() => document.querySelector('#picture-note').innerText.includes('no camera program')")
    page.focus("#add-zone")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+s")
    until(SAID, "It holds as soon as the camera program runs.")
    assert names(served) == ["desk", "zone 2", "door"]


def test_a_live_still_follows(editor: Page, until: Until) -> None:
    before = editor.evaluate("() => document.querySelector('#picture').src")
    editor.check("#follow")
    until("(before) => document.querySelector('#picture').src != before", before)
    before = editor.evaluate("() => document.querySelector('#picture').src")
    until("(before) => document.querySelector('#picture').src != before", before)


def test_a_damaged_file_is_told(served: Box, page: Page, until: Until) -> None:
    zones.file_of(served.config.store.folder).write_text("{")
    page.goto(f"{served.url}/console/zones")
    assert "damaged" in until("() => document.querySelector('#trouble').innerText")
    assert listed(page) == ["desk", "door"]


UNNAMED = """() => [...document.querySelectorAll('button, input, select, a')]
    .filter((node) => node.checkVisibility() && !node.closest('[aria-hidden=true]'))
    .filter((node) => !(node.ariaLabel || node.innerText?.trim() || node.labels?.[0]?.innerText.trim()
        || node.getAttribute('aria-labelledby')))
    .map((node) => node.outerHTML)"""


def test_every_control_has_a_name(editor: Page) -> None:
    for name in ("desk", "door"):
        choose(editor, name)
        editor.evaluate("() => document.querySelector('details').open = true")
        assert editor.evaluate(UNNAMED) == []


def test_nothing_sticks_out_on_any_screen(editor: Page, until: Until) -> None:
    choose(editor, "desk")
    for width in (360, 700, 1400):
        editor.set_viewport_size({"width": width, "height": 800})
        until("(width) => innerWidth == width && document.documentElement.scrollWidth <= width", width)


def test_the_console_leads_here(served: Box, page: Page, until: Until) -> None:
    page.goto(f"{served.url}/console")
    page.click("nav >> text=Zones")
    until("() => document.querySelector('#shape-list li')")
