"""Every question a front end may ask, as a plain function of a store."""

import json
import os
import re
from contextlib import suppress
from pathlib import Path

import pytest
from decoded import decode
from written import begin, log, record

import nbtracker
from nbtracker.errors import JournalBusyError, NotFoundError, UsageError
from nbtracker.extension import endpoints
from nbtracker.extension.endpoints import ENDPOINTS
from nbtracker.extension.stores import OpenStore, Stores
from nbtracker.store.layout import Store

RUN = {"project": "digits", "id": "r"}
ROWS = [{"loss": 1.0 / (i + 1), "acc": i % 7 / 7} for i in range(200)]


def listed(source: OpenStore, filter: str = "", **given: str) -> list[str]:
    """Ids of the runs that a filter selects, the oldest first."""
    said = endpoints.list_runs(source, {"filter": filter, "order": "created_at", **given})
    assert said["total"] == len(said["runs"])
    return [run["id"] for run in said["runs"]]


@pytest.mark.parametrize(
    ("filter", "ids"),
    [
        ("", ["a", "b", "c"]),
        ("config.lr<0.2", ["a"]),
        ("config.lr>=0.2 state=finished", ["b"]),
        ("letters", ["c"]),
        ("brave", ["a"]),
        ('"two words"', ["b"]),
        ("state=failed", ["c"]),
        ("display_name~^brave", ["a"]),
        ('{"config.lr": {"$in": [0.1, 0.2]}}', ["a", "b"]),
        ("nothing-like-this", []),
    ],
)
def test_a_filter_is_what_people_type(
    store: Store, source: OpenStore, filter: str, ids: list[str]
) -> None:
    """Conditions, a project, or a part of a name; the same words as `%tracker runs`."""
    record(store, "a", config={"lr": 0.1}, at=1.0, name="brave-lion-1")
    record(store, "b", config={"lr": 0.2}, at=2.0, name="two words")
    record(store, "c", config={"lr": 0.3}, at=3.0, project="letters", exit_code=1, name="x")
    assert listed(source, filter) == ids


def test_pages_and_groups_of_runs_say_how_many_there_are(store: Store, source: OpenStore) -> None:
    """So that a list can be as long as it is, before it is read."""
    for i in range(5):
        record(store, f"r{i}", at=float(i + 1), group="even" if i % 2 == 0 else None)
    said = endpoints.list_runs(source, {"limit": "2", "skip": "1", "group": "group"})
    assert [run["id"] for run in said["runs"]] == ["r3", "r2"]
    assert (said["total"], said["n_all"]) == (5, 5)
    assert [(one["name"], one["n_runs"]) for one in said["groups"]] == [("even", 3), (None, 2)]


def test_archived_runs_are_left_out_unless_they_are_asked_for(
    store: Store, source: OpenStore
) -> None:
    """By every list, and put back by the same edit."""
    record(store, "a", at=1.0)
    record(store, "r", at=2.0)
    endpoints.edit_run(source, RUN, {"archived": True})
    assert listed(source) == ["a"]
    assert listed(source, archived="true") == ["a", "r"]
    assert listed(source, archived="only") == listed(source, "archived=True") == ["r"]
    assert [run.id for run in nbtracker.Api(store.path).runs()] == ["a"]
    endpoints.edit_run(source, RUN, {"archived": False})
    assert listed(source) == ["a", "r"]


def test_f20_every_answer_is_json_whatever_a_run_says(store: Store, source: OpenStore) -> None:
    """NaN in a config breaks neither its run nor the list."""
    odd = {"lr": float("nan"), "n": 2**70, "deep": {"a": [1, float("inf")]}, "\ud800": "\ud800"}
    record(store, "r", config=odd, summary={"loss": float("-inf")}, rows=ROWS, tags=("a", "b"))
    for act in (endpoints.list_runs, endpoints.show_run, endpoints.list_config):
        assert json.loads(json.dumps(act(source, RUN), allow_nan=False))
    (row,) = endpoints.list_runs(source, {})["runs"]
    assert row["config"]["lr"] == {"_type": "float", "value": "nan"}
    assert row["config"]["n"] == {"_type": "int", "value": str(2**70)}


def test_a_run_tells_its_config_its_changes_and_its_metrics(
    store: Store, source: OpenStore
) -> None:
    """Pinned keys first, the best value with its step."""
    with nbtracker.init(project="digits", id="r", config={"a": 1, "lr": 0.1}) as run:
        run.define_metric("val/acc", summary="best", goal="maximize")
        run.pin_config_keys(["lr"])
        for row in ROWS:
            run.log({"val/acc": row["acc"], "loss": row["loss"]})
        run.config.update({"lr": 0.01}, allow_val_change=True)
    said = endpoints.show_run(source, RUN)
    assert [(one["key"], one["pinned"]) for one in said["config_entries"]] == [
        ("lr", True),
        ("a", False),
    ]
    (change,) = said["config_entries"][0]["changes"]
    assert (change["old"], change["new"], change["step"]) == (0.1, 0.01, 200)
    acc, loss = said["metrics"]
    assert (acc["section"], acc["label"], acc["goal"]) == ("val", "acc", "maximize")
    assert acc["best"] == {"value": 6 / 7, "step": 6}
    assert (loss["section"], loss["best"], loss["last"]) == ("", None, 1 / 200)


