"""What a client sees is the same with the tracker and without; the record shows bars as left."""

from dataclasses import dataclass

import pytest
from kernels import Kernel, Shown, kernel
from ledger_reading import only_session, printed

from nbtracker.store.layout import Store

# Text that a thread watches for is seen a moment later.
SETTLE = "\nimport time; time.sleep(0.6)"
CELLS = {
    "print": "for i in range(50):\n    print('line', i)",
    "no line end": "for i in range(50):\n    print(i, end='')\nprint('', end='\\n')",
    "flush": "for i in range(20):\n    print(i, end=' ', flush=True)",
    "bar by hand": "for i in range(101):\n    print(f'\\r{i:3} %', end='', flush=i % 10 == 0)",
    "backspaces": "print('12345\\b\\b\\bxx')",
    "tqdm": (
        "import sys\nfrom tqdm import tqdm\n"
        "for _ in tqdm(range(40), file=sys.stdout, mininterval=0, ncols=60,"
        " bar_format='{l_bar}{bar}|{n_fmt}/{total_fmt}'):\n    pass"
    ),
    "tqdm on stderr": (
        "from tqdm import trange\n"
        "for _ in trange(40, mininterval=0, ncols=60, bar_format='{bar}|{n_fmt}/{total_fmt}'):\n"
        "    pass"
    ),
    "rich": (
        "import rich, rich.table\ntable = rich.table.Table('a', 'b')\ntable.add_row('1', '[red]2')\n"
        "rich.print('[bold]bold[/]')\nrich.print(table)"
    ),
    "logging": (
        "import logging, sys\nlog = logging.getLogger('mine')\n"
        "log.addHandler(logging.StreamHandler(sys.stdout))\nlog.warning('said %s', 1)"
    ),
    "logging on stderr": "import logging\nlogging.getLogger('other').error('oh no')",
    "subprocess": (
        "import subprocess, sys\n"
        f"subprocess.run([sys.executable, '-c', 'print(\"from a process\")']){SETTLE}"
    ),
    "a shell command": "!echo from a shell",
    "descriptor 1": f"import os\n_ = os.write(1, b'to the descriptor\\n'){SETTLE}",
    "threads": (
        "import threading\n"
        "for i in range(10):\n"
        "    t = threading.Thread(target=print, args=('thread', i)); t.start(); t.join()"
    ),
    "both streams": "import sys\nfor i in range(5):\n    print(i)\n    print(-i, file=sys.stderr)",
    "displays": (
        "from IPython.display import HTML, clear_output, display\n"
        "shown = display(HTML('<i>1</i>'), display_id='d')\nshown.update(HTML('<i>2</i>'))\n"
        "print('gone'); clear_output(wait=True)\nprint('there')\n{'a': 1}"
    ),
    "a replaced stdout": (
        "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as text:\n"
        "    print('kept')\ntext.getvalue()"
    ),
    "an error": "print('before')\n[][1]",
}
# What is left of a bar when all is done.
LEFT = {
    "bar by hand": ("stdout", "100 %"),
    "tqdm": ("stdout", "40/40"),
    "tqdm on stderr": ("stderr", "40/40"),
    "backspaces": ("stdout", "12xx5"),
    "subprocess": ("stdout", "from a process"),
    "descriptor 1": ("stdout", "to the descriptor"),
    "threads": ("stdout", "thread 9"),
    "logging": ("stdout", "said 1"),
    "logging on stderr": ("stderr", "oh no"),
}
NAMES = list(CELLS)


@dataclass
class Twice:
    """What each cell shows with the tracker and without, and the store of the first."""

    tracked: dict[str, tuple]
    plain: dict[str, tuple]
    store: Store


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """Two kernels that execute the same cells."""
    store = Store(tmp_path_factory.mktemp("streams") / "store")
    with kernel({"NBTRACKER_DIR": str(store.path)}) as one, kernel() as other:
        one.run("%load_ext nbtracker")
        other.run("1")
        return Twice(all_seen(one), all_seen(other), store)


def all_seen(one: Kernel) -> dict[str, tuple]:
    """What a client sees of all cells."""
    return {name: seen(one.run(cell)) for name, cell in CELLS.items()}


def seen(shown: Shown) -> tuple:
    """Every byte of it, but for addresses and ids."""
    kept = []
    for one in shown.outputs:
        content = one["content"]
        parts = ("data", "metadata", "ename", "evalue", "traceback", "wait", "execution_count")
        kept.append((one["msg_type"], [content.get(part) for part in parts]))
    return shown.status, shown.stdout, shown.stderr, kept


@pytest.mark.parametrize("name", NAMES)
def test_a_client_sees_the_same(twice: Twice, name: str) -> None:
    """Byte for byte."""
    assert twice.tracked[name] == twice.plain[name]
    assert any(twice.plain[name][1:])


@pytest.mark.parametrize("name", LEFT)
def test_the_record_shows_the_last_state(twice: Twice, name: str) -> None:
    """As a terminal would have left it."""
    stream, last = LEFT[name]
    text = printed(only_session(twice.store), NAMES.index(name) + 2, stream)
    assert text.rstrip().splitlines()[-1].endswith(last)
