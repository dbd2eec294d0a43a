"""The gateway's own certificate, and whose certificates it trusts: a folder of files.

    own/certificate.der, own/key.pem    made on first need; a plant's CA may replace them
    trusted/                            servers, and CAs, that an engineer has looked at
    rejected/                           servers that were met and are not trusted

Nothing gets into trusted/ by itself: `suian opcua trust` shows a certificate and asks. Needs
cryptography, which asyncua brings; it is loaded with the first connection that wants it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.drivers.opcua.faults import RefusedError

KEY_BITS = 2048  # every policy that we speak takes it
VALID_DAYS = 3650  # nobody renews a certificate on a gateway in a field every year
SOON = timedelta(days=60)  # before its end, a certificate is said to end
SUFFIXES = {".der", ".pem", ".crt", ".cer"}


class Identity(NamedTuple):
    """A certificate [DER] with its key [PEM], and the application `uri` that it names."""

    certificate: bytes
    key: bytes
    uri: str


class Pki:
    """The folder. Every method may wait for the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def identity(self) -> Identity:
        """Return the gateway's own certificate, made now if there is none.

        Raises `RefusedError` if it can be neither read nor made, or is not valid now.
        """
        certificate_file = self.folder / "own" / "certificate.der"
        key_file = self.folder / "own" / "key.pem"
        try:
            if not certificate_file.exists() or not key_file.exists():
                self._make(certificate_file, key_file)
            certificate, key = load(certificate_file.read_bytes()), key_file.read_bytes()
        except (OSError, ValueError) as error:
            problem = f"own certificate: {error}"
            raise RefusedError(f"{problem}; run: suian opcua certificate") from None
        _check_time(certificate, "the gateway's own certificate", datetime.now(UTC))
        uris = uris_of(certificate)
        if not uris:
            raise RefusedError(f"{certificate_file} names no application URI; make it anew")
        return Identity(certificate.public_bytes(serialization.Encoding.DER), key, uris[0])

    def check(self, der: bytes, uri: str, name: str) -> None:
        """Raise `RefusedError` unless the server `name` with application `uri` is trusted."""
        certificate = load(der)
        now = datetime.now(UTC)
        if not self._trusts(certificate, now):
            kept = self._reject(certificate)
            problem = f"server certificate {fingerprint(certificate)} is not trusted{kept}"
            raise RefusedError(f"{problem}; compare it and run: suian opcua trust {name}")
        _check_time(certificate, f"the certificate of {name}", now)
        uris = uris_of(certificate)
        if uri and uri not in uris:
            problem = (
                f"the server calls itself {uri!r}, its certificate {', '.join(uris) or 'nothing'}"
            )
            raise RefusedError(f"{problem}: have the server given a certificate of its own")

    def trust(self, certificate: x509.Certificate) -> Path:
        """Put a certificate into trusted/ and return its file. Raises `OSError`."""
        path = self.folder / "trusted" / file_name(certificate)
        _write(path, certificate.public_bytes(serialization.Encoding.DER), 0o644)
        (self.folder / "rejected" / path.name).unlink(missing_ok=True)
        return path

    def notes(self, now: datetime) -> Iterator[str]:
        """Say which certificates have ended or will soon, and which files are none."""
        for path in [*self._files("own"), *self._files("trusted")]:
            try:
                certificate = load(path.read_bytes())
            except (OSError, ValueError) as error:
                yield f"{path}: is no certificate that can be read: {error}"
                continue
            if text := ending(certificate, now):
                yield f"{path}: {text}"

    def _files(self, part: str) -> list[Path]:
        try:
            return sorted(f for f in (self.folder / part).iterdir() if _is_certificate(f))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RefusedError(f"{self.folder / part} cannot be read: {error}") from None

    def _trusts(self, certificate: x509.Certificate, now: datetime) -> bool:
        print_ = certificate.fingerprint(hashes.SHA256())
        for path in self._files("trusted"):
            try:
                known = load(path.read_bytes())
            except (OSError, ValueError):
                continue  # `notes` tells of it; a broken file is nobody's certificate
            if known.fingerprint(hashes.SHA256()) == print_ or _issued(certificate, known, now):
                return True
        return False

    def _reject(self, certificate: x509.Certificate) -> str:
        """Keep a certificate that was refused, for the engineer to look at; say where."""
        path = self.folder / "rejected" / file_name(certificate)
        try:
            if not path.exists():
                _write(path, certificate.public_bytes(serialization.Encoding.DER), 0o644)
        except OSError as error:
            return f" (and cannot be kept: {error})"
        return f" (kept as {path})"

    def _make(self, certificate_file: Path, key_file: Path) -> None:
        """Make a self-signed certificate as OPC 10000-6, 6.2.2 wants it."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        host, now = socket.gethostname() or "gateway", datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Suian gateway {host}"[:64])])
        uri = f"urn:{host}:suian:gateway"
        names = [x509.UniformResourceIdentifier(uri), x509.DNSName(host)]
        usage = x509.KeyUsage(True, True, True, True, False, True, False, False, False)
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH]
        public = key.public_key()
        builder = (
            x509.CertificateBuilder(name, name, public, x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))  # the server's clock may be behind ours
            .not_valid_after(now + timedelta(days=VALID_DAYS))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        certificate = builder.sign(key, hashes.SHA256())
        _write(key_file, secret, 0o600)
        _write(certificate_file, certificate.public_bytes(serialization.Encoding.DER), 0o644)


def load(data: bytes) -> x509.Certificate:
    """Return the certificate in `data`, PEM or DER, the first of a chain. Raises `ValueError`."""
    if data.lstrip().startswith(b"-----"):
        return x509.load_pem_x509_certificate(data)
    return x509.load_der_x509_certificate(_first_of_chain(data))


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate as people compare it: pairs of hex digits."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def file_name(certificate: x509.Certificate) -> str:
    """Return the name of a certificate's file: whose it is, and its fingerprint's beginning."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    subject = str(found[0].value) if found else "server"
    readable = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in subject)
    return f"{readable[:40]}-{certificate.fingerprint(hashes.SHA256()).hex()[:16]}.der"


