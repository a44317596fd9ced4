"""The code that made a run: cells as they were executed, modules, patch and environment.

cells.ipynb           every execution in order, with its outputs
cells.py              the same as one file
document.ipynb        the document as it stood on the disk
modules/pkg/mod.py    the user's own modules; older versions are mod.py@1a2b3c4d
uncommitted.patch     what differs from the commit
environment.json      Python, packages, git; only what is named here
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, TypeAlias

from nbtracker.errors import NotFoundError
from nbtracker.journal.cells import DocumentKept, ModuleKept
from nbtracker.store.blobs import read_blob
from nbtracker.views.as_executed import Outputs, notebook_of
from nbtracker.views.outputs import outputs_of
from nbtracker.views.script import script_of, without_source
from nbtracker.views.session import Execution, SessionView, session_of

__all__ = ["KEPT_FACTS", "KEPT_VARIABLES", "code_digest", "code_files", "notebook_of", "script_of"]

Earlier: TypeAlias = Sequence[tuple[SessionView, int]]
"""Sessions, each with the number of the last execution that counts."""

_WORD, _DIGEST = re.compile(r"[\w-]+"), re.compile(r"[0-9a-f]{64}")

KEPT_FACTS = ("implementation", "system", "release", "machine", "cpu_count")
"""What is kept of the machine: this, and nothing else, as everything else may be a secret."""

KEPT_VARIABLES = (
    "CUBLAS_WORKSPACE_CONFIG", "CUDA_VISIBLE_DEVICES", "MKL_NUM_THREADS", "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED", "TF_DETERMINISTIC_OPS",
)  # fmt: skip
"""The environment variables that are kept: they change what the same code computes."""


def code_files(
    view: SessionView,
    upto: int,
    *,
    outputs: Outputs,
    title: str = "",
    facts: Mapping[str, str] | None = None,
    platform: Mapping[str, str] | None = None,
    earlier: Earlier = (),
) -> dict[str, bytes]:
    """Give the files of the code artifact as it was when an execution had begun.

    Args:
        view: The session.
        upto: Number of the last execution that counts.
        outputs: Gives what an execution showed, as nbformat has it, by its number.
        title: What stands above the cells, with `facts`.
        facts: Name to value.
        platform: What is known of the machine; what is not on the list of what is kept is
            left out.
        earlier: Sessions that a run was in before this one, each with the number of the last
            execution that counts. Their executions come first, and numbers are counted on.

    Returns:
        Path within the artifact to the bytes. What is lost is named in `environment.json`.
    """
    parts = [*earlier, (view, upto)]
    executions, shown = _counted_on(parts, outputs)
    python = view.started.python if view.started else ""
    notebook = notebook_of(executions, shown, title=title, facts=facts, python=python)
    files = {
        "cells.ipynb": _json(notebook),
        "cells.py": script_of(executions).encode("utf-8", "backslashreplace"),
    }
    kept = {f"modules/{path}": digest for path, digest in _modules(parts).items()}
    if documents := [one for at, n in parts for one in at.documents if _number(one) <= n]:
        kept["document.ipynb"] = documents[-1].digest
    if view.git and view.git.patch:
        kept["uncommitted.patch"] = view.git.patch
    blobs = {path: _blob(view, digest) for path, digest in kept.items()}
    files |= {path: data for path, data in blobs.items() if data is not None}
    lost = [path for path in blobs if path not in files]
    environment = _environment(view, platform or {}, lost)
    before = {name: said for at, _ in earlier for name, said in at.packages.items()}
    environment["packages"] = dict(sorted({**before, **view.packages}.items()))
    return files | {"environment.json": _json(environment)}


def _counted_on(parts: Earlier, outputs: Outputs) -> tuple[list[Execution], Outputs]:
    """The executions of sessions one after the other, and what gives their outputs."""
    found: list[Execution] = []
    places: dict[int, tuple[SessionView, int]] = {}
    offset = 0
    for view, upto in parts:
        for one in _until(view, upto):
            places[one.number + offset] = (view, one.number)
            found.append(replace(one, number=one.number + offset))
        offset = max((one.number for one in found), default=0)

    def shown(number: int) -> list[dict[str, Any]]:
        view, own = places[number]
        return outputs(own) if view is parts[-1][0] else outputs_of(view.folder, own)

    return found, shown


def code_digest(view: SessionView, upto: int, earlier: Earlier = ()) -> str:
    """Name the code: equal for equal sources in the same order, modules and patch.

    When it ran, for how long, what it showed and where the document lies does not enter.
    """
    parts = [*earlier, (view, upto)]
    said = {
        "sources": [_source_digest(one) for at, n in parts for one in _until(at, n)],
        "modules": sorted(_modules(parts).items()),
        "patch": view.git.patch if view.git else None,
    }
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _blob(view: SessionView, digest: str) -> bytes | None:
    try:
        return read_blob(view.folder.store, digest)
    except NotFoundError:
        return None


def _until(view: SessionView, upto: int) -> list[Execution]:
    return [one for one in view.executions if one.number <= upto]


def _source_digest(one: Execution) -> str:
    # Not one.digest: nothing of a forgotten source is to be left, and another's may be guessed.
    if one.source is None:
        return without_source(one) or ""
    return hashlib.sha256(one.source.encode("utf-8", "surrogatepass")).hexdigest()


def _modules(parts: Earlier) -> dict[str, str]:
    """Path to digest of each version, the newest without the mark of an older one."""
    versions: dict[str, list[str]] = {}
    for view, upto in parts:
        for one in view.modules:
            # Both parts of a path within the artifact: a crafted journal may say anything.
            if _number(one) <= upto and _DIGEST.fullmatch(one.digest):
                versions.setdefault(_module_path(one), []).append(one.digest)
    found = {}
    for path, digests in versions.items():
        found[path] = digests[-1]
        found |= {f"{path}@{one[:8]}": one for one in digests if one != digests[-1]}
    return found


def _module_path(module: ModuleKept) -> str:
    """Where a module lies for `import` to find it, whatever its name and path claim to be."""
    parts = module.name.split(".")
    if not all(map(_WORD.fullmatch, parts)) or len(module.name) > 200:
        said = module.name.encode("utf-8", "surrogatepass")
        return f"unnamed/{hashlib.sha256(said).hexdigest()[:8]}.py"
    pure = PureWindowsPath if "\\" in module.path else PurePosixPath
    end = "/__init__.py" if pure(module.path).name == "__init__.py" else ".py"
    return "/".join(parts) + end


def _number(record: ModuleKept | DocumentKept) -> int:
    """The execution a record was made in; 0 before the first one."""
    said = session_of(record.execution)
    return said[1] if said else 0


def _environment(view: SessionView, platform: Mapping[str, str], lost: list[str]) -> dict[str, Any]:
    begun, git = view.started, view.git
    kept = {name: str(value) for name, value in platform.items() if _is_kept(name)}
    said: dict[str, Any] = {
        "python": begun.python if begun else "",
        "nbtracker": begun.version if begun else "",
        "ipython": begun.ipython if begun else "",
        "ipykernel": begun.ipykernel if begun else "",
        "platform": kept,
        "packages": dict(sorted(view.packages.items())),
        "git": None,
        "lost": lost,
    }
    if git:
        said["git"] = {
            "commit": git.commit, "branch": git.branch, "dirty": git.dirty, "remote": git.remote,
        }  # fmt: skip
    return said


def _is_kept(name: str) -> bool:
    return name in KEPT_FACTS or (name[:1] == "$" and name[1:] in KEPT_VARIABLES)


def _json(said: dict[str, Any]) -> bytes:
    """Spell as Jupyter does; what JSON has no word for becomes null."""
    try:
        return _spelled(said)
    except ValueError:
        return _spelled(_finite(said))


def _spelled(said: Any) -> bytes:
    text = json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False, sort_keys=True) + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a character, which only an escape can spell
        return json.dumps(said, indent=1, allow_nan=False, sort_keys=True).encode() + b"\n"


def _finite(said: Any) -> Any:
    if isinstance(said, dict):
        return {str(key): _finite(value) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [_finite(value) for value in said]
    return None if isinstance(said, float) and not math.isfinite(said) else said
