"""A run as a widget: what VS Code, Colab, marimo and remote kernels show, and users put together.

What the browser draws with is in `static/widget.js`. It is sent when a browser asks for it, and
not as the widget's state: states are saved with the notebook, once for each widget.

Messages, each with an `id` that its answer repeats:

    {id, what: "detail" | "cells", args: {}}   -> {id, body}          as the server says it
    {id, what: "series", args: {metrics, ...}} -> {id, body: null}, and the series as a buffer
    {id, what: "code", args: {}}               -> {id, code: true}, and the script as a buffer
    anything else                              -> {id, error}
    unasked, at most 10 times a second         -> {changed: true}

A kernel that executes a cell takes no messages. What was asked before, and what will be asked of
new metrics, is then answered ahead, at most twice a second:

    {changed: true, ahead: [{what, args, body}, ...]}, and one buffer for each series, in order
"""

import time
from importlib import resources
from typing import Any

import traitlets
from anywidget import AnyWidget

from nbtracker.errors import MissingExtraError
from nbtracker.screen import answers, pulse
from nbtracker.screen.bundle import bundle_of
from nbtracker.screen.portrait import Subject
from nbtracker.screen.questions import Questions

# Asks for the script that draws, and runs that; a kernel that is busy sends it unasked.
LOADER = """
const ask = model => new Promise(done => {
  const take = (said, buffers) => {
    if (said && said.code === true) { model.off("msg:custom", take); done(buffers[0]); }
  };
  model.on("msg:custom", take);
  model.send({ id: "code", what: "code", args: {} });
});
const load = async model => {
  const script = new Blob([await ask(model)], { type: "text/javascript" });
  const url = URL.createObjectURL(script);
  try {
    const { default: made } = await import(url);
    return typeof made === "function" ? await made() : made;
  } finally { URL.revokeObjectURL(url); }
};
export default () => {
  let drawing;
  const begin = model => drawing ??= load(model);
  return { initialize({ model }) { begin(model).catch(() => {}); }, async render(context) {
    begin(context.model);
    context.el.textContent = "nbtracker: waiting for the kernel";
    const { initialize, render } = await drawing;
    context.el.textContent = "";
    await initialize?.(context);
    return render(context);
  } };
};
"""
_EMPTY: tuple[Any, ...] = (None, (), [], "")


class RunWidget(AnyWidget):
    """A live view of one run.

    Args:
        subject: The run.
        height: Units: pixels.
        title: What stands above. Default: the run's name.
    """

    _esm = LOADER
    run = traitlets.Unicode().tag(sync=True)
    store = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)

    def __init__(self, subject: Subject, height: int, title: str | None = None) -> None:
        portrait = subject.portrait()
        self.subject = subject
        self.heard_at: float | None = None
        # Looked at by another thread, in which nothing else is.
        self._ahead = Subject(subject.folder)
        self._questions = Questions()
        super().__init__(run=portrait.run, store=portrait.store, height=height, title=title or "")
        self.on_msg(self._take)
        pulse.follow(self)

    @property
    def is_closed(self) -> bool:
        """Whether no browser can be reached any more."""
        return self.comm is None

    def tell_changed(self) -> None:
        """Say that there is something new; from any thread."""
        if self.comm is not None:
            self.send({"changed": True})

    def send_code(self, id_: str = "code") -> None:
        """Send the script that draws."""
        if self.comm is not None:
            self.send({"id": id_, "code": True}, [script()])

    def answer_ahead(self, *, whole: bool) -> None:
        """Send what was asked for before as it is now; from the thread that looks for changes.

        Args:
            whole: Also what the run is, and not its series alone.
        """
        told: list[dict[str, Any]] = []
        buffers: list[bytes] = []
        self._ahead.refresh()
        for what, args in self._questions.again(self._ahead.view):
            if what != "series" and not whole:
                continue
            answer = answers.answered(self._ahead, what, args)
            if "error" not in answer.said:
                told.append({"what": what, "args": args, **answer.said})
                buffers += answer.buffers
        if self.comm is not None:
            self.send({"changed": True, "ahead": told}, buffers)

    def view(self) -> dict[str, Any]:
        """What a notebook needs to show it."""
        return {"version_major": 2, "version_minor": 0, "model_id": self.model_id}

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """Give the state, as ipywidgets asks for it; what is empty is not saved."""
        state = super().get_state(key, drop_defaults)
        if key is not None:
            return state
        return {name: value for name, value in state.items() if value not in _EMPTY}

    def _repr_mimebundle_(self, **_: Any) -> Any:
        # Of some versions, and for Colab, metadata come with it.
        bundle: Any = super()._repr_mimebundle_()
        shown = bundle[0] if isinstance(bundle, tuple) else bundle
        at_rest = bundle_of([self.subject.portrait()])
        for mime in ("text/plain", "image/svg+xml"):
            if mime in at_rest:
                shown[mime] = at_rest[mime]
        return bundle

    def _take(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Answer a message; whatever it says, it is a request and no more than that."""
        self.heard_at = time.monotonic()
        id_ = answers.id_of(content)
        if id_ is None:
            return
        if content.get("what") == "code":
            self.send_code(id_)
            return
        what, args = content.get("what"), content.get("args")
        answer = answers.answered(self.subject, what, args)
        if "error" not in answer.said:
            self._questions.note(what, args or {})
        self.send({"id": id_, **answer.said}, answer.buffers)


def script() -> bytes:
    """The script that draws in the browser.

    Raises:
        MissingExtraError: It was not built.
    """
    file = resources.files("nbtracker.screen") / "static" / "widget.js"
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise MissingExtraError(
            "this installation lacks the widget's part for the browser, "
            "nbtracker/screen/static/widget.js: install a wheel of nbtracker, or build it "
            "in a checkout with `npm ci && npm run build` in labextension/"
        ) from error
