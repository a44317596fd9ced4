"""A11: whatever runs are called, it is shown as it was written, and does nothing."""

import json

from browser_pages import Seen
from panel_pages import Panel, open_panel
from playwright.sync_api import Dialog, expect
from test_browser_renderer import HOSTILE

MAKE = """
import json, nbtracker
said = json.loads({said!r})
for number, text in enumerate(said):
    run = nbtracker.init(project={project!r}, id=f"h{{number:02}}", name=text, group=text,
        job_type=text, tags=[one[:64] for one in (text, *said)], notes=text, config={{text: text for text in said}})
    run.log({{text: number for text in said}})
    run.summary.update({{text: text for text in said}})
    run.finish()
"""
MADE = ".nbt-panel :is(script, img, iframe, form, a, object), .nbt-row svg :not(path)"


def open_hostile(seen: Seen) -> Panel:
    """The panel with a run of each name, and every column there is."""

    def refuse(dialog: Dialog) -> None:
        seen.errors.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    seen.page.on("dialog", refuse)
    seen.server.record(MAKE.format(said=json.dumps(HOSTILE), project="bad"))
    panel = open_panel(seen)
    panel.write_filter("project=bad")
    panel.choose("Sort by", "id")
    panel.page.get_by_label("Direction", exact=True).select_option("rises")
    for column in ("State", "Tags", "Project", "Group", "Job type", "Notebook", "Notes"):
        panel.page.get_by_label(column, exact=True).check()
    for text in HOSTILE[:3]:
        for section in ("config", "summary"):
            panel.page.get_by_label("Another column").fill(f"{section}.{text}")
            panel.page.get_by_label("Another column").press("Enter")
    panel.page.get_by_role("button", name="View", exact=True).click()
    panel.wait_for_names(*HOSTILE)
    return panel


def assert_harmless(panel: Panel) -> None:
    """Nothing was executed, and no element was made of what runs say."""
    assert panel.page.evaluate("window.hacked") is None
    assert panel.page.locator(MADE).count() == 0


def test_a11_lists_groups_and_completions_are_text(seen: Seen) -> None:
    """Names, tags, groups, keys and values, in rows, heads, and below the filter."""
    panel = open_hostile(seen)
    cells = panel.rows.first.locator(".nbt-row-cell").all_text_contents()
    assert cells.count(HOSTILE[0]) == 5
    assert_harmless(panel)
    panel.choose("Group by", "group")
    panel.page.get_by_role("button", name="View", exact=True).click()
    heads = panel.page.locator(".nbt-row[data-kind=section] .nbt-row-text")
    expect(heads).to_have_count(len(HOSTILE))
    assert set(heads.all_text_contents()) == set(HOSTILE)
    panel.filter.fill("project=bad group=")
    panel.filter.press_sequentially('"<')
    panel.page.get_by_role("option").first.wait_for()
    panel.filter.press("ArrowDown")
    panel.filter.press("Enter")
    expect(panel.rows).to_have_count(1)
    assert_harmless(panel)


def test_a11_pages_dialogs_and_notifications_are_text(seen: Seen) -> None:
    """A run opened, renamed, deleted, and brought back; two runs compared."""
    panel = open_hostile(seen)
    panel.row(HOSTILE[1]).dblclick()
    panel.page.get_by_role("tab", name="Overview").click()
    expect(panel.page.locator(".nbt-overview")).to_contain_text(HOSTILE[1])
    expect(panel.page.locator(".lm-TabBar-tabLabel", has_text=HOSTILE[1]).first).to_be_visible()
    panel.command("edit-tags")
    expect(panel.page.locator(".jp-Dialog-header")).to_have_text(f"Tags: {HOSTILE[1]}")
    panel.page.get_by_role("button", name="Cancel").click()
    panel.list.focus()
    panel.page.keyboard.press("Shift+ArrowDown")
    panel.command("compare")
    panel.page.locator(".nbt-legend li").nth(1).wait_for()
    panel.row(HOSTILE[1]).click()
    panel.command("delete")
    expect(panel.page.locator(".Toastify__toast").first).to_contain_text(HOSTILE[1])
    panel.page.get_by_role("button", name="Undo").click()
    panel.wait_for_names(*HOSTILE)
    assert_harmless(panel)
    # The page of the run asked for what had been deleted.
    seen.errors[:] = [line for line in seen.errors if "404 (Not Found)" not in line]
    assert panel.page.locator(".jp-Dialog img, .Toastify img, .lm-TabBar-tabLabel img").count() == 0
