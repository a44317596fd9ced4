"""The command line: what each command does, and what it refuses."""

import json
import subprocess
import time

import pytest
from commands import Call, caller, command, damage, make_unreadable, record

import nbtracker
from nbtracker.journal.records import Gap
from nbtracker.journal.writer import JournalWriter
from nbtracker.store.layout import open_store

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def call(capsys) -> Call:
    """Calls the command; gives its exit code, stdout and stderr."""
    return caller(capsys)


def test_ls_of_nothing_says_where_it_looked_and_how_to_begin(call, store):
    """An empty store is no error, and no dead end."""
    code, out, err = call("ls")
    assert (code, out) == (0, "")
    assert str(store.path) in err
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
        (["lss"], "there is no 'lss'; did you mean 'ls'?", 2),
        (["xyzzy"], "there is no 'xyzzy'; there are ls, show, ", 2),
        (["l\x1b[2J"], r"there is no 'l\x1b[2J'", 2),
        (["ls", "--filter", "{state: 1}"], "double quotes", 2),
        (["ls", "--filter", '{"staet": "finished"}'], "'state'", 2),
        (["ls", "--limit", "-3"], "0 for all", 2),
        (["ls", "--filter", '{"nofield": 1}'], "a run. Known are", 2),
        (["ls", "q"], "there is p", 1),
        (["show", "zzz"], "nbtracker ls", 1),
        (["show", "aaaa1"], "did you mean aaa1 or aaa2", 1),
        (["show", "aaa"], "p/aaa1, p/aaa2", 2),
        (["show", "q/aaa1"], "there is p", 1),
        (["show", "../passwd"], "no project '..'", 1),
        (["cat", "aaa1", "--writer", "mian"], "there is main", 1),
        (["export", "aaa1", "--format", "parquet"], "-o FILE", 2),
        (["export", "aaa1", "--format", "csv", "--json"], "one of them", 2),
        (["export", "aaa1", "-o", "out.xlsx"], "or say with --format", 2),
        (["export", "aaa1", "-o", "no/out.csv"], "the folder no does not exist; make it", 2),
        (["export", "aaa1", "-o", "store/p/aaa1/journals/main.journal/x.csv"], "is a file", 2),
        (["ls", "--dir", "no"], "there is no folder 'no'; --dir names one", 2),
        (["--dir", "no", "doctor"], "there is no folder 'no'; --dir names one", 2),
        (["ls", "--dir", ""], "there is no folder ''", 2),
        (["ls", "--dir", "~no-such-user/x"], "there is no folder", 2),
        (["rm", "aaa1", "zzz", "--yes"], "nbtracker ls", 1),
        (["rm", "aaa1", "p/aa", "--yes"], "did you mean aaa1 or aaa2", 1),
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


@pytest.mark.parametrize("typed", ["calm-river-7", "calm-rivr-7", "p/calm-river-7"])
def test_a_name_that_is_no_id_leads_to_the_run(call, typed):
    """As it stands in listings, or with a mistake in it."""
    record("aaa1", name="calm-river-7")
    record("aaa2", name="wild-hill-8")
    code, out, err = call("show", typed)
    assert (code, out) == (1, "")
    assert err.endswith("; did you mean p/aaa1, whose name is 'calm-river-7'?\n")


@pytest.mark.parametrize(
    ("projects", "asked", "told"),
    [
        (["p", "uncategorized"], "nope", "there are p, uncategorized\n"),
        ([f"digits-{n}" for n in range(7)], "digit-3", "similar ones: digits-3, "),
        ([f"digits-{n}" for n in range(7)], "q", "there are 7, such as digits-0, digits-1, "),
    ],
    ids=["few", "many, some alike", "many, none alike"],
)
def test_a_project_that_is_not_there_is_told_from_those_that_are(call, projects, asked, told):
    """All are named if they are few; else what is named is said to be a choice."""
    for project in projects:
        record(project=project)
    assert told in call("ls", asked)[2]


def test_a_store_that_the_environment_names_may_be_made_later(call, store):
    """Only a folder that was typed must be there: `init` makes the other one."""
    assert not store.path.exists()
    assert call("ls")[0] == 0
    assert call("doctor")[0] == 0


