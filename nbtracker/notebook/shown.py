"""What cells showed the second time, beside what they showed the first time."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from nbtracker.store.sessions import SessionFolder
from nbtracker.views.outputs import outputs_of
from nbtracker.views.session import Execution

# What is new each time and means nothing: addresses, times of %time, ids of runs.
_VARYING = re.compile(
    r"0x[0-9a-f]{6,}|\b\d+(?:\.\d+)? ?(?:ns|[µu]s|ms|s)\b|(?:nbtracker:|<nbtracker) run [^\n]*"
)
_REPLAY = re.compile(r"^\s*[%!]\s*(?:tracker|nbtracker)\s+replay\b", re.MULTILINE)
_SHOWN = 60


def why_failed(
    executions: Sequence[Execution],
    outputs: Sequence[Sequence[Mapping[str, Any]]],
    tracebacks: Mapping[int, str],
) -> list[str]:
    """Say which cells fail now and did not, or fail otherwise, or fail no more."""
    found = []
    for place, (one, shown) in enumerate(zip(executions, outputs, strict=False), start=1):
        error = next((said for said in shown if said.get("output_type") == "error"), None)
        which = f"cell {place} of {len(executions)} (execution {one.number})"
        if error is not None and not _REPLAY.search(one.source or ""):
            name = str(error.get("ename", "an error"))
            if one.status == "ok":
                found.append(f"{which} failed: {name}: {_short(str(error.get('evalue', '')))}")
            elif one.error_name not in (None, name):
                found.append(f"{which} failed with {name}, and with {one.error_name} before")
        elif error is None and one.status == "error" and one.number in tracebacks:
            found.append(f"{which} failed with {one.error_name} before, and does not now")
    return found


def first_difference(
    folder: SessionFolder,
    executions: Sequence[Execution],
    outputs: Sequence[Sequence[Mapping[str, Any]]],
) -> str | None:
    """Say where cells first show something else; None if they show the same."""
    for place, (one, shown) in enumerate(zip(executions, outputs, strict=False), start=1):
        old, new = _lines(outputs_of(folder, one.number)), _lines(shown)
        if old == new:
            continue
        n = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
        n = min(len(old), len(new)) if n is None else n
        was = _short(old[n]) if n < len(old) else "nothing"
        now = _short(new[n]) if n < len(new) else "nothing"
        return (
            f"cell {place} of {len(executions)} (execution {one.number}) showed {was}, "
            f"and now {now}"
        )
    return None


def _lines(outputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Text of outputs by lines, without what is new each time."""
    said: dict[str, list[str]] = {}
    for output in outputs:
        kind = str(output.get("output_type"))
        if kind == "stream":
            text = output.get("text", "")
        elif kind == "error":
            text = f"{output.get('ename')}: {output.get('evalue')}"
        else:
            text = output.get("data", {}).get("text/plain", "")
        joined = "".join(text) if isinstance(text, list) else str(text)
        said.setdefault(str(output.get("name", kind)), []).append(joined)
    lines = [line for texts in said.values() for line in "".join(texts).splitlines()]
    return [kept for line in lines if (kept := _VARYING.sub("", line).strip())]


def _short(text: str) -> str:
    line = text.strip().split("\n")[0]
    return repr(line if len(line) <= _SHOWN else f"{line[:_SHOWN]}...")
