"""Runs compared in a real JupyterLab: parallel coordinates."""

from browser_pages import Seen
from panel_pages import open_panel
from playwright.sync_api import expect

RUNS = """
import nbtracker
for number, optimizer in enumerate(["adam", "sgd", "adam", None]):
    config = {"lr": 10.0 ** -(number + 1), "optimizer": optimizer, "same": 1, "width": 32 * (number + 1)}
    if number == 2:
        del config["width"]
    run = nbtracker.init(project="pc", name=f"run {number} <b>", id=f"pc{number}", config=config)
    for step in range(20):
        run.log({"loss": 1 / (1 + step * (number + 1)), "acc": float("nan") if number == 1 else step / 20})
    run.finish()
"""

# The picture has followed its place: no axis is scrolled away further than it must be.
NARROW = "() => document.querySelector('.nbt-across-picture').width.baseVal.value < 650"


def test_runs_are_lines_across_what_they_differ_in(seen: Seen) -> None:
    """They have the colours of their curves, tell their values, and fade outside a selection."""
    seen.server.record(RUNS)
    panel = open_panel(seen)
    panel.write_filter("project=pc")
    panel.wait_for_names("run 3 <b>", "run 2 <b>", "run 1 <b>", "run 0 <b>")
    panel.list.focus()
    for key in ("Home", *["Shift+ArrowDown"] * 4, "c"):
        seen.page.keyboard.press(key)
    seen.page.locator(".nbt-main canvas").first.wait_for()
    drawn = seen.page.locator(".nbt-main .nbt-chart-legend path").first.get_attribute("stroke")
    seen.page.get_by_role("tab", name="Coordinates").click()
    runs = seen.page.locator(".nbt-across").get_by_role("listitem")
    expect(runs).to_have_count(4)
    assert runs.first.locator(".nbt-across-line").get_attribute("stroke") == drawn
    seen.page.get_by_label("Result").select_option("acc")
    expect(runs.nth(2)).to_have_attribute(
        "aria-label", "run 1 <b>: lr 0.01, optimizer sgd, width 64, acc NaN"
    )
    for theme in ("Light", "Dark"):
        seen.use_theme(f"JupyterLab {theme}")
        seen.keep(f"coordinates-{theme}")
        runs.nth(1).focus()
        expect(seen.page.locator(".nbt-across-told text")).to_have_count(5)
        seen.keep(f"coordinates-{theme}-lit")
        assert panel.violations(".nbt-main") == []
        seen.page.get_by_role("tab", name="Coordinates").focus()
    box = seen.page.locator(".nbt-across-grips rect").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"]
    seen.page.mouse.move(x, y + box["height"] * 0.2)
    seen.page.mouse.down()
    seen.page.mouse.move(x, y + 1, steps=5)
    seen.page.mouse.up()
    expect(seen.page.locator(".nbt-across-out")).to_have_count(3)
    seen.page.mouse.move(5, 5)
    seen.keep("coordinates-selected")
    seen.page.keyboard.press("Escape")
    expect(seen.page.locator(".nbt-across-out")).to_have_count(0)
    seen.page.set_viewport_size({"width": 800, "height": 480})
    seen.page.wait_for_function(NARROW)
    seen.keep("coordinates-small")
