"""The reader under the reference's names: scripts that export runs go on working."""

import json
from pathlib import Path

import pytest
from written import record

from nbtracker.api.client import Api
from nbtracker.store.layout import Store


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Api:
    """A reader of one run."""
    monkeypatch.setenv("NBTRACKER_CACHE_DIR", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    record(store, "r", config={"lr": 0.1, "_x": 1}, rows=[{"val": {"acc": 1.0}}], at=1_000.0,
           summary={"best": {"acc": 2}}, name="calm-lake-1", job_type="eval", notes="a note")  # fmt: skip
    return Api(store.path)


def test_the_usual_export_of_runs_goes_on_working(api: Api) -> None:
    """As the reference's guide has it."""
    import pandas as pd

    summaries, configs, names = [], [], []
    for run in api.runs("ada/digits"):
        summaries.append(run.summary._json_dict)
        configs.append({k: v for k, v in run.config.items() if not k.startswith("_")})
        names.append(run.name)
    frame = pd.DataFrame({"summary": summaries, "config": configs, "name": names})
    assert frame["summary"][0]["best"] == {"acc": 2}
    assert type(frame["summary"][0]) is dict
    assert (frame["config"][0], frame["name"][0]) == ({"lr": 0.1}, "calm-lake-1")


def test_names_in_the_spelling_of_the_reference_s_server_mean_the_same(api: Api) -> None:
    """In camel case, and older ones."""
    run = api.run("r")
    assert run.createdAt == run.created_at == "1970-01-01T00:16:40Z"
    assert run.heartbeatAt == run.heartbeat_at
    assert (run.displayName, run.jobType, run.historyLineCount) == ("calm-lake-1", "eval", 1)
    assert run.summaryMetrics == run.summary_metrics == run.summary._json_dict
    assert run.rawconfig == run.config == {"lr": 0.1, "_x": 1}
    assert json.loads(run.json_config)["lr"] == {"value": 0.1, "desc": None}
    assert (run.description, run.sweep, run.sweep_name, run.sweepName) == (
        "a note",
        None,
        None,
        None,
    )
    assert (run.lastHistoryStep, run.systemMetrics, run.username) == (0, {}, "ada")


def test_the_summary_is_still_written_by_update(api: Api) -> None:
    """And the plain one is a copy."""
    run = api.run("r")
    run.summary._json_dict["lost"] = 1
    run.summary.update({"kept": 1})
    assert api.run("r").summary.keys() >= {"kept", "best"}
    assert "lost" not in api.run("r").summary


@pytest.mark.parametrize(
    "name", ["logged_artifacts", "used_artifacts", "upload_file", "to_html", "user"]
)
def test_what_a_run_will_have_is_said_to_come_later(api: Api, name: str) -> None:
    """It is no misspelt name."""
    with pytest.raises(AttributeError, match=f"run.{name} comes with a later release"):
        getattr(api.run("r"), name)


@pytest.mark.parametrize("name", ["artifact", "artifact_versions", "sweep", "viewer", "reports"])
def test_what_the_api_will_have_is_said_to_come_later(api: Api, name: str) -> None:
    """`api.artifact("name")` included."""
    with pytest.raises(AttributeError, match=f"api.{name} comes with a later release"):
        getattr(api, name)("x")


def test_a_misspelt_name_is_an_attribute_error(api: Api) -> None:
    """So that `hasattr` and notebooks can ask."""
    for asked, what in ((api, "api"), (api.runs(), "runs"), (api.run("r"), "run")):
        with pytest.raises(
            AttributeError, match=rf"{what} has no attribute 'nmae'; see dir\({what}"
        ):
            asked.nmae
        assert not hasattr(asked, "_repr_latex_")
    with pytest.raises(AttributeError, match=r"runs\.scan_histories comes with a later release"):
        api.runs().scan_histories
