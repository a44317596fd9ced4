"""A JupyterLab and a browser for each module, a page for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_pages import Seen, launch, seen_page
from lab_server import LabServer, lab_server
from playwright.sync_api import Browser, sync_playwright


# Not for the session: while it is there, no other test of this process may run a loop of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


# The panel keeps its choices on the server; those of one module are not meant for another.
@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A JupyterLab with our panel and our server extension."""
    with lab_server(tmp_path_factory.mktemp("lab") / "server") as server:
        yield server


@pytest.fixture
def seen(browser: Browser, lab: LabServer, tmp_path: Path) -> Iterator[Seen]:
    """A page that asks nobody but the server, and says no error."""
    with seen_page(browser, lab) as page:
        yield page
        page.page.screenshot(path=tmp_path / "last.png")
        assert page.errors == []
        assert page.hosts <= {page.server.url.split("/")[2]}
