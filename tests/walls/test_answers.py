"""Every operation of the API answers as its document says, to whoever asks and whatever is sent.

schemathesis makes requests from the operations' own schemas, well formed and not. Where the address names something,
that is mostly a thing of the seeded world, and a body is mostly a good one with some of its fields changed: so that
requests get as far as the services. A short run sends a few of each; LOYALTY_HYPOTHESIS=long sends 2,000 for each
operation as the program that may do everything, and as many as the roles together, one part of the API after another,
so that what is found in one is told before the next begins.
"""

import os
from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from loyalty.staff.rules import ROLES
from tests.walls.conftest import PARAMETER
from tests.walls.row import OPEN
from tests.walls.table import TABLE

LONG = os.environ.get("LOYALTY_HYPOTHESIS") == "long"
EVERYTHING, EACH_ROLE, TURNED_AWAY = (2_000, 2_000 // len(ROLES), 20) if LONG else (4, 2, 1)
CHECKED = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
WHO = ["everything", *ROLES, "nobody"]
DONE = 400  # statuses below did what was asked


def part_of(label):
    """The part of the API that an operation belongs to: members, of GET /api/v1/members/{number}."""
    return label.split("/")[3].split(":")[0]


def named(key):
    """The key of the walls table as the document writes it: GET /api/v1/members/{number}."""
    method, path = key.split(" #")[0].split(" ")
    return " ".join((method, PARAMETER.sub(r"{\1}", path)))


ROWS = {named(key): row for key, row in TABLE.items() if "/api/" in key and " #" not in key}
WHOLE = "all of it"
PARTS = sorted({part_of(label) for label in ROWS}) if LONG else [WHOLE]


@pytest.fixture(scope="module")
def operations(world):
    """The operations of the document with how to make requests to them."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)
    return [(one.ok(), requests_to(one.ok(), world)) for one in schema.get_all_operations()]


def requests_to(operation, world):
    """Requests to one operation: as its schemas say or not quite, mostly about things that are there."""
    row = ROWS[operation.label]
    targets = world.world.things[row.of or "nothing"]
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @st.composite
    def request(draw):
        case = draw(cases)
        target = targets[draw(st.sampled_from(["own", "own", "foreign", "missing"]))] or targets["own"]
        if case.path_parameters and draw(st.integers(0, 3)):
            known = {name: str(target[name]) for name in case.path_parameters if name in target}
            case.path_parameters = {**case.path_parameters, **known}
        good = row.body(target)
        if isinstance(case.body, dict) and good and draw(st.integers(0, 3)):
            changed = draw(st.sets(st.sampled_from(sorted(case.body)), max_size=2)) if case.body else ()
            case.body = {**good, **{name: case.body[name] for name in changed}}
        return case

    return request()


def hurl(walls, operation, requests, asker, count):
    """Send requests; return the statuses of the answers, and what was wrong with them: errors of the server, other
    statuses and bodies than documented, doors open to who may not enter.
    """  # fmt: skip
    row, statuses, wrong = ROWS[operation.label], Counter(), []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        deadline=None,
        derandomize=not LONG,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=requests)
    def tried(case):
        case.headers = {**(case.headers or {}), **asker.headers()}
        answer = walls.send(asker, **case.as_transport_kwargs())
        statuses[answer.status_code] += 1
        if answer.status_code < DONE and row.needs != OPEN and not asker.may(row):
            wrong.append(f"{operation.label}: let in {asker.name}")
        case.validate_response(answer, checks=CHECKED)

    try:
        tried()
    except FailureGroup as failures:
        wrong += [f"{operation.label}: {failure}: {failure.message[:300]}" for failure in failures.exceptions]
    return statuses, wrong


@pytest.mark.timeout(14_400 if LONG else 600)
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("who", WHO)
def test_every_operation_answers_as_its_document_says(walls, operations, valkey, figure, monkeypatch, who, part):
    monkeypatch.setitem(walls.app.config, "PROPAGATE_EXCEPTIONS", False)  # an error is counted, and the rest still sent
    asker = asker_of(walls, who)
    asked = [(one, requests) for one, requests in operations if part in (WHOLE, part_of(one.label))]
    statuses, wrong = Counter(), []
    for operation, requests in asked:
        valkey.flushdb()  # so that no limit turns requests away before their view
        told, found = hurl(walls, operation, requests, asker, count_for(who, asker.may(ROWS[operation.label])))
        statuses += told
        wrong += found

    storm = f"schemathesis as {who}, {part}"
    figure(storm, f"operations, {statuses.total():,} requests", len(asked))
    figure(storm, "carried out", sum(statuses[status] for status in statuses if status < DONE))
    figure(storm, "errors of the server or against the schema", len(wrong), 0)
    assert wrong == []


def asker_of(walls, who):
    """The program that sends the requests."""
    if who in ROLES:
        return walls.program_of(who)
    return next(one for one in walls.askers if one.name == {"everything": "program of all stores"}.get(who, who))


def count_for(who, may):
    """How many requests to an operation."""
    if not may:
        return TURNED_AWAY
    return EVERYTHING if who == "everything" else EACH_ROLE


def test_every_operation_of_the_document_has_its_row(operations):
    assert {operation.label for operation, _ in operations} <= set(ROWS)
    assert len(operations) > 90


def test_a_failing_answer_is_found(walls, operations, monkeypatch):
    """The negative control: an error of the server, and a body that is not as documented."""
    asker = asker_of(walls, "everything")
    listing = next(one for one in operations if one[0].label == "GET /api/v1/stores")
    monkeypatch.setattr("loyalty.staff.queries.stores", None)
    monkeypatch.setitem(walls.app.config, "PROPAGATE_EXCEPTIONS", False)

    assert "Server error" in hurl(walls, *listing, asker, 2)[1][0]
