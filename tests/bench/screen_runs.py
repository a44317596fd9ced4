"""Runs that the screen's rows show, written as fast as possible."""

import zlib
from pathlib import Path
from typing import Any

PROJECT = "bench"
AT = 1.7e9
BLOCK = 500_000


def make_wide(folder: Path, run_id: str, n_rows: int, n_metrics: int) -> None:
    """A finished run of some metrics with noise, a few NaN and a spike each."""
    import numpy as np

    rows = np.arange(n_rows)
    noise = np.random.default_rng(7)
    columns = {}
    for i in range(n_metrics):
        values = np.exp(-rows / n_rows * (i + 1)) + noise.normal(0, 0.02, n_rows)
        values[:: max(1, n_rows // 7)] = np.nan
        values[n_rows // 3 + i] += 1.0
        columns[f"part{i // 5}/metric{i}"] = values
    write_run(folder, run_id, columns)


def make_long(folder: Path, run_id: str, n_rows: int) -> None:
    """A finished run of one metric that has something to see at every width."""
    import numpy as np

    rows = np.arange(n_rows, dtype=np.float64)
    noise = np.random.default_rng(7).normal(0, 0.05, n_rows)
    write_run(folder, run_id, {"loss": np.sin(rows / n_rows * 20) + np.sin(rows / 5e3) / 4 + noise})


def write_run(folder: Path, run_id: str, columns: dict[str, Any]) -> None:
    """Write a journal as docs/journal.md describes it: many rows of one schema at once."""
    from nbtracker.journal.frames import seal
    from nbtracker.journal.records import Ended, RunStarted
    from nbtracker.journal.writer import JournalWriter
    from nbtracker.store.layout import MAIN_WRITER, Store

    path = Store(folder).run(PROJECT, run_id).journal(MAIN_WRITER)
    journal = JournalWriter(path)
    journal.append(RunStarted(at=AT, id=run_id, project=PROJECT, name=run_id))
    schema = journal.schema(tuple(columns), "d" * len(columns), None)
    journal.close()
    n_rows = len(next(iter(columns.values())))
    with path.open("ab") as file:
        file.write(seal(schema.encode(), file.tell()))
        for start in range(0, n_rows, BLOCK):
            file.write(_frames(schema, columns, start, min(start + BLOCK, n_rows), file.tell()))
    journal = JournalWriter(path)
    journal.append(Ended(at=AT + n_rows / 1000))
    journal.close()


def _frames(schema: Any, columns: dict[str, Any], start: int, stop: int, offset: int) -> bytes:
    import numpy as np

    from nbtracker.journal.frames import COMMIT, MASK, SEED

    lead = schema.heads[COMMIT]
    fields = [("lead", f"V{len(lead)}"), ("at", "<f8"), ("step", "<i8")]
    names = [f"v{i}" for i in range(len(columns))]
    frames = np.zeros(stop - start, [*fields, *((name, "<f8") for name in names), ("crc", "<u4")])
    frames["lead"] = np.frombuffer(lead, f"V{len(lead)}")
    frames["step"] = np.arange(start, stop)
    frames["at"] = AT + frames["step"] / 1000
    for name, values in zip(names, columns.values(), strict=True):
        frames[name] = values[start:stop]
    size = frames.dtype.itemsize
    offsets = (offset + np.arange(stop - start) * size) & MASK
    bodies = frames.view(np.uint8).reshape(-1, size)[:, :-4]
    frames["crc"] = _crc32(bodies, SEED) ^ offsets.astype(np.uint32)
    return frames.tobytes()


def _crc32(rows: Any, seed: int) -> Any:
    """The crc32 of each row of bytes."""
    import numpy as np

    table = np.array([~zlib.crc32(bytes([i]), 0xFFFFFFFF) & 0xFFFFFFFF for i in range(256)], "<u4")
    found = np.full(len(rows), seed ^ 0xFFFFFFFF, np.uint32)
    for column in np.ascontiguousarray(rows.T):
        found = table[(found ^ column) & 0xFF] ^ (found >> np.uint32(8))
    return ~found
