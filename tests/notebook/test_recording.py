"""What cells show and the code of runs, recorded by real kernels."""

import json
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from kernels import kernel

import nbtracker
from nbtracker.store.caches import noted_stores
from nbtracker.store.layout import Store
from nbtracker.store.sessions import session_folders
from nbtracker.views.outputs import outputs_of
from nbtracker.views.session import SessionView, read_session

BEGIN = "import nbtracker\nrun = nbtracker.init(project='p', id='r')"


def only_session(store: Store) -> SessionView:
    """The one session of a store."""
    (folder,) = session_folders(store)
    return read_session(folder)


def shown(store: Store, number: int) -> list[dict]:
    """What an execution showed."""
    return outputs_of(only_session(store).folder, number)


def found(store: Store, text: str) -> list[str]:
    """The files of a store that hold a text."""
    data = text.encode()
    return [
        str(path) for path in store.path.rglob("*") if path.is_file() and data in path.read_bytes()
    ]


def test_each_cell_keeps_its_own_outputs(store: Store) -> None:
    """Streams, results, displays and tracebacks, under the cell that made them."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run("import sys\nprint('one')\nprint('two', file=sys.stderr)\n6 * 7")
        one.run("from IPython.display import display, HTML\ndisplay(HTML('<b>bold</b>'))\n1 / 0")
    second, third = shown(store, 2), shown(store, 3)
    assert [(out["output_type"], out.get("text")) for out in second[:2]] == [
        ("stream", "one\n"),
        ("stream", "two\n"),
    ]
    assert second[2]["data"]["text/plain"] == "42"
    assert third[0]["data"]["text/html"] == "<b>bold</b>"
    assert (third[1]["ename"], third[1]["evalue"]) == ("ZeroDivisionError", "division by zero")


def test_a_progress_bar_is_kept_as_it_was_left(store: Store) -> None:
    """Carriage returns are those of a terminal."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run("for i in range(101):\n    print(f'\\r{i} %', end='')")
    (bar,) = shown(store, 2)
    assert bar["text"] == "100 %"


def test_outputs_of_threads_and_of_subprocesses(store: Store) -> None:
    """Whatever reaches the cell is kept with it."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run(
            "import threading, subprocess, sys\n"
            "ts = [threading.Thread(target=sys.stdout.write, args=(f'thread {i}\\n',)) for i in range(8)]\n"
            "[t.start() for t in ts]; [t.join() for t in ts]\n"
            "subprocess.run([sys.executable, '-c', 'print(\"from a process\")'])\n"
            "import time; time.sleep(0.5)"
        )
    text = "".join(out.get("text", "") for out in shown(store, 2))
    assert sorted(line for line in text.splitlines() if line.startswith("thread")) == [
        f"thread {i}" for i in range(8)
    ]
    assert "from a process" in text


def test_f11_lines_printed_before_a_kill_are_there(store: Store) -> None:
    """Those older than half a second: a kernel sends what is printed each fifth of one."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.begin(
            "import time\nfor i in range(10**6):\n    print(i, time.time()); time.sleep(0.02)"
        )
        time.sleep(2.0)
        killed_at = time.time()
        one.kill()
    lines = shown(store, 2)[0]["text"].splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(len(lines)))
    assert float(lines[-1].split()[1]) > killed_at - 0.5


def test_the_code_of_a_run_is_a_notebook_of_what_was_executed(store: Store) -> None:
    """With outputs, cells that ran before the run began, and those that failed."""
    with kernel() as one:
        one.run("x = 1\n%load_ext nbtracker")
        one.run("y = 2")
        one.run(BEGIN)
        one.run("print(x + y)\nz = 1 / 0")
        one.run("run.log({'loss': 1})\nrun.finish()")
        one.run("after = 1")
    code = nbtracker.Api().run("p/r").code
    document = nbformat.reads(code.read("cells.ipynb").decode(), as_version=4)
    nbformat.validate(document)
    sources = [cell.source for cell in document.cells if cell.cell_type == "code"]
    assert sources[0].startswith("x = 1")
    assert sources[1:4] == ["y = 2", BEGIN, "print(x + y)\nz = 1 / 0"]
    assert len(sources) == 5
    assert repr(code) == "<RunCode: 3 files: cells.ipynb, cells.py, environment.json>"
    assert document.cells[3].outputs[0].text == "3\n"
    compile(code.read("cells.py"), "cells.py", "exec")
    assert code.kept


def test_the_code_of_a_killed_run_is_put_together_again(store: Store) -> None:
    """From the session's journal."""
    with kernel() as one:
        one.run(BEGIN)
        one.run("print('printed')\nrun.log({'a': 1})")
        time.sleep(1.0)
        one.kill()
    code = nbtracker.Api().run("p/r").code
    assert not code.kept
    assert b"printed" in code.read("cells.ipynb")
    assert len(code.digest) == 64


