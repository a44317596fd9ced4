"""The widget: what it answers, and what it leaves in a notebook."""

import json
import math
import struct
import time
from typing import Any

import pytest
from written import begin, log, record

import nbtracker
from nbtracker.errors import MissingExtraError, TrackingWarning, UsageError
from nbtracker.screen import answers, pulse, showing, widget
from nbtracker.screen.portrait import Subject
from nbtracker.screen.questions import Questions
from nbtracker.screen.widget import RunWidget
from nbtracker.store.layout import Store

PATIENCE_S = 30.0


class Told(RunWidget):
    """A widget that keeps what it sends."""

    def __init__(self, *args: Any) -> None:
        self.sent: list[tuple[Any, Any]] = []
        super().__init__(*args)

    def send(self, content: Any, buffers: Any = None) -> None:
        """Keep it."""
        self.sent.append((content, buffers))


@pytest.fixture
def shown(store: Store) -> Told:
    """A widget of a run with three rows."""
    rows = [{"loss": 1.0}, {"loss": math.nan}, {"loss": 3.0}]
    made = Told(Subject(record(store, "r", rows=rows, config={"lr": math.inf})), 300)
    yield made
    made.close()


def ask(shown: Told, **message: Any) -> tuple[Any, Any]:
    """Send a message as a browser does, and give the answer."""
    shown.sent.clear()
    shown._take(shown, {"id": "1", **message}, [])
    ((content, buffers),) = shown.sent
    assert content["id"] == "1"
    return content, buffers


def test_it_tells_the_run_and_its_cells_as_the_server_does(shown: Told) -> None:
    """With what JSON cannot spell in the same spelling."""
    body = ask(shown, what="detail", args={})[0]["body"]
    assert (body["project"], body["id"], body["n_rows"]) == ("digits", "r", 3)
    assert body["config"]["lr"] == {"_type": "float", "value": "inf"}
    assert json.dumps(body, allow_nan=False)
    assert ask(shown, what="cells", args={})[0]["body"] == {"cells": []}


def test_it_answers_series_as_bytes(shown: Told) -> None:
    """A header, and arrays."""
    content, (data,) = ask(shown, what="series", args={"metrics": ["loss"], "bins": 64})
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    assert content == {"id": "1", "body": None}
    assert (header["n_rows"], header["metrics"][0]["n_nan"]) == (3, 1)


@pytest.mark.parametrize(
    "message",
    [
        {"what": "../../etc/passwd", "args": {}},
        {"what": "_series", "args": {}},
        {"what": ["series"], "args": {}},
        {"what": "series", "args": []},
        {"what": "series", "args": {"metrics": "loss"}},
        {"what": "series", "args": {"metrics": []}},
        {"what": "series", "args": {"metrics": ["x" * 10_000]}},
        {"what": "series", "args": {"metrics": ["loss"] * 10_000}},
        {"what": "series", "args": {"metrics": ["loss"], "run": "other/run"}},
        {"what": "series", "args": {"metrics": ["loss"], "x": {"$gt": ""}}},
        {"what": "series", "args": {"metrics": ["loss"], "bins": 10**9}},
        {"what": "series", "args": {"metrics": ["loss"], "bins": "1; DROP TABLE runs"}},
        {"what": "series", "args": {"metrics": ["loss"], "rows": [5]}},
        {"what": "series", "args": {"metrics": ["loss"], "rows": [5, 1]}},
        {"what": "series", "args": {"metrics": ["loss"], "width": 3}},
        {"what": "series", "args": {"metrics": ["loss"], "since": -1}},
        {"what": "series", "args": {"metrics": ["loss"], "ema": math.nan}},
        {"what": "series", "args": {"metrics": ["loss"], "ema": True}},
    ],
)
def test_a34_a_forged_message_is_refused_like_a_request(shown: Told, message: Any) -> None:
    """With words that name no file, and nothing else happens."""
    content, buffers = ask(shown, **message)
    assert set(content) == {"id", "error"}
    assert not buffers
    assert "/" not in content["error"].replace("../../etc/passwd", "")


@pytest.mark.parametrize("content", [None, 7, [], {}, {"id": 1}, {"id": "x" * 65}, {"id": ""}])
def test_a34_what_is_no_message_is_not_answered(shown: Told, content: Any) -> None:
    """There is nobody to answer to."""
    shown._take(shown, content, [])
    assert shown.sent == []


def test_a_metric_of_a_hostile_name_is_bound_not_spelled(shown: Told) -> None:
    """A name is a value of the query."""
    args = {"metrics": ["loss'; DROP TABLE series; --"]}
    _, (data,) = ask(shown, what="series", args=args)
    (length,) = struct.unpack_from("<I", data)
    assert json.loads(data[4 : 4 + length])["missing"] == args["metrics"]


def test_its_state_is_small_and_says_nothing_of_places(shown: Told, store: Store) -> None:
    """It is saved with the notebook, once for each widget."""
    state = shown.get_state()
    assert len(json.dumps(state)) <= 2_500
    assert str(store.path) not in json.dumps(state)
    assert (state["run"], state["height"]) == ("digits/r", 300)


