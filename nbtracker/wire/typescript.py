"""Write the wire's types as TypeScript: `python -m nbtracker.wire.typescript FILE`.

Knows just the Python that `nbtracker.wire.schema`, `series_schema` and `messages` are written in.
"""

import ast
import inspect
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

from nbtracker.wire import messages, schema, series_schema

HEAD = """\
/**
 * What the server says to a front end.
 *
 * Made by `python -m nbtracker.wire.typescript` from nbtracker/wire/schema.py, series_schema.py and
 * messages.py; not to be changed by hand.
 */

/** A value of config or summary, as `revive` of decode.ts gives it. */
export type Plain = unknown;
"""
_WORDS: dict[Any, str] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    type(None): "null",
    Any: "Plain",
}


def generated() -> str:
    """Give the text of `types.ts`."""
    choices = "".join(f"\n  | {_spelled(one)}" for one in get_args(schema.State))
    parts = [HEAD, _alias("State", choices, "What has become of a run.")]
    said = [one for module in (schema, series_schema, messages) for one in vars(module).values()]
    parts += [_interface(one) for one in said if is_typeddict(one)]
    for name, who in (("ServerMessage", "the server"), ("FrontEndMessage", "a front end")):
        choice = f" {_type(getattr(messages, name))}"
        parts.append(_alias(name, choice, f"What {who} says over the websocket."))
    return "\n".join(parts)


def _alias(name: str, value: str, doc: str) -> str:
    return f"/** {doc} */\nexport type {name} ={value};\n"


def _interface(cls: Any) -> str:
    text = inspect.cleandoc(cls.__doc__).replace("*/", "* /").splitlines()
    doc = [f"/** {text[0]} */"]
    if len(text) > 1:
        doc = ["/**", *(f" * {line}".rstrip() for line in text), " */"]
    above = _above(cls)
    inherited = get_type_hints(getattr(schema, above)) if above else {}
    hints = {name: hint for name, hint in get_type_hints(cls).items() if name not in inherited}
    fields = [
        f"  {name}{'' if name in cls.__required_keys__ else '?'}: {_type(hint)};"
        for name, hint in hints.items()
    ]
    extends = f" extends {above}" if above else ""
    return "\n".join([*doc, f"export interface {cls.__name__}{extends} {{", *fields, "}\n"])


def _above(cls: Any) -> str:
    """The type that one goes on from; a TypedDict itself does not know before Python 3.12."""
    (tree,) = ast.parse(inspect.getsource(cls)).body
    names = [base.id for base in getattr(tree, "bases", []) if isinstance(base, ast.Name)]
    return next((name for name in names if name != "TypedDict"), "")


def _type(hint: Any) -> str:
    origin, inside = get_origin(hint), get_args(hint)
    if hint in _WORDS:
        said = _WORDS[hint]
    elif is_typeddict(hint):
        said = str(hint.__name__)
    elif hint == schema.State:
        said = "State"
    elif origin is list:
        item = _type(inside[0])
        said = f"({item})[]" if "|" in item else f"{item}[]"
    elif origin is dict:
        said = f"Record<{_type(inside[0])}, {_type(inside[1])}>"
    else:
        said = " | ".join(map(_spelled if origin is Literal else _type, inside))
    return said


def _spelled(choice: str) -> str:
    return f"'{choice}'"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(generated(), encoding="utf-8")
