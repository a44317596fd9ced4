"""Edits from the panel, each on a server that a test may change."""

from browser_pages import Seen
from lab_server import LabServer
from panel_pages import Panel, open_panel
from playwright.sync_api import expect
from test_browser_renderer import MAKE

FACTS = """
import nbtracker
run = nbtracker.Api().run("digits/{id}")
print(run.name, sorted(run.tags), run.notes, run.state)
"""
LOOP = """
import nbtracker, time
run = nbtracker.init(project="digits", name="endless", id="endless")
for step in range(100_000):
    run.log({"loss": step})
    time.sleep(0.02)
"""
SAVING = """
import nbtracker, time
run = nbtracker.init(project="digits", name="saving", id="saving")
for step in range(100_000):
    run.log({"loss": step})
    if run.checkpoint_requested:
        break
    time.sleep(0.02)
run.finish()
print("saved at", step)
"""


def one_run(seen: Seen, run_id: str) -> Panel:
    """The panel with one run in it, selected."""
    seen.server.record(MAKE.format(name=run_id, lr=0.5, id=run_id))
    panel = open_panel(seen)
    panel.write_filter(f"id={run_id}")
    panel.wait_for_names(run_id)
    panel.row(run_id).click()
    return panel


def facts(server: LabServer, run_id: str) -> str:
    """What the store says of the run."""
    return server.record(FACTS.format(id=run_id))


def test_name_tags_and_notes_are_changed_in_place(seen: Seen) -> None:
    """Each is asked for, kept in the run's journal, and shown."""
    panel = one_run(seen, "edited")
    panel.page.keyboard.press("F2")
    panel.page.get_by_label("Name of the run").fill("new name")
    panel.page.keyboard.press("Enter")
    panel.wait_for_names("new name")
    panel.command("edit-tags")
    panel.page.get_by_label("Separated by commas").fill("good, best, good")
    panel.page.keyboard.press("Enter")
    expect(panel.row("new name")).to_contain_text("good, best")
    panel.command("edit-notes")
    panel.page.get_by_label("What should be remembered of this run").fill("one\ntwo")
    panel.page.get_by_role("button", name="Keep").click()
    expect(panel.page.locator(".jp-Dialog")).to_have_count(0)
    panel.page.wait_for_timeout(500)
    assert facts(seen.server, "edited") == "new name ['best', 'good'] one\ntwo finished"


def test_a_deleted_run_comes_back_by_its_notification(seen: Seen) -> None:
    """The trash is one click away from being undone."""
    panel = one_run(seen, "gone")
    panel.page.keyboard.press("Delete")
    panel.wait_for_names()
    panel.page.get_by_role("button", name="Undo").click()
    panel.wait_for_names("gone")


def test_an_archived_run_hides_until_it_is_asked_for(seen: Seen) -> None:
    """By the context menu; the list can show archived runs, too."""
    panel = one_run(seen, "put-away")
    panel.row("put-away").click(button="right")
    panel.page.get_by_role("menuitem", name="Archive", exact=True).click()
    panel.wait_for_names()
    panel.page.get_by_role("button", name="Show archived runs").click()
    panel.wait_for_names("put-away")
    expect(panel.row("put-away")).to_contain_text("archived")


def test_a_running_run_is_asked_to_stop(seen: Seen) -> None:
    """After a question; its loop ends at the next log, and the list says so."""
    seen.server.notebook("endless.ipynb", [LOOP])
    seen.open_lab("endless.ipynb")
    panel = Panel(seen)
    panel.command("show-panel")
    panel.page.locator(".nbt-panel").wait_for()
    panel.write_filter("id=endless")
    seen.run_cells()
    panel.row("endless").click()
    panel.command("stop")
    panel.page.locator(".jp-Dialog").get_by_role("button", name="Stop").click()
    expect(panel.rows).to_contain_text("stopped")


def test_a_run_is_asked_for_a_checkpoint(seen: Seen) -> None:
    """Its loop sees it, and the notification says so."""
    seen.server.notebook("saving.ipynb", [SAVING])
    seen.open_lab("saving.ipynb")
    panel = Panel(seen)
    panel.command("show-panel")
    panel.page.locator(".nbt-panel").wait_for()
    panel.write_filter("id=saving")
    seen.run_cells()
    panel.row("saving").click(button="right")
    panel.page.get_by_role("menuitem", name="Ask for a checkpoint now").click()
    said = panel.page.get_by_text("run.checkpoint_requested tells it")
    expect(said.first).to_be_visible()
    expect(panel.page.locator(".jp-OutputArea-output").last).to_contain_text("saved at")


def test_a_run_of_a_script_leads_to_no_cell(seen: Seen) -> None:
    """A sentence says why."""
    panel = one_run(seen, "script")
    panel.command("go-to-cell")
    said = panel.page.get_by_text("This run was not recorded in a notebook.")
    expect(said.first).to_be_visible()


def test_a_run_leads_to_its_cell(seen: Seen) -> None:
    """In an open notebook at once; a closed one is offered to be opened."""
    make = MAKE.format(name="jump", lr=0.5, id="jump")
    seen.server.notebook("jump.ipynb", ["x = 1", make, "y = 1"])
    seen.open_lab("jump.ipynb")
    seen.run_cells()
    panel = Panel(seen)
    panel.command("show-panel")
    panel.page.locator(".nbt-panel").wait_for()
    panel.write_filter("id=jump state=finished")
    panel.row("jump").click()
    panel.command("go-to-cell")
    active = "() => window.jupyterapp.shell.currentWidget.content?.activeCellIndex === 1"
    panel.page.wait_for_function(active)
    panel.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    panel.page.evaluate("() => { window.jupyterapp.commands.execute('application:close-all'); }")
    panel.page.locator(".jp-NotebookPanel").wait_for(state="detached")
    panel.command("go-to-cell")
    panel.page.locator(".jp-Dialog").get_by_role("button", name="Open").click()
    panel.page.wait_for_function(active)
