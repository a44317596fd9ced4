"""Runs below cells, in a real JupyterLab, with a real kernel where one is needed."""

import json

import pytest
from browser_pages import Seen

TRAIN = """
import time
import nbtracker
from IPython.display import display

MIME = "application/vnd.nbtracker.run+json"
run = nbtracker.init(project="digits", name="first", config={{"lr": 0.01, "layers": 3}})
said = {{"version": 1, "store": "default", "runs": [f"digits/{{run.id}}"], "height": 420}}
display({{MIME: said, "text/plain": "the run at rest"}}, raw=True)
for step in range({n}):
    run.log({{"train/loss": 1 / (1 + step), "train/acc": step / 100, "lr": 0.1}})
    time.sleep(0.02)
"""
MAKE = """
import nbtracker
run = nbtracker.init(project="digits", name={name!r}, config={{"lr": {lr}}}, id={id!r})
for step in range(50):
    run.log({{"train/loss": 1 / (1 + step * {lr})}})
run.finish()
"""
HOSTILE = [
    "<script>window.hacked = 1</script>",
    '<img src=x onerror="window.hacked = 1">',
    "<svg onload=window.hacked=1>",
    "</script><script>window.hacked = 1</script>",
    "</textarea><img src=https://evil.example/x.png>",
    "javascript:window.hacked=1",
    "&lt;img src=x&gt;",
    "{{7*7}} ${7*7}",
    '" onmouseover="window.hacked=1" \'',
    "<form id=body name=body action=https://evil.example><input name=nodeName>",
    "<a href=javascript:window.hacked=1>here</a>",
    "<iframe src=https://evil.example></iframe>",
]


def test_a_curve_moves_while_its_cell_runs(seen: Seen) -> None:
    """What is logged is drawn below the cell before the cell ends, in light and in dark."""
    seen.server.notebook("live.ipynb", [TRAIN.format(n=400), "run.finish()"])
    seen.open_lab("live.ipynb")
    seen.run_cells()
    first = seen.wait_for_drawing()
    seen.wait_for_drawing(other_than=first["hash"])
    assert seen.page.locator(".nbt-state").inner_text() == "running"
    seen.keep("live-light")
    seen.use_theme("JupyterLab Dark")
    seen.wait_for_drawing(other_than=first["hash"])
    seen.keep("live-dark")
    seen.page.locator(".nbt-state", has_text="finished").wait_for()


def test_a_page_loaded_again_in_the_middle_of_a_cell_goes_on(seen: Seen) -> None:
    """The display follows the run, not the kernel's messages, which a new page never gets."""
    seen.server.notebook("again.ipynb", [TRAIN.format(n=700)])
    seen.open_lab("again.ipynb")
    seen.run_cells()
    seen.wait_for_drawing()
    seen.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    seen.page.reload()
    first = seen.wait_for_drawing()
    seen.wait_for_drawing(other_than=first["hash"])
    assert seen.page.locator(".nbt-state").inner_text() == "running"


def test_a_killed_kernel_is_seen(seen: Seen) -> None:
    """The state changes by itself when the kernel that recorded the run is gone."""
    seen.server.notebook("killed.ipynb", [TRAIN.format(n=5), "import os; os.kill(os.getpid(), 9)"])
    seen.open_lab("killed.ipynb")
    seen.run_next_cell()
    # What a kernel shows in its last moments may never arrive.
    seen.page.locator(".nbt-state", has_text="running").wait_for()
    seen.run_next_cell()
    seen.page.locator(".nbt-state", has_text="crashed").wait_for()


def test_a_change_of_the_config_leads_to_its_cell(seen: Seen) -> None:
    """The table says old, new, cell and step, and its button goes to the cell."""
    change = "run.config.update({'lr': 0.003}, allow_val_change=True)"
    seen.server.notebook("change.ipynb", [TRAIN.format(n=5), "x = 1", change, "y = 1"])
    seen.open_lab("change.ipynb")
    seen.run_cells()
    seen.page.get_by_role("tab", name="Config").click()
    line = seen.page.locator(".nbt-changes > div").first
    line.wait_for()
    assert line.inner_text() == "0.01 → 0.003 @ cell [3], step 5"
    line.get_by_role("button").click()
    seen.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex === 2"
    )


