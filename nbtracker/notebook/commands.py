"""What each subcommand of `%tracker` does."""

from argparse import Namespace
from collections.abc import Callable, Iterable
from typing import Any

from nbtracker.api.reading import reading
from nbtracker.errors import UsageError
from nbtracker.notebook import looking
from nbtracker.notebook.arguments import help_of, init_arguments
from nbtracker.notebook.cell_runs import CellRuns
from nbtracker.notebook.cells_meant import cells_meant
from nbtracker.notebook.forgetting import described, named
from nbtracker.notebook.meant import (
    numbers_meant,
    of_current_run,
    open_run,
    recorded_session,
    run_meant,
    store_meant,
)
from nbtracker.notebook.session import PATIENCE_S, Session, recorder
from nbtracker.notebook.tables import pairs, tell
from nbtracker.notebook.words import evaluated, value_of
from nbtracker.sdk.config_sources import config_values
from nbtracker.sdk.current import ACTIVE, current_config
from nbtracker.sdk.init import init
from nbtracker.sdk.replaying import replayed_run
from nbtracker.sdk.run import Run
from nbtracker.settings.notebook import in_notebook
from nbtracker.views.cell_names import CellsOfSessions
from nbtracker.views.cells.naming import CellNames
from nbtracker.views.run import read_run
from nbtracker.views.run_cells import sessions_of

Names = dict[str, Any]
Command = Callable[[Namespace, Names], Any]


