"""The real daemons with many lives: a process that has loaded one forks it as often as it is killed.

Run as `python -m tests.journeys.lives edge|cloud`. Each line on standard input is the path of a configuration, and
begins a life; the daemon then says where it listens, as it always does. When it is dead, this process says `dead` and
how. Starting Python and loading everything takes a second; a fork takes milliseconds, and in it runs the same daemon.
"""

import asyncio
import os
import sys
from pathlib import Path

from shared import logs
from shared.clock import SystemClock


def main() -> None:
    name = sys.argv[1]
    if name == "edge":
        from edge import app, config
    else:
        from cloud import app, config  # type: ignore[no-redef]
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            settings, folder = config.read(Path(line.strip()))
            logs.configure(settings.log_level)
            asyncio.run(app.run(settings, folder, SystemClock(), lambda url: print(f"listening {url}", flush=True)))
            os._exit(0)
        print(f"born {child}", flush=True)
        _, status = os.waitpid(child, 0)
        print(f"dead {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()
