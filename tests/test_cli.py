"""The command line: what each command prints, and what it refuses."""

import contextlib
import csv
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable

import pyarrow.parquet as pq
import pytest

import nbtracker
from nbtracker.cli.exporting import neutral
from nbtracker.cli.main import main
from nbtracker.cli.tables import print_table
from nbtracker.cli.text import duration, escaped, json_text, moment
from nbtracker.journal.records import Gap
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.layout import open_store

EVIL = "a\x1b]52;c;aGk=\x07\u202eb[bold red]c\x9b31m\n"

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """A store of the test's own, with a catalogue of its own."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NBTRACKER_DIR", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def call(capsys) -> Call:
    """Call the command; gives its exit code, stdout and stderr."""

    def run(*argv: str) -> tuple[int, str, str]:
        try:
            code = main(argv)
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def record(run_id="aaa1", project="p", rows=({"loss": 0.5},), **given):
    """Record a small run."""
    with nbtracker.init(id=run_id, project=project, **given) as run:
        for row in rows:
            run.log(row)
    return open_store().run(project, run_id)


def command(*argv: str) -> list[str]:
    """The command as a shell would start it."""
    return [sys.executable, "-m", "nbtracker", *argv]


def test_ls_of_nothing_says_where_it_looked_and_how_to_begin(call, store):
    """An empty store is no error, and no dead end."""
    code, out, err = call("ls")
    assert (code, out) == (0, "")
    assert str(store) in err
    assert "nbtracker.init(" in err
    assert call("ls", "--json")[1] == "[]\n"


def test_ls_filters_sorts_and_limits(call):
    """The newest come first, unless something else is asked for."""
    for n, run_id in enumerate(["aaa1", "bbb2", "ccc3"]):
        record(run_id, rows=[{"loss": n}], config={"lr": n})

    def ids(*argv):
        return [run["id"] for run in json.loads(call("ls", "p", "--json", *argv)[1])]

    assert ids() == ["ccc3", "bbb2", "aaa1"]
    assert ids("--sort", "-summary_metrics.loss", "--limit", "2") == ["ccc3", "bbb2"]
    assert ids("--sort", "config.lr", "--filter", '{"config.lr": {"$gt": 0}}') == ["bbb2", "ccc3"]


@pytest.mark.parametrize(
    ("argv", "hint", "code"),
    [
        (["lss"], "'ls'", 2),
        (["ls", "--filter", "{state: 1}"], "double quotes", 2),
        (["ls", "--filter", '{"staet": "finished"}'], "'state'", 2),
        (["ls", "--limit", "-3"], "0 for all", 2),
        (["ls", "q"], "there is p", 1),
        (["show", "zzz"], "nbtracker ls", 1),
        (["show", "aaaa1"], "did you mean aaa1 or aaa2", 1),
        (["show", "aaa"], "p/aaa1, p/aaa2", 1),
        (["show", "q/aaa1"], "there is p", 1),
        (["show", "../passwd"], "no project '..'", 1),
        (["cat", "aaa1", "--writer", "mian"], "there is main", 1),
        (["export", "aaa1", "--format", "parquet"], "-o FILE", 2),
        (["export", "aaa1", "--format", "csv", "--json"], "one of them", 2),
        (["rm", "aaa1", "zzz", "--yes"], "nbtracker ls", 1),
        (["trash", "--restore", "zzz"], "nbtracker trash", 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_call_says_what_would_be_right(call, argv, hint, code):
    """Errors go to stderr, with a way out."""
    record("aaa1")
    record("aaa2")
    found = call(*argv)
    assert (found[0], found[1]) == (code, "")
    assert hint in found[2]


def test_without_a_command_help_is_shown(call):
    """Whoever types the bare command learns the others."""
    code, out, _ = call()
    assert code == 0
    assert all(name in out for name in ("ls", "show", "cat", "export", "rm", "trash", "doctor"))


@pytest.mark.parametrize(
    "named", ["abcd1234", "abc", "p/abcd1234", "me/p/abc", "me/p/runs/abcd1234"]
)
def test_a_run_has_many_names(call, named):
    """An id, its unique beginning, and the paths of the field all name the run."""
    record("abcd1234")
    assert json.loads(call("show", named, "--json")[1])["run"] == "p/abcd1234"


def test_show_says_where_a_run_is_and_how_its_config_changed(call):
    """Folder, state, config, summary and metrics are there."""
    with nbtracker.init(id="aaa1", project="p", config={"lr": 0.1}, tags=["t"]) as run:
        run.define_metric("loss", summary="best", goal="minimize")
        run.log({"loss": 0.5})
        run.config.update({"lr": 0.2}, allow_val_change=True)
    _, out, _ = call("show", "aaa1")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert f"folder {open_store().run('p', 'aaa1').path}" in lines
    assert "state finished (exit code 0)" in lines
    assert "lr 0.2 0.1 until step 1" in lines
    assert "loss best minimize" in lines


def test_show_has_the_traceback_of_a_failed_run(call):
    """What went wrong is part of the run."""
    with pytest.raises(ZeroDivisionError), nbtracker.init(id="aaa1", project="p"):
        _ = 1 / 0
    _, out, _ = call("show", "aaa1")
    assert "failed (exit code 1)" in " ".join(out.split())
    assert "\nZeroDivisionError: division by zero" in out
    assert "ZeroDivisionError" in json.loads(call("show", "aaa1", "--json")[1])["error"]


def test_cat_gives_every_record_and_row(call):
    """One JSON object a line; NaN as the journal spells it."""
    record(rows=[{"loss": float("nan")}, {"loss": 1, "note": "x"}], config={"$a": 1})
    said = [json.loads(line) for line in call("cat", "aaa1")[1].splitlines()]
    rows = [one["values"] for one in said if one["kind"] == "row"]
    assert rows == [{"loss": {"$float": "nan"}}, {"loss": 1, "note": "x"}]
    assert [one["kind"] for one in said if one["kind"] != "row"] == ["run", "config", "end"]
    assert {one["journal"] for one in said} == {"main"}
    assert json.loads(call("cat", "aaa1", "--json", "--writer", "main")[1]) == said


def test_export_writes_csv_json_and_parquet(call, tmp_path):
    """All three have the same rows; what is missing stays missing."""
    record(rows=[{"loss": 0.5}, {"loss": float("nan"), "a": {"b": 2}}])
    for ending in ("csv", "json", "parquet"):
        assert call("export", "aaa1", "-o", str(tmp_path / f"x.{ending}"))[0] == 0
    table = pq.read_table(tmp_path / "x.parquet").to_pydict()
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    said = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert (
        [row["loss"] for row in rows] == [str(value) for value in table["loss"]] == ["0.5", "nan"]
    )
    assert [row["a.b"] for row in rows] == ["", "2"]
    assert table["a.b"] == [None, 2]
    assert [one.get("a.b") for one in said] == [None, 2]
    assert list(tmp_path.glob(".*.part")) == []


def test_a_failed_export_leaves_the_old_file(call, tmp_path):
    """A file is replaced when the new one is whole, not before."""
    folder = record()
    (tmp_path / "x.csv").write_text("old")
    make_unreadable(folder)
    assert call("export", "aaa1", "-o", str(tmp_path / "x.csv"))[0] == 1
    assert (tmp_path / "x.csv").read_text() == "old"


def test_a17_no_cell_of_an_export_is_a_formula(call, tmp_path):
    """Texts and names that a spreadsheet would run get a leading quote, in files and printed."""
    record(rows=[{"=cmd": -1.5, "text": "@SUM(1)", "tab": "\t=1", "number": "-5"}])
    call("export", "aaa1", "-o", str(tmp_path / "x.csv"))
    printed = call("export", "aaa1")[1]
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        titles, cells = csv.reader(file)
    assert titles[3:] == ["'=cmd", "text", "tab", "number"]
    assert cells[3:] == ["-1.5", "'@SUM(1)", "'\t=1", "-5"]
    assert [line.split(",")[3:] for line in printed.splitlines()] == [
        ["'=cmd", "text", "tab", "number"],
        ["-1.5", "'@SUM(1)", "'\\t=1", "-5"],
    ]


@pytest.mark.parametrize("text", ["=1", "+a", "-a", "@a", "\ta", "\ra", "\na", "-1+cmd", "\uff1d1"])
def test_a17_whatever_may_begin_a_formula_is_neutralised(text):
    """Also a text that only begins like a number."""
    assert neutral(text) == f"'{text}"


def test_a18_what_runs_say_never_commands_the_terminal(call):
    """No command prints a control character, an escape or a bidi mark of a run."""
    evil = {EVIL: EVIL}
    with (
        contextlib.suppress(RuntimeError),
        nbtracker.init(
            id="aaa1", project="p", name=EVIL, notes=EVIL, tags=["\x1b[2J"], group=EVIL, config=evil
        ) as run,
    ):
        run.define_metric(EVIL, step_metric="\x1bstep")
        run.log(evil)
        raise RuntimeError(EVIL)
    for argv in (["ls"], ["show", "aaa1"], ["cat", "aaa1"], ["export", "aaa1"], ["doctor"]):
        for more in ([], ["--json"]):
            _, out, err = call(*argv, *more)
            shown = (out + err).replace("\n", "")
            assert shown.isprintable(), [*argv, *more]
    assert "[bold red]" in call("ls")[1]


def test_a18_typed_text_is_escaped_in_errors(call):
    """A command that was pasted cannot smuggle escapes into its error either."""
    for argv in (["\x1b[2J"], ["show", "\x1b[2J"], ["ls", "--filter", '{"\x1b[2J": 1}']):
        assert "\x1b" not in call(*argv)[2]


def test_a18_rich_markup_is_text_on_a_terminal():
    """On a terminal rich draws the table, and interprets nothing of it."""
    record(name="[bold red]x[/] :smile: \x1b]0;title\x07")
    outer, inner = pty.openpty()
    environ = {**os.environ, "COLUMNS": "200", "TERM": "xterm"}
    subprocess.run(command("ls"), check=True, stdout=inner, stderr=inner, env=environ)
    os.close(inner)
    shown = os.read(outer, 100_000).decode()
    os.close(outer)
    assert "[bold red]x[/] :smile: \\x1b]0;title\\x07" in shown


def make_unreadable(folder):
    """Make the operating system refuse to list a run's journals, whoever asks."""
    journals = folder.path / "journals"
    journals.rename(folder.path / "away")
    journals.symlink_to(journals)


