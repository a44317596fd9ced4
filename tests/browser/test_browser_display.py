"""`run.display()` and `%tracker` in a real kernel: live, saved, read again, and seen by several."""

import json
import re
from collections.abc import Iterator

import nbformat
import pytest
from browser_pages import OF_NOTEBOOK_7, Seen, seen_page
from lab_server import MIME, LabServer, lab_server
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, FloatRect, Locator, expect

SHOW = """
import time
import nbtracker
run = nbtracker.init(project="digits", id="{id}", config={{"lr": 0.01, "layers": 3}})
run.display();
"""
TRAIN = """
for step in range({n}):
    run.log({{"train/loss": 1 / (1 + step), "val/acc": step / 100}})
    time.sleep(0.02)
"""
LESS_LR = "run.config.update({'lr': 0.003}, allow_val_change=True)"
WRONG = ("Error", "error", "not found", "Loading widget", "Traceback")


def outputs(seen: Seen) -> str:
    """What stands below the cells."""
    return "\n".join(seen.page.locator(".jp-OutputArea-output").all_inner_texts())


def save(seen: Seen) -> None:
    """Save the notebook that is shown."""
    seen.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")


def finished(seen: Seen, name: str, *cells: str) -> nbformat.NotebookNode:
    """Execute cells until their run has ended; give the notebook as it is saved then."""
    seen.server.notebook(name, [*cells, "run.finish()", "'all of it'"])
    seen.open_lab(name)
    seen.run_cells()
    seen.page.locator(".jp-OutputArea-output", has_text="all of it").wait_for()
    save(seen)
    return nbformat.read(seen.server.folder / name, as_version=4)


def as_from_elsewhere(server: LabServer, saved: nbformat.NotebookNode, name: str) -> None:
    """Write a notebook that nobody trusts, and for which there is no kernel."""
    saved = nbformat.from_dict({**saved, "cells": [*saved.cells, nbformat.v4.new_code_cell(name)]})
    saved.metadata["kernelspec"] = {"name": "gone", "display_name": "Gone", "language": "R"}
    saved.metadata["language_info"] = {"name": "R"}
    (server.folder / name).write_text(nbformat.writes(saved), encoding="utf-8")


def open_without_kernel(seen: Seen, name: str) -> None:
    """Open a notebook, and see that it is not trusted and has no kernel."""
    seen.page.goto(seen.server.address(f"lab/tree/{name}"))
    seen.page.locator(".jp-Dialog button", has_text="No Kernel").click()
    widget = "window.jupyterapp.shell.currentWidget"
    assert not seen.page.evaluate(f"() => {widget}.content.widgets[0].model.trusted")
    assert seen.page.evaluate(f"() => {widget}.sessionContext.session === null")


def test_a_displayed_run_moves_while_it_trains_and_is_there_when_it_ends(seen: Seen) -> None:
    """One display below its cell, brought up to date by the cells that follow."""
    seen.server.notebook(
        "show.ipynb", [SHOW.format(id="shown"), TRAIN.format(n=500), "run.finish()"]
    )
    seen.open_lab("show.ipynb")
    seen.run_cells()
    first = seen.wait_for_drawing()
    seen.wait_for_drawing(other_than=first["hash"])
    assert seen.page.locator(".nbt-state").inner_text() == "running"
    seen.page.locator(".nbt-state", has_text="finished").wait_for()
    assert seen.page.locator(".nbt-run").count() == 1
    assert "True" not in outputs(seen)


WAVE = """
import nbtracker
run = nbtracker.init(project="digits", id="{id}")
for step in range(100):
    run.log({{"wave": step % 10}})
run.display()
run.finish()
"""


