"""Secrets that are typed, or set, while a cell of a real kernel runs."""

import time

import pytest
from kernels import Kernel, kernel

from nbtracker.store.layout import Store
from nbtracker.store.sessions import session_folders
from nbtracker.views.outputs import outputs_of

SECRET = "zzfGPvalue42"
ASK = f"def getpass(prompt=''): return 'zzfGP' + 'value42'\nassert getpass() == {SECRET[:5]!r} + 'value42'"


def begun(one: Kernel) -> None:
    """Record, with a prompt that needs nobody."""
    one.run("%load_ext nbtracker")
    one.run(ASK)


def text_of(store: Store, number: int) -> str:
    """All that an execution printed."""
    (folder,) = session_folders(store)
    return "".join(one.get("text", "") for one in outputs_of(folder, number))


def leaks(store: Store) -> list[str]:
    """The files of the store that have the secret."""
    files = (path for path in store.path.rglob("*") if path.is_file())
    return [str(path) for path in files if SECRET.encode() in path.read_bytes()]


def test_a24_what_was_typed_is_nowhere_wherever_the_cell_puts_it(store: Store) -> None:
    """Into a name, an item, an attribute, nowhere, or through a function."""
    with kernel() as one:
        begun(one)
        one.run(
            "class C: pass\ndef ask(p): return getpass(p)\ndef login(): print('as', getpass())\nd = {}"
        )
        for cell in (
            "print(getpass())", "d['k'] = getpass(); print(d)", "C.v = getpass(); print(C.v)",
            "x = getpass(); print(x); del x", "login()", "v = ask(1); print('got', v)",
        ):  # fmt: skip
            assert SECRET in one.run(cell).stdout
        one.run("print(d, C.v)")
    assert leaks(store) == []
    assert text_of(store, 9) == "got [redacted]\n"


@pytest.mark.parametrize(
    "cell",
    [
        "d['k'] = getpass(); print(d)", "C.v = getpass(); print(C.v)",
        "a, d['k'] = 1, getpass(); print(d)", "if (pw := getpass()): print(pw)",
        "d[name] = getpass(); print(d[name])", "x, (d['k']) = (pw := 'no'), getpass(); print(d)",
    ],
)  # fmt: skip
def test_a24_a_secret_is_learned_wherever_it_is_put(store: Store, cell: str) -> None:
    """The cell that asks keeps its lines without it, and so does a later one."""
    with kernel() as one:
        begun(one)
        one.run("class C: pass\nd, name = {}, 'n'")
        one.run(cell)
        assert SECRET in one.run("print('zzfGP' + 'value42')").stdout
    assert leaks(store) == []
    assert "[redacted]" in text_of(store, 4)
    assert text_of(store, 5) == "[redacted]\n"


def test_f11_a_killed_cell_that_asked_has_left_its_lines(store: Store) -> None:
    """They wait no longer than the secret is unknown."""
    with kernel() as one:
        begun(one)
        one.begin(
            "import time\npw = getpass()\n"
            "for i in range(60):\n    print('epoch', i, pw, flush=True); time.sleep(0.1)"
        )
        time.sleep(3.0)
        one.kill()
    assert text_of(store, 3).startswith("epoch 0 [redacted]\nepoch 1 [redacted]\n")
    assert leaks(store) == []


@pytest.mark.parametrize("quiet", ["", "; sys.stdout.flush(); time.sleep(1)"])
def test_a24_an_environment_that_is_loaded_and_printed_at_once(store: Store, quiet: str) -> None:
    """Before the cell ends nothing of it is written in clear either."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run(
            "import os, sys, time\nos.environ['SVC_TOKEN'] = 'zzfGP' + 'value42'\n"
            "print('tok', os.environ['SVC_TOKEN'])" + quiet
        )
    assert text_of(store, 2) == "tok [redacted]\n"
    assert leaks(store) == []


def test_an_update_of_a_later_cell_is_shown_where_the_display_is(store: Store) -> None:
    """As the notebook shows it."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run("from IPython.display import display\nh = display('first', display_id=True)")
        one.run("h.update('second')")
    (folder,) = session_folders(store)
    (output,) = outputs_of(folder, 2)
    assert output["data"]["text/plain"] == "'second'"
