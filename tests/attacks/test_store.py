"""Attacks on names, folders and journals: A1 A3 A9 A28 A29 A30 A31."""

import os
import struct
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import facts, rows_of, the_run, write_sample

import nbtracker
from nbtracker.errors import JournalDamagedError, TrackingWarning, UsageError
from nbtracker.ids import check_project, check_run_id
from nbtracker.journal.frames import (
    MAX_PAYLOAD,
    RECORD,
    ROW,
    SCHEMA,
    TITLE,
    TITLE_PAYLOAD,
    head,
    seal,
)
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import dumps
from nbtracker.store.layout import RunFolder
from nbtracker.store.trash import discard
from nbtracker.views.history import History
from nbtracker.views.run import read_run

BAD_NAMES = [
    "../x", "..\\x", "/abs", "C:\\x", "%2e%2e/", "%252e%252e", ";a", "/../b", "NUL", "CON", "a.", "a ",
    "a:b", ".git/x", "-rf", "x\ny", "x" * 300, "a\u2215b/..", "..", ".", "", " ", "\0", "a/b", "nul.txt",
]  # fmt: skip
ALLOWED_PROJECTS = {";a"}


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_a1_a_name_that_leaves_the_store_is_refused_by_init(store, name):
    """As a run id and as a project, it raises, and nothing is written outside of the store."""
    before = set(store.path.parent.iterdir())
    with pytest.raises(UsageError):
        nbtracker.init(project="p", id=name)
    if name not in ALLOWED_PROJECTS:
        with pytest.raises(UsageError):
            nbtracker.init(project=name, id="r")
    assert set(store.path.parent.iterdir()) == before


@given(name=st.text(max_size=40))
def test_a1_a_name_that_passes_stays_one_folder(tmp_path_factory, name):
    """Whatever is let through names exactly one folder, directly below."""
    for check in (check_project, check_run_id):
        try:
            checked = check(name)
        except UsageError:
            continue
        path = os.path.normpath(os.path.join("/store", checked))
        assert os.path.split(path) == ("/store", name)


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_a1_the_same_names_as_data_are_only_text(store, name):
    """As metric, config key, tag, group, note and display name they reach no path."""
    with nbtracker.init(
        project="p",
        id="r",
        name=name or None,
        notes=name,
        group=name,
        tags=[name[:64]] if name else [],
    ) as run:
        run.log({name or "x": 1})
        run.config[name or "x"] = name
        run.summary[name or "x"] = name
    assert sorted(os.listdir(store.path)) == [".latest", "p"]
    # A config key loses the dashes of a command line's option.
    assert the_run(store).config == {name.lstrip("-") or "x": name}


def test_a3_links_in_a_store_are_not_followed(store, tmp_path):
    """A linked project, run or journal is not read, and not deleted through."""
    outside = RunFolder(tmp_path / "outside" / "p" / "r")
    write_sample(outside.journal("main"))
    nbtracker.init(project="p", id="own").finish()
    (store.path / "linked").symlink_to(outside.path.parent)
    (store.path / "p" / "linked").symlink_to(outside.path)
    own = store.run("p", "own")
    own.journal("linked").symlink_to(outside.journal("main"))
    assert [folder.id for folder in store.runs()] == ["own"]
    assert [path.stem for path in own.journals] == ["main"]
    with pytest.raises(LookupError):
        discard(store, store.run("p", "linked"))
    assert outside.journal("main").exists()


def test_a3_a_journal_that_is_a_link_is_not_written_through(store, tmp_path):
    """A link in the place of a journal: nothing behind it changes, and training goes on."""
    target = tmp_path / "precious"
    target.write_text("keep")
    journal = store.run("p", "r").journal("main")
    journal.parent.mkdir(parents=True)
    journal.symlink_to(target)
    with pytest.warns(TrackingWarning, match="nothing can be recorded"):
        run = nbtracker.init(project="p", id="r", resume="allow")
    run.log({"i": 1})
    run.finish()
    assert target.read_text() == "keep"


