"""Attacks on whoever reads: A10 A31 F38, by filters, paths, exports and what runs hold."""

import os
import subprocess

import numpy as np
import pytest
from commands import caller, command
from written import begin, record

from nbtracker.api.client import Api
from nbtracker.api.filters import parse, parse_order
from nbtracker.cli import exporting
from nbtracker.errors import UsageError
from nbtracker.journal.frames import RECORD, head
from nbtracker.views.catalogue.cells import TOO_DEEP, cell
from nbtracker.views.catalogue.query import Document, check_pattern, matches


@pytest.fixture
def call(capsys):
    """Calls the command; gives its exit code, stdout and stderr."""
    return caller(capsys)


def test_a31_an_export_never_writes_through_a_link_that_lies_in_wait(
    store, call, tmp_path, monkeypatch
):
    """Were its temporary name guessed, what the name stands for stays as it is."""
    record(store, "aaa1", rows=[{"loss": 1.0}])
    monkeypatch.setattr(exporting, "new_id", lambda length: "x" * length)
    (tmp_path / "victim").write_text("precious")
    (tmp_path / f".nbtracker-{'x' * 16}.part").symlink_to(tmp_path / "victim")
    code, _, err = call("export", "aaa1", "-o", "out.csv")
    assert (code, "out.csv" in err) == (1, True)
    assert (tmp_path / "victim").read_text() == "precious"
    assert not (tmp_path / "out.csv").exists()


def test_a31_nobody_can_guess_the_temporary_name_of_an_export(store, call, tmp_path, monkeypatch):
    """It is another one each time."""
    record(store, "aaa1")
    made = []
    keep = os.replace
    monkeypatch.setattr(
        exporting.Path, "replace", lambda part, to: (made.append(part), keep(part, to))
    )
    for _ in range(2):
        assert call("export", "aaa1", "-o", "out.csv")[0] == 0
    assert (len(set(made)), (tmp_path / "out.csv").exists()) == (2, True)


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_a_timestamp_that_one_row_logs_replaces_no_other(store, call, tmp_path, kind):
    """The other rows keep the moment they were recorded at."""
    record(store, "aaa1", rows=[{"loss": 1.0}, {"_timestamp": 7.0}, {"loss": 2.0}], at=1_000.0)
    assert call("export", "aaa1", "-o", f"out.{kind}")[0] == 0
    import pandas as pd

    read = {"csv": pd.read_csv, "json": pd.read_json, "parquet": pd.read_parquet}[kind]
    found = read(tmp_path / f"out.{kind}")["_timestamp"].astype("int64")
    assert list(found) in ([1_000, 7, 1_000], [1_000 * 10**9, 7 * 10**9, 1_000 * 10**9])


@pytest.mark.parametrize(
    "pattern",
    [
        "a?" * 12 + "a*a*b", "(?:a|aa|b)(?:a|aa)a*a*b", "a?a?a?[ab]*[ab]*d", "(?i)a?a*a*b",
        "a?" * 11 + "a*b", "(?i)" + "(?:a|aa)" * 10 + "[ab]*d",
        "a{0,9}a{0,9}a?a?a?b", "a?" * 12 + "(?i)a*a*b",
    ],
)  # fmt: skip
def test_a10_what_repetitions_and_choices_cost_together_is_bounded(pattern):
    """Each would keep a listing busy for minutes; the error says what is taken."""
    with pytest.raises(UsageError, match=r"looks around|2 of \* \+"):
        check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "a?" * 10 + "a*b",
        "a?a?[ab]*[ab]*d",
        "(?i)[a-d]*[a-d]*e",
        r"v?\d+\.\d+",
        ".*(?:a|b)-\\d+.*",
        "(?i)" + "[a-d]?" * 8 + "[a-d]*e",
        "(?:a|aa)" * 12 + "b",
    ],
)
def test_a10_what_is_taken_ends(pattern):
    """On the text that is worst for it."""
    run = Document({}, {"config.t": [cell("a" * 999 + "c")]})
    assert not matches(parse({"config.t": {"$regex": pattern}}), run)


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"created_at": {"$gt": 10**400}}, "a text like 2024-05-31"),
        ({"created_at": {"$gt": 10**5000}}, "a text like 2024-05-31"),
        ({"config.a": np.array([1, 2])}, r"tolist\(\)"),
        ({"config.a": {"$in": [np.array([1, 2])]}}, r"tolist\(\)"),
        ({"display_name": {"$regex": "\ud800"}}, r"write \. in its place"),
        ({"config.a": {"$in": 10**5000}}, "takes a list"),
    ],
)
def test_a10_values_that_nothing_holds_are_refused(filters, said):
    """None gets as far as SQL, or fails on the way."""
    with pytest.raises(UsageError, match=said):
        parse(filters)


