"""What several rooms of the house need: a box on a data folder of its own, the same served, a Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from screening import HEIGHT, WIDTH, Box, Until, make_box, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


WAN = Path(__file__).parent / "wan"
"""Tests that need the extra [wan]: torch, diffusers, transformers. `make test-fast` leaves them out."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever drives Chromium is marked `browser`, and whatever needs torch `wan`."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
        if WAN in item.path.parents:
            item.add_marker(pytest.mark.wan)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random checkpoint of the 5B's kind, for tests below `wan`. Read only: copy it to change it."""
    from tiny import save_checkpoint

    return save_checkpoint(tmp_path_factory.mktemp("wan") / "tiny-ti2v")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A box that is not served: config, store and a studio that puts films into it."""
    box = make_box(tmp_path)
    yield box
    box.stop()
    box.store.close()


@pytest.fixture
def served(box: Box) -> Box:
    """The same box, served at `box.url`."""
    box.start()
    return box


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that REVERIE_CHROMIUM names.

    For a module, not the session: while it lives, Playwright's event loop runs in this thread, and a test of
    another module could not use `asyncio.run`.
    """
    from ensure import CANDIDATES
    from playwright.sync_api import sync_playwright

    named = os.environ.get("REVERIE_CHROMIUM")
    path = named or next((found for name in CANDIDATES if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("no Chromium; run `python tests/browser/ensure.py`, which says what to install")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own: its storage, cache and service worker are empty.

    The view has the films' own size: a picture that is missing shows its background, and no bars do.
    """
    context = chromium.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose scripts must not fail."""
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    assert faults == []


@pytest.fixture
def until(page: Page) -> Until:
    """`until(script, argument)`: ask the page until it answers something true, and return that.

    Playwright's own waiting needs `eval`, which the page's security policy rightly refuses.
    """

    def ask(script: str, argument: object = None) -> Any:
        answer: list[Any] = []

        def true() -> bool:
            answer[:] = [page.evaluate(script, argument)]
            return bool(answer[0])

        wait_for(true, script)
        return answer[0]

    return ask
