"""A store that hangs, as one on a network does, holds up no other."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from written import record

from nbtracker.extension import turns
from nbtracker.extension.guarding import Guarded
from nbtracker.extension.refusals import StoreBusyError
from nbtracker.extension.services import Services
from nbtracker.extension.stores import Stores
from nbtracker.extension.turns import MAX_AT_ONCE
from nbtracker.store.caches import note_store, store_id
from nbtracker.store.layout import Store

PATIENCE_S = 30.0
N_HUNG, N_ASKED = 8, 10


class Hanging:
    """Work that does not end, until it is let go.

    Attributes:
        is_full: Whether it was begun as often as one store may.
    """

    def __init__(self) -> None:
        self._begun: list[str] = []
        self.is_full, self.let_go = threading.Event(), threading.Event()

    @property
    def n_begun(self) -> int:
        """How often it was begun."""
        return len(self._begun)

    def __call__(self) -> str:
        """Hang."""
        self._begun.append(threading.current_thread().name)
        if self.n_begun >= MAX_AT_ONCE:
            self.is_full.set()
        assert self.let_go.wait(PATIENCE_S)
        return "late"


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    """Work that ends with the test at the latest."""
    one = Hanging()
    yield one
    one.let_go.set()


async def hold(services: Services, hanging: Hanging) -> list["asyncio.Future[str]"]:
    """Take all that one store may do at once."""
    held = [asyncio.ensure_future(services.in_thread(hanging, "hung")) for _ in range(MAX_AT_ONCE)]
    assert await asyncio.to_thread(hanging.is_full.wait, PATIENCE_S)
    return held


def test_stores_that_hang_leave_threads_to_the_others(store: Store, hanging: Hanging) -> None:
    """However many they are, and however many requests wait for them, by whatever name."""
    store.path.mkdir(parents=True)

    async def main() -> None:
        stores = Stores()
        services = Services(stores)
        names = ["default", stores.source("default").id, *(f"hung-{i}" for i in range(N_HUNG))]
        waiting = [
            asyncio.ensure_future(services.in_thread(hanging, name)) for name in names * N_ASKED
        ]
        answers = [services.in_thread(lambda: "answer", "other") for _ in range(N_ASKED)]
        said = await asyncio.wait_for(asyncio.gather(*answers), PATIENCE_S / 2)
        assert (set(said), hanging.n_begun) == ({"answer"}, MAX_AT_ONCE * (N_HUNG + 1))
        hanging.let_go.set()
        await asyncio.gather(*waiting)
        assert hanging.n_begun == len(waiting)
        services.close()

    asyncio.run(main())


def test_who_asks_a_store_that_hangs_is_told_so(
    store: Store, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waited, after a while, and then everybody at once; until it answers again."""
    store.path.mkdir(parents=True)
    monkeypatch.setattr(turns, "PATIENCE_S", 0.05)

    async def main() -> None:
        services = Services(Stores())
        held = await hold(services, hanging)
        for _ in range(2):
            with pytest.raises(StoreBusyError):
                await services.in_thread(lambda: "answer", "hung")
        with monkeypatch.context() as patch:
            patch.setattr(turns, "asyncio", None)  # nobody waits any more
            with pytest.raises(StoreBusyError, match="does not answer"):
                await services.in_thread(lambda: "answer", "hung")
        hanging.let_go.set()
        assert await asyncio.gather(*held) == ["late"] * MAX_AT_ONCE
        assert await services.in_thread(lambda: "answer", "hung") == "answer"
        services.close()

    asyncio.run(main())


def test_who_leaves_gives_back_no_thread_that_is_still_busy(store: Store, hanging: Hanging) -> None:
    """A store that hangs takes its share, however often somebody asks and goes."""
    store.path.mkdir(parents=True)

    async def main() -> None:
        services = Services(Stores())
        for _ in range(N_ASKED):
            asking = asyncio.ensure_future(services.in_thread(hanging, "hung"))
            await asyncio.sleep(0.01)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
        assert hanging.n_begun == MAX_AT_ONCE
        hanging.let_go.set()
        assert await services.in_thread(lambda: "answer", "hung") == "answer"
        services.close()

    asyncio.run(main())


def test_an_answer_that_is_half_sent_waits_for_its_rest(
    store: Store, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its status is sent already, and a short file would be taken for a whole one."""
    store.path.mkdir(parents=True)
    monkeypatch.setattr(turns, "PATIENCE_S", 0.01)

    async def main() -> None:
        services = Services(Stores())
        held = await hold(services, hanging)
        rest = asyncio.ensure_future(services.in_thread(lambda: "rest", "hung", is_begun=True))
        with pytest.raises(StoreBusyError):
            await services.in_thread(lambda: "answer", "hung")
        assert not rest.done()
        hanging.let_go.set()
        assert await rest == "rest"
        await asyncio.gather(*held)
        services.close()

    asyncio.run(main())


class Refused(Guarded):
    """A request that failed.

    Attributes:
        status: What it was answered with.
        said: What was said.
    """

    def __init__(self) -> None:
        self.request = SimpleNamespace()

    def set_status(self, status: int, _reason: str | None = None) -> None:
        """Note the status."""
        self.status = status

    def finish(self, *said: str, **_: object) -> None:
        """Note what is said."""
        self.said = json.loads(said[0])


def test_a_store_that_hangs_is_a_503_with_a_hint() -> None:
    """So that a front end can say what to do, and ask again."""
    one = Refused()
    one.write_error(500, exc_info=(None, StoreBusyError("the store does not answer"), None))
    assert one.status == 503
    assert one.said["message"] == "the store does not answer"
    assert "Ask again" in one.said["hint"]


def in_thread(work: Callable[[], object]) -> threading.Thread:
    """Begin work in a thread of its own."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("hung", ["default", "named"])
def test_a_store_is_found_while_another_one_hangs(
    store: Store, tmp_path: Path, hanging: Hanging, monkeypatch: pytest.MonkeyPatch, hung: str
) -> None:
    """Also where it hangs as somebody looks whether it is there."""
    other = Store(tmp_path / "other")
    record(store, "r")
    record(other, "r")
    note_store(other)
    ids = {"default": store_id(store), "named": store_id(other)}
    paths = {"default": store.path, "named": other.path}
    stores = Stores(tmp_path)
    for name in ("default", ids["named"]):
        stores.source(name)
    plain = Path.is_dir

    def is_dir(path: Path) -> bool:
        return plain(path) and (path != paths[hung] or hanging() == "late")

    monkeypatch.setattr(Path, "is_dir", is_dir)
    waiting = in_thread(lambda: stores.source(ids[hung]))
    found: list[str] = []
    wanted = ids["named" if hung == "default" else "default"]
    asking = in_thread(lambda: found.append(stores.source(wanted).id))
    asking.join(PATIENCE_S / 2)
    assert found == [wanted]
    hanging.let_go.set()
    waiting.join()
