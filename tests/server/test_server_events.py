"""What a websocket tells, from a write in a store to the message."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
import websocket
from serving import PATIENCE_S, Server
from written import begin, log, record

from nbtracker.extension.events import MAX_STORES
from nbtracker.journal.records import Ended
from nbtracker.store.caches import note_store, store_id
from nbtracker.store.layout import Store
from nbtracker.store.trash import discard

GOING_AWAY, TOO_BIG = 1001, 1009


def follow(one, run: str) -> None:
    """Watch a run, and wait until it is looked at."""
    one.watch(run)
    one.hear_of(run, kind="runs")


def test_a_row_is_told_of_to_who_watches_its_run(server: Server, project: str) -> None:
    """A write becomes a message that names the run, and no other."""
    writer = begin(server.store, "one", project=project)
    with server.listening() as one:
        follow(one, f"{project}/one")
        log(writer, [{"loss": 0.5}])
        said = one.hear_of(f"{project}/one")
        writer.append(Ended(at=time.time()))
    writer.close()
    assert (said["type"], said["store"], said["gone"]) == ("changed", "default", [])


def test_a_new_run_is_told_of_to_who_watches_the_store(server: Server, project: str) -> None:
    """The list of runs is live without naming any of them."""
    with server.listening() as one:
        before = one.watch()
        record(server.store, "new", project=project)
        assert one.hear_of(f"{project}/new")["revision"] > before["revision"]


def test_a_deleted_run_is_told_of(server: Server, project: str) -> None:
    """A run that went is named as gone."""
    folder = record(server.store, "old", project=project)
    with server.listening() as one:
        one.watch()
        discard(server.store, folder)
        assert one.hear_of(f"{project}/old", kind="gone")["type"] == "changed"


def test_many_writes_become_few_messages(server: Server, project: str) -> None:
    """Two thousand rows in a burst are at most 20 messages a second, and the last is told of."""
    writer = begin(server.store, "busy", project=project)
    with server.listening() as one:
        follow(one, f"{project}/busy")
        began, heard = time.monotonic(), 0
        thread = threading.Thread(
            target=lambda: [
                (log(writer, [{"loss": 1.0}], first=i), time.sleep(0.0005)) for i in range(2000)
            ]
        )
        thread.start()
        while thread.is_alive():
            heard += f"{project}/busy" in one.hear()["runs"]
        spent = time.monotonic() - began
        writer.append(Ended(at=time.time()))
        one.hear_of(f"{project}/busy")
    writer.close()
    assert 1 <= heard <= 20 * spent + 2


def test_three_clients_hear_the_same(server: Server, project: str) -> None:
    """One write reaches all who watch; who left is missed by nobody."""
    with server.listening() as first, server.listening() as second:
        for one in (first, second):
            one.watch()
        with server.listening() as third:
            third.watch()
        record(server.store, "seen", project=project)
        for one in (first, second):
            assert one.hear_of(f"{project}/seen")


def test_a_client_that_vanishes_takes_nothing_along(server: Server, project: str) -> None:
    """A connection that is cut without a word leaves the others as they were."""
    with server.listening() as stays, server.listening() as goes:
        for one in (stays, goes):
            one.watch()
        goes.socket.sock.close()
        record(server.store, "after", project=project)
        assert stays.hear_of(f"{project}/after")


# Little fits between the server and such a client.
NARROW = ((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096), (socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536))
LONG_LIST = [f"{'x' * 100}/{'y' * 100}{i}" for i in range(200)]
ROUNDS = 30


def test_a_client_that_does_not_read_holds_nobody_up(server: Server, project: str) -> None:
    """Others hear of each row while one client takes nothing; it gets a few words for all."""
    writer = begin(server.store, "held", project=project)
    with server.listening(sockopt=NARROW) as deaf, server.listening() as one:
        follow(one, f"{project}/held")
        for i in range(ROUNDS):
            # Each is answered with a list of all these, none of which is there: 40 kB.
            deaf.say({"type": "watch", "store": "default", "runs": LONG_LIST})
            log(writer, [{"loss": 1.0}], first=i)
            one.hear_of(f"{project}/held")
        assert server.ask("GET", "stores").status == 200
        deaf.say("the last word")
        n_words = 0
        while (said := deaf.hear())["type"] != "error":
            n_words += LONG_LIST[0] in said["gone"]
    assert 1 <= n_words < ROUNDS / 2
    writer.append(Ended(at=time.time()))
    writer.close()


def test_a_killed_kernel_is_told_of_within_two_seconds(server: Server, project: str) -> None:
    """Nobody writes that the run crashed; the one who looks sees it, and says so unasked."""
    run = f"{project}/k"
    with server.kernel() as one, server.listening() as client:
        one.run(f"import nbtracker; nbtracker.init(project={project!r}, id='k').log({{'loss': 1}})")
        pid = int(one.run("import os; print(os.getpid())"))
        assert state(server, run) == "running"
        client.watch(run)
        before = server.get("stores/default/runs")["revision"]
        os.kill(pid, signal.SIGKILL)
        killed_at = time.monotonic()
        # Nothing else is asked meanwhile: a question would have the index look at the run.
        while client.hear_of(run)["revision"] <= before:
            pass
        spent = time.monotonic() - killed_at
    assert state(server, run) == "crashed"
    assert spent < 2 * LATE, spent


def state(server: Server, run: str) -> str:
    """The state of a run, as the server gives it."""
    return str(server.get(f"stores/default/runs/{run}")["state"])


LATE = 10
"""How many times slower a machine may be that does other things, too."""

FORGED = [
    "",
    "null",
    "[]",
    "{",
    "[" * 30_000,
    '{"type": "watch"}',
    '{"type": "watch", "store": 1}',
    '{"type": "watch", "store": "../../etc"}',
    '{"type": "watch", "store": "/etc"}',
    '{"type": "watch", "store": "x\' OR 1=1 --"}',
    '{"type": "watch", "store": "default", "runs": "p/a"}',
    '{"type": "watch", "store": "default", "runs": {"p/a": 1}}',
    '{"type": "watch", "store": "default", "runs": ["a"]}',
    '{"type": "watch", "store": "default", "runs": ["../a/b"]}',
    '{"type": "watch", "store": "default", "runs": ["p/../../etc"]}',
    '{"type": "watch", "store": "default", "runs": ["p/.claim"]}',
    '{"type": "watch", "store": "default", "runs": ["p/a\\u0000"]}',
    '{"type": "watch", "store": "default", "runs": ["p/\'; DROP TABLE runs; --"]}',
    '{"type": "watch", "store": "default", "runs": [null]}',
    json.dumps({"type": "watch", "store": "default", "runs": [f"p/{i}" for i in range(10_000)]})[
        :60_000
    ],
    json.dumps({"type": "watch", "store": "default", "runs": [f"p/{i}" for i in range(1_000)]}),
    '{"type": "eval", "code": "1"}',
    '{"type": "unwatch"}',
    '{"type": "unwatch", "store": ["default"]}',
]


@pytest.mark.parametrize("message", FORGED, ids=range(len(FORGED)))
def test_a34_a_forged_message_is_refused_as_a_request_is(server: Server, message: str) -> None:
    """Paths, SQL and other forms are answered with an error; the connection goes on."""
    with server.listening() as one:
        one.say(message)
        assert one.hear()["type"] == "error"
        assert one.watch()["type"] == "changed"


def test_a34_a_huge_message_ends_the_connection(server: Server) -> None:
    """A client that says megabytes is not listened to."""
    with server.listening() as one:
        with suppress(OSError, websocket.WebSocketException):
            one.say("x" * 5_000_000)
            assert one.close_code() == TOO_BIG
        assert server.ask("GET", "stores").status == 200


def test_a_server_that_stops_says_so_to_its_clients(tmp_path) -> None:
    """Stopping takes no longer for those who listen, and leaves no file of ours."""
    with Server(tmp_path) as one, one.listening() as client:
        client.watch()
        assert len(list(one.runtime.glob("nbtracker-*.json"))) == 1
        one.stop()
        assert client.close_code() == GOING_AWAY
    assert list(one.runtime.glob("nbtracker-*.json")) == []


def test_a_page_may_watch_one_store_after_the_other(
    server: Server, project: str, tmp_path: Path
) -> None:
    """Many more than at once: of a store that is unwatched it is told nothing more."""
    notes = server.folder / "cache"
    with server.listening() as one, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBTRACKER_CACHE_DIR", str(notes))
        for i in range(MAX_STORES + 2):
            store = Store(tmp_path / f"s{i}" / ".nbtracker")
            record(store, "a", project=project)
            note_store(store)
            assert one.watch(store=store_id(store))["store"] == store_id(store)
            one.say({"type": "unwatch", "store": store_id(store)})


def test_a_store_that_is_not_unwatched_counts(server: Server, project: str, tmp_path: Path) -> None:
    """A client that asks for more at once hears that it cannot have them."""
    notes = server.folder / "cache"
    with server.listening() as one, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBTRACKER_CACHE_DIR", str(notes))
        said = []
        for i in range(MAX_STORES + 1):
            store = Store(tmp_path / f"s{i}" / ".nbtracker")
            record(store, "a", project=project)
            note_store(store)
            said.append(one.watch(store=store_id(store))["type"])
    assert said == ["changed"] * MAX_STORES + ["error"]


def test_two_processes_that_write_are_both_told_of(server: Server, project: str) -> None:
    """A run of another process is followed like any other."""
    code = f"import nbtracker; nbtracker.init(project={project!r}, id='far').log({{'loss': 1}})"
    with server.listening() as one:
        one.watch()
        subprocess.run(
            [sys.executable, "-c", code],
            env=server.environ | {"NBTRACKER_DIR": str(server.store.path)},
            check=True,
            timeout=PATIENCE_S,
            capture_output=True,
        )
        assert one.hear_of(f"{project}/far")
