"""The table of routes as the server's application takes it, from the table of endpoints."""

import re
from collections.abc import Mapping

from nbtracker.extension.endpoints import ENDPOINTS, Endpoint, list_stores
from nbtracker.extension.handlers import Answer, Asked, Respond
from nbtracker.extension.stores import Stores

_PLACE = re.compile(r"\{(\w+)\}")


def routes(stores: Stores) -> dict[str, Mapping[str, Respond]]:
    """Give each address, as a pattern below `nbtracker/api/`, with who answers which method."""
    found: dict[str, dict[str, Respond]] = {"stores": {"GET": lambda _: dict(list_stores(stores))}}
    for endpoint in ENDPOINTS:
        pattern = _PLACE.sub(_place, endpoint.path)
        found.setdefault(pattern, {})[endpoint.method] = _responder(stores, endpoint)
    return dict(found)


def _responder(stores: Stores, endpoint: Endpoint) -> Respond:
    def respond(asked: Asked) -> Answer:
        source = stores.source(asked.path["store"])
        # What stands in the address counts, whatever the query says of the same name.
        return endpoint.act(source, {**asked.query, **asked.path}, asked.body)

    return respond


def _place(found: re.Match[str]) -> str:
    inside = ".+" if found[1] == "path" else "[^/]+"
    return f"(?P<{found[1]}>{inside})"
