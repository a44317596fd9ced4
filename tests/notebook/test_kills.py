"""A printing, logging cell, killed at random moments. `NBTRACKER_KILLS=100` kills more often."""

import mmap
import os
import random
import struct
import time
from pathlib import Path

from kernels import kernel
from ledger_reading import logged, only_session, printed, statuses

from nbtracker.store.layout import Store
from nbtracker.views.session import session_of

N_KILLS = int(os.environ.get("NBTRACKER_KILLS", "12"))
LIFE_S = (0.05, 2.0)
# A line is on disk by then.
LINE_S = 1.0
# Each call that returned is noted in a page that outlives the process.
CELL = """
import mmap, struct, time, random
file = open({page!r}, "r+b")
page = mmap.mmap(file.fileno(), 8)
for i in range(10**7):
    run.log({{"i": i}})
    page[:8] = struct.pack("<q", i + 1)
    print(i, time.time())
    time.sleep(random.choice([0, 0, 0.001, 0.01]))
"""


def kill_one(store: Store, page: Path, life_s: float) -> tuple[int, float]:
    """Kill a kernel in the middle of its cell; tell how many calls had returned, and when."""
    page.write_bytes(struct.pack("<q", 0))
    with (
        page.open("r+b") as file,
        mmap.mmap(file.fileno(), 8) as shared,
        kernel({"NBTRACKER_DIR": str(store.path)}) as one,
    ):
        one.run("import nbtracker\nrun = nbtracker.init(project='p', id='r')")
        one.begin(CELL.format(page=str(page)))
        until = time.monotonic() + 60
        while not struct.unpack("<q", shared[:8])[0] and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(life_s)
        killed_at = time.time()
        one.kill()
        return struct.unpack("<q", shared[:8])[0], killed_at


def test_f1_f11_whatever_was_recorded_outlives_the_kernel(store: Store, tmp_path: Path) -> None:
    """Every row that log() returned for, every line older than a second, and their cell."""
    chance = random.Random()
    for i in range(N_KILLS):
        own = Store(tmp_path / f"store{i}")
        n_returned, killed_at = kill_one(own, tmp_path / f"page{i}", chance.uniform(*LIFE_S))
        session = only_session(own)
        rows = logged(own.run("p", "r"))
        assert n_returned > 0
        assert [one.values["i"] for one in rows] == list(range(len(rows)))
        assert len(rows) in (n_returned, n_returned + 1)
        cells = {session_of(one.execution) for one in rows}
        assert cells == {(session.folder.id, 2)}
        assert statuses(session) == ["ok", "aborted"]
        whole = printed(session, 2).rpartition("\n")[0].splitlines()
        lines = [line.split() for line in whole]
        assert [int(number) for number, _ in lines] == list(range(len(lines)))
        if len(lines) < n_returned - 1:  # the next line was younger than that
            times = [float(at) for _, at in lines]
            assert not times or times[-1] > killed_at - LINE_S
