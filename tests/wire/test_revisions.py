"""One number tells who looks again what changed in a store, and what went."""

from pathlib import Path

import pytest
from written import begin, log, record

from nbtracker.api import Api
from nbtracker.store.layout import Store
from nbtracker.store.trash import discard
from nbtracker.views.catalogue import revisions, schema
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.catalogue.revisions import Clock


@pytest.fixture
def catalogue(store: Store) -> Catalogue:
    """A catalogue of two runs."""
    record(store, "a")
    record(store, "b")
    found = Catalogue(store)
    found.refresh(whole=True)
    return found


def test_a_look_at_what_is_known_changes_no_revision(store: Store, catalogue: Catalogue) -> None:
    """However often anybody looks, also while a run goes on and says nothing."""
    writer = begin(store, "c")
    catalogue.refresh(whole=True)
    before = catalogue.clock()
    for _ in range(3):
        catalogue.refresh(whole=True)
    assert catalogue.clock() == before
    log(writer, [{"loss": 1.0}])
    catalogue.refresh(whole=True)
    assert catalogue.changes(before).runs == [("digits", "c")]
    writer.close()


def test_each_change_of_a_run_has_a_higher_revision(store: Store, catalogue: Catalogue) -> None:
    """New, edited, or of another state: it is among the changes since."""
    before = catalogue.clock()
    Api(store.path).run("digits/a").name = "not written"
    run = Api(store.path).run("digits/a")
    run.tags.append("best")
    run.update()
    record(store, "c")
    catalogue.refresh(whole=True)
    found = catalogue.changes(before)
    assert found.now.revision > before.revision
    assert (sorted(found.runs), found.gone) == ([("digits", "a"), ("digits", "c")], [])
    assert not found.everything


def test_a_run_that_went_is_remembered_until_it_is_back(store: Store, catalogue: Catalogue) -> None:
    """So that a list can take it out without reading everything again."""
    before = catalogue.clock()
    where = discard(store, store.run("digits", "b"))
    catalogue.refresh(whole=True)
    assert catalogue.changes(before).gone == [("digits", "b")]
    where.rename(store.run("digits", "b").path)
    catalogue.refresh(whole=True)
    found = catalogue.changes(before)
    assert (found.runs, found.gone) == ([("digits", "b")], [])


def test_only_so_many_runs_that_went_are_remembered(
    store: Store, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has not looked for longer is told to read everything again."""
    monkeypatch.setattr(revisions, "MAX_GONE", 2)
    before = [catalogue.clock()]
    for i in range(5):
        folder = record(store, f"gone-{i}")
        catalogue.refresh(whole=True)
        discard(store, folder)
        catalogue.refresh(whole=True)
        before.append(catalogue.clock())
    assert [catalogue.changes(one).everything for one in before] == [True] * 3 + [False] * 3
    assert catalogue.changes(before[3]).gone == [("digits", "gone-3"), ("digits", "gone-4")]


def test_a_catalogue_that_was_made_anew_is_told_apart(store: Store, catalogue: Catalogue) -> None:
    """Its numbers begin again, and mean nothing to who looked at the one before."""
    before = catalogue.clock()
    catalogue.rebuild()
    assert catalogue.clock().epoch != before.epoch
    assert catalogue.changes(before).everything
    assert catalogue.changes(Clock(catalogue.clock().epoch, 10**6)).everything


def test_another_process_moves_the_same_number_on(store: Store, catalogue: Catalogue) -> None:
    """Two catalogues of one file say the same."""
    other = Catalogue(store)
    other.refresh(whole=True)
    before = catalogue.clock()
    assert other.clock() == before
    record(store, "c")
    other.refresh(whole=True)
    assert catalogue.changes(before).runs == [("digits", "c")]


def test_a_catalogue_in_memory_goes_its_own_way(store: Store, catalogue: Catalogue) -> None:
    """What it says from now on must not be mixed with what the file says."""
    before = catalogue.clock()
    holder = schema.open_file(schema.file_of(store))
    holder.execute("BEGIN EXCLUSIVE")
    record(store, "c")
    catalogue.refresh(whole=True)
    holder.execute("ROLLBACK")
    holder.close()
    assert catalogue.is_in_memory
    assert catalogue.changes(before).everything


def test_what_does_not_say_how_far_it_is_is_made_anew(store: Store, catalogue: Catalogue) -> None:
    """A page of it may have been damaged."""
    catalogue.rows("DELETE FROM clock")
    assert catalogue.clock().revision > 0
    assert Path(schema.file_of(store)).exists()
