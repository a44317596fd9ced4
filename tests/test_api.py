"""`Api`: find, read, edit and delete runs from anywhere."""

import contextlib
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import begin, log, record

from nbtracker.api.client import Api
from nbtracker.api.run import Run
from nbtracker.errors import JournalBusyError, MissingExtraError, NotFoundError, UsageError
from nbtracker.store.layout import Store
from nbtracker.store.trash import restore, trashed

ROWS = [{"loss": 1.0 / (i + 1), "val.acc": i / 10} if i % 10 == 0 else {"loss": 1.0 / (i + 1)}
        for i in range(100)]  # fmt: skip


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Three runs of two projects."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    record(store, "aaaa0001", config={"lr": 0.1, "opt": {"name": "adam"}}, rows=ROWS, at=1_000.0,
           name="calm-lake-1", tags=("first",))  # fmt: skip
    record(store, "aaaa0002", config={"lr": 0.2}, summary={"acc": math.nan}, at=2_000.0)
    record(store, "bbbb0001", project="letters", exit_code=1, at=3_000.0)
    return store


@pytest.fixture
def api(store: Store) -> Api:
    """A reader of that store."""
    return Api(store.path)


@pytest.mark.parametrize(
    "path",
    ["ada/digits/aaaa0001", "digits/aaaa0001", "/digits/aaaa0001", "aaaa0001",
     "a/digits/runs/aaaa0001"],
)  # fmt: skip
def test_a_run_is_found_by_any_form_of_its_path(api: Api, path: str) -> None:
    """With entity, with project, or by a unique id alone."""
    run = api.run(path)
    assert run.path == ["ada", "digits", "aaaa0001"]
    assert (run.name, run.state, run.tags) == ("calm-lake-1", "finished", ["first"])
    assert run.created_at == "1970-01-01T00:16:40Z"
    assert run.config == {"lr": 0.1, "opt": {"name": "adam"}}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("digits/aaaa0009", "did you mean aaaa000"),
        ("digit/aaaa0001", "no project 'digit' in .*; there are digits"),
        ("zzzz", "there are 3 runs"),
    ],
)
def test_a_run_that_is_not_there_names_what_is(api: Api, path: str, said: str) -> None:
    """The error says where to look."""
    with pytest.raises(NotFoundError, match=said):
        api.run(path)


@pytest.mark.parametrize(
    "path", ["../../x", "digits/..", "digits/*", "digits/[a]", "", "a/b/c/d", ".."]
)
def test_a1_a35_no_path_leads_out_of_the_store(api: Api, path: str) -> None:
    """Reading and deleting name one folder, or raise."""
    with pytest.raises((UsageError, NotFoundError)):
        api.run(path).delete()
    assert len(api.runs()) == 3


def test_an_id_that_two_projects_have_must_be_named_whole(store: Store, api: Api) -> None:
    """Never a guess."""
    record(store, "aaaa0001", project="letters")
    with pytest.raises(UsageError, match="digits/aaaa0001, letters/aaaa0001"):
        api.run("aaaa0001")


def test_runs_are_a_sequence(api: Api) -> None:
    """Length, iteration, indexes and slices agree, whatever the page."""
    for per_page in (1, 2, 50):
        runs = api.runs(per_page=per_page)
        ids = [run.id for run in runs]
        assert ids == ["aaaa0001", "aaaa0002", "bbbb0001"]
        assert (len(runs), runs[-1].id, [run.id for run in runs[1:]]) == (3, ids[-1], ids[1:])
        with pytest.raises(IndexError):
            runs[3]


def test_runs_are_filtered_ordered_and_of_one_project(api: Api) -> None:
    """As the reference's client does it."""
    found = api.runs("ada/digits", filters={"config.lr.value": {"$gt": 0.0}}, order="-config.lr")
    assert [run.id for run in found] == ["aaaa0002", "aaaa0001"]
    assert [run.id for run in api.runs(filters={"state": "failed"})] == ["bbbb0001"]
    with pytest.raises(NotFoundError, match="there are digits, letters"):
        api.runs("digit")
    assert [(project.name, project.n_runs) for project in api.projects()] == [
        ("digits", 2), ("letters", 1),
    ]  # fmt: skip


