"""In which lines the code of two runs differs."""

import json
import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import begin, record

from nbtracker.errors import NotFoundError, UsageError
from nbtracker.extension import endpoints
from nbtracker.extension.refusals import TooLargeError
from nbtracker.extension.stores import OpenStore
from nbtracker.journal.records import CodeKept
from nbtracker.store.blobs import blob_path, forget_blob, keep_blob
from nbtracker.store.layout import Store
from nbtracker.wire import code_lines as wire
from nbtracker.wire.code_lines import code_lines
from nbtracker.wire.notebook_lines import last_sources
from nbtracker.wire.schema import CodeLines

SOURCES = st.lists(st.sampled_from(["a", "b", "c", "", "x = 1"]), max_size=40)


def text(lines: Sequence[str]) -> bytes:
    """Lines as a file."""
    return "".join(f"{line}\n" for line in lines).encode()


def patched(before: Sequence[str], found: CodeLines) -> list[str]:
    """What a unified diff makes of a file; what it says of the file must be so."""
    made: list[str] = []
    at = 0
    for line in found["lines"]:
        if line["sign"] == "@":
            first, _, n = line["text"].split(" ")[0].removeprefix("-").partition(",")
            start = int(first) - (n != "0")
            made += before[at:start]
            at = start
        elif line["sign"] == "+":
            made.append(line["text"])
        else:
            assert before[at] == line["text"]
            made += [line["text"]] if line["sign"] == " " else []
            at += 1
    return made + list(before[at:])


@given(before=SOURCES, after=SOURCES, patience=st.sampled_from([0, 30, wire.PATIENCE]))
def test_the_lines_make_one_version_of_the_other(before, after, patience):
    """Also where it took too long to find all that the two share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire, "PATIENCE", patience)
        found = code_lines("cells.py", text(before), text(after))
    assert patched(before, found) == after
    assert not found["is_cut"]
    assert before != after or found["lines"] == []


def test_lines_end_where_editors_end_them_and_other_ends_are_seen() -> None:
    """A form feed ends none; what Windows ends lines with is a difference like others."""
    found = code_lines("x", b"a\x0c\nb\n", b"a\x0c\nc\n")["lines"]
    assert found[0] == {"sign": "@", "text": "-1,2 +1,2"}
    found = code_lines("x", b"a\r\nb\n", b"a\nb\n")["lines"]
    assert [(line["sign"], line["text"]) for line in found[1:]] == [
        ("-", "a␍"), ("+", "a"), (" ", "b"),
    ]  # fmt: skip


def test_three_lines_around_a_change_are_told() -> None:
    """As every unified diff has them."""
    before = [str(i) for i in range(1, 21)]
    after = [*before[:9], "ten", *before[10:]]
    found = code_lines("cells.py", text(before), text(after))["lines"]
    assert [one["sign"] + one["text"] for one in found] == [
        "@-7,7 +7,7", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13",
    ]  # fmt: skip


def test_lines_said_over_and_over_are_compared_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each as often as it may be, and so at a hundred places: the search would take hours."""
    monkeypatch.setattr(wire, "PATIENCE", 50_000)
    searched: list[int] = []
    plain = wire.SequenceMatcher.find_longest_match

    def counted(self, alo=0, ahi=None, blo=0, bhi=None):
        searched.append((ahi or 0) - alo)
        return plain(self, alo, ahi, blo, bhi)

    monkeypatch.setattr(wire.SequenceMatcher, "find_longest_match", counted)
    order = random.Random(0)
    kinds = [str(i) for i in range(101)] * 20
    before, after = order.sample(kinds, len(kinds)), order.sample(kinds, len(kinds))
    found = code_lines("cells.py", text(before), text(after))
    assert patched(before, found) == after or found["is_cut"]
    assert sum(searched) * 20 <= 50_000


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\n" * 999_999, b"x\n" * 400_000),
        (text([str(i) for i in range(5_000)]), b""),
        (b"x" * 999_999, b"y"),
        (b"\xff\x00" * 400_000, b"\r" * 400_000),
    ],
    ids=["lines", "all", "long", "bytes"],
)
def test_what_is_told_is_bounded_and_says_so(before: bytes, after: bytes) -> None:
    """In number and in length."""
    found = code_lines("cells.py", before, after)
    assert found["is_cut"]
    assert 0 < len(found["lines"]) <= 2_000
    assert max(len(line["text"]) for line in found["lines"]) <= 1_000


def test_lines_behind_the_first_of_a_long_file_are_not_compared() -> None:
    """That they are not is said, whether or not they differ."""
    same = ["x"] * 30_000
    found = code_lines("cells.py", text(same), text([*same[:-1], "y"]))
    assert found == {"path": "cells.py", "lines": [], "is_cut": True}


