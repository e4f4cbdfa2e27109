"""Variables of the environment that steer packages under the program: what they say that those cannot take."""

from __future__ import annotations

import os
import traceback
import warnings


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
