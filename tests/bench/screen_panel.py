"""The panel of runs, with many of them."""

import random
import subprocess
import sys
import time
from typing import Any

from reading_work import make_runs
from screen_pages import PROJECT, Notebook, Screen
from trackers import NbTracker

Measured = dict[str, Any]
PANEL = "nbtracker-panel"
WRITER = """
import sys, time, nbtracker
run = nbtracker.init(project="{project}", name="seen-0-")
for line in sys.stdin:
    print(time.time(), flush=True)
    run.name = line.strip()
run.finish()
"""
PROBES = """
(() => {
  const root = () => document.querySelector('#nbtracker-panel');
  const rows = () => {
    const list = root()?.querySelector('[role=treegrid]');
    const box = list?.getBoundingClientRect();
    return !box?.height ? [] : [...list.querySelectorAll('[role=row][data-kind=run]')].filter(row => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > box.top && top < box.bottom;
    });
  };
  const isReady = row => row.getAttribute('aria-busy') !== 'true' && row.textContent.trim() !== '';
  /** What stands in the rows in view; null as long as one of them, or all of them, are not there. */
  const text = () => {
    const found = rows();
    return found.length > 0 && found.every(isReady) ? found.map(row => row.textContent).join('|') : null;
  };
  /** Wait until all rows in view stand, and are not those that stood there; say how long it took. */
  const wait = (begun, before, patience = 30) => new Promise((done, failed) => {
    const look = () => {
      const now = text();
      if (now !== null && now !== before) return done(performance.now() - begun);
      if (performance.now() - begun > patience * 1000) return failed(new Error('the rows did not come'));
      requestAnimationFrame(look);
    };
    look();
  });
  const open = (id, patience) => {
    const begun = performance.now();
    window.jupyterapp.shell.activateById(id);
    return wait(begun, null, patience);
  };
  const filter = said => {
    const input = root().querySelector('[role=combobox]'), before = text();
    const begun = performance.now();
    input.value = said;
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    return wait(begun, before);
  };
  /** Scroll for some seconds, and give the times between frames. */
  const scroll = (pixels, seconds) => new Promise(done => {
    const list = root().querySelector('[role=treegrid]'), took = [];
    const begun = performance.now();
    let last = begun;
    const step = () => {
      const now = performance.now();
      if (now > begun) took.push(now - last);
      last = now;
      if (now - begun > seconds * 1000) return done(took);
      list.scrollTop += pixels;
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
  /** Note when each name is seen first. */
  const watchNames = beginning => {
    window.seenNames = {};
    const note = () => {
      for (const row of rows()) {
        const name = row.querySelector('[role=gridcell]')?.textContent.match(beginning)?.[0];
        if (name) window.seenNames[name] ??= performance.timeOrigin + performance.now();
      }
      requestAnimationFrame(note);
    };
    note();
  };
  window.panel = { open, filter, scroll, watchNames };
})();
"""


def panel(on: Screen, n_runs: int, repeats: int, n_writes: int) -> Measured:
    """Open, filter and scroll the list; then write to a run, and wait until its row says so."""
    store = on.server.folder / "store"
    make_runs(NbTracker(store), n_runs)
    found: Measured = {"open_ms": [], "filter_ms": [], "frame_ms": [], "fps": []}
    for i in range(repeats + 1):
        with on.page(["pass"]) as notebook:
            page = notebook.page
            page.evaluate(PROBES)
            took = page.evaluate(
                "([id, patience]) => window.panel.open(id, patience)", [PANEL, 150]
            )
            if i == 0:
                # Nobody has looked at these runs before: they are indexed.
                found["cold_ms"] = took
                continue
            found["open_ms"].append(took)
            page.wait_for_timeout(1000)
            found["filter_ms"].append(_filter(notebook, f"config.lr<0.0{i}1"))
            found["filter_ms"].append(_filter(notebook, ""))
            page.wait_for_timeout(500)
            frames = page.evaluate("() => window.panel.scroll(30, 2)")
            found["frame_ms"] += frames
            found["fps"].append(len(frames) / sum(frames) * 1e3)
            if i == repeats:
                page.evaluate(
                    "() => { document.querySelector('#nbtracker-panel [role=treegrid]').scrollTop = 0; }"
                )
                found["write_ms"] = _write(notebook, n_writes)
    return found


def _filter(notebook: Notebook, said: str) -> float:
    took: float = notebook.page.evaluate("said => window.panel.filter(said)", said)
    notebook.page.wait_for_timeout(600)
    return took


def _write(notebook: Notebook, n_writes: int) -> list[float]:
    """Rename a run that goes on, at moments that have nothing to do with anybody's clock."""
    page, server = notebook.page, notebook.seen.server
    page.evaluate("() => window.panel.watchNames(/seen-\\d+-/)")
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER.format(project=PROJECT)],
        cwd=server.folder,
        env=server.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    marks: dict[str, float] = {}
    try:
        page.wait_for_function("() => window.seenNames['seen-0-']")
        for i in range(1, n_writes + 1):
            page.wait_for_timeout(500 + random.random() * 500)
            name = f"seen-{i}-"
            writer.stdin.write(f"{name}\n")
            marks[name] = float(writer.stdout.readline()) * 1e3
        page.wait_for_timeout(3000)
    finally:
        # It ends with its input.
        writer.stdin.close()
        writer.wait(20)
    seen = page.evaluate("() => window.seenNames")
    # A name that was never seen was overtaken by a later one.
    found, next_at = [], time.time() * 1e3
    for name, at in reversed(marks.items()):
        next_at = seen.get(name, next_at)
        found.append(next_at - at)
    return found
