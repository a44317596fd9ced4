"""Modules of one's own are imported in a replay as they were recorded."""

from pathlib import Path

from kernels import kernel
from sessions import INIT

import nbtracker
from nbtracker.notebook.replay import replay
from nbtracker.store.layout import RunFolder, Store
from nbtracker.views.cells.verdict import REPRODUCED

LOAD = "%load_ext nbtracker"


def module_run(store: Store, text: str, *more: str) -> tuple[RunFolder, Path]:
    """A run whose value comes from a module, and the module's file."""
    work = store.path.parent / "work"
    work.mkdir()
    path = work / "helper_of_mine.py"
    path.write_text(text)
    use = "import sys; sys.path.insert(0, '')\nimport helper_of_mine\n"
    use += "run.log({'x': helper_of_mine.value()})"
    cells = [f"%cd {work}", LOAD, INIT, use, *more, "run.finish()"]
    with kernel() as one:
        for cell in cells:
            assert one.run(cell).status == "ok", cell
    return store.run("p", "old"), path


def test_a_module_that_changed_is_imported_as_it_was(store) -> None:
    """The report says so, and the file stays as it is."""
    folder, path = module_run(store, "def value():\n    return 0.25\n")
    path.write_text("def value():\n    return 0.75\n")
    result = replay(folder)
    assert result.verdict.kind == REPRODUCED, str(result)
    assert f"module helper_of_mine is imported as it was recorded: {path} was changed since" in (
        result.notes
    )
    assert "0.75" in path.read_text()


def test_the_code_of_the_new_run_has_a_module_as_it_was(store) -> None:
    """Not as its file is by now: the run was made with the recorded one."""
    text = "def value():\n    return 0.25\n"
    folder, path = module_run(store, text)
    path.write_text("def value():\n    return 0.75\n")
    result = replay(folder)
    code = nbtracker.Api().run(result.new_run).code
    assert code.read("modules/helper_of_mine.py").decode() == text
    assert code.digest == nbtracker.Api().run("p/old").code.digest


def test_a_module_that_is_gone_is_imported_as_it_was(store) -> None:
    """From what was kept of it."""
    folder, path = module_run(store, "def value():\n    return 0.25\n")
    path.unlink()
    result = replay(folder)
    assert result.verdict.kind == REPRODUCED, str(result)
    assert f"{path} is gone" in "\n".join(result.notes)


def test_a_module_finds_what_lies_beside_it(store) -> None:
    """Its `__file__` is where it was."""
    text = "from pathlib import Path\ndef value():\n    return {} + float(\n"
    text += "        (Path(__file__).parent / 'v.txt').read_text())\n"
    (store.path.parent / "v.txt").write_text("0.5")
    work = store.path.parent / "work"
    folder, path = module_run(store, "def value():\n    return 1.0\n")
    (work / "v.txt").write_text("0.5")
    path.write_text(text.format(7))
    assert replay(folder).verdict.kind == REPRODUCED


def test_a_module_that_was_reloaded_is_so_again(store) -> None:
    """Each time as it was in the execution that is repeated."""
    wait = "import time\nfrom nbtracker.notebook.session import recorder\n"
    wait += "while not recorder().view().modules: time.sleep(0.05)"
    edit = "from pathlib import Path\nfrom importlib import reload\nimport os\n"
    edit += "if 'NBTRACKER_REPLAY_OF' not in os.environ:\n"
    edit += "    _ = Path('helper_of_mine.py').write_text('def value():\\n    return 0.75 + 1\\n')"
    folder, _ = module_run(
        store, "def value():\n    return 0.25\n", wait, edit,
        "reload(helper_of_mine)\nrun.log({'x': helper_of_mine.value()})",
    )  # fmt: skip
    result = replay(folder)
    assert result.verdict.kind == REPRODUCED, str(result)


def test_a_module_with_a_secret_is_imported_as_it_lies_on_the_disk(store) -> None:
    """What was kept of it lacks the secret, and could not run."""
    key = "ghp_" + "a1B2" * 9
    folder, _ = module_run(store, f"KEY = '{key}'\ndef value():\n    return len(KEY) / 4\n")
    result = replay(folder)
    assert result.verdict.kind == REPRODUCED, str(result)
    assert "a secret was taken out of what was kept" in "\n".join(result.notes)
