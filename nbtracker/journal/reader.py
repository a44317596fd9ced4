"""Read a journal, once or as it grows: a torn tail is not an error, damage is named.

Reading never writes, locks or executes anything, and needs memory for one chunk only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, TypeAlias
from zlib import crc32

from nbtracker.journal.frames import (
    CHECKSUM,
    HEAD,
    MAGIC,
    MASK,
    MAX_PAYLOAD,
    OVERHEAD,
    RECORD,
    ROW,
    SCHEMA,
    SEED,
    is_whole,
)
from nbtracker.journal.holes import next_data
from nbtracker.journal.records import Record, decode
from nbtracker.journal.rows import Rows, Schema, frame_dtype
from nbtracker.journal.tails import cut_short

CHUNK = 4 * 1024 * 1024
# Below this many rows, one by one is faster than asking numpy.
_FEW = 32
# How often one read may go over the same bytes for nothing, in search of a whole frame, before
# it looks for short frames only. Units: times; bytes.
_PATIENCE, _SHORT = 32, 1024
_MAGIC_BYTES = MAGIC.to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are not what was written; what stands around them is read.

    Attributes:
        path: The journal.
        start: The first damaged byte.
        end: The first byte that is whole again, or the end of the journal.
        reason: What is wrong, in words.
    """

    path: Path
    start: int
    end: int
    reason: str


Item: TypeAlias = Record | Rows | Damage


