"""`init`: begin a run, or go on with one."""

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbtracker._version import __version__
from nbtracker.ids import new_id, random_name
from nbtracker.journal.records import RunStarted
from nbtracker.sdk.config_sources import ConfigValues, gather_config
from nbtracker.sdk.current import ACTIVE
from nbtracker.sdk.guard import Guard, warn
from nbtracker.sdk.recorder import DiskRecorder, NoRecorder
from nbtracker.sdk.resume import choose_folder, remember
from nbtracker.sdk.run import Run
from nbtracker.settings import Settings, resolve
from nbtracker.settings.notebook import in_notebook
from nbtracker.store.layout import RunFolder, open_store
from nbtracker.store.locks import boot_id, host, process_started_at

# Arguments that are understood and cannot act yet, and what to say of each.
_NOT_YET = {
    "tensorboard": "reading TensorBoard's files comes with a later release",
    "sync_tensorboard": "reading TensorBoard's files comes with a later release",
    "monitor_gym": "recording videos of environments comes with a later release",
    "magic": "there is nothing it could do",
    "save_code": "saving code comes with a later release",
}


def init(
    job_type: str | None = None,
    dir: str | os.PathLike[str] | None = None,
    config: Any = None,
    project: str | None = None,
    entity: str | None = None,
    reinit: bool | str | None = None,
    tags: Any = None,
    group: str | None = None,
    name: str | None = None,
    notes: str | None = None,
    magic: Any = None,
    config_exclude_keys: Any = None,
    config_include_keys: Any = None,
    anonymous: str | None = None,
    mode: str | None = None,
    allow_val_change: bool | None = None,
    resume: bool | str | None = None,
    force: bool | None = None,
    tensorboard: bool | None = None,
    sync_tensorboard: bool | None = None,
    monitor_gym: bool | None = None,
    save_code: bool | None = None,
    id: str | None = None,
    settings: Settings | dict[str, Any] | None = None,
    **unknown: Any,
) -> Run:
    """Begin a run, and make it the current one.

    Args:
        job_type: The part the run plays in its group, such as "train" or "eval".
        dir: The folder of the store. Default: see `nbtracker.store.layout.open_store`.
        config: What goes into the run: a dict, a Namespace, absl flags, a dataclass, or the
            path of a YAML file.
        project: The project it belongs to. Default: "uncategorized".
        entity: Who owns it; free text.
        reinit: What to do when a run is open: "finish_previous" (the default in a notebook),
            "return_previous" (the default elsewhere), "create_new"; True and False stand for
            the first two.
        tags: Words to find it by.
        group: What other runs it belongs together with.
        name: The display name. Default: a readable random one.
        notes: Text about it, in markdown.
        magic: Accepted; has no effect.
        config_exclude_keys: Keep these keys out of the config.
        config_include_keys: Keep only these keys of `config`.
        anonymous: Accepted; there is no account.
        mode: "offline" (the default); "disabled": every call works, nothing is recorded;
            "online" and "shared" behave as "offline" until sync ships.
        allow_val_change: Whether config values may be changed. Default: in a notebook.
        resume: What to do when `id` exists: "allow" goes on with it or begins it; "must" goes
            on with it or raises; "never" raises; None begins anew, and moves the old run to
            the trash. "auto" or True goes on with the last run of this notebook or script
            here, if it did not finish.
        force: Accepted; there is no account.
        tensorboard: Older name of `sync_tensorboard`.
        sync_tensorboard: Comes with a later release.
        monitor_gym: Comes with a later release.
        save_code: Comes with a later release.
        id: The run's id: 1 to 128 letters, digits, `_ - . ~`. Default: a new random one.
        settings: Any of the above, and the rest of `nbtracker.Settings`.
        **unknown: Nothing; an argument that does not exist is refused by name.

    Raises:
        UsageError: An argument is wrong, or `resume` does not fit what exists.
        ConfigError: A config file is missing or malformed.
        JournalBusyError: Another process is writing the run.
        TypeError: There is no argument of that name.
    """
    arguments = {key: value for key, value in locals().items() if key in _ARGUMENTS}
    if unknown:
        raise _unknown_argument(next(iter(unknown)))
    resolved = resolve({k: v for k, v in arguments.items() if v is not None}, settings)
    ACTIVE.forget_forked()
    gathered = _gather(resolved, config)
    previous = ACTIVE.current
    how = _reinit(resolved)
    if previous is not None and how == "return_previous":
        warn(
            f"run {previous.id} is still open, so init() returned it and ignored its arguments. "
            'Finish it first, or call init(reinit="finish_previous").'
        )
        return previous
    if how == "finish_previous":
        for run in list(ACTIVE.runs):
            run.finish()
    _say_what_cannot_act(resolved)
    run = _open(resolved)
    try:
        view = run._recorder.view
        run.config.adopt(view.config, view.config_descriptions)
        if view.config:
            gathered = _gather(resolved, config, view.config)
        run.config.begin_with(gathered.values, gathered.descriptions)
    except BaseException:
        run.finish(1)
        raise
    ACTIVE.staged.clear()
    ACTIVE.add(run, as_current=how != "create_new" or previous is None)
    return run


