"""What numba compiles, once a machine and version: how much of it is missing, and who does what of it.

The work has two halves, about as long as each other, so that two processes can share it (`shared_compilation`).
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from perpetuum.model.economy import Economy
    from perpetuum.model.equations import Equation


def uncompiled() -> int:
    """Number of modules with a kernel of which nothing is kept that numba would take for this version and this processor."""
    import perpetuum.model.economy  # noqa: F401 - with it all kernels are there
    from perpetuum.model.equations import KERNELS, config

    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        return 0
    kernels = [one for one in KERNELS if one.py_func.__module__.startswith("perpetuum.")]
    return len({one.py_func.__module__ for one in kernels if not _is_kept(one)})


def _is_kept(kernel: object) -> bool:
    """Whether numba finds a compiled copy of a kernel."""
    kept = getattr(getattr(kernel, "_cache", None), "_cache_file", None)
    if kept is None:
        return False
    here = kernel.targetctx.codegen().magic_tuple()  # type: ignore[attr-defined]
    return any(processor == here for _, processor, *_ in kept._load_index())


#: Whether this process has compiled what it could not keep.
_here_alone = False


def kept_for_others() -> bool:
    """Whether other processes find what was compiled; where they do not, workers are copies of this process from now on."""
    global _here_alone
    _here_alone = uncompiled() > 0
    return not _here_alone


def here_alone() -> bool:
    """Whether this process has compiled what it could not keep, so that a process has it only as a copy of this one."""
    return _here_alone


def kept_as_it_comes() -> bool:
    """Whether numba has found a folder for every kernel, so that a second process could hand over what it compiles."""
    import perpetuum.model.economy  # noqa: F401 - with it all kernels are there
    from perpetuum.model.equations import KERNELS, config

    return not config.DISABLE_JIT and all(  # type: ignore[attr-defined]
        hasattr(getattr(one, "_cache", None), "_cache_file") for one in KERNELS
    )


def compile_months() -> None:
    """Compile what months run through, and the kernels that few worlds or questions need: none of these changes anything."""
    from perpetuum.model.observed.collector import AGENT_FIGURES

    economy = opened()
    economy.ledger.postings = []  # single payments are shown
    economy.run()
    economy.outcome()
    for figure in AGENT_FIGURES.values():
        figure(economy.ledger)
    nothing = np.zeros(economy.p.worlds)
    economy.hardware.sell(
        economy.lead_vendor.account, [economy.leveraged_cloud.account], nothing, [nothing]
    )  # chips in distress


def compile_rules_and_month_end() -> None:
    """Compile all equations, the last ones first, and what a month ends with: the securities market and the audit."""
    from perpetuum.model.phases import audit_and_collect, securities_market

    for rule in reversed(rules().values()):
        rule.compile()
    economy = opened()
    economy.ledger.begin_month(economy.month)
    securities_market.trade_securities(economy, securities_market.manage_reserves(economy))
    audit_and_collect.audit(economy)


def rules() -> dict[str, Equation]:
    """All rules of agents, markets and surroundings by module and name."""
    from perpetuum import agents
    from perpetuum.model import markets, surroundings
    from perpetuum.model.equations import Equation

    found: dict[str, Equation] = {}
    for folder in (agents, markets, surroundings):
        for part in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}."):
            module = importlib.import_module(part.name)
            here = {name: rule for name, rule in vars(module).items() if isinstance(rule, Equation)}
            found |= {f"{part.name}.{name}": rule for name, rule in here.items() if rule.__module__ == part.name}
    return found


def opened() -> Economy:
    """An economy in which all kinds of finance and trouble come within two years, measured in every way."""
    from perpetuum.model.economy import Economy
    from perpetuum.model.observed.measures import MEASURES

    tight = {
        "vendor_finance.instrument": "loan",
        "funding.tightening": 1.0,
        "funding.start_month": 1,
        "demand.strength": 0.4,
    }
    return Economy(preset="ono_2025", worlds=2, months=24, seed=1, overrides=tight, series=tuple(MEASURES))
