"""The widget: in a page without Jupyter, and in a JupyterLab that has no server of ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_pages import PATIENCE_MS, Seen, seen_page
from lab_server import LabServer, lab_server
from playwright.sync_api import Browser

BUNDLE = Path(__file__).parents[2] / "nbtracker" / "screen" / "static" / "widget.js"
# A model that answers every question with an error, as a kernel does that lost its run.
SHOW = """async text => {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const { default: widget } = await import(url);
  const listeners = new Set();
  const model = {
    get: name => ({ height: 300 })[name],
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
    send: ({ id }) => queueMicrotask(() => listeners.forEach(f => f({ id, error: 'no run' }, [])))
  };
  const el = document.body.appendChild(document.createElement('div'));
  const end = widget.render({ model, el });
  window.widget = { el, end, listeners };
}"""


def test_the_widget_draws_in_a_tree_of_its_own_and_leaves_nothing(browser: Browser) -> None:
    """Its styles stay inside, its words come from the kernel, and its end is an end."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(SHOW, BUNDLE.read_text(encoding="utf-8"))
    page.locator(".nbt-said", has_text="no run").wait_for()
    assert page.locator(".nbt-run").bounding_box()["height"] == 300  # type: ignore[index]
    assert page.evaluate("document.head.querySelectorAll('style, link').length") == 0
    page.evaluate("window.widget.end()")
    assert page.evaluate("[widget.el.shadowRoot.childNodes.length, widget.listeners.size]") == [
        0,
        0,
    ]
    assert [url for url in asked if not url.startswith("blob:")] == []
    page.close()


BEGIN = """
import time
import nbtracker
run = nbtracker.init(project="digits", id="{id}", config={{"lr": 0.01}})
run.display();
"""
TRAIN = """
for step in range({n}):
    run.log({{"train/loss": 1 / (1 + step), "val/acc": step / 100}})
    time.sleep(0.02)
"""


@pytest.fixture(scope="module")
def bare_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A JupyterLab whose server does not load our extension, as that of a remote kernel."""
    with lab_server(tmp_path_factory.mktemp("bare") / "server", is_ours=False) as server:
        yield server


def test_the_widget_moves_while_a_cell_keeps_its_kernel_busy(
    browser: Browser, bare_lab: LabServer
) -> None:
    """The kernel takes no questions, and answers ahead what will be asked, new metrics included."""
    bare_lab.notebook("busy.ipynb", [BEGIN.format(id="busy"), TRAIN.format(n=5000)])
    with seen_page(browser, bare_lab) as seen:
        seen.open_lab("busy.ipynb")
        seen.run_cells()
        first = seen.wait_for_drawing()
        seen.wait_for_drawing(other_than=first["hash"])
        assert seen.page.locator(".nbt-chart").count() == 2
        assert is_busy(seen)
        assert not seen.page.get_by_text("Error").count()


def test_the_widget_of_a_cell_that_goes_on_training_moves(
    browser: Browser, bare_lab: LabServer
) -> None:
    """Even what draws comes unasked: the cell that displays the run never lets a question in."""
    bare_lab.notebook("one.ipynb", [BEGIN.format(id="one") + TRAIN.format(n=5000)])
    with seen_page(browser, bare_lab) as seen:
        seen.open_lab("one.ipynb")
        seen.run_cells()
        first = seen.wait_for_drawing()
        seen.wait_for_drawing(other_than=first["hash"])
        assert seen.page.locator(".nbt-state").inner_text() == "running"
        assert is_busy(seen)


def test_the_widget_shows_the_end_and_follows_the_kernel_again(
    browser: Browser, bare_lab: LabServer
) -> None:
    """After a cell that was answered ahead, questions are answered by the kernel itself."""
    bare_lab.notebook(
        "end.ipynb", [BEGIN.format(id="end"), TRAIN.format(n=150), "run.finish()", "1 + 1"]
    )
    with seen_page(browser, bare_lab) as seen:
        seen.open_lab("end.ipynb")
        seen.run_cells()
        seen.page.locator(".nbt-state", has_text="finished").wait_for()
        seen.page.get_by_role("tab", name="Cells").click()
        cells = seen.page.locator(".nbt-cell-facts")
        cells.first.wait_for()
        assert "150 rows" in " ".join(cells.all_inner_texts())


def is_busy(seen: Seen) -> bool:
    """Whether a cell is still being executed."""
    # The kernel's status says less: it is of whatever was asked last, on another channel, too.
    return "[*]:" in seen.page.locator(".jp-InputPrompt").all_inner_texts()