def test_a10_an_order_is_a_text():
    """A number is told from one."""
    with pytest.raises(UsageError, match="order is 5; it must be a text"):
        parse_order(5)


def test_a10_more_than_sqlite_counts_is_all(store, call):
    """A limit and a page of any size are taken."""
    record(store, "aaa1")
    assert "aaa1" in call("ls", "--limit", "9" * 20)[1]
    assert len(list(Api().runs(per_page=10**30))) == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_output_is_no_error(store, closed):
    """As with `>&-` in a shell: nothing is said, and nothing else is written to."""
    record(store, "aaa1")
    shell = f'exec "$@" {closed}'
    done = subprocess.run(
        ["sh", "-c", shell, "sh", *command("ls")], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


DEEP = {"a list": (b"[", b"1", b"]"), "a dict": (b'{"a":', b"1", b"}")}


def make_deep(store, run_id, kind):
    """Write a run whose config is nested deeper than any recorder writes."""
    before, inside, after = DEEP[kind]
    writer = begin(store, run_id)
    value = before * 600 + inside + after * 600
    writer._put(head(RECORD, b'{"kind":"config","at":1.0,"key":"k","new":%s}' % value))
    writer.close()


@pytest.mark.parametrize("kind", DEEP)
def test_f38_a_config_nested_very_deep_stops_no_listing(store, call, kind):
    """Beside a NaN, which makes the whole list be spelled with care."""
    make_deep(store, "deep", kind)
    record(store, "aaa1", summary={"loss": float("nan")})
    for argv in (["ls"], ["ls", "--json"], ["show", "aaa1", "--json"]):
        code, out, _ = call(*argv)
        assert (code, "aaa1" in out) == (0, True)
    assert {run.id for run in Api().runs()} == {"deep", "aaa1"}
    assert TOO_DEEP in str(Api().run("digits/deep").config)
    assert len(Api().runs().dataframe("arrow")) == 2


@pytest.mark.parametrize("kind", DEEP)
def test_f38_a_run_nested_very_deep_can_be_edited(store, kind):
    """What was not touched is not written again."""
    make_deep(store, "deep", kind)
    run = Api().run("digits/deep")
    run.config["new"] = 1
    run.update()
    assert Api().run("digits/deep").config["new"] == 1


@pytest.mark.parametrize("kind", DEEP)
def test_f38_what_cannot_be_printed_of_a_deep_run_is_one_clear_error(store, call, kind):
    """`show` and `cat` end with a sentence, if they cannot show all of it."""
    make_deep(store, "deep", kind)
    for argv in (["show", "deep", "--json"], ["show", "deep"], ["cat", "deep"]):
        code, _, err = call(*argv)
        assert (code, "Traceback" in err) in ((0, False), (1, False))


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "dicts"])
def test_f38_half_a_character_in_a_name_stops_no_table(store, kind):
    """The name is spelled in a way that every table takes."""
    record(store, "aaa1", rows=[{"\ud800": 1.0, "said": "\udfff"}], summary={"\udfff": "\ud800"})
    api = Api()
    assert len(api.runs().dataframe(kind)) == 1
    assert len(api.run("aaa1").history(format=kind)) == 1
    assert len(api.runs().histories(format=kind)) == 1
