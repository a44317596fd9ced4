"""The code artifact: A24 A25, cells as they were executed, and what is the same code."""

import json
import re

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_cells import AT, Session, execution, showing, shows_nothing, sources

from nbtracker.journal.cells import DocumentKept, GitKept, ModuleKept, PackagesKept
from nbtracker.store.blobs import blob_path, keep_blob
from nbtracker.views.code import _json, code_digest, code_files, notebook_of

TEXTS = st.text(st.characters(exclude_categories=[]), max_size=60)


def written(notebook):
    """A notebook as its bytes are read by Jupyter; fails if it is none."""
    read = nbformat.reads(_json(notebook).decode(), as_version=nbformat.NO_CONVERT)
    nbformat.validate(read)
    return read


def test_a_notebook_has_the_cells_as_they_were_executed():
    """The same cell twice is there twice, each with its outputs and its own id."""
    shown = {2: [{"output_type": "stream", "name": "stdout", "text": "hi\n"}]}
    executions = [
        execution(1, "x = 1", cell_id="aa"),
        execution(2, "print('hi')", cell_id="aa", tags=("parameters", "parameters", "a,b", "")),
    ]
    cells = written(notebook_of(executions, lambda number: shown.get(number, []))).cells
    assert [(c.id, c.source, c.execution_count) for c in cells] == [
        ("aa-1", "x = 1", 1),
        ("aa-2", "print('hi')", 2),
    ]
    assert (cells[1].outputs, cells[1].metadata.tags) == (shown[2], ["parameters"])
    assert cells[1].metadata.nbtracker == {
        "execution": "s1-2", "status": "ok", "started": AT + 2, "ended": AT + 3.24, "cell_id": "aa",
    }  # fmt: skip


@pytest.mark.parametrize("status", ["error", "interrupted", "aborted", "running"])
def test_a_cell_that_did_not_end_well_says_so(status):
    """Failures are what people look for."""
    [cell] = written(notebook_of([execution(1, "x", status=status)], shows_nothing)).cells
    assert cell.metadata.nbtracker.status == status


def test_an_error_is_shown_once():
    """It comes from the outputs; if it is lost there, its name is left."""
    failed = execution(1, "1 / 0", status="error", error_name="ZeroDivisionError")
    error = {
        "output_type": "error",
        "ename": "ZeroDivisionError",
        "evalue": "division by zero",
        "traceback": ["line 1"],
    }
    for shown in ([error], []):
        [cell] = written(notebook_of([failed], showing(*shown))).cells
        assert [output.ename for output in cell.outputs] == ["ZeroDivisionError"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"skipped": True}, "*Cell #3: skipped, as its user asked.*"),
        ({"forgotten": True}, "*Cell #3: forgotten, as its user asked.*"),
        ({}, "*Cell #3: lost.*"),
    ],
    ids=["skipped", "forgotten", "lost"],
)
def test_what_is_not_kept_leaves_a_note(facts, said):
    """Its outputs are not looked for either."""
    [cell] = written(notebook_of([execution(3, None, **facts)], {}.__getitem__)).cells
    assert (cell.cell_type, cell.source) == ("markdown", said)


def test_a_title_is_text_and_nothing_else():
    """A26: the name of a run cannot make a notebook load a picture."""
    notebook = notebook_of(
        [], shows_nothing, title="<img src=//x>", facts={"run": "![a](http://x)\n# b"}
    )
    [cell] = written(notebook).cells
    assert cell.source == "# \\<img src=//x\\>\n\n- run: \\!\\[a\\]\\(http://x\\) \\# b"


@given(st.lists(st.tuples(TEXTS, st.none() | TEXTS, st.integers(1, 9)), max_size=6))
def test_any_cells_make_a_valid_notebook(cells):
    """Whatever the sources, the ids of the cells and the numbers are."""
    executions = [execution(number, source, cell_id=name) for source, name, number in cells]
    notebook = notebook_of(executions, shows_nothing, title="t")
    assert sources(written(notebook)) == [source for source, _, _ in cells]
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", one) for one in ids)


def test_numbers_that_json_has_no_word_for_become_null():
    """A browser could not read the notebook otherwise."""
    data = {"application/json": {"loss": [float("nan"), 1.5]}}
    shown = [{"output_type": "display_data", "data": data, "metadata": {}}]
    [cell] = written(notebook_of([execution(1, "x")], showing(*shown))).cells
    assert cell.outputs[0].data["application/json"] == {"loss": [None, 1.5]}


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "display_data", "data": {"text/plain": 5, "a/b": [1], "x": None}},
        {"output_type": "display_data", "data": {"application/x+json": [1], "text/plain": ["a"]}},
        {"output_type": "execute_result", "data": {}, "execution_count": -1},
    ],
    ids=["data", "json", "count"],
)
def test_an_odd_output_makes_no_odd_notebook(output):
    """A program may send, and a crafted journal say, what Jupyter would not open."""
    shown = showing(output | {"metadata": {}})
    [cell] = written(notebook_of([execution(1, "x", count=-1, tags=(5,))], shown)).cells
    assert (cell.outputs[0].output_type, cell.execution_count) == (output["output_type"], None)


