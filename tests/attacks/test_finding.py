"""A33 and more: which folder is taken for the store, and which folders in it are looked at."""

import json
import os
from pathlib import Path

import platformdirs
import pytest
from written import record

import nbtracker
from nbtracker.cli.main import main
from nbtracker.errors import ConfigError, TrackingWarning, UsageError
from nbtracker.settings import resolve, user_file
from nbtracker.store.layout import open_store


@pytest.fixture
def unnamed(store, monkeypatch):
    """Nothing names a store; the working directory may have one near."""
    monkeypatch.delenv("NBTRACKER_DIR")
    return store.path.parent


def make_foreign(folder):
    """Give a folder to another user; only root can, so others let everybody write it."""
    if os.geteuid() == 0:
        os.chown(folder, 12345, 12345)
    else:
        folder.chmod(0o777)


def test_a33_the_nearest_store_of_another_user_is_not_taken(unnamed):
    """One in a shared folder is passed over with a warning, and nothing is written there."""
    theirs = unnamed / ".nbtracker"
    theirs.mkdir(mode=0o700)
    make_foreign(theirs)
    with pytest.warns(TrackingWarning, match=f"{theirs} was not taken for the store"):
        nbtracker.init(project="p").finish()
    assert list(theirs.iterdir()) == []


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a33_a_store_that_others_may_write_is_not_taken(unnamed, monkeypatch, mode):
    """The search goes on above it; naming it is consent."""
    (unnamed / ".nbtracker").mkdir(mode=0o700)
    below = unnamed / "shared" / ".nbtracker"
    below.mkdir(parents=True)
    below.chmod(mode)
    monkeypatch.chdir(below.parent)
    with pytest.warns(TrackingWarning, match="other users may write it"):
        assert open_store().path == unnamed / ".nbtracker"
    assert open_store(below).path == below


def test_a33_a_link_that_another_user_put_there_is_not_taken(unnamed, tmp_path):
    """Though it leads to a folder of one's own."""
    (tmp_path / "own").mkdir(mode=0o700)
    (unnamed / ".nbtracker").symlink_to(tmp_path / "own")
    assert open_store().path == unnamed / ".nbtracker"
    if os.geteuid() == 0:
        os.lchown(unnamed / ".nbtracker", 12345, 12345)
    else:
        (tmp_path / "own").chmod(0o777)
    with pytest.warns(TrackingWarning, match="was not taken"):
        assert open_store().path != unnamed / ".nbtracker"


@pytest.mark.parametrize("act", [nbtracker.init, nbtracker.Api], ids=["init", "Api"])
@pytest.mark.parametrize(
    ("named", "message"), [("~nosuchuser/x", r"home.*\$NBTRACKER_DIR"), ("a\0b", "NUL")]
)
def test_a1_a_store_that_is_no_path_is_refused(store, act, named, message):
    """The error says what would be right."""
    with pytest.raises(UsageError, match=message):
        act(dir=named)


def test_a1_a_home_in_the_environment_that_nobody_has_is_refused(store, monkeypatch):
    """It is a mistake, and nothing to go on without."""
    monkeypatch.setenv("NBTRACKER_DIR", "~nosuchuser/x")
    with pytest.raises(UsageError, match="home"):
        nbtracker.init(project="p", resume="must", id="r", reinit="finish_previous")


def test_f35_without_any_home_the_error_says_what_to_name(unnamed, child):
    """A user id that no system file knows has no folder of its own."""
    child("""
        import os, pwd, nbtracker
        os.environ.pop("HOME")
        pwd.getpwuid = lambda _: {}[_]
        try:
            nbtracker.init(project="p")
        except nbtracker.UsageError as error:
            assert "$NBTRACKER_DIR" in str(error), error
        else:
            raise SystemExit("recorded somewhere")
    """)
    assert not (unnamed / "~").exists()


def test_a1_folders_with_names_that_none_can_have_are_passed_over(store):
    """They stop neither a lookup nor a listing; they can be asked for."""
    record(store, "abc", project="p")
    for name in ("a:b", "-old", "p/-r", "p/r r"):
        (store.path / name).mkdir()
    assert (nbtracker.Api().run("abc").id, store.projects()) == ("abc", ["p"])
    assert [folder.id for folder in store.runs()] == ["abc"]
    found = {path.relative_to(store.path).as_posix() for path in store.misnamed()}
    assert found == {"a:b", "-old", "p/-r", "p/r r"}


def test_f38_doctor_names_folders_that_no_run_can_have(store, capsys):
    """They are passed over by everything else, which somebody may wonder about."""
    record(store, "abc", project="p")
    for name in ("a:b", "p/r r"):
        (store.path / name).mkdir()
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    assert sorted((one["kind"], one["run"]) for one in found) == [
        ("ignored", "a:b"),
        ("ignored", "p/r r"),
    ]
    assert all("must" in one["reason"] or "may" in one["reason"] for one in found)


@pytest.mark.parametrize("given", [RuntimeError("no home"), Path("~/.config/nbtracker")])
def test_a33_a_user_without_a_home_has_no_settings_file(store, monkeypatch, given):
    """A repository cannot ship a folder that is called `~`, nor a catalogue in it."""

    def ask(*_, **__):
        if isinstance(given, Exception):
            raise given
        return given

    monkeypatch.delenv("NBTRACKER_CACHE_DIR")
    for name in ("user_config_path", "user_cache_dir"):
        monkeypatch.setattr(platformdirs, name, ask)
    here = store.path.parent / "~/.config/nbtracker"
    here.mkdir(parents=True)
    (here / "settings.yaml").write_text("project: evil\n")
    assert resolve().project != "evil"
    record(store, "abc", project="p")
    assert main(["ls"]) == 0
    assert main(["doctor", "--rebuild"]) == 0
    assert [path.name for path in here.iterdir()] == ["settings.yaml"]


def test_f38_a_store_of_the_users_file_is_found_by_readers(unnamed, tmp_path, capsys):
    """`init`, `Api` and the command line ask the same function."""
    user_file().parent.mkdir(parents=True)
    user_file().write_text(f"dir: {tmp_path / 'mine'}\nquiet: true\n")
    (unnamed / ".nbtracker").mkdir(mode=0o700)
    nbtracker.init(project="p", id="r").finish()
    assert nbtracker.Api().store == str(tmp_path / "mine")
    assert main(["ls"]) == 0
    assert "p/r" in capsys.readouterr().out


def test_f38_the_environment_is_asked_before_the_users_file(unnamed, tmp_path, monkeypatch):
    """`$NBTRACKER_DIR` is the store, `$WANDB_DIR` the folder it is in; a broken file is named."""
    user_file().parent.mkdir(parents=True)
    user_file().write_text("dir: [")
    with pytest.raises(ConfigError, match=r"settings\.yaml"):
        nbtracker.Api()
    for variable, path in [("WANDB_DIR", "w/.nbtracker"), ("NBTRACKER_DIR", "n")]:
        monkeypatch.setenv(variable, f" {tmp_path / path.split('/')[0]} ")
        assert open_store().path == tmp_path / path
