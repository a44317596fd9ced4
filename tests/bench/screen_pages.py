"""A real JupyterLab and a real Chromium for the bench, with the tests' own means."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "browser"))
from browser_pages import Seen, launch, seen_page
from lab_server import MIME, LabServer, lab_server
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from screen_probes import BEGIN_CELL, PROBES, RUN_CELL

PROJECT = "bench"
SAVE_WIDGETS = {"@jupyter-widgets/jupyterlab-manager": {"saveState": True}}


class Screen:
    """A server and a browser; pages are opened one after the other."""

    def __init__(self, browser: Browser, server: LabServer) -> None:
        self.browser, self.server = browser, server

    @contextmanager
    def page(self, cells: list[str], height: int = 900) -> Iterator["Notebook"]:
        """Open a new notebook in a page of its own."""
        name = f"bench-{time.monotonic_ns()}.ipynb"
        self.server.notebook(name, cells)
        with seen_page(self.browser, self.server) as seen:
            seen.page.set_viewport_size({"width": 1280, "height": height})
            seen.page.add_init_script(PROBES)
            seen.open_lab(name)
            yield Notebook(seen, self.server.folder / name)


class Notebook:
    """A notebook in an open page."""

    def __init__(self, seen: Seen, path: Path) -> None:
        self.seen, self.path = seen, path
        self.page: Page = seen.page

    def begin(self, cell: int) -> None:
        """Have a cell executed; it goes on after this returns."""
        self.page.evaluate(BEGIN_CELL, cell)

    def run(self, cell: int) -> None:
        """Execute a cell, and wait until it has ended."""
        self.page.evaluate(RUN_CELL, cell)

    def wait_for_curves(self) -> int:
        """Wait until all charts that can be seen are drawn; say how many these are."""
        n: int = self.page.evaluate("() => window.probes.allDrawn()")
        return n

    def clear(self) -> None:
        """Remove the outputs of the first cell."""
        self.page.evaluate("() => window.probes.outputs().clear()")

    def show(self, run: str, height: int = 420) -> tuple[float, int]:
        """Show a run below the first cell; say how many ms it took, and how many charts there are."""
        data = {MIME: payload(run, height), "text/plain": run}
        found = self.page.evaluate("data => window.probes.show(data)", data)
        return found["ms"], found["n"]

    def save(self) -> int:
        """Save, and say how many bytes the file has."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        return self.path.stat().st_size

    def cdp(self) -> CDPSession:
        """Chromium's own protocol, for what no page may ask."""
        return self.page.context.new_cdp_session(self.page)

    def read(self, name: str, patience_s: float = 60) -> Any:
        """Wait for a file that the kernel writes with `WRITE`."""
        file, ends_at = self.path.with_name(name), time.monotonic() + patience_s
        while not file.exists():
            if time.monotonic() > ends_at:
                raise TimeoutError(f"the kernel did not write {name}")
            self.page.wait_for_timeout(50)
        said = json.loads(file.read_text())
        file.unlink()
        return said


WRITE = """
def write(name, said):
    import json, os
    with open(name + ".part", "w") as file:
        json.dump(said, file)
    os.replace(name + ".part", name)
"""


def payload(run: str, height: int = 420) -> dict[str, Any]:
    """What a cell's output says of a run of the server's own store."""
    return {"version": 1, "store": "default", "runs": [f"{PROJECT}/{run}"], "height": height}


@contextmanager
def screen(folder: Path) -> Iterator[Screen]:
    """Start a server and a browser, and end them."""
    with lab_server(folder / "lab") as server, sync_playwright() as playwright:
        for package, values in SAVE_WIDGETS.items():
            file = folder / "lab" / "settings" / package / "plugin.jupyterlab-settings"
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps(values))
        browser = launch(playwright)
        try:
            yield Screen(browser, server)
        finally:
            browser.close()


def server_pid(server: LabServer) -> int:
    """The server itself; its guard is its parent."""
    import psutil

    (child,) = psutil.Process(server.process.pid).children()
    return int(child.pid)


def kernel_pids(server: LabServer) -> list[int]:
    """Kernels that run now."""
    import psutil

    return [child.pid for child in psutil.Process(server_pid(server)).children()]


def cpu_s(server: LabServer) -> dict[str, float]:
    """CPU time that the server, and the browser with all its processes, have taken until now."""
    import psutil

    chromium = [one for one in psutil.Process().children(recursive=True) if "chrom" in one.name()]
    groups = {"server": [psutil.Process(server_pid(server))], "browser": chromium}
    return {name: sum(sum(one.cpu_times()[:2]) for one in some) for name, some in groups.items()}


def rss_mb(pid: int) -> float:
    """Resident memory of a process. Units: MB."""
    import psutil

    return float(psutil.Process(pid).memory_info().rss) / 1e6