def test_an_untrusted_notebook_without_a_kernel_shows_the_run(seen: Seen) -> None:
    """A12: what was saved is drawn again, and nothing that it says is executed."""
    seen.server.record(MAKE.format(name="old", lr=0.5, id="old1"))
    seen.server.shown("old.ipynb", runs=["digits/old1"])
    seen.open_lab("old.ipynb")
    seen.wait_for_drawing()
    assert seen.page.locator(".nbt-state").inner_text() == "finished"


def test_two_runs_are_drawn_over_each_other(seen: Seen) -> None:
    """A display of several runs has one chart a metric, and tells in what they differ."""
    for name, lr in (("slow", 0.1), ("fast", 0.9)):
        seen.server.record(MAKE.format(name=name, lr=lr, id=name))
    seen.server.shown("two.ipynb", runs=["digits/slow", "digits/fast"], title="Two")
    seen.open_lab("two.ipynb")
    seen.wait_for_drawing()
    seen.keep("compare")
    seen.page.get_by_role("tab", name="Config").click()
    row = seen.page.locator(".nbt-tabpage:visible .nbt-differences tbody tr")
    row.first.wait_for()
    assert row.all_inner_texts() == ["lr\t0.1\t0.9"]


def test_a_hidden_display_is_one_line_until_it_is_opened(seen: Seen) -> None:
    """`hidden` draws nothing and asks nothing before somebody wants to see it."""
    seen.server.record(MAKE.format(name="folded", lr=0.5, id="folded"))
    seen.server.shown("folded.ipynb", runs=["digits/folded"], hidden=True, title="My run")
    seen.open_lab("folded.ipynb")
    assert seen.page.locator(".nbt-run").count() == 0
    seen.page.get_by_text("My run").click()
    seen.wait_for_drawing()


def test_a11_hostile_text_is_text(seen: Seen) -> None:
    """A11: names, config, summary, metrics, notes and errors are shown as they are written."""
    said = json.dumps(HOSTILE)
    seen.server.record(
        f"import json, nbtracker\nsaid = json.loads({said!r})\n"
        "run = nbtracker.init(project='digits', id='hostile', name=said[1], group=said[2],\n"
        "    tags=[text[:64] for text in said], notes=said[0], config={text: text for text in said})\n"
        "for step in range(3):\n    run.log({text: step for text in said})\n"
        "run.summary.update({text: text for text in said})\nrun.finish()\n"
    )
    seen.server.shown("hostile.ipynb", runs=["digits/hostile"], title=HOSTILE[1])
    seen.open_lab("hostile.ipynb")
    seen.wait_for_drawing()
    assert seen.page.locator(".nbt-name").inner_text() == HOSTILE[1]
    seen.page.get_by_role("tab", name="Config").click()
    assert set(seen.page.locator(".nbt-tabpage:visible .nbt-value").all_inner_texts()) == set(
        HOSTILE
    )
    seen.page.get_by_role("tab", name="Summary").click()
    assert seen.page.evaluate("window.hacked") is None
    made = ".nbt-run :is(script, img, iframe, form, a)"
    assert seen.page.locator(made).count() == 0


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"runs": ["../../../etc/passwd"]}, "a run that cannot be"),
        ({"runs": 7}, "names no runs"),
        ({"runs": ["digits/x"], "store": "/etc"}, "names no store"),
        ({"runs": ["digits/x"], "version": 99}, "another version of nbtracker"),
        ({"runs": ["digits/x"], "height": {"a": "<b>"}, "store": ["default"]}, "names no store"),
    ],
    ids=["a path", "no list", "a folder", "a later version", "another type"],
)
def test_a34_a_crafted_display_is_told_in_a_sentence(
    seen: Seen, payload: dict[str, object], said: str
) -> None:
    """A34: what a notebook says is checked before anything is asked."""
    seen.server.shown("crafted.ipynb", **payload)
    seen.open_lab("crafted.ipynb")
    message = seen.page.locator(".nbt-message")
    message.wait_for()
    assert said in message.inner_text()
    assert seen.page.locator(".nbt-run").count() == 0
