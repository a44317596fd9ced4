"""Which cells ask for secrets, and where what was typed is to be found."""

import ast
import sys
from typing import Any

import pytest

from nbtracker.redaction.asking import LONGEST, MOST_PLACES, Asked, Asking

NO = Asked()
LOST = Asked(asks=True, resolvable=False)


def names(*found: str) -> Asked:
    """Asks, and binds what was typed to these names."""
    return Asked(asks=True, names=found)


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("key = getpass.getpass('Key')", names("key")),
        ("a, b = 1, getpass().strip()", names("b")),
        ("%matplotlib inline\nt = userdata.get('HF')", names("t")),
        ("!pip install x\npw = input('Your password: ')", names("pw")),
        ("if (z := getpass()): pass", names("z")),
        ("k = environ.get('K') or getpass()", names("k")),
        ("try:\n    k = userdata.get('K')\nexcept Exception:\n    k = getpass()", names("k")),
        ("pw = getpass()\nx = !ls\nconnect(pw=pw)", names("pw")),
        ("%%time\nz = getpass('a')", names("z")),
        ("y = click.prompt('Key', hide_input=True)", names("y")),
        ("os.environ['API_KEY'] = getpass()", Asked(asks=True, variables=("API_KEY",))),
        ("name = input('Your name: ')", NO),
        ("input('Press any key')", NO),
        ("import getpass\nuser = getpass.getuser()", NO),
        ("y = model.prompt('the secret garden', max_tokens=5)", NO),
        ("inputs, input_ids, prompt = 1, 2, 'secret key'", NO),
        ("%%writefile a.py\npw = getpass()", NO),
    ],
)
def test_names_that_are_bound_to_typed_secrets_are_told(source: str, asked: Asked) -> None:
    """A cell's source tells which values to learn when it ended."""
    assert Asking().asked(source) == asked


@pytest.mark.parametrize(
    "source",
    [
        "print(getpass())", "f()['k'] = getpass()", "x = [getpass()]", "x = getpass(",
        "d['k'] = getpass(); d['k'] = 'other'", "c.v = getpass(); c.mix()", "d[f()] = getpass()",
        "d['k'] = getpass(); d = {'k': 'other'}", "d['k'] = getpass(); d.update(k='other')",
        "d[k] = getpass(); d['k'] = 'other'", "d['k'] = getpass(); change(d)",
        "for i in range(2): pw = getpass()", "h = f'Bearer {getpass()}'", "%time pw = getpass()",
        "pw = getpass(); print(pw); pw = 'other'", "x = getpass(); del x", "Thread(target=getpass.getpass)",
    ],
)  # fmt: skip
def test_what_no_name_is_left_of_cannot_be_learned(source: str) -> None:
    """Outputs of such a cell cannot be redacted."""
    asked = Asking().asked(source)
    assert (asked.asks, asked.resolvable) == (True, False)


class Slotted:
    """An object without a dict of its own."""

    __slots__ = ("key",)


class Lying(dict):
    """A dict that runs code when it is asked for an item."""

    def __getitem__(self, key):
        """Not to be called."""
        raise AssertionError("code was run")


@pytest.mark.parametrize(
    "source",
    [
        "d['k'] = getpass(); print(d)", "d[1] = getpass()", "d[name] = getpass()", "c.v = getpass()",
        "C.v = getpass()", "lying['k'] = getpass()",
        "a, d['k'] = 1, getpass()", "(x, d['k']) = (pw := 1), getpass()", "s.key = getpass()",
        "d = {}; d['k'] = getpass()", "many[-1] = getpass()", "d['a'] = d['b'] = getpass()",
    ],
)  # fmt: skip
def test_items_and_attributes_that_were_typed_are_found(source: str) -> None:
    """Without running code of the user's."""
    c = type("C", (), {})
    found = {"d": {}, "c": c(), "C": c, "name": "n", "lying": Lying(), "many": [1], "s": Slotted()}
    exec(source, found | {"getpass": lambda: "typed"}, found)
    asked = Asking().asked(source)
    assert asked.resolvable
    assert {place.value(found) for place in asked.places} == {"typed"}


