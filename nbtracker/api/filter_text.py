"""Filters as people type them: `digits config.lr<0.1 state=finished`."""

import ast
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from nbtracker.api.filters import is_field
from nbtracker.api.known_keys import check_key, meant_by
from nbtracker.api.paths import find_project
from nbtracker.errors import UsageError
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.state import KILLED, STATES

MAX_TEXT = 4_000
_CONDITION = re.compile(r"([^=<>!~]+?)(<=|>=|!=|==|=|<|>|~)(.*)", re.DOTALL)
_BEGINS = re.compile(r"<=|>=|!=|=|<|>|~")
_ENDS = re.compile(r"[^=<>!~]([<>!=]?=|<|>|~)$")
_SHOWN_AS = {"stopped": KILLED}
_OPERATORS = {
    "<=": "$lte", ">=": "$gte", "!=": "$ne", "==": "$eq", "=": "$eq", "<": "$lt", ">": "$gt",
    "~": "$regex",
}  # fmt: skip


def filter_of(
    words: Sequence[str], catalogue: Catalogue, *, loosely: bool = False
) -> dict[str, Any]:
    """Read a filter: of the form that `Api().runs` takes, or `key=value` words.

    A word alone is a project. Values are numbers, True, False, None, or text, quoted or not;
    `key~pattern` looks for a pattern in a text. A key is a field of runs, `config.lr`,
    `summary.loss`, or the name alone of what is in a config or summary; `name` is the id or the
    display name.

    Args:
        words: What was typed.
        catalogue: Whose runs are meant, as it was refreshed last.
        loosely: A word alone that is no project is looked for in names, ids and tags, and as a
            state.

    Raises:
        UsageError: It is no filter, or no run has such a key.
        NotFoundError: There is no such project.
    """
    spelled = " ".join(words)
    if spelled.startswith(("{", "'{", '"{')):
        return _spelled_out(spelled)
    wanted: list[dict[str, Any]] = []
    projects = catalogue.store.projects()
    for word in _joined(words):
        condition = _CONDITION.fullmatch(word)
        if condition is not None and word not in projects:
            key, sign, value = condition.groups()
            said = _value(key, sign, value)
            wanted.append(_condition(_fields(catalogue, key), _OPERATORS[sign], said))
        elif loosely and word not in projects:
            wanted.append(_anywhere(_unquoted(word)))
        else:
            wanted.append({"project": find_project(catalogue.store, word)})
    return {"$and": wanted}


def _spelled_out(spelled: str) -> dict[str, Any]:
    found = _literal(spelled)
    found = _literal(found) if isinstance(found, str) else found
    if not isinstance(found, dict):
        shown = spelled if len(spelled) <= 60 else f"{spelled[:57]}..."
        raise UsageError(
            f'{shown} is no filter; write {{"config.lr": {{"$lt": 0.1}}}}, or config.lr<0.1'
        )
    return found


def _joined(words: Sequence[str]) -> list[str]:
    """Put conditions together that were written with blanks, as `lr < 0.1`."""
    found: list[str] = []
    for word in words:
        if found and (_BEGINS.match(word) or _ENDS.search(found[-1])):
            found[-1] += word
        else:
            found.append(word)
    return found


def _value(key: str, sign: str, spelled: str) -> Any:
    if not spelled:
        raise UsageError(f"{key}{sign} has no value; write {key}{sign}0.1, or {key}{sign}'' for ''")
    if sign == "~":
        return _unquoted(spelled)
    said = _literal(spelled)
    if key != "state" or not isinstance(said, str):
        return said
    if (state := _state(said)) is None:
        near = get_close_matches(said.lower(), STATES, n=1)
        hint = f"; did you mean {near[0]}?" if near else "."
        raise UsageError(f"{said[:40]!r} is no state{hint} States are {', '.join(STATES)}")
    return state


def _state(word: str) -> str | None:
    """A state as it is called, or as the panel shows it: `stopped` is `killed`."""
    said = _SHOWN_AS.get(word.lower(), word.lower())
    return said if said in STATES else None


def _fields(catalogue: Catalogue, key: str) -> list[str]:
    """The fields that a key may mean."""
    if key == "name":
        return ["display_name", "id"]
    if not is_field(key):
        return meant_by(catalogue, key)
    check_key(catalogue, key)
    return [key]


def _condition(fields: Sequence[str], operator: str, value: Any) -> dict[str, Any]:
    """One of the fields is like that; or, of what is not to be, all of them."""
    conditions = [{field: {operator: value}} for field in fields]
    return {"$and" if operator == "$ne" else "$or": conditions}


def _anywhere(word: str) -> dict[str, Any]:
    """A run that has the text in its name, its id or a tag, or that is in that state."""
    looked_for = {"$regex": re.escape(word[:60]), "$options": "i"}
    names = [{key: looked_for} for key in ("display_name", "id", "project", "tags")]
    state = _state(word)
    return {"$or": [*names, *([] if state is None else [{"state": state}])]}


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
