"""The table of contents: every blueprint, every reaction, every outside adapter, in the order in which they count."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask
from flask_bootstrap import Bootstrap5

from loyalty.kernel import events
from loyalty.kernel.effects import Effect
from loyalty.web import api, guards, panels, sessions
from loyalty.web.requests import Loader

# Pages of staff and owners, by feature from the ground up.
PAGES: Sequence[Blueprint] = ()

# Operations of the API, in the order of the documentation.
OPERATIONS: Sequence[api.ApiBlueprint] = ()

# Who reacts to what, in the order in which they run: members first, then points, then tiers.
REACTIONS: Mapping[type, Sequence[Callable[..., list[Effect]]]] = {}

# Who adds parts to which page.
PANELS: Mapping[str, Sequence[panels.Provider]] = {}

# Who finds out who acts, by the start of the address.
ACTOR_LOADERS: Mapping[str, Loader] = {}

# Blueprints of libraries: their files and forms are open, or guarded by the library.
LIBRARY_BLUEPRINTS = frozenset({"bootstrap", "api-docs", "security"})


def init_app(app: Flask) -> None:
    """Put everything together."""
    app.session_interface = sessions.TableSessions()
    app.extensions["loyalty.actor_loaders"] = dict(ACTOR_LOADERS)
    Bootstrap5(app)
    events.wire(REACTIONS)
    panels.init_app(app, PANELS)
    guards.init_app(app, LIBRARY_BLUEPRINTS)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    documented: Any = api.init_app(app)
    for operations in OPERATIONS:
        documented.register_blueprint(operations)
