"""How metrics are to be read: the fold of all `define_metric` calls."""

import bisect
from dataclasses import dataclass, replace

from nbtracker.journal.records import MetricDefined

OWN_COLUMNS = ("_step", "_timestamp", "_runtime")
"""What each row has without being asked; no row lacks them."""


@dataclass(frozen=True, slots=True)
class MetricRule:
    """What is known of one metric, or of all that a glob names.

    Attributes:
        name: A canonical metric name, or a glob that ends in `*`.
        step_metric: The metric to draw it against; None is the step.
        step_sync: Rows that lack the step metric get its latest value.
        hidden: Not to be drawn unasked.
        summary: What the summary keeps; empty means the last value.
        goal: "minimize" or "maximize", for "best".
    """

    name: str
    step_metric: str | None = None
    step_sync: bool = False
    hidden: bool = False
    summary: tuple[str, ...] = ()
    goal: str | None = None


class MetricRules:
    """The definitions of a run, and which of them is the one for a metric."""

    def __init__(self) -> None:
        self.rules: dict[str, MetricRule] = {}
        self._globs: dict[str, MetricRule] = {}  # by what stands before the star
        self._lengths: list[int] = []  # of these, each once, in order

    def apply(self, said: MetricDefined) -> None:
        """Take in one more definition; repeated ones add up unless they overwrite."""
        old = self.rules.pop(said.name, None)
        if old is None or said.overwrite:
            old = MetricRule(said.name)
        step_metric = said.step_metric or old.step_metric
        sync = said.step_sync if said.step_sync is not None else old.step_sync
        if said.step_metric and said.step_sync is None:
            sync = True
        rule = self.rules[said.name] = replace(
            old,
            step_metric=step_metric,
            step_sync=sync,
            hidden=old.hidden if said.hidden is None else said.hidden,
            summary=_add_up(old.summary, said.summary),
            goal=said.goal or old.goal,
        )
        if said.name.endswith("*"):
            start = said.name[:-1]
            self._globs[start] = rule
            at = bisect.bisect_left(self._lengths, len(start))
            if self._lengths[at : at + 1] != [len(start)]:
                self._lengths.insert(at, len(start))

    def rule(self, name: str) -> MetricRule:
        """The definition for a metric: its own, else the longest glob that names it."""
        exact = self.rules.get(name)
        if exact is not None and not name.endswith("*"):
            return exact
        if not name.startswith("_"):
            for length in reversed(self._lengths):
                if glob := self._globs.get(name[:length]):
                    return replace(glob, name=name)
        return MetricRule(name)

    @property
    def synced(self) -> bool:
        """Whether any metric asks for its step metric in each row."""
        return any(_synced_with(rule) is not None for rule in self.rules.values())

    def missing_step_metrics(self, names: tuple[str, ...]) -> list[str]:
        """Step metrics that a row with these metrics should have, and lacks."""
        found = dict.fromkeys(_synced_with(self.rule(name)) for name in names)
        return [name for name in found if name is not None and name not in names]


def _synced_with(rule: MetricRule) -> str | None:
    """The step metric that a row may lack; None if there is none."""
    if not rule.step_sync or not rule.step_metric or rule.step_metric in OWN_COLUMNS:
        return None
    return rule.step_metric


def _add_up(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    if not new:
        return old
    if "none" in new:
        return ("none",)
    return tuple(dict.fromkeys((*(op for op in old if op != "none"), *new)))
