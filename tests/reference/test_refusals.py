"""What `init` refuses leaves everything as it was."""

from typing import Any

import pytest
from recorded import only_run, view

import nbtracker
from nbtracker.errors import DataError, RunFinishedError, UsageError
from nbtracker.store.layout import Store


def test_a_config_that_is_refused_makes_no_run(store: Store) -> None:
    """Nothing is left behind that a listing would show."""
    with pytest.raises(DataError, match="must be text"):
        nbtracker.init(project="p", config={1: 2})
    assert list(store.runs()) == []


def test_a_config_that_is_refused_moves_no_run_to_the_trash() -> None:
    """The id of an old run is given, but no run begins."""
    with nbtracker.init(project="p", id="old") as run:
        run.log({"a": 1})
    with pytest.raises(DataError):
        nbtracker.init(project="p", id="old", config={1: 2})
    assert only_run().last_step == 0


@pytest.mark.parametrize(
    "asked", [{"id": "nope", "resume": "must"}, {"id": "a", "resume": "never"}]
)
def test_i5_a_resume_that_is_refused_leaves_the_open_run_open(asked: dict[str, Any]) -> None:
    """It is looked at before the previous run is finished."""
    run = nbtracker.init(project="p", id="a")
    with pytest.raises(UsageError, match="resume"):
        nbtracker.init(project="p", reinit=True, **asked)
    run.log({"a": 1})
    assert nbtracker.run is run


@pytest.mark.parametrize("resume", ["must", "allow"])
def test_i5_another_run_is_not_gone_on_with_while_one_is_open(resume: str) -> None:
    """Its rows would land in the one that is open."""
    nbtracker.init(project="p", id="one").finish()
    nbtracker.init(project="p", id="two")
    with pytest.raises(UsageError, match="while run two is open"):
        nbtracker.init(project="p", id="one", resume=resume)


def test_i4_must_names_the_project_that_has_the_run() -> None:
    """The cure in a message has to work."""
    nbtracker.init(project="mine", id="abc").finish()
    with pytest.raises(UsageError, match="give project='mine'"):
        nbtracker.init(id="abc", resume="must")


def test_r1_what_an_ended_run_says_can_be_typed() -> None:
    """The call that goes on with it names its project."""
    run = nbtracker.init(project="mine", id="abc")
    run.finish()
    with pytest.raises(RunFinishedError, match=r'init\(project="mine", id="abc", resume="must"\)'):
        run.log({"a": 1})
    assert nbtracker.init(project="mine", id="abc", resume="must").resumed


def test_c8_a_config_that_cannot_change_is_no_reason_when_the_run_has_ended() -> None:
    """The end is said, and not that another argument would help."""
    run = nbtracker.init(project="p", config={"lr": 0.1})
    run.finish()
    with pytest.raises(RunFinishedError):
        run.config.lr = 0.2


def test_c1_config_after_the_end_warns_that_the_next_run_gets_it() -> None:
    """Who forgot that the run ended is told once."""
    nbtracker.init(project="p", id="one").finish()
    with pytest.warns(nbtracker.TrackingWarning, match="run one has ended"):
        nbtracker.config.lr = 1
    nbtracker.config.lr = 2
    assert nbtracker.init(project="p").config == {"lr": 2}


def test_c13_pop_says_why_it_cannot() -> None:
    """As for `del`."""
    run = nbtracker.init(project="p", config={"lr": 0.1})
    with pytest.raises(nbtracker.errors.ConfigError, match="cannot be deleted"):
        run.config.pop("lr")


@pytest.mark.parametrize("code", [2**70, -(2**70), "three"])
def test_r2_an_exit_code_has_32_bits(code: Any) -> None:
    """What the journal could not say is refused at the call; the run is still open."""
    run = nbtracker.init(project="p")
    with pytest.raises(UsageError, match="32 bits"):
        run.finish(code)
    run.finish(3)
    assert view(run).exit_code == 3


def test_an_empty_name_and_an_entity_of_two_parts_are_refused() -> None:
    """Neither could be read back."""
    with pytest.raises(UsageError, match="without '/'"):
        nbtracker.init(project="p", entity="team/x")
    run = nbtracker.init(project="p")
    with pytest.raises(UsageError, match="must have a character"):
        run.name = ""


def test_what_begins_from_another_run_says_that_it_comes_later() -> None:
    """And what can be done today."""
    with pytest.raises(TypeError, match=r'fork_from=.*later release.*resume="must"'):
        nbtracker.init(project="p", fork_from="abc?_step=3")
