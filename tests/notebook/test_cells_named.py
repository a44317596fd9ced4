"""How executions are called, in lists and messages, and what is typed to name them."""

import pytest
from recorded_cells import Session, execution

from nbtracker.errors import UsageError
from nbtracker.text.cells import cells_table, first_line, names_of
from nbtracker.views.cell_names import CellsOfSessions
from nbtracker.views.cells.naming import CellNames, how_lost, numbers_of
from nbtracker.views.session import read_session

# Numbers 1 to 5; 2 and 3 had the same prompt, and that of 5 is not known.
CELLS = [
    execution(number, f"x = {number}", count=count)
    for number, count in ((1, 1), (2, 2), (3, 2), (4, 3), (5, None))
]


def test_a_cell_is_called_by_its_prompt_and_by_its_number_where_that_is_needed():
    """What is shown names one execution."""
    names = CellNames(CELLS)
    assert [names.name(one) for one in CELLS] == ["[1]", "[2] (#2)", "[2] (#3)", "[3]", "#5"]
    assert names.cell(4) == "cell [3]"
    assert names.cell(77) == "cell #77"
    assert names.cells([1, 4]) == "cells [1], [3]"
    assert names.cells(range(10, 30)).endswith("#17 and 12 more")


@pytest.mark.parametrize(
    ("word", "numbers"),
    [
        ("1", [1]), ("[1]", [1]), ("3", [4]), ("#3", [3]), ("#5", [5]), ("1-2", [1, 2, 3]),
        ("[2]-[3]", [2, 3, 4]), ("#2-4", [2, 3, 4]), ("#2-#3", [2, 3]), ("cell4", [4]),
    ],
)  # fmt: skip
def test_what_is_typed_names_executions(word, numbers):
    """Prompts, numbers behind their sign, ranges of both, ids of cells."""
    assert numbers_of(word, CELLS, "cells") == numbers


@pytest.mark.parametrize("one", CELLS)
def test_what_is_shown_can_be_typed(one):
    """Each part of a name; a prompt that is not unique has its number beside it."""
    shown = CellNames(CELLS).name(one)
    typed = shown.split("(")[-1].rstrip(")")
    assert numbers_of(typed, CELLS, "cells") == [one.number]


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("9", r"there is no cell \[9\]; `x` lists them, \[1\] to #5"),
        ("#9", "there is no cell #9; `x`"),
        ("nobody", "there is no cell nobody"),
        ("2", r"\[2\] was the prompt of 2 executions: say #2, #3"),
        ("9" * 50, "there is no cell"),
        ("", "there is no cell"),
    ],
)
def test_a_word_that_names_none_or_several_says_what_would_be_right(word, says):
    """With those that there are."""
    with pytest.raises(UsageError, match=says):
        numbers_of(word, CELLS, "`x`")


def test_an_id_that_looks_like_a_prompt_is_the_cells():
    """The document may call its cells whatever it likes."""
    cells = [execution(1, "x", cell_id="2"), execution(2, "y", cell_id="c")]
    assert numbers_of("2", cells, "cells") == [1]


def test_executions_of_several_sessions_are_told_apart():
    """The table says which session each is of, and prompts need be unique in theirs only."""
    both = [execution(1, "x", id="s1-1"), execution(1, "y", id="s2-1")]
    assert list(names_of(both).values()) == ["[1]", "[1]"]
    titles, rows = cells_table(both)
    assert titles[:2] == ["cell", "session"]
    assert [row[:2] for row in rows] == [["[1]", "s1"], ["[1]", "s2"]]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"skipped": True}, "skipped"),
        ({"forgotten": True, "skipped": True}, "forgotten"),
        ({}, "lost"),
    ],
)
def test_why_there_is_no_source_is_said_in_one_word(facts, said):
    """Everywhere the same."""
    one = execution(1, None, **facts)
    assert (how_lost(one), first_line(one)) == (said, f"# ({said})")
    assert cells_table([one], lambda _: True)[1][0][0] == "[1]*"


def test_a_hostile_cell_cannot_command_the_terminal():
    """Whatever its source, its id and its error are called."""
    evil = "\x1b]0;owned\x07\u202e"
    one = execution(1, f"{evil} = 1", cell_id=evil, error_name=evil, status="error")
    (row,) = cells_table([one])[1]
    assert all(text.isprintable() for text in row)


def test_records_name_cells_by_executions(store):
    """Those of another kernel say so; what is not known has its number."""
    old, new = Session(store, "s1"), Session(store, "s2")
    for one in (old, new):
        one.cell("x = 1", count=7)
    cells = CellsOfSessions(lambda: [read_session(one.folder) for one in (old, new)])
    assert [cells.cell(one) for one in ("s2-1", "s2-9", "s1-1", "gone-3", None)] == [
        "cell [7]", "cell #9", "cell [7] of session s1", "cell #3 of session gone", "",
    ]  # fmt: skip
