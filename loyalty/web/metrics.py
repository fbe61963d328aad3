"""`/metrics` for Prometheus: requests of all web processes of this host, and how long due work waits.

Whoever measures shows the token of LOYALTY_METRICS_TOKEN; without that setting the address is not there. Nothing in it
names a person: labels are endpoints, methods and states. Counters of several processes meet in the folder that
PROMETHEUS_MULTIPROC_DIR names, which `loyalty web` makes for its own time.
"""

import hmac
import os
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter

from flask import Blueprint, Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from loyalty.kernel.errors import NotFound
from loyalty.kernel.measures import Measure
from loyalty.kernel.settings import Settings
from loyalty.web.guards import open_to_all

Asked = Callable[[], Iterable[Measure]]

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 1, 2.5, 5, 10)

OWN = CollectorRegistry()
REQUESTS = Counter("loyalty_requests_total", "Requests answered.", ("endpoint", "method", "status"), registry=OWN)
DURATION = Histogram("loyalty_request_seconds", "Time to an answer.", ("endpoint",), buckets=SECONDS, registry=OWN)

pages = Blueprint("metrics", __name__)


class Waiting(Collector):
    """The figures that features know, asked at each visit."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._asked = asked

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Give one family for each name, with a sample for each set of labels."""
        families: dict[str, GaugeMetricFamily] = {}
        for ask in self._asked:
            for measure in ask():
                family = families.get(measure.name)
                if family is None:
                    labels = list(measure.labels)
                    family = families[measure.name] = GaugeMetricFamily(measure.name, measure.meaning, labels=labels)
                family.add_metric(list(measure.labels.values()), measure.value)
        return families.values()


@pages.get("/metrics")
@open_to_all
def metrics() -> ResponseReturnValue:
    """Answer all figures as text; 404 without the token, as if nothing were here."""
    settings: Settings = current_app.extensions["loyalty.settings"]
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.metrics_token or not hmac.compare_digest(shown.encode(), settings.metrics_token.encode()):
        raise NotFound
    told = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(told)  # type: ignore[no-untyped-call]
        counted = generate_latest(told)
    else:
        counted = generate_latest(OWN)
    waiting = CollectorRegistry()
    waiting.register(Waiting(current_app.extensions["loyalty.measures"]))
    return Response(counted + generate_latest(waiting), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask, asked: Sequence[Asked]) -> None:
    """Count every request; `asked` are the functions whose figures are told beside the counters."""
    app.extensions["loyalty.measures"] = asked
    app.before_request(_begin)
    app.after_request(_count)


def _begin() -> None:
    g.began = perf_counter()


def _count(response: Response) -> Response:
    # An address that is not served has no endpoint, and must not make a label of each guess.
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, request.method, response.status_code).inc()
    if "began" in g:  # a request that was refused before its view, or whose session could not be read, has none
        DURATION.labels(endpoint).observe(perf_counter() - g.began)
    return response
