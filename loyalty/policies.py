"""The kinds of rule versions that people write: who reads them, their forms, and what fields of forms offer."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from loyalty.earning import rules as earning_rules
from loyalty.earning.rules.form import EARNING_FORM
from loyalty.membership import rules as membership_rules
from loyalty.membership.rules.form import MEMBERSHIP_FORM
from loyalty.messaging import rules as messaging_rules
from loyalty.messaging.rules.form import GATE_FORM
from loyalty.points import rules as points_rules
from loyalty.points.rules.forms import EXPIRY_FORM, REDEMPTION_FORM, REFUNDS_FORM
from loyalty.programme import queries as programme_queries
from loyalty.programme.rules.forms import PolicyForm
from loyalty.tiers import rules as tiers_rules
from loyalty.tiers.queries.offered import offered_levels
from loyalty.tiers.rules.form import TIERS_FORM

# Who reads the body of which kind of rule version: kind -> parser(body), Malformed with the paths of what is wrong.
KINDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "expiry": points_rules.parse_expiry,
    "refunds": points_rules.parse_refunds,
    "redemption": points_rules.parse_redemption,
    "earning": earning_rules.parse_earning,
    "tiers": tiers_rules.parse_scheme,
    "membership": membership_rules.parse_policy,
    "gate": messaging_rules.parse_gate,
}

# The forms in which people write them: kind -> form; and what fields of forms offer by name: source -> offer(now).
FORMS: Mapping[str, PolicyForm] = {
    "expiry": EXPIRY_FORM,
    "refunds": REFUNDS_FORM,
    "redemption": REDEMPTION_FORM,
    "earning": EARNING_FORM,
    "tiers": TIERS_FORM,
    "membership": MEMBERSHIP_FORM,
    "gate": GATE_FORM,
}
OFFERS: Mapping[str, Callable[[datetime], Mapping[str, Any]]] = {
    "stores": programme_queries.offered_stores,
    "levels": offered_levels,
}
