"""A command as it is called: options of one value are given once, and what is refused is refused by its option's name."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Sequence
from typing import Any

from typer.core import TyperCommand

#: What a question calls what a command calls otherwise.
_CALLED = {"replicates": "--worlds", "worlds": "--replicates"}
#: Where values of options consist of several: `NAME=LOW:HIGH`, `A,B`.
_PARTS = re.compile(r"[=,:]")
#: Numbers that a refusal repeats: what is not allowed, and what is beyond all that is usual.
_NUMBERS = re.compile(r"(?<=\bnot )-?\d[\d,]*|\d[\d,]{6,}")


class Command(TyperCommand):
    """A command that refuses options of one value given twice, and names the option of whatever else is refused."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; what was given is kept with its options' names."""
        values, _, order = self.make_parser(ctx).parse_args(args=list(args))
        left: list[str] = super().parse_args(ctx, args)
        ctx.meta["given"] = [(one, _listed(values.get(one.name))) for one in dict.fromkeys(order)]
        taken = [one for one in order if one.param_type_name == "option" and not getattr(one, "is_flag", False)]
        single = [one for one in taken if not one.multiple]
        for one in single:
            if single.count(one) > 1 and not ctx.resilient_parsing:
                from perpetuum.model.errors import InputError

                raise InputError(f"{one.opts[0]} takes one value, and it is given {_times(single.count(one))}: give it once")
        return left

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what it refuses is told with the option's name."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG or not error.filename:
                raise
            from perpetuum.model.errors import InputError, shortened

            # The name of a file beside it, or of one in it, may be what is too long.
            about = [option for option, values in _given(ctx) if any(one and one in str(error.filename) for one in values)]
            told = f"'{shortened(str(error.filename))}' cannot be looked up: {os.strerror(error.errno).lower()}"
            raise InputError(f"{about[0]}: {told}" if about else told) from None
        except ValueError as error:
            from perpetuum.model.errors import InputError

            if not isinstance(error, InputError) or (told := named(str(error), self, ctx.meta["given"])) == str(error):
                raise
            raise InputError(told) from error


def named(message: str, command: Any, given: Iterable[tuple[Any, Sequence[str]]]) -> str:
    """A refusal with the name of the option that it is about: of the one that it begins with, or whose value it repeats."""
    from perpetuum.model.errors import shortened

    options = [(one.opts[0], values) for one, values in given if one.param_type_name == "option"]
    if any(re.search(rf"{option}\b", message) for option, _ in options):
        return message
    first, _, rest = message.partition(" ")
    known = {option for one in command.params for option in one.opts}
    for option in (f"--{first.replace('_', '-')}", _CALLED.get(first, "")):
        if option in known and rest.startswith(("must", "takes", "lies", "lie")):
            return f"{option} {rest}"
    repeated = {*re.findall(r"'([^']*)'", message)} | {one.replace(",", "") for one in _NUMBERS.findall(message)}
    arguments = {value for one, values in given if one.param_type_name == "argument" for value in values}
    if repeated & arguments:
        return message
    for part in (
        lambda value: {value.strip(), shortened(value.strip())},
        lambda value: {one.strip() for one in _PARTS.split(value)} - {""},
    ):
        about = {option for option, values in options if any(repeated & part(value) for value in values)}
        if about:  # of several nobody can tell which it is
            return f"{about.pop()}: {message}" if len(about) == 1 else message
    return message


def _given(ctx: Any) -> list[tuple[str, Sequence[str]]]:
    return [(one.opts[0], values) for one, values in ctx.meta["given"] if one.param_type_name == "option"]


def _listed(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list | tuple) else [] if value is None else [value])]


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"