def _gather(
    settings: Settings, config: Any, restored: Mapping[str, Any] | None = None
) -> ConfigValues:
    """Read the config from wherever it comes; what was restored wins over the defaults file."""
    return gather_config(
        config,
        staged={**(restored or {}), **ACTIVE.staged.as_dict()},
        include=settings.config_include_keys,
        exclude=settings.config_exclude_keys,
    )


def _open(settings: Settings) -> Run:
    """Make the run's folder and journal; fall back to recording nothing if that fails."""
    guard = Guard()
    settings = replace(settings, program=settings.program or _program())
    if settings.mode == "disabled":
        return _disabled(settings, guard)
    try:
        store = open_store(settings.dir)
        folder, resumed = choose_folder(store, settings)
        settings = replace(settings, id=folder.id)
        recorder = DiskRecorder(
            folder, guard, fsync_s=settings.fsync_s, heartbeat_s=settings.heartbeat_s
        )
    except OSError as error:
        warn(
            f"nothing can be recorded ({error}); training goes on without. "
            "Name a folder that can be written: init(dir=...) or $NBTRACKER_DIR."
        )
        return _disabled(settings, guard)
    view = recorder.view
    view.refresh()
    if resumed:
        settings = replace(
            settings,
            name=settings.name or view.name,
            notes=settings.notes or view.notes,
            tags=settings.tags or view.tags,
            group=settings.group or view.group,
            job_type=settings.job_type or view.job_type,
        )
    settings = replace(settings, name=settings.name or random_name())
    run = Run(settings, folder, recorder, guard=guard, resumed=resumed, on_end=ACTIVE.remove)
    with guard("record the start of the run"):
        recorder.append(_started(run))
        remember(store, run)
    return run


def _disabled(settings: Settings, guard: Guard) -> Run:
    folder = RunFolder(Path(os.devnull) / settings.project / (settings.id or new_id()))
    settings = replace(
        settings, mode="disabled", id=folder.id, name=settings.name or f"dummy-{folder.id}"
    )
    run = Run(settings, folder, NoRecorder(folder), guard=guard, on_end=ACTIVE.remove)
    run._recorder.append(_started(run))
    return run


def _started(run: Run) -> RunStarted:
    settings = run.settings
    shown = ("resume", "reinit", "allow_val_change", "save_code", "notebook_name")
    return RunStarted(
        at=time.time() if run.resumed else run.start_time,
        id=run.id,
        project=run.project,
        name=run.name,
        notes=settings.notes,
        tags=settings.tags,
        group=settings.group,
        job_type=settings.job_type,
        entity=settings.entity,
        mode=settings.mode,
        resumed=run.resumed,
        starting_step=run.starting_step,
        host=host(),
        boot_id=boot_id(),
        pid=os.getpid(),
        process_started_at=process_started_at(os.getpid()),
        python=sys.version.split()[0],
        version=__version__,
        program=settings.program,
        settings={key: getattr(settings, key) for key in shown},
    )


def _program() -> str | None:
    """The script that runs, or nothing where there is none, as in a notebook."""
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    return None if path is None or in_notebook() else str(Path(path).absolute())


def _reinit(settings: Settings) -> str:
    if settings.reinit != "default":
        return settings.reinit
    return "finish_previous" if in_notebook() else "return_previous"


def _say_what_cannot_act(settings: Settings) -> None:
    told = [f"{name}: {said}" for name, said in _NOT_YET.items() if getattr(settings, name)]
    if settings.mode in ("online", "shared"):
        told.append(f"mode={settings.mode!r}: nothing is sent yet; the run is recorded here")
    if told:
        warn("init() was given what cannot act yet. " + "; ".join(told))


def _unknown_argument(name: str) -> TypeError:
    import difflib

    close = difflib.get_close_matches(name, sorted(_ARGUMENTS | {"config", "settings"}), n=1)
    hint = f"did you mean {close[0]}?" if close else "see help(nbtracker.init)"
    return TypeError(f"init() has no argument {name!r}; {hint}")


_ARGUMENTS = frozenset(init.__annotations__) - {"config", "settings", "unknown", "return"}