def test_a_new_reader_sees_everything(store: Store) -> None:
    """A store that is not there yet is an empty one."""
    assert len(Api(store.path).runs()) == 3
    assert (list(Api(store.path / "none").runs()), Api(store.path / "none").projects()) == ([], [])


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "dicts"])
def test_runs_become_a_table(api: Api, kind: str) -> None:
    """One row for each run, with config and summary."""
    table = api.runs().dataframe(kind)
    columns = [*table[0]] if kind == "dicts" else list(
        table.column_names if kind == "arrow" else table.columns
    )  # fmt: skip
    assert len(table) == 3
    assert {"id", "state", "tags", "config.lr", "config.opt.name", "summary.loss"} <= set(columns)


def test_the_history_is_a_dataframe(api: Api) -> None:
    """Nested names are dotted, and missing values are NaN."""
    frame = api.run("aaaa0001").history()
    assert list(frame["loss"]) == [row["loss"] for row in ROWS]
    assert frame["val.acc"].count() == 10
    assert {"_step", "_timestamp", "_runtime"} <= set(frame.columns)


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "dicts"])
def test_the_history_of_some_keys_has_the_rows_with_all_of_them(api: Api, kind: str) -> None:
    """As `scan_history` gives them."""
    history = api.run("aaaa0001").history(keys=["loss", "val.acc"], format=kind)
    assert len(history) == 10
    scanned = list(api.run("aaaa0001").scan_history(["_step", "loss", "val.acc"]))
    if kind == "dicts":
        assert history == scanned
    else:
        assert [float(v) for v in history["val.acc"]] == [row["val.acc"] for row in scanned]


