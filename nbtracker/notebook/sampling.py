"""What the machine does while cells run: sampled by the recorder's thread, for the cell."""

import contextlib
import importlib
import time
from collections.abc import Callable
from typing import Any

import psutil

from nbtracker.journal.cells import SystemSampled

EVERY_S = 1.0


class Sampler:
    """Measures this process and the machine about once a second while an execution goes on.

    Args:
        number: Gives the execution that goes on; None between two.
        write: Takes a sample.
    """

    def __init__(
        self, number: Callable[[], int | None], write: Callable[[SystemSampled], None]
    ) -> None:
        self._number, self._write = number, write
        self._process = psutil.Process()
        self._process.cpu_percent()  # the first answer is always 0
        self._gpus = _Gpus()
        self._due_at = 0.0
        self._measured: int | None = None

    def tick(self) -> None:
        """Take a sample if one is due."""
        number, now = self._number(), time.monotonic()
        if number is None:
            self._measured = None
            return
        if number != self._measured:
            # What was used since the last sample belongs to nobody.
            self._measured, self._due_at = number, now + EVERY_S / 2
            self._process.cpu_percent()
        elif now >= self._due_at:
            self._due_at = now + EVERY_S
            self._write(self.sample(number))

    def sample(self, number: int) -> SystemSampled:
        """Measure now."""
        memory = psutil.virtual_memory()
        values: dict[str, Any] = {
            "machine.memory": memory.percent,
            "machine.cpu": psutil.cpu_percent(),
            "threads": self._process.num_threads(),
        }
        with contextlib.suppress(OSError, RuntimeError, AttributeError, psutil.Error):
            moved = psutil.disk_io_counters()
            if moved is not None:
                values |= {"disk.read": moved.read_bytes, "disk.written": moved.write_bytes}
        return SystemSampled(
            at=time.time(),
            number=number,
            cpu=self._process.cpu_percent(),
            memory=self._process.memory_info().rss,
            values=values | self._gpus.values(),
        )


class _Gpus:
    """NVIDIA's GPUs, if there are any and pynvml is installed (the extra `system`)."""

    def __init__(self) -> None:
        self._nvml: Any = None
        self._handles: list[Any] = []
        with contextlib.suppress(ImportError):
            nvml = importlib.import_module("pynvml")
            with contextlib.suppress(nvml.NVMLError):
                nvml.nvmlInit()
                n = nvml.nvmlDeviceGetCount()
                self._handles = [nvml.nvmlDeviceGetHandleByIndex(i) for i in range(n)]
                self._nvml = nvml

    def values(self) -> dict[str, Any]:
        """Load in percent and memory in bytes of each."""
        found: dict[str, Any] = {}
        for i, handle in enumerate(self._handles):
            with contextlib.suppress(self._nvml.NVMLError):
                found[f"gpu.{i}"] = self._nvml.nvmlDeviceGetUtilizationRates(handle).gpu
                found[f"gpu.{i}.memory"] = self._nvml.nvmlDeviceGetMemoryInfo(handle).used
        return found
