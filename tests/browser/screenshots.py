"""Takes the pictures of the README, in a real JupyterLab: `make screenshots`.

docs/images/cell-{light,dark}.png     a run below its cell, while it trains
docs/images/panel-{light,dark}.png    the same with the panel of runs beside it
"""

import tempfile
from pathlib import Path

from browser_pages import Seen, launch, seen_page
from lab_server import ROOT, LabServer, lab_server
from playwright.sync_api import sync_playwright

FOLDER = ROOT / "docs" / "images"
SIZE = {"width": 1400, "height": 900}
MOST_BYTES = 200_000
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
NAME = "digits.ipynb"
LOAD = """
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
import nbtracker

x, y = load_digits(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(x / 16, y, test_size=0.2, stratify=y, random_state=0)
"""
INIT = """run = nbtracker.init(
    project="digits", name="{name}", config={{"lr": {lr}, "batch_size": 64, "hidden": {hidden}}}
)
run.define_metric("val/acc", summary="best", goal="maximize")
"""
TRAIN = """model = MLPClassifier((run.config.hidden,), learning_rate_init=run.config.lr, random_state=0)
rng = np.random.default_rng(0)
for epoch in range({epochs}):
    for batch in np.array_split(rng.permutation(len(x_train)), 22):
        model.partial_fit(x_train[batch], y_train[batch], classes=range(10))
        run.log({{"train/loss": model.loss_}}, commit=False)
        run.log({{"val/acc": model.score(x_val, y_val)}})"""
EARLIER = [
    ("wide-and-slow", 0.0005, 128), ("too-hot", 0.2, 32), ("small", 0.003, 8), ("warm", 0.03, 32),
    ("wide", 0.003, 128), ("base", 0.003, 32), ("cool", 0.001, 32),
]  # fmt: skip


def record_earlier(server: LabServer) -> None:
    """Record some runs for the panel, each of a few epochs; one of them fails."""
    for name, lr, hidden in EARLIER:
        code = LOAD + INIT.format(name=name, lr=lr, hidden=hidden) + TRAIN.format(epochs=6)
        end = "run.finish(exit_code=1)" if name == "too-hot" else "run.finish()"
        server.record(f"{code}\n{end}")


def train(seen: Seen) -> None:
    """Execute the notebook, and wait until its curves are drawn to the end of the training."""
    seen.server.notebook(
        NAME,
        [LOAD.strip(), INIT.format(name="lower-lr", lr=0.002, hidden=64) + "run.display();",
         TRAIN.format(epochs=15), "run.finish()"],
    )  # fmt: skip
    seen.open_lab(NAME)
    for _ in range(3):
        seen.run_next_cell()
    seen.page.locator(".jp-InputPrompt", has_text="[3]:").wait_for()


def take(seen: Seen, name: str) -> None:
    """Take a picture in every theme, from the cell that begins the run on."""
    for theme, full in THEMES.items():
        seen.use_theme(full)
        seen.page.evaluate(
            "() => document.querySelectorAll('.jp-Cell')[1].scrollIntoView({ block: 'start' })"
        )
        seen.page.mouse.move(5, 5)
        seen.wait_for_drawing()
        seen.page.wait_for_timeout(1500)
        file = FOLDER / f"{name}-{theme}.png"
        seen.page.screenshot(path=file)
        size = file.stat().st_size
        print(f"{file.relative_to(ROOT)}: {size:,} bytes")
        assert size < MOST_BYTES, f"{file} is too large for a README"


def widen_panel(seen: Seen) -> None:
    """Drag the panel's edge, so that the names of runs are read in full; leave it for the cell."""
    edge = seen.page.locator("#jp-left-stack").bounding_box()
    assert edge is not None
    x = edge["x"] + edge["width"] + 2
    seen.page.mouse.move(x, 500)
    seen.page.mouse.down()
    seen.page.mouse.move(x + 110, 500, steps=5)
    seen.page.mouse.up()
    seen.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activate()")


def main() -> None:
    """Take all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        lab_server(Path(folder) / "server") as server,
    ):
        record_earlier(server)
        browser = launch(playwright)
        with seen_page(browser, server) as seen:
            seen.page.set_viewport_size(SIZE)
            train(seen)
            seen.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
            take(seen, "cell")
            seen.page.evaluate("() => window.jupyterapp.commands.execute('nbtracker:show-panel')")
            seen.page.locator(".nbt-row[data-kind=run]").nth(len(EARLIER)).wait_for()
            widen_panel(seen)
            take(seen, "panel")
        browser.close()


if __name__ == "__main__":
    main()
