"""The Jupyter server extension: begins with the server, and leaves nothing behind."""

import atexit
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp

from nbtracker.extension.events import EventsHandler
from nbtracker.extension.handlers import AnswerHandler, MissingHandler
from nbtracker.extension.presence import announce, withdraw
from nbtracker.extension.routes import routes
from nbtracker.extension.services import Services
from nbtracker.extension.stores import Stores


class NbTracker(ExtensionApp):
    """Serves runs to the front ends of a Jupyter server."""

    name = "nbtracker"
    load_other_extensions = True
    services: Services | None = None
    presence: Path | None = None

    def initialize_handlers(self) -> None:
        """Add our routes to the server's."""
        stores = Stores(_root_of(self.serverapp))
        self.services = Services(stores)
        shared = {"services": self.services}
        self.handlers.extend(
            (f"nbtracker/api/{pattern}", AnswerHandler, {**shared, "methods": methods})
            for pattern, methods in routes(stores).items()
        )
        self.handlers.append(("nbtracker/events", EventsHandler, shared))
        self.handlers.append(("nbtracker(?:/.*)?", MissingHandler, {**shared, "methods": {}}))
        try:
            self.presence = announce()
            # The server may end before it has begun, such as where its port is taken.
            atexit.register(withdraw, self.presence)
        except OSError as error:
            self.log.warning("nbtracker: kernels send widgets instead of live charts: %s", error)

    async def stop_extension(self) -> None:
        """Remove what says that we are here, and let the clients go."""
        if self.presence is not None:
            withdraw(self.presence)
            atexit.unregister(withdraw)
        if self.services is not None:
            self.services.close()


def _root_of(server: Any) -> Path:
    """Where the store is looked for: the folder that the server shows."""
    return Path(server.root_dir)
