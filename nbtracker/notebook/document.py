"""The notebook's document as it stands on the disk."""

import json
import os
from pathlib import Path
from typing import Any

from nbtracker.notebook.hooks import is_skipped
from nbtracker.notebook.intake import Redact, read_regular
from nbtracker.redaction import REDACTED

MAX_DOCUMENT_BYTES = 20 << 20

_BINARY = ("image/", "audio/", "video/", "font/", "application/pdf", "application/octet-stream")


def read_document(
    path: str | os.PathLike[str], *, outputs: bool = False, redact: Redact | None = None
) -> bytes | None:
    """Read a notebook's document.

    Args:
        path: The `.ipynb` file.
        outputs: Whether outputs stay in it; executions keep their own.
        redact: Takes secrets out of a text.

    Cells that ask not to be kept are blank in it.

    Returns:
        The bytes as they are if there is nothing to be taken out. None if it is no regular file
        of at most 20 MiB, hidden, or no notebook.
    """
    if Path(path).name.startswith("."):
        return None
    data = read_regular(os.fspath(path), MAX_DOCUMENT_BYTES)
    try:
        document = None if data is None else json.loads(data)
        if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
            return None
        clean = {**document, "cells": [_without_skipped(cell) for cell in document["cells"]]}
        clean = clean if outputs else _without_outputs(clean)
        clean = clean if redact is None else _redacted(clean, redact)
        return data if clean == document else _spelled(clean)
    except (ValueError, RecursionError):
        return None


def _without_skipped(cell: Any) -> Any:
    """Take out what a cell says and showed that asks not to be kept."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return cell
    said = cell.get("source")
    source = "".join(map(str, said)) if isinstance(said, list) else str(said)
    return {**cell, "source": REDACTED, "outputs": []} if is_skipped(source) else cell


def _without_outputs(document: dict[str, Any]) -> dict[str, Any]:
    metadata = document.get("metadata")
    kept = dict(document)
    if isinstance(metadata, dict) and "widgets" in metadata:
        kept["metadata"] = {name: said for name, said in metadata.items() if name != "widgets"}
    kept["cells"] = [_bare(cell) for cell in document["cells"]]
    return kept


def _bare(cell: Any) -> Any:
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return cell
    return {**cell, "outputs": [], "execution_count": None}


def _redacted(said: Any, redact: Redact) -> Any:
    """Take secrets out of every text; the lines of one are read together."""
    if isinstance(said, str):
        return redact(said)
    if isinstance(said, dict):
        return {
            redact(key): one if key.startswith(_BINARY) else _redacted(one, redact)
            for key, one in said.items()
        }
    if not isinstance(said, list):
        return said
    if said and all(isinstance(line, str) for line in said):
        text = "".join(said)
        clean = redact(text)
        return said if clean == text else clean.splitlines(keepends=True)
    return [_redacted(one, redact) for one in said]


def _spelled(document: dict[str, Any]) -> bytes:
    """Spell a document as Jupyter does."""
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a character, which only an escape can spell
        return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"
