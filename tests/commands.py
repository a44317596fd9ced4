"""For tests of the command line: call it, record small runs, and break them."""

import sys
from collections.abc import Callable

import nbtracker
from nbtracker.cli.main import main
from nbtracker.journal.frames import HEAD, OVERHEAD, TITLE_PAYLOAD
from nbtracker.store.layout import open_store

Call = Callable[..., tuple[int, str, str]]
# Behind the title of the journal and the head of the frame.
IN_FIRST_RECORD = OVERHEAD + len(TITLE_PAYLOAD) + HEAD.size


def caller(capsys) -> Call:
    """Give what calls the command, and returns its exit code, stdout and stderr."""

    def run(*argv: str) -> tuple[int, str, str]:
        capsys.readouterr()  # what recording said before
        try:
            code = main(argv)
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def command(*argv: str) -> list[str]:
    """The command as a shell would start it."""
    return [sys.executable, "-m", "nbtracker", *argv]


def record(run_id="aaa1", project="p", rows=({"loss": 0.5},), **given):
    """Record a small run."""
    with nbtracker.init(id=run_id, project=project, **given) as run:
        for row in rows:
            run.log(row)
    return open_store().run(project, run_id)


def make_unreadable(folder):
    """Make the operating system refuse to list a run's journals, whoever asks."""
    journals = folder.path / "journals"
    journals.rename(folder.path / "away")
    journals.symlink_to(journals)


def damage(folder, start=IN_FIRST_RECORD, stop=IN_FIRST_RECORD + 1):
    """Turn over the bits of some bytes of a run's journal."""
    path = folder.journal("main")
    data = bytearray(path.read_bytes())
    data[start:stop] = bytes(byte ^ 0xFF for byte in data[start:stop])
    path.write_bytes(data)
