"""The panel of runs on a page: what tests look at, and what they do there."""

import re
from typing import Any
from uuid import uuid4

from browser_pages import PATIENCE_MS, Seen
from lab_server import ROOT
from playwright.sync_api import Locator, expect

expect.set_options(timeout=PATIENCE_MS)
AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
RUNS = """
import nbtracker
for number in range({n}):
    run = nbtracker.init(project={project!r}, name=f"{project} {{number}}", id=f"{prefix}{{number}}",
        config={{"lr": 0.1 * (number + 1)}}, tags=["tagged"] if number % 2 else [])
    for step in range(20):
        run.log({{"loss": 1 / (1 + step * (number + 1))}})
    run.finish()
"""


def exactly(text: str) -> "re.Pattern[str]":
    """What fits this text and no other."""
    return re.compile(f"^{re.escape(text)}$")


class Panel:
    """The panel of a page.

    Attributes:
        page: Playwright's.
        rows: The lines of runs that are in sight.
        list: What has the focus and the keys.
        filter: Where the filter is written.
    """

    def __init__(self, seen: Seen) -> None:
        self.page = seen.page
        self.rows = self.page.locator(".nbt-row[data-kind=run]")
        self.list = self.page.locator(".nbt-list")
        self.filter = self.page.get_by_role("combobox", name="Filter the runs")

    def row(self, name: str) -> Locator:
        """The line of a run."""
        found = self.page.locator(".nbt-row-name > .nbt-row-text", has_text=exactly(name))
        return self.rows.filter(has=found)

    def names(self) -> list[str]:
        """What stands in the lines in sight, from the top."""
        found: list[str] = self.page.evaluate(NAMES)
        return found

    def wait_for_names(self, *names: str) -> None:
        """Wait until these runs are listed, in this order."""
        self.page.wait_for_function(
            f"names => JSON.stringify(({NAMES})()) === JSON.stringify(names)", arg=list(names)
        )

    def write_filter(self, text: str) -> None:
        """Replace the filter."""
        self.filter.fill(text)
        self.filter.press("Enter")

    def choose(self, label: str, value: str) -> None:
        """Choose in the box below the button `View`."""
        button = self.page.get_by_role("button", name="View", exact=True)
        if button.get_attribute("aria-expanded") == "false":
            button.click()
        self.page.get_by_label(label, exact=True).select_option(value)

    def command(self, name: str, **args: Any) -> None:
        """Execute a command as the palette does, and do not wait for its end."""
        self.page.evaluate(
            "([name, args]) => { window.jupyterapp.commands.execute(name, args); }",
            [f"nbtracker:{name}", args],
        )

    def violations(self, selector: str = ".nbt-panel") -> list[str]:
        """What axe finds against a part of the page."""
        self.page.add_script_tag(path=AXE)
        found: list[str] = self.page.evaluate(
            "selector => window.axe.run(selector).then(({ violations }) => violations.map("
            "one => `${one.id}: ${one.nodes.map(node => node.html).join(' ')}`))",
            selector,
        )
        return found


NAMES = """() => [...document.querySelectorAll('.nbt-row[data-kind=run]')]
  .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
  .map(row => row.querySelector('.nbt-row-text').textContent)"""


def open_panel(seen: Seen, path: str | None = None) -> Panel:
    """Open JupyterLab, or another page of the server, with the panel in sight."""
    seen.page.goto(seen.server.address(path or f"lab/workspaces/{uuid4().hex}"))
    seen.page.wait_for_function(
        "() => window.jupyterapp?.commands.hasCommand('nbtracker:show-panel')"
    )
    seen.page.evaluate("() => window.jupyterapp.restored")
    # Keys are bound some time after everything else.
    seen.page.wait_for_function(
        "() => window.jupyterapp.commands.keyBindings.some(one => one.command === 'nbtracker:compare')"
    )
    if path is None:
        # It takes the focus when it comes.
        seen.page.locator(".jp-Launcher").wait_for()
    panel = Panel(seen)
    panel.command("show-panel")
    panel.page.locator(".nbt-panel").wait_for()
    return panel
