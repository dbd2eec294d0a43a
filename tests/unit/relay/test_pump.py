"""From journal to a broker that misbehaves: what is sent, in which order, and what is kept."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.errors import ConfigError
from edge.journal.hazard_file import HazardWriter
from edge.relay import Pump
from edge.relay.cursors import Cursors
from edge.tag import World
from tests.unit.relay.kit import (
    PATIENCE_S,
    FakeBroker,
    at,
    demo_site,
    event,
    open_journal,
    pumping,
    sample,
)

PROTOCOLS = pytest.mark.parametrize("protocol", ["3.1.1", "5"])


def kept(folder: Path, stream: str, epoch: str) -> int:
    """Return a cursor as it stands on the disk."""
    cursors = Cursors(folder / "relay.db")
    try:
        return cursors.get(stream, epoch)
    finally:
        cursors.close()


@PROTOCOLS
async def test_events_estimates_and_samples_arrive_in_this_order_and_in_their_own(
    tmp_path: Path, protocol: str
):
    """A backlog goes events first, each stream gap-free, with identity in every body."""
    journal = open_journal(tmp_path)
    for number in range(1, 1201):
        journal.offer_sample(sample(number))
    journal.offer([event(number) for number in range(1, 31)])
    journal.close()
    hazard = HazardWriter(tmp_path / "hazard.db")
    for number in range(3):
        hazard.write({"id": f"h{number}", "at_ns": 1, "state": "idle", "world": "drill"}, {})
    hazard.close()
    broker = FakeBroker()
    async with broker.serve() as port:
        async with pumping(Pump(demo_site(port=port, protocol=protocol), tmp_path)) as pump:
            await broker.until(lambda: len(broker.rows("sample")) == 3)
            assert pump.state == "running"
        await broker.until(lambda: broker.got[-1].body.get("online") is False)
    first, *rows, last = broker.got
    assert (first.kind, first.body["online"], first.retain) == ("status", True, True)
    assert (last.kind, last.retain) == ("status", True)
    kinds = [one.body["stream"] for one in rows]
    assert kinds == ["event"] * 30 + ["hazard"] * 3 + ["sample"] * 3
    assert [one.body["seq"] for one in rows[:30]] == list(range(1, 31))
    assert [one.body["seq"] for one in rows[30:33]] == [1, 2, 3]
    samples = [row for one in rows[33:] for row in one.body["samples"]]
    assert [row["seq"] for row in samples] == list(range(1, 1201))
    assert {row["unit"] for row in samples} == {"ppm"}
    assert {(one.body["gateway"], one.body["world"]) for one in rows} == {("gw-demo", "drill")}
    assert kept(tmp_path, "sample", rows[-1].body["epoch"]) == 1200
    assert kept(tmp_path, "hazard", rows[30].body["epoch"]) == 3
    assert rows[30].body["epoch"] != rows[0].body["epoch"], "another file, another epoch"


@PROTOCOLS
async def test_the_window_is_kept_and_a_cursor_never_passes_a_gap(tmp_path: Path, protocol: str):
    """No more than the window is in flight; acknowledgements out of order move no cursor early."""
    journal = open_journal(tmp_path)
    journal.offer([event(number) for number in range(1, 41)])
    journal.close()
    broker = FakeBroker()
    broker.hold = True
    async with broker.serve() as port:
        pump = Pump(demo_site(port=port, protocol=protocol, window=8), tmp_path)
        async with pumping(pump):
            await broker.until(lambda: len(broker.rows()) == 8)
            broker.release(5, backwards=True)  # of 1…8: 8, 7, 6, 5, 4
            async with asyncio.timeout(PATIENCE_S):
                while pump.published < 5:  # noqa: ASYNC110 - a figure is all there is to see
                    await asyncio.sleep(0)
            assert pump.figures()["in_flight"]() == 8, "done behind a gap still counts as in flight"
            broker.release(1)  # 1: now the run is 1 alone
            await broker.until(lambda: len(broker.rows()) == 9)
        epoch = broker.rows()[0].body["epoch"]
    assert kept(tmp_path, "event", epoch) == 1
    again = FakeBroker()
    site = demo_site(protocol=protocol)
    async with again.serve() as port, pumping(Pump(at(site, port), tmp_path)):
        await again.until(lambda: len(again.rows()) == 39)
    assert [one.body["seq"] for one in again.rows()] == list(range(2, 41))


@PROTOCOLS
async def test_a_cut_connection_repeats_what_was_in_flight_and_loses_nothing(
    tmp_path: Path, protocol: str
):
    """After a cut the unacknowledged come again, marked as duplicates, then the rest."""
    journal = open_journal(tmp_path)
    journal.offer([event(number) for number in range(1, 31)])
    journal.close()
    broker = FakeBroker()
    broker.hold = True
    states: list[str] = []
    async with broker.serve() as port:
        site = demo_site(port=port, protocol=protocol, window=10)
        async with pumping(Pump(site, tmp_path, states.append)):
            await broker.until(lambda: len(broker.rows()) == 10)
            broker.release(4)
            await broker.until(lambda: len(broker.rows()) == 14)
            broker.hold = False
            broker._held.clear()
            broker.cut()
            await broker.until(lambda: len(broker.rows()) == 40)
    again = [one for one in broker.rows() if one.connection == 2]
    assert {one.body["seq"] for one in again if one.dup} == set(range(5, 15))
    assert sorted(one.body["seq"] for one in again) == list(range(5, 31))
    assert states == ["no-broker", "running", "no-broker", "running"]


async def test_new_rows_go_at_once_and_short_batches_wait_their_time(tmp_path: Path):
    """A committed event is on its way as soon as the relay is told; samples gather for batch_s."""
    journal = open_journal(tmp_path)
    broker = FakeBroker()
    site = demo_site(batch_s=0.3)
    async with broker.serve() as port, pumping(Pump(at(site, port), tmp_path)) as pump:
        await broker.until(lambda: bool(broker.rows("status")))
        for number in range(1, 4):
            journal.offer([event(number)])
            pump.expect()
            async with asyncio.timeout(0.9):  # well before it would look unasked
                await broker.until(lambda n=number: len(broker.rows()) == n)
        for number in range(1, 11):
            journal.offer_sample(sample(number))
            journal.offer([event(number)])
            pump.expect()
        await broker.until(
            lambda: sum(len(one.body["samples"]) for one in broker.rows("sample")) == 10
        )
        assert len(broker.rows("sample")) <= 3
    journal.close()


async def test_a_message_is_of_one_world(tmp_path: Path):
    """Rows of another world never share a body with a world they are not of."""
    journal = open_journal(tmp_path)
    for number, world in enumerate([World.DRILL, World.DRILL, World.TEST, World.DRILL]):
        journal.offer_sample(sample(number, world))
    journal.close()
    broker = FakeBroker()
    site = demo_site(batch_s=0.01)
    async with broker.serve() as port, pumping(Pump(at(site, port), tmp_path)):
        await broker.until(lambda: len(broker.rows("sample")) == 3)
    found = [(one.body["world"], len(one.body["samples"])) for one in broker.rows("sample")]
    assert found == [("drill", 2), ("test", 1), ("drill", 1)]


async def test_a_new_epoch_starts_from_its_beginning(tmp_path: Path):
    """After a restore the rows of the new journal are sent from the first, under the new epoch."""
    journal = open_journal(tmp_path)
    journal.offer([event(1), event(2)])
    journal.close()
    (tmp_path / "other").mkdir()
    restored = open_journal(tmp_path / "other")
    restored.offer([event(3)])
    restored.close()
    broker = FakeBroker()
    async with broker.serve() as port, pumping(Pump(demo_site(port=port), tmp_path)) as pump:
        await broker.until(lambda: len(broker.rows()) == 2)
        _swap(tmp_path)
        pump.wake()
        await broker.until(lambda: len(broker.rows()) == 3)
    seqs = [(one.body["epoch"], one.body["seq"]) for one in broker.rows()]
    assert [seq for _, seq in seqs] == [1, 2, 1]
    assert len({epoch for epoch, _ in seqs}) == 2


def _swap(folder: Path) -> None:
    (folder / "other" / "journal.db").replace(folder / "journal.db")


async def test_no_journal_is_a_state_and_another_gateways_is_an_error(tmp_path: Path):
    """The relay waits for a journal that is not there yet, and never publishes a stranger's."""
    broker = FakeBroker()
    async with broker.serve() as port:
        states: asyncio.Queue[str] = asyncio.Queue()
        async with pumping(Pump(demo_site(port=port), tmp_path, states.put_nowait)) as pump:
            while await asyncio.wait_for(states.get(), PATIENCE_S) != "no-journal":
                pass
            assert pump.figures()["events_behind"]() != pump.figures()["events_behind"]()  # NaN
            journal = open_journal(tmp_path)
            journal.offer([event(1)])
            journal.close()
            pump.wake()
            await broker.until(lambda: len(broker.rows()) == 1)
        (tmp_path / "b").mkdir()
        open_journal(tmp_path / "b", gateway="gw-other").close()
        with pytest.raises(ConfigError, match="gw-other"):
            async with asyncio.timeout(PATIENCE_S):
                await Pump(demo_site(port=port), tmp_path / "b").run()
    assert not [one for one in broker.got if one.connection == 2 and one.kind != "status"]


