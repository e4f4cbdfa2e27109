"""What the commands of this folder that live worlds again and again are asked for: how many, of which preset, with which seed."""

from __future__ import annotations

import argparse


def about_worlds(document: str | None) -> argparse.ArgumentParser:
    """Options of such a command, which its module's text describes."""
    ask = argparse.ArgumentParser(description=document.splitlines()[0] if document else None)
    ask.add_argument("--worlds", type=int, default=100)
    ask.add_argument("--preset", default="ono_2025")
    ask.add_argument("--seed", type=int, default=1)
    return ask
