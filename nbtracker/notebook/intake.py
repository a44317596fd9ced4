"""What is taken in from outside: regular files of a bounded size, and text without secrets."""

import os
import re
import stat
from collections.abc import Callable

Redact = Callable[[str], str]

_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>[^/?#\\]*)(?P<path>[^?#]*)")
_LOCAL = re.compile(r"[^@:/\s]+@[^@:/\s]+:[^@?#\s]+|[^@:?#\s]+|[A-Za-z]:\\[^@?#\s]+")


def read_regular(path: str, limit: int, *, follow: bool = True) -> bytes | None:
    """Read a file whole.

    Args:
        path: The file.
        limit: The most it may hold. Units: bytes.
        follow: Whether the last part of `path` may be a link.

    Returns:
        None if it is not there, no regular file (which might never end), or too large.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    flags |= 0 if follow else getattr(os, "O_NOFOLLOW", 0)
    try:
        fd = os.open(path, flags)
        with os.fdopen(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return None
            data = file.read(limit + 1)
    except (OSError, ValueError):
        return None
    return data if len(data) <= limit else None


def redact_bytes(data: bytes, redact: Redact | None) -> bytes:
    """Take the secrets out of a text of any encoding; what holds none stays byte by byte."""
    if redact is None:
        return data
    text = data.decode("utf-8", "surrogateescape")
    # Its markers may be any text; what was read comes out as it went in.
    return redact(text).encode("utf-8", "surrogateescape")


def without_credentials(address: str) -> str:
    """Give where a repository or package comes from, without names, passwords and tokens.

    Only schemes, hosts and paths stay; the user of `ssh` and of `git@host:path` is no secret.
    An address of no known form is left out altogether, as a token may stand anywhere in it.
    """
    address = address.strip()
    if found := _ADDRESS.match(address):
        user, _, host = found["host"].rpartition("@")
        name = user.partition(":")[0]
        kept = f"{name}@" if name and found["scheme"].lower().endswith("ssh") else ""
        return f"{found['scheme']}://{kept}{host}{found['path']}"
    return address if _LOCAL.fullmatch(address) else ""
