"""Lines of `%tracker` as the Python that does the same where there is no IPython.

What only looks at things, or is about the recording of cells, has no such Python.
"""

import ast
import re
from collections.abc import Callable, Sequence

from nbtracker.errors import UsageError
from nbtracker.views.words import words_in

_DOLLAR = re.compile(r"\$\$|\$([A-Za-z_][\w.]*)")
_TEXTS = frozenset(
    {"project", "name", "group", "notes", "job-type", "entity", "id", "dir", "tags", "config",
     "resume", "mode", "reinit"}
)  # fmt: skip
_FLAGS = ("save-code", "allow-val-change")
END = "nbtracker.finish()"
"""Ends the run of one cell, below it."""


_OURS = re.compile(r"#|(?:\w+\s*=\s*)?%tracker\b|%\w+_ext\s+nbtracker\b")


def is_of_tracker(source: str) -> bool:
    """Whether nothing is in a cell but lines of `%tracker`, and comments."""
    lines = [line.strip() for line in source.splitlines()]
    return all(_OURS.match(line) for line in lines if line)


class _NoPythonError(Exception):
    """The line has no Python that does the same."""


def python_of(line: str) -> str | None:
    """Say what stands behind `%tracker` in Python, on one line; None if that cannot be said.

    It needs the name `nbtracker`.
    """
    try:
        words = words_in(line)
        translate = _TRANSLATED.get(words[0]) if words else None
        return None if translate is None else translate(words[1:])
    except (_NoPythonError, UsageError):  # UsageError: a quote is not closed
        return None


def is_run_of_cell(line: str) -> bool:
    """Whether a run begins that ends with its cell."""
    return line.split()[:1] == ["run"]


def _init(words: Sequence[str]) -> str:
    options, values = _taken_apart(words, _TEXTS, _FLAGS)
    # As in a notebook, where these are the defaults.
    defaults = {"reinit": "'finish_previous'", "allow_val_change": "True"}
    options |= {name: text for name, text in defaults.items() if name not in options}
    config = options.pop("config", None)
    if values and config is None:
        options = {"config": _dict(values)} | options
    elif config is not None:
        options = {"config": config} | options
    said = ", ".join(f"{name}={text}" for name, text in options.items())
    more = f"; {_update(values)}" if values and config is not None else ""
    return f"nbtracker.init({said}){more}"


def _log(words: Sequence[str]) -> str:
    options, values = _taken_apart(words, frozenset(), ("commit",), frozenset({"step"}))
    if not values:
        raise _NoPythonError
    said = "".join(f", {name}={text}" for name, text in options.items())
    return f"nbtracker.log({_dict(values)}{said})"


def _config(words: Sequence[str]) -> str:
    _, values = _taken_apart(words, frozenset(), ())
    if not values:
        raise _NoPythonError
    return _update(values)


def _finish(words: Sequence[str]) -> str:
    codes = [_expression(word) for word in words if word != "--failed"]
    if len(codes) > 1:
        raise _NoPythonError
    if "--failed" in words:
        return f"nbtracker.finish({f'({codes[0]}) or 1' if codes else '1'})"
    return f"nbtracker.finish({codes[0] if codes else ''})"


_TRANSLATED: dict[str, Callable[[Sequence[str]], str]] = {
    "init": _init,
    "run": _init,
    "log": _log,
    "config": _config,
    "finish": _finish,
}


def _update(values: dict[str, str]) -> str:
    return f"nbtracker.config.update({_dict(values)}, allow_val_change=True)"


def _dict(values: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key!r}: {text}" for key, text in values.items()) + "}"


def _taken_apart(
    words: Sequence[str],
    texts: frozenset[str],
    flags: Sequence[str],
    expressions: frozenset[str] = frozenset(),
) -> tuple[dict[str, str], dict[str, str]]:
    """Options, as keyword arguments, and values, all as Python."""
    options: dict[str, str] = {}
    values: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        option, equals, text = word.removeprefix("--").partition("=")
        name = option.removeprefix("no-").replace("-", "_")
        if not word.startswith("--"):
            key, equals, text = word.partition("=")
            if not key or not equals:
                raise _NoPythonError
            values[key] = _expression(text)
        elif option in texts | expressions:
            if not equals and not left:
                raise _NoPythonError
            text = text if equals else left.pop(0)
            options[name] = _expression(text) if option in expressions else _text(option, text)
        elif option.removeprefix("no-") in flags and not equals:
            options[name] = str(not option.startswith("no-"))
        else:
            raise _NoPythonError
    return options, values


def _text(option: str, said: str) -> str:
    """Text of an option, in which `{name}` and `$name` stand for values."""
    if len(said) > 1 and said[0] == said[-1] and said[0] in "\"'":
        try:
            said = str(ast.literal_eval(said))
        except (SyntaxError, ValueError) as error:
            raise _NoPythonError from error
    if option == "tags":
        return f"[{', '.join(_filled(part.strip()) for part in said.split(',') if part.strip())}]"
    return _filled(said)


def _filled(said: str) -> str:
    if not {"{", "$"} & set(said):
        return repr(said)
    dollars = _DOLLAR.sub(lambda one: f"{{{one[1]}}}" if one[1] else "$", said)
    written = f"f{dollars!r}"
    try:
        tree = ast.parse(written, mode="eval")
    except (SyntaxError, ValueError):
        return repr(said)
    return written if isinstance(tree.body, ast.JoinedStr) else repr(said)


def _expression(said: str) -> str:
    text = said.strip()
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _NoPythonError from error
    return text
