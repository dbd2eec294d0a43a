"""Certificates of servers, users and authorities, made for a test and for nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Made(NamedTuple):
    """A certificate, its key, and their files (DER and PEM)."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    file: Path
    key_file: Path

    @property
    def der(self) -> bytes:
        """The certificate's bytes."""
        return self.certificate.public_bytes(serialization.Encoding.DER)


@cache
def _key(number: int) -> rsa.RSAPrivateKey:
    """Return a key; making one takes a moment, so tests share a few."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make(
    folder: Path,
    name: str,
    uri: str = "",
    *,
    begins_d: float = -1,
    ends_d: float = 365,
    issuer: Made | None = None,
    ca: bool = False,
    key: int = 0,
) -> Made:
    """Return a certificate of `name` for application `uri`, valid between days from now."""
    own, now = _key(key), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by = issuer.certificate.subject if issuer else subject
    names = [x509.DNSName("localhost"), *([x509.UniformResourceIdentifier(uri)] if uri else [])]
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        x509.CertificateBuilder(by, subject, own.public_key(), x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins_d))
        .not_valid_after(now + timedelta(days=ends_d))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(True, True, True, True, False, True, ca, False, False), critical=True
        )
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .sign(issuer.key if issuer else own, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    made = Made(certificate, own, folder / f"{name}.der", folder / f"{name}.pem")
    made.file.write_bytes(made.der)
    made.key_file.write_bytes(
        own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return made
