"""What `define_metric` takes and gives back."""

from dataclasses import dataclass
from typing import Any

from nbtracker.errors import UsageError

SUMMARIES = ("min", "max", "mean", "last", "first", "best", "copy", "none")
GOALS = {"min": "minimize", "max": "maximize"}


@dataclass(frozen=True, slots=True)
class Metric:
    """A definition of a metric, or of all that a glob names.

    Attributes:
        name: A metric, nested ones with dots, or a glob that ends in `*`.
        step_metric: The metric to draw it against; None is the step.
        step_sync: Whether rows that lack the step metric get its latest value.
        hidden: Whether it is drawn only when asked for.
        summary: What the summary keeps; None is the last value.
        goal: "minimize" or "maximize".
    """

    name: str
    step_metric: str | None = None
    step_sync: bool | None = None
    hidden: bool | None = None
    summary: tuple[str, ...] | None = None
    goal: str | None = None


def checked_metric(
    name: Any,
    step_metric: Any = None,
    step_sync: Any = None,
    hidden: Any = None,
    summary: Any = None,
    goal: Any = None,
    overwrite: Any = None,
) -> Metric:
    """Check what `define_metric` was given.

    Raises:
        UsageError: One of the arguments is wrong; the message names it.
    """
    _check_name(name)
    if isinstance(step_metric, Metric):
        step_metric = step_metric.name
    if step_metric is not None and not isinstance(step_metric, str):
        raise _wrong("step_metric", step_metric, "the name of a metric, or a Metric")
    if step_metric and "*" in step_metric:
        raise _wrong("step_metric", step_metric, "the name of one metric, without '*'")
    for argument, flag in (
        ("step_sync", step_sync),
        ("hidden", hidden),
        ("overwrite", overwrite),
    ):
        if flag is not None and not isinstance(flag, bool):
            raise _wrong(argument, flag, "True or False")
    operations = _operations(summary)
    goal = _goal(goal, operations)
    return Metric(name, step_metric or None, step_sync, hidden, operations or None, goal)


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not name:
        raise _wrong("name", name, "the name of a metric, such as 'loss' or 'val/*'")
    if "*" in name[:-1]:
        raise _wrong("name", name, "a name, or a glob whose only '*' is its last character")


def _operations(summary: Any) -> tuple[str, ...]:
    if summary is None:
        return ()
    if not isinstance(summary, str):
        raise _wrong("summary", summary, f"text: some of {', '.join(SUMMARIES)}, with commas")
    found = tuple(part.strip().lower() for part in summary.split(",") if part.strip())
    for one in found:
        if one not in SUMMARIES:
            raise _wrong("summary", one, f"one of {', '.join(SUMMARIES)}, or several with commas")
    return tuple(dict.fromkeys(found))


def _goal(goal: Any, operations: tuple[str, ...]) -> str | None:
    if goal is None:
        return None
    if not isinstance(goal, str) or goal[:3].lower() not in GOALS:
        raise _wrong("goal", goal, "'minimize' or 'maximize'")
    if "best" not in operations:
        raise UsageError(
            f"define_metric() was given goal={goal!r}, which only summary='best' looks at; "
            "give summary='best', or leave goal out"
        )
    return GOALS[goal[:3].lower()]


def _wrong(argument: str, value: object, right: str) -> UsageError:
    return UsageError(f"define_metric() was given {argument}={value!r}; it must be {right}")