@pytest.mark.parametrize("argv", [["--json", "ls"], ["ls", "--json"], ["--json", "ls", "--json"]])
def test_json_may_be_asked_for_before_the_command(call, argv):
    """As --dir may."""
    record()
    assert [run["id"] for run in json.loads(call(*argv)[1])] == ["aaa1"]


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
    assert "lr 0.2 0.1 -> 0.2 @ step 1" in lines
    assert "loss best minimize" in lines


def test_show_has_the_traceback_of_a_failed_run(call):
    """What went wrong is part of the run."""
    with pytest.raises(ZeroDivisionError), nbtracker.init(id="aaa1", project="p"):
        _ = 1 / 0
    _, out, _ = call("show", "aaa1")
    assert "failed (exit code 1)" in " ".join(out.split())
    assert "\nZeroDivisionError: division by zero" in out
    assert "ZeroDivisionError" in json.loads(call("show", "aaa1", "--json")[1])["error"]


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
    folder = record(rows=[{"loss": n} for n in range(9)])
    damage(folder, 300, 301)
    path = folder.journal("main")
    code, out, _ = call("doctor", "--json")
    (finding,) = json.loads(out)["findings"]
    assert (code, finding["kind"], finding["path"]) == (1, "damage", str(path))
    assert finding["start"] <= 300 < finding["end"]
    assert f"{path}, bytes {finding['start']:,} to {finding['end']:,}" in call("doctor")[1]


def test_a_run_whose_beginning_is_damaged_has_a_runtime_all_the_same(call):
    """It is counted from the first thing that can be read, everywhere."""
    before = time.time()
    folder = record(rows=[{"loss": n} for n in range(9)], config={"lr": 1})
    damage(folder)
    (run,) = json.loads(call("ls", "--json")[1])
    rows = json.loads(call("export", "aaa1", "--json")[1])
    spent = time.time() - before
    found = [run["runtime"], run["summary"]["_runtime"], *(row["_runtime"] for row in rows)]
    assert all(0 <= runtime <= spent for runtime in found)
    assert (before <= run["created_at"], len(rows)) == (True, 9)


def test_a_resumed_run_whose_beginning_is_damaged_counts_from_its_first_rows(call):
    """Not from when it was resumed: times before that would be negative."""
    damage(record(rows=[{"loss": 1}]))
    record(rows=[{"loss": 2}], resume="must")
    rows = json.loads(call("export", "aaa1", "--json")[1])
    assert len(rows) == 2
    assert 0 <= rows[0]["_runtime"] < rows[1]["_runtime"]


def test_a_run_of_which_nothing_can_be_read_has_no_runtime(call):
    """Nor a start; it is listed all the same."""
    damage(record(), 0, None)
    (run,) = json.loads(call("ls", "--json")[1])
    assert (run["created_at"], run["runtime"]) == (None, None)
    assert "damaged: main.journal, bytes 0 to " in run["trouble"]
    assert call("ls")[1].splitlines()[1].split()[2:] == ["crashed", "(damaged)", "-", "-", "0"]
    assert json.loads(call("show", "aaa1", "--json")[1])["runtime"] is None


def test_ls_marks_runs_that_are_damaged_in_part(call):
    """In the table, in JSON and in a remark; the others have no mark."""
    damage(record("aaa1"))
    record("bbb2")
    runs = {run["id"]: run["trouble"] for run in json.loads(call("ls", "--json")[1])}
    assert runs == {"aaa1": runs["aaa1"], "bbb2": None}
    assert "damaged: main.journal, bytes 32 to " in runs["aaa1"]
    _, out, err = call("ls")
    marked = {line.split()[0]: "finished (damaged)" in line for line in out.splitlines()[1:]}
    assert marked == {"p/aaa1": True, "p/bbb2": False}
    assert "of 1 run a part is damaged; `nbtracker doctor`" in err


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


def test_what_trash_lists_is_what_restore_takes(call):
    """`project/id`, as the table says; if a run was deleted twice, its names are told in order."""
    for _ in range(2):
        record()
        assert call("rm", "p/aaa1", "--yes")[0] == 0
    first, second = (one["name"] for one in json.loads(call("trash", "--json")[1]))
    code, _, err = call("trash", "--restore", "p/aaa1")
    assert (code, err.rstrip().endswith(f"the newest last: {first}, {second}")) == (2, True)
    assert call("trash", "--restore", first)[0] == 0
    record("bbb2")
    assert call("rm", "bbb2", "--yes")[0] == 0
    assert "run p/bbb2 is back" in call("trash", "--restore", "p/bbb2")[1]


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
