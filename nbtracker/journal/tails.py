"""What may stand behind the last whole frame of a journal: a write that was cut short.

Only such a tail may be cut off. Anything else there is damage, and its bytes are kept: what
cannot be read today may be what somebody can repair.
"""

import re
from collections.abc import Mapping

from nbtracker.journal.frames import (
    CHECKSUM,
    HEAD,
    MAGIC,
    MAX_PAYLOAD,
    OVERHEAD,
    RECORD,
    ROW,
    SCHEMA,
    TITLE,
    TITLE_PAYLOAD,
)
from nbtracker.journal.rows import Schema

TORN, UNSYNCED = "torn", "unsynced"
"""A kill cut the last frame short; or a crash of the machine left zeros for what it lost."""

MAX_ZEROS = 1024 * 1024
"""More zeros than this are no trace of one crash. Units: bytes."""

_MAGIC_BYTES = MAGIC.to_bytes(2, "little")
# JSON spells these as escapes; the head of any frame has one, which a shifted tail shows.
_CONTROL = re.compile(rb"[\x00-\x1f]")


def cut_short(tail: bytes, schemas: Mapping[int, Schema]) -> str | None:
    """Tell what cut a journal short.

    Args:
        tail: All that stands behind the last whole frame; not empty.
        schemas: The schemas of the journal so far, by id.

    Returns:
        `TORN` or `UNSYNCED`; None if neither leaves such bytes, so that they are damage.
    """
    size = _frame_size(tail, schemas)
    if size is not None and len(tail) < size:
        return TORN
    written = tail.rstrip(b"\0")
    if len(tail) - len(written) > MAX_ZEROS:
        return None
    if not written:
        return UNSYNCED
    size = _frame_size(written, schemas)
    # A frame with a wrong bit ends with its checksum, one that was never written with zeros.
    return UNSYNCED if size is not None and len(written) <= size - CHECKSUM.size else None


def _frame_size(begun: bytes, schemas: Mapping[int, Schema]) -> int | None:
    """How long the frame is that `begun` may be the beginning of; None if it is none."""
    if len(begun) < HEAD.size:
        return HEAD.size + OVERHEAD if begun[:2] == _MAGIC_BYTES[: len(begun)] else None
    magic, frame_type, _, length = HEAD.unpack_from(begun)
    size = int(length) + OVERHEAD
    if magic != MAGIC or length > MAX_PAYLOAD or not _fits(frame_type, length, begun, schemas):
        return None
    return size


def _fits(frame_type: int, length: int, begun: bytes, schemas: Mapping[int, Schema]) -> bool:
    """Whether a payload that begins like this may be in a frame of this type and length."""
    payload = begun[HEAD.size : HEAD.size + length]
    if frame_type == TITLE:
        return length == len(TITLE_PAYLOAD) and TITLE_PAYLOAD.startswith(payload)
    if frame_type == ROW:
        schema = schemas.get(int.from_bytes(payload[:4], "little"))
        known = [schema] if schema else [] if len(payload) >= 4 else list(schemas.values())
        return any(length == one.length for one in known)
    if frame_type in (RECORD, SCHEMA):
        return payload[:1] in (b"", b"{") and not _CONTROL.search(payload)
    # A type of a later version: all that is known is that no other frame stands in it.
    return _MAGIC_BYTES not in payload
