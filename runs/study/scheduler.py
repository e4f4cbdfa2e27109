"""The address of a Dask scheduler, as far as it can be judged before Dask is loaded."""

from __future__ import annotations

from perpetuum.model.errors import InputError

#: How Dask reaches a scheduler; an address without any of them is reached by the first.
PROTOCOLS = ("tcp", "tls", "ws", "wss", "ucx", "inproc")


def no_address(address: str) -> InputError:
    """That something is no address of a scheduler."""
    return InputError(f"'{address}' is no address of a scheduler: it must look like tcp://127.0.0.1:8786", "scheduler")


def check_address(address: str | None) -> None:
    """Refuse what no scheduler listens to: another protocol, a place without a port (raises InputError); None is no address."""
    if address is None:
        return
    protocol, _, place = address.rpartition("://")
    port = place.rpartition(":")[2]
    if (protocol or PROTOCOLS[0]) not in PROTOCOLS or (protocol != "inproc" and not (port.isascii() and port.isdecimal())):
        raise no_address(address)
