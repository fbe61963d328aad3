"""Webhooks out: signed, tried again after growing pauses, replayed; only https and public addresses are called."""

import json
import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text

from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.clock import utc_now
from loyalty.kernel.db import db
from loyalty.kernel.errors import Malformed
from loyalty.messaging import queries, service
from loyalty.messaging.adapters import Hook
from loyalty.messaging.ports import Answer, HookCall
from loyalty.messaging.rules.hooks import PAUSES, StillOnItsWay, after_call, check_url, is_public, signature
from loyalty.messaging.service import Incoming, NewEvent, drain, hook_outbox, receive_reply
from tests.messaging.conftest import rows

URL = "https://crm.example/hook"
KINDS = ["message.ended", "reply.arrived", "customer.opted_out"]


@pytest.fixture
def receiver(app, monkeypatch):
    """The system behind every webhook: it keeps what it gets and answers as it is told."""

    class Receiver:
        dedupes = True
        lanes = 1
        usual = "accepted"

        def __init__(self):
            self.got = []

        def send(self, outgoing, *, seconds):
            assert seconds > 0
            self.got.append(outgoing)
            return Answer(self.usual, detail=self.usual)

    one = Receiver()
    monkeypatch.setitem(app.extensions, "loyalty.hooks", lambda _url, _secret: one)
    return one


@pytest.fixture
def hook(db_session, clock):
    """The number of a webhook for every kind."""
    return service.create_hook(name="CRM", url=URL, kinds=KINDS, now=clock.now, by=SYSTEM)[0]


def told(receiver):
    return [(json.loads(one.body)["kind"], json.loads(one.body)["data"]) for one in receiver.got]


def make_deliveries_due():
    db.session.execute(text("UPDATE hook_deliveries SET next_at = clock_timestamp() WHERE state = 'due'"))
    db.session.commit()


@pytest.mark.usefixtures("always_open")
def test_ends_replies_and_opt_outs_are_told_without_naming_anybody(hook, receiver, person, planned, carrier, clock):
    customer_id = person()
    message = planned(customer_id)
    drain("sms")
    for number, said in enumerate(("几点开门？", "TD")):
        receive_reply(Incoming("sms", str(number), "13812340001", said, clock.now), now=clock.now, by=SYSTEM)

    assert service.deliver(hook) == 3

    number = f"C-{customer_id:07d}"
    reply = rows("SELECT min(id) FROM message_replies")[0][0]
    assert dict(told(receiver)) == {
        "message.ended": {"message": message, "customer": number, "state": "sent"},
        "reply.arrived": {"reply": reply, "customer": number, "channel": "sms"},
        "customer.opted_out": {"customer": number, "channels": ["sms", "phone"]},
    }
    assert [one.key for one in receiver.got] == [json.loads(one.body)["id"] for one in receiver.got]
    assert not any("王建国" in one.body or "1381234" in one.body for one in receiver.got)


def test_only_who_asked_for_a_kind_is_told(hook, receiver, clock):
    service.change_hook(hook, name="CRM", url=URL, kinds=["reply.arrived"], paused=False, now=clock.now, by=SYSTEM)

    assert service.publish([NewEvent("message.ended", {})], now=clock.now) == 0
    assert service.publish([NewEvent("reply.arrived", {})], now=clock.now) == 1


@pytest.mark.parametrize("outcome", ["busy", "lost"])
def test_a_delivery_is_tried_again_under_the_same_id_until_it_is_given_up(hook, receiver, clock, outcome):
    service.publish([NewEvent("reply.arrived", {"reply": 1})], now=clock.now)
    receiver.usual = outcome

    for _ in range(len(PAUSES) + 3):
        make_deliveries_due()
        service.deliver(hook)

    assert len(receiver.got) == len(PAUSES) + 1
    assert len({one.key for one in receiver.got}) == 1
    assert rows("SELECT state, attempts, problem FROM hook_deliveries") == [("failed", len(PAUSES) + 1, outcome)]


