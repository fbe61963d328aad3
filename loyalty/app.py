"""The application: settings, database, web, and everything that wiring.py lists."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from flask import Flask
from flask_migrate import Migrate
from sqlalchemy.pool import QueuePool
from werkzeug.middleware.proxy_fix import ProxyFix

from loyalty import wiring
from loyalty.kernel import logs
from loyalty.kernel.boot import refuse_superuser
from loyalty.kernel.clock import utc_now
from loyalty.kernel.crypto import KeyRing
from loyalty.kernel.db import db
from loyalty.kernel.settings import Settings
from loyalty.web.templating import PageEnvironment

# A line over the network whose other end has vanished is given up after half a minute; sockets of files ignore it.
LINE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}


class Synchronous(Flask):
    """Flask for views and hooks none of which is `async`: it need not look at each of twenty in each request."""

    jinja_environment = PageEnvironment

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


def create_app(config: Mapping[str, Any] | None = None, clock: Callable[[], datetime] = utc_now) -> Flask:
    """Return the application for the settings of the environment; `config` overrides them by their Flask names.

    `clock` is what `request_now` reads; tests move it.
    """
    logs.configure()
    settings = Settings.from_environ({**os.environ, **_environ_of(config or {})})
    app = Synchronous(__name__, static_folder=None)
    app.config.update(_flask_config(settings))
    app.config.update({name: value for name, value in (config or {}).items() if not name.startswith("LOYALTY_")})
    app.extensions["loyalty.settings"] = settings
    app.extensions["loyalty.clock"] = clock
    app.extensions["loyalty.keys"] = KeyRing.parse(
        settings.field_keys, settings.index_key or settings.secret_key, settings.index_key_other
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        # Flask documents this very assignment as the way to wrap an application.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    app.teardown_appcontext(_end_reading)  # registered after the database's own, so that it runs before it
    Migrate(app, db, directory="migrations")
    wiring.init_app(app)
    if settings.production:
        with app.app_context():
            refuse_superuser(db.engine)
            db.engine.dispose()  # whoever forks later takes no connection over
    return app


def _end_reading(error: BaseException | None) -> None:
    """End what only read with COMMIT instead of ROLLBACK, at which psycopg forgets all prepared statements.

    Everything that writes has been committed or rolled back by its `transaction()` before.
    """
    if error is None and db.session.registry.has():
        session = db.session()
        if session.in_transaction() and session.is_active and not (session.new or session.dirty or session.deleted):
            session.commit()


def _environ_of(config: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in config.items() if name.startswith("LOYALTY_")}


def _flask_config(settings: Settings) -> dict[str, Any]:
    options = f"-c statement_timeout={settings.statement_timeout_ms} -c lock_timeout={settings.lock_timeout_ms}"
    options += f" -c idle_in_transaction_session_timeout={settings.statement_timeout_ms * 2} -c timezone=UTC -c jit=off"
    connect: dict[str, Any] = {"options": options, "connect_timeout": 5, **LINE}
    if not settings.prepared_statements:
        connect["prepare_threshold"] = None
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url or "postgresql+psycopg://",
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "poolclass": QueuePool,
            "pool_size": settings.pool_size,
            "max_overflow": settings.pool_size,
            "pool_timeout": 5,
            "pool_pre_ping": False,
            "json_deserializer": orjson.loads,  # the library's own takes three times as long
            "hide_parameters": True,  # errors of statements are logged, and must not tell what people are called
            "connect_args": connect,
        },
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "MAX_CONTENT_LENGTH": settings.upload_limit_bytes,
        "JSON_SORT_KEYS": False,
    }
