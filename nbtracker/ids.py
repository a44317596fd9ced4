"""Ids and names: how they are made, and which ones are allowed.

A project and a run id are names of folders. What is checked here can be joined to a
path without leaving the store.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

from nbtracker.errors import UsageError

T = TypeVar("T")

ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
ID_LENGTH = 8
MAX_NAME_LENGTH = 128
RUN_ID_CHARACTERS = frozenset(ID_ALPHABET + ID_ALPHABET.upper() + "_-.~")
FORBIDDEN_IN_PROJECT = frozenset('/\\#?%:*"<>|')
# Device names that Windows takes for itself, with or without an ending.
RESERVED = frozenset(
    ["CON", "PRN", "AUX", "NUL"] + [f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10)]
)

ADJECTIVES = (
    "amber bold brave bright brisk calm clever cosmic crisp daring deft eager early fair fancy "
    "fleet fresh gentle glad golden grand happy honest humble icy jolly keen kind lively lucid "
    "lucky mellow merry mighty misty neat noble patient playful polar proud quick quiet rapid rosy "
    "royal silent silver smooth snowy solar sparkling steady sunny swift tidy true vivid warm wise"
).split()
NOUNS = (
    "acorn aspen badger beacon birch breeze brook canyon cedar cloud comet coral crane creek dawn "
    "delta dune eagle ember falcon fern field finch fjord forest fox galaxy garden glade harbor "
    "hawk heron hill island lagoon lake lark leaf lotus maple meadow moon moss oak ocean orchid "
    "otter peak pebble pine planet prairie rain reef ridge river robin sky sparrow star stone "
    "sunset thunder tide tulip valley violet water wave willow wind wolf wren"
).split()


def new_id(length: int = ID_LENGTH) -> str:
    """Make a run id: lower-case letters and digits, from the system's random source."""
    return "".join(_choice(ID_ALPHABET) for _ in range(length))


# The reference's name: scripts call `util.generate_id()`.
generate_id = new_id


def random_name() -> str:
    """Make a readable display name such as `brisk-heron-417`. Not unique by promise."""
    return f"{_choice(ADJECTIVES)}-{_choice(NOUNS)}-{_choice(range(1, 1000))}"


def check_run_id(run_id: object) -> str:
    """Return `run_id` if it may name a run.

    Raises:
        UsageError: It is not 1 to 128 letters, digits, `_ - . ~`, or not safe as a folder.
    """
    if not isinstance(run_id, str) or not run_id or not RUN_ID_CHARACTERS.issuperset(run_id):
        raise UsageError(
            f"run id {_shown(run_id)} cannot be used: it must be 1 to {MAX_NAME_LENGTH} letters, "
            "digits, '_', '-', '.' or '~'. Leave id out to have one made, and put any text in name."
        )
    _check_folder_name(run_id, "run id")
    return run_id


def check_project(project: object) -> str:
    """Return `project` if it may name a project.

    Raises:
        UsageError: It is empty, too long, or holds characters that a folder must not hold.
    """
    bad = (
        not isinstance(project, str)
        or not project.strip()
        or not project.isprintable()
        or not FORBIDDEN_IN_PROJECT.isdisjoint(project)
    )
    if bad:
        raise UsageError(
            f"project {_shown(project)} cannot be used: it must be 1 to {MAX_NAME_LENGTH} "
            f"printable characters without any of {' '.join(sorted(FORBIDDEN_IN_PROJECT))}"
        )
    _check_folder_name(str(project), "project")
    return str(project)


def _choice(options: Sequence[T]) -> T:
    # The `secrets` module would do it, and take 7 ms to import.
    return options[int.from_bytes(os.urandom(8), "little") % len(options)]


def _check_folder_name(name: str, what: str) -> None:
    """Refuse names that a file system reads as something else."""
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_LENGTH:
        raise UsageError(
            f"{what} {_shown(name)} is too long: at most {MAX_NAME_LENGTH} bytes. "
            "Put long text in name or notes."
        )
    reserved = name.split(".", 1)[0].upper() in RESERVED
    if reserved or name != name.strip() or name[0] in ".-" or name[-1] == ".":
        raise UsageError(
            f"{what} {_shown(name)} cannot be used as a folder name: it must not start with '.' or "
            "'-', end with '.' or a blank, or be a name Windows reserves"
        )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
