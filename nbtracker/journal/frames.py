"""The frame: how one piece of a journal is laid out, and how its damage is found.

    magic 2 | type 1 | flags 1 | payload length 4 | payload | checksum 4      little-endian

The checksum is the crc32 of all before it, begun at `SEED`, then xor-ed with the low 32
bits of the frame's own offset in the file: a block that was moved or doubled does not pass.
`SEED` is the residue that a crc32 has after any message followed by its own crc32. So,
once the offsets are xor-ed out again, one crc32 over a whole run of frames that begins at
`SEED` ends at `SEED` if and only if every frame in it is whole: a million rows are
checked at the speed of one C call.
"""

import struct
from zlib import crc32

MAGIC = 0x4EB5  # b"\xb5N": no text in UTF-8 begins like this
HEAD = struct.Struct("<HBBI")
CHECKSUM = struct.Struct("<I")
SEED = 0x2144DF1C
MASK = 0xFFFFFFFF
OVERHEAD = HEAD.size + CHECKSUM.size
MAX_PAYLOAD = 64 * 1024 * 1024
"""A longer frame is refused when written and taken for damage when read. Units: bytes."""

TITLE, RECORD, SCHEMA, ROW = 0, 1, 2, 3
"""Frame types: the first frame of a file; a record or a schema as JSON; a packed row."""

TITLE_PAYLOAD = b"nbtracker journal 1\n"

COMMIT, LATE, SEGMENT = 1, 2, 4
"""Flags of a row, with the meaning that `records.Row` gives their names."""


def seal(body: bytes, offset: int) -> bytes:
    """Add the checksum to a head and payload that will stand at `offset`."""
    return body + CHECKSUM.pack(crc32(body, SEED) ^ (offset & MASK))


def head(frame_type: int, payload: bytes, flags: int = 0) -> bytes:
    """Put a head before a payload.

    Raises:
        ValueError: The payload is longer than `MAX_PAYLOAD`.
    """
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(
            f"a record of {len(payload):,} bytes is too long: the most is {MAX_PAYLOAD:,}"
        )
    return HEAD.pack(MAGIC, frame_type, flags, len(payload)) + payload


def is_whole(data: bytes, start: int, end: int, offset: int) -> bool:
    """Whether `data[start:end]` is one whole frame that belongs at `offset`."""
    body_end = end - CHECKSUM.size
    checksum: int = CHECKSUM.unpack_from(data, body_end)[0]
    return crc32(memoryview(data)[start:body_end], SEED) ^ (offset & MASK) == checksum
