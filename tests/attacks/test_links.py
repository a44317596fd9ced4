"""A3, A32, A35: a store may come with a cloned repository, so no link in it is followed."""

import os

import pytest
from samples import the_run, write_sample
from written import record

import nbtracker
from nbtracker.errors import NotFoundError, UsageError
from nbtracker.store.layout import RunFolder
from nbtracker.store.trash import discard, empty, restore, trashed
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.catalogue.signatures import signature_of

LINKS = ["p", "p/r", "p/r/journals", "p/r/files", ".latest"]


@pytest.fixture
def outside(tmp_path):
    """A folder that nothing may touch."""
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


def link(store, name, target):
    """Put a link into the store."""
    path = store.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


@pytest.mark.parametrize("resume", [None, "allow"])
@pytest.mark.parametrize("name", LINKS)
def test_a3_nothing_is_written_through_a_linked_folder(store, outside, name, resume):
    """`init` says which link it is, and writes nowhere."""
    made = link(store, name, outside)
    with pytest.raises(UsageError, match=f"^{made} is a link.*Remove it"):
        nbtracker.init(project="p", id="r", resume=resume)
    assert (list(outside.iterdir()), nbtracker.run) == ([], None)


def test_a3_the_files_of_a_run_are_not_put_behind_a_link(store, outside):
    """One that was made after the run began: `run.dir` does not name it."""
    run = nbtracker.init(project="p", id="r")
    link(store, "p/r/files", outside / "files")
    with pytest.raises(UsageError, match="files is a link"):
        _ = run.dir
    assert list(outside.iterdir()) == []


def test_a3_a_listing_does_not_look_through_linked_journals(store, outside):
    """The run is listed as what it is, and what is behind the link is not asked for."""
    write_sample(outside / "main.journal")
    link(store, "p/r/journals", outside)
    before = signature_of(store.run("p", "r"))
    (outside / "more.journal").touch()
    assert signature_of(store.run("p", "r")) == before
    catalogue = Catalogue(store)
    catalogue.refresh()
    facts = catalogue.run("p", "r")
    assert (facts.state, "a link" in facts.trouble) == ("damaged", True)


def test_a32_the_store_of_a_repository_does_not_lead_out_of_it(store, outside, monkeypatch):
    """The default project, linked to somewhere else, is refused without any argument."""
    monkeypatch.delenv("NBTRACKER_DIR")
    link(store, "uncategorized", os.path.relpath(outside, store.path))
    store.path.rename(store.path.with_name(".nbtracker"))
    with pytest.raises(UsageError, match="uncategorized is a link"):
        nbtracker.init()
    assert list(outside.iterdir()) == []


def test_a3_the_store_itself_may_be_a_link(store, outside):
    """Its user made that one."""
    store.path.symlink_to(outside)
    nbtracker.init(project="p", id="r").finish()
    assert (outside / "p" / "r" / "journals" / "main.journal").exists()
    assert the_run(store).exit_code == 0


@pytest.mark.parametrize("name", ["p", "p/r"])
def test_a3_a_run_behind_a_link_is_no_run(store, outside, name):
    """It is neither found, nor listed, nor deleted."""
    target = outside if name == "p" else outside / "r"
    there = RunFolder(outside / "r").path / "journals" / "main.journal"
    write_sample(there)
    link(store, name, target)
    assert list(store.runs()) == list(store.runs("p")) == []
    with pytest.raises(NotFoundError):
        nbtracker.Api().run("p/r")
    with pytest.raises(NotFoundError, match="is a link"):
        discard(store, store.run("p", "r"))
    assert there.exists()


def test_a3_linked_journals_are_not_read(store, outside):
    """They are named as what is wrong; the run can be deleted, and they stay where they are."""
    write_sample(outside / "main.journal")
    made = link(store, "p/r/journals", outside)
    folder = store.run("p", "r")
    with pytest.raises(OSError, match="not followed") as refused:
        _ = folder.journals
    assert refused.value.filename == str(made)
    discard(store, folder)
    assert (list(store.runs()), (outside / "main.journal").exists()) == ([], True)


def test_a3_a_linked_trash_takes_no_run(store, outside):
    """Neither by deleting one, nor by beginning one anew; and it is not emptied."""
    folder = record(store, "r", project="p")
    link(store, ".trash", outside)
    (outside / "1.0~abc~p~zz").mkdir()
    for act in (
        lambda: discard(store, folder),
        lambda: nbtracker.init(project="p", id="r"),
        lambda: empty(store),
    ):
        with pytest.raises(UsageError, match=r"\.trash is a link"):
            act()
    assert (folder.exists, trashed(store)) == (True, [])
    assert [path.name for path in outside.iterdir()] == ["1.0~abc~p~zz"]


def test_a3_a_run_is_not_restored_through_a_linked_project(store, outside):
    """It stays in the trash."""
    item = discard(store, record(store, "r", project="p"))
    (store.path / "p").rmdir()
    link(store, "p", outside)
    with pytest.raises(UsageError, match="is a link"):
        restore(store, item.name)
    assert (list(outside.iterdir()), item.exists()) == ([], True)


def test_a35_the_trash_is_emptied_around_a_link(store, outside):
    """The link goes, what it leads to stays, and the runs beside it go."""
    (outside / "precious").touch()
    discard(store, record(store, "r", project="p"))
    link(store, ".trash/1.0~abc~p~zz", outside)
    assert [item.id for item in trashed(store)] == ["r"]
    assert empty(store) == 1
    assert (list(store.trash.iterdir()), (outside / "precious").exists()) == ([], True)


def test_a35_emptying_goes_on_after_what_cannot_be_removed(store, child):
    """The error says what is left, and how many runs are gone."""
    names = [discard(store, record(store, name, project="p")).name for name in "abc"]
    done = child("""
        import sys
        from nbtracker.cli.main import main
        def refuse(event, arguments):
            if event == "shutil.rmtree" and str(arguments[0]).endswith("~a"):
                raise PermissionError(13, "Permission denied")
        sys.addaudithook(refuse)
        assert main(["trash", "--empty", "--yes"]) == 1
    """)
    assert "2 of 3 runs were removed" in done.stderr
    assert f"{names[0]} (Permission denied)" in done.stderr
    assert [item.id for item in trashed(store)] == ["a"]
