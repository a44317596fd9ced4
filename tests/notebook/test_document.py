"""The document on the disk: A24 A37."""

import json
import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nbtracker.notebook import document
from nbtracker.notebook.document import MAX_DOCUMENT_BYTES, read_document

TOKEN = "hf_abcdefgh"


@pytest.fixture
def path(tmp_path):
    """A notebook with outputs."""
    path = tmp_path / "a.ipynb"
    shown = new_output("stream", text="1\n2\n")
    cells = [new_markdown_cell("# é"), new_code_cell("x = 1", outputs=[shown], execution_count=3)]
    metadata = {"widgets": {"state": 1}, "kernelspec": {"name": "python3", "display_name": "P"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
    return path


def hide(text):
    """Takes the token out."""
    return text.replace(TOKEN, "***")


def test_a_document_is_kept_byte_by_byte(path):
    """If there is nothing to be taken out."""
    assert read_document(path, outputs=True, redact=hide) == path.read_bytes()


def test_outputs_are_taken_out(path):
    """What is left is a notebook, and the same whatever the cells showed."""
    data = read_document(path)
    read = nbformat.reads(data.decode(), as_version=4)
    nbformat.validate(read)
    assert [cell.source for cell in read.cells] == ["# é", "x = 1"]
    assert (read.cells[1].outputs, read.cells[1].execution_count) == ([], None)
    assert "widgets" not in read.metadata
    path.write_bytes(data)
    assert read_document(path) == data


@pytest.mark.parametrize("place", ["source", "lines", "output", "traceback", "metadata", "key"])
def test_a24_secrets_are_taken_out_wherever_they_stand(path, place):
    """Even if a line ends within them, as far as lines are put together."""
    notebook = json.loads(path.read_text())
    notebook["cells"][1] |= {
        "source": {"source": f"t = '{TOKEN}'", "lines": [TOKEN[:4], TOKEN[4:]]}.get(place, "x"),
        "metadata": {TOKEN: {"a": [TOKEN]}} if place in {"metadata", "key"} else {},
    }
    error = {"output_type": "error", "ename": "", "evalue": TOKEN, "traceback": [f"at {TOKEN}"]}
    notebook["cells"][1]["outputs"] += [error] if place in {"output", "traceback"} else []
    path.write_text(json.dumps(notebook))
    data = read_document(path, outputs=True, redact=hide)
    assert (TOKEN.encode() in data, b"***" in data) == (False, True)
    nbformat.validate(nbformat.reads(data.decode(), as_version=4))


def test_pictures_are_not_searched_for_secrets(path):
    """Base64 may look like anything."""
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["attachments"] = {"a.png": {"image/png": TOKEN}}
    path.write_text(json.dumps(notebook))
    assert read_document(path, outputs=True, redact=hide) == path.read_bytes()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"cells": 1}', "\xff", "[" * 100_000, '{"cells": [' + "[" * 100_000],
    ids="empty cut list bare odd latin deep deeper".split(),
)
def test_what_is_no_notebook_is_not_read(path, text):
    """A file may be half written, or anything at all."""
    path.write_bytes(text.encode("latin-1"))
    assert read_document(path) is None


@pytest.mark.parametrize("cells", [[1, None, [], {}, {"cell_type": "code"}]], ids=["odd"])
def test_odd_cells_do_not_matter(path, cells):
    """What has the shape of a notebook is taken as one."""
    path.write_text(json.dumps({"cells": cells, "metadata": 7}))
    assert json.loads(read_document(path, redact=hide))["cells"][:4] == cells[:4]


def test_half_of_a_character_is_spelled_as_an_escape(path):
    """JSON knows it, and UTF-8 does not."""
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": "\ud800"}]}))
    assert b'"\\ud800"' in read_document(path)


def test_a37_a_hidden_file_is_not_read(path):
    """Whoever says that it is the notebook."""
    path.rename(path.with_name(".a.ipynb"))
    assert read_document(path.with_name(".a.ipynb")) is None


def test_only_regular_files_of_a_bounded_size_are_read(path, tmp_path):
    """A pipe would be waited for; a folder, and what is not there, are none."""
    os.mkfifo(tmp_path / "pipe")
    for odd in (tmp_path / "pipe", tmp_path, tmp_path / "gone", "a\0b", "/dev/zero"):
        assert read_document(odd) is None
    with path.open("ab") as file:
        file.truncate(MAX_DOCUMENT_BYTES + 1)
    assert read_document(path) is None


def test_a_document_of_the_largest_size_is_read(path):
    """Twenty mebibytes, to the byte."""
    text = path.read_text()
    path.write_text(text + " " * (document.MAX_DOCUMENT_BYTES - len(text.encode())))
    assert len(read_document(path, outputs=True)) == MAX_DOCUMENT_BYTES
