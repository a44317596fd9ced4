"""A journal with holes seems to have any size, and costs what its bytes cost."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import record

from nbtracker.journal import holes, reader
from nbtracker.journal.frames import HEAD, RECORD, head, seal
from nbtracker.journal.holes import next_data
from nbtracker.journal.reader import Damage, JournalReader
from nbtracker.journal.records import Heartbeat, encode
from nbtracker.store.layout import Store
from nbtracker.views.run import read_run

CHUNK = 4_096
BYTES = {"zeros": b"\0", "junk": b"x\xb5", "magic": b"\xb5N\x01\0\xff\x7f\0\0"}
PAGES = st.lists(
    st.tuples(st.sampled_from(["hole", "frame", *BYTES]), st.integers(1, 12)), max_size=6
)


@pytest.fixture
def with_holes(tmp_path: Path) -> None:
    """Skip where files have no holes."""
    file = tmp_path / "holes"
    file.touch()
    os.truncate(file, 2**30)
    with file.open("rb", buffering=0) as opened:
        if next_data(opened, 0) != 2**30:
            pytest.skip("files have no holes here")


class Counted:
    """Counts the bytes that are parsed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.n_bytes = 0
        plain = JournalReader._parse

        def counted(one: JournalReader, data: bytes, **named: bool):
            self.n_bytes += len(data)
            return plain(one, data, **named)

        monkeypatch.setattr(JournalReader, "_parse", counted)


@pytest.mark.usefixtures("with_holes")
def test_a28_a_large_hole_is_passed_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one damage, and what stands before it is read."""
    folder = record(store, "r", rows=[{"loss": 1.0}] * 10)
    size = folder.journals[0].stat().st_size
    os.truncate(folder.journals[0], 2**33)
    counted = Counted(monkeypatch)
    view = read_run(folder)
    assert view.n_rows == 10
    assert {one.reason for one in view.damages} == {"no frame begins here"}
    assert (view.damages[0].start, view.damages[-1].end) == (size, 2**33)
    assert counted.n_bytes < 10 * reader.CHUNK
    assert not view.refresh()
    assert counted.n_bytes < 10 * reader.CHUNK


@pytest.mark.usefixtures("with_holes")
def test_what_is_written_while_a_hole_is_measured_is_no_hole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer may go on at any moment."""
    file = tmp_path / "file"
    file.touch()
    os.truncate(file, 2**20)
    plain = os.lseek

    def seek(fd: int, start: int, how: int) -> int:
        try:
            return plain(fd, start, how)
        finally:
            with file.open("ab") as appended:
                appended.write(b"written just now")

    monkeypatch.setattr(os, "lseek", seek)
    with file.open("rb", buffering=0) as opened:
        assert next_data(opened, 4_096) == 2**20


def append(journal: Path) -> None:
    """Write a record behind all that is there."""
    with journal.open("ab") as file:
        file.write(seal(head(RECORD, encode(Heartbeat(at=7.0))), file.tell()))


@pytest.mark.usefixtures("with_holes")
def test_what_is_written_behind_a_hole_is_read(store: Store) -> None:
    """Only the hole is damage."""
    folder = record(store, "r", rows=[{"loss": 1.0}] * 10)
    (journal,) = folder.journals
    size = journal.stat().st_size
    os.truncate(journal, 2**32)
    view = read_run(folder)
    append(journal)
    view.refresh()
    assert (view.n_rows, view.heartbeat_at) == (10, 7.0)
    found, damaged = said(journal)
    assert found[-1] == 7.0
    assert damaged == [(size, 2**32)]


@settings(max_examples=60)
@given(pages=PAGES)
def test_holes_read_as_the_zeros_that_they_are(tmp_path_factory, pages):
    """The same frames are found, and the same bytes are damaged, whether or not holes are known."""
    folder = tmp_path_factory.mktemp("store")
    journal = written(Store(folder), pages)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "CHUNK", CHUNK)
        skipping = said(journal)
        patch.setattr(holes, "_SEEK_DATA", None)
        assert said(journal) == skipping


def written(store: Store, pages: list[tuple[str, int]]) -> Path:
    """A journal with all kinds of bytes behind its rows, and a frame behind each."""
    folder = record(store, "r", rows=[{"loss": 1.0}] * 5)
    journal = folder.journals[0]
    for kind, n_pages in pages:
        if kind == "hole":
            os.truncate(journal, journal.stat().st_size + n_pages * CHUNK)
        elif kind == "frame":
            append_sparse(journal, n_pages * CHUNK)
        else:
            with journal.open("ab") as file:
                file.write(BYTES[kind] * (n_pages * CHUNK // len(BYTES[kind])))
        append(journal)
    return journal


def append_sparse(journal: Path, n_bytes: int) -> None:
    """Write a frame of a later version behind some junk, of which most is a hole."""
    with journal.open("ab") as file:
        file.write(b"junk")
        start = file.tell()
    whole = seal(head(9, bytes(n_bytes)), start)
    with journal.open("r+b") as file:
        file.seek(start)
        file.write(whole[: HEAD.size])
        file.seek(start + len(whole) - 4)
        file.write(whole[-4:])


def said(journal: Path) -> tuple[list[object], list[tuple[int, int]]]:
    """The records of a journal, and the bytes that are damaged, neighbours joined."""
    found: list[object] = []
    damaged: list[tuple[int, int]] = []
    for item in JournalReader(journal).read():
        if not isinstance(item, Damage):
            found.append(getattr(item, "at", None))
        elif damaged and damaged[-1][1] == item.start:
            damaged[-1] = (damaged[-1][0], item.end)
        else:
            damaged.append((item.start, item.end))
    return found, damaged
