"""Commands answered once: an id that was seen before gets the first answer again, and no effect."""

from __future__ import annotations

import asyncio
import inspect
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from edge.control.protocol import Command, HandlersLike, Json, encode
from edge.errors import CommandError

REMEMBERED = 4096  # answers kept; an operator's double click is seconds old, not thousands
log = structlog.get_logger(__name__)
Send = Callable[[bytes], None]


class Answers:
    """Runs commands through the handlers and remembers what each was answered."""

    def __init__(self, handlers: HandlersLike) -> None:
        self._handlers = handlers
        self._given: OrderedDict[str, asyncio.Future[bytes]] = OrderedDict()
        self._running: set[asyncio.Task[None]] = set()

    def give(self, hello: Json, command: Command, send: Send) -> None:
        """Answer through `send`, now or when the command is done; a plain call."""
        known = self._given.get(command.id)
        if known is None:
            known = self._given[command.id] = asyncio.get_running_loop().create_future()
            self._start(hello, command, known)
            if len(self._given) > REMEMBERED:
                self._given.popitem(last=False)
        if known.done():
            send(known.result())
        else:
            known.add_done_callback(lambda done: send(done.result()))

    async def end(self) -> None:
        """Cancel what is still being done; its clients are answered that it failed."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _start(self, hello: Json, command: Command, answer: asyncio.Future[bytes]) -> None:
        try:
            result = self._handlers.on_command(hello, command)
        except CommandError as error:
            answer.set_result(_refusal(command, error))
            return
        except Exception:
            log.exception("command failed", command=command.name, id=command.id)
            answer.set_result(_failure(command))
            return
        if not inspect.isawaitable(result):
            answer.set_result(_success(command, result))
            return
        task = asyncio.create_task(_finish(command, result, answer))
        self._running.add(task)
        task.add_done_callback(self._running.discard)


async def _finish(command: Command, result: Awaitable[Any], answer: asyncio.Future[bytes]) -> None:
    """Await a command's result; whatever happens, whoever asked is answered."""
    try:
        answer.set_result(_success(command, await result))
    except CommandError as error:
        answer.set_result(_refusal(command, error))
    except asyncio.CancelledError:
        answer.set_result(_refusal(command, CommandError("control.down")))
        raise
    except Exception:
        log.exception("command failed", command=command.name, id=command.id)
        answer.set_result(_failure(command))


def _success(command: Command, result: object) -> bytes:
    return encode({"t": "reply", "id": command.id, "ok": True, "result": result})


def _failure(command: Command) -> bytes:
    """Return the answer to a command that our own mistake ended."""
    failed = CommandError("control.command-failed", {"name": command.name[:64]})
    return _refusal(command, failed)


def _refusal(command: Command, error: CommandError) -> bytes:
    problem = {"id": error.message_id, "params": error.params}
    return encode({"t": "reply", "id": command.id, "ok": False, "error": problem})
