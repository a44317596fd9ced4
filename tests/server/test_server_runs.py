"""What a front end does with runs over HTTP, end to end."""

import json
import sqlite3
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from serving import PATIENCE_S, Server
from written import begin, record

from nbtracker.extension.indexing import indexing
from nbtracker.extension.stores import OpenStore
from nbtracker.journal.records import Ended
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.schema import file_of

LOOP = """
import nbtracker, time
with nbtracker.init(project={project!r}, id="loop") as run:
    while True:
        run.log({{"loss": 1.0}})
        time.sleep(0.01)
"""


def test_an_answer_that_did_not_change_is_not_sent_again(server: Server, project: str) -> None:
    """Each GET of JSON and of a series has an ETag; with it, nothing but 304 is sent."""
    record(server.store, "one", project=project, rows=[{"loss": float(i)} for i in range(50)])
    run = f"stores/default/runs/{project}/one"
    for path in (run, f"{run}/series?metric=loss", f"{run}/config", "stores/default/fields"):
        first = server.ask("GET", path)
        again = server.ask("GET", path, headers={"If-None-Match": first.headers["Etag"]})
        assert (first.status, again.status, again.body) == (200, 304, b""), path


def test_a_changed_answer_is_sent(server: Server, project: str) -> None:
    """An edit gives the run another ETag."""
    record(server.store, "one", project=project)
    run = f"stores/default/runs/{project}/one"
    tag = {"If-None-Match": server.ask("GET", run).headers["Etag"]}
    server.ask("PATCH", run, {"name": "other"})
    answer = server.ask("GET", run, headers=tag)
    assert (answer.status, answer.said["name"]) == (200, "other")


def test_a_group_is_paged_by_its_name(server: Server, project: str) -> None:
    """Of runs by group, those of one group, or of none; what is no name is refused."""
    for name, group in (("a", 'x "y"'), ("b", 'x "y"'), ("c", None)):
        facts = {} if group is None else {"group": group}
        record(server.store, name, project=project, **facts)
    listed = f"stores/default/runs?filter=project={project}&order=id&group=group"
    found = server.get(listed)["groups"]
    assert found == [{"name": 'x "y"', "n_runs": 2}, {"name": None, "n_runs": 1}]
    for name, wanted in (('x "y"', ["a", "b"]), (None, ["c"])):
        said = server.get(f"{listed}&within={quote(json.dumps(name))}")
        assert ([run["id"] for run in said["runs"]], said["total"]) == (wanted, len(wanted))
    assert server.ask("GET", f"{listed}&within=7").status == 400


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("lr=1", ["a"]),
        ("loss<2", ["a"]),
        ("loss>=2 config.lr=2", ["b"]),
        ("finished", ["a", "b"]),
        pytest.param("running", [], id="state"),
        ("name=first", ["a"]),
        ("name!=first", ["b"]),
        ("summary.loss=2", ["b"]),
        ("lr > 1", ["b"]),
        ("lr==2", ["b"]),
        ("lr == 2 loss > 1", ["b"]),
        ("lr <=1 loss< 2", ["a"]),
        ("state != failed", ["a", "b"]),
        pytest.param("state=stopped", [], id="stopped"),
        pytest.param("config.lr.value=2", ["b"], id="value"),
        pytest.param("summary_metrics.loss=2", ["b"], id="metrics"),
    ],
)
def test_a_filter_takes_names_as_columns_have_them(server, project, typed, ids):
    """A name alone is that of a config or summary; a state alone is a state."""
    for lr, (name, called) in enumerate((("a", "first"), ("b", "second")), start=1):
        rows = [{"loss": float(lr)}]
        record(server.store, name, project=project, name=called, config={"lr": lr}, rows=rows)
    found = server.get(f"stores/default/runs?order=id&filter={quote(f'{project} {typed}')}")
    assert [run["id"] for run in found["runs"]] == ids


def test_a_filter_by_a_name_that_no_run_has_says_which_are_near(server, project):
    """What is wrong is the name, and not the answer."""
    record(server.store, "a", project=project, config={"momentum": 0.9})
    answer = server.ask("GET", "stores/default/runs?filter=momentun%3E1")
    assert answer.status == 400
    assert "did you mean config.momentum" in answer.said["message"]
    for typed, says in (
        ("confg.momentum>1", "did you mean config.momentum"),
        ("config.momentun>1", "did you mean config.momentum"),
        ("momentum=", "has no value"),
        ("state=finishd", "did you mean finished?"),
        ("state!=odd", "States are running"),
    ):
        answer = server.ask("GET", f"stores/default/runs?filter={quote(typed)}")
        assert (answer.status, says in answer.said["message"]) == (400, True), answer.said


