"""The same display in other places: Notebook 7, below a prefix, and after its run is gone."""

from pathlib import Path

from browser_pages import OF_NOTEBOOK_7, Seen, seen_page
from lab_server import AT_REST, LabServer, lab_server
from playwright.sync_api import Browser
from test_browser_renderer import MAKE


def test_notebook_7_draws_runs(browser: Browser, lab: LabServer) -> None:
    """The classic front end loads the same panel."""
    lab.record(MAKE.format(name="classic", lr=0.5, id="classic"))
    lab.shown("classic.ipynb", runs=["digits/classic"])
    with seen_page(browser, lab) as seen:
        seen.page.goto(lab.address("notebooks/classic.ipynb"))
        seen.wait_for_drawing()
        seen.keep("notebook-7")
        assert set(seen.errors) <= OF_NOTEBOOK_7
        assert len(seen.hosts) == 1


def test_a_prefix_before_all_addresses_is_kept(browser: Browser, tmp_path: Path) -> None:
    """A hub's servers live below a prefix; nothing is asked beside it."""
    prefix = "/user/someone@example.org/"
    with lab_server(tmp_path / "server", f"--ServerApp.base_url={prefix}") as server:
        server.record(MAKE.format(name="hub", lr=0.5, id="hub"))
        server.shown("hub.ipynb", runs=["digits/hub"])
        with seen_page(browser, server) as seen:
            seen.open_lab("hub.ipynb")
            seen.wait_for_drawing()
            assert (seen.errors, seen.refused) == ([], [])


def test_a38_nobody_but_the_server_is_asked(seen: Seen) -> None:
    """For a display, the panel and a comparison; scripts and fonts included."""
    for name in ("one", "two"):
        seen.server.record(MAKE.format(name=name, lr=0.5, id=f"a38{name}"))
    seen.server.shown("offline.ipynb", runs=["digits/a38one", "digits/a38two"])
    seen.open_lab("offline.ipynb")
    seen.wait_for_drawing()
    seen.page.evaluate("() => window.jupyterapp.commands.execute('nbtracker:show-panel')")
    seen.page.locator(".nbt-row[data-kind=run]").first.wait_for()
    assert seen.hosts == {seen.server.url.split("/")[2]}


def test_a_run_that_is_gone_is_shown_as_it_was_saved(browser: Browser, lab: LabServer) -> None:
    """The picture and the text are there, and one line says which run is in which store no more."""
    lab.shown("gone.ipynb", runs=["digits/never"])
    with seen_page(browser, lab) as seen:
        seen.open_lab("gone.ipynb")
        message = seen.page.locator(".nbt-output")
        message.locator(".nbt-message").wait_for()
        said = message.locator(".nbt-message").inner_text()
        assert said.startswith("nbtracker: digits/never is not in store default")
        assert message.locator("img").evaluate(
            "async img => { await img.decode(); return img.alt; }"
        )
        message.get_by_text("As text").click()
        assert message.locator("pre").inner_text() == AT_REST["text/plain"]
        # The browser itself notes each 404; it may come, so it is asked for now and then.
        assert {line.split()[0] for line in seen.refused} == {"404"}
