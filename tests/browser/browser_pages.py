"""Pages of a real browser, and what happened on them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from lab_server import LabServer
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

PATIENCE_MS = 60_000
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Where screenshots are kept when somebody wants to see them.
SCREENSHOTS = "NBTRACKER_SCREENSHOTS"
# What Notebook 7.6 says without our panel, too; the second now and then, while it opens a notebook.
OF_NOTEBOOK_7 = {
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered.",
}


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium, or else the one that Playwright brought."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    # Chromium refuses its sandbox to root, as whom containers run.
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=found, args=flags)


@dataclass
class Seen:
    """A page of a server, and what was noted of it.

    Attributes:
        page: Playwright's.
        hosts: Whom the page asked for anything, websockets included.
        errors: What the console was told as an error, and uncaught exceptions.
        refused: Addresses and statuses of 400 and above.
    """

    page: Page
    server: LabServer
    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def open_lab(self, notebook: str) -> None:
        """Open a notebook in JupyterLab and wait until its kernel is there."""
        # A workspace of its own: what other tests opened is not opened again.
        self.page.goto(self.server.address(f"lab/workspaces/{uuid4().hex}/tree/{notebook}"))
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status"
            " === 'idle'"
        )

    def run_cells(self) -> None:
        """Begin to execute all cells; they go on after this returns."""
        # A promise that is returned would be waited for.
        self.page.evaluate(
            "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
        )

    def run_next_cell(self) -> None:
        """Begin to execute the cell that is selected, and select the one below."""
        self.page.evaluate(
            "() => { window.jupyterapp.commands.execute('notebook:run-cell-and-select-next'); }"
        )

    def use_theme(self, name: str) -> None:
        """Change the colours of the whole page."""
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})",
            name,
        )
        self.page.wait_for_function(
            "isLight => document.body.dataset.jpThemeLight === isLight",
            arg="false" if "Dark" in name else "true",
        )

    def drawn(self, selector: str = ".nbt-run canvas") -> dict[str, int]:
        """What stands on the first canvas: how many pixels, and a number that tells pictures apart."""
        found: dict[str, int] = self.page.evaluate(PIXELS, selector)
        return found

    def wait_for_drawing(self, other_than: int = 0) -> dict[str, int]:
        """Wait until a curve is drawn, and another picture than one that was seen."""
        self.page.wait_for_function(
            f"([selector, seen]) => {{ const found = ({PIXELS})(selector);"
            " return found.n > 0 && found.hash !== seen; }",
            arg=[".nbt-run canvas", other_than],
            # To look at every pixel in every frame would keep the page from drawing.
            polling=200,
        )
        return self.drawn()

    def keep(self, name: str) -> None:
        """Take a screenshot, if somebody asked for them."""
        if folder := os.environ.get(SCREENSHOTS):
            self.page.screenshot(path=Path(folder) / f"{name}.png")


# Widgets stand in trees of their own.
PIXELS = """selector => {
  const trees = [document, ...[...document.querySelectorAll('.jp-OutputArea-output *')]
    .map(node => node.shadowRoot).filter(tree => tree !== null)];
  const canvas = trees.map(tree => tree.querySelector(selector)).find(found => found !== null);
  if (!canvas || !canvas.width || !canvas.height) return { n: 0, hash: 0 };
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let n = 0, hash = 7;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3]) {
      n += 1;
      hash = (hash * 31 + i + data[i] * 7 + data[i + 1] * 5 + data[i + 2]) | 0;
    }
  }
  return { n, hash };
}"""


@contextmanager
def seen_page(browser: Browser, server: LabServer, **options: Any) -> Iterator[Seen]:
    """Open an empty page with cookies and storage of its own, and note what happens on it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    seen = Seen(page, server)

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            seen.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def meet(url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob"):
            seen.hosts.add(urlsplit(url).netloc)

    page.on("console", note)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", lambda request: meet(request.url))
    page.on("websocket", lambda socket: meet(socket.url))
    page.on(
        "response",
        lambda answer: (
            seen.refused.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        ),
    )
    try:
        yield seen
    finally:
        context.close()