def test_identical_code_has_one_digest(store: Store) -> None:
    """When it ran does not matter."""
    for _ in range(2):
        with kernel() as one:
            one.run("import nbtracker\nrun = nbtracker.init(project='p')")
            one.run("run.log({'a': 1})\nrun.finish()")
    digests = {run.code.digest for run in nbtracker.Api().runs("p")}
    assert len(digests) == 1


def test_code_can_be_left_out(store: Store) -> None:
    """The cells are recorded all the same."""
    with kernel() as one:
        one.run("import nbtracker\nrun = nbtracker.init(project='p', id='r', save_code=False)")
        one.run("run.finish()")
    assert not nbtracker.Api().run("p/r").code.kept


def test_first_party_modules_are_kept_as_they_were(store: Store, tmp_path: Path) -> None:
    """Both versions of one that was edited and reloaded."""
    module = tmp_path / "mine.py"
    module.write_text("value = 1\n")
    with kernel() as one:
        one.run(f"%cd -q {tmp_path}\nimport sys; sys.path.insert(0, '.'); {BEGIN}")
        one.run("%load_ext autoreload\n%autoreload 2\nimport mine")
        time.sleep(1.0)  # as quick as a person
        module.write_text("value = 2  # edited\n")
        one.run("print(mine.value)")
        one.run("run.finish()")
    versions = [one.name for one in only_session(store).modules]
    assert versions == ["mine", "mine"]
    code = nbtracker.Api().run("p/r").code
    assert code.read("modules/mine.py") == b"value = 2  # edited\n"
    (old,) = [path for path in code.paths if path.startswith("modules/mine.py@")]
    assert code.read(old) == b"value = 1\n"


def test_a24_secrets_never_reach_the_disk(store: Store) -> None:
    """Neither from the environment, nor typed into a cell, nor printed, nor raised."""
    secrets = {
        "MY_API_KEY": "s3cr3t-of-the-environment",
        "typed": "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        "raised": "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD",
    }
    with kernel({"MY_API_KEY": secrets["MY_API_KEY"]}) as one:
        one.run(BEGIN)
        one.run("import os\nprint(os.environ['MY_API_KEY'])")
        one.run(f"token = '{secrets['typed']}'\nprint(token)")
        one.run(f"raise ValueError('{secrets['raised']}')")
        one.run("run.finish()")
    assert {name: found(store, value) for name, value in secrets.items()} == {
        name: [] for name in secrets
    }


def test_what_is_forgotten_leaves_no_byte(store: Store) -> None:
    """Nor in the code of a run that has ended already."""
    with kernel() as one:
        one.run(BEGIN)
        one.run("private = 'Rumpelstilzchen'\nprint(private)\nrun.log({'a': 1})")
        one.run("run.finish()")
        assert found(store, "Rumpelstilzchen")
        said = one.run(
            "from nbtracker.notebook.session import recorder\nprint(recorder().forget([2]))"
        )
    assert said.stdout == "[2]\n"
    assert found(store, "Rumpelstilzchen") == []
    execution = only_session(store).executions[1]
    assert (execution.forgotten, execution.source) == (True, None)
    notebook = json.loads(nbtracker.Api().run("p/r").code.read("cells.ipynb"))
    assert len(notebook["cells"]) == 4 - 1


def test_runs_of_cells_that_log_without_one(store: Store) -> None:
    """With auto on, each gets one, which ends with it, or fails with it."""
    with kernel() as one:
        one.run("import nbtracker\n%load_ext nbtracker")
        one.run("from nbtracker.notebook.session import recorder\nrecorder().auto = True")
        one.run("for i in range(3):\n    nbtracker.log({'a': i})")
        one.run("nbtracker.log({'b': 1})\n1 / 0")
        one.run("x = 1")
    runs = nbtracker.Api().runs()
    assert [(run.state, run.n_rows) for run in runs] == [("finished", 3), ("failed", 1)]
    assert "ZeroDivisionError" in (runs[1].error or "")


def test_attempts_of_one_cell_are_one_family(store: Store) -> None:
    """Run again, and edited: the document's id of the cell counts."""
    with kernel() as one:
        one.run("import nbtracker")
        for lr in (1, 2, 3):
            one.run(f"run = nbtracker.init(project='p', config={{'lr': {lr}}})", cell_id="c1")
        one.run("run = nbtracker.init(project='p')", cell_id="c2")
    started = [run._view().started[0] for run in nbtracker.Api().runs("p")]
    families = [one.family for one in started]
    assert len(set(families[:3])) == 1
    assert families[3] not in families[:3]
    assert all(run.state == "finished" for run in nbtracker.Api().runs("p"))


@pytest.mark.parametrize("broken", ["_begin", "_finish", "_request"])
def test_f6_a_cell_runs_as_always_whatever_fails_inside(store: Store, broken: str) -> None:
    """After three faults nothing is tried any more, and one notice was given."""
    fail = f"""
import nbtracker
from nbtracker.notebook.session import recorder
from nbtracker.notebook import hooks
def broken(*_, **__):
    raise RuntimeError("inside")
hooks.CellHooks.{broken} = broken
"""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run(fail)
        said = [one.run(f"print({i})\n{i}") for i in range(5)]
    assert [shown.stdout for shown in said] == [f"{i}\n" for i in range(5)]
    assert [shown.text for shown in said] == [str(i) for i in range(5)]
    assert sum("not recorded completely" in shown.stderr for shown in said) <= 1


