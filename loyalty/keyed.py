"""What the keys seal and index: a turn of a key goes through all of it."""

from collections.abc import Sequence

from loyalty.customers import service as customers_service
from loyalty.kernel.reindexing import BlindIndex
from loyalty.kernel.rotation import SealedColumn

# Every sealed column, with the row's columns that its values are bound to: a rotation of the keys goes through them.
SEALED: Sequence[SealedColumn] = (
    SealedColumn("identifiers", "sealed", "identifiers.sealed:{customer_id}"),
    SealedColumn("vehicles", "plate_sealed", "vehicles.plate:{vin}"),
    SealedColumn("import_rejects", "sealed", "import_rejects.sealed:{run_id}:{row}:{ordinal}"),
    SealedColumn("import_runs", "stored_key", "import_runs.stored_key:{stored_name}"),
    SealedColumn("web_sessions", "sealed", "web_sessions.sealed:{id_hash}"),
    SealedColumn("staff_factors", "secret", "staff_factors.secret:{account_id}"),
    SealedColumn("link_secrets", "sealed", "link_secrets.sealed:{id}"),
    SealedColumn("link_pulls", "url_sealed", "link_pulls.url_sealed:{link_id}"),
    SealedColumn("link_events", "body_sealed", "link_events.body_sealed:{link_id}:{event_id}"),
    SealedColumn("link_events", "answer_sealed", "link_events.answer_sealed:{link_id}:{event_id}"),
    SealedColumn("link_rejects", "sealed", "link_rejects.sealed:{id}"),
    SealedColumn("messages", "body_sealed", "messages.body_sealed:{dedupe_key}"),
    SealedColumn("web_hooks", "secret_sealed", "web_hooks.secret_sealed:{id}"),
    SealedColumn("message_replies", "text_sealed", "message_replies.text_sealed:{channel}:{provider_id}"),
)

# Every column of blind indexes that can be made again, and who does it: a turn of the index key goes through them.
BLIND: Sequence[BlindIndex] = (
    BlindIndex(("identifiers.blind", "address_stops.blind"), customers_service.renew_identifiers),
    BlindIndex(("vehicles.plate_blind", "vehicles.plate_end_blind"), customers_service.renew_plates),
)
