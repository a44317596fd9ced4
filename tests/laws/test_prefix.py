"""Law 1: cut a journal at any byte, and what remains reads as a prefix of its records."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import read, write_sample

from nbtracker.journal.writer import JournalWriter

RECORD = b"\xb5N\x01"
"""How the frame of a record begins."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A small journal: its bytes, and what it says."""
    path = tmp_path_factory.mktemp("whole") / "main.journal"
    write_sample(path)
    return path.read_bytes(), read(path)[0]


@pytest.fixture(scope="module")
def long_sample(tmp_path_factory):
    """A journal in which numpy counts the rows: its bytes, what it says, and a place for others."""
    path = tmp_path_factory.mktemp("long") / "main.journal"
    write_sample(path, 200)
    return path.read_bytes(), read(path)[0], path.with_name("other.journal")


def is_within(part, whole):
    """Whether `part` is `whole` with some left out, in the same order."""
    rest = iter(whole)
    return all(one in rest for one in part)


def test_f2_a_journal_cut_at_any_byte_is_a_shorter_journal(sample, tmp_path):
    """Each of the cuts reads as a prefix, without damage, and never a shorter one than before."""
    data, whole = sample
    path, before = tmp_path / "cut.journal", 0
    for end in range(len(data) + 1):
        path.write_bytes(data[:end])
        said, damages = read(path)
        assert (said, damages) == (whole[: len(said)], [])
        assert len(said) in (before, before + 1)
        before = len(said)
    assert before == len(whole)


def test_f2_a_writer_goes_on_after_a_cut_at_any_byte(sample, tmp_path):
    """The torn tail is dropped, and what is added reads behind the prefix."""
    data, whole = sample
    for end in range(0, len(data), 7):
        path = tmp_path / f"{end}.journal"
        path.write_bytes(data[:end])
        n_before = len(read(path)[0])
        write_sample(path, 1)
        said, damages = read(path)
        assert damages == []
        assert said[:n_before] == whole[:n_before]
        assert len(said) == n_before + len(whole) - 2


def test_f3_no_flipped_bit_is_read_as_truth(sample, tmp_path):
    """With any one bit flipped, nothing is invented, and a loss is named.

    One bit of the last length may make it a frame that was cut short; no other can.
    """
    data, whole = sample
    path, last = tmp_path / "flipped.journal", data.rindex(RECORD)
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        said, damages = read(path)
        assert is_within(said, whole), bit
        assert damages or said == (whole[:-1] if last + 4 <= bit // 8 < last + 8 else whole), bit


def test_f3_damage_is_confined_to_the_frame_it_is_in(sample, tmp_path):
    """A flipped bit of a row costs that row alone, and the damage names its bytes."""
    data, whole = sample
    path = tmp_path / "flipped.journal"
    start = data.index(b"\xb5N\x03")
    flipped = bytearray(data)
    flipped[start + 30] ^= 1
    path.write_bytes(flipped)
    said, (damage,) = read(path)
    assert len(said) == len(whole) - 1
    assert damage.start <= start + 30 < damage.end


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["zero", "noise", "double", "drop", "swap"]),
    where=st.tuples(st.floats(0, 1), st.integers(1, 4096)),
    seed=st.integers(0, 2**32),
)
def test_f4_damaged_blocks_lose_only_what_they_held(long_sample, kind, where, seed):
    """Blocks that are zeroed, scrambled, doubled, dropped or swapped: no row is invented."""
    data, whole, path = long_sample
    start = int(where[0] * (len(data) - 1))
    end = min(len(data), start + where[1])
    block, chance = data[start:end], random.Random(seed)
    changed = {
        "zero": bytes(len(block)),
        "noise": chance.randbytes(len(block)),
        "double": block + block,
        "drop": b"",
        "swap": block[len(block) // 2 :] + block[: len(block) // 2],
    }[kind]
    path.write_bytes(data[:start] + changed + data[end:])
    said, damages = read(path)
    before = read_bytes(path, data[:start])
    assert said[: len(before)] == before == whole[: len(before)]
    assert is_within(said, whole)
    if end <= data.rindex(RECORD) and changed != block:
        # The last record was not touched: it is there, or is named as damage, to the last byte.
        assert damages
        if kind in ("double", "drop"):
            assert damages[-1].end == path.stat().st_size
        else:
            assert said[-1] == whole[-1]


def read_bytes(path, data):
    """What a journal of these bytes says; it stands beside `path` for a moment."""
    beside = path.with_name("part.journal")
    beside.write_bytes(data)
    return read(beside)[0]


def test_f4_a_lost_schema_costs_its_rows_up_to_the_next_one(tmp_path):
    """Rows whose schema is damaged are counted as damage; after 64 KiB it is said again."""
    path = tmp_path / "main.journal"
    write_sample(path, 3000)
    data = bytearray(path.read_bytes())
    data[data.index(b"\xb5N\x02") + 20] ^= 1
    path.write_bytes(data)
    said, damages = read(path)
    n_rows = sum("'loss', 'n'" in line for line in said)
    assert 3000 - 64 * 1024 // 49 - 1 <= n_rows < 3000
    assert damages[-1].end <= 2 * 64 * 1024


def test_f4_damage_before_the_end_survives_the_next_writer(sample, tmp_path):
    """A writer that goes on drops the torn tail only: what is damaged stays as it is."""
    data, _ = sample
    path = tmp_path / "main.journal"
    damaged = data[:200] + bytes(40) + data[240:]
    path.write_bytes(damaged)
    JournalWriter(path).close()
    assert path.read_bytes() == damaged
