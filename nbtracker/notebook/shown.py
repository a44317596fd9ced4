"""What cells showed the second time, beside what they showed the first time."""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nbtracker.notebook.fresh_kernel import Error
from nbtracker.screen.bundle import MIME
from nbtracker.views.cells.naming import CellNames
from nbtracker.views.magic_lines import is_of_tracker
from nbtracker.views.session import Execution

# What is new each time and means nothing: addresses, times of %time, ids of runs.
_VARYING = re.compile(
    r"0x[0-9a-f]{6,}|\b\d+(?:\.\d+)? ?(?:ns|[µu]s|ms|s)\b|(?:nbtracker:|<nbtracker) run [^\n]*"
)
_REPLAY = re.compile(r"^\s*[%!]\s*(?:tracker|nbtracker)\s+replay\b", re.MULTILINE)
_SHOWN = 60
_NO_LINE = ("", "")
# The error of a magic: it is printed on one line, without a traceback.
_SAID = "UsageError"


def why_failed(
    executions: Sequence[Execution],
    errors: Sequence[Error | None],
    tracebacks: Mapping[int, str],
    names: CellNames,
) -> list[str]:
    """Say which cells fail now and did not, or fail otherwise, or fail no more."""
    found = []
    for one, error in zip(executions, errors, strict=False):
        which = names.cell(one)
        if error is not None and not _REPLAY.search(one.source or ""):
            if one.status == "ok":
                found.append(f"{which} failed: {error.name}: {_short(error.value)}")
            elif one.error_name not in (None, error.name):
                found.append(f"{which} failed with {error.name}, and with {one.error_name} before")
        elif error is None and _surely_failed(one, tracebacks):
            found.append(f"{which} failed with {one.error_name} before, and does not now")
    return found


def _surely_failed(one: Execution, tracebacks: Mapping[int, str]) -> bool:
    return one.status == "error" and (one.number in tracebacks or one.error_name == _SAID)


def first_difference(
    executions: Sequence[Execution],
    before: Callable[[int], Sequence[Mapping[str, Any]]],
    outputs: Sequence[Sequence[Mapping[str, Any]]],
    names: CellNames,
    varying: Iterable[str] = (),
) -> str | None:
    """Say where cells first show something else; None if they show the same.

    Args:
        executions: Those that were executed again.
        before: Gives what an execution showed the first time, by its number.
        outputs: What each showed the second time.
        names: How they are called.
        varying: Words that count for nothing, such as the ids of runs.
    """
    words = sorted(map(re.escape, filter(None, varying)), key=len, reverse=True)
    left_out = re.compile(rf"\b(?:{'|'.join(words)})\b" if words else r"(?!)")
    for one, shown in zip(executions, outputs, strict=False):
        if one.source is not None and is_of_tracker(one.source):
            continue
        old, new = _lines(before(one.number), left_out), _lines(shown, left_out)
        pairs = enumerate(itertools.zip_longest(old, new, fillvalue=_NO_LINE))
        n = next((n for n, (a, b) in pairs if a[0] != b[0]), None)
        if n is None:
            continue
        was = _short(old[n][1]) if n < len(old) else "nothing"
        now = _short(new[n][1]) if n < len(new) else "nothing"
        return f"{names.cell(one)} showed {was}, and now {now}"
    return None


def _lines(
    outputs: Sequence[Mapping[str, Any]], left_out: re.Pattern[str]
) -> list[tuple[str, str]]:
    """Text of outputs by lines: each without what is new each time, and as it was."""
    said: dict[str, list[str]] = {}
    for output in outputs:
        if MIME in output.get("data", {}):
            continue  # it names a run, which is another one each time
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
    bare = [(" ".join(left_out.sub("", _VARYING.sub("", one)).split()), one) for one in lines]
    return [(words, line) for words, line in bare if words]


def _short(text: str) -> str:
    line = text.strip().split("\n")[0]
    return repr(line if len(line) <= _SHOWN else f"{line[:_SHOWN]}...")
