"""Each function of the recording fails, or stalls: the user's cells never notice."""

import importlib
import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from kernels import Kernel, Shown, kernel

MODULES = ["hooks", "recorder", "watching", "capture", "outputs", "observer", "session"]
NOTICE = "not recorded"
# Told to the kernel before nbtracker is there.
PREPARE = """
import collections, functools, importlib, inspect, json, threading, time

class Inside(Exception):
    pass

class Fault:
    def __init__(self, kind, module, owner, name):
        module = importlib.import_module(f"nbtracker.notebook.{module}")
        self.place, self.name = getattr(module, owner) if owner else module, name
        self.was = inspect.getattr_static(self.place, name)
        self.stalled, self.go_on = threading.Event(), threading.Event()
        self.outwaited = threading.Event()
        make = self.stalling if kind == "stall" else self.raising
        broken = make(self.function())
        if isinstance(self.was, property):
            broken = property(broken)
        elif isinstance(self.was, staticmethod):
            broken = staticmethod(broken)
        setattr(self.place, name, broken)

    def function(self):
        return getattr(self.was, "fget", None) or getattr(self.was, "__func__", None) or self.was

    def raising(self, function):
        @functools.wraps(function)
        def broken(*_, **__):
            raise Inside(f"in {self.name}")
        return broken

    def stalling(self, function):
        @functools.wraps(function)
        def broken(*given, **named):
            if threading.current_thread().name.startswith("nbtracker-"):
                self.stalled.set()
                if not self.go_on.wait(10):
                    self.outwaited.set()
            return function(*given, **named)
        return broken

    def mend(self):
        self.go_on.set()
        setattr(self.place, self.name, self.was)

def look():
    ip = get_ipython()
    own = ("execution_count", "_last_traceback", "_parent_header_global", "_last_input_line")
    return (
        {name: id(value) for name, value in vars(ip).items() if name not in own},
        {name: [*map(repr, found)] for name, found in ip.events.callbacks.items()},
        id(__import__("sys").stdout), sorted(ip.magics_manager.magics["line"]),
        sorted(ip.magics_manager.magics["cell"]), [*map(repr, ip.input_transformers_cleanup)],
        sorted(one.name for one in threading.enumerate() if one.name.startswith("nbtracker-")),
    )
before = look()
"""
# What is wrong at the end, if anything: whoever ended in time has left the shell as it was.
LOOK = """
def left():
    *was, threads = before
    *now, running = look()
    more = collections.Counter(running) - collections.Counter(threads)
    return [repr((a, b)) for a, b in zip(was, now) if a != b] + [*more.elements()]
until = time.monotonic() + (20 if {patient} else 1)
while left() and time.monotonic() < until:
    time.sleep(0.01)
print(json.dumps(left()))
"""
# What takes its time and is not shaken: it is done once, and rests between looks are short.
LOAD_ONCE = """
import nbtracker
from nbtracker.notebook import capture, observer, packages
found = packages._owners(lambda: None)
packages._owners = lambda *_: found
packages._version_of = functools.cache(packages._version_of)
capture.REST_S = observer.DRAINED_AFTER_S = 0.01
%load_ext nbtracker
%unload_ext nbtracker
"""
PLAIN = [
    "print('one')\n6 * 7",
    "import sys\nprint('two', file=sys.stderr)\nx = [1]\nx",
    "def f():\n    return 1 / 0\nf()",
    "from IPython.display import display\ndisplay({'a': 1})\ny = input",
    "def broken(:",
]
LOGGING = [
    "import nbtracker\nrun = nbtracker.init(project='p')\nrun.log({'a': 1})",
    "t = threading.Thread(target=lambda: run.log({'b': 2})); t.start(); t.join()",
    "run.config.lr = 1\nrun.log({'a': 3})\nprint(run.summary['a'], run.summary['b'])",
]
FINISH = "run.finish()\nprint(run.state if hasattr(run, 'state') else 'finished')"
Place = tuple[str, str, str]
# Without them nobody can tell a thread to end: it goes on to do nothing.
LEAVES_A_THREAD = {
    ("observer", "Observer", "stop"): "nbtracker-outputs",
    ("watching", "OutputWatch", "end"): "nbtracker-outputs",
    ("capture", "Capture", "end"): "nbtracker-code",
}
A_THREAD = json.dumps([["[]", "['nbtracker-outputs']"]]) + "\n"


def functions(module: str) -> list[Place]:
    """Everything that is called in a module: functions, methods, properties."""
    found = importlib.import_module(f"nbtracker.notebook.{module}")
    places = [(module, "", name) for name, one in vars(found).items() if _is_ours(one, found)]
    for name, one in vars(found).items():
        if inspect.isclass(one) and one.__module__ == found.__name__:
            places += [
                (module, name, each) for each, it in vars(one).items() if _is_ours(it, found)
            ]
    return places


def _is_ours(one: Any, module: Any) -> bool:
    if isinstance(one, property):
        return True
    function = getattr(one, "__func__", one)
    # Those that a dataclass makes have no file.
    return inspect.isfunction(function) and function.__code__.co_filename == module.__file__


