"""Other people's Modbus servers on loopback and on serial lines: pymodbus', and libmodbus in C."""

from __future__ import annotations

import asyncio
import ctypes
import ctypes.util
import select
import ssl
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from pymodbus import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer, ModbusTlsServer
from pymodbus.simulator import DataType, SimData, SimDevice

from edge.site.model import Link

HOLDING = tuple(1000 + n for n in range(200))
INPUTS = tuple(2000 + n for n in range(200))
COILS = tuple(n % 3 == 0 for n in range(64))
DISCRETES = tuple(n % 5 == 0 for n in range(64))


@asynccontextmanager
async def pymodbus_server(link: Link, folder: Path, far_end: str = "") -> AsyncIterator[None]:
    """Serve unit 1 with pymodbus on `link`; `far_end` is a serial line's other port."""
    device = SimDevice(
        1,
        (
            [SimData(0, values=list(COILS), datatype=DataType.BITS)],
            [SimData(0, values=list(DISCRETES), datatype=DataType.BITS)],
            [SimData(0, values=list(HOLDING), datatype=DataType.REGISTERS)],
            [SimData(0, values=list(INPUTS), datatype=DataType.REGISTERS)],
        ),
    )
    server: Any
    if link.kind == "modbus-rtu":
        server = ModbusSerialServer(device, port=far_end, baudrate=9600)
    elif link.kind == "modbus-tls":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "tls/ca.pem")
        context.load_cert_chain(folder / "tls/field.pem", folder / "tls/field.key")
        context.verify_mode = ssl.CERT_REQUIRED
        server = ModbusTlsServer(device, address=("127.0.0.1", link.port), sslctx=context)
    else:
        framer = FramerType.RTU if link.on_line else FramerType.SOCKET
        server = ModbusTcpServer(device, framer=framer, address=("127.0.0.1", link.port))
    serving = asyncio.create_task(server.serve_forever())
    while True:
        await asyncio.sleep(0.01)
        if server.is_active():
            break
    try:
        yield
    finally:
        await server.shutdown()
        await asyncio.gather(serving, return_exceptions=True)


class _Mapping(ctypes.Structure):
    _fields_ = [
        *(
            (f"{what}_{name}", ctypes.c_int)
            for name in ("bits", "input_bits", "input_registers", "registers")
            for what in ("nb", "start")
        ),
        ("tab_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_bits", ctypes.POINTER(ctypes.c_uint8)),
        ("tab_input_registers", ctypes.POINTER(ctypes.c_uint16)),
        ("tab_registers", ctypes.POINTER(ctypes.c_uint16)),
    ]


def libmodbus() -> Any:
    """Return the library, None where it is not installed."""
    name = ctypes.util.find_library("modbus")
    if name is None:
        return None
    library = ctypes.CDLL(name, use_errno=True)
    library.modbus_new_tcp.restype = ctypes.c_void_p
    library.modbus_new_tcp.argtypes = [ctypes.c_char_p, ctypes.c_int]
    library.modbus_new_rtu.restype = ctypes.c_void_p
    library.modbus_new_rtu.argtypes = [
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_char,
        ctypes.c_int,
        ctypes.c_int,
    ]
    library.modbus_mapping_new.restype = ctypes.POINTER(_Mapping)
    for name, more in (
        ("modbus_set_slave", [ctypes.c_int]),
        ("modbus_set_indication_timeout", [ctypes.c_uint32, ctypes.c_uint32]),
        ("modbus_connect", []),
        ("modbus_tcp_listen", [ctypes.c_int]),
        ("modbus_tcp_accept", [ctypes.POINTER(ctypes.c_int)]),
        ("modbus_receive", [ctypes.c_char_p]),
        ("modbus_reply", [ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(_Mapping)]),
        ("modbus_close", []),
        ("modbus_free", []),
    ):
        getattr(library, name).argtypes = [ctypes.c_void_p, *more]
    return library


@contextmanager
def libmodbus_server(library: Any, link: Link, far_end: str = "") -> Iterator[None]:
    """Serve unit 1 with libmodbus on `link`, in a thread of its own."""
    table = library.modbus_mapping_new(64, 64, 200, 200)
    facts = table.contents
    for place in range(200):
        facts.tab_registers[place], facts.tab_input_registers[place] = HOLDING[place], INPUTS[place]
    for place in range(64):
        facts.tab_bits[place], facts.tab_input_bits[place] = COILS[place], DISCRETES[place]
    if link.kind == "modbus-rtu":
        context = library.modbus_new_rtu(far_end.encode(), 9600, b"N", 8, 1)
        library.modbus_set_slave(context, 1)
        assert library.modbus_connect(context) == 0, ctypes.get_errno()
        listening = -1
    else:
        context = library.modbus_new_tcp(b"127.0.0.1", link.port)
        listening = library.modbus_tcp_listen(context, 1)
        assert listening >= 0, ctypes.get_errno()
    library.modbus_set_indication_timeout(context, 0, 100_000)
    ended = threading.Event()
    thread = threading.Thread(
        target=_serve, args=(library, context, table, listening, ended), daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(10)
        library.modbus_close(context)
        if listening >= 0:
            library_close = ctypes.CDLL(None).close
            library_close(listening)
        library.modbus_free(context)
        library.modbus_mapping_free(table)


def _serve(library: Any, context: Any, table: Any, listening: int, ended: threading.Event) -> None:
    query = ctypes.create_string_buffer(260)
    peer = listening < 0
    while not ended.is_set():
        if not peer:
            if not select.select([listening], [], [], 0.05)[0]:
                continue
            peer = library.modbus_tcp_accept(context, ctypes.byref(ctypes.c_int(listening))) >= 0
        size = library.modbus_receive(context, query)
        if size > 0:
            library.modbus_reply(context, query, size, table)
        elif size < 0 and ctypes.get_errno() == 104 and listening >= 0:  # the client hung up
            library.modbus_close(context)
            peer = False


class Cable:
    """A null modem cable: two serial ports, `near` and `far`, joined by socat."""

    def __init__(self, folder: Path) -> None:
        self.near, self.far = str(folder / "near"), str(folder / "far")
        self._process: subprocess.Popen[bytes] | None = None

    def plug_in(self) -> None:
        """Make the two ports, under their old names."""
        ends = [f"pty,raw,echo=0,link={end}" for end in (self.near, self.far)]
        self._process = subprocess.Popen(["socat", *ends], stderr=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while not (Path(self.near).exists() and Path(self.far).exists()):
            assert time.monotonic() < until, "socat made no ports"
            time.sleep(0.01)

    def unplug(self) -> None:
        """Pull it out: both ports are gone."""
        if self._process is not None:
            self._process.kill()  # told politely, socat may wait for bytes that nobody takes
            self._process.wait(10)
            self._process = None
        for end in (self.near, self.far):
            Path(end).unlink(missing_ok=True)