def test_f38_one_unreadable_run_does_not_stop_ls(call):
    """The others are listed, and the broken one is named."""
    record("aaa1")
    make_unreadable(record("bbb2"))
    code, out, err = call("ls")
    assert code == 0
    states = {line.split()[0]: line.split()[2] for line in out.splitlines()[1:]}
    assert states == {"p/aaa1": "finished", "p/bbb2": "damaged"}
    assert "nbtracker doctor" in err


def test_f38_doctor_names_the_unreadable_run_and_checks_the_others(call):
    """The exit code tells scripts; `show` of that run is one clear error."""
    record("aaa1")
    make_unreadable(record("bbb2"))
    code, out, _ = call("doctor", "--json")
    (finding,) = json.loads(out)["findings"]
    assert (code, finding["kind"], finding["run"]) == (1, "unreadable", "p/bbb2")
    code, _, err = call("show", "bbb2")
    assert code == 1
    assert "nbtracker doctor" in err


def test_doctor_names_damaged_bytes_and_why(call):
    """File, byte range and reason, as a table and as JSON."""
    path = record(rows=[{"loss": n} for n in range(9)]).journal("main")
    data = bytearray(path.read_bytes())
    data[300] ^= 0xFF
    path.write_bytes(data)
    code, out, _ = call("doctor", "--json")
    (finding,) = json.loads(out)["findings"]
    assert (code, finding["kind"], finding["path"]) == (1, "damage", str(path))
    assert finding["start"] <= 300 < finding["end"]
    assert f"{path}, bytes {finding['start']:,} to {finding['end']:,}" in call("doctor")[1]