@pytest.mark.parametrize(
    ("defined", "called", "asked"),
    [
        ("def ask(p=''):\n    return getpass(p)", "v = ask('x')", names("v")),
        ("def outer():\n    return inner()\ndef inner():\n    print(getpass())", "outer()", LOST),
        ("class C:\n    def __init__(self):\n        self.p = getpass()", "c = C()", LOST),
        ("class C:\n    def enter(self):\n        self.p = getpass()", "c.enter()", LOST),
        ("ask = lambda: getpass()", "v = ask()", names("v")),
        ("from getpass import getpass as gp", "v = gp()", names("v")),
        ("import getpass\nask = getpass.getpass", "v = ask()", names("v")),
        ("def ask():\n    print(getpass())", "Thread(target=ask).start()", LOST),
        ("def ask():\n    print(getpass())", "def ask(): pass\nask()", NO),
    ],
)
def test_functions_that_ask_are_remembered(defined: str, called: str, asked: Asked) -> None:
    """To define one asks nobody; to call it in a later cell does."""
    asking = Asking()
    assert asking.asked(defined) == NO
    assert asking.asked(called) == asked


HOSTILE = {
    "other calls": "inputs = 0\n" + "\n".join(["f(" * 80 + "inputs" + ")" * 80] * 300),
    "questions within questions": "\n".join(["prompt(" * 80 + "key" + ")" * 80] * 300),
    "some of them": "\n".join(["prompt(" * 80 + "key" + ")" * 80] * 20),
    "a deep sum": "pw = getpass()\nf(" + "+".join(["1"] * 7000) + ")",
    "a long cell": "x = foo(input, 'secret key')\n" * 4000 + "getpass()",
    "unrelated": "token = model(input_ids, prompt)\n" * 4000,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_no_cell_is_parsed_that_is_long_or_does_not_ask(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user waits for the answer: parsing is for cells that may well ask, and are short."""
    parsed: list[int] = []
    parse: Any = ast.parse
    monkeypatch.setattr(ast, "parse", lambda text: parsed.append(len(text)) or parse(text))
    assert Asking().asked(source).resolvable == (
        "getpass()" not in source and "key" not in source[:800]
    )
    assert sum(parsed) <= 2 * LONGEST


def n_calls(source: str) -> int:
    """How many functions are called, of Python's and of C, to say what a cell asks for."""
    found = [0]

    def count(_frame: Any, event: str, _given: Any) -> None:
        found[0] += event in ("call", "c_call")

    asking = Asking()
    sys.setprofile(count)
    try:
        asking.asked(source)
    finally:
        sys.setprofile(None)
    return found[0]


GROWING = {
    "places": "d['k{0}'] = input('key {0}')\n",
    "names": "v{0} = input('key {0}')\n",
    "functions": "def f{0}(): return input('key')\n",
    "one ask among other code": "y{0} = dict(a=1, b=[1, 2])\npw = getpass() if 0 else ''\n",
    "names within names": "(v{0} := (w{0} := getpass()))\n",
}


@pytest.mark.parametrize("line", GROWING.values(), ids=GROWING)
def test_twice_the_code_takes_twice_the_steps(line: str) -> None:
    """However many places, names and functions there are."""
    n = LONGEST // len(line.format(999)) // 2
    once, twice = ("".join(line.format(i) for i in range(m)) for m in (n, 2 * n))
    assert len(twice) <= LONGEST
    assert n_calls(twice) <= 2.5 * n_calls(once)
    assert n_calls(twice) <= 40 * len(twice)


def test_who_asks_for_very_much_at_once_is_not_followed() -> None:
    """What such a cell shows is not kept: its secrets are learned all the same."""
    source = "".join(f"d['k{i}'] = getpass()\n" for i in range(MOST_PLACES + 1))
    asked = Asking().asked(source)
    assert (asked.resolvable, len(asked.places)) == (False, MOST_PLACES + 1)


def test_functions_of_a_long_cell_are_remembered_by_their_words() -> None:
    """Those alone that ask."""
    asking = Asking()
    asking.asked(
        "def ask():\n    return getpass()\n\ndef no():\n    return 1\n" + "x = 1\n" * LONGEST
    )
    assert asking.asked("print(ask())") == LOST
    assert asking.asked("print(no())") == NO
