"""The command line: what it writes and prints, for files, pipes and terminals."""

import contextlib
import csv
import json
import os
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from commands import Call, caller, command, make_unreadable, record

import nbtracker
from nbtracker.cli.exporting import neutral
from nbtracker.cli.tables import print_table
from nbtracker.text.values import duration, escaped, json_text, moment

EVIL = "a\x1b]52;c;aGk=\x07\u202eb[bold red]c\x9b31m\n"

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def call(capsys) -> Call:
    """Calls the command; gives its exit code, stdout and stderr."""
    return caller(capsys)


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


@pytest.mark.parametrize(
    ("argv", "begins"),
    [
        (["-o", "x.xlsx", "--format", "csv"], "_step,"),
        (["-o", "x"], "_step,"),
        (["-o", "x.CSV"], "_step,"),
        (["-o", "x.txt", "--json"], "[{"),
    ],
    ids=" ".join,
)
def test_the_ending_of_a_file_says_what_is_written(call, tmp_path, argv, begins):
    """Unless --format or --json says it; a file without an ending is CSV."""
    record()
    assert call("export", "aaa1", *argv)[0] == 0
    assert (tmp_path / argv[1]).read_text(encoding="utf-8").startswith(begins)


def test_json_spells_nan_as_an_object(call):
    """JSON has no NaN; an object stands for it, as docs/cli.md says."""
    record(rows=[{"loss": float("nan"), "gain": float("-inf")}])
    (row,) = json.loads(call("export", "aaa1", "--json")[1])
    assert (row["loss"], row["gain"]) == ({"$float": "nan"}, {"$float": "-inf"})


def test_an_export_that_fails_names_the_file_that_was_typed(call, tmp_path):
    """Not the hidden one beside it, which is written first."""
    record()
    (tmp_path / "x.csv").symlink_to(tmp_path / "no" / "y.csv")
    code, _, err = call("export", "aaa1", "-o", "x.csv")
    assert (code, ".part" in err, "'x.csv'" in err) == (1, False, True)


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


# Windows has no pty, hence no such test.
if os.name == "posix":

    def test_a18_rich_markup_is_text_on_a_terminal():
        """On a terminal rich draws the table, and interprets nothing of it."""
        import pty

        record(name="[bold red]x[/] :smile: \x1b]0;title\x07")
        outer, inner = pty.openpty()
        environ = {**os.environ, "COLUMNS": "200", "TERM": "xterm"}
        subprocess.run(command("ls"), check=True, stdout=inner, stderr=inner, env=environ)
        os.close(inner)
        shown = os.read(outer, 100_000).decode()
        os.close(outer)
        assert "[bold red]x[/] :smile: \\x1b]0;title\\x07" in shown


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
    [
        (0.25, "250 ms"),
        (61, "1 min 1 s"),
        (3700, "1 h 1 min"),
        (90_000, "1 d 1 h"),
        (-1.0, "-1.0"),
        (None, "-"),
    ],
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


def test_cat_gives_every_record_and_row(call):
    """One JSON object a line; NaN as the journal spells it."""
    record(rows=[{"loss": float("nan")}, {"loss": 1, "note": "x"}], config={"$a": 1})
    said = [json.loads(line) for line in call("cat", "aaa1")[1].splitlines()]
    rows = [one["values"] for one in said if one["kind"] == "row"]
    assert rows == [{"loss": {"$float": "nan"}}, {"loss": 1, "note": "x"}]
    assert [one["kind"] for one in said if one["kind"] != "row"] == ["run", "config", "end"]
    assert {one["journal"] for one in said} == {"main"}
    assert json.loads(call("cat", "aaa1", "--json", "--writer", "main")[1]) == said
