"""Cells as one Python file."""

import ast
import textwrap

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from recorded_cells import execution

from nbtracker.views.script import script_of

LINES = st.sampled_from(
    """x = 1|%matplotlib inline|!ls|x?|?x|%%bash|%%time|from __future__ import annotations|global x|
    await f()|return|    y = 2|if x:|    %time y = 1|s = '''|'''|% no magic|files = !ls|(|)|x = 5 \\|
    # %% a cell|from __future__ import barry_as_FLUFL|1 != 2|"doc"|\0|\ud800|\x0c|\r|x = %pwd""".split(
        "|"
    )
)
CELLS = st.lists(st.lists(LINES, max_size=5).map("\n".join) | st.text(max_size=40), max_size=5)


def script(*cells, **facts):
    """The file of these cells, its first lines left out."""
    text = script_of([execution(n, cell, **facts) for n, cell in enumerate(cells, start=1)])
    return text.partition("\n\n")[2]


def test_each_execution_has_a_line_that_says_what_it_was():
    """Number, cell, time, duration and how it ended; what is not known is left out."""
    executions = [
        execution(12, "x = 1", cell_id="3f9a", status="error"),
        execution(13, "y", cell_id=None, ended_at=None, status="running"),
        execution(14, None, cell_id="a b\nc", skipped=True),
    ]
    heads = [line for line in script_of(executions).splitlines() if line.startswith("# %%")]
    assert heads == [
        "# %% [12] cell 3f9a, 2026-11-18 11:06:52, 1.2 s, error",
        "# %% [13] 2026-11-18 11:06:53, running",
        "# %% [14] cell a-b-c, 2026-11-18 11:06:54, 1.2 s, ok",
    ]


@pytest.mark.parametrize("at", [1e30, -1e30, float("nan"), float("inf")])
def test_a_moment_that_is_none_is_left_out(at):
    """A crafted journal may say any number."""
    [head] = [line for line in script("x", started_at=at).splitlines() if "%%" in line]
    assert head.startswith("# %% [1] cell cell1, at an unknown time")


@given(CELLS)
@example(["x = 1", "global x"])
@example(["from __future__ import annotations; x = 1", "y = 2"])
@example(["# -*- coding: no-such -*-"])
@example(["(" * 300])
@example(["-" * 5000 + "1"])
def test_the_file_compiles_whatever_the_cells_are(cells):
    """By itself, as bytes, and by its text."""
    text = script_of([execution(n, cell) for n, cell in enumerate(cells, start=1)])
    data = text.encode("utf-8", "backslashreplace")
    compile(data, "cells.py", "exec", dont_inherit=True)
    assert text.count("\n# %% [") >= len(cells)


@given(st.lists(st.sampled_from(["a = 1\nb = a", "def f():\n    return '%x'", "", "# note"])))
def test_plain_python_stays_as_it_is(cells):
    """Nothing is added but the lines between cells."""
    tree = ast.parse(script(*cells))
    assert ast.dump(tree) == ast.dump(ast.parse("\n".join(cells)))


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("%matplotlib inline\nx = 1", "# %matplotlib inline\nx = 1"),
        ("!pip install \\\n  x\ny = 1", "# !pip install \\\n#   x\ny = 1"),
        ("x?\n?x\nx = 1", "# x?\n# ?x\nx = 1"),
        ("files = !ls", "files = None  # files = !ls"),
        ("if x:\n    %load_ext a", "if x:\n    pass  # %load_ext a"),
        ("%%tracker run\nx = 1", "# %%tracker run\nx = 1"),
        ("%%bash\nls", "# %%bash\n# ls"),
        ("s = '''\n% in a string\n'''\n%cd x", "s = '''\n% in a string\n'''\n# %cd x"),
        ("s = '''\n%cd\n'''", "s = '''\n%cd\n'''"),
        ("    x = 1\n    y = 2", "x = 1\ny = 2"),
        ("x = 1\r\ny = 2\rz = 3", "x = 1\ny = 2\nz = 3"),
    ],
    ids="magic shell help assigned block cell-magic foreign string only-string indented newlines".split(),
)
def test_lines_of_ipython_become_comments(cell, kept):
    """The Python around them stays."""
    assert script(cell).split("\n", 1)[1] == f"{kept}\n"


@pytest.mark.parametrize("cell", ["await f()", "x = (", "return 1", "\0"], ids=repr)
def test_a_cell_that_does_not_compile_is_a_comment(cell):
    """The others are Python nevertheless."""
    tree = ast.parse(script("x = 1", cell, "y = 2"))
    assert ast.unparse(tree) == "x = 1\ny = 2"


def test_imports_of_the_future_are_moved_to_the_beginning():
    """Nowhere else does a file take them."""
    text = script_of(
        [execution(1, "x = 1"), execution(2, "from __future__ import (\n  annotations)\ny: z")]
    )
    body = text[text.index("# %%") :]
    assert ast.parse(text).body[0].lineno < text[: text.index("# %%")].count("\n")
    assert textwrap.dedent(body).endswith("# from __future__ import (\n#   annotations)\ny: z\n")


def test_cells_at_odds_with_each_other_do_not_cost_the_others():
    """The one that is wrong after the other becomes a comment."""
    tree = ast.parse(script("x = 1", "global x\nx = 2", "y = 3"))
    assert ast.unparse(tree) == "x = 1\ny = 3"
