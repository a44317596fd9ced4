"""A listing says what the journals say, and says it soon."""

import math
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from looked import N, catalogue_page, content, listed
from written import begin, log, record

from nbtracker.journal.records import ConfigSet
from nbtracker.store.layout import Store
from nbtracker.store.trash import discard
from nbtracker.views.catalogue import index, schema
from nbtracker.views.catalogue.index import Catalogue


def test_runs_are_filtered_and_sorted(store: Store) -> None:
    """Config, summary and facts of runs, from one page."""
    catalogue = Catalogue(store)
    assert listed(catalogue, {"config.lr": {"$gte": 1.0}}) == ["run-10", "run-11"]
    assert listed(catalogue, {"config.opt.name": "sgd", "project": "digits"}) == [
        "run-03",
        "run-09",
    ]
    assert listed(catalogue, {"state": "finished"}, "-summary_metrics.acc")[0] == "run-10"


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


def test_one_look_that_took_long_does_not_put_off_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk or a thread that was busy once: a run that goes on is looked at again soon."""
    clock, at = SimpleNamespace(monotonic=lambda: at[-1], time_ns=time.time_ns), [0.0]
    monkeypatch.setattr(index, "time", clock)
    catalogue = Catalogue(store)
    writer = begin(store, "live")
    look, took = catalogue._look_at_running, iter([0.0, 0.001, 0.2])

    def look_slowly() -> None:
        look()
        at.append(at[-1] + next(took, 0.001))

    monkeypatch.setattr(catalogue, "_look_at_running", look_slowly)
    for at_s in (0.0, 0.2, 0.4):
        at.append(at_s)
        listed(catalogue)
    log(writer, [{"loss": 1.5}])
    at.append(0.8)
    (facts,) = catalogue_page(catalogue, "live")
    assert facts.summary["loss"] == 1.5


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
    schema.remove(schema.file_of(store))
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
