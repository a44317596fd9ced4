"""A slice gives the metric again: it is executed, and what was logged compared."""

from dataclasses import replace

import pytest
from ledgers import executed, run_again

from nbtracker.views.cells.slicing import slice_for

LOG = "run.log({'m': y})"
# Cells behind the one that makes `run`, the last one logs; and how many of them all are needed.
SESSIONS = {
    "what is not used is left out": (["x = 1", "w = 5", "y = x + 1", LOG], 4),
    "a chain": (["a = 1", "b = a + 1", "c = b + 1", "y = c + 1", LOG], 6),
    "an older value is left out": (["y = 1", "y = 2", LOG], 3),
    "two branches": (["a = 1", "b = 2", "c = 3", "y = a * b", LOG], 5),
    "appending": (["l = []", "l.append(4)", "y = l[0]", LOG], 5),
    "filling a dictionary": (["d = {}", "d['k'] = 7", "e = {}", "e['k'] = 8", "y = d['k']", LOG], 5),
    "through another name": (["l = [1]", "m = l", "m.append(2)", "y = len(l)", LOG], 6),
    "through a container": (["l = [1]", "box = {'l': l}", "box['l'].append(2)", "y = len(l)", LOG], 6),
    "a function": (["def f(v):\n    return v * 2", "def g(v):\n    return v * 3", "y = f(4)", LOG], 4),
    "a function's global": (["k = 2", "def f(v):\n    return v * k", "y = f(4)", LOG], 5),
    "a global changed between": (["k = 2", "def f(v):\n    return v * k", "k = 5", "y = f(4)", LOG], 5),
    "a function that changes a global": (["n = [0]", "def f():\n    n[0] += 1", "f()", "y = n[0]", LOG], 6),
    "a global statement": (["n = 0", "def f():\n    global n\n    n += 1", "f()", "y = n", LOG], 6),
    "a function that changes its argument": (["l = [3, 1]", "def f(v):\n    v.sort()", "f(l)", "y = l[0]", LOG], 6),
    "a class": (["class M:\n    def __init__(self):\n        self.a = k", "k = 3", "m = M()", "y = m.a", LOG], 6),
    "a class whose method trains": (["class M:\n    a = 0\n    def fit(self):\n        self.a += step", "step = 2", "m = M()", "m.fit()", "m.fit()", "y = m.a", LOG], 8),
    "looking is left out": (["l = [1, 2]", "print(len(l))", "s = sum(l)", "y = l[1]", LOG], 4),
    "a copy is another thing": (["l = [1]", "m = l.copy()", "m.append(2)", "y = len(l)", LOG], 4),
    "a seed": (["import random", "random.seed(3)", "y = random.random()", LOG], 5),
    "a draw between": (["import random", "random.seed(3)", "waste = random.random()", "y = random.random()", LOG], 6),
    "draws before the seed": (["import random", "w = random.random()", "random.seed(3)", "y = random.random()", LOG], 5),
    "a generator of its own": (["import random", "r = random.Random(3)", "w = r.random()", "y = r.random()", LOG], 6),
    "a seed in a function": (["import random", "def seed():\n    random.seed(3)", "seed()", "y = random.random()", LOG], 6),
    "a draw in a function": (["import random", "random.seed(3)", "def draw():\n    return random.random()", "w = draw()", "y = draw()", LOG], 7),
    "an iterator used up": (["it = iter([1, 2, 3])", "w = next(it)", "y = next(it)", LOG], 5),
    "a generator listed": (["g = (i for i in range(3))", "w = list(g)", "y = len(list(g))", LOG], 5),
    "a loop": (["xs = [1, 2, 3]", "t = 0", "for x in xs:\n    t += x", "y = t", LOG], 6),
    "a branch": (["y = 1", "if False:\n    y = 2", LOG], 4),
    "deleted and made again": (["y = 1", "del y", "y = 3", LOG], 3),
    "a failed cell that left a name": (["y = 4\nboom()", LOG], 3),
    "a failed cell that left nothing": (["y = 4", "w = 1\nboom()", LOG], 3),
    "unpacking": (["a, (b, *c) = 1, (2, 3, 4)", "y = b + c[0]", LOG], 4),
    "a comprehension": (["v = [1, 2]", "w = [i for i in v]", "y = sum(w)", LOG], 5),
    "the environment": (["import os", "os.environ['NBTRACKER_TEST_Y'] = '5'", "y = int(os.environ['NBTRACKER_TEST_Y'])", LOG], 5),
    "a lambda": (["k = 2", "f = lambda v: v * k", "k = 3", "y = f(2)", LOG], 6),
    "an attribute": (["class C: pass", "c = C()", "c.v = 5", "c.w = 6", "y = c.v", LOG], 7),
    "sorted in place": (["l = [2, 1]", "l.sort()", "y = l[0]", LOG], 5),
    "a default argument": (["k = 2", "def f(v=k):\n    return v", "k = 9", "y = f()", LOG], 5),
    "a decorator": (["def twice(f):\n    return lambda: f() * 2", "@twice\ndef g():\n    return 3", "y = g()", LOG], 5),
    "a method with a harmless name": (
        ["class M:\n    n = 0\n    def get(self):\n        self.n += 1\n        return self.n", "m = M()", "m.get()", "y = m.get()", LOG],
        6,
    ),
    "lists that are joined": (["a = [1]", "b = [a] + [2]", "b[0].append(3)", "y = len(a)", LOG], 6),
    "logged in a loop": (["y = 0", "w = 4", "for y in range(3):\n    run.log({'m': y})"], 3),
}  # fmt: skip


