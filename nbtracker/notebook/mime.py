"""What displays and errors hold: without secrets, and of a bounded size."""

from collections.abc import Mapping
from typing import Any

from nbtracker.redaction import Redactor

MIB = 1024 * 1024
MOST_DISPLAY_BYTES, MOST_METADATA_BYTES = 4 * MIB, 64 * 1024
# Of a text that is too long, so much is kept. Units: characters.
MOST_TEXT = 128 * 1024
# Of a traceback that is too long, its beginning and its end.
_FRAMES = 50
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n"
_BINARY = ("image/", "audio/", "video/", "application/pdf", "application/octet-stream")
# How pictures begin, and how long what is no picture hardly ever is.
_BEGINNINGS, _LONG = ("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "Qk", "JVBERi0"), 4096


def size_of(item: Any) -> int:
    """About how much a piece of a display takes. Units: bytes."""
    if isinstance(item, str):
        return len(item)
    if isinstance(item, dict):
        return 2 + sum(size_of(key) + size_of(value) + 2 for key, value in item.items())
    if isinstance(item, list | tuple):
        return 2 + sum(size_of(value) + 1 for value in item)
    return 8


def size_shown(content: Mapping[str, Any]) -> int:
    """How much a message shows: exact for text, about so much for a display. Units: bytes."""
    text = content.get("text")
    if isinstance(text, str):
        return len(text.encode("utf-8", "surrogatepass"))
    return size_of(content.get("data") or content.get("traceback"))


def bounded_display(redactor: Redactor, data: dict[str, Any]) -> dict[str, Any]:
    """Redact a display; of one that is too large, only its text stays, which names it."""
    sizes = {mime: size_of(item) for mime, item in data.items()}
    if sum(sizes.values()) > MOST_DISPLAY_BYTES:
        text = str(data.get("text/plain", ""))[:MOST_TEXT]
        named = ", ".join(f"{mime[:200]}: {size:,} bytes" for mime, size in sizes.items())
        named = named[:MOST_TEXT]
        data = {"text/plain": f"{text}\n[not kept, as it is too large: {named}]".lstrip()}
    return {
        redactor.redact(mime): (
            item if _is_opaque(mime, item) else redactor.redact_value(item, shown=True)
        )
        for mime, item in data.items()
    }


def bounded_metadata(redactor: Redactor, metadata: dict[str, Any]) -> dict[str, Any]:
    """Redact what is said about a display; too much of it is left out."""
    if size_of(metadata) > MOST_METADATA_BYTES:
        return {}
    return {
        redactor.redact(mime): redactor.redact_value(item, shown=True)
        for mime, item in metadata.items()
    }


def bounded_error(redactor: Redactor, said: Mapping[str, Any]) -> dict[str, Any]:
    """Redact an error; of a very long traceback its beginning and its end stay."""
    found = said.get("traceback")
    trace = found if isinstance(found, list) else []
    if len(trace) > 2 * _FRAMES:
        cut = f"... {len(trace) - 2 * _FRAMES} more ..."
        trace = [*trace[:_FRAMES], cut, *trace[-_FRAMES:]]
    kept = [str(line)[:MOST_TEXT] for line in trace]
    return {
        "ename": redactor.redact(str(said.get("ename"))[:MOST_TEXT]),
        "evalue": redactor.redact(str(said.get("evalue"))[:MOST_TEXT]),
        # A secret may go over several of them.
        "traceback": redactor.redact("\0".join(kept)).split("\0"),
    }


def _is_opaque(mime: str, item: Any) -> bool:
    """Whether it is base64 of a picture or sound, which a change would break."""
    if not (isinstance(item, str) and item.isascii() and mime.startswith(_BINARY)):
        return False
    if len(item) < _LONG and not item.startswith(_BEGINNINGS):
        return False
    return not item.encode("ascii").translate(None, _BASE64)
