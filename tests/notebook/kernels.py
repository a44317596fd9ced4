"""Real kernels for the tests: cells are executed as a notebook executes them."""

import os
import queue
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.manager import KernelManager

# For a machine under load; a kernel answers in some milliseconds.
PATIENCE_S = 60.0
# Names another Python whose ipykernel is used; the tests themselves run in this one.
KERNEL_PYTHON = "NBTRACKER_TEST_KERNEL_PYTHON"


@dataclass
class Shown:
    """What an execution showed.

    Attributes:
        status: "ok", "error" or "aborted".
        stdout, stderr: What was printed.
        outputs: The messages, without streams.
    """

    status: str = "ok"
    stdout: str = ""
    stderr: str = ""
    outputs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The plain text of results and displays."""
        found = (one["content"].get("data", {}).get("text/plain", "") for one in self.outputs)
        return "\n".join(text for text in found if text)

    @property
    def error(self) -> str:
        """Name and message of the exception."""
        for one in self.outputs:
            if one["msg_type"] == "error":
                return f"{one['content']['ename']}: {one['content']['evalue']}"
        return ""


class Kernel:
    """A kernel and its only client."""

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        self.manager = KernelManager(kernel_name="python3")
        if python := os.environ.get(KERNEL_PYTHON):
            spec: Any = self.manager.kernel_spec
            spec.argv[0] = python
        self.manager.start_kernel(
            env=_environment() | {"PYDEVD_DISABLE_FILE_VALIDATION": "1", **(env or {})},
            extra_arguments=["--HistoryManager.enabled=False"],
        )
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE_S)

    def run(self, code: str, *, cell_id: str | None = None) -> Shown:
        """Execute a cell; wait for its end, and give what it showed."""
        shown = self.shown(self.begin(code, cell_id=cell_id))
        if shown.status == "error":
            # Older kernels abort what comes right behind a failed cell, as part of "run all".
            self.client.kernel_info(reply=True, timeout=PATIENCE_S)
        return shown

    def begin(self, code: str, *, cell_id: str | None = None) -> str:
        """Have a cell executed; give the request's id."""
        message = self.client.session.msg(
            "execute_request",
            {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": True,
            },
            metadata={} if cell_id is None else {"cellId": cell_id},
        )
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def shown(self, message_id: str) -> Shown:
        """Collect what a request shows, until it is done."""
        shown, until = Shown(), time.monotonic() + PATIENCE_S
        while True:
            try:
                one = self.client.get_iopub_msg(timeout=max(0.1, until - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"the kernel did not answer: {shown}") from None
            if one["parent_header"].get("msg_id") != message_id:
                continue
            content, kind = one["content"], one["msg_type"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind == "stream":
                setattr(shown, content["name"], getattr(shown, content["name"]) + content["text"])
            elif kind not in ("status", "execute_input"):
                shown.outputs.append(one)
            if kind == "error":
                shown.status = "error"
        return shown

    def kill(self) -> None:
        """End the process at once, as `kill -9` does."""
        self.manager.signal_kernel(signal.SIGKILL)
        self.manager.provisioner.process.wait(PATIENCE_S)

    @property
    def pid(self) -> int:
        """The kernel's process."""
        return int(self.manager.provisioner.pid)

    def close(self) -> None:
        """Shut it down, as closing a notebook does."""
        self.client.stop_channels()
        self.manager.shutdown_kernel()
        self.manager.cleanup_resources()
        for context in (self.client.context, self.manager.context):
            context.destroy(linger=0)


def _environment() -> dict[str, str]:
    # With it, ipykernel does not watch what child processes print.
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


@contextmanager
def kernel(env: Mapping[str, str] | None = None) -> Iterator[Kernel]:
    """A kernel that is gone afterwards."""
    one = Kernel(env)
    try:
        yield one
    finally:
        one.close()