@pytest.mark.parametrize("wrote", [False, True], ids=["read from the source", "seen by the kernel"])
@pytest.mark.parametrize(("cells", "n"), SESSIONS.values(), ids=SESSIONS)
def test_a_slice_logs_the_same_values(cells, n, wrote, monkeypatch) -> None:
    """Executing the slice alone gives what executing everything gave."""
    monkeypatch.delenv("NBTRACKER_TEST_Y", raising=False)
    ledger, said, namespace = executed(cells, wrote=wrote)
    found = slice_for(ledger, [len(ledger)], tracebacks=said)
    again, _ = run_again([ledger[number - 1].source for number in found.numbers])
    assert again["run"].rows == namespace["run"].rows
    assert len(found.numbers) <= n
    assert found.unsafe == ()


UNSAFE = {
    "code in a text": (["exec('y = 3')", LOG], "exec()"),
    "all names of a module": (["from math import *", "y = floor(pi)", LOG], "math"),
    "another language": (["%%ruby\nputs 1", "y = 1", LOG], "%%ruby"),
    "the namespace itself": (["globals()['y'] = 3", LOG], "globals()"),
    "a thread": (["import threading\nl = [0]\nt = threading.Thread(target=l.append, args=(1,))\nt.start()", "y = l", LOG], "background"),
    "a script": (["%run other.py", "y = 2", LOG], "%run"),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "why"), UNSAFE.values(), ids=UNSAFE)
def test_what_cannot_be_followed_is_unsafe(cells, why) -> None:
    """The slice says why it may not be enough, and keeps all that came before."""
    ledger, _, _ = executed(cells)
    found = slice_for([replace(one, status="ok", error_name=None) for one in ledger], [len(ledger)])
    assert any(why in reason for reason in found.unsafe), found
    assert {1, 2} <= set(found.numbers)


def test_a_slice_without_a_source_is_unsafe() -> None:
    """What was skipped cannot be executed again."""
    ledger, _, _ = executed(["y = 3", LOG], lost=[2], wrote=True)
    found = slice_for(ledger, [3])
    assert 2 not in found.numbers
    assert "not kept" in found.unsafe[0]


def test_cells_that_open_the_run_are_kept() -> None:
    """Config is set where nobody reads it."""
    ledger, _, _ = executed(["import nbtracker", "lr = 1", "config = {'lr': lr}", "y = 1", LOG])
    found = slice_for(ledger, [6], also=[4])
    assert found.numbers == (1, 3, 4, 5, 6)


def test_nothing_after_the_metric_is_kept() -> None:
    """What comes later cannot matter."""
    ledger, _, _ = executed(["y = 1", LOG, "y = 2", "run.log({'other': y})"])
    assert slice_for(ledger, [3]).numbers == (1, 2, 3)
