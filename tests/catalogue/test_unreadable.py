"""Runs that cannot be read, or only in part, are listed beside the others."""

import os

import pytest
from looked import N, catalogue_page, listed
from written import begin, log

from nbtracker.api.filters import parse_order
from nbtracker.journal.records import Gap, Unknown
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.cells import cell
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.catalogue.query import Column, Compare
from nbtracker.views.run import RunView


@pytest.mark.parametrize("spoil", ["folder", "garbage", "forged"])
def test_f38_one_unreadable_run_never_stops_the_others(store: Store, spoil: str) -> None:
    """It is listed, too, as far as it can be read."""
    folder = store.run("digits", "bad")
    folder.journal("main").parent.mkdir(parents=True)
    if spoil == "folder":
        folder.journal("main").mkdir()
    elif spoil == "garbage":
        folder.journal("main").write_bytes(os.urandom(5_000))
    else:
        writer = begin(store, "bad", tags=("a",))
        said = {"kind": "run", "id": "bad", "project": "digits", "name": "bad", "at": 1.0}
        for odd in ({"tags": [["not", "a", {"tag": 1}]]}, {"notes": {"a": 1}}):
            writer.append(Unknown(at=1.0, name="run", fields=said | odd))
        writer.close()
    found = listed(Catalogue(store))
    assert {f"run-{i:02}" for i in range(N)} <= set(found)


def test_f38_a_run_that_cannot_be_read_says_so(store: Store) -> None:
    """Its state is "damaged", and the reason stands beside it."""
    folder = store.run("digits", "bad")
    folder.path.mkdir()
    (folder.path / "journals").write_text("a file in the place of the folder")
    (facts,) = catalogue_page(Catalogue(store), "bad")
    assert (facts.state, "Not a directory" in facts.trouble) == ("damaged", True)


@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), MemoryError()])
def test_f38_a_passing_error_is_forgotten_when_it_is_over(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A run is read again, though its journals did not change."""
    folder = store.run("digits", "run-01")

    def fail(_: RunView) -> bool:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(RunView, "refresh", fail)
        assert Catalogue(store).refresh_run(folder).state == "damaged"
    catalogue = Catalogue(store)
    catalogue.refresh(whole=True)
    assert catalogue.run("digits", "run-01").state == "failed"


def test_a_listing_knows_of_damage_and_of_lost_rows(store: Store) -> None:
    """How many places cannot be read, and how many rows found no room."""
    writer = begin(store, "hurt")
    log(writer, [{"loss": float(i)} for i in range(9)])
    writer.append(Gap(at=1.0, n_rows=5))
    writer.append(Gap(at=1.0, n_rows=2))
    writer.close()
    journal = store.run("digits", "hurt").journal("main")
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 0xFF
    journal.write_bytes(data)
    catalogue = Catalogue(store)
    (facts,) = catalogue_page(catalogue, "hurt")
    assert (facts.damages, facts.gaps) == (1, 7)
    hurt = Compare(Column("gaps"), "gt", cell(0))
    assert [one.id for one in catalogue.page(hurt, parse_order(None), limit=5)] == ["hurt"]


def test_a_running_journal_that_was_replaced_in_place_is_read_anew(store: Store) -> None:
    """Its reader does not go on in the middle of another run."""
    catalogue, writer = Catalogue(store), begin(store, "live", at=1.0)
    log(writer, [{"loss": 1.0}] * 9)
    folder, other = store.run("digits", "live"), begin(store, "other", at=2.0)
    log(other, [{"acc": 1.0}] * 99)
    assert catalogue.refresh_run(folder).metrics == ["loss"]
    folder.journal("main").write_bytes(store.run("digits", "other").journal("main").read_bytes())
    facts = catalogue.refresh_run(folder)
    assert (facts.state, facts.metrics, facts.n_rows, facts.damages) == ("running", ["acc"], 99, 0)
    writer.close()
    other.close()
