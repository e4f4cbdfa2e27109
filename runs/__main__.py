"""Where the program begins: `perpetuum`, or `python -m perpetuum.runs`.

What happens while its commands are still being loaded is answered in a line, not a traceback. Nothing is imported before a Ctrl-C
is heard but what Python itself has loaded by then, and the few lines that hear it.
"""

from __future__ import annotations

import os
import sys

from perpetuum.runs import INTERRUPTED, STOPPED


def _say(sentence: str) -> None:
    try:
        os.write(2, f"perpetuum: {sentence}\n".encode())
    except OSError:  # standard error is closed
        return


def _leave(*_: object) -> None:
    """End at once: nothing is open yet, and nothing was written."""
    _say(STOPPED)
    os._exit(INTERRUPTED)


try:
    import signal
except KeyboardInterrupt:
    _leave()


def main() -> int:
    """Load the commands and run the one that is asked for; returns its exit code."""
    # Python raises a Ctrl-C wherever it is at: in the middle of an import, or in code that swallows it.
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heard:
        signal.signal(signal.SIGINT, _leave)
    try:
        from perpetuum.runs.commands.cli import main as obey
    except (ImportError, OSError, MemoryError) as error:
        from perpetuum.model.errors import TOO_LITTLE_MEMORY, lacks_memory

        if not lacks_memory(error):
            raise
        _say(TOO_LITTLE_MEMORY)
        return 2
    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return obey()


if __name__ == "__main__":
    sys.exit(main())
