"""The types of what is said over the websocket; `nbtracker.wire.schema` has those of answers."""

from typing import Literal, TypeAlias, TypedDict


class WatchMessage(TypedDict):
    """Said by a front end over the websocket: tell me of this store.

    Of these runs, as `project/id`, it is told as soon as their journals grow; of the others when
    the index sees it. A later message for the same store takes the place of the one before.
    """

    type: Literal["watch"]
    store: str
    runs: list[str]


class UnwatchMessage(TypedDict):
    """Said by a front end over the websocket: tell me nothing more of this store.

    By the name it was watched under. It is not answered.
    """

    type: Literal["unwatch"]
    store: str


class ChangedMessage(TypedDict):
    """Said by the server: these runs, as `project/id`, changed or went.

    Where neither names one, it is not known which: `revision` says whether any did.
    """

    type: Literal["changed"]
    store: str
    revision: int
    runs: list[str]
    gone: list[str]


class ErrorMessage(TypedDict):
    """Said by the server: what was said to it cannot be done."""

    type: Literal["error"]
    message: str


class PingMessage(TypedDict):
    """Said by the server when it has nothing else to say; may be said to it, for no answer."""

    type: Literal["ping"]


ServerMessage: TypeAlias = ChangedMessage | ErrorMessage | PingMessage
"""What the server says over the websocket."""

FrontEndMessage: TypeAlias = WatchMessage | UnwatchMessage | PingMessage
"""What a front end says over the websocket."""
