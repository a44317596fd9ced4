"""Cells as they were executed, as a notebook that Jupyter opens."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nbtracker.views.script import without_source
from nbtracker.views.session import Execution

Outputs = Callable[[int], list[dict[str, Any]]]
"""Gives what an execution showed, as nbformat has it, by its number."""

_MOST_ID = 64
_NO_ID = re.compile(r"[^A-Za-z0-9_-]+")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|&~$-])")
_JSON = re.compile(r"application/(?:.*\+)?json")


def notebook_of(
    executions: Iterable[Execution],
    outputs: Outputs,
    *,
    title: str = "",
    facts: Mapping[str, str] | None = None,
    python: str = "",
) -> dict[str, Any]:
    """Make a notebook of cells as they were executed: one code cell for each execution.

    Args:
        executions: In order.
        outputs: Gives what an execution showed, as nbformat has it, by its number.
        title: What stands above, with `facts`; nothing if it is empty.
        facts: Name to value.
        python: Version of Python.

    Returns:
        A notebook of format 4.5, to be written as JSON.
    """
    ids = _Ids()
    cells = [_about(ids, title, facts or {})] if title else []
    cells += [_cell(ids, one, outputs) for one in executions]
    language = {"name": "python"} | ({"version": python} if python else {})
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": language,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _about(ids: "_Ids", title: str, facts: Mapping[str, str]) -> dict[str, Any]:
    lines = [f"# {_plain(title)}", ""]
    lines += [f"- {_plain(name)}: {_plain(value)}" for name, value in facts.items()]
    return _markdown(ids.unused("about"), "\n".join(lines).rstrip(), {})


def _cell(ids: "_Ids", one: Execution, outputs: Outputs) -> dict[str, Any]:
    name = ids.of(one)
    metadata: dict[str, Any] = {"nbtracker": _facts(one)}
    if reason := without_source(one):
        return _markdown(name, f"*Cell #{one.number}: {reason}.*", metadata)
    if tags := [tag for tag in dict.fromkeys(one.tags) if _is_tag(tag)]:
        metadata["tags"] = tags
    return {
        "cell_type": "code",
        "execution_count": _count(one.count),
        "id": name,
        "metadata": metadata,
        "outputs": _with_error(one, [_tidy(said) for said in outputs(one.number)]),
        "source": one.source,
    }


def _facts(one: Execution) -> dict[str, Any]:
    return {
        "execution": one.id,
        "status": one.status,
        "started": one.started_at,
        "ended": one.ended_at,
        "cell_id": one.cell_id,
    }


def _markdown(name: str, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": metadata, "source": text}


def _with_error(one: Execution, shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """See to it that an error is shown, even if its output is lost."""
    if one.error_name is None or any(said.get("output_type") == "error" for said in shown):
        return shown
    error = {
        "output_type": "error",
        "ename": one.error_name,
        "evalue": "",
        "traceback": [],
    }
    return [*shown, error]


def _tidy(output: dict[str, Any]) -> dict[str, Any]:
    """Give an output the form that Jupyter opens, whatever a program sent or a journal says."""
    changed: dict[str, Any] = {}
    if isinstance(data := output.get("data"), dict):
        changed["data"] = {
            mime: said if _JSON.fullmatch(mime) or _is_text(said) else str(said)
            for mime, said in data.items()
        }
    if "execution_count" in output:
        changed["execution_count"] = _count(output["execution_count"])
    return output | changed


def _count(said: Any) -> int | None:
    return said if isinstance(said, int) and said >= 0 and not isinstance(said, bool) else None


def _is_text(said: Any) -> bool:
    lines = said if isinstance(said, list) else [said]
    return all(isinstance(line, str) for line in lines)


def _is_tag(said: Any) -> bool:
    return isinstance(said, str) and said != "" and "," not in said


class _Ids:
    """Ids for cells, each given once: a cell that was executed twice is there twice."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, one: Execution) -> str:
        """An id that tells the cell and the execution."""
        end = f"-{one.number}"[:_MOST_ID]
        return self.unused((_NO_ID.sub("-", one.cell_id or "cell"))[: _MOST_ID - len(end)] + end)

    def unused(self, wanted: str) -> str:
        """This id, or one like it that was not given yet."""
        name, n = wanted, 1
        while name in self._given:
            n += 1
            name = f"{wanted[: _MOST_ID - 1 - len(str(n))]}_{n}"
        self._given.add(name)
        return name


def _plain(text: str) -> str:
    """Text that means nothing to markdown, nor to HTML."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))
