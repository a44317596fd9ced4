"""What a listing can be asked for: a small tree of conditions, and what it means in Python.

`listing` turns the same tree into SQL. There is no text to parse here and nothing that
could run: whoever reads a filter (see `nbtracker.api.filters`) builds this tree.
"""

import operator
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from nbtracker.errors import UsageError
from nbtracker.views.catalogue.cells import BOOL, NULL, NUMBER, TEXT, Cell, cell

TEXT_COLUMNS = frozenset(
    ["project", "id", "name", "state", "grp", "job_type", "entity", "notes", "family", "replay_of"],
)
NUMBER_COLUMNS = frozenset(
    [
        "created_at",
        "ended_at",
        "changed_at",
        "runtime",
        "n_rows",
        "last_step",
        "damages",
        "gaps",
        "archived",
    ],
)
Relation: TypeAlias = Literal["eq", "lt", "lte", "gt", "gte"]

MAX_PATTERN = 200
MAX_OPEN_QUANTIFIERS = 2
MAX_CHOICES = 12

_BITS_OF_REPEAT, _BITS_OF_CASE, _MAX_BITS = 8, 2, 18
"""What one open repetition, `(?i)` and a whole pattern cost, as powers of two: each open
repetition tries all lengths of a text, each choice doubles what stands behind it."""


@dataclass(frozen=True)
class Column:
    """A fact of the run itself; `name` is a column of the table `runs`."""

    name: str


@dataclass(frozen=True)
class Keys:
    """A value of config, summary or tags, under any of these dotted names."""

    names: tuple[str, ...]


Field: TypeAlias = Column | Keys


@dataclass(frozen=True)
class Compare:
    """The field has a value of the same kind that stands in this relation to `value`."""

    field: Field
    relation: Relation
    value: Cell


@dataclass(frozen=True)
class Among:
    """The field has a value equal to one of these; NULL among them also means "missing"."""

    field: Field
    values: tuple[Cell, ...]


@dataclass(frozen=True)
class Exists:
    """The field has a value; it may be null in config and summary."""

    field: Field


@dataclass(frozen=True)
class Matches:
    """The field has a text in which the pattern is found."""

    field: Field
    pattern: str


@dataclass(frozen=True)
class All:
    """Every one of these holds."""

    items: tuple["Condition", ...] = ()


@dataclass(frozen=True)
class Some:
    """At least one of these holds."""

    items: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    """This does not hold."""

    item: "Condition"


Condition: TypeAlias = Compare | Among | Exists | Matches | All | Some | Not


@dataclass(frozen=True)
class Order:
    """What to sort by. Runs that lack it come last, whichever the direction."""

    field: Field = Column("created_at")
    descending: bool = False


@dataclass(frozen=True)
class Document:
    """One run as conditions see it."""

    columns: Mapping[str, str | float | None] = field(default_factory=dict)
    cells: Mapping[str, Sequence[Cell]] = field(default_factory=dict)

    def values(self, wanted: Field) -> list[Cell]:
        """Give all values of a field; none if the run lacks it."""
        if isinstance(wanted, Column):
            value = self.columns.get(wanted.name)
            return [] if value is None else [cell(value)]
        return [value for name in wanted.names for value in self.cells.get(name, ())]


def matches(condition: Condition, document: Document) -> bool:
    """Whether a run fulfils a condition. The SQL of `listing` selects exactly these runs."""
    match condition:
        case All(items):
            holds = all(matches(item, document) for item in items)
        case Some(items):
            holds = any(matches(item, document) for item in items)
        case Not(item):
            holds = not matches(item, document)
        case Exists(wanted):
            holds = bool(document.values(wanted))
        case Compare(wanted, relation, value):
            holds = any(_holds(relation, found, value) for found in document.values(wanted))
        case Among(wanted, values):
            found = document.values(wanted)
            holds = any(one in values for one in found) or (
                not found and any(value.kind == NULL for value in values)
            )
        case Matches(wanted, pattern):
            search = re.compile(pattern).search
            texts = (found.txt for found in document.values(wanted) if found.kind == TEXT)
            holds = any(search(text or "") is not None for text in texts)
    return holds