def shown_wave(seen: Seen, name: str) -> tuple[Locator, FloatRect]:
    """Show a chart of a wave; give it, and where its plot stands without the axes."""
    seen.server.notebook(f"{name}.ipynb", [WAVE.format(id=name)])
    seen.open_lab(f"{name}.ipynb")
    seen.run_cells()
    seen.wait_for_drawing()
    seen.page.locator(".nbt-state", has_text="finished").wait_for()
    chart = seen.page.locator(".nbt-chart").first
    over = chart.locator(".u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None
    return chart, box


def test_a_box_zooms_y_and_says_what_it_leaves_outside(seen: Seen) -> None:
    """A box with both sides long zooms both axes; a double click shows all."""
    chart, box = shown_wave(seen, "boxzoom")
    mouse = seen.page.mouse
    x, y, width, height = box["x"], box["y"], box["width"], box["height"]
    mouse.move(x + 0.2 * width, y + 0.45 * height)
    mouse.down()
    mouse.move(x + 0.5 * width, y + 0.6 * height, steps=5)
    mouse.move(x + 0.7 * width, y + 0.8 * height, steps=5)
    mouse.up()
    note = chart.locator(".nbt-chart-note")
    expect(note).to_have_text(re.compile(r"^\d+ points above · \d+ points below$"))
    seen.keep("zoomed-in-y")
    mouse.dblclick(x + 0.5 * width, y + 0.5 * height)
    expect(note).to_have_text("")
    expect(chart.get_by_role("button", name="Reset zoom")).to_be_hidden()


def test_fingers_point_zoom_and_move(browser: Browser, lab: LabServer) -> None:
    """A tap shows the values, two fingers zoom x, and one then moves it."""
    with seen_page(browser, lab, has_touch=True) as seen:
        chart, box = shown_wave(seen, "fingers")
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        tip = chart.get_by_role("tooltip")
        seen.page.touchscreen.tap(x, y)
        expect(tip).to_contain_text("wave")
        seen.page.locator(".nbt-where").tap()
        expect(tip).to_be_hidden()
        touch(seen, [(x - 30, y), (x + 30, y)], [(x - 90, y), (x + 90, y)])
        expect(chart.get_by_role("button", name="Reset zoom")).to_be_visible()
        expect(chart.locator(".u-over")).to_have_css("touch-action", "pan-y")
        zoomed = seen.drawn()["hash"]
        touch(seen, [(x, y)], [(x - 80, y)])
        seen.wait_for_drawing(other_than=zoomed)
        seen.keep("fingers")


def touch(seen: Seen, start: list[tuple[float, float]], end: list[tuple[float, float]]) -> None:
    """Put fingers down, move them in a few steps, and lift them."""
    session = seen.page.context.new_cdp_session(seen.page)

    def send(kind: str, share: float) -> None:
        points = [
            {"x": a + share * (c - a), "y": b + share * (d - b), "id": i}
            for i, ((a, b), (c, d)) in enumerate(zip(start, end, strict=True))
        ]
        message = {"type": kind, "touchPoints": [] if kind == "touchEnd" else points}
        session.send("Input.dispatchTouchEvent", message)

    send("touchStart", 0)
    for step in range(1, 6):
        send("touchMove", step / 5)
    send("touchEnd", 1)


def test_tracker_show_and_compare_draw_what_they_name(seen: Seen) -> None:
    """`%tracker show` the run that is open, `%tracker compare` two over each other."""
    cells = []
    for name, lr in (("slow", 0.1), ("fast", 0.9)):
        cells.append(
            f"import nbtracker\nrun = nbtracker.init(project='digits', id='{name}er', name='{name}',"
            f" config={{'lr': {lr}}})\nfor step in range(50):\n    run.log({{'loss': {lr} / (1 + step)}})"
        )
    seen.server.notebook(
        "magics.ipynb",
        [
            "%load_ext nbtracker",
            *cells,
            "%tracker show",
            "run.finish()",
            "%tracker compare slower faster",
        ],
    )
    seen.open_lab("magics.ipynb")
    seen.run_cells()
    compared = seen.page.locator(".nbt-run:has(.nbt-legend)")
    compared.scroll_into_view_if_needed()
    compared.locator("canvas").wait_for()
    shown = seen.page.locator(".nbt-run:not(:has(.nbt-legend))")
    shown.locator("canvas").wait_for()
    assert shown.locator(".nbt-where").inner_text() == "digits/faster"
    assert {"slow", "fast"} <= set(compared.locator(".nbt-chart-legend li").all_inner_texts())
    compared.locator(".u-over").first.hover()
    rows = compared.get_by_role("tooltip").first.locator("div")
    expect(rows).to_have_text([re.compile("^fast: "), re.compile("^slow: ")])
    seen.keep("compared")
    compared.get_by_role("tab", name="Config").click()
    row = compared.locator(".nbt-tabpage:visible .nbt-differences tbody tr")
    row.first.wait_for()
    assert row.all_inner_texts() == ["lr\t0.1\t0.9"]


def test_a12_a_saved_notebook_shows_curve_and_tables_without_trust_or_kernel(seen: Seen) -> None:
    """A12: as its author saw it, with no word of an error."""
    saved = finished(
        seen,
        "author.ipynb",
        SHOW.format(id="saved"),
        TRAIN.format(n=30),
        LESS_LR,
        TRAIN.format(n=5),
    )
    as_from_elsewhere(seen.server, saved, "reader.ipynb")
    open_without_kernel(seen, "reader.ipynb")
    seen.wait_for_drawing()
    seen.page.get_by_role("tab", name="Config").click()
    change = seen.page.locator(".nbt-changes > div").first
    change.wait_for()
    assert change.inner_text() == "0.01 → 0.003 @ cell [3], step 30"
    assert not [word for word in WRONG if word in outputs(seen)]


def test_a_page_made_of_the_saved_notebook_shows_the_curve_and_runs_nothing_of_ours(
    seen: Seen, browser: Browser
) -> None:
    """`nbconvert --to html`: the picture at rest, which asks nobody."""
    saved = finished(seen, "page.ipynb", SHOW.format(id="page"), TRAIN.format(n=30))
    html, _ = HTMLExporter().from_notebook_node(saved)
    assert not [word for word in (MIME, "widget-view", "nbtracker/api") if word in html]
    page = browser.new_page(java_script_enabled=False)
    page.route("**/*", lambda route: route.abort())
    page.set_content(html)
    picture = page.locator(".jp-OutputArea-output svg, .jp-OutputArea-output img")
    assert picture.first.bounding_box()["width"] > 300  # type: ignore[index]
    page.close()


def test_f30_a_page_loaded_again_in_the_middle_of_a_training_cell_goes_on(seen: Seen) -> None:
    """The kernel's messages are lost to the new page, and it needs none."""
    seen.server.notebook("reload.ipynb", [SHOW.format(id="reload"), TRAIN.format(n=5000)])
    seen.open_lab("reload.ipynb")
    seen.run_cells()
    seen.wait_for_drawing()
    save(seen)
    seen.page.reload()
    first = seen.wait_for_drawing()
    seen.wait_for_drawing(other_than=first["hash"])
    assert seen.page.locator(".nbt-state").inner_text() == "running"


def test_f30_three_clients_follow_the_same_run(seen: Seen, browser: Browser) -> None:
    """Two JupyterLabs and a Notebook 7; the other two have executed nothing."""
    seen.server.notebook("clients.ipynb", [SHOW.format(id="clients"), TRAIN.format(n=5000)])
    seen.open_lab("clients.ipynb")
    seen.run_cells()
    seen.wait_for_drawing()
    save(seen)
    with seen_page(browser, seen.server) as lab, seen_page(browser, seen.server) as classic:
        lab.page.goto(seen.server.address("lab/workspaces/other/tree/clients.ipynb"))
        classic.page.goto(seen.server.address("notebooks/clients.ipynb"))
        clients = (seen, lab, classic)
        pictures = [one.wait_for_drawing()["hash"] for one in clients]
        for one, picture in zip(clients, pictures, strict=True):
            one.wait_for_drawing(other_than=picture)
        assert (lab.errors, set(classic.errors) - OF_NOTEBOOK_7) == ([], set())


def test_f30_a_killed_kernel_is_seen_soon(seen: Seen) -> None:
    """Nobody writes that the run ended; its writer is gone, and that is looked at."""
    kill = "import os; os.kill(os.getpid(), 9)"
    seen.server.notebook("kill.ipynb", [SHOW.format(id="killed") + TRAIN.format(n=10), kill])
    seen.open_lab("kill.ipynb")
    seen.run_next_cell()
    state = seen.page.locator(".nbt-state")
    # What a kernel shows in its last moments may never arrive.
    state.filter(has_text="running").wait_for()
    seen.wait_for_drawing()
    seen.run_next_cell()
    # Two seconds, and what a machine under load takes for them.
    state.filter(has_text="crashed").wait_for(timeout=20_000)


@pytest.fixture(scope="module")
def saving_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A JupyterLab without our server extension, which saves the states of widgets."""
    folder = tmp_path_factory.mktemp("saving") / "server"
    file = (
        folder
        / "settings"
        / "@jupyter-widgets"
        / "jupyterlab-manager"
        / "plugin.jupyterlab-settings"
    )
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"saveState": True}), encoding="utf-8")
    with lab_server(folder, is_ours=False) as server:
        yield server


def test_a_displayed_run_makes_a_notebook_little_larger_with_its_widget_state(
    browser: Browser, saving_lab: LabServer
) -> None:
    """At most 30 KB; and who reads it elsewhere sees the picture at rest, and no error."""
    with seen_page(browser, saving_lab) as seen:
        saved = finished(seen, "grown.ipynb", SHOW.format(id="grown"), TRAIN.format(n=100))
        assert saved.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
        bare = nbformat.from_dict(saved)
        size = len(nbformat.writes(bare))
        bare.metadata.pop("widgets")
        for cell in bare.cells:
            cell.outputs = []
        assert 5_000 < size - len(nbformat.writes(bare)) <= 30_000
    as_from_elsewhere(saving_lab, saved, "read.ipynb")
    with seen_page(browser, saving_lab) as seen:
        open_without_kernel(seen, "read.ipynb")
        seen.page.locator(".nbt-at-rest img").wait_for()
        assert not [word for word in WRONG if word in outputs(seen)]
