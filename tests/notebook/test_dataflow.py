"""What a cell reads and writes, cell by cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtracker.views.cells.dataflow import reads_and_writes
from nbtracker.views.cells.effects import BUILTINS, EXTENSIONS, FILES, PROCESS, RUN
from nbtracker.views.cells.text import read_cell

CELLS = {
    # cell: (reads, may read, writes, may write, mutates, may mutate)
    "x = y + 1": ("y", "", "x", "", "", ""),
    "x = 1\ny = x": ("", "", "x y", "", "", ""),
    "x = x + 1": ("x", "", "x", "", "", ""),
    "x += y": ("x y", "", "x", "", "x", ""),
    "a, (b, *c) = d": ("d", "", "a b c", "", "", ""),
    "a.append(b)": ("a b", "", "", "", "a", "b"),
    "a[i] = b": ("a b i", "", "", "", "a", ""),
    "a.b.c = d": ("a d", "", "", "", "a", ""),
    "del a.b, c[0]": ("a c", "", "", "", "a c", ""),
    "f(a, k=b)": ("a b f", "", "", "", "", "a b f"),
    "model.fit(X)": ("X model", "", "", "", "model", "X"),
    "len(a); print(b)": ("a b", "", "", "", "", ""),
    "df.head()": ("df", "", "", "", "", ""),
    "df.drop('a', inplace=True)": ("df", "", "", "", "", "df"),
    "next(it)": ("it", "", "", "", "it", ""),
    "setattr(a, 'b', c)": ("a c", "", "", "", "a", ""),
    "import numpy as np, os.path": ("", "", "np os", "", "", ""),
    "from a import b as c": ("", "", "c", "", "", ""),
    "if a:\n    x = 1\nelse:\n    x = 2\ny = x": ("a", "", "x y", "", "", ""),
    "if a:\n    x = 1\ny = x": ("a", "x", "y", "x", "", ""),
    "for i in a:\n    x = i\ny = x": ("a", "x", "y", "i x", "", ""),
    "for i in a:\n    if i:\n        print(p)\n    p = i": ("a", "p", "", "i p", "", ""),
    "for i in a:\n    s = s + i": ("a s", "", "", "i s", "", ""),
    "while True:\n    x = 1\n    break\ny = x": ("", "", "x y", "", "", ""),
    "try:\n    x\nexcept NameError:\n    x = 1": ("", "x", "", "x", "", ""),
    "try:\n    x = f()\nexcept ValueError:\n    raise\ny = x": ("f", "", "x y", "", "", "f"),
    "with open('f') as g:\n    t = g.read()": ("", "", "g t", "", "", "g"),
    "v = [i * k for i in a if i]": ("a k", "", "v", "", "", ""),
    "v = {k: w for k, w in a.items()}": ("a", "", "v", "", "", ""),
    "(n := a)": ("a", "", "n", "", "", ""),
    "a and (b := 1)": ("a", "", "", "b", "", ""),
    "g = lambda x: x + k": ("k", "", "g", "", "", ""),
    "def f(x, y=d):\n    return x + k": ("d", "", "f", "", "", ""),
    "@deco\ndef f(): pass": ("deco", "", "f", "", "", ""),
    "class A(B):\n    c = d\n    e = c\n    def f(self):\n        return g": ("B d", "", "A", "", "", ""),
    "x: int = y": ("y", "", "x", "", "", ""),
    "f'{a!r:>{b}}'": ("a b", "", "", "", "", ""),
    "match a:\n    case {'k': v, **r}:\n        x = v": ("a", "", "", "r v x", "", ""),
    "async with a as b:\n    await c(b)": ("a c", "", "b", "", "", "a b c"),
    "%matplotlib inline\nx = 1": ("", "", "x", "", "", ""),
    "files = !ls {folder}": ("", "", "files", "", "", ""),
    "%time x = f(y)": ("f y", "", "x", "", "", "f y"),
    "%%time\nx = y": ("y", "", "x", "", "", ""),
    "%%capture out\nx = y": ("y", "", "x", "", "", ""),
    "x?": ("", "", "", "", "", ""),
    "s = '''\n%not a magic\n'''": ("", "", "s", "", "", ""),
    "z = (a\n     % b)": ("a b", "", "z", "", "", ""),
}  # fmt: skip


@pytest.mark.parametrize(("source", "said"), CELLS.items(), ids=CELLS)
def test_names_are_read_and_written(source, said) -> None:
    """Names read before they are bound, bound, bound perhaps, changed, changed perhaps."""
    flow = reads_and_writes(source)
    found = (flow.reads - BUILTINS, flow.may_read, flow.writes, flow.may_write)
    found = (*found, flow.mutates, flow.may_mutate)
    assert found == tuple(set(names.split()) for names in said)


OPAQUE = {
    "exec('x = 1')": "exec()",
    "eval(s)": "eval()",
    "globals()['x'] = 1": "globals()",
    "vars()": "vars()",
    "x = = 1": "SyntaxError",
    "%%cython\nx": "%%cython",
    "%run other.py": "%run",
    "def f():\n    exec('x')\nf()": None,
    "vars(x)": None,
    "%%bash\nls": None,
}


@pytest.mark.parametrize(("source", "why"), OPAQUE.items(), ids=OPAQUE)
def test_what_cannot_be_known_is_said(source, why) -> None:
    """Why a cell may do more than is seen."""
    flow = reads_and_writes(source)
    assert flow.is_opaque == (why is not None)
    assert why is None or why in flow.opaque[0]


def test_the_body_of_a_function_is_kept_apart() -> None:
    """It counts where the function is used."""
    flow = reads_and_writes("def f(v):\n    global n\n    n = v + k\n    log.append(n)")
    assert flow.functions["f"].reads == {"k", "log"}
    assert flow.functions["f"].writes == {"n"}
    assert flow.functions["f"].mutates == {"log"}


RANDOM = {
    "import random\nrandom.seed(1)": ({"random"}, set()),
    "import random\nrandom.random()": (set(), {"random"}),
    "import numpy as np\nnp.random.seed(1)\nnp.random.rand()": ({"numpy"}, {"numpy"}),
    "from numpy.random import rand\nrand()": (set(), {"numpy"}),
    "import torch\ntorch.manual_seed(1)": ({"torch"}, set()),
    "from sklearn.model_selection import train_test_split as t\nt(X)": (set(), {"numpy"}),
    "from sklearn.model_selection import train_test_split as t\nt(X, random_state=1)": (
        set(),
        set(),
    ),
    "import numpy as np\nr = np.random.default_rng(1)": (set(), set()),
    "import math\nmath.sqrt(2)": (set(), set()),
}


@pytest.mark.parametrize(("source", "said"), RANDOM.items(), ids=RANDOM)
def test_random_numbers_are_seen(source, said) -> None:
    """Which libraries are seeded, and which draw."""
    flow = reads_and_writes(source)
    assert (flow.seeds, flow.samples) == said


def test_a_generator_without_a_seed_is_seen() -> None:
    """It begins anywhere."""
    assert reads_and_writes("import numpy as np\nnp.random.default_rng()").unseeded == {"numpy"}


HIDDEN = {
    "import os\nos.environ['A'] = '1'": (PROCESS, True),
    "import os\nos.chdir('a')": (PROCESS, True),
    "%cd a": (PROCESS, True),
    "%load_ext nbtracker": (EXTENSIONS, True),
    "%tracker init": (RUN, True),
    "import nbtracker\nnbtracker.init()": (RUN, True),
    "open('a', 'w')": (FILES, True),
    "open('a')": (FILES, False),
    "df.to_csv('a')": (FILES, True),
    "!wget a": (FILES, True),
    "%%writefile a\nb": (FILES, True),
}


@pytest.mark.parametrize(("source", "said"), HIDDEN.items(), ids=HIDDEN)
def test_state_that_has_no_name_is_seen(source, said) -> None:
    """Files and the process are changed, too."""
    state, changed = said
    assert (state in reads_and_writes(source).changes) == changed


def test_modules_of_earlier_cells_are_no_objects() -> None:
    """A method of an unknown object may change it; a function of numpy does not."""
    assert reads_and_writes("np.array(a)").may_mutate == {"np", "a"}
    assert reads_and_writes("np.array(a)", {"np": "numpy"}).may_mutate == set()


def test_statements_behind_a_failure_did_not_run() -> None:
    """What stands below the line that failed neither read nor wrote."""
    flow = reads_and_writes("x = 1\nboom()\ny = z", until=2)
    assert (flow.reads, flow.writes) == ({"boom"}, {"x"})


def test_names_shared_by_assignment_are_known() -> None:
    """A list within another is the same list; the result of a sum is not."""
    flow = reads_and_writes("b = [a, 1]\nc = len(a)\nd = a if q else e.f")
    assert dict(flow.shares) == {"b": {"a"}, "c": set(), "d": {"a", "e"}}


def test_lines_stay_where_they_are() -> None:
    """A line number of a traceback is one of the Python that is read."""
    text = read_cell("\n\n%time f()\n!ls \\\n  -l\nx = 1")
    assert text.python.split("\n")[5] == "x = 1"
    assert text.before == 2


@given(source=st.text(max_size=80) | st.text("%!?=()[]{}'\"\\\n #:abx1.*@", max_size=60))
def test_no_text_is_too_strange(source) -> None:
    """Nothing raises, and what is no Python is said to be unknown."""
    flow = reads_and_writes(source)
    assert flow.is_opaque or isinstance(flow.reads, frozenset)


@pytest.mark.parametrize(
    "source", ["(" * 5000, "x" + ".a" * 20000, "-" * 100000 + "1", "x = " + "[" * 80 + "]" * 80]
)
def test_deep_nesting_is_unknown_and_no_error(source) -> None:
    """A recursion without end would take the kernel with it."""
    reads_and_writes(source)
