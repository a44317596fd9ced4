"""What a kernel shows is seen from beside it, in real kernels."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zmq
from jupyter_client.session import Session
from kernels import PATIENCE_S, Kernel, kernel

from nbtracker.notebook.observer import Observer, Shown, own_connection
from nbtracker.store.layout import Store
from nbtracker.store.sessions import session_folder
from nbtracker.views.outputs import outputs_of

BEGIN = """
import json, os, sys, threading, time
from nbtracker.notebook.observer import Observer, own_connection
seen = []
observer = Observer(own_connection(), seen.append)
observer.ready.wait(30)
def said():
    time.sleep(0.5)
    print(json.dumps([[one.kind, one.request, one.content] for one in list(seen)]))
"""
RECORD = """
from nbtracker.notebook.outputs import OutputStore
from nbtracker.redaction import Redactor
from nbtracker.store.layout import open_store
from nbtracker.store.sessions import session_folder
store = OutputStore(session_folder(open_store(), "abcd1234"), Redactor(os.environ))
def work():
    done = 0
    while True:
        for one in seen[done:]:
            store.take(1, one.kind, one.content, at=one.at)
            done += 1
        store.tick()
        time.sleep(0.02)
threading.Thread(target=work, daemon=True).start()
"""


@pytest.fixture
def beside(store: Store) -> Iterator[Kernel]:
    """A kernel that observes itself."""
    with kernel() as one:
        assert one.run(BEGIN).error == ""
        yield one


def until(is_so: Callable[[], bool]) -> bool:
    """Wait for something; say whether it came."""
    end = time.monotonic() + PATIENCE_S
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    return is_so()


def seen_by(one: Kernel) -> list[list[Any]]:
    """What it has seen."""
    return list(json.loads(one.run("said()").stdout))


def test_everything_that_is_shown_is_seen_in_order(beside: Kernel) -> None:
    """Streams, displays, results and errors, each with the request that it belongs to."""
    beside.run("print(1); print(2, file=sys.stderr); display(3); 4")
    beside.run("display(5, display_id='d').update(6); 1 / 0")
    seen = [one for one in seen_by(beside) if one[0] != "status"]
    kinds = [kind for kind, *_ in seen]
    assert {"stream", "display_data", "execute_result", "update_display_data", "error"} <= set(
        kinds
    )
    requests = [request for _, request, _ in seen]
    assert len(set(requests)) >= 2
    assert requests == sorted(requests, key=requests.index)
    assert (
        "".join(one[2].get("text", "") for one in seen if one[2].get("name") == "stderr") == "2\n"
    )


def test_nobody_else_sees_a_difference(beside: Kernel) -> None:
    """No message reaches the clients because of it."""
    shown = beside.run(
        "again = Observer(own_connection(), seen.append); again.ready.wait(30); again.stop()"
    )
    assert [one["msg_type"] for one in shown.outputs] == ["execute_result"]
    assert shown.text == "True"


def test_f9_a_fork_does_not_disturb_it(beside: Kernel) -> None:
    """The child touches nothing, whether it leaves by the door or not; the parent goes on."""
    beside.run(
        "child = os.fork()\n"
        "if not child:\n    observer.stop(); alive = observer.is_alive; del observer\n"
        "    import gc; gc.collect(); os._exit(7 + alive)\n"
        "print('ended with', os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    beside.run(
        "import subprocess; print(subprocess.run(['echo', 'sub'], capture_output=True).stdout)"
    )
    texts = "".join(one[2].get("text", "") for one in seen_by(beside))
    assert "ended with 7\n" in texts
    assert "b'sub\\n'" in texts


def test_it_ends_at_once_and_leaves_nothing(beside: Kernel) -> None:
    """Its thread is gone, and a second end does nothing."""
    code = "\nprint(observer.stop(), observer.stop(), observer.is_alive, observer.fault)"
    code += (
        "\nprint([one.name for one in threading.enumerate() if one.name == 'nbtracker-outputs'])"
    )
    assert beside.run(code).stdout == "True True False None\n[]\n"


def test_what_the_callback_raises_ends_nothing(beside: Kernel) -> None:
    """The next message is handed over as well."""
    beside.run(
        "n = [0]\ndef bad(one):\n    n[0] += 1; raise KeyboardInterrupt if n[0] > 10**9 else ValueError\n"
        "worse = Observer(own_connection(), bad); worse.ready.wait(30)"
    )
    beside.run("print('once'); time.sleep(0.3); print('twice'); time.sleep(0.3)")
    assert beside.run("print(n[0] > 3, worse.is_alive, worse.stop())").stdout == "True True True\n"


def test_f11_what_was_printed_before_a_kill_is_on_disk(store: Store, beside: Kernel) -> None:
    """Every line that is older than a second, whether or not anybody looked at the kernel."""
    beside.run(RECORD)
    beside.client.execute(
        "for k in range(20000): print('line', k)\ntime.sleep(1.0); os.kill(os.getpid(), 9)"
    )
    assert until(lambda: beside.manager.provisioner.process.poll() is not None)
    text = "".join(
        one["text"] for one in outputs_of(session_folder(store, "abcd1234"), 1) if "text" in one
    )
    assert text.endswith("".join(f"line {k}\n" for k in range(20000)))


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_a_forged_message_is_refused(is_encrypted: bool) -> None:
    """Who publishes in the kernel's place, without its key, is not believed."""
    seen: list[Shown] = []
    connection: dict[str, Any] = {"ip": "127.0.0.1", "key": "key"}
    with zmq.Context() as context, context.socket(zmq.XPUB) as socket:
        if is_encrypted:
            public, secret = zmq.curve_keypair()
            socket.curve_server, socket.curve_secretkey = True, secret
            connection |= {"curve_publickey": public.decode(), "curve_secretkey": secret}
        connection["iopub_port"] = socket.bind_to_random_port("tcp://127.0.0.1")
        observer = Observer(connection, seen.append)
        assert socket.recv()
        assert socket.recv()
        for key, text in ((b"another", "forged"), (b"key", "ours")):
            Session(key=key).send(socket, "stream", {"name": "stdout", "text": text})
        socket.send_multipart([b"junk"])
        assert until(lambda: observer.n_refused == 2)
        assert observer.stop()
    assert [one.content["text"] for one in seen] == ["ours"]


def test_a_kernel_that_welcomes_nobody_is_seen_too() -> None:
    """Older ones have no such message: after a moment what is published arrives."""
    seen: list[Shown] = []
    with zmq.Context() as context, context.socket(zmq.PUB) as socket:
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        observer = Observer({"transport": "tcp", "ip": "*", "iopub_port": port}, seen.append)
        assert observer.ready.wait(PATIENCE_S)
        Session(key=b"").send(socket, "status", {"execution_state": "idle"}, parent={"msg_id": "m"})
        assert until(lambda: bool(seen))
        assert observer.stop()
    assert (seen[0].kind, seen[0].content) == ("status", {"execution_state": "idle"})


def test_without_a_kernel_there_is_nothing_to_see() -> None:
    """A wrong address is a fault that is told, not raised."""
    assert own_connection() is None
    observer = Observer({}, print)
    observer.stop()
    assert observer.fault is not None
    assert not observer.is_alive