def test_the_pauses_grow():
    pauses = [after_call("busy", attempts=attempts).pause for attempts in range(1, len(PAUSES) + 1)]

    assert pauses == sorted(pauses)
    assert after_call("busy", attempts=len(PAUSES) + 1).state == "failed"
    assert after_call("refused", attempts=1).state == "failed"


def test_a_delivery_is_replayed_as_a_new_one_of_the_same_event(hook, receiver, clock):
    service.publish([NewEvent("reply.arrived", {"reply": 1})], now=clock.now)
    (first,) = queries.deliveries(hook).items
    with pytest.raises(StillOnItsWay):
        service.replay(hook, first.id, now=clock.now, by=SYSTEM)
    service.deliver(hook)

    again = service.replay(hook, first.id, now=clock.now, by=SYSTEM)
    service.deliver(hook)

    assert again != first.id
    assert [one.key for one in receiver.got] == [str(first.event_id)] * 2


def test_a_paused_webhook_waits(hook, receiver, clock):
    service.publish([NewEvent("reply.arrived", {})], now=clock.now)
    for paused in (True, False):
        service.change_hook(hook, name="CRM", url=URL, kinds=KINDS, paused=paused, now=clock.now, by=SYSTEM)
        assert service.deliver(hook) == int(not paused)


def test_a_lease_that_ran_out_is_asked_for_again(hook, receiver, clock):
    service.publish([NewEvent("reply.arrived", {})], now=clock.now)
    token = uuid4()
    hook_outbox.hand_over(str(hook), token, hook_outbox.claim(str(hook), token, most=5), dedupes=True)
    db.session.execute(text("UPDATE hook_deliveries SET lease_until = clock_timestamp() - interval '1 second'"))
    db.session.commit()

    assert hook_outbox.sweep() == 1
    assert service.deliver(hook) == 1


def test_the_secret_is_kept_sealed_and_a_new_one_replaces_it(hook, clock):
    before = queries.hook_secret(hook)

    after = service.rotate_hook(hook, now=clock.now, by=SYSTEM)

    assert queries.hook_secret(hook) == after != before
    assert rows("SELECT id FROM web_hooks WHERE position('whout_' IN encode(secret_sealed, 'escape')) > 0") == []


