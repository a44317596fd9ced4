"""How metrics are to be read: the fold of all `define_metric` calls."""

from dataclasses import dataclass, replace

from nbtracker.journal.records import MetricDefined


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

    def apply(self, said: MetricDefined) -> None:
        """Take in one more definition; repeated ones add up unless they overwrite."""
        old = self.rules.pop(said.name, None)
        if old is None or said.overwrite:
            old = MetricRule(said.name)
        step_metric = said.step_metric or old.step_metric
        sync = said.step_sync if said.step_sync is not None else old.step_sync
        if said.step_metric and said.step_sync is None:
            sync = True
        self.rules[said.name] = replace(
            old,
            step_metric=step_metric,
            step_sync=sync,
            hidden=old.hidden if said.hidden is None else said.hidden,
            summary=_add_up(old.summary, said.summary),
            goal=said.goal or old.goal,
        )

    def rule(self, name: str) -> MetricRule:
        """The definition for a metric: its own, else the longest glob that names it."""
        exact = self.rules.get(name)
        if exact is not None and not name.endswith("*"):
            return exact
        if not name.startswith("_"):
            globs = [one for one in self.rules.values() if _names(one.name, name)]
            if globs:
                return replace(max(globs, key=lambda one: len(one.name)), name=name)
        return MetricRule(name)

    @property
    def synced(self) -> bool:
        """Whether any metric asks for its step metric in each row."""
        return any(rule.step_sync and rule.step_metric for rule in self.rules.values())

    def missing_step_metrics(self, names: tuple[str, ...]) -> list[str]:
        """Step metrics that a row with these metrics should have, and lacks."""
        wanted = (self.rule(name) for name in names)
        found = dict.fromkeys(
            rule.step_metric for rule in wanted if rule.step_sync and rule.step_metric is not None
        )
        return [name for name in found if name not in names]


def _names(glob: str, name: str) -> bool:
    return glob.endswith("*") and name.startswith(glob[:-1])


def _add_up(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    if not new:
        return old
    if "none" in new:
        return ("none",)
    return tuple(dict.fromkeys((*(op for op in old if op != "none"), *new)))
