"""Two stores, people of each, and a kind of requests to try the list on."""

from dataclasses import dataclass, field, replace

import pytest

from loyalty.approvals.rules import ApprovalKind, Asked, Figure, Named, Preview, kinds, register
from loyalty.approvals.service import ask
from loyalty.kernel.actor import SYSTEM, Actor
from loyalty.kernel.effects import Effect
from loyalty.kernel.errors import Refused
from loyalty.staff.service import create_account, create_store


class Broken(Refused):
    """A trial that cannot be carried out."""

    code = "trial.broken"
    sentence = "Nothing was found here."


@dataclass
class Trial:
    """What the trial kind was asked to do; `level` is the figure that a yes doubles."""

    level: int = 5
    broken: bool = False
    done: list[int] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)

    def preview(self, _request, _now):
        if self.broken:
            raise Broken
        told = Effect("trial.doubled", "{points} points are added by hand.", {"points": self.level})
        return Preview((told,), (Figure("Usable points", self.level, 2 * self.level),))

    def carry_out(self, request, *, now, **_by):
        effects = self.preview(request, now).effects
        self.done.append(request.id)
        return list(effects)

    def drop(self, request, **_how):
        self.dropped.append(request.id)

    @staticmethod
    def named(requests):
        return {
            one.id: Named("{name}, member {number}", {"name": f"T{one.subject_id}", "number": 7}) for one in requests
        }


@pytest.fixture
def trial(app, monkeypatch):
    """The kind "trial", beside those of the features."""
    known = dict(kinds())
    made = Trial()
    register(
        ApprovalKind(
            "Points adjustment above the limit",
            code="trial",
            permission="points.adjust",
            subject_kind="member",
            named=made.named,
            preview=made.preview,
            carry_out=made.carry_out,
            drop=made.drop,
        )
    )
    yield made
    kinds().clear()
    kinds().update(known)


@pytest.fixture
def store(db_session, clock):
    return create_store(code="CD01", name="城东店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def far_store(db_session, clock):
    return create_store(code="CX01", name="城西店", zone="Asia/Shanghai", currency="CNY", now=clock.now, by=SYSTEM)


@pytest.fixture
def person(db_session, clock, store):
    """Return a function that opens an account and gives its actor, a manager of the first store unless told."""

    def make(
        username, *, stores=None, permissions=("approvals.read", "approvals.decide", "points.adjust", "exports.run")
    ):
        made = create_account(
            username=username, name=username.title(), password="correct horse staple", now=clock.now, by=SYSTEM
        )
        where = frozenset({store}) if stores is None else stores
        return Actor(kind="staff", id=made, name=username.title(), grants=dict.fromkeys(permissions, where))

    return make


@pytest.fixture
def asker(person):
    return person("asker")


@pytest.fixture
def decider(person):
    return person("decider")


@pytest.fixture
def make_request(trial, store, asker, clock):
    """Return a function that asks for a trial about a subject."""

    def make(subject=1, *, by=None, at=store, **more):
        asked = Asked("trial", subject, at, body={"reason": "补登记"} | more)
        return ask(asked, now=clock.now, by=by or asker)

    return make


def scope_of(actor):
    return actor.scope("approvals.read")


def token_of(actor, client_id):
    """Return the program that `actor` answers for."""
    return replace(actor, kind="client", id=client_id, name="core")
