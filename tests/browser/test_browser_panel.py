"""The panel of runs in a real JupyterLab: it lists, follows, filters, compares and edits."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_pages import Seen, seen_page
from lab_server import LabServer, lab_server
from panel_pages import RUNS, Panel, open_panel
from playwright.sync_api import Browser, expect
from test_browser_renderer import MAKE, TRAIN


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A server whose store has two projects, with three runs each, that no test changes."""
    with lab_server(tmp_path_factory.mktemp("shop") / "server") as server:
        for project in ("alpha", "beta"):
            server.record(RUNS.format(n=3, project=project, prefix=project[0]))
        yield server


@pytest.fixture
def panel(browser: Browser, shop: LabServer) -> Iterator[Panel]:
    """The panel of a new page; nothing goes wrong while a test looks at it."""
    with seen_page(browser, shop) as seen:
        panel = open_panel(seen)
        panel.row("beta 2").wait_for()
        yield panel
        # The browser itself notes a filter that was refused.
        assert [line for line in seen.errors if "400 (Bad Request)" not in line] == []
        assert seen.hosts == {shop.url.split("/")[2]}


ALPHA, BETA = ["alpha 2", "alpha 1", "alpha 0"], ["beta 2", "beta 1", "beta 0"]


LIVE = """
import nbtracker, time
run = nbtracker.init(project="alpha", name="a-run-that-goes-on", config={"optim": {"max_steps": 10_000}})
for step in range(10_000):
    run.log({"train/loss": 1 / (1 + step)})
    time.sleep(0.02)
"""
READABLE = """() => [...document.querySelectorAll('.nbt-row .nbt-row-name > .nbt-row-text')]
  .filter(node => node.clientWidth < Math.min(node.scrollWidth, 98)).map(node => node.textContent)"""


def test_names_are_read_at_the_width_that_the_sidebar_has_at_first(
    browser: Browser, tmp_path: Path
) -> None:
    """Columns give way; in a wider panel a run that goes on tells its speed and what is left."""
    with lab_server(tmp_path / "server") as server, seen_page(browser, server) as seen:
        server.record(RUNS.format(n=3, project="a-long-name-of-a-run", prefix="a"))
        with subprocess.Popen([sys.executable, "-c", LIVE], env=server.env) as live:
            try:
                panel = open_panel(seen)
                row = panel.row("a-run-that-goes-on")
                row.wait_for()
                # Of which metric a value is stands beside it: there are two.
                expect(row.locator("[data-column=value]")).to_contain_text("loss")
                assert panel.page.evaluate(READABLE) == []
                expect(row.locator(".nbt-row-name")).to_have_attribute(
                    "title", re.compile("Left: ")
                )
                seen.keep("panel-narrow")
                widen(panel, 300)
                expect(row.locator("[data-column=left]")).to_have_text(
                    re.compile("^[0-9]+ (min|s)$")
                )
                expect(row.locator("[data-column=rate]")).to_have_text(re.compile("^[0-9.]+$"))
                seen.keep("panel-wide")
                row.dblclick()
                expect(panel.page.locator(".nbt-main .nbt-progress")).to_contain_text("steps/s")
                assert panel.violations() == []
            finally:
                live.kill()
            # No run has time left: nobody needs the column.
            expect(row.locator("[data-column=left]")).to_have_count(0)
        assert seen.errors == []


def test_a_server_without_our_extension_is_asked_no_more(browser: Browser, shop: LabServer) -> None:
    """The panel says what is missing, and asks again when it is told to."""
    with seen_page(browser, shop) as seen:
        # As Jupyter's server answers addresses that it does not know.
        seen.page.route("**/nbtracker/api/**", lambda route: route.fulfill(status=404, body=""))
        panel = open_panel(seen)
        expect(seen.page.get_by_role("alert")).to_contain_text("has no nbtracker extension")
        seen.page.wait_for_timeout(1500)
        n_refused = len(asked(seen))
        seen.page.wait_for_timeout(5000)
        assert len(asked(seen)) == n_refused
        seen.page.unroute("**/nbtracker/api/**")
        panel.page.get_by_role("button", name="Try again").click()
        panel.wait_for_names(*ALPHA, *BETA)


def asked(seen: Seen) -> list[str]:
    """What of ours was refused."""
    return [line for line in seen.refused if "/nbtracker/api/" in line]


def widen(panel: Panel, by: int) -> None:
    """Drag the edge of the sidebar. Units: pixels."""
    box = panel.page.locator("#jp-left-stack").bounding_box()
    assert box is not None
    x = box["x"] + box["width"] + 2
    panel.page.mouse.move(x, 500)
    panel.page.mouse.down()
    panel.page.mouse.move(x + by, 500, steps=5)
    panel.page.mouse.up()


def test_an_empty_store_is_told_how_to_get_a_run(browser: Browser, tmp_path: Path) -> None:
    """The first steps stand there to be copied; the first run takes their place by itself."""
    with lab_server(tmp_path / "server") as server, seen_page(browser, server) as seen:
        panel = open_panel(seen)
        expect(seen.page.locator(".nbt-steps")).to_have_text(
            "%load_ext nbtracker\nrun = %tracker init --project digits"
        )
        seen.keep("panel-empty")
        assert panel.violations() == []
        server.record(MAKE.format(name="first", lr=0.5, id="first"))
        panel.row("first").wait_for()
        expect(seen.page.locator(".nbt-steps")).to_have_count(0)
        assert seen.errors == []