def uris_of(certificate: x509.Certificate) -> list[str]:
    """Return the application URIs that a certificate names."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return list(names.value.get_values_for_type(x509.UniformResourceIdentifier))


def ending(certificate: x509.Certificate, now: datetime) -> str:
    """Return when a certificate ends, if it has or will soon; "" if neither."""
    end = certificate.not_valid_after_utc
    if end <= now:
        return f"the certificate ended on {end:%Y-%m-%d}; make it anew"
    return f"the certificate ends on {end:%Y-%m-%d}; renew it before" if end - now <= SOON else ""


def _check_time(certificate: x509.Certificate, whose: str, now: datetime) -> None:
    if now < certificate.not_valid_before_utc:
        begins = f"{certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        raise RefusedError(f"{whose} is valid from {begins} only; is this clock right?")
    if now >= certificate.not_valid_after_utc:
        raise RefusedError(f"{whose} ended on {certificate.not_valid_after_utc:%Y-%m-%d}; renew it")


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    """Return whether `issuer` is a CA, valid now, that has signed `certificate`."""
    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return basic.ca and issuer.not_valid_before_utc <= now < issuer.not_valid_after_utc


def _first_of_chain(data: bytes) -> bytes:
    """Return the first certificate of a chain in DER: a sequence with a length of two bytes."""
    if len(data) > 4 and data[:2] == b"\x30\x82":
        return data[: 4 + int.from_bytes(data[2:4], "big")]
    return data


def _is_certificate(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.name != "key.pem"


def _write(path: Path, data: bytes, mode: int) -> None:
    """Write a file so that it is there whole or not at all, with `mode` from its first byte on.

    Written by root, it belongs to whoever owns the folder of certificates' own folder, so that the
    daemon may read what an engineer made for it.
    """
    owner = _existing(path.parent).stat()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    if os.geteuid() == 0:
        for made in (draft, path.parent, path.parent.parent):
            os.chown(made, owner.st_uid, owner.st_gid)
    draft.replace(path)


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def describe(certificate: x509.Certificate) -> Sequence[tuple[str, str]]:
    """Return what an engineer compares before trusting a certificate, as (what, text)."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    own = certificate.issuer == certificate.subject
    return (
        ("fingerprint (SHA-256)", fingerprint(certificate)),
        ("subject", certificate.subject.rfc4514_string()),
        ("issuer", "itself" if own else certificate.issuer.rfc4514_string()),
        ("application URI", ", ".join(uris_of(certificate)) or "none"),
        ("valid", f"{begins:%Y-%m-%d} to {ends:%Y-%m-%d}"),
    )
