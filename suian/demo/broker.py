"""The demo's own MQTT broker (amqtt, MQTT 3.1.1), in a process of its own, on the loopback."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
import sys

from amqtt.broker import Broker


async def serve(port: int) -> None:
    """Serve until SIGTERM or SIGINT. A port in use ends the process with its message."""
    logging.basicConfig(level=logging.WARNING)
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    broker = Broker(config)
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sig in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sig, done.set)
    await broker.start()
    try:
        await done.wait()
    finally:
        await broker.shutdown()


def main() -> None:
    """Read the port from the command line and serve."""
    parser = argparse.ArgumentParser(description="the demo's embedded MQTT broker")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    try:
        with socket.create_server(("127.0.0.1", port)):  # amqtt would answer with its own trace
            pass
    except (OSError, OverflowError) as error:
        text = f"broker: cannot listen on 127.0.0.1:{port}: {error}. Choose another --port"
        print(text, file=sys.stderr)
        sys.exit(2)
    asyncio.run(serve(port))


if __name__ == "__main__":
    main()