def test_a9_reading_a_hostile_run_executes_nothing(store, child):
    """Pickles, code and a sitecustomize in the run's folder: no exec, import or process begins."""
    folder = store.run("p", "r")
    write_sample(folder.journal("main"))
    pickle = b"cos\nsystem\n(S'touch owned'\ntR."
    for name in ("evil.journal", "journals.pkl", "sitecustomize.py", "conftest.py"):
        (folder.path / "journals" / name).write_bytes(pickle)
    child("""
        import sys, numpy
        from nbtracker.store.layout import open_store
        from nbtracker.views.history import History
        from nbtracker.views.run import read_run
        (folder,) = open_store().runs()
        def look():
            view = read_run(folder)
            history = History(folder)
            history.refresh()
            return view.summary, list(history.rows()), history.columns()
        look()
        seen = []
        bad = ("exec", "compile", "import", "os.system", "subprocess.Popen", "pickle.find_class",
               "marshal.loads", "os.exec", "os.posix_spawn", "socket.connect", "ctypes.dlopen")
        sys.addaudithook(lambda name, _: seen.append(name) if name in bad else None)
        look()
        assert seen == [], seen
    """)
    assert not (store.path.parent / "owned").exists()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"x" * 10_000_000: 1}, id="a name of 10 MB"),
        pytest.param({"x": 10**5000}, id="an integer of 5,000 digits"),
        pytest.param({"x": "y" * 20_000_000}, id="text of 20 MB"),
        pytest.param({f"m{i}": 1.0 for i in range(200_000)}, id="200,000 metrics"),
        pytest.param({"x": list(range(200_000))}, id="a long list"),
    ],
)
def test_a28_huge_data_is_bounded_and_the_run_survives(store, data):
    """It is kept or told of, and the rows around it are there."""
    with nbtracker.init(project="p", id="r") as run:
        run.log({"i": 0})
        run.log(data)
        run.log({"i": 2})
    rows = rows_of(store.run("p", "r"), "i")
    assert [i for _, i in rows if i is not None] == [0, 2]
    assert the_run(store).damages == []


def test_a28_more_than_a_frame_holds_is_a_warning(store):
    """A row of over 64 MB is refused with one warning; the run goes on with the next step."""
    with nbtracker.init(project="p", id="r") as run:
        with pytest.warns(TrackingWarning, match="too long"):
            run.log({"x": "y" * (MAX_PAYLOAD + 1)})
        run.log({"i": 1})
    assert rows_of(store.run("p", "r"), "i") == [(0, 1)]


def test_a28_deep_and_cyclic_data_ends(store):
    """Dicts 10,000 deep are refused by name, lists are cut, and a cycle ends."""
    deep_dict, deep_list, cycle = {}, [], []
    for _ in range(10_000):
        deep_dict, deep_list = {"d": deep_dict}, [deep_list]
    cycle.append(cycle)
    with nbtracker.init(project="p", id="r") as run:
        with pytest.raises(UsageError, match="nested deeper"):
            run.log(deep_dict)
        with pytest.warns(TrackingWarning):
            run.log({"l": deep_list, "c": cycle})
        run.log({"i": 1})
    assert rows_of(store.run("p", "r"), "i") == [(0, None), (1, 1)]


def forged(*bodies):
    """Whole frames of any content: what somebody writes who knows the format."""
    data = b""
    for body in bodies:
        data += seal(body, len(data))
    return data


def record(**fields):
    """A record with these fields."""
    return head(RECORD, dumps(fields))


def schema(**fields):
    """A schema with these fields."""
    return head(SCHEMA, dumps({"id": 1, "names": ["x"], "types": "d", "execution": None} | fields))


