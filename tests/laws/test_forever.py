"""Law 5: every journal ever written is read by every later version.

`tests/journals/v1/` was written by the first version, and is never edited. Each run there has
beside it, as JSON, what it said then.
"""

import json
from pathlib import Path

import pytest
from samples import facts

from nbtracker.journal.reader import Damage, JournalReader
from nbtracker.journal.records import KINDS, Unknown, loads
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.layout import RunFolder
from nbtracker.views.run import read_run

JOURNALS = Path(__file__).parents[1] / "journals"
RUNS = sorted(path.parent for path in JOURNALS.rglob("expected.json"))


@pytest.mark.parametrize("path", RUNS, ids=lambda path: f"{path.parts[-3]} {path.name}")
def test_an_old_run_says_what_it_always_said(path):
    """Config, summary, rows, damage: what was expected when it was written is there today."""
    expected = loads((path / "expected.json").read_bytes())
    found = facts(read_run(RunFolder(path)))
    known = {name: found[name] for name in expected}
    assert json.dumps(known, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_the_first_version_is_covered():
    """The golden journals hold every kind of record that the first version wrote."""
    kinds = set()
    for path in JOURNALS.rglob("v1/**/*.journal"):
        kinds |= {getattr(item, "kind", None) for item in JournalReader(path).read()}
    first = "run config config-pinned summary summary-deleted metric row edit heartbeat gap end"
    assert set(first.split()) <= kinds & set(KINDS)


def test_what_a_later_version_adds_is_kept_and_disturbs_nothing():
    """Unknown kinds are given as they are; unknown frames, fields and flags are passed over."""
    path = RunFolder(JOURNALS / "v1" / "digits" / "later").journal("main")
    items = list(JournalReader(path).read())
    (unknown,) = [item for item in items if isinstance(item, Unknown)]
    assert (unknown.name, unknown.fields["hologram"]) == ("hologram-logged", [1, 2, 3])
    assert not any(isinstance(item, Damage) for item in items)


@pytest.mark.parametrize("path", RUNS, ids=lambda path: f"{path.parts[-3]} {path.name}")
def test_an_old_journal_can_be_gone_on_with(path, tmp_path):
    """A writer of today adds to it, and changes no whole frame that was there."""
    old = RunFolder(path).journal("main")
    copy = tmp_path / "main.journal"
    copy.write_bytes(old.read_bytes())
    writer = JournalWriter(copy)
    n_whole = writer.reader.end
    writer.append_call(*call())
    writer.close()
    assert copy.read_bytes()[:n_whole] == old.read_bytes()[:n_whole]
    *_, last = JournalReader(copy).read()
    assert last.values == {"later": "today"}


def call():
    """What `append_call` is given for one row of text."""
    from nbtracker.journal.records import Row
    from nbtracker.journal.steps import Steps

    return Steps(10_000), None, None, Row(at=2e9, step=0, values={"later": "today"})