def test_what_ended_long_ago_is_swept(hook, receiver, clock):
    service.publish([NewEvent("reply.arrived", {})], now=clock.now)
    service.deliver(hook)
    db.session.execute(text("UPDATE hook_deliveries SET ended_at = :at"), {"at": clock.now})
    db.session.commit()

    counts = [service.sweep_deliveries(clock.advance(days=days), dry_run=False) for days in (29, 2)]

    assert counts == [0, 1]
    assert rows("SELECT count(*) FROM hook_attempts") == [(0,)]


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/hook",
        "ftp://crm.example",
        "https://",
        "https://user:pw@crm.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest",
        "https://[::ffff:192.168.1.1]/",
        "https://crm.example:99999/",
    ],
)
def test_addresses_that_are_refused(url):
    with pytest.raises(Malformed):
        check_url(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("192.168.0.1", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to refuse, nothing binds to it
        ("224.0.0.1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(address, public):
    assert is_public(address) is public


@contextmanager
def https(answer, folder):
    """A server for crm.example on this machine; give its port, a context that trusts it, and what it was asked."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "crm.example")])
    now = utc_now()  # a certificate is good by the real clock
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("crm.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem, secret)
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            try:
                line, _ = listening.accept()
                with serving.wrap_socket(line, server_side=True) as safe:
                    asked.append(safe.recv(65_536).decode())
                    while "\r\n\r\n" not in asked[0] or not asked[0].rstrip().endswith("}"):
                        asked[0] += safe.recv(65_536).decode()
                    safe.sendall(answer)
            except OSError:
                pass  # the caller would not speak with us

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], ssl.create_default_context(cafile=str(pem)), asked
        listening.close()


def call(port, context, *, host="crm.example", allows=lambda _: True, look_up=lambda *_: ["127.0.0.1"]):
    hook = Hook(f"https://{host}:{port}/hook?a=1", "secret", allows, look_up, context)
    return hook.send(HookCall("E-1", '{"id": "E-1"}'), seconds=5)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", "accepted"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n", "busy"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "busy"),
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", "refused"),
        (b"garbage\r\n\r\n", "lost"),
    ],
)
def test_a_receiver_is_called_once_signed_and_at_the_pinned_address(tmp_path, answer, outcome):
    with https(answer, tmp_path) as (port, context, asked):
        assert call(port, context).outcome == outcome

    head, _, body = asked[0].partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    assert head.startswith("POST /hook?a=1 HTTP/1.1")
    assert headers["Loyalty-Event"] == "E-1"
    assert headers["Loyalty-Signature"] == signature("secret", headers["Loyalty-Timestamp"], body.encode())


def test_a_name_that_leads_to_a_private_address_is_not_called(tmp_path):
    with https(b"", tmp_path) as (port, context, asked):
        for addresses in (["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], []):
            answer = call(port, context, allows=is_public, look_up=lambda *_, found=addresses: found)
            assert answer == Answer("busy", detail="the name leads to a private address")

    assert asked == []


def test_a_certificate_of_another_name_is_not_trusted(tmp_path):
    with https(b"", tmp_path) as (port, context, asked):
        answer = call(port, context, host="other.example")

    assert (answer.outcome, asked) == ("busy", [])


@pytest.mark.usefixtures("receiver")
def test_a_webhook_is_made_changed_and_replayed_on_its_pages(desk, clock):
    wrong = desk.post("/staff/webhooks/new", data={"name": "CRM", "url": "https://10.0.0.1/", "kinds": KINDS})
    made = desk.post("/staff/webhooks/new", data={"name": "CRM", "url": URL, "kinds": KINDS})
    (view,) = queries.hooks()
    service.publish([NewEvent("reply.arrived", {})], now=clock.now)
    service.deliver(view.id)
    (delivery,) = queries.deliveries(view.id).items
    again = desk.post(f"/staff/webhooks/{view.id}/deliveries/{delivery.id}/replay")
    changed = desk.post(f"/staff/webhooks/{view.id}/edit", data={"name": "CRM 2", "url": URL, "kinds": KINDS[0]})

    assert [one.status_code for one in (wrong, made, again, changed)] == [422, 201, 303, 303]
    assert queries.hook_secret(view.id) in made.text
    assert queries.hook_secret(view.id) not in desk.get(f"/staff/webhooks/{view.id}").text
    assert "CRM 2" in desk.get("/staff/webhooks").text
    assert queries.hook(view.id).kinds == [KINDS[0]]


@pytest.mark.usefixtures("receiver")
def test_a_webhook_is_made_and_read_by_the_api(desk, clock):
    made = desk.post("/api/v1/webhooks", json={"name": "CRM", "url": URL, "kinds": KINDS})
    number = made.json["webhook"]["id"]
    service.publish([NewEvent("reply.arrived", {})], now=clock.now)
    waiting = desk.get(f"/api/v1/webhooks/{number}/deliveries").json["items"]
    early = desk.post(f"/api/v1/webhooks/{number}/deliveries/{waiting[0]['id']}:replay")
    service.deliver(number)
    again = desk.post(f"/api/v1/webhooks/{number}/deliveries/{waiting[0]['id']}:replay")
    paused = desk.put(f"/api/v1/webhooks/{number}", json=made.json["webhook"] | {"paused": True})

    assert made.json["secret"].startswith("whout_")
    assert (early.status_code, early.json["code"]) == (409, "webhooks.still_on_its_way")
    assert (again.status_code, again.json["event"]) == (200, waiting[0]["event"])
    assert paused.status_code == 422  # the number is not among what is sent
    assert desk.get("/api/v1/webhooks").json["items"] == [made.json["webhook"]]
    assert desk.get("/api/v1/webhooks/99/deliveries").status_code == 404