def test_attempts_outputs_and_the_machine_can_be_asked_for(store: Store) -> None:
    """By who reads a run, also when its kernel is gone."""
    with kernel() as one:
        one.run("import nbtracker, time")
        one.run("run = nbtracker.init(project='p', id='a')", cell_id="c")
        one.run("run = nbtracker.init(project='p', id='b')", cell_id="c")
        one.run("print('shown'); time.sleep(1.8)")
        one.kill()
    run = nbtracker.Api().run("p/b")
    assert [attempt.id for attempt in run.attempts()] == ["a", "b"]
    assert run.outputs(3)[0]["text"] == "shown\n"
    system = run.history(stream="system")
    assert set(system["_execution"]) == {3}
    assert run.system_metrics["system.memory"] == system["system.memory"].iloc[-1]


def test_what_a_dead_kernel_left_can_be_forgotten_too(store: Store) -> None:
    """From the command line; the code of its runs is made anew."""
    with kernel() as one:
        one.run(BEGIN)
        one.run("private = 'Rumpelstilzchen'\nprint(private)")
        one.run("run.log({'a': 1})\nrun.finish()")
    assert found(store, "Rumpelstilzchen")
    done = subprocess.run(
        [sys.executable, "-m", "nbtracker", "forget", "p/r", "2"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "forgotten: cell [2]\n"
    assert found(store, "Rumpelstilzchen") == []
    assert b"run.finish()" in nbtracker.Api().run("p/r").code.read("cells.ipynb")


def test_a24_secrets_in_runs_of_notebooks_are_not_written(store: Store) -> None:
    """In labels, config, rows, and the error that ended a run; in memory they are what they were."""
    secret = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
    with kernel({"SVC_TOKEN": "s3cr3t-of-the-environment"}) as one:
        one.run("import nbtracker, os\n%load_ext nbtracker")
        one.run(f"token = '{secret}'")
        one.run(
            "run = nbtracker.init(project='p', name=token, tags=[token], notes=token,"
            " config={'token': os.environ['SVC_TOKEN'], 'deep': {'t': [token]}})"
        )
        said = one.run("run.log({'text': token}); run.summary['s'] = token\nrun.config['token']")
        one.run("%%tracker run\nraise ValueError(os.environ['SVC_TOKEN'])")
        one.run("run.finish()")
    assert said.text == "'s3cr3t-of-the-environment'"
    assert found(store, secret) == []
    assert found(store, "s3cr3t-of-the-environment") == []


def test_a9_a_crafted_source_digest_leads_nowhere(store: Store, tmp_path: Path) -> None:
    """A journal may name any path; no file of the host is read, or executed."""
    from nbtracker.journal.cells import CellStarted
    from nbtracker.journal.writer import JournalWriter

    outside = tmp_path / "outside.py"
    outside.write_text("raise SystemExit('executed')")
    with kernel() as one:
        one.run(BEGIN)
    view = only_session(store)
    writer = JournalWriter(view.folder.journal)
    for number, digest in enumerate([str(outside), "../" * 9 + str(outside), "/dev/zero"], 50):
        writer.append(CellStarted(at=1.0, number=number, source=digest))
    writer.close()
    assert [one.source for one in only_session(store).executions if one.number >= 50] == [None] * 3


def test_names_that_are_no_text_and_a_removed_folder_stop_nothing(store: Store) -> None:
    """Nor does a disk that is full for a moment."""
    with kernel() as one:
        one.run("%load_ext nbtracker\nimport os, tempfile")
        one.run("globals()[1] = 2")
        one.run("d = tempfile.mkdtemp(); os.chdir(d); os.rmdir(d)")
        for i in range(6):
            one.run(f"x{i} = {i}")
            time.sleep(0.3)
        said = one.run("from nbtracker.notebook.session import recorder\nrecorder().status()")
    assert "'recording': True" in said.text
    assert [one.status for one in only_session(store).executions] == ["ok"] * 10


def test_names_are_recorded_among_very_many(store: Store) -> None:
    """What a cell binds and deletes, however large the namespace is."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run("globals().update({f'n{i}': i for i in range(12_000)})")
        one.run("x = 1\ndef f(): pass\nimport math\nfor n5 in 'ab': pass\ndel n7")
    last = only_session(store).executions[-1]
    assert (set(last.wrote), last.deleted) == ({"x", "f", "math", "n5"}, ("n7",))


def test_a_store_that_only_cells_are_recorded_into_can_be_found(store: Store) -> None:
    """A Jupyter server lists it, though nobody began a run."""
    with kernel() as one:
        one.run("%load_ext nbtracker")
        one.run("x = 1")
    assert [found.path for found in noted_stores()] == [store.path]
