"""A run in words, and tables of values: what is shown where no picture is."""

import json
import math

import pytest
from screen_payloads import PAYLOADS
from written import begin, record

import nbtracker
from nbtracker.errors import TrackingWarning, UsageError
from nbtracker.journal.records import ConfigPinned
from nbtracker.screen import html
from nbtracker.screen.bundle import MIME, bundle_of, payload
from nbtracker.screen.portrait import Portrait, Subject
from nbtracker.screen.showing import Displayed
from nbtracker.screen.words import cut, number, sparkline, text_of
from nbtracker.store.caches import store_id
from nbtracker.store.layout import Store


def test_the_text_names_the_run_its_metrics_and_each_change_of_its_config(store: Store) -> None:
    """In this order, each metric with its curve in bars."""
    run = nbtracker.init(project="p", id="r", name="brave", config={"lr": 0.01, "n": 2})
    run.log({"loss": 4.0})
    run.log({"loss": 1.0})
    run.config.update({"lr": 0.003}, allow_val_change=True)
    run.summary["note"] = "good"
    said = text_of([Subject(run._folder).portrait()]).splitlines()
    assert said[0].startswith("brave (p/r): running, 2 rows")
    assert said[3].split() == ["loss", "█▁", "1", "1", "4"]
    assert "  lr  0.01 -> 0.003 @ step 2" in said
    assert "  note  good" in said


def test_pinned_keys_come_first(store: Store) -> None:
    """As whoever pinned them wants to see them."""
    writer = begin(store, "r")
    writer.append(ConfigPinned(at=1.0, keys=("z",)))
    writer.close()
    run = nbtracker.init(project="p", config={"a": 1, "z": {"y": 2}})
    run.pin_config_keys(["z"])
    keys = [entry.key for entry in Subject(run._folder).portrait().config]
    assert keys == ["z.y", "a"]


def test_a_sparkline_shows_spikes_and_what_is_no_number() -> None:
    """Of neighbours the one that differs most is kept."""
    values = [1.0] * 500
    values[77], values[300], values[400] = 9.0, math.nan, -math.inf
    line = sparkline(values)
    assert len(line) == 24
    assert (line.count("█"), line.count("x"), line.count("v")) == (1, 1, 1)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.1, "0.1"), (1 / 3, "0.3333"), (5.0, "5"), (1e-7, "1e-7"), (2.5e30, "2.5e30"),
     (math.nan, "NaN"), (-math.inf, "-inf")],
)  # fmt: skip
def test_numbers_are_spelled_shortly(value: float, said: str) -> None:
    """Four digits, and no zeros that say nothing."""
    assert number(value) == said


def test_wide_characters_count_twice_where_text_is_cut() -> None:
    """They are as wide as two on a screen."""
    assert cut("abcdef", 4) == "abc…"
    assert cut("漢字漢字", 4) == "漢…"


def test_the_bundle_names_the_run_by_the_id_of_its_store(store: Store) -> None:
    """A notebook tells nobody where things are."""
    bundle = bundle_of([Subject(record(store, "r", rows=[{"x": 1.0}])).portrait()], height=300)
    assert bundle[MIME] == {
        "version": 1, "store": store_id(store), "runs": ["digits/r"], "height": 300, "title": None,
    }  # fmt: skip
    assert str(store.path) not in str(bundle)


def test_a_payload_stays_small_whatever_is_compared() -> None:
    """Of too many runs the first ones are named."""
    portraits = [Portrait("0" * 16, f"{'漢' * 42}/{'i' * 120}{i}", "n", "x") for i in range(99)]
    said = payload(portraits, title="漢" * 500)
    assert 1 <= len(said["runs"]) <= 50
    assert len(json.dumps(said)) <= 1_400


def test_a_hidden_display_is_one_line(store: Store) -> None:
    """And our front end is told."""
    bundle = bundle_of([Subject(record(store, "r")).portrait()], hidden=True)
    assert bundle["text/plain"].count("\n") == 0
    assert "image/svg+xml" not in bundle
    assert bundle[MIME]["hidden"] is True


def test_a_run_that_is_recorded_nowhere_shows_what_is_in_memory(store: Store) -> None:
    """Its numbers are there; there is nothing to follow."""
    with nbtracker.init(mode="disabled", config={"lr": 1}) as run:
        run.log({"loss": 2.0})
        bundle = run._repr_mimebundle_()
    assert MIME not in bundle
    assert "loss" in bundle["text/plain"]


def test_a_damaged_run_says_so_and_raises_nothing(store: Store) -> None:
    """What can be read of it is shown."""
    folder = record(store, "r", rows=[{"x": float(i)} for i in range(9)])
    data = bytearray(folder.journals[0].read_bytes())
    data[len(data) // 2] ^= 0xFF
    folder.journals[0].write_bytes(bytes(data))
    assert "a part of it is damaged" in text_of([Subject(folder).portrait()])


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a11_a13_texts_of_runs_stay_texts_in_tables(store: Store, payload: str) -> None:
    """Config, summary and lists of runs: neither elements, nor markdown, nor formulas."""
    from xml.etree import ElementTree as ET

    with nbtracker.init(
        project="p", name=payload, tags=[payload], config={payload: payload}
    ) as run:
        run.summary["note"] = payload
        tables = [run.config._repr_html_(), run.summary._repr_html_()]
    tables.append(nbtracker.Api().runs()._repr_html_())
    for one in tables:
        root = ET.fromstring(one)
        assert {e.tag for e in root.iter()} <= set("table caption thead tbody tr th td".split())
        assert {name for e in root.iter() for name in e.attrib} <= {"colspan", "class"}
        assert payload in {e.text for e in root.iter()}
        assert "mathjax_ignore" in root.get("class", "").split()


def test_long_tables_say_what_they_leave_out() -> None:
    """The first 50 rows, and how many more there are."""
    assert "10 more" in html.table(("a",), [[i] for i in range(60)])


def test_display_in_a_script_prints_the_text(store: Store, capsys) -> None:
    """And says that there is nothing that could show more."""
    run = nbtracker.init(project="p", id="r")
    log_to(run)
    shown = run.display()
    assert (shown, repr(shown), bool(shown)) == (False, "False", False)
    assert "(p/r): running, 1 row" in capsys.readouterr().out
    with pytest.raises(nbtracker.UsageError, match="pixels"):
        run.display(height="high")


def log_to(run: nbtracker.Run) -> None:
    """Log a row."""
    run.log({"x": 1.0})


def test_whether_it_was_shown_is_as_good_as_true_or_false() -> None:
    """In conditions, comparisons and texts."""
    for truth in (True, False):
        shown = Displayed(truth)
        assert shown == truth
        assert bool(shown) is truth
        assert f"{shown} {shown!r}" == f"{truth} {truth!r}"
        assert {shown: 1} == {truth: 1}


def test_f6_a_display_that_fails_is_one_warning(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a free file descriptor nothing can be imported, and training goes on."""

    def fail(*_: object, **__: object) -> bool:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("nbtracker.screen.showing.show", fail)
    with nbtracker.init(project="p") as run:
        with pytest.warns(TrackingWarning, match="Too many open files.*training goes on"):
            assert not run.display()
        runs = nbtracker.Api().runs("p")
        with pytest.warns(TrackingWarning, match="Too many open files.*training goes on"):
            assert not runs.display()
        monkeypatch.undo()
        for shown in (run, runs):
            with pytest.raises(UsageError, match="height"):
                shown.display(height="high")
