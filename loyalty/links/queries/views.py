"""What is told of links."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from loyalty.links.rules import Plan
from loyalty.links.rules.states import LinkState, state_of


@dataclass(frozen=True, slots=True)
class PullView:
    """How far a pull is; `problem` has sentence and numbers, `progress` what the present reading came to so far."""

    url_shown: str
    plan: Plan
    due_at: datetime | None
    lease_until: datetime | None
    reading: bool
    watermark: str | None
    seen_at: datetime | None
    compared_at: datetime | None
    failures: int
    unreachable_since: datetime | None
    problem: Mapping[str, Any] | None
    missing: int
    progress: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link; `stores` None means all, `pull` None that it receives events."""

    id: int
    code: str
    name: str
    kind: str
    source: str
    stores: frozenset[int] | None
    paused: bool
    created_at: datetime
    created_by: str
    pull: PullView | None = None

    @property
    def state(self) -> LinkState:
        """Return how it fares, in one word."""
        pull = self.pull
        return state_of(
            paused=self.paused,
            mapped=pull is None or pull.plan.mapping is not None,
            problem=pull is not None and pull.problem is not None,
            unreachable=pull is not None and pull.unreachable_since is not None,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What a link came to of late: `counts` by state of the last 7 days, and what waits for somebody.

    `seen_at` is when it was last heard of (None: never); `waiting` events are kept and not worked on yet.
    """

    seen_at: datetime | None
    counts: Mapping[str, int]
    rejects: int
    waiting: int


@dataclass(frozen=True, slots=True)
class RejectView:
    """A thing that was not taken: why (field, value, sentence, numbers of each flaw), and as it stood."""

    id: UUID
    kind: str
    key: str
    tries: int
    first_at: datetime
    last_at: datetime
    flaws: tuple[Mapping[str, Any], ...]
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SecretView:
    """A secret in force, without itself."""

    created_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passage:
    """One event or reading, as the page lists the latest: when, under which name, and what came of it."""

    at: datetime
    name: str
    state: str
    counts: Mapping[str, int]
    problem: Mapping[str, Any] | None = None