@pytest.mark.parametrize(
    ("cut", "added", "kind"),
    [(3, b"", "torn"), (0, b"\xb5", "torn"), (0, b"\0" * 50, "damage"), (0, b"x", "damage")],
    ids=["a cut record", "one byte of a record", "zeros", "a letter"],
)
def test_doctor_tells_a_torn_tail_from_damage(call, cut, added, kind):
    """What a kill leaves behind is normal; what no writer wrote is not."""
    path = record().journal("main")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - cut] + added)
    code, out, _ = call("doctor", "--json")
    assert [one["kind"] for one in json.loads(out)["findings"]] == [kind]
    assert code == (kind == "damage")


def test_doctor_names_gaps_and_rebuilds_the_catalogue(call):
    """Rows lost to a full disk are told, and are no damage."""
    folder = record()
    writer = JournalWriter(folder.journal("zz"))
    writer.append(Gap(at=1.0, n_rows=7, reason="disk full"))
    writer.close()
    code, out, _ = call("doctor", "--rebuild")
    assert code == 0
    assert "7 rows lost: disk full" in out
    assert "made anew" in out
    assert "p/aaa1" in call("ls")[1]


def test_a_removed_run_comes_back(call):
    """From the list to the trash and back; then the trash is emptied for good."""
    record("aaa1")
    record("bbb2")
    assert call("rm", "aaa1", "bbb2", "p/aaa1", "--yes")[0] == 0
    assert call("ls", "--json")[1] == "[]\n"
    names = {one["run"]: one["name"] for one in json.loads(call("trash", "--json")[1])}
    assert names["p/aaa1"] in call("show", "aaa1")[2]
    assert "is back in" in call("trash", "--restore", names["p/aaa1"])[1]
    assert [run["id"] for run in json.loads(call("ls", "--json")[1])] == ["aaa1"]
    assert json.loads(call("trash", "--empty", "--yes", "--json")[1]) == {"removed": 1}
    assert "is empty" in call("trash")[2]


