"""Options in the wrong place: who has them, and what to do instead; a suggestion is near, and what is said of options is so."""

from __future__ import annotations

import difflib
import re

import pytest
import typer

from perpetuum.model.errors import near
from perpetuum.model.parameters import PARAMETERS
from perpetuum.runs.commands import cli, mixed_up

PARSER = typer.main.get_command(cli.app)
COMMANDS = PARSER.commands  # type: ignore[attr-defined]
OPTIONS = {name: {one for one in mixed_up._options(command) if one.startswith("--")} for name, command in COMMANDS.items()}
EVERY = sorted({option for options in OPTIONS.values() for option in options})


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_of_other_commands_is_told_as_theirs_and_never_taken_for_one_that_is_like_it(command):
    for option in EVERY:
        if option in OPTIONS[command]:
            continue
        told = mixed_up.no_such_option(PARSER, COMMANDS[command], option)
        assert told.startswith(f"{option} is an option of "), told
        assert f", not of {command}" in told
        assert told.count("\n") == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_a_suggestion_is_near(command):
    for wrong in ("--blub", "--colour", "--zzz", "--frequency", "-x", "--", "--forge", "--overwrite"):
        told = mixed_up.no_such_option(PARSER, COMMANDS[command], wrong)
        if meant := re.search(r"did you mean '(--[^']+)'|; (--\S+) is one of", told):
            assert difflib.SequenceMatcher(None, wrong, meant[1] or meant[2]).ratio() > 0.7, told


def test_what_to_do_instead_is_said_of_options_and_commands_that_there_are():
    for option, instead in mixed_up._INSTEAD.items():
        assert option in EVERY
        for command, told in instead.items():
            assert not command or option not in OPTIONS[command], (option, command)
            for one in re.findall(r"--[a-z-]+", told):
                assert one in EVERY
                assert not command or one in OPTIONS[command] or "`" in told, (option, command, one)
            assert all(one in COMMANDS for one in re.findall(r"`perpetuum (\w+)", told))
            assert ": " not in told or told.endswith("> FILE")


@pytest.mark.parametrize("command", COMMANDS)
def test_what_to_do_instead_is_no_option_that_the_command_lacks(command):
    """Of what another command has, that command is named: `perpetuum sweep` varies parameters."""
    for option in EVERY:
        if option not in OPTIONS[command]:
            told = mixed_up.no_such_option(PARSER, COMMANDS[command], option)
            here = re.sub("`[^`]*`", "", told.partition(f"not of {command}")[2])
            assert {*re.findall(r"--[a-z-]+", here)} <= OPTIONS[command], told


@pytest.mark.parametrize("command", COMMANDS)
def test_only_what_simulates_many_worlds_is_told_to_work_on_this_machine(command):
    told = mixed_up.no_such_option(PARSER, COMMANDS[command], "--scheduler")
    several = {"--worlds", "--replicates"} & OPTIONS[command] and "--scheduler" not in OPTIONS[command]
    assert told.endswith(": it works on this machine") == bool(several)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("demand.strenth", "demand.strength"),
        ("strength", "demand.strength"),
        ("tightening", "funding.tightening"),
        ("vendor.price", ""),
        ("colour.red", ""),
        ("population", ""),
        ("", ""),
    ],
)
def test_a_parameter_that_is_suggested_is_near(given, meant):
    assert near(given, list(PARAMETERS)) == meant
