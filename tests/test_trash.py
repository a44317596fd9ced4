"""The trash: what a deleted run is called there, and how it comes back."""

import pytest
from written import record

from nbtracker.errors import NotFoundError, UsageError
from nbtracker.store.trash import discard, restore, trashed


@pytest.mark.parametrize("called", ["mist", "p/mist"])
def test_a_run_comes_back_by_its_id_and_by_its_path(store, called):
    """Either will do while it is in the trash once."""
    folder = record(store, "mist", project="p")
    discard(store, folder)
    assert restore(store, called) == folder
    assert (folder.exists, trashed(store)) == (True, [])


def test_a_path_tells_two_projects_apart(store):
    """Their runs may have one id."""
    for project in ("p", "q~"):
        discard(store, record(store, "mist", project=project))
    with pytest.raises(UsageError, match="several runs in the trash are called 'mist'"):
        restore(store, "mist")
    assert restore(store, "q~/mist").project == "q~"
    assert [item.run for item in trashed(store)] == ["p/mist"]


def test_a_run_that_was_deleted_twice_is_named_in_full(store):
    """The error lists its names, the newest last, and each of them works."""
    newer = discard(store, record(store, "mist", project="p"))
    older = discard(store, record(store, "mist", project="p"))
    older = older.rename(older.with_name("1.000~" + older.name.partition("~")[2]))
    with pytest.raises(UsageError) as refused:
        restore(store, "p/mist")
    assert str(refused.value).endswith(f"the newest last: {older.name}, {newer.name}")
    assert restore(store, newer.name).id == "mist"


def test_a_run_that_is_there_again_is_not_overwritten(store):
    """Nor is one made up that was never deleted."""
    discard(store, record(store, "mist", project="p"))
    record(store, "mist", project="p")
    with pytest.raises(UsageError, match="run p/mist exists again"):
        restore(store, "p/mist")
    with pytest.raises(NotFoundError, match="nbtracker trash"):
        restore(store, "p/fog")
