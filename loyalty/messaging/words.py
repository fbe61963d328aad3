"""How pages name channels, purposes, states and reasons of messages."""

from flask_babel import lazy_gettext as _

CHANNELS = {"sms": _("SMS"), "email": _("E-mail"), "wechat": _("WeChat"), "inbox": _("Inbox")}

PURPOSES = {"service": _("Service notices"), "marketing": _("Offers"), "greeting": _("Greetings")}

STATES = {
    "due": (_("Waiting"), "info"),
    "sending": (_("On its way"), "info"),
    "sent": (_("Sent"), "ok"),
    "delivered": (_("Arrived"), "ok"),
    "failed": (_("Not sent"), "over"),
    "unknown": (_("Unclear"), "due"),
    "denied": (_("Denied"), ""),
    "expired": (_("Too late"), ""),
    "cancelled": (_("Cancelled"), ""),
}

RULES = {
    "customer_gone": _("The customer's account is closed or erased."),
    "no_address": _("The customer has no address for this channel."),
    "address_bounced": _("The address takes no messages: an earlier one came back."),
    "opted_out": _("Somebody opted out with this address."),
    "no_consent": _("The customer never agreed to offers by this channel."),
    "consent_withdrawn": _("The customer withdrew the agreement for this channel."),
    "too_late": _("The moment for this message has passed."),
    "channel_paused": _("The channel is paused; the message goes when it is open again."),
    "quiet_hours": _("It is quiet time at the store; the message goes when it ends."),
    "frequency": _("The customer got as many such messages as the rules allow; it goes when they allow the next."),
    "never_open": _("The rules name no hour in which this channel may be used."),
}

REASONS = {
    "quiet_hours": _("Quiet time"),
    "frequency": _("Too often"),
    "channel_paused": _("Channel paused"),
    "no_consent": _("Not agreed"),
    "consent_withdrawn": _("Agreement withdrawn"),
    "opted_out": _("Opted out"),
    "no_address": _("No address"),
    "address_bounced": _("Came back"),
    "customer_gone": _("Account gone"),
    "too_late": _("Too late"),
    "never_open": _("Never open"),
}
"""The same in a word or two, for filters."""

PROBLEMS = {
    "lapsed": _("Whoever sent it stopped after handing it over; nobody knows whether it arrived."),
    "not_sent": _("A person found out that it was not sent."),
    "not_listed": _("The provider has no such message on its list."),
    "not_delivered": _("The provider could not deliver it."),
    "by_hand": _("Cancelled by hand"),
    "erased": _("Cancelled by the erasure"),
    "closed": _("Cancelled because the account was closed"),
}

OUTCOMES = {
    "accepted": _("Taken over by the provider"),
    "busy": _("Not taken over; tried again later"),
    "refused": _("Refused by the provider"),
    "lost": _("Left the house; the answer was lost"),
    "not_called": _("Not called after all; it waits again"),
}

VERDICTS = {"hold": _("Held"), "deny": _("Denied"), "expire": _("Too late")}

RECEIPTS = {
    "delivered": _("Arrived"),
    "failed": _("Not delivered"),
    "sent": _("Settled: it was sent"),
    "not_sent": _("Settled: it was not sent"),
}

FATES = {
    "sent": _("it took the message over"),
    "delivered": _("the message arrived"),
    "failed": _("the message could not be delivered"),
    "not_listed": _("it has no such message on its list"),
    "silent": _("no answer that can be read"),
    "no_address": _("the address is not known any more"),
}

HOOK_KINDS = {
    "message.ended": _("A message came to its end"),
    "reply.arrived": _("Somebody replied"),
    "customer.opted_out": _("Somebody opted out"),
}

HOOK_STATES = {
    "due": (_("Waiting"), "info"),
    "sending": (_("On its way"), "info"),
    "sent": (_("Taken over"), "ok"),
    "failed": (_("Given up"), "over"),
    "unknown": (_("Given up"), "over"),
}

LANGUAGES = {"zh_Hans_CN": _("Chinese"), "en": _("English")}
