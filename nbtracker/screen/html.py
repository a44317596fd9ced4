"""Small tables as HTML: every text is escaped, and nothing in them does anything."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from nbtracker.text.values import escaped, short

MOST_ROWS, MOST_VALUE = 50, 200
# Front ends make formulas of what stands between dollars, unless they are told, of MathJax 3 and 2.
_PLAIN = "mathjax_ignore tex2jax_ignore"


def table(titles: Sequence[str], rows: Iterable[Sequence[Any]], *, caption: str = "") -> str:
    """Put rows into a table; what is long is cut, and of many rows the first ones are shown."""
    listed = list(rows)
    head = "".join(f"<th>{_cell(title)}</th>" for title in titles)
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(one)}</td>' for one in row)}</tr>" for row in listed[:MOST_ROWS]
    )
    n_more = len(listed) - MOST_ROWS
    foot = f'<tr><td colspan="{len(titles)}">{n_more:,} more</td></tr>' if n_more > 0 else ""
    said = f"<caption>{_cell(caption)}</caption>" if caption else ""
    inside = f"{said}<thead><tr>{head}</tr></thead><tbody>{body}{foot}</tbody>"
    return f'<table class="{_PLAIN}">{inside}</table>'


def _cell(said: Any) -> str:
    # Lines of a value would be lost: they are spelled.
    return escape(escaped(short(said, MOST_VALUE)), quote=True)
