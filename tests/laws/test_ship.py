"""Law 4, the part that exists: journals copied byte for byte, in pieces, are the same run.

Sync does exactly this, and is tested where it is.
"""

import random

import pytest
from samples import read, spelled, the_run, write_sample

from nbtracker.store.layout import RunFolder
from nbtracker.views.run import RunView


def carry(source, target, n_bytes):
    """Append to the copy what it lacks, at most `n_bytes`, as an interrupted transfer does."""
    data = source.read_bytes()
    target.parent.mkdir(parents=True, exist_ok=True)
    have = target.stat().st_size if target.exists() else 0
    with target.open("ab") as copy:
        copy.write(data[have : have + n_bytes])


@pytest.mark.parametrize("seed", range(5))
def test_a_copy_in_interrupted_pieces_reads_equal(tmp_path, seed):
    """A follower of the copy sees a prefix after each piece, and the same run at the end."""
    chance = random.Random(seed)
    ours, theirs = RunFolder(tmp_path / "a" / "p" / "r"), RunFolder(tmp_path / "b" / "p" / "r")
    for writer in ("main", "edit"):
        write_sample(ours.journal(writer), 50)
    view, original = RunView(theirs), RunView(ours)
    original.refresh()
    while any(
        not theirs.journal(one.stem).exists()
        or theirs.journal(one.stem).stat().st_size < one.stat().st_size
        for one in ours.journals
    ):
        path = chance.choice(ours.journals)
        carry(path, theirs.journal(path.stem), chance.randrange(1, 400))
        said, damages = read(theirs.journal(path.stem))
        assert (said, damages) == (read(path)[0][: len(said)], [])
        view.refresh()
    assert spelled(view) == spelled(original)


def test_a_run_that_is_copied_while_it_is_written_is_whole_in_the_copy(store, tmp_path):
    """What was logged before the copy began is in it."""
    import nbtracker

    run = nbtracker.init(project="p", id="r")
    copy = RunFolder(tmp_path / "elsewhere" / "p" / "r")
    for i in range(100):
        run.log({"x": i})
        carry(store.run("p", "r").journal("main"), copy.journal("main"), 10**9)
        view = RunView(copy)
        view.refresh()
        assert (view.n_rows, view.damages) == (i + 1, [])
    assert view.summary == the_run(store).summary
