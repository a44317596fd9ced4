"""What `update()` takes: the same as `init`, and what is refused changes nothing."""

import pytest
from written import record

import nbtracker
from nbtracker.api.client import Api
from nbtracker.errors import UsageError


def edit(**fields):
    """Change fields of the run, write them, and read the run again."""
    run = Api().run("p/aaa1")
    for name, value in fields.items():
        setattr(run, name, value)
    run.update()
    return Api().run("p/aaa1")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": 5}, "must be text; pass name='5'"),
        ({"name": 10**5000}, "of many digits"),
        ({"name": " "}, "text that is not blank"),
        ({"name": "x" * 2_000}, "at most 1024"),
        ({"notes": 5}, "must be text; pass notes='5'"),
        ({"group": []}, "must be text"),
        ({"job_type": 1.5}, "must be text"),
        ({"tags": [{}]}, "must be text"),
        ({"tags": ["x" * 65]}, "a tag has 1 to 64"),
    ],
)
def test_a_field_that_init_refuses_is_refused_by_update(store, fields, said):
    """With the same words."""
    folder = record(store, "aaa1", project="p")
    with pytest.raises(UsageError, match=said):
        edit(**fields)
    assert len(folder.journals) == 1


def test_fields_are_kept_as_init_keeps_them(store):
    """Blank text is none."""
    record(store, "aaa1", project="p", notes="old", tags=("a",))
    run = edit(name="new", notes=" ", tags=("b", "c"), group="g")
    assert (run.name, run.notes, run.tags, run.group) == ("new", None, ["b", "c"], "g")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda run: run.config.update({"": 1}), "1 to 4096"),
        (lambda run: run.config.update({"--": 1}), "1 to 4096"),
        (lambda run: run.config.update({5: 1}), "must be text"),
        (lambda run: run.config.update({10**5000: 1}), "must be text"),
        (lambda run: run.config.update(b=10**5000), "4,000 digits"),
        (lambda run: run.config.update(b=[{"c": 10**5000}]), "4,000 digits"),
        (lambda run: run.config.update(b=object()), "cannot be kept"),
        (lambda run: run.summary.update({"": 1}), "not empty"),
        (lambda run: run.summary.update(b=10**5000), "4,000 digits"),
    ],
)
def test_what_no_run_can_hold_is_refused_by_update(store, change, said):
    """The run can be gone on with."""
    folder = record(store, "aaa1", project="p", config={"lr": 1})
    run = Api().run("p/aaa1")
    with pytest.raises(UsageError, match=said):
        change(run) or run.update()
    assert len(folder.journals) == 1
    nbtracker.init(project="p", id="aaa1", resume="must").finish()


def test_a_key_of_config_is_kept_as_init_keeps_it(store):
    """`--lr` is "lr", new or not."""
    record(store, "aaa1", project="p", config={"lr": 1})
    run = Api().run("p/aaa1")
    run.config.update({"--lr": 2, "--epochs": 3})
    run.update()
    assert Api().run("p/aaa1").config == {"lr": 2, "epochs": 3}
    assert [(one.key, one.old, one.first) for one in run.config_history][1:] == [
        ("lr", 1, False),
        ("epochs", None, True),
    ]
