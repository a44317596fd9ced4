"""A run goes by what was said last of its name, notes, tags, group and job type, whoever said it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nbtracker
from nbtracker.api import edits
from nbtracker.journal.moments import moment_after
from nbtracker.journal.records import Edited
from nbtracker.sdk.run import Run
from nbtracker.store.layout import Store
from nbtracker.views.run import read_run

TAGS = st.lists(st.sampled_from("abc"), max_size=3, unique=True)


def elsewhere(run: Run, **said: object) -> None:
    """Change a run as the panel does, which has read it before."""
    folder = run._folder
    edits.write(folder, edits.checked_edits(said, moment_after(read_run(folder).last_at)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "better"),
        ("notes", "# good"),
        ("tags", ("a", "b")),
        ("group", "g"),
        ("job_type", "j"),
    ],
)
def test_what_was_changed_elsewhere_is_what_a_run_says(
    store: Store, field: str, value: Any
) -> None:
    """At once; and after the run has ended, still."""
    with nbtracker.init(project="p") as run:
        elsewhere(run, **{field: value})
        assert getattr(run, field) == value
    assert getattr(run, field) == value
    assert getattr(read_run(run._folder), field) == value


def test_a_tag_that_is_added_here_leaves_those_that_were_added_there(store: Store) -> None:
    """`run.tags += (...)` reads before it writes."""
    run = nbtracker.init(project="p", tags=["first"])
    elsewhere(run, tags=["first", "from the panel"])
    run.tags += ("here",)
    assert run.tags == read_run(run._folder).tags == ("first", "from the panel", "here")


def test_what_is_said_here_wins_over_an_edit_from_a_clock_that_is_ahead(store: Store) -> None:
    """It was said later, whatever the clocks say."""
    run = nbtracker.init(project="p", name="first")
    ahead = run.start_time + 3600
    edits.write(run._folder, [Edited(at=ahead, field="name", value="from the future")])
    assert run.name == "from the future"
    run.name = "here"
    assert run.name == read_run(run._folder).name == "here"


def test_an_edit_that_nobody_could_have_made_is_passed_over(store: Store) -> None:
    """The journal is only a file."""
    run = nbtracker.init(project="p", name="first", tags=["a"])
    for field, value in (("name", 7), ("tags", {"a": [1]}), ("mode", "disabled"), ("id", "x")):
        edits.write(run._folder, [Edited(at=run.start_time + 1, field=field, value=value)])
    assert (run.name, run.tags, run.mode) == ("first", ("a",), "offline")
    run.log({"loss": 1})


@settings(max_examples=25, deadline=None)
@given(said=st.lists(st.tuples(st.booleans(), TAGS), max_size=6))
def test_writer_and_readers_agree_on_the_tags(
    tmp_path_factory: pytest.TempPathFactory, said: Any
) -> None:
    """Whoever changed them in whatever order."""
    run = nbtracker.init(
        project="p", dir=tmp_path_factory.mktemp("store"), settings={"silent": True}
    )
    for is_here, tags in said:
        if is_here:
            run.tags = tags
        else:
            elsewhere(run, tags=tags)
    assert run.tags == read_run(run._folder).tags
    run.finish()


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text("a \n", max_size=3),
    st.lists(st.one_of(st.integers(), st.text("ab", max_size=2)), max_size=3),
    st.just("x" * 2_000), st.just(["x" * 100]),
)  # fmt: skip
FIELDS = ("name", "notes", "tags", "group", "job_type", "archived", "mode", "nothing")


@settings(max_examples=40, deadline=None)
@given(said=st.lists(st.tuples(st.sampled_from(FIELDS), ODD), max_size=5))
def test_writer_and_readers_read_odd_edits_alike(
    tmp_path_factory: pytest.TempPathFactory, said: Any
) -> None:
    """Whatever a journal says that nobody could have said."""
    folder = tmp_path_factory.mktemp("store")
    run = nbtracker.init(project="p", name="first", dir=folder, settings={"silent": True})
    for i, (field, value) in enumerate(said, start=1):
        edits.write(run._folder, [Edited(at=run.start_time + i, field=field, value=value)])
    view = read_run(run._folder)
    for field in ("name", "notes", "tags", "group", "job_type"):
        assert getattr(run, field) == getattr(view, field)
    run.finish()


def test_a_run_that_has_ended_is_still_called_what_it_was_called_last(store: Store) -> None:
    """It lives on in the notebook, and in the panel."""
    run = nbtracker.init(project="p", name="first")
    run.finish()
    elsewhere(run, name="after the end", tags=["late"])
    assert (run.name, run.tags) == ("after the end", ("late",))