def kept(store: Store, run_id: str, files: Mapping[str, bytes]) -> None:
    """Write a run whose code was kept."""
    writer = begin(store, run_id)
    digests = {path: keep_blob(store, data) for path, data in files.items()}
    writer.append(CodeKept(at=1.0, digest="0" * 64, files=digests))
    writer.close()


def asked(source: OpenStore, path: str) -> CodeLines:
    """Compare a file of two runs."""
    return endpoints.compare_code(source, {"run": ["digits/a", "digits/b"], "path": path})


def signs(found: CodeLines) -> str:
    """Which lines there are, as a text."""
    return "".join(line["sign"] for line in found["lines"])


def test_a_file_of_the_code_of_two_runs_is_compared(store: Store, source: OpenStore) -> None:
    """One that a run lacks is an empty one."""
    kept(store, "a", {"cells.py": b"x = 1\ny = 2\n", "old.py": b"x\n"})
    kept(store, "b", {"cells.py": b"x = 1\ny = 3\n", "new.py": b"x\n"})
    assert asked(source, "cells.py") == {
        "path": "cells.py",
        "lines": [
            {"sign": "@", "text": "-1,2 +1,2"},
            {"sign": " ", "text": "x = 1"},
            {"sign": "-", "text": "y = 2"},
            {"sign": "+", "text": "y = 3"},
        ],
        "is_cut": False,
    }
    assert signs(asked(source, "old.py")) == "@-"
    assert signs(asked(source, "new.py")) == "@+"
    for path in ("", "../../x"):
        with pytest.raises(NotFoundError, match="neither run has"):
            asked(source, path)


def test_a_file_that_is_too_long_is_refused_with_a_way_out(store: Store, source: OpenStore) -> None:
    """And not read to its end."""
    kept(store, "a", {"cells.py": b"x" * 1_000_001})
    kept(store, "b", {"cells.py": b"x"})
    with pytest.raises(TooLargeError, match="1 MB") as caught:
        asked(source, "cells.py")
    assert "another program" in caught.value.hint


def test_code_that_is_lost_is_not_told_as_empty(store: Store, source: OpenStore) -> None:
    """Nor is what was forgotten, or is other bytes by now."""
    kept(store, "a", {"cells.py": b"x = 1\n", "other.py": b"x"})
    kept(store, "b", {"cells.py": b"x = 2\n", "other.py": b"y"})
    digest = keep_blob(store, b"x = 2\n")
    forget_blob(store, digest)
    with pytest.raises(NotFoundError, match="forgotten"):
        asked(source, "cells.py")
    blob_path(store, keep_blob(store, b"y")).write_bytes(b"z")
    with pytest.raises(NotFoundError, match="other bytes"):
        asked(source, "other.py")


@pytest.mark.parametrize("runs", [[], ["digits/a"], ["digits/a"] * 3, ["digits/a", "digits/gone"]])
def test_two_runs_that_are_there_are_compared(
    store: Store, source: OpenStore, runs: list[str]
) -> None:
    """The error says what is asked for."""
    record(store, "a")
    with pytest.raises((UsageError, NotFoundError), match="run"):
        endpoints.compare_code(source, {"run": runs, "path": "cells.py"})


def notebook(*executions: tuple[str, str]) -> bytes:
    """A notebook of executions as a run's code has it."""
    cells = [
        {
            "cell_type": "code", "id": f"{cell}-{i}", "execution_count": i, "outputs": [],
            "metadata": {"nbtracker": {"cell_id": cell, "status": "ok"}}, "source": source,
        }
        for i, (cell, source) in enumerate(executions)
    ]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, indent=1).encode()


def test_cells_that_were_edited_and_executed_again_lie_beside_themselves(
    store: Store, source: OpenStore
) -> None:
    """Whatever was executed before in the same kernel, and whatever Jupyter counts."""
    kept(store, "a", {"cells.ipynb": notebook(("import", "import math"), ("train", "lr = 1"))})
    executions = ("import", "import math"), ("train", "lr = 1"), ("train", "lr = 2")
    kept(store, "b", {"cells.ipynb": notebook(*executions)})
    found = asked(source, "cells.ipynb")["lines"]
    changed = [(line["sign"], line["text"]) for line in found if line["sign"] in "+-"]
    assert changed == [("-", "lr = 1"), ("+", "lr = 2")]


@pytest.mark.parametrize(
    "said", [b"no JSON", b"[]", b'{"cells": [1]}', b'{"cells": [{}]}', b"\xff"]
)
def test_a_notebook_that_is_none_is_compared_as_it_is(said: bytes) -> None:
    """Its name is only a name."""
    assert last_sources(said) == said
