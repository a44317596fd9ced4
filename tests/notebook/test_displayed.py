"""What a cell shows of a run, and nothing beside it."""

import pytest
from kernels import kernel

from nbtracker.screen.bundle import MIME
from nbtracker.store.layout import Store

BEGIN = """
%load_ext nbtracker
import nbtracker
run = nbtracker.init(project="p", id="r")
run.log({"loss": 1})
"""


@pytest.mark.parametrize(
    "line", ["run.display()", "nbtracker.Api().runs().display()", "%tracker show", "run"]
)
def test_a_display_is_the_only_output_of_its_cell(store: Store, line: str) -> None:
    """The answer that scripts want is not printed below it."""
    with kernel() as one:
        one.run(BEGIN)
        shown = one.run(line)
    assert (shown.status, shown.stdout, shown.stderr) == ("ok", "", "")
    (output,) = shown.outputs
    assert output["msg_type"] == "display_data"
    assert MIME in output["content"]["data"]


def test_display_is_true_where_it_could_be_shown(store: Store) -> None:
    """For whoever asks; as text it is True, too."""
    with kernel() as one:
        one.run(BEGIN)
        shown = one.run("shown = run.display()\nprint(shown, shown == True, 1 if shown else 0)")
        assert shown.stdout == "True True 1\n"
        assert one.run("shown").outputs == []
