"""The catalogue is a view: whatever happens to it, a listing says what the journals say."""

import math
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from written import begin, log, record

from nbtracker.api.filters import parse, parse_order
from nbtracker.journal.records import ConfigSet
from nbtracker.store.layout import Store
from nbtracker.store.trash import discard
from nbtracker.views.catalogue import schema
from nbtracker.views.catalogue.columns import HistoryColumns
from nbtracker.views.catalogue.index import Catalogue

N = 12


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Twelve runs of two projects, and a cache folder of their own."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    for i in range(N):
        record(
            store,
            f"run-{i:02}",
            project="digits" if i % 2 else "letters",
            config={"lr": i / 10, "opt": {"name": "adam" if i % 3 else "sgd"}},
            summary={"acc": (i * 7 % N) / N},
            exit_code=i % 2,
            at=1_000.0 + i,
        )
    return store


def listed(catalogue: Catalogue, filters: dict | None = None, order: str = "+created_at") -> list:
    """Ids of runs, after a refresh."""
    catalogue.refresh()
    found = catalogue.page(parse(filters), parse_order(order), limit=1_000)
    return [facts.id for facts in found]


def content(catalogue: Catalogue) -> list:
    """Everything a catalogue says of all runs."""
    catalogue.refresh()
    found = catalogue.page(parse({}), parse_order("+created_at"), limit=1_000)
    return [repr(facts) for facts in found]


def file_of(store: Store) -> Path:
    """Where the catalogue of a store lies."""
    return schema.cache_folder(store) / "catalogue.sqlite"


def test_runs_are_filtered_and_sorted(store: Store) -> None:
    """Config, summary and facts of runs, from one page."""
    catalogue = Catalogue(store)
    assert listed(catalogue, {"config.lr": {"$gte": 1.0}}) == ["run-10", "run-11"]
    assert listed(catalogue, {"config.opt.name": "sgd", "project": "digits"}) == [
        "run-03",
        "run-09",
    ]
    assert listed(catalogue, {"state": "finished"}, "-summary_metrics.acc")[0] == "run-10"


def test_the_folder_and_the_file_are_private(store: Store) -> None:
    """0700 and 0600, the files SQLite keeps beside it included."""
    catalogue = Catalogue(store)
    listed(catalogue)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in file_of(store).parent.iterdir()
    }
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(file_of(store).parent.stat().st_mode) == 0o700


def test_a_listing_sees_at_once_what_came_and_went(store: Store) -> None:
    """New and deleted runs need no new catalogue."""
    catalogue = Catalogue(store)
    listed(catalogue)
    record(store, "new")
    discard(store, store.run("letters", "run-00"))
    assert listed(catalogue)[0] == "run-01"
    assert "new" in listed(catalogue)


def test_a_run_that_goes_on_is_seen_within_a_second(store: Store) -> None:
    """Its rows, its config and its end."""
    catalogue = Catalogue(store)
    writer = begin(store, "live")
    assert [facts.state for facts in catalogue_page(catalogue, "live")] == ["running"]
    log(writer, [{"loss": 1.5}])
    writer.append(ConfigSet(at=time.time(), key="lr", new=7))
    time.sleep(1.0)
    (facts,) = catalogue_page(catalogue, "live")
    assert (facts.config, facts.summary["loss"], facts.state) == ({"lr": 7}, 1.5, "running")
    writer.close()
    time.sleep(1.0)
    assert [facts.state for facts in catalogue_page(catalogue, "live")] == ["crashed"]


def catalogue_page(catalogue: Catalogue, run_id: str) -> list:
    """The facts of one run, after a refresh."""
    catalogue.refresh()
    return catalogue.page(parse({"name": run_id}), parse_order(None), limit=5)


def test_an_edit_of_a_run_that_ended_is_seen_within_a_second(store: Store) -> None:
    """Another process may add an edit journal at any time."""
    catalogue = Catalogue(store)
    listed(catalogue)
    edit = (
        "import sys; from nbtracker.api import Api\n"
        "run = Api(sys.argv[1]).run('digits/run-01'); run.config['lr'] = 32; run.update()"
    )
    subprocess.run([sys.executable, "-c", edit, str(store.path)], check=True)
    time.sleep(1.1)
    assert listed(catalogue, {"config.lr": 32}) == ["run-01"]


