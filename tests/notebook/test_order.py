"""The badge agrees with Python: cells are executed again, and the states compared."""

import pytest
from ledgers import executed, run_again, state
from recorded_cells import execution

from nbtracker.views.cells.order import HIDDEN, IN_ORDER, REPLAYABLE, badge

A, B, C = ("a", "x = 1"), ("b", "y = x + 1"), ("c", "z = y * 2")
SESSIONS = {
    "top to bottom": [A, B, C],
    "one cell twice without effect": [A, A, B],
    "run all twice": [A, B, C, A, B, C],
    "last cell twice": [A, B, B],
    "a counter cell twice": [("a", "n = 0"), ("b", "n += 1"), ("b", "n += 1")],
    "a list that grows twice": [("a", "l = []"), ("b", "l.append(1)"), ("b", "l.append(1)")],
    "a list made anew and filled again": [("a", "l = []"), ("b", "l.append(1)"), ("a", "l = []"), ("b", "l.append(1)")],
    "edited, then run": [A, ("b", "y = x + 5"), B],
    "edited, used before the edit": [A, B, C, ("b", "y = x + 7")],
    "edited, and all below again": [A, B, C, ("b", "y = x + 7"), C],
    "redefined below and gone back": [A, B, ("d", "x = 5"), B],
    "a name left by an edited cell": [("a", "old = 1\nx = 2"), ("a", "x = 2"), ("b", "y = old")],
    "a name left and not used": [("a", "old = 1\nx = 2"), ("a", "x = 2"), B],
    "failure in the middle": [A, ("b", "y = x\nboom()\nw = 3"), C],
    "failure, then mended": [A, ("b", "y = x + nothing"), B, C],
    "an error of syntax, then mended": [A, ("b", "y = x +"), B, C],
    "failure that left something": [A, ("b", "part = 1\nboom()"), ("b", "y = x"), ("c", "z = part")],
    "deleted and defined again": [A, ("d", "del x"), ("e", "x = 3"), B],
    "deleted for good": [A, B, ("d", "del x")],
    "deleted, and the user again": [A, B, ("d", "del x"), A, B],
    "functions used before their parts": [("f", "def f():\n    return g() + 1"), ("g", "def g():\n    return 2"), ("h", "v = f()")],
    "a function's part changed afterwards": [("k", "k = 1"), ("f", "def f():\n    return k"), ("v", "v = f()"), ("k", "k = 2")],
    "a method that uses a global": [("k", "k = 1"), ("m", "class M:\n    def go(self):\n        return k"), ("v", "v = M().go()")],
    "a branch that binds": [("a", "if True:\n    q = 1"), ("b", "r = q")],
    "a loop's name used after it": [("a", "for i in range(3):\n    last = i"), ("b", "r = last + i")],
    "seeded twice": [("s", "import random\nrandom.seed(1)"), ("r", "r = random.random()"), ("s", "import random\nrandom.seed(1)"), ("r", "r = random.random()")],
    "drawn twice": [("s", "import random\nrandom.seed(1)"), ("r", "r = random.random()"), ("r", "r = random.random()")],
    "logged twice": [A, ("log", "run.log({'x': x})"), ("log", "run.log({'x': x})")],
    "logged once": [A, ("log", "run.log({'x': x})")],
    "changed through another name": [("a", "l = [0]"), ("b", "m = l"), ("c", "m.append(1)"), ("c", "m.append(1)")],
    "a dictionary filled by a function": [("a", "d = {}"), ("f", "def put(k):\n    d[k] = len(d)"), ("p", "put('a')"), ("q", "put('b')")],
    "a guarded name": [("a", "try:\n    known\nexcept NameError:\n    known = 5"), ("b", "y = known")],
    "a comprehension of its own": [("a", "v = [i * i for i in range(3)]"), ("b", "w = {k: k for k in v}")],
    "a walrus": [("a", "if (n := 4) > 3:\n    m = n"), ("b", "o = n + m")],
    "cells without ids": ["x = 1", "x = x + 1", "y = x"],
    "the same text twice, without ids": ["x = 1", "x = x + 1", "x = x + 1"],
}  # fmt: skip


def oracle(ledger, namespace) -> str:
    """Judge by executing everything again."""
    again, missing = run_again([one.source for one in ledger if one.source is not None])
    first = [one.number for one in ledger if one.error_name == "NameError"]
    if missing and not first:
        return HIDDEN
    last = {one.cell_id or one.source: one.source for one in ledger if one.source is not None}
    clean, _ = run_again(last.values())
    assert state(again) == state(namespace)
    return IN_ORDER if state(clean) == state(namespace) else REPLAYABLE


@pytest.mark.parametrize("wrote", [False, True], ids=["read from the source", "seen by the kernel"])
@pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)
def test_the_badge_says_what_executing_again_gives(session, wrote) -> None:
    """Each session has the badge that Python gives it."""
    ledger, tracebacks, namespace = executed(session, wrote=wrote)
    found = badge(ledger, tracebacks=tracebacks)
    assert found.kind == oracle(ledger, namespace), found.why


LOST = {
    "a skipped cell made a name": ([A, ("s", "secret = 5"), ("b", "y = secret")], [3], "secret"),
    "a skipped cell changed a name": ([A, ("s", "x = 7"), B], [3], "x"),
    "a skipped cell made a function": ([("s", "def f():\n    return 1"), ("b", "y = f()")], [2], "f"),
}  # fmt: skip