class Commands:
    """One method for each subcommand: what was typed, and the names it may use.

    Args:
        cell_runs: Ends the runs of one cell.
    """

    def __init__(self, cell_runs: CellRuns) -> None:
        self._cell_runs = cell_runs
        # What executions have shown of others: what is forgotten must go there, too.
        self._told: dict[tuple[str, int], set[int]] = {}

    def named(self, subcommand: str) -> Command:
        """The method of a subcommand."""
        command: Command = getattr(self, subcommand)
        return command

    def init(self, said: Namespace, names: Names) -> Run:
        """Begin a run."""
        config = evaluated(said.values, names)
        if said.config is not None:
            config = config_values(str(said.config)).values | config
        arguments = init_arguments(said)
        # In a notebook these are the defaults; the cells of a terminal are executed again in one.
        if not in_notebook() or replayed_run() is not None:
            arguments.setdefault("reinit", "finish_previous")
            arguments.setdefault("allow_val_change", True)
        return init(config=config or None, **arguments)

    def run(self, said: Namespace, names: Names) -> None:
        """Begin a run that ends with its cell; one that is open goes on after it."""
        said.reinit = said.reinit or "create_new"
        run = self.init(said, names)
        ACTIVE.step_in(run)
        self._cell_runs.begin(run)

    def skip(self, _said: Namespace, _names: Names) -> None:
        """Say where it belongs: here, the cell has begun."""
        raise UsageError("%%tracker skip heads a cell: write it as the first line, with two signs")

    def finish(self, said: Namespace, names: Names) -> None:
        """End the run."""
        code = value_of(said.exit_code, names, "exit_code") if said.exit_code else 0
        if ACTIVE.current is None:  # no error: it would stop the cells that follow
            tell("no run is open")
        else:
            ACTIVE.current.finish(code or int(said.failed))

    def log(self, said: Namespace, names: Names) -> None:
        """Log a row."""
        run = open_run()
        if not said.values:
            raise UsageError("there is nothing to log; write %tracker log loss=loss acc=hits/n")
        step = None if said.step is None else value_of(said.step, names, "step")
        values = evaluated(said.values, names)
        if "step" in values and step is None:
            raise UsageError(
                f"the step is an option: --step {values['step']}; "
                "run.log({'step': ...}) logs a metric of that name"
            )
        run.log(values, step=step, commit=False if said.no_commit else None)

    def config(self, said: Namespace, names: Names) -> None:
        """Set config keys, or show them, or those that are named."""
        keys = [word for word in said.values if word in current_config()]
        if said.values and keys != said.values:
            values = evaluated(said.values, names)
            open_run().config.update(values)
            return
        run, session = ACTIVE.current, recorder()
        config = current_config().as_dict()
        if not config:
            tell("the config is empty; %tracker init lr=0.1 begins a run that has one")
            return
        cells = CellsOfSessions(lambda: [] if session is None else [session.view()])
        history = [] if run is None else run.config_history()
        shown = {key: value for key, value in config.items() if key in keys or not keys}
        tell(looking.config_text(shown, history, cells))

    def show(self, said: Namespace, _names: Names) -> None:
        """Show a run, or tell what it is where nothing but text is shown."""
        from nbtracker.screen.portrait import Subject
        from nbtracker.screen.showing import can_show, show

        folder = run_meant(said.run)
        with reading(folder):
            if can_show():
                show([Subject(folder)])
            else:
                tell(looking.run_text(read_run(folder)))

    def runs(self, said: Namespace, _names: Names) -> None:
        """List runs."""
        if said.limit < 0:
            raise UsageError(f"--limit {said.limit} makes no sense; give 0 for all runs, or more")
        tell(looking.runs_text(store_meant(), said.filter, said.limit))

    def cells(self, said: Namespace, _names: Names) -> None:
        """List executions."""
        made = cells_meant(said)
        if not made:
            tell("no cells are recorded of it; %load_ext nbtracker records them from then on")
        else:
            executions = [one.execution for one in made]
            self._note(one.number for one in executions)
            segments = [one.segment for one in made]
            tell(looking.cells_text(executions, of_current_run(), segments))

    def output(self, said: Namespace, _names: Names) -> None:
        """Show again what executions showed."""
        from nbtracker.notebook.shown_again import show_again

        if said.run is not None:
            found = sessions_of(read_run(run_meant(said.run)))
            if not found:
                raise UsageError(f"run {said.run} was not made in a notebook")
            show_again(found[-1], numbers_meant(said.number, found[-1].executions))
            return
        view = recorded_session().view()
        numbers = numbers_meant(said.number, view.executions)
        self._note(numbers)
        show_again(view, numbers)

    def compare(self, said: Namespace, _names: Names) -> Any:
        """Show runs over each other, and give in what they differ; only tell it in a terminal."""
        from nbtracker.notebook.comparing import compared, show_curves

        if len(said.runs) < 2:
            raise UsageError("name two runs or more, as %tracker runs lists them")
        folders = [run_meant(name) for name in said.runs]
        comparison = compared(folders)
        if not in_notebook():
            tell(repr(comparison))
            return None
        show_curves(folders)
        return comparison

    def auto(self, said: Namespace, _names: Names) -> None:
        """Switch runs of their own for cells on or off, or tell which it is."""
        session = recorded_session()
        if said.switch not in (None, "on", "off"):
            raise UsageError(f"auto is on or off, not {said.switch}")
        if said.switch is not None:
            session.auto = said.switch == "on"
        each = "each cell that logs without a run gets one of its own"
        tell(f"auto is on: {each}" if session.auto else "auto is off")

    def pause(self, _said: Namespace, _names: Names) -> None:
        """Keep nothing for now."""
        recorded_session().pause()
        tell("what cells say and show is not kept from the next one on; %tracker resume ends that")

    def resume(self, _said: Namespace, _names: Names) -> None:
        """Keep it again."""
        recorded_session().resume()
        tell("what cells say and show is kept again from the next one on")

    def forget(self, said: Namespace, _names: Names) -> None:
        """Delete what was kept of executions."""
        session = recorded_session()
        if not said.cells:
            raise UsageError("name executions, as %tracker cells numbers them: 3, 3-7 or a cell id")
        executions = session.view().executions
        asked = [number for word in said.cells for number in numbers_meant(word, executions)]
        session.hush()
        names, meant = CellNames(executions), session.meant_to_go(asked)
        for line in ("forgetting for good:", *(described(one, names) for one in meant)):
            tell(line)
        # First: what is said to be there still must not be what goes here.
        told = self._unsay(session, {one.number for one in meant})
        first, *others = session.forget_cells(asked).lines()
        tell(first)
        if told:
            listing = [one for one in executions if one.number in told]
            tell(f"and all that {named(names, listing)} showed of it")
        for line in others:
            tell(line)

    def _note(self, numbers: Iterable[int]) -> None:
        """Note that the execution which goes on shows something of others."""
        if (session := recorder()) is not None:
            self._told.setdefault((session.id, session.number), set()).update(numbers)

    def _unsay(self, session: Session, gone: set[int]) -> list[int]:
        """Delete what executions showed of others that are gone."""
        here = {at: shown for (name, at), shown in self._told.items() if name == session.id}
        quiet = {*gone, session.number}
        told = [at for at, shown in here.items() if shown & gone and at not in quiet]

        def delete() -> None:
            for number in told:
                session.outputs.store.forget(number)

        session.writer.hand_over(delete, patience_s=PATIENCE_S)
        return told

    def replay(self, said: Namespace, _names: Names) -> None:
        """Run the code of a run again."""
        from nbtracker.notebook.fresh_kernel import first_environment
        from nbtracker.notebook.replay import ReplayInterrupted, replay

        try:
            result = replay(
                run_meant(said.run),
                metric=None if said.slice is None else str(said.slice),
                timeout=said.timeout,
                tolerance=said.tolerance,
                is_trusted=said.yes,
                announce=tell,
                # What cells set there would be hidden state in the new kernel.
                environ=first_environment(),
            )
        except ReplayInterrupted as stopped:
            tell(str(stopped.result))
            raise KeyboardInterrupt from None
        tell(str(result))

    def status(self, _said: Namespace, _names: Names) -> None:
        """Tell what is recorded."""
        session, run = recorder(), ACTIVE.current
        if session is None:
            tell("cells are not recorded; %load_ext nbtracker records them")
        else:
            tell(pairs((name, value) for name, value in session.status().items()))
        tell("no run is open" if run is None else f"  run {run.path} ({run.name}), step {run.step}")

    def help(self, said: Namespace, _names: Names) -> None:
        """Tell how it is used."""
        tell(help_of(said.subcommand))
