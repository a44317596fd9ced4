"""The catalogue's file may be deleted, damaged or crafted: the listing stays."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest
from looked import N, content, listed

from nbtracker.store.layout import Store
from nbtracker.views.catalogue import schema
from nbtracker.views.catalogue.index import Catalogue


def test_the_folder_and_the_file_are_private(store: Store) -> None:
    """0700 and 0600, the files SQLite keeps beside it included."""
    catalogue = Catalogue(store)
    listed(catalogue)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in schema.file_of(store).parent.iterdir()
    }
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(schema.file_of(store).parent.stat().st_mode) == 0o700


def damage_delete(path: Path) -> None:
    """Delete it."""
    schema.remove(path)


def damage_zero(path: Path) -> None:
    """Fill it with zeros."""
    path.write_bytes(bytes(path.stat().st_size))


def damage_foreign(path: Path) -> None:
    """Put another program's database there."""
    schema.remove(path)
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE runs (anything)")
    other.close()


def change(path: Path, *statements: str) -> None:
    """Change the file with SQL."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def damage_newer(path: Path) -> None:
    """Make it a file of a later version."""
    change(path, "PRAGMA user_version = 99")


def damage_trigger(path: Path) -> None:
    """Plant a trigger that would spoil what is written."""
    change(path, "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END")


def damage_view(path: Path) -> None:
    """Put a view in the place of a table."""
    change(path, "DROP TABLE kv", "CREATE VIEW kv AS SELECT 1 AS run, 1 AS key")


def damage_text(path: Path) -> None:
    """Put text there."""
    path.write_bytes(b"this is no database")


def damage_folder(path: Path) -> None:
    """Put a symbolic link there."""
    schema.remove(path)
    path.symlink_to("/etc/passwd")


DAMAGES = [damage_delete, damage_zero, damage_foreign, damage_newer, damage_text]


@pytest.mark.parametrize("damage", DAMAGES)
def test_f15_a_file_that_is_not_ours_is_built_anew(store: Store, damage: object) -> None:
    """Deleted, zeroed, foreign, newer: the listing is that of the journals."""
    catalogue = Catalogue(store)
    before = content(catalogue)
    catalogue.close()
    damage(schema.file_of(store))
    again = Catalogue(store)
    assert content(again) == before
    assert not again.is_in_memory


@pytest.mark.parametrize("damage", [damage_trigger, damage_view, damage_folder])
def test_a29_a_crafted_catalogue_is_refused(store: Store, damage: object) -> None:
    """Triggers, views and links never act."""
    catalogue = Catalogue(store)
    before = content(catalogue)
    catalogue.close()
    damage(schema.file_of(store))
    assert content(Catalogue(store)) == before


def test_f15_each_damaged_page_is_noticed_or_harmless(store: Store) -> None:
    """Whatever page is overwritten, a listing says what the journals say."""
    catalogue = Catalogue(store)
    before = content(catalogue)
    catalogue.close()
    whole = schema.file_of(store).read_bytes()
    size = 16_384
    for start in range(0, len(whole), size):
        schema.remove(schema.file_of(store))
        schema.file_of(store).write_bytes(whole[:start] + os.urandom(size) + whole[start + size :])
        again = Catalogue(store)
        assert content(again) == before
        again.close()


def test_f15_damage_while_it_is_open_is_survived(store: Store) -> None:
    """The file may be spoiled between two listings."""
    catalogue = Catalogue(store)
    before = content(catalogue)
    path = schema.file_of(store)
    for other in (path, path.with_name(path.name + "-wal")):
        other.write_bytes(os.urandom(other.stat().st_size))
    assert content(catalogue) == before


def test_f15_f35_a_cache_folder_that_cannot_be_used_is_done_without(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in its place, or no home at all: the listing is made in memory."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "file" / "cache"))
    catalogue = Catalogue(store)
    assert len(listed(catalogue)) == N
    assert catalogue.is_in_memory
