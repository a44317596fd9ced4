"""What a cell reads and writes, as far as its source tells.

Where the source does not tell, more is said than may be true: a method that is not known may
change its object, a function may change its arguments. The body of a function counts when the
function is used, not where it is defined. Nothing here runs the code, or raises.
"""

import ast
import functools
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from nbtracker.views.cells.effects import EXTENSIONS, FILES, PROCESS, RUN
from nbtracker.views.cells.flow import Flow
from nbtracker.views.cells.text import CellText, read_cell
from nbtracker.views.cells.walk import walk

_NO_NAMES: Mapping[str, str] = MappingProxyType({})
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
_STATE_OF_MAGICS = {
    "cd": PROCESS, "env": PROCESS, "set_env": PROCESS, "autoreload": PROCESS,
    "load_ext": EXTENSIONS, "matplotlib": EXTENSIONS,
}  # fmt: skip
_OPAQUE_MAGICS = frozenset(
    {"run", "load", "edit", "macro", "rerun", "recall", "store", "pylab", "reset_selective",
     "paste", "cpaste", "xdel"}
)  # fmt: skip


def reads_and_writes(
    source: str, modules: Mapping[str, str] = _NO_NAMES, *, until: int | None = None
) -> Flow:
    """Say what a cell reads, writes and changes.

    Args:
        source: The cell, IPython's magics and shell lines included.
        modules: What names imported by earlier cells stand for.
        until: The line that failed; statements that begin behind it did not run.
    """
    return _flow(source, tuple(sorted(modules.items())), until)


@functools.lru_cache(maxsize=1024)
def _flow(source: str, modules: tuple[tuple[str, str], ...], until: int | None) -> Flow:
    text = read_cell(source)
    if text.foreign is not None:
        return _foreign(text)
    try:
        tree = ast.parse(text.python)
        if until is not None:
            last = until + text.before
            tree.body = [one for one in tree.body if one.lineno <= last]
        flow = walk(tree, dict(modules))
    except _UNREADABLE as error:
        return Flow(opaque=(f"its source cannot be read ({type(error).__name__})",))
    return _with_magics(flow, text)


def _foreign(text: CellText) -> Flow:
    """What a cell in another language does."""
    name = text.foreign
    if name in ("writefile", "file"):
        return Flow(changes=frozenset({FILES}), uses=frozenset({FILES}))
    if name in ("html", "HTML", "markdown", "latex", "svg", "javascript", "js"):
        return Flow()
    if name in ("bash", "sh", "script", "!", "sx", "system", "cmd"):
        return Flow(changes=frozenset({FILES}), uses=frozenset({FILES}))
    return Flow(opaque=(f"it is a %%{name} cell",))


def _with_magics(flow: Flow, text: CellText) -> Flow:
    changes = set(flow.changes)
    opaque = list(flow.opaque)
    if text.shell:
        changes.add(FILES)
    resets = False
    for name, argument in text.magics:
        if state := _STATE_OF_MAGICS.get(name):
            changes.add(state)
        elif name in _OPAQUE_MAGICS:
            opaque.append(f"it calls %{name}")
        elif name == "reset":
            resets = True
        elif name == "tracker" and argument.split()[:1] in (["init"], ["run"]):
            changes.add(RUN)
    uses = flow.uses | ({FILES} if text.shell else set())
    return replace(
        flow, changes=frozenset(changes), opaque=tuple(opaque), uses=frozenset(uses),
        resets=resets or flow.resets,
        logs=flow.logs or any(_logs(*magic) for magic in text.magics),
    )  # fmt: skip


def _logs(name: str, argument: str) -> bool:
    return name == "tracker" and argument.split()[:1] in (["log"], ["run"])
