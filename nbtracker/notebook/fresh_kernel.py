"""Cells executed in a kernel of their own, which is gone afterwards whatever happens."""

import asyncio
import atexit
import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from nbtracker.errors import MissingExtraError, attempt

# What a kernel inherits from the one that starts it, and which is not true of it.
_OTHERS = ("JPY_SESSION_NAME", "JPY_PARENT_PID", "JPY_INTERRUPT_EVENT", "NBTRACKER_RUN_ID")
_TICK_S = 0.2
# Linux keeps there what a process was started with.
_STARTED_WITH = Path("/proc/self/environ")


def first_environment() -> dict[str, str]:
    """The variables that this process was started with, whatever cells made of them since.

    Where the system does not tell, those that it has now.
    """
    said = attempt(_STARTED_WITH.read_bytes, bytes)
    pairs = [os.fsdecode(one).partition("=") for one in said.split(b"\0") if one]
    found = {name: value for name, _, value in pairs}
    # A process that gave itself a title wrote that over its variables.
    is_whole = "PATH" in found and all(sign for _, sign, _ in pairs)
    return found if is_whole else dict(os.environ)


class Error(NamedTuple):
    """What a cell failed with: one that a magic only prints is one, too."""

    name: str
    value: str


@dataclass
class Executed:
    """What became of the cells.

    Attributes:
        outputs: For each cell that was begun: what it showed, as nbformat has it.
        errors: What each of them failed with; None if it did not.
        stopped: Why not all were executed; None if they were.
        n_begun: How many cells were begun.
        is_dead: Whether the kernel ended by itself.
    """

    outputs: list[list[dict[str, Any]]] = field(default_factory=list)
    errors: list[Error | None] = field(default_factory=list)
    stopped: str | None = None
    n_begun: int = 0
    is_dead: bool = False


class Interrupted(KeyboardInterrupt):
    """Ctrl-C ended the execution; the kernel is gone.

    Attributes:
        executed: What became of the cells until then.
    """

    def __init__(self, executed: Executed) -> None:
        super().__init__()
        self.executed = executed


def execute(
    sources: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float,
    extension: str | None = None,
    on_start: Callable[[int], object] = lambda _: None,
    names: Sequence[str] = (),
) -> Executed:
    """Execute cells one after the other in a fresh kernel of this Python.

    A cell that fails does not keep the next ones from being executed.

    Args:
        sources: The cells.
        cwd: Where.
        env: Its variables.
        timeout: How long all of it may take. Units: seconds.
        extension: A module that the kernel loads as an extension of IPython.
        on_start: Told the index of each cell before it is executed.
        names: How the cells are called.

    Raises:
        MissingExtraError: nbclient or ipykernel is not installed.
        Interrupted: Ctrl-C stopped the kernel.
    """
    client = _client(sources, cwd, extension)
    given = {name: value for name, value in env.items() if name not in _OTHERS}
    variables = {"PYDEVD_DISABLE_FILE_VALIDATION": "1", **given}
    worker = _Worker(client, variables, timeout, on_start, names)
    with ThreadPoolExecutor(1, "nbtracker-replay") as threads:
        done = threads.submit(worker.work)
        try:
            while not wait([done], timeout=_TICK_S).done:
                pass
        except KeyboardInterrupt:
            _end(worker, done)
        except BaseException:
            worker.stop()
            raise
        done.result()
    return worker.result()


def _end(worker: "_Worker", done: "Future[None]") -> NoReturn:
    """Stop the kernel, and say how far it came."""
    worker.stop()
    wait([done])
    found = worker.result()
    found.stopped = f"it was interrupted in {worker.where}"
    raise Interrupted(found) from None


