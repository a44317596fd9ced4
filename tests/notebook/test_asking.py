"""Which cells ask for secrets, and where what was typed is to be found."""

import ast
from typing import Any

import pytest

from nbtracker.redaction.asking import Asked, Asking

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
        "print(getpass())", "d['k'] = getpass()", "c.v = getpass()", "x = [getpass()]", "x = getpass(",
        "for i in range(2): pw = getpass()", "h = f'Bearer {getpass()}'", "%time pw = getpass()",
        "pw = getpass(); print(pw); pw = 'other'", "x = getpass(); del x", "Thread(target=getpass.getpass)",
    ],
)  # fmt: skip
def test_what_no_name_is_left_of_cannot_be_learned(source: str) -> None:
    """Outputs of such a cell cannot be redacted."""
    asked = Asking().asked(source)
    assert (asked.asks, asked.resolvable) == (True, False)


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
    assert sum(parsed) <= 2 * 16 * 1024
