"""Journals that were made to be slow: what they cost grows with their size, not its square.

Nothing is timed here. What used to take minutes, or the stack, would not end.
"""

import pytest

from nbtracker.journal import names
from nbtracker.journal.frames import HEAD, MAGIC, OVERHEAD, TITLE, TITLE_PAYLOAD, head, seal
from nbtracker.journal.reader import JournalReader
from nbtracker.journal.records import MetricDefined, Row, RunStarted, SummaryDeleted, SummarySet
from nbtracker.journal.writer import JournalWriter
from nbtracker.views.catalogue.index import Catalogue
from nbtracker.views.metrics import MetricRules
from nbtracker.views.paths import PathTree
from nbtracker.views.run import RunView, read_run

N = 50_000
DEEP = "a." * 40_000 + "b"


def written(store, *records) -> RunView:
    """A run that says this."""
    folder = store.run("p", "r")
    writer = JournalWriter(folder.journal("main"))
    writer.append(RunStarted(at=1.0, id="r", project="p", name="r"))
    for record in records:
        writer.append(record)
    writer.close()
    return read_run(folder)


def test_a29_a_name_of_thousands_of_parts_is_one_name(store):
    """A row of 80 KB neither fills the stack nor holds up a listing."""
    view = written(store, Row(at=1.0, step=0, values={DEEP: 1}))
    assert view.summary[DEEP] == 1
    catalogue = Catalogue(store)
    catalogue.refresh()
    assert catalogue.run("p", "r").trouble is None


def test_a29_a_summary_path_of_thousands_of_keys_can_be_read(store):
    """It is as deep as a summary may be, and can be removed again."""
    path = tuple(DEEP.split("."))
    view = written(store, SummarySet(at=1.0, path=path, value=1))
    assert list(view.flat_summary.values()) == [1]
    writer = JournalWriter(view.folder.journal("main"))
    writer.append(SummaryDeleted(at=2.0, path=path))
    writer.close()
    assert read_run(view.folder).summary == {}


@pytest.mark.parametrize(
    ("name", "n_parts"),
    [("a.b", 2), ("a" + ".a" * 127, 128), ("a" + ".a" * 128, 1), (r"a\.b", 1), (r"\.." * 999, 1)],
)
def test_a29_a_name_has_at_most_128_parts(name, n_parts):
    """Dots that belong to a key count for nothing."""
    assert len(names.split(name)) == n_parts
    assert len(names.split(r"\." * 999 + "." + "a")) == 2


def test_a29_many_summary_values_that_were_set_and_deleted(store):
    """Each is looked at once, not compared with all others."""
    said = [SummarySet(at=1.0, path=(f"k{i}", "x"), value=i) for i in range(N)]
    said += [SummaryDeleted(at=2.0, path=(f"k{i}",)) for i in range(1, N)]
    assert written(store, *said).summary == {"k0": {"x": 0}}


@pytest.mark.parametrize("commit", [True, False])
def test_a29_many_metrics_that_were_deleted(store, commit):
    """Whether the row they stand in is complete, or may go on."""
    row = Row(at=1.0, step=0, values={f"k{i}": i for i in range(N)}, commit=commit)
    deleted = [SummaryDeleted(at=2.0, path=(f"k{i}",)) for i in range(1, N)]
    again = Row(at=3.0, step=0 if not commit else 1, values={"k7": 1}, commit=False)
    late = Row(at=3.0, step=0, values={"k8": 1}, late=True)
    last = SummaryDeleted(at=4.0, path=("k8",))
    view = written(store, row, *deleted, again, late, last)
    found = {key: value for key, value in view.summary.items() if key[0] != "_"}
    assert (found, len(view.metric_names)) == ({"k0": 0, "k7": 1}, N)


def test_a29_many_globs(store):
    """The longest that names a metric is its definition; not all of them are asked."""
    rules = MetricRules()
    for i in range(N):
        rules.apply(MetricDefined(at=1.0, name=f"m{i}/*", goal="minimize"))
    rules.apply(MetricDefined(at=1.0, name="m1*", goal="maximize"))
    found = [rules.rule(name).goal for name in ("m1", "m1/x", "m12345/x", "m1x", "m5x")]
    assert found == ["maximize", "minimize", "minimize", "maximize", None]
    assert all(rules.rule(f"m{i}/loss").goal == "minimize" for i in range(N))


def test_a29_heads_that_claim_half_the_file_between_whole_frames(tmp_path):
    """The checksum of the same bytes is not taken over and over; what is whole is read."""
    data = bytearray(seal(head(TITLE, TITLE_PAYLOAD), 0))
    whole = b'{"kind":"heartbeat","at":1.0}'
    for _ in range(N):
        data += HEAD.pack(MAGIC, 99, 0, N * (HEAD.size + OVERHEAD) // 2)
        data += seal(head(99, b""), len(data))
    data += seal(head(1, whole), len(data))
    (tmp_path / "j").write_bytes(data)
    items = list(JournalReader(tmp_path / "j").read())
    assert (len(items), items[-1].at) == (N + 1, 1.0)


def test_paths_know_what_is_above_and_below():
    """A path holds one thing; removing it removes what is below, and nothing beside it."""
    tree: PathTree[str] = PathTree()
    for path in ("a", "ab", "abc", "b", "ac"):
        tree.put(tuple(path), path)
    assert list(tree.above(tuple("abc"))) == [(1, "a"), (2, "ab")]
    assert list(tree.through(tuple("abx"))) == ["a", "ab"]
    assert sorted(tree.remove(tuple("ab"))) == ["ab", "abc"]
    assert tree.remove(tuple("xyz")) == []
    assert list(tree.through(tuple("abc"))) == ["a"]