@dataclass
class Shaken:
    """A kernel in which one function after the other is broken."""

    kernel: Kernel
    plain: list[tuple]
    stalled: list[Place] = field(default_factory=list)

    def run(self, cell: str) -> Shown:
        """Execute a cell."""
        return self.kernel.run(cell)

    def seen(self, cells: list[str]) -> tuple[list[tuple], str]:
        """What cells show, without our notices; and the notices."""
        shown = [self.run(cell) for cell in cells]
        return [seen(one) for one in shown], "".join(notices(one) for one in shown)


def notices(shown: Shown) -> str:
    """What nbtracker says on stderr."""
    lines = shown.stderr.splitlines(keepends=True)
    return "".join(line for line in lines if "TrackingWarning" in line)


def seen(shown: Shown) -> tuple:
    """What a user sees of a cell: everything but notices, prompts and ids."""
    errors, outputs = [], []
    for one in shown.outputs:
        content = one["content"]
        if one["msg_type"] == "error":
            trace = "\n".join(content["traceback"])
            errors.append((content["ename"], content["evalue"], trace.count("\n")))
        else:
            outputs.append((one["msg_type"], json.dumps(content.get("data"))))
    lines, stderr = shown.stderr.splitlines(keepends=True), []
    while lines:
        line = lines.pop(0)
        if "TrackingWarning" not in line:
            stderr.append(line)
        elif lines and lines[0].startswith("  "):
            lines.pop(0)  # the line of code that a warning quotes
    return shown.status, shown.stdout, "".join(stderr), tuple(errors), tuple(outputs)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kernel, list[tuple]]]:
    """A kernel for all, and what plain cells show in it before nbtracker is there."""
    place = tmp_path_factory.mktemp("faults")
    names = ("HOME", "NBTRACKER_CACHE_DIR", "NBTRACKER_DIR")
    with kernel({name: str(place / name) for name in names} | {"NBTRACKER_QUIET": "1"}) as one:
        assert one.run(PREPARE).error == ""
        plain = [seen(one.run(cell)) for cell in PLAIN]
        assert one.run(f"%cd -q {place}\n{LOAD_ONCE}").error == ""
        yield one, plain


@pytest.fixture
def shaken(prepared: tuple[Kernel, list[tuple]]) -> Shaken:
    """That kernel, with nothing stalled yet."""
    return Shaken(*prepared)


def shake(shaken: Shaken, kind: str, place: Place) -> list[str]:
    """Break a function, load, run the user's cells, unload, mend it; say what went wrong."""
    wrong: list[str] = []
    shaken.run(f"fault = Fault({kind!r}, *{place!r})")
    loaded = shaken.run("%load_ext nbtracker")
    plain, said = shaken.seen(PLAIN)
    logged, also_said = shaken.seen([*LOGGING, *([FINISH] if kind == "raise" else [])])
    if kind == "stall":  # they ended while it went on, or never got there
        said_of_it = shaken.run("print(fault.stalled.is_set(), fault.outwaited.is_set())").stdout
        wrong += ["the cells waited for it"] * (said_of_it.split()[1] != "False")
        shaken.stalled += [place] * (said_of_it.split()[0] == "True")
        shaken.run("fault.go_on.set()\nrun.finish()")
    unloaded = shaken.run("%unload_ext nbtracker")
    wrong += [f"load: {loaded.error}"] * bool(loaded.error)
    wrong += [f"unload: {unloaded.error}"] * bool(unloaded.error)
    wrong += [
        f"{now} is not {was}" for was, now in zip(shaken.plain, plain, strict=True) if was != now
    ]
    wrong += [f"cell {i}: {one}" for i, one in enumerate(logged) if one[0] != "ok"]
    wrong += [] if logged[2][1] == "3 2\n" else [f"rows: {logged[2]}"]
    said += also_said + notices(loaded) + notices(unloaded)
    wrong += [f"said too much: {said}"] * (said.count("TrackingWarning:") > 1)
    thread = LEAVES_A_THREAD.get(place) if kind == "raise" else None
    left = shaken.run("fault.mend()\n" + LOOK.replace("{patient}", str(thread is None))).stdout
    wrong += [f"left behind: {left}"] * (left not in ("[]\n", f"{json.dumps([thread])}\n"))
    if left != "[]\n":
        shaken.run("before = look()")
    return wrong


@pytest.mark.parametrize("kind", ["raise", "stall"])
@pytest.mark.parametrize("module", MODULES)
def test_f6_cells_run_as_always_whichever_function(shaken, module, kind):
    """Fails, or stalls: outputs and errors are the same, one notice at the most, nothing is left."""
    shaken.run("before = look()")
    assert shake(shaken, "stall", ("hooks", "", "is_skipped")) == []
    wrong = {place: told for place in functions(module) if (told := shake(shaken, kind, place))}
    assert wrong == {}
    # Some of each module are called in a thread of ours, so that there was something to outlast.
    assert bool(shaken.stalled) == (kind == "stall")