def test_refreshing_often_or_once_makes_no_difference(store: Store) -> None:
    """A catalogue that kept up equals one that is built now."""
    kept_up = Catalogue(store)
    writer = begin(store, "live", at=2_000.0)
    for i in range(3):
        log(writer, [{"loss": float(i)}], first=i)
        kept_up.refresh(whole=True)
    writer.close()
    before = content(kept_up)
    kept_up.refresh(whole=True)
    kept_up.close()
    schema.remove(file_of(store))
    assert content(Catalogue(store)) == content(kept_up) != before


@pytest.mark.parametrize("value", [math.nan, math.inf, None, "diverged", [1, 2], True, 10**30])
def test_f20_an_odd_value_in_one_summary_does_not_break_the_listing(
    store: Store, value: object
) -> None:
    """NaN sorts behind all numbers, and hides no other run."""
    record(store, "odd", config={"lr": value}, summary={"acc": value}, at=900.0)
    catalogue = Catalogue(store)
    for order in ("+summary_metrics.acc", "-summary_metrics.acc", "-config.lr"):
        found = listed(catalogue, {}, order)
        assert sorted(found) == sorted(["odd", *(f"run-{i:02}" for i in range(N))])
        assert found[-1] == "odd" or value in (math.inf, 10**30)


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
    damage(file_of(store))
    again = Catalogue(store)
    assert content(again) == before
    assert not again.is_in_memory


@pytest.mark.parametrize("damage", [damage_trigger, damage_view, damage_folder])
def test_a29_a_crafted_catalogue_is_refused(store: Store, damage: object) -> None:
    """Triggers, views and links never act."""
    catalogue = Catalogue(store)
    before = content(catalogue)
    catalogue.close()
    damage(file_of(store))
    assert content(Catalogue(store)) == before


def test_f15_each_damaged_page_is_noticed_or_harmless(store: Store) -> None:
    """Whatever page is overwritten, a listing says what the journals say."""
    catalogue = Catalogue(store)
    before = content(catalogue)
    catalogue.close()
    whole = file_of(store).read_bytes()
    size = 16_384
    for start in range(0, len(whole), size):
        schema.remove(file_of(store))
        file_of(store).write_bytes(whole[:start] + os.urandom(size) + whole[start + size :])
        again = Catalogue(store)
        assert content(again) == before
        again.close()


def test_f15_damage_while_it_is_open_is_survived(store: Store) -> None:
    """The file may be spoiled between two listings."""
    catalogue = Catalogue(store)
    before = content(catalogue)
    path = file_of(store)
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


BUILD = """
import sys
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.index import Catalogue
catalogue = Catalogue(Store(__import__("pathlib").Path(sys.argv[1])))
{}
"""