def test_series_are_asked_for_by_text(store: Store, source: OpenStore) -> None:
    """Repeated metrics, a range, a width."""
    record(store, "r", rows=ROWS)
    asked = {**RUN, "metric": ["loss", "acc"], "rows": "10:20", "width": "1", "ema": "0.5"}
    found = decode(endpoints.series(source, asked))
    assert found.array("loss", "first").tolist() == [row["loss"] for row in ROWS[10:20]]
    assert found.header["run"] == "digits/r"
    assert (found.header["state"], found.header["is_running"]) == ("finished", False)


@pytest.mark.parametrize("n", [1, 64, 65, 5_000])
def test_a_sparkline_has_at_most_64_numbers(store: Store, source: OpenStore, n: int) -> None:
    """And shows the highest and the lowest."""
    rows = [{"loss": float(i % 100)} for i in range(n)]
    rows[n // 2] = {"loss": 1e6}
    record(store, "r", rows=rows)
    asked = {"metric": "loss", "run": ["digits/r", "digits/gone"]}
    numbers = endpoints.sparks(source, asked)["digits/r"]
    assert 0 < len(numbers) <= 64
    assert max(numbers) == 1e6


def test_runs_are_compared_in_all_that_differs(store: Store, source: OpenStore) -> None:
    """What is alike is only counted; what one lacks is told from null."""
    record(store, "a", config={"lr": 0.1, "n": 1, "x": None}, python="3.10")
    record(store, "b", config={"lr": 0.2, "n": 1}, python="3.11")
    said = endpoints.compare(source, {"run": ["digits/a", "digits/b"]})
    assert said["config"] == [
        {"key": "lr", "values": [0.1, 0.2], "has": [True, True]},
        {"key": "x", "values": [None, None], "has": [True, False]},
    ]
    assert [one["key"] for one in said["environment"]] == ["python"]
    assert [run["id"] for run in said["runs"]] == ["a", "b"]


def test_runs_of_a_family_and_replays_are_named(store: Store, source: OpenStore) -> None:
    """From the index: no other run is read for it."""
    record(store, "r", at=1.0, family="f")
    record(store, "b", at=2.0, family="f")
    record(store, "c", at=3.0, replay_of="digits/r")
    endpoints.list_runs(source, {})
    said = endpoints.show_run(source, RUN)
    assert [one["id"] for one in said["attempts"]] == ["r", "b"]
    assert [one["id"] for one in said["replays"]] == ["c"]


@pytest.mark.parametrize(
    "body",
    [{}, {"state": "finished"}, {"name": None}, {"tags": "no list"}, {"archived": "yes"},
     {"name": "x" * 5_000}, {"name": "x", "id": "other"}],
)  # fmt: skip
def test_an_edit_that_makes_no_sense_changes_nothing(
    store: Store, source: OpenStore, body: dict
) -> None:
    """Not even the half of it that does."""
    folder = record(store, "r")
    before = folder.journals
    with pytest.raises(UsageError):
        endpoints.edit_run(source, RUN, body)
    assert folder.journals == before


def test_a_run_is_deleted_and_restored(store: Store, source: OpenStore) -> None:
    """The name in the trash is what puts it back."""
    record(store, "r", rows=ROWS)
    name = endpoints.delete_run(source, RUN)["trash"]
    assert listed(source) == []
    assert [one["name"] for one in endpoints.list_trash(source, {})["runs"]] == [name]
    with pytest.raises(NotFoundError):
        endpoints.show_run(source, RUN)
    assert endpoints.restore_run(source, {"name": name}) == RUN
    assert listed(source) == ["r"]


@pytest.mark.parametrize("name", ["..", "*", "../../digits/r", "r", "digits/r", ""])
def test_a35_only_a_name_of_the_trash_restores(store: Store, source: OpenStore, name: str) -> None:
    """Not an id, a pattern or a path."""
    record(store, "r")
    endpoints.delete_run(source, RUN)
    with pytest.raises(NotFoundError, match="in the trash"):
        endpoints.restore_run(source, {"name": name})


def test_f32_a_run_that_is_written_is_not_deleted(store: Store, source: OpenStore) -> None:
    """The error says what to do."""
    writer = begin(store, "r")
    with pytest.raises(JournalBusyError, match="finish it"):
        endpoints.delete_run(source, RUN)
    log(writer, ROWS)
    writer.close()


def text_of(attachment: endpoints.Attachment) -> str:
    """What is in a file that would be sent."""
    with attachment.file as file:
        return file.read().decode()


def test_files_of_a_run_are_listed_and_given(store: Store, source: OpenStore) -> None:
    """By their paths below the run's folder of files."""
    folder = record(store, "r")
    (folder.files / "plots").mkdir(parents=True)
    (folder.files / "plots" / "a.txt").write_text("hello")
    assert [one["path"] for one in endpoints.list_files(source, RUN)["files"]] == ["plots/a.txt"]
    assert text_of(endpoints.run_file(source, {**RUN, "path": "plots/a.txt"})) == "hello"


@pytest.mark.parametrize(
    "path",
    ["", "..", "../journals/main.journal", "/etc/passwd", ".env", "a/.git/config", "link",
     "linked/secret.txt", "near", "C:/x", "a\\..\\..\\x", "a\0b", "missing"],
)  # fmt: skip
def test_a35_a37_no_path_leads_out_and_nothing_hidden_is_given(
    store: Store, source: OpenStore, tmp_path: Path, path: str
) -> None:
    """Links are not followed, wherever they lead; what begins with a dot is not there."""
    folder = record(store, "r")
    (folder.files / "a" / ".git").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "secret.txt").write_text("secret")
    for name in (".env", "a/.git/config", "plain.txt"):
        (folder.files / name).write_text("secret")
    os.symlink(tmp_path / "out" / "secret.txt", folder.files / "link")
    os.symlink(tmp_path / "out", folder.files / "linked")
    os.symlink(folder.files / "plain.txt", folder.files / "near")
    with pytest.raises((NotFoundError, UsageError)):
        endpoints.run_file(source, {**RUN, "path": path})
    assert [one["path"] for one in endpoints.list_files(source, RUN)["files"]] == ["plain.txt"]


