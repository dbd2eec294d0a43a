"""Links: the sockets and lines that devices stand on, as site.yaml says them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.site.parts import Model, Name

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Security(Model):
    """How an OPC UA server is spoken to: its policy and mode, and as which user.

    Files are relative to the site's folder. Without a user the session is anonymous.
    """

    policy: Literal["none", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"] = (
        "Basic256Sha256"
    )
    mode: Literal["Sign", "SignAndEncrypt"] = "SignAndEncrypt"
    username: str = ""
    password_file: str = ""  # one line; readable by the daemon's user only
    user_certificate: str = ""
    user_key: str = ""

    @property
    def user(self) -> Literal["", "user name", "certificate"]:
        """By what the user is known; "" is nobody."""
        if self.username:
            return "user name"
        return "certificate" if self.user_certificate else ""


class Serial(Model):
    """A serial line, as the instruments on it are set. RTU always has eight data bits."""

    port: Annotated[str, Field(min_length=1)]  # /dev/serial/by-id/… stays when plugs are swapped
    baud: Literal[
        300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600
    ] = 9600
    parity: Literal["none", "even", "odd"] = "none"
    data_bits: Literal[8] = 8
    stop_bits: Literal[1, 2] = 1

    @property
    def character_s(self) -> float:
        """How long one byte takes with its start, parity and stop bits [s]."""
        return (1 + self.data_bits + (self.parity != "none") + self.stop_bits) / self.baud


class Tls(Model):
    """Modbus/TCP Security: who is believed, and by what we are known. Files stand in the site."""

    ca: Annotated[str, Field(min_length=1)]  # PEM; a server that it did not sign is refused
    certificate: Annotated[str, Field(min_length=1)]  # PEM; ours
    key: Annotated[str, Field(min_length=1)]  # PEM; ours, without a password
    server_name: str = ""  # in the server's certificate; "": the link's host


class Link(Model):
    """A socket or serial line that devices share."""

    id: Name
    kind: Literal["modbus-tcp", "modbus-rtu", "modbus-rtu-tcp", "modbus-tls", "opcua"]
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 502
    path: str = ""  # of an OPC UA endpoint
    mode: Literal["subscribe", "poll"] = "subscribe"  # of OPC UA: be told of changes, or ask
    security: Security | None = None  # of OPC UA; must be written where the host is another machine
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 1.0
    retry_s: Annotated[float, Field(gt=0, le=300)] = 5.0  # longest wait between attempts
    retries: Annotated[int, Field(ge=0, le=5)] = 1  # of a request that brought a damaged answer
    gap_s: Annotated[float, Field(ge=0, le=10)] = 0.0  # rest between two requests, for slow devices
    serial: Serial | None = None  # of kind modbus-rtu
    tls: Tls | None = None  # of kind modbus-tls

    @property
    def on_line(self) -> bool:
        """Whether its devices stand on a serial line, here or behind a serial server."""
        return self.kind in {"modbus-rtu", "modbus-rtu-tcp"}

    @property
    def where(self) -> str:
        """The address that people know it by."""
        if self.kind == "modbus-rtu" and self.serial is not None:
            return self.serial.port
        return f"{self.host}:{self.port}"