def test_nothing_is_removed_unasked():
    """Where nobody can be asked, --yes is needed."""
    folder = record()
    done = subprocess.run(
        command("rm", "aaa1"), check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert folder.exists


def test_a_run_that_is_being_written_is_not_removed(call):
    """The others are, and the exit code says that not all of it was done."""
    record("bbb2")
    with nbtracker.init(id="aaa1", project="p"):
        code, out, err = call("rm", "aaa1", "bbb2", "--yes", "--json")
    said = json.loads(out)
    assert code == 1
    assert [one["run"] for one in said["removed"]] == ["p/bbb2"]
    assert [one["run"] for one in said["failed"]] == ["p/aaa1"]
    assert "finish it" in err


def test_a_reader_that_leaves_early_is_no_error():
    """`nbtracker cat RUN | head` prints no traceback."""
    record(rows=[{"loss": n, "text": "x" * 100} for n in range(5_000)])
    process = subprocess.Popen(
        command("cat", "aaa1"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["kind"] == "run"
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == 141


def test_output_in_a_poor_encoding_is_still_json():
    """Where stdout takes ASCII only, JSON stays JSON and text is spelled out."""
    record(name="caf\xe9 \U0001f600")
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command("ls", "--json"), check=True, capture_output=True, env=environ)
    assert json.loads(done.stdout)[0]["name"] == "caf\xe9 \U0001f600"
    done = subprocess.run(command("ls"), check=True, capture_output=True, env=environ)
    assert b"caf\\xe9 \\U0001f600" in done.stdout


def test_rich_is_imported_on_a_terminal_only():
    """Scripts do not pay for tables they never see."""
    record()
    code = (
        "import sys, nbtracker.cli.main as cli; cli.main(['ls']); sys.exit('rich' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_tables_are_aligned_by_what_is_seen(capsys):
    """Wide characters take two columns, and numbers stand at the right."""
    print_table(("name", ">n"), [("\u65e5\u672c", "5"), ("abcde", "100")])
    assert capsys.readouterr().out == "name     n\n\u65e5\u672c     5\nabcde  100\n"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.25, "0.2 s"), (61, "1 min 1 s"), (3700, "1 h 1 min"), (90_000, "1 d 1 h"), (-1.0, "-1.0")],
)
def test_durations_have_two_units(seconds, shown):
    """What is read at a glance."""
    assert duration(seconds) == shown


def test_moments_that_no_clock_shows_are_shown_as_numbers():
    """A forged time is no crash."""
    assert [moment(at) for at in (None, 0.0, 1e300, float("nan"))] == ["-", "-", "1e+300", "nan"]


def test_escapes_say_which_character_it_is():
    """Each kind of character that does not print has its spelling."""
    assert escaped("a\tb\r\n\x1b\x9b\u202e\U000e0001\ud800") == (
        "a\\tb\\r\\n\\x1b\\x9b\\u202e\\U000e0001\\ud800"
    )
    assert escaped("a\n\x1b", lines=True) == "a\n\\x1b"


def test_json_has_no_raw_control_character_and_reads_back():
    """DEL and lone surrogates, too."""
    spelled = json_text(["\x7f\x1b\u202e\ud800\xe9"], indent=2)
    assert json.loads(spelled) == ["\x7f\x1b\u202e\ud800\xe9"]
    assert spelled.replace("\n", "").isprintable()
