"""Starting the real daemons as processes of their own, and stopping them."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shared.errors import ShopwrightError

START_TIMEOUT_S = 60.0  # a small board needs some ten seconds
STOP_TIMEOUT_S = 15.0


class DaemonFailed(ShopwrightError):
    """The {name} daemon did not start."""

    hint = "Its last words are above; the whole log is in the file named there."


def free_port(preferred: int) -> int:
    """Return the preferred port if nobody uses it, else any that is free and stays so for a minute.

    A connection to it is opened and ended from its side: while the kernel remembers that, it gives the port to nobody
    who asks for any, but lets a server listen there.
    """
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                probe.listen(1)
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            with socket.create_connection(("127.0.0.1", found)):
                probe.accept()[0].close()
            return found
    raise OSError("no free port on loopback")


@asynccontextmanager
async def running(name: str, config: Path, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m <name> run` while the context is open; entered once it says that it is open for business.

    name: "cloud" or "edge". Raises DaemonFailed.
    """
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", name, "run", "--config", str(config)),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # Ctrl-C is for the demo, which stops its daemons in order
        )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            ready = await process.stdout.readline()
        if not ready:
            _show_end(log)
            raise DaemonFailed(name=name, log=str(log))
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


def _show_end(log: Path) -> None:
    print(log.read_text(errors="replace")[-2_000:], file=sys.stderr)


async def command(*words: str) -> str:
    """Run one command of the edge as an installer would, and return what it prints. Raises DaemonFailed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    if process.returncode:
        print(errors.decode(errors="replace"), file=sys.stderr)
        raise DaemonFailed(name=f"edge {words[0]}")
    return output.decode().strip()
