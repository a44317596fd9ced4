"""The git repository that the code is in: its commit, and what is not committed yet.

The repository may be a stranger's: nothing that its configuration names is executed, and nothing
is fetched. Git may be missing, old or stuck: it has two seconds.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbtracker.notebook.intake import Redact, redact_bytes, without_credentials

TIMEOUT_S = 2.0
MAX_PATCH_BYTES = 5 << 20

_MAX_ANSWER_BYTES = 1 << 20
_PARTING_S = 0.5  # a killed process ends at once, unless its disk hangs
# Hidden files may hold secrets; notebooks hold outputs, and their cells are kept as executed.
_LEFT_OUT = (":(exclude,glob)**/.*", ":(exclude,glob)**/.*/**", ":(exclude,glob)**/*.ipynb")
_DIFF = (
    "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--submodule=short",
    "--ignore-submodules=dirty", "--src-prefix=a/", "--dst-prefix=b/", f"-O{os.devnull}",
)  # fmt: skip
_HARMLESS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
)
_RUN_BY_FILTERS = ("clean", "smudge", "process")


_COMMIT = re.compile(r"([0-9a-f]{40}(?:[0-9a-f]{24})?)?")


@dataclass(frozen=True, slots=True)
class GitState:
    """What git says.

    Attributes:
        root: The repository's folder.
        commit: Empty if there is none yet.
        branch: Empty if none is checked out.
        dirty: Whether tracked files differ from the commit; taken for true if git did not say.
        remote: Its address, without credentials; empty if there is none.
        patch: The difference, without hidden files and notebooks; None if it could not be had.
        problem: Why there is no patch.
    """

    root: str
    commit: str = ""
    branch: str = ""
    dirty: bool = False
    remote: str = ""
    patch: bytes | None = b""
    problem: str = ""


def git_root(folder: str | os.PathLike[str]) -> str | None:
    """Find the repository a folder is in, without asking git."""
    try:
        here = Path(os.path.realpath(folder))
        return next((str(one) for one in (here, *here.parents) if (one / ".git").exists()), None)
    except (OSError, ValueError):
        return None


def git_state(
    folder: str | os.PathLike[str],
    *,
    timeout: float = TIMEOUT_S,
    redact: Redact | None = None,
    max_patch_bytes: int = MAX_PATCH_BYTES,
) -> GitState | None:
    """Ask git about the repository a folder is in. Waits, so this belongs into a thread.

    Args:
        folder: Any folder of the repository.
        timeout: For all of it. Units: seconds.
        redact: Takes secrets out of a text.
        max_patch_bytes: A larger patch is left out. Units: bytes.

    Returns:
        None if the folder is in no repository, or git cannot be asked.
    """
    root, program = git_root(folder), shutil.which("git")
    # A relative one would be looked for in the repository.
    if root is None or program is None or not Path(program).is_absolute():
        return None
    git = _Git(program, root, time.monotonic() + timeout)
    answer = git.ask("config", "-z", "--list")
    if answer is None:
        return None
    config = dict(_settings(answer))
    is_safe = git.disarm(config)
    commit = _line(git.ask("rev-parse", "--verify", "-q", "HEAD^{commit}"))
    branch = _line(git.ask("symbolic-ref", "-q", "--short", "HEAD"))
    if not (commit or branch) or not _COMMIT.fullmatch(commit):
        return None
    remote = without_credentials(_remote(config))
    told = GitState(root, commit, branch, remote=redact(remote) if redact else remote)
    if not is_safe:
        return _without_patch(told, "the repository's configuration names programs to be run")
    return _with_patch(told, git, max_patch_bytes, redact)


def _with_patch(told: GitState, git: "_Git", limit: int, redact: Redact | None) -> GitState:
    since = "HEAD" if told.commit else "--cached"
    patch = git.ask(*_DIFF, since, "--", ".", *_LEFT_OUT, limit=limit)
    if patch is None:
        return _without_patch(told, git.problem)
    # An empty patch may leave out what did change.
    dirty = bool(patch) or git.ask(*_DIFF, "--quiet", since, "--") is None
    return _replaced(told, dirty=dirty, patch=redact_bytes(patch, redact))


def _without_patch(told: GitState, problem: str) -> GitState:
    return _replaced(told, dirty=True, patch=None, problem=problem)


def _replaced(told: GitState, *, dirty: bool, patch: bytes | None, problem: str = "") -> GitState:
    return GitState(told.root, told.commit, told.branch, dirty, told.remote, patch, problem)


class _Git:
    """One git in one repository, until a moment.

    Attributes:
        problem: Why the last question has no answer.
    """

    def __init__(self, program: str, root: str, until: float) -> None:
        self.problem = ""
        self._until = until
        self._root = root
        self._settings = list(_HARMLESS)
        self._program = program
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        self._environ = kept | {
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            # Above core.worktree, which may name any other folder.
            "GIT_WORK_TREE": root,
            "LC_ALL": "C",
        }

    def disarm(self, config: dict[str, str]) -> bool:
        """Switch off the filters that the configuration has; tell whether all are."""
        names = {
            name.rpartition(".")[0]
            for name in config
            if name.startswith("filter.") and name.rpartition(".")[2] in _RUN_BY_FILTERS
        }
        for name in names:
            self._settings += [f"{name}.{what}=" for what in _RUN_BY_FILTERS]
            self._settings.append(f"{name}.required=false")
        # After a name that holds one, git would take another setting for the one meant.
        return not any("=" in name for name in names)

    def ask(self, *question: str, limit: int = _MAX_ANSWER_BYTES) -> bytes | None:
        """What git prints; None if it fails, prints more than `limit` bytes, or takes too long."""
        options = [part for setting in self._settings for part in ("-c", setting)]
        command = [self._program, "--no-pager", *options, *question]
        try:
            with _running(command, self._root, self._environ) as process:
                return self._answer(process, limit)
        except (OSError, ValueError) as error:
            self.problem = f"git cannot be run: {error}"
            return None

    def _answer(self, process: "subprocess.Popen[bytes]", limit: int) -> bytes | None:
        said = bytearray()
        reader = threading.Thread(target=_read, args=(process, said, limit), daemon=True)
        reader.start()
        reader.join(max(self._until - time.monotonic(), 0))
        self.problem = "git took too long"
        if reader.is_alive():
            return None
        if len(said) > limit:
            self.problem = f"it is larger than {limit:,} bytes"
            return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = process.wait(max(self._until - time.monotonic(), 0))
            self.problem = f"git failed with exit code {code}" if code else ""
            return bytes(said) if code == 0 else None
        return None


def _read(process: "subprocess.Popen[bytes]", said: bytearray, limit: int) -> None:
    if process.stdout is None:
        return
    with contextlib.suppress(OSError), process.stdout as pipe:
        while len(said) <= limit and (part := pipe.read(1 << 16)):
            said += part


@contextlib.contextmanager
def _running(
    command: list[str], root: str, environ: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program; at the end it is gone, and so is what it started."""
    process = subprocess.Popen(
        command,
        cwd=root,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        start_new_session=sys.platform != "win32",
    )
    try:
        yield process
    finally:
        # Its children hold the pipe as well. It is not waited for before: its id stays its own.
        if process.returncode is None:
            _kill(process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_PARTING_S)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _settings(answer: bytes) -> Iterator[tuple[str, str]]:
    for said in answer.decode("utf-8", "surrogateescape").split("\0"):
        name, _, value = said.partition("\n")
        yield name, value


def _remote(config: dict[str, str]) -> str:
    urls = {
        name: url for name, url in config.items() if name[:7] == "remote." and name[-4:] == ".url"
    }
    return urls.get("remote.origin.url") or next(iter(urls.values()), "")


def _line(answer: bytes | None) -> str:
    return (answer or b"").decode("utf-8", "replace").strip()
