"""Who looks at which store, and how requests share the threads; without a server."""

import asyncio
import hashlib
import threading
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from written import record

from nbtracker.extension import polling
from nbtracker.extension.changes import Changes
from nbtracker.extension.events import EventsHandler
from nbtracker.extension.handlers import AnswerHandler, Respond
from nbtracker.extension.polling import Poller, Seen
from nbtracker.extension.services import Services
from nbtracker.extension.stores import Stores
from nbtracker.store.caches import store_id
from nbtracker.store.layout import Store
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.catalogue.schema import DamagedPageError

PATIENCE_S = 30.0


class Found:
    """Stores by any name.

    Attributes:
        troubles: What is raised instead of an answer, one after the other.
        is_well: Set when an answer is given.
    """

    def __init__(self, **stores: Store) -> None:
        self.catalogues = {name: Catalogue(store) for name, store in stores.items()}
        self.troubles: list[Exception] = []
        self.is_well = asyncio.Event()

    def catalogue(self, named: str) -> Catalogue:
        """Give a catalogue by a name or an id."""
        if self.troubles:
            raise self.troubles.pop()
        self.is_well.set()
        by_id = {store_id(one.store): one for one in self.catalogues.values()}
        return (by_id | self.catalogues)[named]


class Ear:
    """A client that remembers what it was told."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[str, Changes]] = asyncio.Queue()

    def tell(self, store: str, changes: Changes) -> None:
        """Take changes in."""
        self.told.put_nowait((store, changes))

    async def hear(self) -> tuple[str, Changes]:
        """Wait for the next word."""
        return await asyncio.wait_for(self.told.get(), PATIENCE_S)


async def at_once(work: Callable[[], Any]) -> Any:
    """Do what may block at once."""
    await asyncio.sleep(0)
    return work()


def run(test: Callable[[Poller], Awaitable[None]]) -> None:
    """Run a test of a poller that is stopped afterwards."""

    async def main() -> None:
        poller = Poller(at_once)
        try:
            await asyncio.wait_for(test(poller), PATIENCE_S)
        finally:
            poller.stop()

    asyncio.run(main())


@pytest.fixture
def other(store: Store) -> Store:
    """A second store."""
    return Store(store.path.with_name("other"))


@pytest.mark.parametrize("trouble", [DamagedPageError, RuntimeError, OSError])
def test_whatever_goes_wrong_somebody_looks_again(
    store: Store,
    trouble: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault is said once, and what changed afterwards is told of."""
    monkeypatch.setattr(polling, "TROUBLED_EVERY_S", 0.01)

    async def test(poller: Poller) -> None:
        ear, found = Ear(), Found(default=store)
        poller.watch(ear, "default", Seen.now(found, "default"), frozenset())
        found.is_well.clear()
        found.troubles = [trouble("what went wrong") for _ in range(3)]
        await asyncio.wait_for(found.is_well.wait(), PATIENCE_S)
        record(store, "new")
        assert (await ear.hear())[1].runs == {"digits/new"}

    run(test)
    assert [one.getMessage().count("what went wrong") for one in caplog.records] == [1]


def test_one_store_of_two_names_is_looked_at_once(store: Store) -> None:
    """Who watches it is told under the names they used."""

    async def test(poller: Poller) -> None:
        ear, found = Ear(), Found(default=store)
        for name in ("default", store_id(store)):
            poller.watch(ear, name, Seen.now(found, name), frozenset())
        assert list(poller.watched) == [store_id(store)]
        record(store, "new")
        assert {(await ear.hear())[0] for _ in range(2)} == {"default", store_id(store)}

    run(test)


def test_nobody_looks_at_a_store_that_nobody_watches(store: Store, other: Store) -> None:
    """Each store is left when the last word for it is taken back, or its client has gone."""

    async def test(poller: Poller) -> None:
        ear, second, found = Ear(), Ear(), Found(default=store, other=other)
        for name in ("default", store_id(store), "other"):
            poller.watch(ear, name, Seen.now(found, name), frozenset())
        poller.watch(second, "other", Seen.now(found, "other"), frozenset())
        tasks = [task for one in poller.watched.values() for task in one.tasks]
        for name in ("default", store_id(store)):
            assert store_id(store) in poller.watched
            poller.unwatch(ear, name)
        assert list(poller.watched) == [store_id(other)]
        poller.leave(ear)
        poller.leave(second)
        assert not poller.watched
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)

    run(test)


def test_who_watches_the_default_store_goes_on_with_the_one_that_takes_its_place(
    store: Store, other: Store
) -> None:
    """Everything changed for them, and for nobody who names the first by its id."""

    async def test(poller: Poller) -> None:
        ear, by_id, found = Ear(), Ear(), Found(default=store, first=store)
        poller.watch(ear, "default", Seen.now(found, "default"), frozenset())
        poller.watch(by_id, store_id(store), Seen.now(found, store_id(store)), frozenset())
        found.catalogues["default"] = Catalogue(other)
        name, changes = await ear.hear()
        assert (name, changes.everything) == ("default", True)
        assert set(poller.watched) == {store_id(store), store_id(other)}
        record(other, "new")
        record(store, "old")
        assert (await ear.hear())[1].runs == {"digits/new"}
        assert (await by_id.hear())[1].runs == {"digits/old"}

    run(test)


class Gone(EventsHandler):
    """A client whose connection has ended."""

    def __init__(self, services: Any) -> None:
        self.initialize(services)


def test_a_client_that_has_gone_watches_nothing(store: Store) -> None:
    """However its connection ended."""

    async def main() -> None:
        store.path.mkdir(parents=True)
        services = Services(Stores())
        one, seen = Gone(services), Seen.now(services.stores, "default")
        services.sockets.add(one)
        services.poller.watch(one, "default", seen, frozenset())
        one.on_close()
        assert (dict(services.poller.watched), services.sockets) == ({}, set())
        services.close()

    asyncio.run(main())


class Sent(AnswerHandler):
    """A request that is answered to nobody.

    Attributes:
        sent: The body and the ETag.
    """

    def __init__(self, services: Any, respond: Respond) -> None:
        self.initialize(services, {"GET": respond})
        self.request = SimpleNamespace(method="GET", uri="/", query_arguments={})
        self.sent: tuple[Any, str | None] = (None, None)

    def set_header(self, *_: Any) -> None:
        """Take a header, which nobody reads."""

    def finish(self, *body: Any, **_: Any) -> Any:
        """Note what would be sent."""
        self.sent = (body[0], self.compute_etag())
        return asyncio.sleep(0)


class Spelled(dict):
    """An answer that knows in which thread it was spelled."""

    def items(self) -> Any:
        """Give what is spelled, once."""
        self.thread = threading.current_thread()
        return super().items()


def test_answers_are_spelled_and_named_apart_from_the_servers_loop(store: Store) -> None:
    """A list of megabytes holds up no kernel's messages."""
    store.path.mkdir(parents=True)
    answer = Spelled(runs=[1, 2])

    async def main() -> tuple[Any, str | None]:
        services = Services(Stores())
        one = Sent(services, lambda _: answer)
        await one._answer({"store": "default"})
        services.close()
        return one.sent

    body, etag = asyncio.run(main())
    assert body == b'{"runs":[1,2]}'
    assert etag == f'"{hashlib.sha1(body).hexdigest()}"'
    assert answer.thread is not threading.current_thread()