@pytest.mark.parametrize("act", [one.act for one in ENDPOINTS], ids=lambda act: act.__name__)
@pytest.mark.parametrize(
    "odd",
    [{"project": "..", "id": "r"}, {"project": "digits", "id": "../x"}, {"id": ["r", "s"]},
     {"project": "digits", "id": "gone"}, {"run": ["../x/y"]}, {"run": "digits/gone"},
     {"limit": "-1"}, {"limit": "9" * 30}, {"rows": "1"}, {"ema": "x"}, {"filter": "("},
     {"order": "no-such-field"}, {"group": "no-such-field"}, {"archived": "?"}, {"since": "x"},
     {"metric": ["m"] * 1_000}, {"filter": "x" * 20_000}, {"bins": "\u0663"}],
    ids=lambda odd: json.dumps(odd)[:30],
)  # fmt: skip
def test_a34_whatever_is_asked_is_answered_or_refused_with_a_reason(
    store: Store, source: OpenStore, act: endpoints.Act, odd: dict
) -> None:
    """No argument makes anything but our own errors, and the run is still there."""
    record(store, "r", rows=ROWS[:3])
    known = RUN if act != endpoints.delete_run else {}
    with suppress(UsageError, NotFoundError):
        act(source, {**known, **odd}, {"name": "x"})
    assert store.run("digits", "r").exists


def test_each_route_is_spelled_once() -> None:
    """A method and a path lead to one function; no question changes anything."""
    routes = [(one.method, one.path) for one in ENDPOINTS]
    assert len(set(routes)) == len(routes)
    assert all(re.fullmatch(r"stores/\{store\}[a-z{}/]*", path) for _, path in routes)
    changing = {one.act.__name__ for one in ENDPOINTS if one.method != "GET"}
    assert changing == {"edit_run", "delete_run", "stop_run", "checkpoint_run", "restore_run"}


def test_stores_are_listed_with_their_runs(store: Store, source: OpenStore) -> None:
    """The one of the server's folder is said to be it."""
    record(store, "r")
    assert endpoints.list_stores(Stores())["stores"] == [
        {"id": source.id, "path": str(store.path), "is_default": True, "n_runs": 1}
    ]


def test_what_changed_is_asked_for_by_a_revision(store: Store, source: OpenStore) -> None:
    """A list and what changed since fit together."""
    record(store, "r")
    page = endpoints.list_runs(source, {})
    since = {"since": str(page["revision"]), "epoch": page["epoch"]}
    assert endpoints.changes(source, since)["runs"] == []
    endpoints.edit_run(source, RUN, {"tags": ["a"]})
    assert endpoints.changes(source, since)["runs"] == ["digits/r"]
    assert endpoints.changes(source, {})["everything"]


def test_fields_are_all_names_there_are(store: Store, source: OpenStore) -> None:
    """For completion, and for columns."""
    record(store, "r", config={"opt": {"lr": 1}}, summary={"best": 1}, rows=ROWS, tags=("t",))
    said = endpoints.list_fields(source, {})
    assert said["config"] == ["opt.lr"]
    assert {"best", "loss", "acc"} <= set(said["summary"])
    assert (said["metrics"], said["tags"]) == (["acc", "loss"], ["t"])
    assert said["projects"] == ["digits"]


def test_who_changes_tags_is_told_all_of_them(store: Store, source: OpenStore) -> None:
    """A list shows the first; what is sent back replaces all."""
    tags = [f"tag-{i}" for i in range(150)]
    record(store, "r", tags=tuple(tags))
    assert endpoints.show_run(source, RUN)["tags"] == tags
