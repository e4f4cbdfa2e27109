"""`perpetuum app`: the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from perpetuum.runs.commands import options as shared


def app(
    preset: Annotated[str | None, typer.Argument(help="the preset that the page opens with, or a .toml file")] = None,
    seed: Annotated[int | None, typer.Option(parser=shared.whole, help="seed of all luck that the page opens with")] = None,
    study: Annotated[
        Path | None, typer.Option(parser=shared.path, help="open a world of this study or run, with --world")
    ] = None,
    world: Annotated[int | None, typer.Option(parser=shared.whole, help="number of the world, as in worlds.parquet")] = None,
    host: Annotated[str, typer.Option(help="address to listen on; 0.0.0.0 lets other machines in")] = "127.0.0.1",
    port: Annotated[int, typer.Option(parser=shared.whole, help="port to listen on")] = 8765,
    code: Annotated[
        str | None,
        typer.Option(help="access code that everybody needs; one is made where --host lets others in", metavar="CODE"),
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="another name by which others reach this machine", metavar="NAME")
    ] = None,
) -> None:
    """Open the page on which the machine runs: watch, pull levers, fork the world.

    Example:  perpetuum app --study results/study --world 17
    """
    shared.keep_to_one_thread()
    for option, number, low, high in (("--seed", seed, 0, 2**31), ("--world", world, 0, None), ("--port", port, 1, 65535)):
        if number is not None and not low <= number <= (number if high is None else high):
            upto = "on" if high is None else f"to {high}"
            raise shared.input_error(f"{option} takes a whole number from {low} {upto}, not {number}")
    if study is not None and (preset is not None or seed is not None):
        raise shared.input_error("--study says which preset and seed its worlds have: leave out the preset and --seed")
    if (study is None) != (world is None):
        raise shared.input_error("--study DIR and --world K go together: they name one world of a study")
    if not host.strip():  # an empty one would listen on every address
        raise shared.input_error("--host takes an address to listen on, such as 127.0.0.1 or 0.0.0.0")
    for one in name or ():
        if not one.strip() or set(one) & set("/:@ "):
            raise shared.input_error(
                f"--name takes a name such as class.example, without protocol, port or path, not '{one}'"
            )
    from perpetuum.model.errors import named_once
    from perpetuum.visualization.app.gate import Door, check_port, invitation
    from perpetuum.visualization.app.opening import Opening, world_of

    named_once(name or (), "--name")
    if study is not None and world is not None:
        opening = world_of(study, world)
    else:
        opening = Opening.of(preset or shared.DEFAULT_PRESET, 1 if seed is None else seed)
    door = Door.of(host, code, name or ())
    check_port(host, port)
    # Reading the page itself takes seconds: a mistake is told before.
    from perpetuum.visualization.app.replay import open_with
    from perpetuum.visualization.app.serve import serve

    open_with(opening)
    typer.echo(invitation(door, host, port))
    serve(host, port, door)
