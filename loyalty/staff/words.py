"""What roles, permissions, weekdays, and the actions of the audit trail are called on pages."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from flask_babel import gettext
from flask_babel import lazy_gettext as _

ROLES = {
    "care_agent": _("Care agent"),
    "service_advisor": _("Service advisor"),
    "renewal_agent": _("Renewal agent"),
    "claims_agent": _("Claims agent"),
    "front_desk": _("Front desk"),
    "finance": _("Finance"),
    "manager": _("Manager"),
    "administrator": _("Administrator"),
    "auditor": _("Auditor"),
}

PERMISSIONS = {
    "customers.read": _("See customers"),
    "customers.edit": _("Create and edit customers"),
    "customers.reveal": _("Show whole phone numbers"),
    "customers.merge": _("Merge customers and undo it"),
    "customers.copy": _("Hand out the copy of a person's data"),
    "customers.erase": _("Erase people on request"),
    "approvals.read": _("See approvals"),
    "approvals.decide": _("Decide approvals"),
    "tasks.read": _("See tasks"),
    "tasks.work": _("Work on tasks"),
    "sales.read": _("See sales"),
    "sales.write": _("Write sales and refunds"),
    "sales.import": _("Import sales"),
    "links.read": _("See links to core sales"),
    "links.manage": _("Manage links to core sales (all stores)"),
    "messages.read": _("See messages"),
    "messages.send": _("Settle and resend messages"),
    "messages.receive": _("Hand in receipts and replies"),
    "messages.manage": _("Write templates and set channels (all stores)"),
    "webhooks.read": _("See webhooks"),
    "webhooks.manage": _("Manage webhooks (all stores)"),
    "members.read": _("See members"),
    "members.enrol": _("Enrol members"),
    "points.read": _("See points"),
    "points.adjust": _("Adjust points"),
    "points.redeem": _("Redeem points"),
    "points.transfer": _("Transfer points"),
    "tiers.set": _("Set tiers by hand"),
    "programme.read": _("See the rules"),
    "programme.edit": _("Write rules (all stores)"),
    "programme.approve": _("Approve rules (all stores)"),
    "stores.manage": _("Manage stores (all stores)"),
    "accounts.manage": _("Manage accounts (all stores)"),
    "clients.manage": _("Manage API clients (all stores)"),
    "audit.read": _("Read the audit trail"),
    "exports.run": _("Export lists"),
}

WEEKDAYS = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
}

ACTORS = {
    "staff": _("Staff"),
    "client": _("API client"),
    "owner": _("Owner"),
    "job": _("Nightly work"),
    "system": _("System"),
}

NOBODY = {"system": _("automatic"), "sign-in": _("not signed in")}
"""Who acts where no person or program does, by the name in the audit trail."""

ACTIONS = {
    "account.changed": _("Changed the account"),
    "account.codes_locked": _("Tried codes until they were locked"),
    "account.created": _("Created the account"),
    "account.disabled": _("Disabled the account"),
    "account.enabled": _("Enabled the account"),
    "account.factor_reset": _("Reset the second factor"),
    "account.factor_set": _("Set up the second factor"),
    "account.locked": _("Tried passwords until the sign-in was locked"),
    "account.password_changed": _("Changed the password"),
    "account.recovery_code_used": _("Used a recovery code"),
    "account.recovery_codes_made": _("Made new recovery codes"),
    "account.role_ended": _("Ended a role"),
    "account.role_given": _("Gave a role"),
    "account.session_ended": _("Signed out one device"),
    "account.sessions_ended": _("Signed out all devices"),
    "account.signed_in": _("Signed in to the desk"),
    "account.signed_out": _("Signed out of the desk"),
    "approval.approved": _("Approved a request"),
    "approval.asked": _("Asked for a second person"),
    "approval.returned": _("Returned a request"),
    "approval.withdrawn": _("Withdrew a request"),
    "calendar.day_set": _("Set a day of the calendar"),
    "calendar.day_unset": _("Removed a day of the calendar"),
    "client.created": _("Created the API client"),
    "client.revoked": _("Revoked the API client"),
    "client.rotated": _("Replaced the token"),
    "consent.recorded": _("Recorded a consent"),
    "customer.changed": _("Changed the customer"),
    "customer.closed": _("Closed the account of the customer"),
    "customer.completed": _("Completed the customer"),
    "customer.copied": _("Took a copy of all data"),
    "customer.created": _("Created the customer"),
    "customer.erased": _("Erased the person"),
    "customer.merged": _("Merged the customer"),
    "customer.parted": _("Undid the merge"),
    "erasure.asked": _("Asked for erasure"),
    "erasure.withdrawn": _("Withdrew the request of erasure"),
    "household.joined": _("Added to the household"),
    "household.left": _("Took out of the household"),
    "identifier.added": _("Added a contact"),
    "identifier.removed": _("Removed a contact"),
    "identifier.revealed": _("Looked at a contact in full"),
    "import.done": _("Import finished"),
    "import.refused": _("File refused"),
    "import.started": _("Started the import"),
    "import.stopped": _("Stopped the import"),
    "import.uploaded": _("Handed in a file"),
    "list.exported": _("Exported a list"),
    "mapping.saved": _("Saved the columns"),
    "member.active": _("Made the member active"),
    "member.closed": _("Closed the membership"),
    "member.enrolled": _("Enrolled the member"),
    "member.suspended": _("Suspended the member"),
    "owner.code_tried_out": _("Tried a code until it ended"),
    "owner.session_ended": _("Signed out one device of the portal"),
    "owner.sessions_ended": _("Signed out all other devices of the portal"),
    "owner.signed_in": _("Signed in to the portal"),
    "owner.signed_out": _("Signed out of the portal"),
    "points.adjust": _("Adjusted points"),
    "points.capture": _("Redeemed reserved points"),
    "points.hold": _("Reserved points"),
    "points.migrate": _("Brought points over"),
    "points.redeem": _("Redeemed points"),
    "points.release": _("Released reserved points"),
    "points.return": _("Gave points back"),
    "points.transfer": _("Transferred points"),
    "reading.added": _("Added a mileage"),
    "reading.corrected": _("Corrected a mileage"),
    "sale.corrected": _("Corrected the sale"),
    "sale.delivered": _("Recorded the delivery"),
    "sale.recorded": _("Recorded the sale"),
    "sale.refunded": _("Refunded the sale"),
    "store.changed": _("Changed the store"),
    "store.created": _("Created the store"),
    "message.cancelled": _("Cancelled the message"),
    "message.resent": _("Sent the message again"),
    "message.settled": _("Settled what became of the message"),
    "message_channel.set": _("Set a channel of messages"),
    "plan.stopped": _("Stopped the follow-up plan"),
    "reply.handled": _("Dealt with a reply"),
    "template.changed": _("Changed the message template"),
    "template.created": _("Created the message template"),
    "template.retired": _("Retired the message template"),
    "template.used_again": _("Took the message template into use again"),
    "task.moved": _("Moved the task"),
    "task.opened": _("Arranged a follow-up"),
    "task.reassigned": _("Gave the task to another person"),
    "task.recorded": _("Recorded a result"),
    "task.skipped": _("Skipped the task"),
    "task.undone": _("Took a result back"),
    "tier.floor_approved": _("Approved a level set by hand"),
    "tier.floor_dropped": _("Dropped a level set by hand"),
    "tier.floor_set": _("Set a level by hand"),
    "link.changed": _("Changed the link to core sales"),
    "link.created": _("Created the link to core sales"),
    "link.events_retried": _("Had events of the link tried again"),
    "link.missing_cancelled": _("Cancelled sales that are gone from core sales"),
    "link.paused": _("Paused the link to core sales"),
    "link.reject_dismissed": _("Set a rejected row aside"),
    "link.rejects_retried": _("Had rejected rows tried again"),
    "link.resumed": _("Resumed the link to core sales"),
    "link.secret_rotated": _("Made a new secret of the link"),
    "vehicle.changed": _("Changed the vehicle"),
    "vehicle.created": _("Created the vehicle"),
    "vehicle.held": _("Entered who holds the vehicle"),
    "vehicle.holding_ended": _("Entered who no longer holds the vehicle"),
    "vehicle.owner_changed": _("Changed the owner"),
    "table.activated": _("Approved the facts"),
    "table.drafted": _("Wrote a draft of facts"),
    "table.loaded": _("Loaded the facts"),
    "table.retired": _("Retired the facts"),
    "table.revised": _("Revised the draft"),
    "table.sent_back": _("Sent the draft back"),
    "table.submitted": _("Submitted the draft"),
    "version.activated": _("Approved the rules"),
    "version.drafted": _("Wrote a draft of rules"),
    "version.loaded": _("Loaded the rules"),
    "version.revised": _("Revised the draft"),
    "version.sent_back": _("Sent the draft back"),
    "version.submitted": _("Submitted the draft"),
    "version.withdrawn": _("Withdrew the rules"),
}

SUBJECTS = {
    "account": _("Account"),
    "approval": _("Request"),
    "calendar_day": _("Calendar day"),
    "client": _("API client"),
    "customer": _("Customer"),
    "import": _("Import"),
    "link": _("Link to core sales"),
    "message": _("A message"),
    "message_channel": _("Channel of messages"),
    "message_reply": _("A reply"),
    "message_template": _("Message template"),
    "list": _("List"),
    "mapping": _("Columns of a file"),
    "member": _("Member"),
    "plan": _("Follow-up plan"),
    "points_account": _("Points account"),
    "rule_table": _("Table of facts"),
    "sale": _("Sale"),
    "store": _("Store"),
    "task": _("Task"),
    "tier_floor": _("Level set by hand"),
    "vehicle": _("Vehicle"),
    "version": _("Rule version"),
}


def permission_word(code: str) -> str:
    """Return what a permission is called; one without a name by its code."""
    return str(PERMISSIONS.get(code, code))


def hours_text(hours: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Return opening hours in words, days with the same hours together: Monday to Friday 09:00–18:00."""
    told = []
    for spans, days in groupby(WEEKDAYS, lambda day: [tuple(span) for span in hours.get(day) or ()]):
        if spans:
            shown = gettext(", ").join("–".join(span) for span in spans)
            told.append(f"{_days_text(list(days))} {shown}")
    return str(gettext("; ")).join(told) or "--"


def _days_text(days: Sequence[str]) -> str:
    if len(days) == len(WEEKDAYS):
        return str(gettext("Every day"))
    first, last = WEEKDAYS[days[0]], WEEKDAYS[days[-1]]
    return str(first) if len(days) == 1 else str(gettext("%(first)s through %(last)s", first=first, last=last))
