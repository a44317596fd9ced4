"""`%tracker` and `%%tracker`: in a shell, and out of it again."""

import re
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError as ShellError
from IPython.core.magic import (
    Magics,
    line_cell_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)

from nbtracker.errors import Error, attempt, warn
from nbtracker.notebook import arguments
from nbtracker.notebook.cell_runs import CellRuns, transformed
from nbtracker.notebook.commands import Commands
from nbtracker.notebook.completion import KEYS, complete, matcher_of
from nbtracker.notebook.words import names_for, words_of

NAME = "tracker"
_CELL_SUBCOMMANDS = ("run", "skip")
# The shell's attribute that says which import of nbtracker it has the magics of.
_MARK = "_nbtracker_registration"
_NOTHING = object()
# The numbers of cells, `#12`, begin as comments do.
_NAMES_CELLS = re.compile(r"\s*(?:output|forget)\s")
_NUMBER = re.compile(r"\s(#\d+(?:-#?\d+)?)(?=\s|$)")


def _with_help(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let `%tracker?` show the help."""
    function.__doc__ = arguments.help_of()
    return function


@magics_class
class TrackerMagics(Magics):
    """The magic itself: takes a line apart, and says on one line what is wrong with it."""

    def __init__(self, shell: Any, cell_runs: CellRuns) -> None:
        constructor: Any = super().__init__
        constructor(shell=shell)
        self._shell = shell
        self._commands = Commands(cell_runs)

    # `{` and `$` are Python's here: a dict among the values stays what it is.
    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    @_with_help
    def tracker(
        self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None
    ) -> Any:
        """Do what a line says."""
        try:
            if cell is not None:
                return self._run_headed(line, cell)
            return self._do(line, local_ns)
        except (Error, OSError) as error:
            raise ShellError(" ".join(str(error).split("\n"))) from error

    def _do(self, line: str, local_ns: dict[str, Any] | None) -> Any:
        words = words_of(_NUMBER.sub(r" '\1'", line) if _NAMES_CELLS.match(line) else line)
        subcommand = arguments.known(words[0]) if words else "help"
        names = names_for(self._shell.user_ns, local_ns)
        said = arguments.parsed(subcommand, words[1:], lambda text: self._expanded(text, names))
        return self._commands.named(subcommand)(said, names)

    def _expanded(self, text: str, names: dict[str, Any]) -> str:
        """Put values for `{name}` and `$name`."""
        from IPython.utils.text import DollarFormatter

        if not {"{", "$"} & set(text):
            return text
        # As everywhere in IPython, what has no value stays as it is.
        return attempt(lambda: str(DollarFormatter().vformat(text, (), names)), lambda: text)

    def _run_headed(self, line: str, cell: str) -> None:
        """Run a cell that came here by itself: one that is typed is a statement by now."""
        words = words_of(line)
        if not words or words[0] not in _CELL_SUBCOMMANDS:
            named = words[0] if words else ""
            if named in arguments.SUBCOMMANDS:
                raise ShellError(f"%%tracker has no {named}; write it on a line: %tracker {named}")
            arguments.known(named, _CELL_SUBCOMMANDS)
        result = self._shell.run_cell(f"%%{NAME} {line}\n{cell}")
        result.raise_error()


class Registration:
    """What was put into a shell, and was there before. The shell itself holds it.

    Args:
        shell: IPython's.

    Attributes:
        took_over: Whether another import of nbtracker recorded the shell's cells until now.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.cell_runs = CellRuns()
        # Takes all of this import out of the shell, and says whether cells were recorded.
        self.leave: Callable[[], bool] = self._leave
        self.took_over = False
        self._manager = shell.magics_manager
        self._magics = TrackerMagics(shell, self.cell_runs)
        self._before: list[tuple[dict[str, Any], str, Any]] = []
        self._matcher = matcher_of(shell)

    @property
    def is_registered(self) -> bool:
        """Whether it is in the shell."""
        return bool(self._before)

    def register(self) -> None:
        """Put it in."""
        self._take_over()
        vars(self.shell)[_MARK] = self
        tables = [self._manager.magics["line"], self._manager.magics["cell"]]
        places = [(table, NAME) for table in tables]
        places.append((self._manager.registry, TrackerMagics.__name__))
        self._before = [(table, name, table.get(name, _NOTHING)) for table, name in places]
        self.shell.register_magics(self._magics)
        self.shell.input_transformers_cleanup.append(transformed)
        for event in ("pre_run_cell", "post_run_cell"):
            self.shell.events.register(event, getattr(self.cell_runs, event))
        if self._matcher is not None:
            self.shell.Completer.custom_matchers.append(self._matcher)
        else:
            for key in KEYS:
                self.shell.set_hook("complete_command", complete, str_key=key)

    def listen_last(self) -> None:
        """End the runs of a cell when all others have heard that it has ended."""
        listener = self.cell_runs.post_run_cell
        self.shell.events.unregister("post_run_cell", listener)
        self.shell.events.register("post_run_cell", listener)

    def _leave(self) -> bool:
        self.unregister()
        return False

    def _take_over(self) -> None:
        """Have another import of nbtracker, whose modules are gone, leave the shell."""
        other = vars(self.shell).get(_MARK)
        if other is None:
            return
        self.took_over = attempt(lambda: bool(other.leave()), lambda: False)
        warn(
            "nbtracker was imported again in this shell, and the new import takes it over: runs "
            "that the old one began go on, but cells are no longer recorded for them"
        )

    def unregister(self) -> None:
        """Take it out; what was there before is there again. A second call does nothing."""
        for table, name, before in self._before:
            if before is _NOTHING:
                table.pop(name, None)
            else:
                table[name] = before
        transformers = self.shell.input_transformers_cleanup
        if self._before and transformed in transformers:
            transformers.remove(transformed)
        self._before = []
        if vars(self.shell).get(_MARK) is self:
            del vars(self.shell)[_MARK]
        for event in ("pre_run_cell", "post_run_cell"):
            listener = getattr(self.cell_runs, event)
            if listener in self.shell.events.callbacks[event]:
                self.shell.events.unregister(event, listener)
        self._remove_completers()

    def _remove_completers(self) -> None:
        if self._matcher is not None:
            matchers = self.shell.Completer.custom_matchers
            matchers[:] = [one for one in matchers if one is not self._matcher]
            return
        dispatcher = self.shell.strdispatchers.get("complete_command")
        for key in KEYS if dispatcher is not None else ():
            chain = dispatcher.strs.get(key)
            if chain is None:
                continue
            chain.chain[:] = [
                one for one in chain.chain if getattr(one[1], "__func__", None) is not complete
            ]
            if not chain.chain:
                del dispatcher.strs[key]


def register(shell: Any) -> Registration:
    """Put `%tracker` into a shell, once; its `unregister` takes everything back."""
    there = registration_of(shell)
    if there is None:
        there = Registration(shell)
        there.register()
    return there


def registration_of(shell: Any) -> Registration | None:
    """What this import of nbtracker has put into a shell; None if it has not."""
    there = vars(shell).get(_MARK)
    return there if isinstance(there, Registration) else None