@given(st.integers(0, 3_999), st.sampled_from([1e9, -1e9, math.nan, math.inf]))
def test_f21_no_spike_and_no_nan_is_lost_in_a_sampled_history(at: int, spike: float) -> None:
    """Wherever it is, a history of 500 samples shows it."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBTRACKER_CACHE_DIR", folder + "/cache")
        store = Store(Path(folder) / "store")
        rows = [{"loss": spike if i == at else 0.5} for i in range(4_000)]
        record(store, "r", rows=rows)
        history = Api(store.path).run("r").history(samples=500, pandas=False)
        assert len(history) == 500
        (seen,) = [row["loss"] for row in history if row["_step"] == at]
        assert seen == spike or math.isnan(seen)


def test_scan_history_is_exact(api: Api) -> None:
    """Every row; max_step is the first that is not given."""
    run = api.run("aaaa0001")
    assert [row["loss"] for row in run.scan_history()] == [row["loss"] for row in ROWS]
    assert [row["_step"] for row in run.scan_history(min_step=3, max_step=6)] == [3, 4, 5]
    assert list(run.scan_history(["none"])) == []


def test_c14_config_set_elsewhere_is_kept(store: Store, api: Api) -> None:
    """`run.config["foo"] = 32; run.update()` is one more journal."""
    run = api.run("aaaa0001")
    run.config["foo"] = 32
    run.config["opt"]["name"] = "sgd"
    run.summary["best"] = {"acc": math.nan}
    run.name, run.notes, run.group, run.job_type = "renamed", "a note", "g", "j"
    run.tags.append("second")
    run.update()
    run.update()
    again = Api(store.path).run("aaaa0001")
    assert (again.config["foo"], again.config["opt"]) == (32, {"name": "sgd"})
    assert (again.name, again.notes, again.group, again.job_type) == ("renamed", "a note", "g", "j")
    assert (again.tags, math.isnan(again.summary["best"]["acc"])) == (["first", "second"], True)
    assert len(store.run("digits", "aaaa0001").journals) == 2
    assert [run.id for run in api.runs(filters={"config.foo": 32})] == ["aaaa0001"]


def test_c14_a_running_writer_is_not_disturbed(store: Store, api: Api) -> None:
    """Both go on, and a reader sees what both said."""
    writer = begin(store, "live")
    log(writer, [{"loss": 1.0}])
    run = api.run("live")
    assert run.state == "running"
    run.config["foo"] = 32
    run.summary.update({"score": 7})
    log(writer, [{"loss": 0.5}], first=1)
    writer.close()
    again = run.load(force=True)
    assert (again.config, again.summary["score"], again.n_rows) == ({"foo": 32}, 7, 2)
    assert again.state == "crashed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda run: run.config.pop("lr"), "set it to None"),
        (lambda run: run.config.update(a=object()), "cannot be kept"),
        (lambda run: setattr(run, "tags", "one"), "should be a list"),
    ],
)
def test_a_wrong_edit_says_what_would_be_right(
    store: Store, api: Api, change: object, said: str
) -> None:
    """And writes nothing."""
    run = api.run("aaaa0001")

    def edit() -> None:
        change(run)
        run.update()

    with pytest.raises(UsageError, match=said):
        edit()
    assert len(store.run("digits", "aaaa0001").journals) == 1


def test_a_deleted_run_is_in_the_trash(store: Store, api: Api) -> None:
    """And comes back whole."""
    api.run("aaaa0002").delete()
    assert [run.id for run in api.runs("digits")] == ["aaaa0001"]
    restore(store, trashed(store)[0].name)
    assert [run.id for run in api.runs("digits")] == ["aaaa0001", "aaaa0002"]


def test_a_running_run_is_not_deleted(store: Store, api: Api) -> None:
    """The error says to finish it first."""
    writer = begin(store, "live")
    with pytest.raises(JournalBusyError, match="finish it"):
        api.run("live").delete()
    writer.close()


READS = {
    "load": lambda run: run.load(force=True),
    "history": lambda run: run.history(),
    "scan_history": lambda run: list(run.scan_history()),
    "update": lambda run: (run.config.update(x=1), run.update()),
    "delete": Run.delete,
    "wait_until_finished": Run.wait_until_finished,
}


@pytest.mark.parametrize("read", READS)
def test_f32_a_run_that_was_deleted_is_said_to_be_gone(api: Api, read: str) -> None:
    """One error of ours, whatever is asked of it; nothing is made again."""
    run = api.run("aaaa0001")
    api.run("aaaa0001").delete()
    with pytest.raises(NotFoundError, match="digits/aaaa0001"):
        READS[read](run)
    assert not Path(run.dir).parent.exists()


def test_f32_deleting_while_others_read_gives_whole_views_or_not_found(store: Store) -> None:
    """No reader sees half a run, or an error from the inside."""
    runs = [f"r{i}" for i in range(30)]
    for run_id in runs:
        record(store, run_id, rows=[{"loss": 1.0}] * 50)
    seen: list[object] = []

    def read(run_id: str) -> None:
        with contextlib.suppress(NotFoundError):
            run = Api(store.path).run(f"digits/{run_id}")
            seen.append((len(list(run.scan_history())), len(run.history(pandas=False))))

    with ThreadPoolExecutor(2) as pool:
        reads = [pool.submit(read, run_id) for run_id in runs]
        for run_id in reversed(runs):
            Api(store.path).run(f"digits/{run_id}").delete()
        for one in reads:
            one.result()
    assert set(seen) <= {(50, 50)}


def put_file(store: Store, name: str, content: bytes = b"abc") -> Path:
    """Write a file of a run."""
    path = store.run("digits", "aaaa0001").files / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_files_are_listed_opened_and_downloaded(store: Store, api: Api, tmp_path: Path) -> None:
    """With their names below the run's folder."""
    put_file(store, "plots/loss.png")
    (file,) = api.run("aaaa0001").files()
    assert (file.name, file.size) == ("plots/loss.png", 3)
    with file.open() as opened, file.download(tmp_path / "copy") as copied:
        assert opened.read() == copied.read() == b"abc"
    with pytest.raises(UsageError, match="exist_ok=True"):
        file.download(tmp_path / "copy")
    with pytest.raises(NotFoundError, match=r"there are plots/loss\.png"):
        api.run("aaaa0001").file("none")


def test_a3_a35_links_that_lead_out_are_not_followed(
    store: Store, api: Api, tmp_path: Path
) -> None:
    """Neither a linked file nor a file in a linked folder is there."""
    (tmp_path / "secret").write_text("secret")
    path = put_file(store, "real")
    (path.parent / "link").symlink_to(tmp_path / "secret")
    (path.parent / "folder").symlink_to(tmp_path)
    os.mkfifo(path.parent / "pipe")
    run = api.run("aaaa0001")
    assert [file.name for file in run.files()] == ["real"]
    for name in ("link", "folder/secret", "pipe"):
        with pytest.raises(NotFoundError):
            run.file(name)
    for name in ("../journals/main.journal", "/etc/passwd", "C:\\x", "..\\x", ""):
        with pytest.raises(UsageError, match="no name of a file"):
            run.file(name)


