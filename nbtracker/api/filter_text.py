"""Filters as people type them: `digits config.lr<0.1 state=finished`."""

import ast
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from nbtracker.api.paths import find_project
from nbtracker.errors import UsageError
from nbtracker.store.layout import Store

MAX_TEXT = 4_000
_CONDITION = re.compile(r"([^=<>!~]+?)(<=|>=|!=|=|<|>|~)(.*)", re.DOTALL)
_OPERATORS = {
    "<=": "$lte", ">=": "$gte", "!=": "$ne", "=": "$eq", "<": "$lt", ">": "$gt", "~": "$regex",
}  # fmt: skip


def filter_of(words: Sequence[str], store: Store, *, loosely: bool = False) -> dict[str, Any]:
    """Read a filter: of the form that `Api().runs` takes, or `key=value` words.

    A word alone is a project. Values are numbers, True, False, None, or text, quoted or not;
    `key~pattern` looks for a pattern in a text.

    Args:
        words: What was typed.
        store: Whose projects are meant.
        loosely: A word alone that is no project is looked for in names, ids and tags.

    Raises:
        UsageError: It is no filter.
        NotFoundError: There is no such project.
    """
    spelled = " ".join(words)
    if spelled.startswith(("{", "'{", '"{')):
        found = _literal(spelled)
        found = _literal(found) if isinstance(found, str) else found
        if not isinstance(found, dict):
            shown = spelled if len(spelled) <= 60 else f"{spelled[:57]}..."
            raise UsageError(
                f'{shown} is no filter; write {{"config.lr": {{"$lt": 0.1}}}}, or config.lr<0.1'
            )
        return found
    wanted: list[dict[str, Any]] = []
    projects = store.projects()
    for word in words:
        condition = _CONDITION.fullmatch(word)
        if condition is not None and word not in projects:
            key, sign, value = condition.groups()
            said = _unquoted(value) if sign == "~" else _literal(value)
            wanted.append({key: {_OPERATORS[sign]: said}})
        elif loosely and word not in projects:
            wanted.append(_anywhere(_unquoted(word)))
        else:
            wanted.append({"project": find_project(store, word)})
    return {"$and": wanted}


def _anywhere(word: str) -> dict[str, Any]:
    """A run that has the text in its name, its id or a tag."""
    looked_for = {"$regex": re.escape(word[:60]), "$options": "i"}
    return {"$or": [{key: looked_for} for key in ("display_name", "id", "project", "tags")]}


def _unquoted(word: str) -> str:
    found = _literal(word)
    return found if isinstance(found, str) else word


def _literal(spelled: str) -> Any:
    """A value as Python or JSON spells it; text where it is neither."""
    with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
        return ast.literal_eval(spelled)
    with suppress(ValueError, RecursionError):
        return json.loads(spelled)
    return spelled
