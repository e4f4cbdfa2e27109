"""A command as it is called: options of one value are given once, and what is refused is refused by its option's name."""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import nullcontext
from typing import Any

from typer.core import TyperCommand

#: The options of parts of a question that go by another name here, the first that was given before others.
_OPTIONS = {
    "overrides": ("settings",),
    "low": ("low", "over"),
    "high": ("high", "over"),
    "months": ("months", "until"),
    "worlds": ("worlds", "replicates"),
    "replicates": ("replicates", "worlds"),
}


class Command(TyperCommand):
    """A command that refuses options of one value given twice, and names the option of whatever else is refused."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; what was given is kept with its options' names."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        left: list[str] = super().parse_args(ctx, args)
        ctx.meta["given"] = {one.name for one in order}
        taken = [one for one in order if one.param_type_name == "option" and not getattr(one, "is_flag", False)]
        single = [one for one in taken if not one.multiple]
        for one in single:
            if single.count(one) > 1 and not ctx.resilient_parsing:
                from perpetuum.model.errors import InputError

                raise InputError(f"{one.opts[0]} takes one value, and it is given {_times(single.count(one))}: give it once")
        return left

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what it refuses is told with the name of the option that it is about."""
        from perpetuum.model.preset_memory import read_once

        try:
            # The page opens presets as they are when it is asked for them, for as long as it is served.
            with nullcontext() if self.name == "app" else read_once():
                return super().invoke(ctx)
        except ValueError as error:
            if part := getattr(error, "about", ""):
                error.args = (self._named(str(error), part, ctx.meta["given"]),)
            raise

    def _named(self, message: str, part: str, given: Collection[str]) -> str:
        """A refusal of a part of the question with its option's name, in place of the part's own where it begins with that."""
        options = {one.name: one.opts[0] for one in self.params if one.param_type_name == "option"}
        names = [name for name in _OPTIONS.get(part, (part,)) if name in options]
        named = next((options[name] for name in names if name in given), "")
        first, _, rest = message.partition(" ")
        if first == part and names:
            return f"{named or options[names[0]]} {rest}"
        return message if not named or re.search(rf"{named}\b", message) else f"{named}: {message}"


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"