def test_it_is_told_of_changes_a_few_times_a_second_until_the_run_ends(store: Store) -> None:
    """However often is logged; after the end nobody looks any more."""
    writer = begin(store, "live")
    made = Told(Subject(store.run("digits", "live")), 300)
    made.heard_at = 0.0
    log(writer, ({"x": float(i)} for i in range(2_000)))
    wait_for(lambda: ({"changed": True}, None) in made.sent)
    writer.close()
    wait_for(lambda: all(one.widget is not made for one in pulse._followed))
    assert len(made.sent) < 100
    made.close()


def test_what_fails_once_is_tried_again_and_what_fails_always_is_told_once(store: Store) -> None:
    """A file that cannot be opened now is no reason to follow a run no more."""
    writer = begin(store, "live")
    made = Told(Subject(store.run("digits", "live")), 300)
    followed, n_looks = pulse.Followed(made), 0

    def fail(_now: float) -> None:
        nonlocal n_looks
        n_looks += 1
        raise OSError(24, "Too many open files")

    followed.tick = fail
    with pytest.warns(TrackingWarning, match="digits/live moves no more") as told:
        for second in range(100, 160):
            followed.tick_safely(float(second))
    assert (followed.is_over, len(told), n_looks > 1) == (True, 1, True)
    again = pulse.Followed(made)
    again.tick, tick = fail, again.tick
    again.tick_safely(100.0)
    again.tick = tick
    again.tick_safely(200.0)
    assert not again.is_over
    writer.close()
    made.close()


def test_a_kernel_that_takes_no_messages_answers_ahead_what_was_asked_before(store: Store) -> None:
    """So charts move below a cell that trains."""
    writer = begin(store, "busy")
    log(writer, [{"loss": 1.0}])
    made = Told(Subject(store.run("digits", "busy")), 300)
    ask(made, what="series", args={"metrics": ["loss"], "since": 0})
    wait_for(lambda: log(writer, [{"loss": 2.0}], first=len(made.sent)) or ahead(made))
    said, buffers = ahead(made)[0]
    assert (said["changed"], [one["what"] for one in said["ahead"]]) == (True, ["detail", "series"])
    (length,) = struct.unpack_from("<I", buffers[0])
    assert json.loads(buffers[0][4 : 4 + length])["n_rows"] > 1
    writer.close()
    made.close()


def test_what_could_not_be_asked_yet_is_answered_ahead_too(store: Store) -> None:
    """A cell that trains may follow before a browser has asked for anything."""
    made = Told(Subject(record(store, "r", rows=[{"loss": 1.0}, {"loss": 2.0}])), 300)
    made.answer_ahead(whole=True)
    said, buffers = ahead(made)[0]
    assert [one["what"] for one in said["ahead"]] == ["detail", "series"]
    assert (said["ahead"][1]["args"]["metrics"], len(buffers)) == (["loss"], 1)
    made.close()


def test_metrics_that_came_after_the_last_question_are_answered_ahead(store: Store) -> None:
    """Who displays a run and then trains has asked when there was no metric yet."""
    made = Told(Subject(record(store, "r", rows=[{"loss": 1.0, "acc": 0.5}])), 300)
    ask(made, what="detail", args={})
    ask(made, what="series", args={"metrics": ["acc"], "since": 0})
    made.answer_ahead(whole=True)
    said = ahead(made)[0][0]["ahead"]
    assert [one["args"].get("metrics") for one in said] == [None, ["acc"], ["loss"]]
    made.close()


def test_a_tail_is_answered_ahead_from_where_wider_bins_begin() -> None:
    """The browser puts bins together while it cannot ask."""
    questions = Questions()
    questions.note("series", {"metrics": ["loss"], "since": 1_000})
    questions.note("series", {"metrics": ["loss"], "rows": [5, 9]})
    ((_, args),) = questions._asked.values()
    assert args == {"metrics": ["loss"], "since": 960}


def ahead(made: Told) -> list[Any]:
    """What was answered without being asked."""
    return [one for one in made.sent if "ahead" in one[0]]


def wait_for(condition: Any) -> None:
    """Wait until something holds."""
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_without_the_part_for_the_browser_the_error_says_what_to_do(
    store: Store, tmp_path, monkeypatch
) -> None:
    """A checkout that was not built has none."""
    monkeypatch.setattr(widget.resources, "files", lambda _: tmp_path)
    run = nbtracker.init()
    with pytest.raises(MissingExtraError, match="npm run build"):
        run.widget()


def test_a_height_is_a_number_of_pixels(store: Store) -> None:
    """And of no more than a page."""
    for height in (0, 10**6, "420px", None):
        with pytest.raises(UsageError, match="pixels"):
            showing.checked_height(height)


def test_an_answer_that_fails_names_no_file(store: Store, monkeypatch) -> None:
    """It goes to a browser."""
    subject = Subject(record(store, "r"))
    monkeypatch.setattr(subject, "refresh", lambda: (_ for _ in ()).throw(OSError("/secret/file")))
    assert answers.answered(subject, "detail", {}).said == {
        "error": "the run cannot be read: OSError"
    }