TITLE_FRAME = head(TITLE, TITLE_PAYLOAD)
HOSTILE = {
    "a length of 4 GiB": TITLE_FRAME + struct.pack("<HBBI", 0x4EB5, ROW, 0, 2**32 - 1) + b"x" * 100,
    "a billion columns": forged(schema(types="d" * 10, names=["x"] * 10**6)),
    "types that are no types": forged(schema(types="s")),
    "types with a count": forged(schema(types="99999999999d")),
    "a schema that is a list": forged(head(SCHEMA, b"[]")),
    "a schema id that is negative": forged(schema(id=-1)),
    "names that are numbers": forged(schema(names=[1])),
    "deep JSON": forged(head(RECORD, b"[" * 200_000)),
    "an integer without end": forged(head(RECORD, b'{"kind":"row","at":' + b"9" * 10_000 + b"}")),
    "no JSON": forged(head(RECORD, b"\xff\xfe")),
    "a record that is a list": forged(head(RECORD, b"[1]")),
    "a kind that is a list": forged(record(kind=["row"], at=0.0)),
    "an unknown kind at no time": forged(record(kind="x", at=10**400)),
    "a time that is text": forged(record(kind="config", at="now", key="k", new=1)),
    "a time that is huge": forged(record(kind="row", at=10**400, step=0, values={"x": 1})),
    "a time that is NaN": forged(record(kind="config", at=float("nan"), key="k", new=1)),
    "a key that is a list": forged(record(kind="config", at=0.0, key=[1], new=1)),
    "tags that are a number": forged(record(kind="edit", at=0.0, field="tags", value=5)),
    "a name that is a list": forged(record(kind="edit", at=0.0, field="name", value=[5])),
    "a field that is not editable": forged(record(kind="edit", at=0.0, field="folder", value="/")),
    "an empty path": forged(
        record(kind="summary", at=0.0, path=[], value=1), record(kind="summary-deleted", at=0.0, path=[])
    ),
    "a path of numbers": forged(record(kind="summary", at=0.0, path=[1], value=1)),
    "a step beyond 64 bits": forged(record(kind="row", at=0.0, step=2**80, values={"x": 1})),
    "values that are a list": forged(record(kind="row", at=0.0, step=0, values=[1])),
    "an exit code that is text": forged(record(kind="end", at=0.0, exit_code="0")),
    "a gap that is text": forged(record(kind="gap", at=0.0, n_rows="many")),
    "names of our own": forged(record(kind="row", at=0.0, step=0, values={"_step": "x", "_runtime": []})),
    "a name with a lone escape": forged(record(kind="row", at=0.0, step=0, values={"a\\": 1, "..": 2})),
    "an unknown frame type": forged(head(200, b"?")),
    "an unknown operation": forged(record(kind="metric", at=0.0, name="x", summary=["rm -rf"])),
    "flags that are unknown": forged(schema(), head(ROW, struct.pack("<Idqd", 1, 0.0, 0, 0.5), 255)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a29_a_forged_journal_is_read_or_named_as_damage(store, name):
    """No view fails on it, alone or beside a good journal of the same run."""
    folder = store.run("p", "r")
    write_sample(folder.journal("main"))
    good = facts(read_run(folder))
    folder.journal("forged").write_bytes(HOSTILE[name])
    found = facts(read_run(folder))
    assert found["project"] == "p"
    assert len(found["rows"]) >= len(good["rows"])
    history = History(folder)
    history.refresh()
    assert len(history.columns().step) == len(found["rows"])


def test_a29_a_forged_journal_can_be_gone_on_with(store):
    """A writer adds behind whatever whole frames it finds; where there are none, it refuses."""
    n_refused = 0
    for n, data in enumerate(HOSTILE.values()):
        journal = store.run("p", f"r{n}").journal("main")
        journal.parent.mkdir(parents=True)
        journal.write_bytes(data)
        try:
            with nbtracker.init(project="p", id=f"r{n}", resume="must", reinit="create_new") as run:
                run.log({"own": 7})
            assert rows_of(store.run("p", f"r{n}"), "own")[-1][1] == 7
        except JournalDamagedError:
            assert journal.read_bytes() == data
            n_refused += 1
    assert n_refused < len(HOSTILE) / 2


def test_a29_heads_that_ask_for_the_same_bytes_over_and_over(tmp_path, child):
    """A file of forged heads, each naming all that follows, costs a bounded number of checksums."""
    path = tmp_path / "main.journal"
    path.write_bytes(struct.pack("<HBBI", 0x4EB5, ROW, 0, 1_500_000) * 400_000)
    child(f"""
        import resource
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
        from pathlib import Path
        from nbtracker.journal.reader import JournalReader
        for _ in JournalReader(Path({str(path)!r})).read(): pass
    """)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400))
def test_a29_any_bytes_are_a_journal_without_records(tmp_path_factory, data):
    """Noise reads as nothing."""
    path = tmp_path_factory.mktemp("noise") / "main.journal"
    path.write_bytes(data)
    assert [item for item in JournalReader(path).read() if not hasattr(item, "reason")] == []


@pytest.mark.parametrize("mask", ["000", "022", "077"])
def test_a30_all_that_is_made_is_private_from_birth(store, child, mask):
    """Under any umask, folders are 0700 and files 0600, and were never anything else."""
    child(f"""
        import os, sys, stat
        os.umask(0o{mask})
        import nbtracker
        seen = []
        def watch(event, args):
            if event == "open" and isinstance(args[0], str) and "journal" in args[0] and args[2] & os.O_CREAT:
                seen.append(args)
        sys.addaudithook(watch)
        with nbtracker.init(project="p", id="r") as run:
            run.log({{"i": 1}})
            os.makedirs(run.dir, exist_ok=True)
    """)
    for path in [store.path, *store.path.rglob("*")]:
        if path.name != "files":
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_a31_nobody_can_guess_a_temporary_name(store):
    """What is written beside the journals has a random name until it is whole, and none is left."""
    seen = set()
    stop = False

    def watch(event, arguments):
        if not stop and event == "open" and str(arguments[0]).startswith(str(store.path)):
            seen.add(str(arguments[0]))

    sys.addaudithook(watch)
    for _ in range(2):
        nbtracker.init(project="p").finish()
    stop = True
    drafts = {
        os.path.basename(name)
        for name in seen
        if ".latest" in name and "." in os.path.basename(name)
    }
    assert len(drafts) == 2
    assert all(len(name.rsplit(".", 1)[1]) == 8 for name in drafts)
    assert [path.name for path in (store.path / ".latest").iterdir() if "." in path.name] == []
