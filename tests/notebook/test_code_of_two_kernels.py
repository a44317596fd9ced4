"""The code of a run that went on in another kernel: kept whole, made anew whole."""

import json
import time
from collections.abc import Iterable

from kernels import kernel
from recorded_cells import AT, Session

import nbtracker
from nbtracker.journal.cells import CellForgotten
from nbtracker.journal.records import CodeKept, Ended, RunStarted
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.kept_code import remake
from nbtracker.store.blobs import keep_blob
from nbtracker.store.layout import MAIN_WRITER, RunFolder, Store
from nbtracker.views.code import code_digest, code_files
from nbtracker.views.ledger import Ledger
from nbtracker.views.outputs import outputs_of
from nbtracker.views.run import read_run
from nbtracker.views.run_code import RunCode, last_numbers

SECRET = "word = 'Rumpelstilzchen'"


def run_of_two_kernels(store: Store) -> tuple[RunFolder, Session, Session]:
    """A run that began in the first of two sessions and went on in the second."""
    first, second = Session(store, "s1"), Session(store, "s2")
    for source in ("a = 1", SECRET):
        first.cell(source)
    second.cell("b = 2", at=100)
    folder = store.run("p", "r")
    writer = JournalWriter(folder.journal(MAIN_WRITER))
    for at, session in ((AT, "s1"), (AT + 100, "s2")):
        writer.append(RunStarted(at=at, id="r", project="p", name="n", session=session))
        writer.append(Ended(at=at + 50, exit_code=0))
    writer.close()
    return folder, first, second


def keep(folder: RunFolder, *, whole: bool) -> None:
    """Keep the code as the second kernel does at the run's end."""
    *earlier, (view, upto) = Ledger(read_run(folder)).sessions
    earlier = earlier if whole else []
    files = code_files(view, upto, outputs=lambda n: outputs_of(view.folder, n), earlier=earlier)
    store = Store(folder.store)
    kept = {path: keep_blob(store, data) for path, data in files.items()}
    writer = JournalWriter(folder.journal(MAIN_WRITER))
    writer.append(CodeKept(at=AT + 150, digest=code_digest(view, upto, earlier), files=kept))
    writer.append(Ended(at=AT + 150, exit_code=0))
    writer.close()


def sources(code: RunCode) -> list[str]:
    """What the cells say."""
    cells: Iterable[dict] = json.loads(code.read("cells.ipynb"))["cells"]
    return [cell["source"] for cell in cells]


def test_code_that_was_kept_with_the_cells_of_both_is_as_it_was_kept(store: Store) -> None:
    """Nothing has to be put together."""
    folder, first, _ = run_of_two_kernels(store)
    keep(folder, whole=True)
    first.folder.journal.unlink()
    code = RunCode(read_run(folder))
    assert (code.kept, sources(code)) == (True, ["a = 1", SECRET, "b = 2"])


def test_code_that_lacks_the_cells_of_one_is_put_together(store: Store) -> None:
    """As of a run whose last kernel was killed."""
    folder, _, _ = run_of_two_kernels(store)
    keep(folder, whole=False)
    code = RunCode(read_run(folder))
    assert (code.kept, sources(code)) == (False, ["a = 1", SECRET, "b = 2"])


def test_code_from_which_a_cell_is_taken_keeps_the_cells_of_both(store: Store) -> None:
    """Whichever kernel executed it; nothing of it is left."""
    folder, first, _ = run_of_two_kernels(store)
    for whole in (False, True):
        keep(folder, whole=whole)
    first.put(CellForgotten(at=AT + 200, number=2))
    remake(first.folder)
    code = RunCode(read_run(folder))
    assert sources(code) == ["a = 1", "*Cell #2: forgotten, as its user asked.*", "b = 2"]
    blobs = [path.read_bytes() for path in store.blobs.rglob("*") if path.is_file()]
    assert [data for data in blobs if b"Rumpelstilzchen" in data] == []


def test_the_second_kernel_can_keep_the_cells_of_the_first(store: Store) -> None:
    """As what is put together from the journals of both."""
    begin = "import nbtracker\nrun = nbtracker.init(project='p', id='r', resume='allow')"
    for _ in range(2):
        with kernel() as one:
            for cell in ("%load_ext nbtracker", begin, f"x = {time.time()}"):
                one.run(cell)
            ask = "from nbtracker.notebook.session import recorder\n"
            ask += "print(recorder().capture.code(recorder().number, run._folder).digest)"
            said = one.run(ask).stdout
            one.run("run.finish()")
    cells = [one.number for one in nbtracker.Api().run("p/r").cells()]
    *earlier, (view, upto) = Ledger(read_run(store.run("p", "r"))).sessions
    assert (len(cells), upto) == (10, 5)
    assert said.strip() == code_digest(view, upto - 1, earlier)


def test_code_of_brackets_without_end_has_no_cells(store: Store) -> None:
    """A store of somebody else may hold anything."""
    files = {"cells.ipynb": keep_blob(store, b"[" * 200_000)}
    assert last_numbers(store, CodeKept(at=AT, digest="d", files=files)) == {}