def test_each_version_of_a_cell_can_be_had_back(store):
    """Of a cell that was edited many times, byte by byte."""
    session = Session(store)
    edits = [f"x = {n % 7}\r\n# \u00e9 \t{n}\n" for n in range(50)]
    for edit in edits:
        session.cell(edit, cell_id="same")
    files = code_files(session.read(), 50, outputs=shows_nothing)
    assert list(sources(json.loads(files["cells.ipynb"]))) == edits


def test_the_files_are_those_of_the_moment(store):
    """What came after the execution asked for is not among them."""
    session = Session(store)
    session.cell("import utils")
    session.module("utils", b"old", number=1)
    session.cell("utils.f()")
    session.module("utils", b"new", number=2)
    session.module("pkg.sub", b"", number=2, path="/home/ada/pkg/sub/__init__.py")
    session.cell("utils.g()")
    session.module("utils", b"newest", number=3)
    view = session.read()
    files = code_files(view, 2, outputs=shows_nothing)
    old = next(path for path in files if "@" in path)
    assert files.keys() == {
        "cells.ipynb", "cells.py", "environment.json", "modules/utils.py", old, "modules/pkg/sub/__init__.py",
    }  # fmt: skip
    assert (files["modules/utils.py"], files[old]) == (b"new", b"old")
    assert re.fullmatch(r"modules/utils\.py@[0-9a-f]{8}", old)
    assert list(sources(json.loads(files["cells.ipynb"]))) == ["import utils", "utils.f()"]


def test_document_patch_and_environment_are_there(store):
    """As they were last known."""
    session = Session(store)
    session.cell("1")
    patch, document = keep_blob(store, b"+x"), keep_blob(store, b"{}")
    session.put(
        GitKept(at=AT, commit="c0ffee", branch="main", dirty=True, remote="u", patch=patch),
        PackagesKept(at=AT, versions={"numpy": "2.1"}),
        DocumentKept(at=AT, execution="s1-1", path="a.ipynb", digest=document),
    )
    files = code_files(session.read(), 1, outputs=shows_nothing)
    assert (files["uncommitted.patch"], files["document.ipynb"]) == (b"+x", b"{}")
    assert json.loads(files["environment.json"]) == {
        "python": "3.12.1", "nbtracker": "1", "ipython": "9.1", "ipykernel": "", "platform": {},
        "packages": {"numpy": "2.1"}, "lost": [],
        "git": {"commit": "c0ffee", "branch": "main", "dirty": True, "remote": "u"},
    }  # fmt: skip


def test_a25_the_environment_is_what_is_on_the_list(store):
    """Whatever else is handed over stays outside."""
    platform = {"system": "Linux", "$PYTHONHASHSEED": "0", "$AWS_SECRET": "x", "host": "ada"}
    files = code_files(Session(store).read(), 0, outputs=shows_nothing, platform=platform)
    kept = json.loads(files["environment.json"])["platform"]
    assert kept == {"system": "Linux", "$PYTHONHASHSEED": "0"}


def test_f38_a_lost_blob_costs_its_file_alone(store):
    """The others are there, and it is named."""
    session = Session(store)
    session.module("gone", b"gone", number=0)
    session.module("here", b"here", number=0)
    blob_path(store, session.read().modules[0].digest).unlink()
    files = code_files(session.read(), 0, outputs=shows_nothing)
    assert [path for path in files if path.startswith("modules/")] == ["modules/here.py"]
    assert json.loads(files["environment.json"])["lost"] == ["modules/gone.py"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a..b", "a/b", "x\0y", ".env", "C:\\x"])
def test_a_crafted_name_of_a_module_leads_nowhere(store, name):
    """Its file stays in the folder of modules."""
    session = Session(store)
    session.module(name, b"x", number=0, path="/x/__init__.py")
    session.put(ModuleKept(at=AT, name="a", path="a.py", digest="../../../x"))
    files = code_files(session.read(), 0, outputs=shows_nothing)
    found = [path for path in files if path.startswith("modules/")]
    assert len(found) == 1
    assert re.fullmatch(r"modules/unnamed/[0-9a-f]{8}\.py", found[0])


def twice(store, **second):
    """The same notebook in two kernels, the second somewhat different; the digests of both."""
    digests = []
    for name, changes in (("s1", {}), ("s2", second)):
        session = Session(store, name)
        facts = {
            key: changes[key] for key in ("at", "cell_id", "status", "count") if key in changes
        }
        session.cell(changes.get("source", "import m"), **facts)
        session.cell("m.f()")
        session.module("m", changes.get("module", b"m"), number=1)
        patch = keep_blob(store, changes.get("patch", b"p"))
        session.put(GitKept(at=AT, commit=changes.get("commit", "c"), patch=patch))
        if "forget" in changes:
            session.forget(1)
        digests.append(code_digest(session.read(), changes.get("upto", 2)))
    return digests


@pytest.mark.parametrize(
    "same",
    [{"at": 99.0}, {"cell_id": "other"}, {"status": "error"}, {"count": 7}, {"commit": "d"}],
    ids=str,
)
def test_the_same_code_has_the_same_digest(store, same):
    """When it ran, where and how it ended is not the code."""
    first, second = twice(store, **same)
    assert first == second


@pytest.mark.parametrize(
    "other",
    [{"source": "import m "}, {"module": b"n"}, {"patch": b"q"}, {"upto": 1}, {"forget": True}],
    ids=str,
)
def test_other_code_has_another_digest(store, other):
    """A blank is a change."""
    first, second = twice(store, **other)
    assert first != second
