"""What other texts quote of forgotten cells: found, and taken out, and nothing else."""

import json
import os
from pathlib import Path

import pytest

from nbtracker.errors import NotFoundError, UsageError
from nbtracker.journal.cells import Output
from nbtracker.journal.writer import JournalWriter
from nbtracker.notebook.kept_code import delete_orphans
from nbtracker.notebook.quotes import Quotes
from nbtracker.notebook.scrubbing import scrub_outputs
from nbtracker.redaction import REDACTED, Redactor
from nbtracker.store.blobs import blob_path, digest_of, forget_blob, keep_blob, read_blob
from nbtracker.store.layout import Store
from nbtracker.store.sessions import session_folder
from nbtracker.views.outputs import n_bytes, outputs_of

SOURCE = "def f(x):\n    key = 'abc-def'\n    y = 1\n    return key / x"
FILE = "%%writefile a.py\nvalue = 'abc-def'\nz = 1"


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ("----> 2     key = 'abc-def'", "----> 2 [forgotten]"),
        ("      3     y = 1", "      3     y = 1"),
        ("\x1b[0;32m----> 4\x1b[0m \x1b[38;5;1mreturn\x1b[0m key / x", "----> 4 [forgotten]"),
        ("In: key = 'abc-def' there", "In: [forgotten] there"),
        ("[\"key = 'abc-def'\"]", '["[forgotten]"]'),
        ("'key = \\'abc-def\\''", "'[forgotten]'"),
        ("y = 1", "y = 1"),
        ("def f(x):", "def f(x):"),
    ],
)
def test_lines_are_found_where_they_are_quoted(line, clean):
    """In colours, with numbers, within others; short ones only where a traceback has them."""
    assert Quotes([SOURCE]).without(f"before\n{line}\nafter") == f"before\n{clean}\nafter"


def test_a_document_loses_the_cell_and_its_edited_version():
    """By source, by the cell's id, and by the execution; a version that was kept stays."""
    quotes = Quotes([SOURCE], ids=["s-2"], cell_ids=["c1", "c2"], kept=["kept = 1"])
    cells = [
        {
            "id": "x",
            "cell_type": "code",
            "source": SOURCE.splitlines(keepends=True),
            "outputs": [1],
        },
        {"id": "c1", "cell_type": "code", "source": "key = 'edited'", "outputs": []},
        {"id": "c2", "cell_type": "code", "source": "kept = 1", "outputs": []},
        {"cell_type": "code", "source": "", "metadata": {"nbtracker": {"execution": "s-2"}}},
        {"cell_type": "markdown", "source": "text"},
    ]
    clean = json.loads(quotes.document(json.dumps({"cells": cells}).encode()))["cells"]
    assert [one["source"] for one in clean] == [
        "# [forgotten]", "# [forgotten]", "kept = 1", "# [forgotten]", "text",
    ]  # fmt: skip
    assert clean[0]["outputs"] == []


def test_what_a_cell_wrote_is_taken_out_of_modules_and_patches():
    """The rest of them stays byte by byte."""
    quotes = Quotes([FILE])
    assert quotes.file(b"# a\r\nvalue = 'abc-def'\nz = 1\xff") == b"# a\r\n# [forgotten]\xff"
    patch = b"diff --git a/a.py b/a.py\n+value = 'abc-def'\n-old = 1\n z = 1\n\n"
    assert quotes.patch(patch) == (
        b"diff --git a/a.py b/a.py\n+[forgotten]\n-old = 1\n [forgotten]\n\n"
    )
    assert Quotes([SOURCE]).file(b"key = 'abc-def'") is None
    assert quotes.patch(b"+other = 1\n") is None


def test_outputs_that_lost_lines_are_read_without_gaps(store: Store) -> None:
    """In the head, and in what follows it."""
    folder, offset = session_folder(store, "s1"), 0
    for name, texts in (("head", ["one\n", f"{SOURCE}\n"]), ("tail-1", ["three\n"])):
        writer = JournalWriter(folder.outputs(3) / f"{name}.journal")
        for text in texts:
            one = Output(at=1.0, number=3, what="stream", name="stdout", text=text, offset=offset)
            writer.append(one)
            offset += n_bytes(one)
        writer.close()
    assert scrub_outputs(folder, Quotes([SOURCE])) == [3]
    (shown,) = outputs_of(folder, 3)
    assert shown["text"] == "one\ndef f(x):\n    [forgotten]\n    y = 1\n    [forgotten]\nthree\n"
    assert scrub_outputs(folder, Quotes([SOURCE])) == []