class _Worker:
    """Runs nbclient in a loop of its own: this may be called where a loop runs already."""

    def __init__(
        self,
        client: Any,
        env: dict[str, str],
        timeout: float,
        on_start: Callable[[int], object],
        names: Sequence[str],
    ) -> None:
        self.client = client
        self.on_start, self.names = on_start, names
        self.errors: dict[int, Error] = {}
        self.is_dead = False
        self.env = env
        self.timeout = timeout
        self.stopped: str | None = None
        self.begun = 0
        self._manager = client.km
        self._is_unwanted = False
        self._cancel: Callable[[], object] | None = None
        client.on_cell_start = self._count
        client.on_cell_executed = self._note

    @property
    def where(self) -> str:
        """Which cell goes on, and how far that is."""
        n_cells = len(self.client.nb.cells)
        if not self.begun:
            return f"what is before the first of {n_cells} cells"
        name = self.names[self.begun - 1] if self.names else f"cell {self.begun}"
        return f"{name}, {self.begun - 1} of {n_cells} done"

    def _count(self, *, cell_index: int, **_: Any) -> None:
        self.begun = cell_index + 1
        self.on_start(cell_index)

    def _note(self, *, cell_index: int, execute_reply: Any, **_: Any) -> None:
        # The outputs do not have all errors: a magic prints its own.
        said = execute_reply["content"]
        if said.get("status") == "error":
            self.errors[cell_index] = Error(str(said.get("ename")), str(said.get("evalue")))

    def work(self) -> None:
        """Execute everything."""
        asyncio.run(self._execute())

    def stop(self) -> None:
        """Kill the kernel, and end."""
        self._is_unwanted = True
        if self._cancel is not None:
            self._cancel()

    async def _execute(self) -> None:
        task = asyncio.ensure_future(self.client.async_execute(env=self.env, cleanup_kc=True))
        loop = asyncio.get_running_loop()
        self._cancel = lambda: loop.call_soon_threadsafe(self._kill, task)
        if self._is_unwanted:
            self._kill(task)
        try:
            await self._watch(task)
        finally:
            await self._clean_up()

    async def _watch(self, task: "asyncio.Future[Any]") -> None:
        from nbclient.exceptions import DeadKernelError

        done, _ = await asyncio.wait([task], timeout=self.timeout)
        if not done:
            self.stopped = (
                f"it was stopped after {self.timeout:g} s, in {self.where}; "
                "allow more with --timeout"
            )
            self._kill(task)
        try:
            await task
        except (asyncio.CancelledError, DeadKernelError):
            # nbclient takes being cancelled for the kernel's death.
            self.is_dead = self.stopped is None and not self._is_unwanted
            self.stopped = self.stopped or f"the kernel died in {self.where}"

    async def _clean_up(self) -> None:
        """End what nbclient leaves behind when it is stopped while its kernel starts."""
        from jupyter_core.utils import ensure_async

        if self.client.kc is not None:
            await ensure_async(self.client.kc.stop_channels())
        if await ensure_async(self._manager.is_alive()):
            await ensure_async(self._manager.shutdown_kernel(now=True))
        await ensure_async(self._manager.cleanup_resources())
        atexit.unregister(self.client._cleanup_kernel)

    def _kill(self, task: "asyncio.Future[Any]") -> None:
        self.client.shutdown_kernel = "immediate"
        task.cancel()

    def result(self) -> Executed:
        """What was found."""
        cells = self.client.nb.cells[: self.begun]
        shown = [[dict(output) for output in cell.outputs] for cell in cells]
        errors = [self.errors.get(n) for n in range(len(cells))]
        return Executed(shown, errors, self.stopped, self.begun, self.is_dead)


def _client(sources: Sequence[str], cwd: Path, extension: str | None) -> Any:
    try:
        importlib.import_module("ipykernel")
        from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient
        from nbformat import NotebookNode
    except ImportError as error:
        raise MissingExtraError(
            f"to execute a run again, nbclient and ipykernel are needed ({error}): "
            "pip install 'nbtracker[replay]'"
        ) from error

    class ThisPython(KernelSpecManager):
        """Knows one kernel: that of the Python which runs this, whatever is installed."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=argv, display_name=kernel_name, language="python")

    notebook = _notebook(sources, NotebookNode)
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=ThisPython())
    return NotebookClient(
        notebook,
        km=manager,
        allow_errors=True,
        timeout=None,
        resources={"metadata": {"path": str(cwd)}},
        extra_arguments=[
            "--HistoryManager.enabled=False",
            "--log-level=40",
            *([f"--InteractiveShellApp.extra_extensions={extension}"] if extension else []),
        ],
    )


def _notebook(sources: Sequence[str], node: Callable[..., Any]) -> Any:
    cells = [
        node(
            cell_type="code",
            id=f"cell-{n}",
            source=source,
            metadata=node(),
            outputs=[],
            execution_count=None,
        )
        for n, source in enumerate(sources, start=1)
    ]
    return node(cells=cells, metadata=node(), nbformat=4, nbformat_minor=5)