def test_a_series_is_bytes(server: Server, project: str) -> None:
    """A length, a JSON header, and numbers."""
    record(server.store, "one", project=project, rows=[{"loss": float(i)} for i in range(50)])
    answer = server.ask("GET", f"stores/default/runs/{project}/one/series?metric=loss")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    (length,) = struct.unpack_from("<I", answer.body)
    header = json.loads(answer.body[4 : 4 + length])
    assert (header["n_rows"], header["metrics"][0]["n_values"]) == (50, 50)


def test_a_run_is_deleted_and_restored(server: Server, project: str) -> None:
    """To the trash, and back with the name it has there."""
    record(server.store, "one", project=project)
    run = f"stores/default/runs/{project}/one"
    name = server.ask("DELETE", run).said["trash"]
    assert server.ask("GET", run).status == 404
    assert name in [one["name"] for one in server.get("stores/default/trash")["runs"]]
    said = server.ask("POST", f"stores/default/trash/{name}/restore")
    assert said.said == {"project": project, "id": "one"}
    assert server.get(run)["id"] == "one"


def test_what_is_not_there_is_a_404(server: Server, project: str) -> None:
    """A run, a store, a cell and a name in the trash; each says so in words."""
    record(server.store, "one", project=project)
    run = f"stores/default/runs/{project}"
    for path in (f"{run}/two", "stores/0123456789abcdef/runs", f"{run}/one/cells/x/outputs"):
        answer = server.ask("GET", path)
        assert (answer.status, set(answer.said)) == (404, {"message", "hint"}), path
    assert server.ask("POST", "stores/default/trash/nothing/restore").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "stores/default/runs?limit=-1",
        "stores/default/runs?limit=x",
        "stores/default/runs?order=;DROP",
        "stores/default/runs?limit=1&limit=2",
        "stores/default/runs/..%2f..%2fetc/passwd",
        "stores/default/runs/p/%00",
        "stores/..%2f..%2fetc/runs",
        "stores/%2fetc/runs",
        "stores/default/compare",
        "stores/default/compare?run=../../etc/passwd",
        "stores/default/sparks?metric=a&run=..%2f..%2fetc%2fpasswd",
    ],
)
def test_what_cannot_be_asked_is_a_400_or_404(server: Server, path: str) -> None:
    """Never a traceback, and nothing is read outside of a store."""
    answer = server.ask("GET", path)
    assert answer.status in (400, 404)
    assert answer.said["message"]


def test_a_run_that_is_written_is_not_deleted(server: Server, project: str) -> None:
    """That is a conflict: finish it first."""
    writer = begin(server.store, "busy", project=project)
    answer = server.ask("DELETE", f"stores/default/runs/{project}/busy")
    writer.append(Ended(at=time.time()))
    writer.close()
    assert answer.status == 409


def test_a_stop_request_ends_the_loop_of_a_kernel(server: Server, project: str) -> None:
    """The run sees it when it logs next; its state is `killed`, and the kernel lives."""
    run = f"stores/default/runs/{project}/loop"
    with server.kernel() as one, server.listening() as client:
        request = one.begin(LOOP.format(project=project))
        client.watch()
        client.hear_of(f"{project}/loop")
        while server.get(run)["n_rows"] == 0:
            client.hear_of(f"{project}/loop")
        assert server.ask("POST", f"{run}/stop").said == {"requested": True}
        one.ended(request)
        client.hear_of(f"{project}/loop")
        until = time.monotonic() + PATIENCE_S
        while server.get(run)["state"] == "running" and time.monotonic() < until:
            time.sleep(0.05)
        assert server.get(run)["state"] == "killed"
        assert one.run("print(1 + 1)").strip() == "2"


def test_a_slow_question_holds_up_no_other(server: Server, project: str) -> None:
    """While a large run is read, the server answers others."""
    rows = [{"loss": float(i)} for i in range(60_000)]
    record(server.store, "large", project=project, rows=rows)
    path = f"stores/default/runs/{project}/large/series?metric=loss"
    slow = threading.Thread(target=lambda: server.ask("GET", path))
    slow.start()
    assert server.ask("GET", "kernels", below="api/").status == 200
    slow.join(PATIENCE_S)
    assert not slow.is_alive()


