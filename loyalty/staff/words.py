"""What roles, permissions and weekdays are called on pages."""

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
    "sales.read": _("See sales"),
    "sales.write": _("Write sales and refunds"),
    "sales.import": _("Import sales"),
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
