"""Law 3: the journals of one run may be folded in any order."""

import itertools

import pytest
from samples import spelled, write_sample

from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import ConfigSet, Edited, Row, SummarySet
from nbtracker.journal.steps import Steps
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.layout import RunFolder
from nbtracker.views.run import RunView

T = 1_700_000_000.0


@pytest.fixture
def folder(tmp_path):
    """A run with a main journal, system metrics, and edits from two places."""
    folder = RunFolder(tmp_path / "p" / "r")
    write_sample(folder.journal("main"), 40, at=T)
    for writer, shift in (("edit-a", 5.0), ("edit-b", 5.5)):
        with_edits = JournalWriter(folder.journal(writer))
        with_edits.append(Edited(at=T + shift, field="name", value=writer))
        with_edits.append(ConfigSet(at=T + shift, key="lr", new=writer))
        with_edits.append(SummarySet(at=T + shift, path=("best",), value=writer))
        with_edits.close()
    system = JournalWriter(folder.journal("system"))
    for i in range(40):
        row = Row(at=T + i, step=0, values={"loss": 0.1 * i, "cpu": 0.7 * i})
        system.append_call(Steps(i), None, None, row)
    system.close()
    return folder


def test_journals_folded_in_any_order_give_one_run(folder):
    """Each of the 24 orders of four journals gives the same view."""
    seen = set()
    for order in itertools.permutations(folder.journals):
        view = RunView(folder)
        for path in order:
            view.take(path, JournalReader(path).read())
        seen.add(spelled(view))
    assert len(seen) == 1


def test_journals_folded_item_by_item_give_one_run(folder):
    """Taking turns between journals, record by record, changes nothing either."""
    whole, turns = RunView(folder), RunView(folder)
    for path in folder.journals:
        whole.take(path, JournalReader(path).read())
    readers = {path: JournalReader(path).read() for path in reversed(folder.journals)}
    while readers:
        for path, items in list(readers.items()):
            if (item := next(items, None)) is None:
                del readers[path]
            else:
                turns.take(path, [item])
    assert spelled(turns) == spelled(whole)


def test_the_later_edit_wins_whichever_journal_it_is_in(folder):
    """Name, config and summary are as the last change left them."""
    view = RunView(folder)
    view.refresh()
    assert (view.name, view.config["lr"], view.summary["best"]) == (
        "edit-b",
        "edit-b",
        {"loss": 0.5},
    )
