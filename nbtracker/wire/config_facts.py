"""What a front end is told of the config of a run: each key, and each change."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from nbtracker.journal.records import ConfigSet
from nbtracker.views.catalogue.listed import pinned_first
from nbtracker.views.run import RunView
from nbtracker.views.session import SessionView
from nbtracker.wire import schema
from nbtracker.wire.spelling import CUT, Allowance, cut, moment, plain

MAX_KEYS = 10_000
"""Keys that are told; a last entry says how many there are behind them."""

MAX_CHANGES = 10_000
"""Changes of a config that are told; of more, the newest."""

MAX_VALUES, MAX_CHARACTERS = 200_000, 10_000_000
"""How much is told of all keys, and of all changes: values at any depth, and their texts."""

_LINE = 1_000


class _Values:
    """Spells values as long as they fit together; what comes then, only as its beginning."""

    def __init__(self) -> None:
        self._left = Allowance(MAX_VALUES, MAX_CHARACTERS)

    def spell(self, value: Any) -> Any:
        """Spell one."""
        if self._left.n_items <= 0 or self._left.n_characters <= 0:
            return plain(value, most_text=100, most_items=5, most_depth=1)
        # None may take all that is there.
        n_items = min(MAX_VALUES // 2, self._left.n_items)
        n_characters = min(MAX_CHARACTERS // 2, self._left.n_characters)
        own = Allowance(n_items, n_characters)
        said = plain(value, allowance=own)
        self._left.n_items -= n_items - own.n_items
        self._left.n_characters -= n_characters - own.n_characters
        return said


def config_entries(view: RunView, sessions: Sequence[SessionView]) -> list[schema.ConfigEntry]:
    """Tell each key as it is now, the pinned ones first."""
    changes: dict[str, list[schema.ConfigChange]] = {}
    for one in config_changes(view, sessions):
        if not one["first"]:
            changes.setdefault(one["key"], []).append(one)
    pinned, values = frozenset(view.pinned), _Values()
    found: list[schema.ConfigEntry] = []
    for key, value in islice(pinned_first(view.config, view.pinned), MAX_KEYS):
        desc = view.config_descriptions.get(key)
        shown = cut(key, _LINE)
        found.append(
            {
                "key": shown,
                "value": values.spell(value),
                "desc": None if desc is None else cut(desc, _LINE),
                "pinned": key in pinned,
                "changes": changes.get(shown, []),
            }
        )
    if n_left := len(view.config) - len(found):
        said = f"{n_left:,} more keys"
        found.append({"key": CUT, "value": said, "desc": None, "pinned": False, "changes": []})
    return found


def config_changes(view: RunView, sessions: Sequence[SessionView]) -> list[schema.ConfigChange]:
    """Tell each change of a config in order, the first settings included."""
    prompts, values = _prompts(sessions), _Values()
    newest = reversed(view.config_history[-MAX_CHANGES:])
    return [_change(one, prompts, values) for one in newest][::-1]


def _change(
    one: ConfigSet, prompts: Mapping[str, int | None], values: _Values
) -> schema.ConfigChange:
    return {
        "key": cut(one.key, _LINE),
        "old": values.spell(one.old),
        "new": values.spell(one.new),
        "first": one.first,
        "step": one.step,
        "execution": one.execution,
        "at": moment(one.at) or 0.0,
        "cell": prompts.get(one.execution or ""),
    }


def _prompts(sessions: Sequence[SessionView]) -> dict[str, int | None]:
    """What the prompt of each execution showed."""
    return {one.id: one.count for session in sessions for one in session.outlines}
