"""Stores are named by ids, and an id leads to a store of the user's own or nowhere."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from written import record

import nbtracker
from nbtracker.errors import NotFoundError
from nbtracker.extension.stores import Stores
from nbtracker.store import caches
from nbtracker.store.caches import cache_folder, note_store, noted_stores, store_id
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.run import read_run


@pytest.fixture(autouse=True)
def _nothing_is_noted() -> None:
    caches._noted.clear()


def test_who_looks_at_a_store_notes_where_it_is(store: Store) -> None:
    """For this user alone, under the id that names its cache."""
    record(store, "r")
    Catalogue(store).refresh()
    file = cache_folder(store) / "where"
    assert file.read_text() == os.path.realpath(store.path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [found.path for found in noted_stores()] == [Path(os.path.realpath(store.path))]


def test_who_records_a_run_notes_where_it_is(store: Store) -> None:
    """A server finds the store by its id, without having been told."""
    with nbtracker.init(project="p"):
        pass
    assert [store_id(found) for found in noted_stores()] == [store_id(store)]


def test_the_default_store_is_the_one_of_the_servers_folder(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that of the folder the server was begun in."""
    monkeypatch.delenv("NBTRACKER_DIR")
    root = tmp_path / "work" / "deep"
    (tmp_path / "work" / ".nbtracker").mkdir(parents=True)
    root.mkdir()
    assert Stores(root).source("default").store.path == tmp_path / "work" / ".nbtracker"


def test_a3_a_link_in_the_place_of_a_store_is_not_the_store(store: Store, tmp_path: Path) -> None:
    """Its id named what lay there before."""
    other = Store(tmp_path / "other")
    record(other, "theirs")
    record(store, "mine")
    stores = Stores(tmp_path)
    known = store_id(store)
    assert stores.source(known).store.path.is_dir()
    store.path.rename(tmp_path / "away")
    store.path.symlink_to(other.path)
    with pytest.raises(NotFoundError, match="knows no store"):
        stores.source(known)


def test_other_stores_are_found_by_their_ids(store: Store, tmp_path: Path) -> None:
    """Those that were recorded into, and the default one is first."""
    other = Store(tmp_path / "other")
    record(other, "r")
    record(store, "r")
    note_store(other)
    stores = Stores()
    assert stores.source(store_id(other)).store.path == other.path
    assert [one.id for one in stores] == [store_id(store), store_id(other)]


@pytest.mark.parametrize(
    "named", ["", "..", "../store", "/etc", "0" * 16, "0" * 15 + "/", "A" * 16, "x" * 10**5]
)
def test_a35_no_other_name_leads_anywhere(store: Store, named: str) -> None:
    """Neither a path nor an id that nobody noted."""
    record(store, "r")
    with pytest.raises(NotFoundError, match="knows no store"):
        Stores().source(named)


def test_a35_a_note_that_names_another_place_is_none(store: Store, tmp_path: Path) -> None:
    """The id is that of the path: who can write one note cannot make it lead elsewhere."""
    record(store, "r")
    note_store(store)
    (tmp_path / "elsewhere").mkdir()
    (cache_folder(store) / "where").write_text(str(tmp_path / "elsewhere"))
    assert list(noted_stores()) == []


@pytest.mark.parametrize("content", [b"", b"relative", b"a\0b", b"/" * 70_000, b"\xff/gone"])
def test_a29_a_crafted_note_is_none(store: Store, content: bytes) -> None:
    """And breaks nothing."""
    record(store, "r")
    note_store(store)
    (cache_folder(store) / "where").write_bytes(content)
    assert list(noted_stores()) == []


def test_a_link_is_no_note(store: Store, tmp_path: Path) -> None:
    """It could have been put there by whoever."""
    record(store, "r")
    note_store(store)
    where = cache_folder(store) / "where"
    where.rename(tmp_path / "moved")
    where.symlink_to(tmp_path / "moved")
    assert list(noted_stores()) == []


def test_f35_a_cache_that_cannot_be_written_is_done_without(store: Store) -> None:
    """Noting never raises."""
    record(store, "r")
    code = (
        "from nbtracker.store.caches import note_store, noted_stores\n"
        "from nbtracker.store.layout import open_store\n"
        "note_store(open_store()); print(list(noted_stores()))"
    )
    env = dict(os.environ, NBTRACKER_CACHE_DIR="/dev/null/cache")
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("cache", ["/dev/null/cache", "/proc/cache", "a\udcff", "~nobody-at-all/x"])
def test_f35_a_run_is_recorded_without_a_cache(
    store: Store, monkeypatch: pytest.MonkeyPatch, cache: str
) -> None:
    """Whatever is in its place, and without a word."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", cache)
    with warnings.catch_warnings(), nbtracker.init(project="p", id="r") as run:
        warnings.simplefilter("error")
        run.log({"a": 1})
    assert read_run(store.run("p", "r")).exit_code == 0
