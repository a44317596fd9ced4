"""Displays in notebooks that a program executes, and what is left of them when they are saved."""

import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbconvert import HTMLExporter
from screen_payloads import PAYLOADS, parsed, texts

from nbtracker.screen.bundle import MIME
from nbtracker.store.layout import Store

INIT = "import nbtracker\nrun = nbtracker.init(project='p', id='r', config={'lr': 0.01})"
TRAIN = "for i in range(50):\n    run.log({'loss': 1 / (i + 1)})"


@pytest.fixture(autouse=True)
def _quiet_kernels(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)


def executed(*cells: str) -> Any:
    """Execute cells as `nbclient` does, and keep the state of widgets."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    arguments = ["--HistoryManager.enabled=False"]
    client = NotebookClient(notebook, timeout=60, extra_arguments=arguments)
    client.execute()
    return notebook


def bundles(cell: Any) -> list[Any]:
    """What a cell shows, without what it prints."""
    return [one["data"] for one in cell["outputs"] if "data" in one]


def pictures(html: str) -> Iterator[str]:
    """The pictures of a page, out of their spelling as URLs."""
    for coded in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html):
        yield base64.b64decode(coded).decode()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A notebook that displays a run, trains, changes its config and finishes."""
    folder = tmp_path_factory.mktemp("saved")
    with pytest.MonkeyPatch.context() as patch:
        for name, where in (("DIR", "store"), ("CACHE_DIR", "cache"), ("QUIET", "")):
            patch.setenv(f"NBTRACKER_{name}", str(folder / where) if where else "1")
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        patch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        hostile = f"run.config.update({dict(zip(PAYLOADS, PAYLOADS, strict=True))!r})"
        return executed(
            f"{INIT}\nshown = run.display()", hostile, TRAIN, f"run.config.lr = 0.003\n{TRAIN}",
            "run.finish()",
        )  # fmt: skip


def test_the_display_is_brought_up_to_date_by_the_cells_that_follow(saved: Any) -> None:
    """To the last state of the run: the curve, the change and the cell that made it."""
    (shown,) = bundles(saved.cells[0])
    assert "finished, 100 rows" in shown["text/plain"]
    assert "0.01 -> 0.003 @ cell [4], step 50" in shown["text/plain"]
    assert {"loss", "config changed"} <= texts(parsed(shown["image/svg+xml"]))


def test_a_notebook_whose_kernel_is_killed_keeps_the_curve_as_it_was_last_drawn() -> None:
    """Also within the cell that logs; and the moment that it is of, for the run goes on no more."""
    soon = "from nbtracker.sdk import asked\nasked.PICTURE_EVERY_S = asked.PICTURE_SHARE = 0"
    killed = f"import os, time\n{TRAIN}\ntime.sleep(0.3)\nrun.log({{'loss': 0}})\ntime.sleep(2)"
    sources = (INIT, f"{soon}\nshown = run.display()", f"{killed}\nos.kill(os.getpid(), 9)")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in sources])
    client = NotebookClient(
        notebook, timeout=60, extra_arguments=["--HistoryManager.enabled=False"]
    )
    with pytest.raises(DeadKernelError):
        client.execute()
    (shown,) = bundles(notebook.cells[1])
    assert re.search(
        r"running, 51 rows, .*, as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", shown["text/plain"]
    )
    assert "loss" in texts(parsed(shown["image/svg+xml"]))


def test_the_other_cells_show_nothing(saved: Any) -> None:
    """Displays are brought up to date where they are."""
    assert [cell["outputs"] for cell in saved.cells[1:]] == [[], [], [], []]


def test_a_displayed_run_makes_a_notebook_little_larger(saved: Any) -> None:
    """At most 30 KB, the state of widgets included."""
    bare = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell["source"]) for cell in saved.cells]
    )
    assert len(nbformat.writes(saved)) - len(nbformat.writes(bare)) <= 30_000
    assert len(str(bundles(saved.cells[0])[0][MIME])) <= 1_400
    assert "widgets" not in saved.metadata


def test_a12_a_page_of_it_shows_curve_and_tables_and_nothing_executes(saved: Any) -> None:
    """Untrusted or not: pictures are images, and texts are texts."""
    page, _ = HTMLExporter().from_notebook_node(saved)
    (picture,) = pictures(page)
    assert {"loss", "lr", "0.01 -> 0.003 @ cell [4], step 50"} <= texts(parsed(picture))
    for wrong in ("model not found", "Error displaying", "widget-view", "onerror=alert(1)>"):
        assert wrong not in page


def test_the_last_expression_of_a_cell_shows_the_run_config_and_summary() -> None:
    """Without a call; the run is brought up to date as any display is."""
    notebook = executed(INIT, "run", TRAIN, "run.config", "run.summary", "nbtracker.Api().runs()")
    ((run,), (config,), (summary,), (runs,)) = (
        bundles(notebook.cells[i]) for i in (1, 3, 4, 5)
    )  # fmt: skip
    assert "running, 50 rows" in run["text/plain"]
    assert "<td>lr</td><td>0.01</td>" in config["text/html"]
    assert "<td>loss</td><td>0.02</td>" in summary["text/html"]
    assert "<td>p/r</td>" in runs["text/html"]


def test_finish_in_the_middle_of_a_cell_is_shown_at_once() -> None:
    """Not only at the end of the cell."""
    end = "import nbtracker.screen.showing as s\nrun.finish()\nassert not s._displays"
    notebook = executed(f"{INIT}\nrun.display(hidden=True);", TRAIN, end)
    assert "finished, 50 rows" in bundles(notebook.cells[0])[0]["text/plain"]


def test_show_and_compare_display_and_give_the_differences() -> None:
    """Curves over each other, then what differs as text, table and DataFrame."""
    other = "b = nbtracker.init(project='p', id='b', config={'lr': 2})\nb.log({'loss': 3})"
    notebook = executed(
        f"{INIT}\n{TRAIN}", f"{other}\nnbtracker.finish()", "%tracker show b",
        "difference = %tracker compare r b",
        "sorted(set(zip(difference.differences.section, difference.differences.name)))[:3]",
        "%tracker compare r b",
    )  # fmt: skip
    assert "(p/b): finished, 1 row" in bundles(notebook.cells[2])[0]["text/plain"]
    (curves,) = bundles(notebook.cells[3])
    assert curves[MIME]["runs"] == ["p/r", "p/b"]
    assert {"loss"} <= texts(parsed(curves["image/svg+xml"]))
    assert "('config', 'lr')" in bundles(notebook.cells[4])[0]["text/plain"]
    said = bundles(notebook.cells[5])[1]
    assert re.search(r"config\.lr +0\.01 +2", said["text/plain"])
    assert "<td>config.lr</td><td>0.01</td><td>2</td>" in said["text/html"]


def test_importing_nbtracker_imports_nothing_that_draws() -> None:
    """Whoever only records pays for none of it."""
    code = (
        "import sys, nbtracker; heavy = {'numpy', 'IPython', 'plotly', 'ipywidgets', 'anywidget'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(os.sep))