def test_who_reads_a_blob_is_told_that_it_was_forgotten(store: Store) -> None:
    """Or given what is left of it; to keep it again makes it be there again."""
    digest, left = keep_blob(store, b"with it"), keep_blob(store, b"without")
    forget_blob(store, digest, left)
    assert read_blob(store, digest) == b"without"
    forget_blob(store, left)
    with pytest.raises(NotFoundError, match="was forgotten, as its user asked"):
        read_blob(store, digest)
    assert read_blob(store, keep_blob(store, b"with it")) == b"with it"


def test_what_is_read_after_a_cell_was_forgotten_has_none_of_it() -> None:
    """A document's cell, a traceback, a module; other cells may say the same line."""
    redactor = Redactor({})
    for source in (SOURCE, FILE):
        redactor.forget(source)
    assert redactor.redact(f"{SOURCE}\n") == REDACTED
    assert redactor.redact("----> 2     key = 'abc-def'\n") == f"----> 2 {REDACTED}\n"
    assert redactor.redact(f"# a\n{FILE.partition(chr(10))[2]}\n") == f"# a\n{REDACTED}\n"
    assert redactor.redact("key = 'abc-def'") == "key = 'abc-def'"
    assert redactor.redact_source(SOURCE) == SOURCE
    assert redactor.redact(SOURCE) == SOURCE


def test_what_is_logged_is_left_alone_whatever_was_forgotten() -> None:
    """Rows, config and summary are data: nothing in them was read of a cell."""
    redactor, sources = Redactor({}), ("lr", "lr = 0.1", SOURCE, "optimiser = 'adam'")
    for source in sources:
        redactor.forget(source)
    said = {source: [source, f"+{source}"] for source in sources}
    assert redactor.redact_value(said) == said
    assert redactor.redact_value({"text/plain": SOURCE}, shown=True) == {"text/plain": REDACTED}


@pytest.mark.parametrize("source", ["lr", "lr = 0.1", "'best model'"])
def test_a_short_cell_is_looked_for_nowhere(source):
    """Any text may be like it."""
    redactor = Redactor({})
    redactor.forget(source)
    for text in (source, f"----> 1 {source}", f"+{source}"):
        assert redactor.redact(text) == text


def test_a_draft_that_a_kill_left_is_deleted(store: Store) -> None:
    """It has no digest to be forgotten by."""
    path = blob_path(store, "ab" * 32)
    path.parent.mkdir(parents=True)
    draft = path.with_name(f"{path.name}.k3j4h5")
    draft.write_bytes(f"# The cells as they were executed\n{SOURCE}".encode())
    assert delete_orphans(store, Quotes([SOURCE])) == 1
    assert not draft.exists()


def test_links_and_pipes_among_blobs_are_passed_over(store: Store, tmp_path: Path) -> None:
    """What lies behind a link is not deleted; nobody waits for a pipe."""
    digest = digest_of(b"")
    elsewhere = tmp_path / "elsewhere"
    for folder in (elsewhere, blob_path(store, "cd" * 32).parent):
        folder.mkdir(parents=True)
    os.mkfifo(blob_path(store, "cd" * 32))
    victim = elsewhere / digest[2:]
    victim.write_text(json.dumps({"source": SOURCE}))
    blob_path(store, digest).parent.symlink_to(elsewhere)
    assert delete_orphans(store, Quotes([SOURCE])) == 0
    with pytest.raises(UsageError, match="links in a store are not followed"):
        forget_blob(store, digest)
    assert victim.exists()


def test_a_pipe_among_outputs_is_passed_over(store: Store) -> None:
    """It would never end."""
    place = session_folder(store, "s1").outputs(3)
    place.mkdir(parents=True)
    os.mkfifo(place / "head.journal")
    assert scrub_outputs(session_folder(store, "s1"), Quotes([SOURCE])) == []


@pytest.mark.parametrize("wrong", ["empty", "link", "pipe"])
def test_a_blob_that_cannot_be_whole_is_written_again(store: Store, tmp_path: Path, wrong):
    """A power failure may have left it, or whoever made the store."""
    path = blob_path(store, digest_of(b"my code"))
    path.parent.mkdir(parents=True)
    (tmp_path / "other").write_bytes(b"my code")
    {
        "empty": path.touch,
        "link": lambda: path.symlink_to(tmp_path / "other"),
        "pipe": lambda: os.mkfifo(path),
    }[wrong]()
    assert read_blob(store, keep_blob(store, b"my code")) == b"my code"


def test_a_line_that_any_cell_may_have_is_left_in_others():
    """An import, unlike a text that was given a name."""
    cells = [{"cell_type": "code", "source": "import numpy as np\nx = 1", "outputs": []}]
    data = json.dumps({"cells": cells}).encode()
    assert Quotes(["import numpy as np"]).document(data) is None
    assert Quotes(["import numpy as np\nx = 1"]).document(data) is not None
