"""marimo, whose kernel is not Jupyter's: a run shows itself by a widget, and moves."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser_pages import PATIENCE_MS
from playwright.sync_api import Browser, Page

NOTEBOOK = """
import marimo

app = marimo.App()


@app.cell
def _():
    import nbtracker

    with nbtracker.init(project="p", id="q") as other:
        other.log({"loss": 2.0})
    run = nbtracker.init(project="p", id="r", name="brave", config={"lr": 0.01})
    run.log({"loss": 1.0})
    return nbtracker, run


@app.cell
def _(run):
    shown = run.display(height=300)
    return (shown,)


@app.cell
def _(run):
    run
    return


@app.cell
def _(nbtracker, shown):
    marimo_shown = nbtracker.Api().runs("p").display()
    return


@app.cell
def _(run):
    import time

    for _step in range(300):
        run.log({"loss": 1 / (1 + _step)})
        time.sleep(0.02)
    run.config.lr = 0.003
    run.finish()
    return
"""


@pytest.fixture(scope="module")
def marimo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a marimo that shows the notebook."""
    folder = tmp_path_factory.mktemp("marimo")
    (folder / "notebook.py").write_text(NOTEBOOK, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    named = {f"XDG_{kind}_HOME": str(folder / kind) for kind in ("CONFIG", "STATE", "CACHE")}
    env = os.environ | named | {"NBTRACKER_DIR": str(folder / "store"), "HOME": str(folder)}
    env["MARIMO_SKIP_UPDATE_CHECK"] = "1"
    command = [sys.executable, "-m", "marimo", "run", "notebook.py", "--headless", "--no-token",
               "--host", "127.0.0.1", "--port", str(port)]  # fmt: skip
    with subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def wait_for(address: str) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")


@pytest.fixture
def page(browser: Browser, marimo: str) -> Iterator[Page]:
    """The notebook as somebody sees it; it asks nobody else for anything."""
    page = browser.new_page(viewport={"width": 1000, "height": 1400})
    page.set_default_timeout(PATIENCE_MS)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    page.goto(marimo)
    yield page
    page.close()
    assert asked - {""} <= {urlsplit(marimo).netloc}


def test_displays_move_while_a_cell_logs_and_end_with_the_run(page: Page, tmp_path: Path) -> None:
    """By `run.display()` and as the last line of a cell; several runs are a picture."""
    live = page.locator(".nbt-run")
    live.nth(1).wait_for()
    live.first.get_by_text("running", exact=True).wait_for()
    for place in range(2):
        shown = live.nth(place)
        shown.get_by_text("finished", exact=True).wait_for()
        assert shown.locator(".nbt-chart canvas").count() >= 1
        # In a marimo notebook a config may change, as in every other.
        shown.get_by_role("tab", name=re.compile("Config")).click()
        shown.get_by_text("0.003").first.wait_for()
    page.locator("svg text", has_text="loss").first.wait_for()
    page.screenshot(path=tmp_path / "marimo.png")
