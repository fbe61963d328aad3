"""What features tell those below them: kinds of rules, of requests and of tasks, and the parts of personal data."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from loyalty import personal_data
from loyalty.appointments import rules as appointments_rules
from loyalty.approvals.rules import ApprovalKind, register
from loyalty.customers.rules import register_numbers, register_parts
from loyalty.earning import rules as earning_rules
from loyalty.earning.rules.form import EARNING_FORM
from loyalty.membership import rules as membership_rules
from loyalty.membership.rules.form import MEMBERSHIP_FORM
from loyalty.membership.service import ADJUSTMENTS, LEVELS
from loyalty.messaging import rules as messaging_rules
from loyalty.messaging.rules.form import GATE_FORM
from loyalty.owners import rules as owners_rules
from loyalty.points import rules as points_rules
from loyalty.points.rules.forms import EXPIRY_FORM, REDEMPTION_FORM, REFUNDS_FORM
from loyalty.programme import queries as programme_queries
from loyalty.programme.facts_reviewing import RULE_TABLES
from loyalty.programme.reviewing import VERSIONS
from loyalty.programme.rules import register_check, register_kind
from loyalty.programme.rules.forms import PolicyForm, Sample, register_form, register_offer, register_sampler
from loyalty.tasks.rules import BY_HAND, MISSED, REPLY, TaskKind
from loyalty.tasks.rules import register as register_task
from loyalty.tiers import rules as tiers_rules
from loyalty.tiers.queries.offered import offered_levels
from loyalty.tiers.rules.form import TIERS_FORM
from loyalty.visits import queries as visits_queries
from loyalty.visits import rules as visits_rules
from loyalty.visits.rules import FOLLOW_UP_FORM

# Who reads the body of which kind of rule version: kind -> parser(body), Malformed with the paths of what is wrong.
KINDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "expiry": points_rules.parse_expiry,
    "refunds": points_rules.parse_refunds,
    "redemption": points_rules.parse_redemption,
    "earning": earning_rules.parse_earning,
    "tiers": tiers_rules.parse_scheme,
    "membership": membership_rules.parse_policy,
    "gate": messaging_rules.parse_gate,
    "follow-up": visits_rules.parse_template,
}

# Who looks, whenever rules are written or put in force, whether what they name is there.
CHECKS: Mapping[str, Callable[[Any], None]] = {"follow-up": visits_queries.check_texts}

# The forms in which people write them: kind -> form; and what fields of forms offer by name: source -> offer(now).
FORMS: Mapping[str, PolicyForm] = {
    "expiry": EXPIRY_FORM,
    "refunds": REFUNDS_FORM,
    "redemption": REDEMPTION_FORM,
    "earning": EARNING_FORM,
    "tiers": TIERS_FORM,
    "membership": MEMBERSHIP_FORM,
    "gate": GATE_FORM,
    "follow-up": FOLLOW_UP_FORM,
}
OFFERS: Mapping[str, Callable[[datetime], Mapping[str, Any]]] = {
    "stores": programme_queries.offered_stores,
    "levels": offered_levels,
    visits_rules.TEMPLATES: visits_queries.offered_texts,
}

# What they would give for an example, beside them on their pages: kind -> sampler(rules, day).
SAMPLES: Mapping[str, Callable[[Any, date], Sample]] = {"follow-up": visits_queries.sample_of}

# What a second person decides, whoever owns it: all of it in the one list of approvals.
APPROVALS: Sequence[ApprovalKind] = (ADJUSTMENTS, LEVELS, VERSIONS, RULE_TABLES)

# What people do for customers, whoever needs it: all of it in the one queue of tasks.
TASKS: Sequence[TaskKind] = (BY_HAND, MISSED, REPLY, *visits_rules.KINDS)

# What features send by themselves: template -> which values there are for its texts, and which they must have.
SENDERS: Mapping[str, messaging_rules.Sender] = {
    owners_rules.CODE_TEXT: messaging_rules.Sender(owners_rules.CODE_KNOWS, owners_rules.CODE_NEEDS),
    appointments_rules.REMINDER: messaging_rules.Sender(appointments_rules.REMINDER_KNOWS),
    membership_rules.LAPSE_TEXT: messaging_rules.Sender(membership_rules.LAPSE_KNOWS),
    membership_rules.RISE_TEXT: messaging_rules.Sender(membership_rules.RISE_KNOWS),
}


def register_all() -> None:
    """Let the features below know what those above bring."""
    for approved in APPROVALS:
        register(approved)
    for task in TASKS:
        register_task(task)
    messaging_rules.register_senders(SENDERS)
    register_parts(personal_data.PARTS)
    register_numbers([membership_rules.id_of_number])
    for kind, parser in KINDS.items():
        register_kind(kind, parser)
    for kind, check in CHECKS.items():
        register_check(kind, check)
    for kind, form in FORMS.items():
        register_form(kind, form)
    for kind, sampler in SAMPLES.items():
        register_sampler(kind, sampler)
    for source, offer in OFFERS.items():
        register_offer(source, offer)