def test_looking_is_no_activity(server: Server, project: str) -> None:
    """A panel that is left open keeps no idle server from being ended; an edit does."""
    record(server.store, "one", project=project)

    def active_at() -> str:
        return str(server.get("status", below="api/")["last_activity"])

    before = active_at()
    server.get(f"stores/default/runs/{project}/one")
    assert active_at() == before
    server.ask("PATCH", f"stores/default/runs/{project}/one", {"notes": "seen"})
    assert active_at() > before


def test_a_server_without_a_token_still_refuses_other_sites(tmp_path: Path) -> None:
    """Where everybody on the machine may come in, a page of another site may not."""
    run = "stores/default/runs/p/one"
    with Server(tmp_path, token="") as one:
        record(one.store, "one", project="p")
        assert one.ask("GET", run, token=None).status == 200
        assert one.ask("PATCH", run, {"name": "x"}, token=None).status == 403
        for headers in ({"Origin": "http://evil.com"}, {"Sec-Fetch-Site": "cross-site"}):
            assert one.ask("GET", run, token=None, headers=headers).status == 403
        assert one.get(run, token=None)["name"] == "one"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as a hub starts it, for a user whose name has a blank."""
    one = Server(tmp_path_factory.mktemp("hub"), base="/user/x%20y/")
    yield one
    one.stop()


def test_a33_all_is_below_the_prefix(hub: Server) -> None:
    """Answers, files, writes and events know the prefix; outside of it there is nothing."""
    folder = record(hub.store, "one", project="p")
    folder.files.mkdir()
    (folder.files / "a.txt").write_text("x")
    run = "stores/default/runs/p/one"
    assert hub.ask("GET", f"{run}/files/a.txt").body == b"x"
    assert hub.ask("PATCH", run, {"name": "new"}).said["name"] == "new"
    with hub.listening() as one:
        one.watch("p/one")
        one.hear_of("p/one")
    hub.base = "/"
    assert hub.ask("GET", "stores").status == 404
    hub.base = "/user/x%20y/"


def test_the_default_store_is_found_when_it_is_made_later(tmp_path: Path) -> None:
    """Who watches is told when the folder of the server gets a store of its own."""
    with Server(tmp_path) as one:
        one.store.path.rmdir()
        with one.listening() as client:
            client.watch()
            record(one.store, "first", project="p")
            while [run["id"] for run in one.get("stores/default/runs")["runs"]] != ["first"]:
                client.hear()


def test_how_far_the_index_is_is_said_while_it_is_made(server: Server, project: str) -> None:
    """Runs that nobody listed yet are counted, and not waited for."""
    record(server.store, "one", project=project)
    server.get("stores/default/runs")
    record(server.store, "two", project=project)
    before = server.get("stores/default/indexing")
    server.get("stores/default/runs")
    after = server.get("stores/default/indexing")
    assert before["n_runs"] == after["n_runs"] == after["n_indexed"]
    assert before["n_indexed"] <= after["n_indexed"]


def test_how_far_the_index_is_is_not_known_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store whose index has no file yet, or a damaged one, is counted all the same."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "cache"))
    source = OpenStore(Store(tmp_path / "store"), is_default=True)
    record(source.store, "one", project="digits")
    assert indexing(source, {}) == {"n_indexed": None, "n_runs": 1}
    file_of(source.store).parent.mkdir(parents=True, exist_ok=True)
    file_of(source.store).write_bytes(b"no database")
    assert indexing(source, {}) == {"n_indexed": None, "n_runs": 1}


def test_how_far_the_index_is_is_said_while_another_holds_the_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the lock of the catalogue nor a write that is under way is waited for."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "cache"))
    source = OpenStore(Store(tmp_path / "store"), is_default=True)
    for name in ("one", "two"):
        record(source.store, name, project="digits")
    source.catalogue.refresh()
    record(source.store, "three", project="digits")
    answers: list[dict[str, int | None]] = []
    asking = threading.Thread(target=lambda: answers.append(indexing(source, {})))

    def hold(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM runs")
        asking.start()
        asking.join(PATIENCE_S)

    source.catalogue.write(hold)
    assert answers == [{"n_indexed": 2, "n_runs": 3}]