def test_a_run_appears_and_changes_while_its_cell_runs(seen: Seen) -> None:
    """The list follows the store: a dot, a curve, a value, and a mark at the cell."""
    seen.server.notebook("panel.ipynb", [TRAIN.format(n=1000), "run.finish()"])
    seen.open_lab("panel.ipynb")
    panel = Panel(seen)
    panel.command("show-panel")
    seen.page.locator(".nbt-panel").wait_for()
    panel.write_filter("display_name=first state=running")
    seen.run_cells()
    panel.row("first").wait_for()
    seen.page.locator(".jp-Cell.nbt-running-cell").wait_for()
    path = panel.rows.locator(".nbt-spark path")
    seen.page.wait_for_function(
        "() => document.querySelector('.nbt-spark path')?.getAttribute('d').length > 100"
    )
    before = path.get_attribute("d")
    expect(path).not_to_have_attribute("d", before or "")
    seen.keep("panel-live")
    # A run that has ended does not fulfil the filter any more.
    expect(panel.rows).to_have_count(0)
    expect(seen.page.locator(".jp-Cell.nbt-running-cell")).to_have_count(0)


def test_runs_are_grouped_and_sections_fold(panel: Panel) -> None:
    """By project at first; a folded section keeps its head."""
    panel.wait_for_names(*ALPHA, *BETA)
    panel.page.locator(".nbt-row[data-kind=section]", has_text="alpha").click()
    panel.wait_for_names(*BETA)
    panel.choose("Group by", "none")
    panel.wait_for_names(*BETA, *ALPHA)
    panel.choose("Sort by", "display_name")
    panel.page.get_by_label("Direction", exact=True).select_option("rises")
    panel.wait_for_names(*reversed(ALPHA), *reversed(BETA))
    panel.choose("Group by", "notebook")
    expect(panel.page.locator(".nbt-row[data-kind=section]")).to_have_text("None6")


def test_a_filter_is_completed_applied_and_mended(panel: Panel) -> None:
    """Words complete by arrow keys; a mistake is told below, and the list stays."""
    panel.filter.press_sequentially("config.")
    option = panel.page.get_by_role("option", name="config.lr")
    option.wait_for()
    panel.filter.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    panel.filter.press("Enter")
    expect(panel.filter).to_have_value("config.lr")
    panel.write_filter("config.lr<0.15")
    panel.wait_for_names("alpha 0", "beta 0")
    panel.write_filter("confg.lr<0.15")
    expect(panel.page.get_by_role("alert")).to_contain_text(
        "no run has 'confg.lr'; did you mean config.lr"
    )
    assert panel.names() == ["alpha 0", "beta 0"]
    panel.write_filter("nothing-has-this")
    panel.page.get_by_role("button", name="Clear the filter").click()
    panel.wait_for_names(*ALPHA, *BETA)


def test_the_keyboard_alone_selects_and_compares(panel: Panel) -> None:
    """Arrows, shift, blank and enter; what is selected is told to a screen reader."""
    panel.wait_for_names(*ALPHA, *BETA)
    panel.list.focus()
    for key in ("Home", "ArrowDown", "Shift+ArrowDown"):
        panel.page.keyboard.press(key)
    expect(panel.page.get_by_role("status").filter(has_text="selected")).to_have_text(
        "6 runs, 2 selected"
    )
    for key in ("End", "Control+ArrowUp", " "):
        panel.page.keyboard.press(key)
    selected = panel.page.locator(".nbt-row[aria-selected=true]")
    expect(selected).to_have_count(2)
    active = panel.list.get_attribute("aria-activedescendant")
    expect(panel.page.locator(f"#{active}")).to_contain_text("beta 1")
    panel.page.keyboard.press("c")
    panel.page.locator(".nbt-main .nbt-run canvas").first.wait_for()
    panel.page.get_by_role("tab", name="Config (1)").click()
    expect(panel.page.locator(".nbt-tabpage:visible .nbt-differences tbody th")).to_have_text("lr")
    assert panel.violations() == []


def test_a_run_opens_with_all_that_is_known_of_it(panel: Panel) -> None:
    """Curves, config, summary, cells, an overview and files; the same run opens once."""
    panel.row("beta 1").dblclick()
    panel.page.locator(".nbt-main .nbt-run canvas").wait_for()
    for name in ("Charts (1)", "Config (1)", "Summary (1)", "Cells (0)", "Files", "Overview"):
        panel.page.get_by_role("tab", name=name).click()
    expect(panel.page.locator(".nbt-overview")).to_contain_text("tagged")
    panel.row("beta 1").dblclick()
    expect(panel.page.locator(".lm-TabBar-tab", has_text="beta 1")).to_have_count(1)
    assert panel.violations(".nbt-main") == []


def test_a_reload_brings_everything_back(panel: Panel) -> None:
    """The panel, its filter, selection, grouping, and the pages in the main area."""
    panel.choose("Group by", "none")
    panel.write_filter("beta")
    panel.wait_for_names(*BETA)
    panel.row("beta 1").dblclick()
    panel.page.locator(".nbt-main .nbt-run canvas").wait_for()
    panel.page.wait_for_timeout(2500)
    panel.page.reload()
    panel.wait_for_names(*BETA)
    expect(panel.page.locator(".nbt-row[aria-selected=true]")).to_contain_text("beta 1")
    expect(panel.filter).to_have_value("beta")
    panel.page.locator(".nbt-main .nbt-run canvas").wait_for()