_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def _holds(relation: Relation, left: Cell, right: Cell) -> bool:
    if left.kind != right.kind:
        return False
    if relation == "eq":
        return left == right
    if left.kind in (NUMBER, BOOL):
        # None is NaN here: it has no order.
        known = left.num is not None and right.num is not None
        return known and _RELATIONS[relation](left.num, right.num)
    return left.kind == TEXT and _RELATIONS[relation](left.txt, right.txt)


_TOKEN = re.compile(
    r"""(?P<escape>\\.)
      | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
      | (?P<open>\((?:\?(?::|P<\w+>))?)
      | (?P<close>\))
      | (?P<repeat>[*+]\??|\{\d*,\d*\}\??)
      | (?P<exact>\{\d+\})
      | (?P<maybe>\?\??)
      | (?P<or>\|)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


def check_pattern(pattern: str, *, ignore_case: bool = False) -> str:
    """Return a pattern that is quick on every text, or refuse it.

    Python's matcher backtracks, so that `(a+)+$` takes for ever on some texts. Refused are
    repetitions (and choices) of a group that itself repeats or chooses, back-references,
    look-around, more than two open repetitions beside a leading and a trailing `.*`,
    more than twelve choices, and fewer beside open repetitions: what they cost multiplies.
    Texts are at most `cells.MAX_TEXT` characters long, which bounds what remains.

    Raises:
        UsageError: The pattern is too long, wrong, or could be slow.
    """
    if len(pattern) > MAX_PATTERN:
        raise UsageError(
            f"$regex of {len(pattern)} characters is too long: give at most {MAX_PATTERN}"
        )
    if any("\ud800" <= char <= "\udfff" for char in pattern):
        raise UsageError(
            f"$regex {pattern!r} holds half a character, which no text of a listing has; "
            "write . in its place"
        )
    body = pattern
    if body.startswith("(?i)"):
        body, ignore_case = body[4:], True
    body = re.sub(r"^(?:\^?\.\*)+", "", body)
    body = re.sub(r"(?<!\\)(?:\.\*\$?)+$", "", body)
    _check_cost(pattern, body, _BITS_OF_CASE if ignore_case else 0)
    checked = f"(?is){body}" if ignore_case else f"(?s){body}"
    try:
        with warnings.catch_warnings():
            # What a later Python may read otherwise, such as "[[".
            warnings.simplefilter("error")
            re.compile(checked)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise UsageError(f"$regex {pattern!r} is no regular expression: {error}") from error
    return checked


def _check_cost(pattern: str, body: str, n_bits: int) -> None:
    """Refuse what could backtrack for long."""
    heavy = [False]  # for each open group: does it repeat or choose inside?
    closed_heavy = grouped = opened = False
    n_open = n_choices = 0
    for token in _TOKEN.finditer(body):
        kind, spelled = token.lastgroup, token[0]
        if opened and spelled[0] == "?":
            raise UsageError(f"$regex {pattern!r} looks around: only (?:...) and (?i) may be used")
        if kind == "escape" and spelled[1].isdigit():
            raise UsageError(f"$regex {pattern!r} has a back-reference: write the text itself")
        if kind == "open":
            heavy.append(False)
        elif kind == "close":
            closed_heavy = heavy.pop() if len(heavy) > 1 else False
            heavy[-1] |= closed_heavy
        elif kind == "or":
            heavy[-1] = True
            n_choices += len(heavy) > 1
        elif kind in ("repeat", "exact", "maybe"):
            if grouped and (closed_heavy or len(heavy) > 20):
                raise UsageError(
                    f"$regex {pattern!r} repeats a group that repeats or chooses inside, which "
                    "can take for ever: write it without the inner * + ? {} or |"
                )
            heavy[-1] = True
            n_open += kind == "repeat"
            n_choices += kind == "maybe"
        grouped, opened = kind == "close", kind == "open"
    n_bits += n_open * _BITS_OF_REPEAT + n_choices
    if n_open > MAX_OPEN_QUANTIFIERS or n_choices > MAX_CHOICES or n_bits > _MAX_BITS:
        raise UsageError(
            f"$regex {pattern!r} could be slow: use at most {MAX_OPEN_QUANTIFIERS} of * + {{m,n}} "
            f"besides a leading and a trailing .*, and {MAX_CHOICES} of ? and |: 10 beside "
            "one of * + {m,n}, 2 beside two; 2 fewer if case is ignored"
        )
