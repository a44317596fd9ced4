"""Files that cells read are named, with size and digest; nothing else is."""

import os
from pathlib import Path

import pytest
from kernels import kernel

from nbtracker.journal.cells import DataRead
from nbtracker.notebook.reading import MAX_BYTES
from nbtracker.store.blobs import digest_of
from nbtracker.store.sessions import session_folders
from nbtracker.views.session import read_session

LOAD = "%load_ext nbtracker"
READ = "open({!r}, 'rb').read()"


def read_by(store, *cells: str) -> list[DataRead]:
    """What a kernel recorded that executed these cells, behind the one that loads it."""
    with kernel() as one:
        for cell in (LOAD, *cells):
            shown = one.run(cell)
            assert (shown.status, shown.stderr) == ("ok", "")
    return [read for folder in session_folders(store) for read in read_session(folder).data]


@pytest.fixture
def data(store) -> Path:
    """A file that a cell may read."""
    path = store.path.parent / "some data.bin"
    path.write_bytes(os.urandom(3_000_000))
    return path


WAYS = {
    "open": "open('some data.bin', 'rb').read()",
    "a relative path": "open('./home/../some data.bin').close()",
    "pathlib": "from pathlib import Path\nPath('some data.bin').read_bytes()",
    "os.open": "import os\nos.close(os.open('some data.bin', os.O_RDONLY))",
    "a thread": "import threading\nt = threading.Thread(target=lambda: open('some data.bin').close())\nt.start()\nt.join()",
    "numpy": "import numpy as np\nnp.fromfile('some data.bin', dtype='u1').sum()",
    "pandas": "import pandas as pd\npd.read_csv('some data.bin', nrows=0, encoding='latin1', engine='python', sep='%%')",
    "many times": "for _ in range(100):\n    open('some data.bin').close()",
}  # fmt: skip


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("numpy", "pandas")])
def test_a_file_that_is_read_is_kept(store, data, way) -> None:
    """Once for each cell, with the digest of its bytes."""
    (read,) = read_by(store, WAYS[way])
    said = (read.number, read.path, read.size, read.digest)
    assert said == (2, str(data), 3_000_000, digest_of(data.read_bytes()))


def test_libraries_that_open_files_with_python_are_seen(store, data) -> None:
    """Two much used ones do."""
    reads = read_by(store, WAYS["numpy"], WAYS["pandas"])
    assert [(read.number, read.path) for read in reads] == [(2, str(data)), (3, str(data))]


def test_what_is_no_data_of_the_user_is_not_kept(store, data) -> None:
    """Files that are written, code, hidden ones, those of others and of packages, and the store."""
    (store.path.parent / "module.py").write_text("x = 1")
    (store.path.parent / ".hidden").mkdir()
    (store.path.parent / ".hidden" / "key").write_text("x")
    (store.path.parent / "site-packages").mkdir()
    (store.path.parent / "site-packages" / "words.txt").write_text("x")
    cells = [
        "open('written.txt', 'w').close()\nopen('some data.bin', 'r+b').close()",
        "import module",
        READ.format(".hidden/key"),
        READ.format("/etc/hostname"),
        READ.format("site-packages/words.txt"),
        "import nbtracker\nnbtracker.init().log({'x': 1})\nnbtracker.finish()",
        "open('/dev/null').close()",
        "1 / 1",
    ]  # fmt: skip
    assert read_by(store, *cells) == []


def test_what_a_skipped_cell_reads_is_not_kept(store, data) -> None:
    """Nor while recording is paused."""
    read = READ.format("some data.bin")
    assert read_by(store, f"%%tracker skip\n{read}", "%tracker pause", read) == []


def test_a_large_file_has_no_digest(store, data) -> None:
    """Its size is what tells it from another."""
    os.truncate(data, MAX_BYTES + 1)
    (read,) = read_by(store, READ.format("some data.bin").replace("read()", "close()"))
    assert (read.size, read.digest) == (MAX_BYTES + 1, None)


def test_a_file_that_changes_behind_its_reader_has_no_digest(store, data) -> None:
    """What was read is gone; the new bytes are not taken for it."""
    cell = "data = open('some data.bin', 'rb').read()\nopen('some data.bin', 'wb').write(b'x')"
    (read,) = read_by(store, cell)
    assert (read.size, read.digest) == (3_000_000, None)


def test_the_hook_never_raises_and_is_silent_when_unloaded(store, data) -> None:
    """Whatever is opened, or said to be; loaded again, it is there once."""
    odd = "import sys\nfor given in [(), (1,), ('a\\0', 'r', 0), (object(), 5, None), (b'\\xff', 'r', 0), ('', None, 0)]:\n    sys.audit('open', *given)"
    read = READ.format("some data.bin")
    cells = [odd, "%tracker status", "%unload_ext nbtracker", read, LOAD, "1", read]
    reads = read_by(store, *cells)
    assert [read.path for read in reads] == [str(data)]


def test_little_is_remembered_however_long_a_kernel_lives(store) -> None:
    """Of digests, of cells that are not kept, and of those that failed."""
    bound = "from nbtracker.notebook import hooks, reading, session\n"
    bound += "reading.MOST_REMEMBERED = hooks.MOST_FAILURES = 2\nmine = session.recorder()"
    for name in "abcd":
        (store.path.parent / name).write_text(name)
    read = "for name in 'abcd':\n    open(name).close()"
    look = "mine.writer.hand_over(mine.reading._finish, patience_s=20)\n"
    look += (
        "print(len(mine.hooks._failures), len(mine.reading._silent), len(mine.reading._digests))"
    )
    with kernel() as one:
        for cell in (LOAD, bound, *["%%tracker skip\n1 / 0"] * 4, read):
            one.run(cell)
        assert one.run(look).stdout == "2 2 2\n"


def test_more_files_than_can_be_kept_are_left_out(store) -> None:
    """The first ones are kept."""
    (store.path.parent / "many").mkdir()
    for n in range(1_100):
        (store.path.parent / "many" / str(n)).write_text(str(n))
    reads = read_by(store, "for n in range(1100):\n    open(f'many/{n}').close()")
    assert (len(reads), all(read.digest for read in reads)) == (1_000, True)
