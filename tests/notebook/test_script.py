"""Cells as one Python file."""

import ast
import subprocess
import sys
import textwrap

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from recorded_cells import execution

from nbtracker.views.run import read_run
from nbtracker.views.script import script_of

LINES = st.sampled_from(
    """x = 1|%matplotlib inline|!ls|x?|?x|%%bash|%%time|from __future__ import annotations|global x|
    await f()|return|    y = 2|if x:|    %time y = 1|s = '''|'''|% no magic|files = !ls|(|)|x = 5 \\|
    # %% a cell|from __future__ import barry_as_FLUFL|1 != 2|"doc"|\0|\ud800|\x0c|\r|x = %pwd|%tracker init|%%tracker run a=b|    %tracker log a=1|x = %tracker init|%tracker log \\""".split(
        "|"
    )
)
CELLS = st.lists(st.lists(LINES, max_size=5).map("\n".join) | st.text(max_size=40), max_size=5)


def script(*cells, **facts):
    """The file of these cells, its first lines left out."""
    text = script_of([execution(n, cell, **facts) for n, cell in enumerate(cells, start=1)])
    return text.partition("\n\n")[2]


def test_each_execution_has_a_line_with_its_number():
    """What was skipped, too."""
    executions = [execution(12, "x = 1"), execution(13, None, skipped=True)]
    lines = script_of(executions).splitlines()
    assert lines[-5:] == ["# %% #12", "x = 1", "", "# %% #13", "# skipped, as its user asked"]


@given(st.lists(st.sampled_from(["a = 1", "%tracker init", "%%tracker run\nb = 2", "1 / 0", ""])))
def test_the_same_cells_are_the_same_file(cells):
    """Whenever and wherever they ran, for however long, and however that ended."""
    other = {"started_at": 5.0, "ended_at": None, "status": "aborted", "cell_id": "of another"}
    first = [execution(n, cell) for n, cell in enumerate(cells, start=1)]
    second = [execution(n, cell, **other) for n, cell in enumerate(cells, start=1)]
    assert script_of(first) == script_of(second)


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
    assert text.count("\n# %% #") >= len(cells)


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
        ("%%tracker skip\nx = 1", "# %%tracker skip\nx = 1"),
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


BEGIN = "reinit='finish_previous', allow_val_change=True"
# What stands behind %tracker, and behind nbtracker in Python.
ARGUMENTS = {
    "init": f"init({BEGIN})",
    "init --project p --tags 'a, b' n=[1, 2]": (
        f"init(config={{'n': [1, 2]}}, project='p', tags=['a', 'b'], {BEGIN})"
    ),
    "init --name run-{n} --id=$name": f"init(name=f'run-{{n}}', id=f'{{name}}', {BEGIN})",
    "init --no-save-code": f"init(save_code=False, {BEGIN})",
    "init \\\n  lr=1": f"init(config={{'lr': 1}}, {BEGIN})",
    "init --config a.yaml --reinit create_new": (
        "init(config='a.yaml', reinit='create_new', allow_val_change=True)"
    ),
    "init --config a lr=1": (
        f"init(config='a', {BEGIN}); nbtracker.config.update({{'lr': 1}}, allow_val_change=True)"
    ),
    "log a=i/2 --step i --no-commit": "log({'a': i/2}, step=i, commit=False)",
    "config lr=2": "config.update({'lr': 2}, allow_val_change=True)",
    "finish": "finish()",
    "finish 3": "finish(3)",
    "finish --failed": "finish(1)",
}


@pytest.mark.parametrize(("line", "python"), ARGUMENTS.items())
@pytest.mark.parametrize("before", ["", "if a:\n    ", "run = "])
def test_lines_of_the_tracker_become_python(before, line, python):
    """That does the same, below an import."""
    cell = f"{before}%tracker {line}"
    tree = ast.parse(script(cell))
    assert ast.dump(tree) == ast.dump(ast.parse(f"{before}nbtracker.{python}"))
    assert "\nimport nbtracker\n" in script_of([execution(1, cell)])


def test_a_run_of_one_cell_ends_with_it():
    """As it did in the notebook."""
    python = f"nbtracker.init(config={{'lr': 1}}, {BEGIN})\nx = 1\nnbtracker.finish()"
    tree = ast.parse(script("%%tracker run lr=1\nx = 1"))
    assert ast.dump(tree) == ast.dump(ast.parse(python))


@pytest.mark.parametrize(
    "line", ["show", "cells", "init --nonsense 1", "log", "log a", "config", "init x=(", "log 'a"]
)
def test_lines_of_the_tracker_without_such_python_become_comments(line):
    """They look at something, or say nothing that could be done."""
    text = script_of([execution(1, f"%tracker {line}")])
    assert ast.parse(text).body == []
    assert f"# %tracker {line}" in text


def test_cells_that_a_magic_tracked_run_alone(store, tmp_path):
    """`python cells.py` records what the cells did."""
    cells = ["%load_ext nbtracker", "%tracker init --project p lr=0.5", "lr = 2",
             "for i in range(3):\n    %tracker log loss=i/lr", "%tracker config lr=2",
             "%tracker finish"]  # fmt: skip
    (tmp_path / "cells.py").write_text(script_of([execution(n, c) for n, c in enumerate(cells)]))
    subprocess.run([sys.executable, "cells.py"], cwd=tmp_path, check=True)
    (folder,) = store.runs("p")
    view = read_run(folder)
    assert (view.config, view.n_rows, view.exit_code) == ({"lr": 2}, 3, 0)


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
