"""Pictures that are drawn while a cell logs: never by two at once, in forks, or into what is caught."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import nbtracker
from nbtracker.screen import showing
from nbtracker.sdk import asked
from nbtracker.store.layout import Store


@pytest.fixture
def shown(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """A notebook whose pictures are drawn at each call of `log`; what is published."""
    shell = InteractiveShell.instance()
    monkeypatch.setattr(shell, "kernel", SimpleNamespace(), raising=False)
    monkeypatch.setattr(asked, "PICTURE_EVERY_S", 0.0)
    monkeypatch.setattr(asked, "PICTURE_SHARE", 0.0)
    monkeypatch.setattr(asked, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(showing, "_displays", type(showing._displays)())
    published: list[Any] = []

    def note(self: Any, data: Any, *args: Any, **named: Any) -> None:
        published.append((data, named.get("update", False)))

    monkeypatch.setattr(type(shell.display_pub), "publish", note)
    yield published
    InteractiveShell.clear_instance()


def begin() -> nbtracker.Run:
    """A run that is shown."""
    run = nbtracker.init(project="p", id="r", name="brave")
    run.log({"loss": 1.0})
    assert run.display()
    return run


def test_log_draws_now_and_then(shown: list[Any]) -> None:
    """In place of the picture that stands there."""
    run = begin()
    run.log({"loss": 0.5})
    data, is_update = shown[-1]
    assert is_update
    assert "running, 2 rows" in data["text/plain"]


def test_what_a_cell_captures_has_no_pictures(shown: list[Any]) -> None:
    """A loop that prints nothing shows nothing; the cell's end draws."""
    run = begin()
    with capture_output() as captured:
        for _ in range(3):
            run.log({"loss": 0.5})
    assert captured.outputs == []
    showing.update()
    assert "running, 4 rows" in shown[-1][0]["text/plain"]


def test_a_thread_that_logs_and_the_end_of_a_cell_draw_one_after_the_other(
    shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A view that two read at once counts rows twice, and for ever."""
    run = begin()
    busy: list[str] = []
    overlaps: list[str] = []
    plain = showing.Display._update

    def update(display: showing.Display) -> None:
        overlaps.extend(busy)
        busy.append(threading.current_thread().name)
        time.sleep(0.001)
        plain(display)
        busy.pop()

    monkeypatch.setattr(showing.Display, "_update", update)
    until = time.monotonic() + 0.5
    logged = [1]

    def train() -> None:
        while time.monotonic() < until:
            run.log({"loss": 0.5})
            logged[0] += 1

    thread = threading.Thread(target=train)
    thread.start()
    while thread.is_alive():
        showing.update()
    thread.join()
    showing.update()
    assert overlaps == []
    (display,) = showing._displays.values()
    assert display.subjects[0].view.n_rows == logged[0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_draws_nothing(shown: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """What it logs is of no run of its own."""
    run = begin()
    drawn: list[Any] = []
    monkeypatch.setattr(showing, "update", lambda *_, **__: drawn.append(1))
    run.log({"loss": 0.5})
    assert len(drawn) == 1
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            run.log({"loss": 0.1})
        finally:
            os._exit(len(drawn) - 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_disk_that_was_slow_does_not_put_the_picture_off(
    shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is how long it takes to draw."""
    run = begin()
    monkeypatch.setattr(asked, "PICTURE_SHARE", 200.0)
    run._picture_at = 1.0
    run._look(time.time() - 60.0)  # a row that took a minute to be written
    assert run._picture_at < time.time() + 60.0