async def test_a_broker_that_refuses_is_asked_again_and_the_will_is_left_with_it(tmp_path: Path):
    """A refusal is a state, not an end; name, password and will are in what we say first."""
    open_journal(tmp_path).close()
    secret = tmp_path / "password"
    secret.write_text("tin-can\n")
    broker = FakeBroker()
    broker.code = 5
    async with broker.serve() as port:
        site = demo_site(
            port=port, protocol="3.1.1", username="gw", password_file=str(secret), topic_root="p/v1"
        )
        async with pumping(Pump(site, tmp_path)) as pump:
            await broker.until(lambda: len(broker.connects) == 2)
            assert pump.state == "no-broker"
            broker.code = 0
            await broker.until(lambda: bool(broker.rows("status")))
    said = broker.connects[-1]
    for part in (b"suian-demo-gw-demo", b"gw", b"tin-can", b"p/v1/demo/gw-demo/status"):
        assert part in said
    assert b'"online":false' in said
    assert said[7] == 0b1110_1110, "user, password, retained will at QoS 1, clean session"


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x00"])
async def test_what_is_no_broker_is_said_once_and_asked_again(tmp_path: Path, answer: bytes):
    """A wrong port's service hangs up or babbles: the log says so, for nothing else would."""
    open_journal(tmp_path).close()
    greetings: asyncio.Queue[bytes] = asyncio.Queue()

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greetings.put_nowait(await reader.read(4096))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    site = demo_site(port=server.sockets[0].getsockname()[1])
    with structlog.testing.capture_logs() as said:
        async with server, pumping(Pump(site, tmp_path)) as pump, asyncio.timeout(PATIENCE_S):
            for _ in range(3):
                await greetings.get()
            assert pump.state == "no-broker"
    reasons = [line["why"] for line in said if line["event"] == "no broker, trying on"]
    assert len(reasons) == 1
    assert "did not answer as an MQTT broker" in reasons[0]


