"""Variables of the environment that steer packages under the program: what they say that those cannot take."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

from perpetuum.model.places import may_write

#: Memory (RLIMIT_AS) under which commands end in libraries' own words, or never: of those that list, and of all others.
_LISTS, _LEAST = 250_000_000, 1_100_000_000
_LISTERS = ("scenarios", "params", "--help", "-h", "--version")


def heed_surroundings() -> None:
    """Draw to files whatever a shell says of windows, and be told at once what numba cannot read; before either is loaded."""
    if os.environ.get("MPLBACKEND"):
        os.environ["MPLBACKEND"] = "agg"
    # Of a variable that it cannot read it prints a traceback, and goes on without.
    warnings.filterwarnings("error", message="Environment variable 'NUMBA_", category=RuntimeWarning)


def of_numba(error: BaseException) -> str:
    """What numba has against the environment that kept it from being loaded, in a sentence; "" for any other error."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    if not any(one.f_code.co_name == "<module>" and one.f_globals.get("__name__") == "numba" for one in frames):
        return ""
    told = sorted(name for name in os.environ if name.startswith("NUMBA_"))
    named = [name for name in told if f"'{name}'" in str(error)] or told
    if not named:
        return ""
    said = ", ".join(f"{name}={os.environ[name]}" for name in named)
    them = "it" if len(named) == 1 else "them"
    return f"numba, which computes the worlds, cannot be loaded with {said} in the environment: unset {them}"


#: Shells that completion knows.
SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
_COMPLETION, _ASKS = ("--install-completion", "--show-completion"), "_PERPETUUM_COMPLETE"


def of_completion(error: BaseException) -> str:
    """What is wrong where a shell asks for completions and does not say of what, in a sentence; "" for any other error."""
    names = {
        str(frame.f_globals.get("__name__", "")).rpartition(".")[2] for frame, _ in traceback.walk_tb(error.__traceback__)
    }
    if "_completion_classes" not in names or not isinstance(error, (KeyError, ValueError)):
        return ""
    return "the shell asks for completions without saying of what: install them anew with `perpetuum --install-completion`"


def no_completion(words: Sequence[str]) -> str:
    """Why nothing can be completed as it is asked for: for no shell that is known, or with no home for it; "" where it can."""
    shells = f"{', '.join(SHELLS[:-1])} or {SHELLS[-1]}"
    if asked := os.environ.get(_ASKS, ""):
        instruction, _, shell = asked.partition("_")
        if instruction in ("complete", "source") and shell in SHELLS:
            return ""
        takes = f"it takes complete_ or source_ and {shells}, such as complete_bash"
        return f"{_ASKS}={asked} in the environment asks for nothing: {takes}"
    option = next((word for word in words if word in _COMPLETION), "")
    if not option or words[0] != option:  # behind a command it is none of its options
        return ""
    if len(words) > 1 and not words[1].startswith("-"):
        return f"{option} is for the shell that asks, {shells}, and takes no word behind it: leave out '{words[1]}'"
    try:
        import shellingham  # which typer asks, too

        shell = shellingham.detect_shell()[0]
    except (ImportError, OSError):  # a shell that cannot be told is an OSError as well
        shell = ""
    if shell not in SHELLS:
        return f"{option} is for the shell that asks, which must be {shells}, not {shell or 'one that nobody can tell'}"
    home = os.path.expanduser("~")
    if option == _COMPLETION[0] and not may_write(Path(home)):
        return f"{option} keeps what it installs at home, and '{home}' cannot be written"
    return ""


def little_memory(words: Sequence[str]) -> str:
    """That this process may use less memory than the command takes, in a sentence; "" where it may use enough."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    except (ImportError, AttributeError, OSError):  # not on this system
        return ""
    least = _LISTS if not words or set(words) & set(_LISTERS) else _LEAST
    if limit == resource.RLIM_INFINITY or limit >= least:
        return ""
    allowed, needed = limit // 1_000_000, least // 1_000_000
    return (
        f"this shell lets a program use {allowed:,} MB of memory (ulimit -v), and this takes {needed:,} MB: raise the limit"
    )