@pytest.mark.parametrize(("session", "lost", "name"), LOST.values(), ids=LOST)
def test_what_a_skipped_cell_defined_is_hidden_state(session, lost, name) -> None:
    """The badge names the name, and the execution that read it."""
    ledger, said, _ = executed(session, lost=lost, wrote=True)
    found = badge(ledger, tracebacks=said)
    assert found.kind == HIDDEN
    assert f"read {name}," in found.why[0]


def test_a_skipped_cell_that_nobody_needs_hides_nothing() -> None:
    """Only what is read can be hidden."""
    ledger, said, _ = executed([A, ("s", "secret = 5"), B], lost=[3], wrote=True)
    assert badge(ledger, tracebacks=said).kind != HIDDEN


def test_the_order_of_the_document_counts() -> None:
    """Cells that were executed from bottom to top are out of order, and replay."""
    ledger, said, _ = executed([("b", "x = 1"), ("a", "x = 2")])
    assert badge(ledger, tracebacks=said).kind == IN_ORDER
    start = f"sha256 {ledger[0].digest}"
    assert badge(ledger, [start, "a", "b"], said).kind == REPLAYABLE


def test_a_cell_deleted_from_the_document_is_named() -> None:
    """What it left is still there, and would not be."""
    ledger, said, _ = executed([A, B])
    found = badge(ledger, [f"sha256 {ledger[0].digest}", "b"], said)
    assert found.kind == REPLAYABLE
    assert "no longer in the document" in found.why[0]


def test_names_of_a_star_import_are_not_hidden() -> None:
    """What may come from a star import is not said to come from nowhere."""
    ledger, said, _ = executed(["from math import *", "y = sqrt(4)"])
    assert badge(ledger, tracebacks=said).kind == IN_ORDER


def test_an_interrupted_execution_is_mentioned() -> None:
    """Run again, it goes further than it went."""
    from dataclasses import replace

    ledger, said, _ = executed([A])
    ledger[1] = replace(ledger[1], status="interrupted", wrote=("x",))
    assert "interrupted" in badge(ledger, tracebacks=said).why[-1]


TRAIN = ("train", "run.log({'x': x})")
# Cells behind execution 1, which makes `run`; those that made the run; what is left out of
# account.
OWN = {
    "a plot that ran again": ([A, TRAIN, ("plot", "w = 1"), ("plot", "w = 2")], [1, 3], (4, 5)),
    "a scratch cell that was edited": ([("s", "q = 1"), A, ("s", "q = 2"), ("t", "q += 1"), TRAIN], [1, 6], (2, 4, 5)),
    "a failure that was mended": ([("a", "x = = 1"), A, ("boom", "1 / 0"), TRAIN], [1, 5], (2, 4)),
    "a name that nobody defined": ([A, ("odd", "y = missing_name"), TRAIN], [1, 4], (3,)),
}  # fmt: skip


@pytest.mark.parametrize(("session", "own", "left_out"), OWN.values(), ids=OWN)
def test_what_a_run_does_not_depend_on_does_not_spoil_its_badge(session, own, left_out) -> None:
    """The text names the cells that were left out of account."""
    ledger, said, _ = executed(session, wrote=True)
    found = badge(ledger, tracebacks=said, own=own)
    assert (found.kind, found.left_out) == (IN_ORDER, left_out), found.why
    listed = ", ".join(f"[{number}]" for number in left_out)
    assert found.about.endswith(f": cell{'s' * (len(left_out) > 1)} {listed}")


DEPENDS = {
    "a counter cell twice": ([("n", "x = 0"), ("u", "x += 1"), ("u", "x += 1"), TRAIN], [1, 5]),
    "an older value of an edited cell": ([A, ("b", "z = x"), ("a", "x = 2"), ("t", "run.log({'x': x, 'z': z})")], [1, 5]),
    "a training cell twice": ([A, TRAIN, TRAIN], [1, 3, 4]),
}  # fmt: skip


@pytest.mark.parametrize(("session", "own"), DEPENDS.values(), ids=DEPENDS)
def test_what_a_run_depends_on_counts(session, own) -> None:
    """Cells out of order that it reads are out of order for it."""
    ledger, said, _ = executed(session, wrote=True)
    assert badge(ledger, tracebacks=said, own=own).kind == REPLAYABLE


def test_hidden_state_of_a_run_is_hidden_also_where_others_are_left_out() -> None:
    """What it read from a skipped cell is named by the prompt."""
    ledger, said, _ = executed([("s", "x = 5"), ("p", "w = 1"), TRAIN], lost=[2], wrote=True)
    found = badge(ledger, tracebacks=said, own=[1, 4])
    assert found.kind == HIDDEN
    assert "cell [4] read x, which cell [2] defined, and its source was skipped" in found.why[0]
    assert found.left_out == (3,)


@pytest.mark.parametrize(
    "cells",
    [
        ["%load_ext nbtracker", "%tracker init", "%tracker log x=1"],
        ["import nbtracker", "run = nbtracker.init()", "for i in range(9): run.log({'i': i})"],
        ["import nbtracker as nb", "nb.init()", "nb.log({'x': 1})"],
    ],
)
def test_a_second_attempt_is_judged_without_the_first(cells) -> None:
    """Loading the extension again, and the run that was open before, change nothing."""
    ledger = [execution(number, source, cell_id=str(number % 3)) for number, source in
              enumerate([*cells, *cells], start=1)]  # fmt: skip
    found = badge(ledger, own=[5, 6])
    assert (found.kind, set(found.left_out) - {1, 4}) == (IN_ORDER, {2, 3})
    assert badge(ledger).kind == REPLAYABLE