async def test_a_password_file_that_is_not_there_is_a_fault_of_the_site(tmp_path: Path):
    """A user name without a readable password is told at the start, with the remedy."""
    with pytest.raises(ConfigError, match=r"password_file.*broker's password"):
        Pump(demo_site(username="gw", password_file=str(tmp_path / "none")), tmp_path)


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")
async def test_rows_travel_over_tls_to_a_broker_that_is_who_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """With tls the broker's certificate is checked: a trusted one gets rows, another gets none."""
    journal = open_journal(tmp_path)
    journal.offer([event(number) for number in range(1, 101)])
    journal.close()
    context = _certificate(tmp_path)
    broker = FakeBroker()
    async with broker.serve(tls=context) as port:
        site = demo_site(host="127.0.0.1", port=port, tls=True)
        states: list[str] = []
        async with pumping(Pump(site, tmp_path, states.append)):
            await asyncio.sleep(0.7)  # two attempts: nothing to wait on where nothing comes
        assert (broker.got, states) == ([], ["no-broker"])
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        async with pumping(Pump(site, tmp_path)):
            await broker.until(lambda: len(broker.rows()) == 100)
    assert [one.body["seq"] for one in broker.rows()] == list(range(1, 101))


def _certificate(folder: Path) -> ssl.SSLContext:
    """Return a server's TLS context with a certificate for 127.0.0.1 that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