def child(store: Store, code: str) -> subprocess.Popen:
    """A process with a catalogue."""
    return subprocess.Popen(
        [sys.executable, "-c", BUILD.format(code), str(store.path)],
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("delay_s", [0.1, 0.2, 0.25, 0.3, 0.4])
def test_f16_a_rebuild_that_is_killed_is_finished_by_the_next(store: Store, delay_s: float) -> None:
    """Wherever it was killed, nothing half-built is shown."""
    process = child(store, "while True: catalogue.rebuild()")
    time.sleep(delay_s)
    process.kill()
    process.communicate()
    assert sorted(listed(Catalogue(store))) == [f"run-{i:02}" for i in range(N)]


def test_f13_f16_many_processes_share_one_catalogue(store: Store) -> None:
    """Four rebuilders and listers at once: none fails, none misses a run."""
    code = (
        "for i in range(8):\n"
        "    catalogue.rebuild() if i % 4 == 0 else catalogue.refresh(whole=True)\n"
        "    assert catalogue.rows('SELECT count(*) FROM runs') == [(12,)], i\n"
    )
    processes = [child(store, code) for _ in range(4)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0] * 4
    assert len(listed(Catalogue(store))) == N


def test_f14_a_stopped_process_inside_a_transaction_holds_nobody_up(store: Store) -> None:
    """Others list what the journals say, from memory if they must."""
    code = (
        "catalogue.refresh()\n"
        "catalogue.rows('BEGIN IMMEDIATE'); print('in', flush=True)\n"
        "import time; time.sleep(60)"
    )
    process = child(store, code)
    assert process.stdout.readline() == "in\n"
    os.kill(process.pid, signal.SIGSTOP)
    try:
        record(store, "new", at=1.0)
        catalogue = Catalogue(store)
        assert listed(catalogue)[0] == "new"
        assert len(listed(catalogue)) == N + 1
    finally:
        process.kill()
        process.communicate()


def test_f14_an_idle_reader_keeps_no_transaction_open(store: Store) -> None:
    """So the write-ahead log can be cut back whenever somebody writes."""
    reader = Catalogue(store)
    listed(reader)
    writer = Catalogue(store)
    writer.refresh()
    ((busy, _, _),) = writer.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert busy == 0


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
        record(store, "bad", config={"lr": 1}, tags=[["not", "a", {"tag": 1}]], notes={"a": 1})
    found = listed(Catalogue(store))
    assert {f"run-{i:02}" for i in range(N)} <= set(found)


def test_f38_a_run_that_cannot_be_read_says_so(store: Store) -> None:
    """Its state is "damaged", and the reason stands beside it."""
    folder = store.run("digits", "bad")
    folder.path.mkdir()
    (folder.path / "journals").write_text("a file in the place of the folder")
    (facts,) = catalogue_page(Catalogue(store), "bad")
    assert (facts.state, "Not a directory" in facts.trouble) == ("damaged", True)


def test_a28_a_config_of_very_many_keys_is_listed(store: Store) -> None:
    """Beyond 10,000 keys a run is listed whole and filtered by the first of them."""
    record(store, "wide", config={"many": {f"k{i}": i for i in range(20_000)}})
    deep: dict = {}
    for _ in range(90):
        deep = {"a": deep}
    record(store, "deep", config={"deep": deep, "long": "x" * 1_000_000})
    catalogue = Catalogue(store)
    assert listed(catalogue, {"config.many.k5": 5}) == ["wide"]
    assert listed(catalogue, {"config.long": "x" * 1_000_000}) == ["deep"]
    assert len(catalogue.run("digits", "wide").config["many"]) == 20_000


def test_a_deleted_run_takes_its_columns_with_it(store: Store) -> None:
    """Nothing of it stays in the catalogue."""
    folder = record(store, "gone", rows=[{"loss": 1.0}] * 2_000)
    catalogue = Catalogue(store)
    HistoryColumns(catalogue).read(folder)
    discard(store, folder)
    catalogue.refresh(whole=True)
    tables = ("histories", "row_groups", "series", "chunks")
    assert [catalogue.rows(f"SELECT count(*) FROM {table}") for table in tables] == [[(0,)]] * 4


def test_a_run_that_is_made_anew_under_its_id_has_the_new_columns(store: Store) -> None:
    """A replaced journal is never taken for one that grew."""
    columns = HistoryColumns(Catalogue(store))
    folder = record(store, "again", rows=[{"loss": 1.0}] * 1_500)
    columns.read(folder)
    discard(store, folder)
    record(store, "again", rows=[{"loss": 2.0}] * 3_000)
    assert set(columns.read(folder).of["loss"].values.tolist()) == {2.0}


def test_a_fork_opens_a_connection_of_its_own(store: Store) -> None:
    """A child never uses its parent's connection."""
    code = (
        "import os; catalogue.refresh(); pid = os.fork()\n"
        "assert catalogue.rows('SELECT count(*) FROM runs') == [(12,)]\n"
        "if pid: assert os.waitpid(pid, 0)[1] == 0\n"
    )
    process = child(store, code)
    process.communicate(timeout=60)
    assert process.returncode == 0
