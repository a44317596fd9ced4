"""`%tracker` in a shell: what its subcommands do, say and refuse."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import nbtracker
from nbtracker.notebook import magics
from nbtracker.notebook.arguments import SUBCOMMANDS
from nbtracker.notebook.cell_runs import transformed
from nbtracker.notebook.completion import complete, offered
from nbtracker.sdk.current import ACTIVE
from nbtracker.store.layout import Store
from nbtracker.views.run import read_run
from nbtracker.views.state import state_of


@pytest.fixture
def shell(bare: InteractiveShell) -> Iterator[InteractiveShell]:
    """A shell that has `%tracker`."""
    registration = magics.register(bare)
    yield bare
    registration.unregister()


def told(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str) -> str:
    """What a cell prints, errors included."""
    capsys.readouterr()
    shell.run_cell(cell)
    return "".join(capsys.readouterr())


def test_init_begins_a_run_with_values_of_the_notebook(shell):
    """Options are those of init, the rest is its config."""
    shell.run_cell("n = 3")
    shell.run_cell("run = %tracker init --project p --name r{n} lr=0.1 layers=[64]*n opt='adam'")
    run = shell.user_ns["run"]
    assert run is nbtracker.run
    assert (run.project, run.name) == ("p", "r3")
    assert run.config.as_dict() == {"lr": 0.1, "layers": [64, 64, 64], "opt": "adam"}


def test_a_config_file_gives_way_to_what_is_typed(shell, tmp_path):
    """Both together, as a default and what is changed of it."""
    (tmp_path / "c.yaml").write_text("lr: 1\ndepth: 2\n")
    shell.run_cell("%tracker init --config c.yaml lr=0.5")
    assert nbtracker.config.as_dict() == {"lr": 0.5, "depth": 2}


def test_another_init_ends_the_run(shell):
    """As in a notebook, also where there is none: in a terminal."""
    shell.run_cell("a = %tracker init")
    shell.run_cell("b = %tracker init")
    assert nbtracker.run is shell.user_ns["b"]
    assert state_of(read_run(shell.user_ns["a"]._folder)) == "finished"


def test_log_takes_expressions_and_a_step(shell):
    """Also in a function, with the names of that."""
    shell.run_cell("%tracker init")
    shell.run_cell("def f(loss, i):\n    %tracker log loss=loss**2 --step i*2\nf(3, 4)")
    assert (nbtracker.run.summary["loss"], nbtracker.run.step) == (9, 8)


def test_finish_and_failed(shell):
    """The exit code may be an expression."""
    for line, state in (("", "finished"), ("--failed", "failed"), ("1+1", "failed")):
        shell.run_cell("run = %tracker init")
        shell.run_cell(f"%tracker finish {line}")
        assert state_of(read_run(shell.user_ns["run"]._folder)) == state


def test_finish_without_a_run_stops_no_cells(shell, capsys):
    """The cell that ends a run can be run again."""
    assert told(shell, capsys, "%tracker finish") == "no run is open\n"


def test_changes_of_the_config_are_told_with_their_steps(shell, capsys):
    """What it was before, and until when."""
    shell.run_cell("%tracker init lr=1 n=2")
    shell.run_cell("%tracker log x=1")
    shell.run_cell("%tracker config lr=2")
    lines = told(shell, capsys, "%tracker config").splitlines()
    assert lines == ["key  value  changes", "lr   2      1 -> 2 @ step 1", "n    2"]


def test_config_without_a_run_leaks_into_no_other(shell, capsys):
    """It is refused, as a row is."""
    assert "the config is empty" in told(shell, capsys, "%tracker config")
    assert "no run is open" in told(shell, capsys, "%tracker config lr=2")
    shell.run_cell("%tracker init")
    assert nbtracker.config.as_dict() == {}


def test_a_key_of_the_config_is_shown_alone(shell, capsys):
    """The others are left out."""
    shell.run_cell("%tracker init lr=1 n=2")
    assert told(shell, capsys, "%tracker config n") == "key  value\nn    2\n"
    assert "write m=m" in told(shell, capsys, "%tracker config m")


def test_a_step_among_the_metrics_is_told_to_be_an_option(shell, capsys):
    """No row is logged."""
    shell.run_cell("%tracker init")
    assert "--step 4" in told(shell, capsys, "%tracker log step=4 loss=3")
    assert nbtracker.run.step == 0


@pytest.fixture
def three_runs(shell: InteractiveShell) -> None:
    """Two that ended well, and one that did not."""
    for id, project, lr, end in (
        ("aa1", "p", 1, ""),
        ("ab2", "p", 2, "--failed"),
        ("b3", "q", 2, ""),
    ):
        shell.run_cell(f"%tracker init --id {id} --project {project} --name n{id} lr={lr}")
        shell.run_cell(f"%tracker log loss={lr}/4")
        shell.run_cell(f"%tracker finish {end}")


@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ("", ["b3", "ab2", "aa1"]),
        ("p", ["ab2", "aa1"]),
        ("config.lr=2", ["b3", "ab2"]),
        ("state=failed", ["ab2"]),
        ("p config.lr<2", ["aa1"]),
        ("project!=p", ["b3"]),
        ("lr=2", ["b3", "ab2"]),
        ("summary.loss<0.5", ["aa1"]),
        ("loss<0.5 lr!=2", ["aa1"]),
        ("name=nb3", ["b3"]),
        ("name=b3", ["b3"]),
        ("name!=b3", ["ab2", "aa1"]),
        ("{'config.lr': {'$lt': 2}}", ["aa1"]),
        ('{"state": "failed"}', ["ab2"]),
        ('\'{"$or": [{"project": "q"}, {"config.lr": 1}]}\'', ["b3", "aa1"]),
        ("--limit 1", ["b3"]),
        ("project=r", []),
    ],
)
def test_runs_are_filtered_by_words_or_as_in_the_api(shell, capsys, three_runs, line, ids):
    """The newest first."""
    lines = told(shell, capsys, f"%tracker runs {line}").splitlines()
    assert [found[1] for row in lines if (found := re.match(r"\w+/(\w+) ", row))] == ids


def test_a_name_that_no_run_has_is_likened_to_those_that_some_have(shell, capsys, three_runs):
    """Whatever section they are in."""
    shown = told(shell, capsys, "%tracker runs los<1")
    assert "no run has 'los'; did you mean summary.loss or" in shown
    assert "did you mean state" in told(shell, capsys, "%tracker runs stat=failed")


def test_runs_that_a_replay_made_are_marked(shell, capsys, monkeypatch):
    """As `nbtracker ls` marks them."""
    monkeypatch.setenv("NBTRACKER_REPLAY_OF", "p/old")
    shell.run_cell("%tracker init --project p")
    shell.run_cell("%tracker finish")
    assert "  finished (replay)  " in told(shell, capsys, "%tracker runs p")


def test_show_tells_what_a_run_is(shell, capsys, three_runs):
    """Of the newest, or of the one that is named; the beginning of an id will do."""
    assert told(shell, capsys, "%tracker show").startswith("q/b3  nb3\n  state    finished\n")
    shell.run_cell("which = 'aa'")
    shown = told(shell, capsys, "%tracker show {which}")
    assert shown.startswith("p/aa1  naa1\n")
    assert "lr   1\n" in shown
    assert "loss" in shown


def test_compare_tells_differences_alone(shell, capsys, three_runs):
    """Of config, summary, code and environment."""
    shown = told(shell, capsys, "%tracker compare aa1 ab2")
    rows = {row.split()[0]: row.split()[1:] for row in shown.splitlines()[1:]}
    assert rows == {
        "state": ["finished", "failed"], "config.lr": ["1", "2"], "summary.loss": ["0.25", "0.5"],
    }  # fmt: skip
    assert "the same config" in told(shell, capsys, "%tracker compare aa1 aa1")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("inti", "%tracker has no 'inti' here; did you mean init?"),
        ("init lr=fast", "quote it: lr='fast'"),
        ("init --mode=off", "invalid choice: 'off'"),
        ("init --project a/b", "project"),
        ("log", "no run is open; begin one: %tracker init"),
        ("log x=1", "no run is open; begin one: %tracker init"),
        ("show zz", "there is no run 'zz'"),
        ("runs lr=1", "no run has 'lr' in its config or summary"),
        ("runs nope", "there is no project 'nope'"),
        ("runs --limit -1", "give 0 for all runs"),
        ("compare a", "name two runs or more"),
        ("cells", "%load_ext nbtracker"),
        ("auto", "%load_ext nbtracker"),
        ("forget 1", "%load_ext nbtracker"),
        ("output 1", "%load_ext nbtracker"),
        ("pause", "%load_ext nbtracker"),
        ("skip", "heads a cell"),
        ("help inti", "did you mean init?"),
        ("init --config none.yaml", "none.yaml"),
    ],
)
def test_errors_are_one_line_without_a_traceback(shell, capsys, line, says):
    """It says what would be right."""
    shown = told(shell, capsys, f"%tracker {line}")
    assert shown.startswith("UsageError: ")
    assert says in shown
    assert shown.count("\n") == 1


def test_status_tells_that_nothing_is_recorded(shell, capsys):
    """Before the extension is loaded."""
    assert "%load_ext nbtracker" in told(shell, capsys, "%tracker status")


@pytest.mark.parametrize("cell", ["%tracker", "%tracker help", "x = 1\n%tracker help\n"])
def test_help_lists_the_subcommands(shell, capsys, cell):
    """Each with what it does."""
    shown = told(shell, capsys, cell)
    assert [name for name in SUBCOMMANDS if f"\n  {name} " not in shown] == []


@pytest.mark.parametrize(
    "cell", ["%tracker init?", "%%tracker run?", "x = 1\n%tracker init ??", "%tracker help init"]
)
def test_a_question_mark_shows_the_help_of_a_subcommand(shell, capsys, cell):
    """As it does for any name in IPython."""
    assert "--project PROJECT" in told(shell, capsys, cell)


@pytest.mark.parametrize("cell", ["s = '''\n%tracker init?\n'''", "%%writefile x\n%tracker init?"])
def test_a_question_within_a_text_stays_text(shell, capsys, cell):
    """Only the end of a cell of code is asked."""
    assert "--project" not in told(shell, capsys, cell)


def test_the_magic_itself_has_help(shell):
    """`%tracker?` lists the subcommands."""
    assert "  forget " in shell.object_inspect_text("%tracker")


def changed(shell: InteractiveShell) -> dict[str, Any]:
    """All of a shell that registering touches."""
    return {
        "line": dict(shell.magics_manager.magics["line"]),
        "cell": dict(shell.magics_manager.magics["cell"]),
        "registry": dict(shell.magics_manager.registry),
        "callbacks": {k: list(v) for k, v in shell.events.callbacks.items()},
        "cleanup": list(shell.input_transformers_cleanup),
        "completers": {
            k: list(v) for k, v in shell.strdispatchers["complete_command"].strs.items()
        },
        "matchers": list(shell.Completer.custom_matchers),
        "ast": list(shell.ast_transformers),
        "attributes": set(vars(shell)),
        "names": set(shell.user_ns),
    }


def test_unregistering_restores_the_shell_exactly(bare):
    """Magics, transformers, hooks and completers are those from before."""
    bare.magics_manager.magics["line"]["tracker"] = own = print
    before = changed(bare)
    registration = magics.register(bare)
    assert magics.register(bare) is registration
    assert changed(bare) != before
    registration.unregister()
    registration.unregister()
    assert changed(bare) == before
    assert bare.magics_manager.magics["line"]["tracker"] is own


@pytest.mark.parametrize(
    ("cell", "becomes"),
    [
        ("x = 1\n", "x = 1\n"),
        ("%%tracker skip\nx = 1\n", "# nbtracker: skip\nx = 1\n"),
        ("%%tracker run a=1\nx\n", "get_ipython().run_line_magic('tracker', 'run a=1')\nx\n"),
        ("%%tracker run", "get_ipython().run_line_magic('tracker', 'run')\n"),
        ("%%tracker  run\n\n%%time\nx\n", "get_ipython().run_line_magic('tracker', 'run')\n\nget_ipython().run_cell_magic('time', '', 'x\\n')\n"),
        ("%%tracker run\n# c\nfrom __future__ import annotations\nx\n", "\n# c\nfrom __future__ import annotations; get_ipython().run_line_magic('tracker', 'run')\nx\n"),
        ("%%time\n%%tracker run\n", "%%time\n%%tracker run\n"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_heads_a_cell_becomes_a_statement_of_it(cell, becomes):
    """The other lines keep their numbers."""
    assert "".join(transformed(cell.splitlines(keepends=True))) == becomes


def test_a_run_of_one_cell_ends_with_it(shell):
    """What the cell raised is what it failed of; its value is its value."""
    result = shell.run_cell(
        "%%tracker run --id ok lr=1\nimport nbtracker\nnbtracker.log({'x': 1})\n6 * 7"
    )
    failed = shell.run_cell("%%tracker run --id bad\nrun = nbtracker.run\n1 / 0")
    assert result.result == 42
    assert isinstance(failed.error_in_exec, ZeroDivisionError)
    assert ACTIVE.current is None
    bad = read_run(shell.user_ns["run"]._folder)
    assert state_of(bad) == "failed"
    assert bad.error.rstrip().endswith("ZeroDivisionError: division by zero")


@pytest.mark.parametrize("cell", ["%%tracker run --projct x\nn = 1", "%%tracker run\nn = = 1"])
def test_a_cell_that_cannot_begin_makes_no_run(shell, store, cell):
    """A wrong option stops it before its first statement."""
    assert not shell.run_cell(cell).success
    assert "n" not in shell.user_ns
    assert list(store.runs()) == []


def test_runs_of_cells_within_cells_end_with_their_own(shell):
    """The inner one failed, the outer one did not."""
    inner = r"%%tracker run --reinit create_new --id inner\n1 / 0"
    shell.run_cell(f"%%tracker run --id outer\nip = get_ipython()\nip.run_cell('{inner}')\nx = 1")
    states = {folder.id: state_of(read_run(folder)) for folder in nbtracker_store().runs()}
    assert states == {"inner": "failed", "outer": "finished"}


def nbtracker_store() -> Store:
    """The store that runs go to."""
    from nbtracker.store.layout import open_store

    return open_store()


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%%tracker rum\nx = 1", "did you mean run?"),
        ("%%tracker\nx = 1", "there are run, skip"),
        ("%%tracker log x=1\nx = 1", "write it on a line: %tracker log"),
    ],
)
def test_what_cannot_head_a_cell_says_so(shell, capsys, cell, says):
    """And the cell is not run."""
    assert says in told(shell, capsys, cell)
    assert "x" not in shell.user_ns


def test_a_cell_that_is_skipped_is_run(shell):
    """Only its recording is left out."""
    assert shell.run_cell("%%tracker skip\n1 + 1").result == 2


def completions(shell: InteractiveShell, line: str) -> list[str]:
    """What a tab offers."""
    shell.Completer.use_jedi = False
    with provisionalcompleter():
        return [one.text for one in shell.Completer.completions(line, len(line))]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%tracker sh", ["show"]),
        ("  %tracker sh", ["show"]),
        ("%%tracker ", ["run", "skip"]),
        ("%tracker init --proj", ["--project"]),
        ("%tracker init --project ", ["p", "q"]),
        ("%tracker init --mode o", ["offline", "online"]),
        ("%tracker replay aa1 --sl", ["--slice"]),
        ("%tracker output 1 --run b", ["b3"]),
        ("%tracker show p/", ["p/aa1", "p/ab2"]),
        ("%tracker compare aa1 b", ["b3"]),
        ("%tracker auto o", ["on", "off"]),
        ("%tracker help st", ["status"]),
        ("%tracker config l", ["lr="]),
        ("%tracker runs st", ["state="]),
        ("%tracker forget 1", []),
        ("%tracker none xq", []),
    ],
)
def test_the_tab_key_offers_what_fits(shell, three_runs, line, offered):
    """Subcommands, options, projects, runs and config keys."""
    nbtracker.config["lr"] = 1
    assert completions(shell, line) == offered


def test_nothing_else_is_offered_beside(shell, three_runs):
    """Neither names of the notebook nor files, with jedi and without."""
    shell.user_ns |= {"show_me": 1, "shown": 2}
    Path("shelf").write_text("")
    for use_jedi in (False, True):
        shell.Completer.use_jedi = use_jedi
        with provisionalcompleter():
            found = [one.text for one in shell.Completer.completions("%tracker sh", 11)]
        assert found == ["show"]


def test_metrics_of_the_run_that_is_named_are_offered(shell, three_runs):
    """For a slice: those of the run on the line, or else of the one that is meant."""
    nbtracker.init(project="p", id="m1")
    nbtracker.log({"loss": 1, "val": {"loss": 2}, "acc": 3})
    nbtracker.finish()
    assert offered("%tracker replay m1 --slice l") == ("l", ["loss"])
    assert offered("%tracker replay p/m1 --slice=v") == ("--slice=v", ["--slice=val.loss"])
    assert offered("%tracker replay --slice a") == ("a", ["acc"])


def test_what_runs_have_is_offered_to_filter_by_and_to_log(shell, three_runs):
    """Names that can be written in a line, and of dictionaries those in them."""
    nbtracker.init(project="p", id="m1", config={"lr": 1, "model": {"size": 2}, "a b": 3})
    nbtracker.log({"loss": 1, "val": {"loss": 2}, "lower/left": 3, "a b": 4})
    keys = ["config.lr=", "config.model.size="]
    assert offered("%tracker runs config.") == ("config.", keys)
    assert offered("%tracker runs p config.m") == ("config.m", keys[1:])
    assert offered("%tracker runs summary.lo")[1] == ["summary.loss=", "summary.lower/left="]
    assert offered("%tracker runs summary_metrics.lo")[1] == [
        "summary_metrics.loss=", "summary_metrics.lower/left="
    ]  # fmt: skip
    assert offered("%tracker log lo") == ("lo", ["loss=", "lower/left="])
    assert offered("%tracker log loss=1 v") == ("v", ["val.loss="])


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("run = %tracker init --proj", ("--proj", ["--project"])),
        ("a, *b = %tracker help st", ("st", ["status"])),
        ("%tracker init --mode=dis", ("--mode=dis", ["--mode=disabled"])),
        ("x = 1\n  %tracker au", ("au", ["auto"])),
        ("print('%tracker sh", ("", [])),
        ("%tracker", ("", [])),
        ("%trackers sh", ("", [])),
        ("x %tracker sh", ("", [])),
    ],
)
def test_only_lines_of_the_magic_are_completed(shell, line, found):
    """Alone, or with what it gives given to names; whole words are offered."""
    assert offered(line) == found


@pytest.mark.parametrize(
    ("line", "symbol", "offered"),
    [("%tracker sh", "sh", ["show"]), ("%tracker init --mode=dis", "dis", ["disabled"])],
)
def test_the_older_hook_of_ipython_is_answered_too(shell, line, symbol, offered):
    """Words are cut where that hook's word begins."""
    event = SimpleNamespace(text_until_cursor=line, symbol=symbol)
    assert complete(shell, event) == offered


def test_completion_never_raises(shell, monkeypatch, tmp_path):
    """Not even where there is no store, but a file."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NBTRACKER_DIR", str(tmp_path / "file"))
    assert "--limit" not in completions(shell, "%tracker show ")
