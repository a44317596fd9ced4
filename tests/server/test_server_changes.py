"""What changed, put together: however often and late somebody looks, the last word counts."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import record

from nbtracker.extension import events
from nbtracker.extension.changes import CatalogueLook, Changes, JournalsLook
from nbtracker.extension.events import TRY_AGAIN_LATER, EventsHandler, Mailbox
from nbtracker.store.layout import Store
from nbtracker.store.trash import discard
from nbtracker.views.catalogue.index import Catalogue

RUNS = [f"p/{name}" for name in "abc"]
EVENTS = st.lists(st.tuples(st.sampled_from(RUNS), st.booleans()), max_size=20)


@given(EVENTS)
def test_the_last_word_about_a_run_counts(events: list[tuple[str, bool]]) -> None:
    """A run that went and came is there, one that came and went is gone; never both."""
    all_of_it, last = Changes(), dict(events)
    for run, is_there in events:
        all_of_it.take(Changes(0, {run} if is_there else set(), set() if is_there else {run}))
    assert all_of_it.runs == {run for run, is_there in last.items() if is_there}
    assert all_of_it.gone == {run for run, is_there in last.items() if not is_there}


def test_what_waits_for_a_slow_client_does_not_grow() -> None:
    """Ten thousand changes of three runs are three names when the client has time."""

    async def wait() -> dict[str, Changes]:
        mailbox = Mailbox()
        for i in range(10_000):
            mailbox.put("default", Changes(i, {RUNS[i % 3]}))
        return await mailbox.take()

    assert asyncio.run(wait()) == {"default": Changes(9_999, set(RUNS))}


class Deaf(EventsHandler):
    """A client to which nothing gets through."""

    def __init__(self) -> None:
        self.said: list[int | None] = []

    def write_message(self, message: object, binary: bool = False) -> "asyncio.Future[None]":
        """Begin to send, and never be done."""
        del message, binary
        return asyncio.get_running_loop().create_future()

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Note how it was let go."""
        del reason
        self.said.append(code)


def test_a_client_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """It hears that it may come back, and is sent nothing more."""
    monkeypatch.setattr(events, "SLOW_S", 0.01)
    one = Deaf()
    assert not asyncio.run(one._say({"type": "ping"}))
    assert one.said == [TRY_AGAIN_LATER]


def test_the_catalogue_names_what_changed_since(store: Store) -> None:
    """New and deleted runs are named once, and nothing without a change."""
    old = record(store, "old")
    catalogue = Catalogue(store)
    catalogue.refresh()
    look = CatalogueLook(lambda: catalogue, catalogue.clock())
    record(store, "new")
    discard(store, old)
    catalogue.refresh(whole=True)
    found = look.look()[1]
    assert (found.runs, found.gone, found.everything) == ({"digits/new"}, {"digits/old"}, False)
    assert not look.look()[1]


def test_another_catalogue_means_that_everything_changed(store: Store) -> None:
    """A store that is found later, or an index made anew, has nothing in common with before."""
    first, second = Catalogue(store), Catalogue(Store(store.path.with_name("other")))
    first.refresh()
    look = CatalogueLook(lambda: second, first.clock())
    assert look.look()[1].everything


def test_journals_that_did_not_change_are_not_told_of(store: Store) -> None:
    """A run is named when it grows, goes, or somebody begins to follow it; at no other time."""
    folder = record(store, "one")
    run, look = "digits/one", JournalsLook()
    assert look.look(store, [run], [run]) == Changes(0, {run})
    assert not look.look(store, [run])
    record(store, "one")
    assert look.look(store, [run]) == Changes(0, {run})
    discard(store, folder)
    assert look.look(store, [run]) == Changes(0, set(), {run})
