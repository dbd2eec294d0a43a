"""The demo's own MQTT broker (amqtt, MQTT 3.1.1), in a process of its own, on the loopback."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal

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
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
