"""The machine as a flow network: how much of what goes round comes back?

Trailing twelve months of payments, payer x payee without kind, among vendors, clouds and labs, with everybody
else as the boundary. Cycling is measured as ecologists do (Finn 1976): n_ii = [(I - Q)^-1]_ii is how often a
dollar that passes node i passes it in all, Q_ij the share of i's throughflow that goes to j.
"""

from __future__ import annotations

import functools

import numpy as np

from perpetuum.model.equations import kernel
from perpetuum.model.worlds import Array, Dollars, Floats, Register, share, total

#: Months that the ring keeps.
MONTHS = 12
# A network that nothing leaves would cycle for ever; this leak keeps its inverse finite.
_LEAK = 1e-12


@kernel
def add_payments(flows, node, payers, payees, paid):
    """Add payments to the node x node flows of a month; payments that stay outside are left out."""
    items, worlds = paid.shape
    boundary = flows.shape[0] - 1
    for i in range(items):
        source, sink = node[payers[i]], node[payees[i]]
        if source == boundary and sink == boundary:
            continue
        for w in range(worlds):
            flows[source, sink, w] += paid[i, w]


@kernel
def _roll(closed, over, next_):
    """A month is over: it joins the closed ones, and the month twelve months ago leaves them and is emptied."""
    nodes, _, worlds = closed.shape
    for i in range(nodes):
        for j in range(nodes):
            for w in range(worlds):
                closed[i, j, w] += over[i, j, w] - next_[i, j, w]
                next_[i, j, w] = 0


@kernel
def _passed_on(closed, month, nodes):
    """What each node takes in or pays, whichever is more (nodes, worlds), and I - A, A the parts that it passes on to others."""
    worlds = closed.shape[2]
    through, system = np.empty((nodes, worlds)), np.empty((nodes, nodes, worlds))
    received, paid = np.empty((2, worlds), dtype=np.int64)
    for i in range(nodes):
        received[:] = 0
        paid[:] = 0
        for j in range(nodes + 1):  # the boundary included
            for w in range(worlds):
                received[w] += closed[j, i, w] + month[j, i, w]
                paid[w] += closed[i, j, w] + month[i, j, w]
        for w in range(worlds):
            through[i, w] = max(received[w], paid[w])
        for j in range(nodes):
            own = 1.0 if i == j else 0.0
            for w in range(worlds):
                part = (closed[i, j, w] + month[i, j, w]) / max(through[i, w], 1.0) * (1.0 - _LEAK)
                system[i, j, w] = own - part
    return through, system


@kernel
def _returns(system):
    """Diagonal (nodes, worlds) of the inverse of I - A (nodes, nodes, worlds), which is used up.

    No node passes on more than it takes in, so I - A is an M-matrix: elimination needs no pivoting.
    """
    n, _, worlds = system.shape
    factor = np.empty(worlds)
    for pivot in range(n):
        for w in range(worlds):
            factor[w] = 1.0 / system[pivot, pivot, w]
            system[pivot, pivot, w] = 1.0
        for j in range(n):
            for w in range(worlds):
                system[pivot, j, w] *= factor[w]
        for i in range(n):
            if i == pivot:
                continue
            for w in range(worlds):
                factor[w] = system[i, pivot, w]
                system[i, pivot, w] = 0.0
            for j in range(n):
                for w in range(worlds):
                    system[i, j, w] -= factor[w] * system[pivot, j, w]
    diagonal = np.empty((n, worlds))
    for i in range(n):
        diagonal[i] = system[i, i]
    return diagonal


class FlowNetwork(Register):
    """Payments of the last twelve months among vendors, clouds and labs and with the boundary.

    `ring` (months, payer, payee, worlds): whole dollars; the last node is the boundary. The ledger fills it
    once `ledger.network = FlowNetwork(ledger.accounts, worlds)` is set. A sale on credit is recorded as the
    seller's loan to the buyer and the buyer's payment, as the dye does.
    """

    def __init__(self, accounts, worlds: int):
        self.members: tuple[int, ...] = accounts["vendors"] + accounts["clouds"] + accounts["labs"]
        boundary = len(self.members)
        #: node number of every account
        self.node: tuple[int, ...] = tuple(
            self.members.index(account) if account in self.members else boundary for account in range(len(accounts))
        )
        self.ring: Dollars = np.zeros((MONTHS, boundary + 1, boundary + 1, worlds), dtype=np.int64)
        self.closed: Dollars = np.zeros(self.ring.shape[1:], dtype=np.int64)  # the other eleven months, added up
        self.slot = 0
        self._returns: Floats | None = None  # n_ii (nodes, worlds), kept until something is added
        self._through: Floats | None = None

    def begin_month(self, month: int) -> None:
        """Forget the month twelve months ago."""
        over, self.slot = self.slot, month % MONTHS
        _roll(self.closed, self.ring[over], self.ring[self.slot])
        self._returns = None

    def open_month(self) -> tuple[Dollars, Array]:
        """This month's payments by pair, to be added to, and every account's node."""
        self._returns = None
        return self.ring[self.slot], _array(self.node)

    def add(self, payers: Array, payees: Array, paid: Dollars) -> None:
        """Record payments (items, worlds) between account numbers; the ledger calls this."""
        add_payments(*self.open_month(), payers, payees, paid)

    def flows(self) -> Dollars:
        """Payments of twelve months, payer x payee (nodes, nodes, worlds); the last node is the boundary."""
        return self.closed + self.ring[self.slot]

    def finn_cycling_index(self) -> Floats:
        """Share of all throughflow that is recycled (worlds,).

        sum_i T_i (1 - 1/n_ii) / sum_i T_i, T_i the larger of what node i receives and pays: drawing cash down
        is an import, building it up an export. Zero where nothing flowed.
        """
        returns, through = self._solve()
        cycled = total([t * (1.0 - 1.0 / n) for t, n in zip(through, returns, strict=True)])
        return share(cycled, total(through))

    def loop_gain(self, account: int) -> Floats:
        """Share of a firm's dollars that come back to it (worlds,).

        g = 1 - 1/n_VV; g >= 1 would be perpetual motion.
        """
        returns, _ = self._solve()
        return 1.0 - 1.0 / returns[self.node[account]]

    def _solve(self) -> tuple[Floats, Floats]:
        if self._returns is None or self._through is None:
            self._through, system = _passed_on(self.closed, self.ring[self.slot], len(self.members))
            self._returns = _returns(system)
        return self._returns, self._through


@functools.cache
def _array(constants: tuple[int, ...]) -> Array:
    return np.array(constants)