class JournalReader:
    """Gives what a journal says, each time from where the last call ended.

    Attributes:
        path: The journal.
        end: Behind what was read, damage included; behind it stands at most a write that was
            cut short. Units: bytes.
        whole_end: Behind the last whole frame; 0 if there was none. Units: bytes.
        schemas: The schemas read so far, by id.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.end = self.whole_end = 0
        self.schemas: dict[int, Schema] = {}
        self._look = _FEW
        self._patience = 0

    def read(self) -> Iterator[Item]:
        """Yield what was appended since the last call; a torn tail waits for the next.

        Raises:
            OSError: The journal is gone or may not be read.
        """
        with self.path.open("rb", buffering=0) as journal:
            begin = self.end
            journal.seek(begin)
            data, more = b"", b"-"
            self._patience = 0
            while more:
                more = journal.read(CHUNK)
                self._patience += _PATIENCE * len(more)
                data = data + more if data else more
                start = self.end
                yield from self._parse(data, final=not more)
                data = data[self.end - start :]
                # What waits for more bytes begins like a frame; anything else is damage.
                if data and not data.startswith(_MAGIC_BYTES):
                    skipped = self._skip_hole(journal, data)
                    if skipped is not None:
                        data = b""
                        yield skipped
            # Behind damage that was given in pieces, the rest is more of it.
            may_be_torn = self.end in (begin, self.whole_end)
            if data and not (may_be_torn and cut_short(data, self.schemas)):
                journal.seek(self.end)
                # While this was read, a writer may have replaced a torn tail.
                if journal.read(len(data) + 1) == data:
                    start, self.end = self.end, self.end + len(data)
                    reason = "no whole frame from here to the end"
                    yield Damage(self.path, start, self.end, reason)

    def _skip_hole(self, journal: FileIO, data: bytes) -> Damage | None:
        """Go to the end of a hole behind `data`, which stands at `self.end` and is damaged.

        None if there is no large one, or if a frame may begin in `data`.
        """
        start = self.end + len(data)
        if _MAGIC_BYTES in data:
            return None
        stop = next_data(journal, start)
        is_hole = stop - start > 2 * CHUNK
        journal.seek(stop if is_hole else start)
        if not is_hole:
            return None
        begin, self.end = self.end, stop
        return Damage(self.path, begin, stop, "no frame begins here")

    def _parse(self, data: bytes, *, final: bool) -> Iterator[Item]:
        """Yield the whole frames of `data`, which begins at `self.end`."""
        base, pos = self.end, 0
        while len(data) - pos >= HEAD.size:
            magic, frame_type, _, length = HEAD.unpack_from(data, pos)
            stop = pos + length + OVERHEAD
            plausible = magic == MAGIC and length <= MAX_PAYLOAD
            if plausible and stop > len(data) and not final:
                return
            if not plausible or not self._is_whole(data, pos, stop, base + pos):
                found = self._next_whole(data, pos + 1, base)
                if found is None and (final or len(data) - pos < 2 * CHUNK):
                    return  # a torn tail, or damage of which the end is not known yet
                # Not final: the frame that is broken may go on in the next chunk.
                stop = found if found is not None else max(pos + 1, len(data) - HEAD.size)
                self.end = base + stop
                reason = "no whole frame begins here" if plausible else "no frame begins here"
                yield Damage(self.path, base + pos, self.end, reason)
            elif frame_type == ROW:
                stop = yield from self._rows(data, pos, stop, base)
            else:
                self.end = self.whole_end = base + stop
                yield from self._said(frame_type, data[pos + HEAD.size : stop - CHECKSUM.size])
            pos = stop

    def _next_whole(self, data: bytes, start: int, base: int) -> int | None:
        """Where the next frame begins that passes its checksum."""
        pos = data.find(_MAGIC_BYTES, start)
        while 0 <= pos <= len(data) - OVERHEAD:
            _, _, _, length = HEAD.unpack_from(data, pos)
            stop = pos + length + OVERHEAD
            if self._is_whole(data, pos, stop, base + pos):
                return pos
            pos = data.find(_MAGIC_BYTES, pos + 1)
        return None

    def _is_whole(self, data: bytes, start: int, stop: int, offset: int) -> bool:
        """Whether a frame is there and whole, as far as there is patience to look.

        Forged heads could ask for the checksum of everything, over and over.
        """
        length = stop - start - OVERHEAD
        if stop > len(data) or (length > _SHORT and length > self._patience):
            return False
        if is_whole(data, start, stop, offset):
            return True
        if length > _SHORT:
            self._patience -= length
        return False

    def _said(self, frame_type: int, payload: bytes) -> Iterator[Item]:
        try:
            if frame_type == RECORD:
                yield decode(payload)
            elif frame_type == SCHEMA:
                schema = Schema.decode(payload)
                self.schemas[schema.id] = schema
        except (ValueError, RecursionError) as error:
            start = self.end - len(payload) - OVERHEAD
            yield Damage(self.path, start, self.end, f"the frame is whole but unreadable: {error}")

    def _rows(self, data: bytes, pos: int, stop: int, base: int) -> Any:
        """Yield the rows that begin at `pos`, as many as share a schema; return their end."""
        schema_id = int.from_bytes(data[pos + HEAD.size : pos + HEAD.size + 4], "little")
        schema = self.schemas.get(schema_id)
        if schema is None or stop - pos != schema.size:
            self.end = self.whole_end = base + stop
            yield Damage(self.path, base + pos, self.end, "the schema of this row is lost")
            return stop
        n = self._count(schema, data, pos, base)
        stop = pos + n * schema.size
        self.end = self.whole_end = base + stop
        yield Rows(schema, data[pos:stop])
        return stop

    def _count(self, schema: Schema, data: bytes, pos: int, base: int) -> int:
        """How many whole rows of `schema` stand in a row at `pos`; at least one."""
        most = (len(data) - pos) // schema.size
        look = min(most, self._look)
        if look >= _FEW:
            n = _count_many(schema, data, pos, base, look)
            self._look = self._look * 4 if n == look else max(_FEW, n)
            if n:
                return n
        n, size = 1, schema.size
        start = data[pos : pos + HEAD.size + 4]
        while n < min(most, _FEW):
            at = pos + n * size
            # The flags, the fourth byte, may differ.
            alike = data[at : at + 3] == start[:3] and data[at + 4 : at + 12] == start[4:]
            if not alike or not is_whole(data, at, at + size, base + at):
                break
            n += 1
        if n == _FEW:
            self._look = max(self._look, _FEW)
        return n


def _count_many(schema: Schema, data: bytes, pos: int, base: int, look: int) -> int:
    """How many of the next `look` frames are rows of `schema`; 0 if one of them is broken."""
    try:
        import numpy as np
    except ImportError:
        return 0
    size = schema.size
    dtype = frame_dtype(schema)
    rows = np.frombuffer(data, dtype=dtype, count=look, offset=pos)
    alike = (rows["magic"] == MAGIC) & (rows["type"] == ROW)
    alike &= (rows["length"] == schema.length) & (rows["schema"] == schema.id)
    n = look if alike.all() else int(alike.argmin())
    if n < _FEW:
        return 0
    copy = bytearray(memoryview(data)[pos : pos + n * size])
    offsets = base + pos + size * np.arange(n, dtype=np.int64)
    np.frombuffer(copy, dtype=dtype)["checksum"] ^= (offsets & MASK).astype(np.uint32)
    return n if crc32(copy, SEED) == SEED else 0
