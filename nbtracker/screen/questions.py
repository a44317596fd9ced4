"""What browsers asked of a run, and will ask: what a busy kernel answers ahead."""

import json
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from nbtracker.screen.portrait import telling
from nbtracker.views.history import STEP
from nbtracker.views.run import RunView

Question = tuple[str, dict[str, Any]]
MOST, _MOST_LIKELY, _BINS = 16, 24, 512
# A tail is answered from this part of the run further back, so that it fits in wider bins, too.
_BACK = 8


class Questions:
    """The questions about one run that are to be answered again."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, Question] = OrderedDict()

    def note(self, what: str, args: dict[str, Any]) -> None:
        """Remember a question; one that differs only in where it begins replaces the one before."""
        if args.get("rows") is not None:
            return  # rows that are there do not change
        key = json.dumps(
            [what, {k: v for k, v in args.items() if k not in ("since", "bins")}], sort_keys=True
        )
        self._asked.pop(key, None)
        self._asked[key] = what, {**args, **_further_back(args)}
        if len(self._asked) > MOST:
            self._asked.popitem(last=False)

    def again(self, view: RunView) -> list[Question]:
        """What was asked, and what will be asked of metrics that nobody could know of yet."""
        asked = list(self._asked.values())
        if not any(what == "detail" for what, _ in asked):
            asked.insert(0, ("detail", {}))
        return asked + list(self._likely(view, asked))

    def _likely(self, view: RunView, asked: list[Question]) -> Iterator[Question]:
        known = {name for _, args in asked for name in args.get("metrics", ())}
        by_axis: dict[str, list[str]] = {}
        for name in [one for one in telling(view) if one not in known][:_MOST_LIKELY]:
            by_axis.setdefault(view.rules.rule(name).step_metric or STEP, []).append(name)
        for axis, names in by_axis.items():
            yield "series", {"metrics": names, "x": axis, "bins": _BINS}


def _further_back(args: dict[str, Any]) -> dict[str, int]:
    since = args.get("since")
    if not isinstance(since, int):
        return {}
    step: int = 1 << max(0, (since // _BACK).bit_length() - 1)
    return {"since": since - since % step}
