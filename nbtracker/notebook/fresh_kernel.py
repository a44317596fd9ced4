"""Cells executed in a kernel of their own, which is gone afterwards whatever happens."""

import asyncio
import atexit
import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbtracker.errors import MissingExtraError

# What a kernel inherits from the one that starts it, and which is not true of it.
_OTHERS = ("JPY_SESSION_NAME", "JPY_PARENT_PID", "JPY_INTERRUPT_EVENT", "NBTRACKER_RUN_ID")
_TICK_S = 0.2


@dataclass
class Executed:
    """What became of the cells.

    Attributes:
        outputs: For each cell that was begun: what it showed, as nbformat has it.
        stopped: Why not all were executed; None if they were.
        n_begun: How many cells were begun.
    """

    outputs: list[list[dict[str, Any]]] = field(default_factory=list)
    stopped: str | None = None
    n_begun: int = 0


def execute(
    sources: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float
) -> Executed:
    """Execute cells one after the other in a fresh kernel of this Python.

    A cell that fails does not keep the next ones from being executed. An interrupt stops the
    kernel and is raised.

    Args:
        sources: The cells.
        cwd: Where.
        env: Variables beside those of this process.
        timeout: How long all of it may take. Units: seconds.

    Raises:
        MissingExtraError: nbclient or ipykernel is not installed.
    """
    client = _client(sources, cwd)
    given = {name: value for name, value in os.environ.items() if name not in _OTHERS}
    worker = _Worker(client, {**given, "PYDEVD_DISABLE_FILE_VALIDATION": "1", **env}, timeout)
    with ThreadPoolExecutor(1, "nbtracker-replay") as threads:
        done = threads.submit(worker.work)
        try:
            while not wait([done], timeout=_TICK_S).done:
                pass
        except BaseException:
            worker.stop()
            raise
        done.result()
    return worker.result()


class _Worker:
    """Runs nbclient in a loop of its own: this may be called where a loop runs already."""

    def __init__(self, client: Any, env: dict[str, str], timeout: float) -> None:
        self.client = client
        self.env = env
        self.timeout = timeout
        self.stopped: str | None = None
        self.begun = 0
        self._manager = client.km
        self._is_unwanted = False
        self._cancel: Callable[[], object] | None = None
        client.on_cell_start = self._count

    def _count(self, *, cell_index: int, **_: Any) -> None:
        self.begun = cell_index + 1

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
                f"it was stopped after {self.timeout:g} s, in cell {self.begun} of "
                f"{len(self.client.nb.cells)}; allow more with --timeout"
            )
            self._kill(task)
        try:
            await task
        except (asyncio.CancelledError, DeadKernelError):
            # nbclient takes being cancelled for the kernel's death.
            died = f"the kernel died in cell {self.begun} of {len(self.client.nb.cells)}"
            self.stopped = self.stopped or died

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
        return Executed(shown, self.stopped, self.begun)


def _client(sources: Sequence[str], cwd: Path) -> Any:
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
        extra_arguments=["--HistoryManager.enabled=False", "--log-level=40"],
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
