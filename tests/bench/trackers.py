"""The same few calls for nbtracker and for its peers; imports happen in `load`."""

import contextlib
import io
import json
import os
import sqlite3
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PROJECT = "bench"
# Nothing leaves this machine, and nobody's own settings or caches are read.
OFFLINE = {
    "WANDB_MODE": "offline",
    "WANDB_SILENT": "true",
    "WANDB_DISABLE_GIT": "true",
    "WANDB_ERROR_REPORTING": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
}

Values = dict[str, float]


class Tracker:
    """One tracker, writing below one folder.

    Attributes:
        module: What to import.
        log: Log one row, as `log(values, step=i)`. Set by `open`.
    """

    module: str
    log: Callable[..., Any]

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self) -> None:
        """Import what is measured."""
        __import__(self.module)

    def open(self, run_id: str) -> None:
        """Begin a run."""
        raise NotImplementedError

    def finish(self) -> None:
        """End the run."""
        raise NotImplementedError

    def rows(self, run_id: str) -> Iterator[tuple[int, Values]]:
        """Read back (step, values) of one run."""
        raise NotImplementedError


class NbTracker(Tracker):
    """What all of this is about."""

    module = "nbtracker"

    def open(self, run_id: str) -> None:
        """Begin a run."""
        import nbtracker

        self.run = nbtracker.init(project=PROJECT, id=run_id, dir=str(self.folder))
        self.log = self.run.log

    def finish(self) -> None:
        """End the run."""
        self.run.finish()

    def rows(self, run_id: str) -> Iterator[tuple[int, Values]]:
        """Read through the public API."""
        import nbtracker

        os.environ["NBTRACKER_DIR"] = str(self.folder)
        for row in nbtracker.Api().run(f"{PROJECT}/{run_id}").scan_history():
            yield row["_step"], {name: row[name] for name in row if name[0] != "_"}


class Wandb(Tracker):
    """wandb, offline, without system metrics and console capture."""

    module = "wandb"

    def open(self, run_id: str) -> None:
        """Begin a run."""
        import wandb

        settings = wandb.Settings(console="off", x_disable_stats=True, x_disable_meta=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.run = wandb.init(
            project=PROJECT, id=run_id, dir=str(self.folder), mode="offline", settings=settings
        )
        self.log = self.run.log

    def finish(self) -> None:
        """End the run."""
        self.run.finish()

    def rows(self, run_id: str) -> Iterator[tuple[int, Values]]:
        """Read the records of the run's file."""
        from wandb.proto import wandb_internal_pb2 as pb

        for path in self.folder.rglob(f"run-{run_id}.wandb"):
            for payload in _leveldb_log(path.read_bytes()[7:]):
                record = pb.Record.FromString(payload)
                if record.WhichOneof("record_type") == "history":
                    yield (
                        record.history.step.num,
                        {
                            item.key or item.nested_key[0]: json.loads(item.value_json)
                            for item in record.history.item
                        },
                    )


class Trackio(Tracker):
    """trackio, local, without system metrics."""

    module = "trackio"

    def load(self) -> None:
        """Import it with its folder set, as it reads that once."""
        os.environ["TRACKIO_DIR"] = str(self.folder)
        super().load()

    def open(self, run_id: str) -> None:
        """Begin a run."""
        import trackio

        with contextlib.redirect_stdout(io.StringIO()):
            self.run = trackio.init(
                project=PROJECT, name=run_id, embed=False, auto_log_gpu=False, auto_log_cpu=False
            )
        self.log = self.run.log

    def finish(self) -> None:
        """End the run."""
        import trackio

        with contextlib.redirect_stdout(io.StringIO()):
            trackio.finish()

    def rows(self, run_id: str) -> Iterator[tuple[int, Values]]:
        """Ask the project's database."""
        with contextlib.closing(sqlite3.connect(self.folder / f"{PROJECT}.db")) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'metrics'").fetchone():
                return  # killed before its first batch
            asked = db.execute("SELECT step, metrics FROM metrics WHERE run_name = ?", [run_id])
            yield from ((step, json.loads(metrics)) for step, metrics in asked)


class TensorboardX(Tracker):
    """tensorboardX: one `add_scalar` a metric."""

    module = "tensorboardX"

    def open(self, run_id: str) -> None:
        """Begin a run."""
        import tensorboardX

        writer = tensorboardX.SummaryWriter(str(self.folder / run_id))

        def log(values: Values, step: int) -> None:
            for name, value in values.items():
                writer.add_scalar(name, value, step)

        self.log, self.writer = log, writer

    def finish(self) -> None:
        """End the run."""
        self.writer.close()

    def rows(self, run_id: str) -> Iterator[tuple[int, Values]]:
        """Read the event files; a row is there when all of it is."""
        from tensorboardX.proto import event_pb2

        found: dict[int, Values] = {}
        for path in (self.folder / run_id).rglob("events.*"):
            for payload in _tfrecords(path.read_bytes()):
                event = event_pb2.Event.FromString(payload)
                for value in event.summary.value:
                    found.setdefault(event.step, {})[value.tag] = value.simple_value
        yield from ((step, values) for step, values in found.items() if len(values) == 2)


TRACKERS: dict[str, type[Tracker]] = {
    "nbtracker": NbTracker,
    "wandb": Wandb,
    "trackio": Trackio,
    "tensorboardX": TensorboardX,
}
PEERS = tuple(name for name in TRACKERS if name != "nbtracker")


def _leveldb_log(data: bytes, block: int = 32 * 1024) -> Iterator[bytes]:
    """Records of a LevelDB log, up to the first that is torn."""
    at, parts, skipped = 0, b"", 7  # the file's own header counts to its first block
    while at + 7 <= len(data):
        left = block - (at + skipped) % block
        if left < 7:
            at += left
            continue
        _, size, kind = struct.unpack_from("<IHB", data, at)
        if kind == 0 or at + 7 + size > len(data):
            return
        parts += data[at + 7 : at + 7 + size]
        at += 7 + size
        if kind in (1, 4):
            yield parts
            parts = b""


def _tfrecords(data: bytes) -> Iterator[bytes]:
    """Records of an event file, up to the first that is torn."""
    at = 0
    while at + 12 <= len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        if at + 16 + size > len(data):
            return
        yield data[at + 12 : at + 12 + size]
        at += 16 + size