def test_f38_one_damaged_run_is_listed_and_read_with_the_others(store: Store, api: Api) -> None:
    """Its journal is random bytes."""
    journal = store.run("digits", "bad").journal("main")
    journal.parent.mkdir(parents=True)
    journal.write_bytes(os.urandom(10_000))
    assert {run.id for run in api.runs("digits")} == {"aaaa0001", "aaaa0002", "bad"}
    assert list(api.run("digits/bad").scan_history()) == []


def test_histories_of_all_runs_stand_below_each_other(api: Api) -> None:
    """With the run's id in each row."""
    frame = api.runs("digits").histories(format="pandas")
    assert (len(frame), set(frame["run_id"])) == (100, {"aaaa0001"})


def test_reading_needs_no_dataframe_package(store: Store) -> None:
    """The error for a missing one says what to install."""
    code = (
        "import sys; sys.modules.update(pandas=None, polars=None, pyarrow=None)\n"
        "from nbtracker.api.client import Api; run = Api(sys.argv[1]).run('aaaa0001')\n"
        "assert len(run.history(pandas=False)) == 100\n"
        "for kind in ('pandas', 'polars', 'arrow'):\n"
        "    try: run.history(format=kind)\n"
        "    except ImportError as error: print(error)\n"
    )
    said = subprocess.check_output([sys.executable, "-c", code, str(store.path)], text=True)
    assert issubclass(MissingExtraError, ImportError)
    assert [line.split("'")[1] for line in said.splitlines()] == [
        "nbtracker[pandas]", "nbtracker[polars]", "nbtracker[arrow]",
    ]  # fmt: skip


def test_f36_listing_and_scanning_need_no_numpy(store: Store) -> None:
    """Only columns do."""
    code = (
        "import sys; sys.modules.update(numpy=None)\n"
        "from nbtracker.api.client import Api; api = Api(sys.argv[1])\n"
        "assert [run.id for run in api.runs('digits', {'config.lr': 0.2})] == ['aaaa0002']\n"
        "assert len(list(api.run('aaaa0001').scan_history())) == 100\n"
    )
    subprocess.run([sys.executable, "-c", code, str(store.path)], check=True)


def test_wrong_arguments_are_named(api: Api) -> None:
    """Each says what would be right."""
    run = api.run("aaaa0001")
    for call, said in (
        (lambda: run.history(format="excel"), "known are pandas"),
        (lambda: run.history(stream="other"), "'default' and 'system'"),
        (lambda: run.history(samples=0), "at least 1"),
        (lambda: run.history(keys="loss"), "should be a list"),
        (lambda: run.scan_history(keys="loss"), "should be a list"),
        (lambda: api.runs(per_page=0), "at least 1"),
        (lambda: api.runs(per_page="5"), "per_page=50, for example"),
        (lambda: api.runs(order=5), "must be a text such as '-summary"),
        (lambda: api.runs("a/b/c/d"), "'entity/project'"),
        (lambda: api.runs(order="-colour"), "no field"),
    ):
        with pytest.raises(UsageError, match=said):
            call()


def test_a9_reading_a_hostile_run_runs_nothing(store: Store) -> None:
    """No pickle, no eval, no process, no import of what a run names."""
    record(store, "evil", config={"a": "__import__('os').system('x')", "__reduce__": "x"},
           rows=[{"loss": "!!python/object/apply:os.system ['x']"}])  # fmt: skip
    code = (
        "import sys; from nbtracker.api.client import Api; api = Api(sys.argv[1])\n"
        "list(api.runs()); api.run('aaaa0001').history(pandas=False)\n"
        "bad = []\n"
        "names = ('exec', 'compile', 'os.system', 'subprocess.Popen', 'pickle.find_class',\n"
        "         'marshal.loads', 'socket.connect')\n"
        "sys.addaudithook(lambda event, args: bad.append(event) if event in names else None)\n"
        "run = api.run('evil'); run.history(pandas=False); list(run.scan_history())\n"
        "[run.config for run in api.runs()]; run.files()\n"
        "assert not bad, bad\n"
    )
    subprocess.run([sys.executable, "-c", code, str(store.path)], check=True)
