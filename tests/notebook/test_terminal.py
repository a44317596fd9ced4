"""Laws of what a terminal leaves of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtracker.views.terminal import as_shown

RED, PLAIN = "\x1b[31m", "\x1b[0m"


def slowly(text: str) -> str:
    """The same, one character at a time."""
    rows, row, column = [[]], 0, 0
    for one in text:
        if one == "\n":
            row, column = row + 1, 0
            rows += [[]] * (row >= len(rows))
            rows[row] = list(rows[row])
        elif one == "\r":
            column = 0
        elif one == "\b":
            column = max(0, column - 1)
        else:
            rows[row][column : column + 1] = [one]
            column += 1
    return "\n".join("".join(row) for row in rows)


@given(text=st.text(alphabet="abé \n\r\b", max_size=60))
def test_text_is_left_as_writing_it_one_by_one_would(text: str) -> None:
    """Carriage returns and backspaces move, and what is written replaces."""
    assert as_shown(text) == slowly(text)


@given(text=st.text(alphabet="ab1;[mKAJC\n\r\b\x1b", max_size=60))
def test_what_is_left_commands_nothing(text: str) -> None:
    """Without colours no control character stays, whatever was asked for."""
    left = as_shown(text, colours=False)
    assert not set(left) & {"\r", "\b", "\x1b"} or left == text
    assert as_shown(left, colours=False) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("abc\rX", "Xbc"),
        (" 0%|  |\r 50%|# |\r100%|##|\n", "100%|##|\n"),
        ("one\ntwo\x1b[A\rONE", "ONE\ntwo"),
        ("first: 1\nsecond: 1\n\x1b[2A\rfirst: 2\nsecond: 2\n", "first: 2\nsecond: 2\n"),
        ("downloading\r\x1b[Kdone", "done"),
        ("old\x1b[2J\x1b[Hnew", "new"),
        (f"a{RED}red{PLAIN}b\rZ", f"Z{RED}red{PLAIN}b"),
        (f"{RED}bar{PLAIN}\rb", f"b{RED}ar{PLAIN}"),
        ("\x1b]52;c;aGk=\x07shown\x1b]0;title\x1b\\", "shown"),
        ("\x1b[999999999Cx", " " * 512 + "x"),
        ("typo\b\b\b\bfixed", "fixed"),
    ],
)
def test_bars_end_as_a_terminal_would_leave_them(text: str, left: str) -> None:
    """Bars, nested bars, cleared lines and screens; titles and the clipboard are nothing shown."""
    assert as_shown(text) == left


def test_colours_are_left_out_if_asked() -> None:
    """The text stays."""
    assert as_shown(f"a{RED}b{PLAIN}c", colours=False) == "abc"


@pytest.mark.parametrize(
    "piece",
    [
        "\r 10%|####      | 100/1000 [00:01<00:09, 99.9it/s]",
        "\rx",
        "\x1b[A\n",
        "\x1b[1m",
        "\b",
        "\x1b",
        "\x1b[500Cx\n",
    ],
)
def test_millions_of_frames_are_gone_through(piece: str) -> None:
    """After a line of a megabyte, two more of frames end, which squared time would not let them."""
    text = "A" * 1_000_000 + piece * (2_000_000 // len(piece)) + "\r."
    assert as_shown(text)
