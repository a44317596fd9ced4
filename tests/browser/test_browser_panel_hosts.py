"""The panel in other places and colours: Notebook 7, dark, high contrast, and without a server."""

import pytest
from browser_pages import OF_NOTEBOOK_7, seen_page
from lab_server import LabServer
from panel_pages import RUNS, open_panel
from playwright.sync_api import Browser, expect


@pytest.fixture(scope="module", autouse=True)
def _runs(lab: LabServer) -> None:
    """Two runs to look at."""
    lab.record(RUNS.format(n=2, project="hosts", prefix="host"))


@pytest.mark.parametrize("page", ["tree", "notebooks/hosts.ipynb"])
def test_notebook_7_has_the_panel(browser: Browser, lab: LabServer, page: str) -> None:
    """On the page of files and beside a notebook; a run opens where there is room."""
    lab.notebook("hosts.ipynb", ["x = 1"])
    with seen_page(browser, lab) as seen:
        panel = open_panel(seen, page)
        panel.write_filter("hosts")
        panel.wait_for_names("hosts 1", "hosts 0")
        panel.row("hosts 1").dblclick()
        panel.page.locator(".nbt-main .nbt-run canvas").wait_for()
        seen.keep(f"panel-notebook-7-{page[:4]}")
        assert set(seen.errors) <= OF_NOTEBOOK_7


@pytest.mark.parametrize(
    "theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"]
)
def test_nothing_stands_in_the_way_of_anybody(browser: Browser, lab: LabServer, theme: str) -> None:
    """Contrast, names and roles, with the box of choices open and a filter that is refused."""
    with seen_page(browser, lab, reduced_motion="reduce") as seen:
        panel = open_panel(seen)
        seen.use_theme(theme)
        panel.choose("Group by", "project")
        panel.write_filter("hosts")
        panel.wait_for_names("hosts 1", "hosts 0")
        panel.row("hosts 1").click()
        assert panel.violations() == []
        panel.write_filter("hosts<")
        panel.page.get_by_role("alert").wait_for()
        panel.filter.press_sequentially(" sta")
        panel.page.get_by_role("option").first.wait_for()
        seen.keep(f"panel-{theme.rpartition(' ')[2].lower()}")
        assert panel.violations() == []


def test_a_server_that_does_not_answer_is_told_with_a_way_out(
    browser: Browser, lab: LabServer
) -> None:
    """What was listed stays; one click asks again."""
    with seen_page(browser, lab) as seen:
        panel = open_panel(seen)
        panel.write_filter("hosts")
        panel.wait_for_names("hosts 1", "hosts 0")
        seen.page.route("**/nbtracker/api/**", lambda route: route.fulfill(status=503, body=""))
        panel.command("refresh")
        expect(seen.page.get_by_role("alert")).to_contain_text("The server answered 503")
        assert panel.names() == ["hosts 1", "hosts 0"]
        seen.page.unroute("**/nbtracker/api/**")
        seen.page.get_by_role("button", name="Try again").click()
        expect(seen.page.get_by_role("button", name="Try again")).to_have_count(0)


def test_two_tabs_see_the_same_edit(browser: Browser, lab: LabServer) -> None:
    """What one changes, the other shows."""
    with seen_page(browser, lab) as one, seen_page(browser, lab) as other:
        panels = [open_panel(one), open_panel(other)]
        for panel in panels:
            panel.write_filter("id=host0")
            panel.wait_for_names("hosts 0")
        panels[0].row("hosts 0").click()
        panels[0].page.keyboard.press("F2")
        panels[0].page.get_by_label("Name of the run").fill("other name")
        panels[0].page.keyboard.press("Enter")
        panels[1].wait_for_names("other name")
        assert one.errors == other.errors == []
