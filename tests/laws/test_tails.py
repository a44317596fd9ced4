"""Law 1, from its other end: only a write that was cut short is cut off; all else is kept."""

import itertools

import pytest
from samples import read, told, write_sample

from nbtracker.errors import JournalDamagedError
from nbtracker.journal.reader import Damage, JournalReader
from nbtracker.journal.records import Heartbeat
from nbtracker.journal.tails import MAX_ZEROS
from nbtracker.journal.writer import JournalWriter

RECORD = b"\xb5N\x01"
"""How the frame of a record begins."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The bytes of a small journal."""
    path = tmp_path_factory.mktemp("whole") / "main.journal"
    write_sample(path)
    return path.read_bytes()


def go_on(path):
    """Let another writer add one record."""
    writer = JournalWriter(path)
    writer.append(Heartbeat(at=7.0))
    writer.close()


def test_f4_a_byte_that_is_missing_costs_no_byte_behind_it(tmp_path):
    """All behind it is named as damage, the next writer keeps it, and is read behind it."""
    path = tmp_path / "main.journal"
    write_sample(path, 5000)
    data = path.read_bytes()
    shifted = data[:20_000] + data[20_001:]
    path.write_bytes(shifted)
    said, (damage,) = read(path)
    assert damage.start <= 20_000
    assert damage.end == len(shifted)
    go_on(path)
    assert path.read_bytes()[: len(shifted)] == shifted
    again, (still,) = read(path)
    assert again == [*said, repr(Heartbeat(at=7.0))]
    assert (still.start, still.end) == (damage.start, damage.end)


def test_f4_whichever_byte_is_missing_a_writer_destroys_at_most_the_last_frame(sample, tmp_path):
    """Lengths that became others by the shift are no excuse to cut off what follows."""
    path, last = tmp_path / "main.journal", sample.rindex(RECORD)
    for missing in range(last):
        path.write_bytes(shifted := sample[:missing] + sample[missing + 1 :])
        try:
            go_on(path)
        except JournalDamagedError:
            assert missing < 32
        assert path.read_bytes()[: len(shifted)] == shifted, missing


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)) * 36, b"x", b"text\n", b"\xb5N\x07\0\1\0\0\0yyyyyyyyyy", b"\0" * 9 + b"1"],
)
def test_f4_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path, data):
    """Whoever would write into it is told what to do; readers name all of it as damage."""
    path = tmp_path / "main.journal"
    path.write_bytes(data)
    with pytest.raises(JournalDamagedError, match="move it away"):
        JournalWriter(path)
    assert path.read_bytes() == data
    assert [(damage.start, damage.end) for damage in read(path)[1]] == [(0, len(data))]


def test_f4_a_journal_without_its_title_is_gone_on_with(sample, tmp_path):
    """One wrong bit in the first frame does not make it another file."""
    path = tmp_path / "main.journal"
    path.write_bytes(damaged := b"x" + sample[1:])
    go_on(path)
    assert path.read_bytes()[: len(damaged)] == damaged
    assert len(read(path)[1]) == 1


def test_a_follower_takes_no_write_in_progress_for_damage(sample, tmp_path):
    """A journal that grows byte by byte is read frame by frame."""
    path = tmp_path / "main.journal"
    reader, items = JournalReader(path), []
    with path.open("wb", buffering=0) as journal:
        for i in range(len(sample)):
            journal.write(sample[i : i + 1])
            items += reader.read()
    path.write_bytes(sample)
    assert (told(items), reader.end) == (read(path)[0], len(sample))
    assert not any(isinstance(item, Damage) for item in items)


def test_a_follower_reads_on_behind_damage(sample, tmp_path):
    """What a writer adds behind it, byte by byte, is no damage."""
    path = tmp_path / "main.journal"
    path.write_bytes(damaged := sample[:-1] + b"?")
    reader = JournalReader(path)
    before = list(reader.read())
    go_on(path)
    whole = path.read_bytes()
    added = []
    for end in range(len(damaged), len(whole) + 1):
        path.write_bytes(whole[:end])
        added += reader.read()
    assert isinstance(before[-1], Damage)
    assert added == [Heartbeat(at=7.0)]


@pytest.mark.parametrize("n_torn", [3, 20, 60])
def test_a_tail_that_is_replaced_while_it_is_read_is_no_damage(sample, tmp_path, n_torn):
    """A reader may hold the old half of a frame, and find the new one behind it."""
    path, last = tmp_path / "main.journal", sample.rindex(RECORD)
    path.write_bytes(sample[: last + n_torn])
    reader = JournalReader(path)
    reading = reader.read()
    items = [next(reading)]
    go_on(path)
    items += [*reading, *reader.read()]
    assert told(items) == read(path)[0]
    assert items[-1] == Heartbeat(at=7.0)


@pytest.mark.parametrize("n_left", [0, 3, 9, 20])
def test_f5_zeros_that_a_crash_of_the_machine_left_are_cut_off(sample, tmp_path, n_left):
    """A file may have grown on disk before its bytes arrived: that is a torn tail, too."""
    path, last = tmp_path / "main.journal", sample.rindex(RECORD)
    path.write_bytes(sample[: last + n_left] + bytes(3000))
    said, damages = read(path)
    go_on(path)
    assert damages == []
    assert read(path) == ([*said, repr(Heartbeat(at=7.0))], [])
    assert path.stat().st_size < last + 3000


def test_f5_more_zeros_than_one_crash_leaves_are_damage(sample, tmp_path):
    """They are kept like any other bytes that were not written."""
    path = tmp_path / "main.journal"
    path.write_bytes(sample + bytes(MAX_ZEROS + 1))
    assert [damage.start for damage in read(path)[1]] == [len(sample)]
    go_on(path)
    assert path.stat().st_size > len(sample) + MAX_ZEROS


def test_f4_a_long_damage_is_one_region_to_the_end(sample, tmp_path):
    """Longer than what is read at once, and its last part zeros: nothing of it is cut off."""
    path = tmp_path / "main.journal"
    path.write_bytes(data := sample + b"?" * 9_000_000 + bytes(500_000))
    damages = read(path)[1]
    assert (damages[0].start, damages[-1].end) == (len(sample), len(data))
    assert all(one.end == other.start for one, other in itertools.pairwise(damages))
    go_on(path)
    assert path.read_bytes()[: len(data)] == data
