"""Runs are drawn where a page may load and execute nothing but what its server says."""

import json
from collections.abc import Iterator

import pytest
from browser_pages import Seen, seen_page
from lab_server import LabServer, lab_server
from playwright.sync_api import Browser
from test_browser_display import SHOW, TRAIN
from test_browser_renderer import MAKE

# What JupyterLab itself cannot do without: it makes functions of texts, styles as elements, and
# icons as data.
LABS = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:"
)
# What would still be enough for us; our styles come as an element, as those of all extensions.
OURS = (
    "default-src 'self'; script-src 'self'; style-src-elem 'self' 'unsafe-inline'; "
    "style-src-attr 'none'; img-src 'self'"
)
NOTE = """
window.violations = [];
document.addEventListener('securitypolicyviolation', event => window.violations.push(
  [event.disposition, event.effectiveDirective, event.blockedURI, event.sourceFile, event.sample].join(' ')));
"""


@pytest.fixture(scope="module")
def strict_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A JupyterLab with a policy for its pages; what breaks a still stricter one is told."""
    headers = {"Content-Security-Policy": LABS, "Content-Security-Policy-Report-Only": OURS}
    option = f"--ServerApp.tornado_settings={json.dumps({'headers': headers})}"
    with lab_server(tmp_path_factory.mktemp("strict") / "server", option) as server:
        yield server


def violations(seen: Seen) -> list[str]:
    """What broke a policy, and came from our files."""
    found: list[str] = seen.page.evaluate("window.violations")
    assert found, "the listener hears nothing"
    return [one for one in found if "/extensions/nbtracker/" in one]


def test_a_strict_policy_lets_a_run_be_drawn_and_used(
    browser: Browser, strict_lab: LabServer
) -> None:
    """Live, zoomed, as a table, and saved as a file."""
    strict_lab.notebook("strict.ipynb", [SHOW.format(id="strict"), TRAIN.format(n=100)])
    with seen_page(browser, strict_lab) as seen:
        seen.page.add_init_script(NOTE)
        seen.open_lab("strict.ipynb")
        assert "script-src 'self'" in seen.page.request.get(strict_lab.address("lab")).headers.get(
            "content-security-policy", ""
        )
        seen.run_cells()
        seen.wait_for_drawing()
        chart = seen.page.locator(".nbt-chart").first
        chart.get_by_role("button", name="Chart controls").click()
        chart.get_by_role("button", name="log y").click()
        chart.get_by_role("button", name="Table").click()
        chart.locator(".nbt-chart-table td").first.wait_for()
        for kind in ("PNG", "SVG", "CSV"):
            with seen.page.expect_download() as saved:
                chart.get_by_role("button", name=f"Save as {kind}").click()
            assert saved.value.path().stat().st_size > 100
        for name in ("Config", "Summary", "Cells"):
            seen.page.get_by_role("tab", name=name).click()
        seen.page.locator(".nbt-cell-facts").first.wait_for()
        assert violations(seen) == []


def test_a_strict_policy_lets_runs_be_compared(browser: Browser, strict_lab: LabServer) -> None:
    """Over each other, across what they differ in, and by all that is not the same."""
    for name, lr in (("slow", 0.1), ("fast", 0.9)):
        strict_lab.record(MAKE.format(name=name, lr=lr, id=name))
    strict_lab.shown("both.ipynb", runs=["digits/slow", "digits/fast"], title="Both")
    with seen_page(browser, strict_lab) as seen:
        seen.page.add_init_script(NOTE)
        seen.open_lab("both.ipynb")
        seen.wait_for_drawing()
        seen.page.get_by_role("tab", name="Config").click()
        seen.page.locator(".nbt-differences td").first.wait_for()
        seen.page.get_by_role("tab", name="Coordinates").click()
        seen.page.locator(".nbt-coordinates svg path").first.wait_for()
        seen.page.get_by_role("tab", name="Code").click()
        seen.page.get_by_role("tabpanel", name="Code").get_by_text("No difference.").wait_for()
        assert violations(seen) == []
