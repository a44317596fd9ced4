"""`save_code` in a script."""

from pathlib import Path

import pytest
from recorded import run_script

import nbtracker

TRAIN = """
import nbtracker
token = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
with nbtracker.init(project="p", id="r"{more}) as run:
    run.log({{"a": 1}})
"""


def test_f3_a_script_keeps_its_file() -> None:
    """Secrets in it are not kept."""
    run_script(TRAIN.format(more=", save_code=True"))
    code = nbtracker.Api().run("p/r").code
    assert code.paths == ["train.py"]
    assert repr(code) == "<RunCode: 1 file: train.py>"
    text = code.read("train.py").decode()
    assert "with nbtracker.init(" in text
    assert "ghp_" not in text


@pytest.mark.parametrize("more", ["", ", save_code=False"])
def test_f3_a_script_keeps_nothing_unasked(more: str) -> None:
    """Its file is in a repository, or on the disk."""
    run_script(TRAIN.format(more=more))
    code = nbtracker.Api().run("p/r").code
    assert code.paths == []
    assert repr(code) == "<RunCode: no files>"


def test_f3_the_environment_can_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the reference."""
    monkeypatch.setenv("WANDB_SAVE_CODE", "true")
    run_script(TRAIN.format(more=""))
    assert nbtracker.Api().run("p/r").code.paths == ["train.py"]
    assert Path("train.py").is_file()
