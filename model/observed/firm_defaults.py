"""Defaults of firms: when and why each first fails, its breaches and its distress before, and what its creditors lose.

    loss per dollar lent = 1 - recovered / owed at the first default, 0 where there is none
    after shares too     = 1 - (recovered + shares) / owed

of what creditors who lend at interest are owed (secured, unsecured and vendors); unpaid bills stand beside it. Recovered is what
collateral, the rest of the claim and guarantors bring; shares are those that owners hand over in the restructuring, worth what
the market pays for them eleven months later: they are handed over at book value, do not trade for some months, and the market
then has its own opinion of the firm. Every default that is judged has those months after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from perpetuum.model.books.ledger import Ledger
from perpetuum.model.observed.events import EventCause
from perpetuum.model.observed.measured_economy import MeasuredAgent, MeasuredEconomy
from perpetuum.model.units import BN, NEVER, YEAR
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, Register, anywhere, share, total

#: Classes of creditors who lend, and the debts that each class holds; whoever sent a bill is of the class `trade`.
LENT = {"secured": ("term_loans", "hall_loans"), "unsecured": ("bonds", "bank_loans"), "vendor": ("vendor_credit",)}
CREDITORS = (*LENT, "trade")
#: The class of each debt.
CLASS_OF = {row: name for name, rows in LENT.items() for row in rows}
#: Months before a default, or before the end, in which distress is looked for.
WATCHED = 24
#: Codes of causes are places in this list.
CAUSES = tuple(EventCause)

Standing = dict[str, Dollars]


def standing(ledger: Ledger, account: int) -> Standing:
    """What an account owes each class of creditors that lend (worlds,), dollars."""
    return {
        name: np.asarray(-total([np.minimum(ledger.stock(row, account), 0) for row in rows])) for name, rows in LENT.items()
    }


class FirmDefaults(Register):
    """By firm, the world on the last axis: `default_month` (firms, worlds), -1 never, and what was owed and recovered then.

    `owed`, `recovered`, `in_shares`: by class of creditors (firms, worlds), dollars at the first default; a guarantor's payment
    counts as recovered and stands in `guaranteed` too. `lot_price`: of those shares then, dollars, and `price_later`: the price
    eleven months later as a multiple of it, 1 until that is known. `breached`, `uncovered`: a mask (firms, worlds) for each
    month that is over.
    """

    def __init__(self, economy: MeasuredEconomy):
        firms = economy.firms
        shape = (len(firms), economy.p.worlds)
        self.names = tuple(firm.name for firm in firms)
        self.place = {firm.account: number for number, firm in enumerate(firms)}
        self.has_cover = tuple(any(firm is one for one in (*economy.clouds, *economy.labs)) for firm in firms)
        self.debt_today: Floats = np.stack([economy.ledger.debt_of(firm.account) + 0.0 for firm in firms])
        self.default_month: Array = np.full(shape, NEVER)
        self.cause: Array = np.full(shape, NEVER)
        self.rescue_month: Array = np.full(shape, NEVER)
        self.debt_at_default: Floats = np.zeros(shape)
        self.guaranteed: Floats = np.zeros(shape)
        self.owed: dict[str, Floats] = {name: np.zeros(shape) for name in CREDITORS}
        self.recovered: dict[str, Floats] = {name: np.zeros(shape) for name in CREDITORS}
        self.in_shares: dict[str, Floats] = {name: np.zeros(shape) for name in CREDITORS}
        self.lot_price: Floats = np.zeros(shape)
        self.price_later: Floats = np.ones(shape)
        self.breached: list[Mask] = []
        self.uncovered: list[Mask] = []
        self._breached_before_default: Mask = np.zeros(shape, dtype=bool)

    # --- filled as months pass ----------------------------------------------------------------------------------

    def note_breach(self, firm: MeasuredAgent, breached: Mask) -> None:
        """A firm is in breach of a covenant in this month, in which a default will wipe the breach out."""
        self._breached_before_default[self.place[firm.account]] |= breached

    def note(
        self,
        firm: MeasuredAgent,
        month: int,
        failed: Mask,
        causes: Sequence[tuple[EventCause, str, Mask]],
        before: Standing,
        guaranteed: Floats,
        after: Standing,
        bills: Floats,
        in_shares: Mapping[str, Floats],
        lot_price: Floats | None = None,
    ) -> None:
        """A firm defaults where `failed`; only the first time in each world is kept.

        `before` and `after`: what it owes before guarantees are called and once debts are written down; `bills`: unpaid;
        `in_shares`: worth of the shares that each class gets, at `lot_price`; None where there are no shares.
        Who has paid for the debtor has the lender's claim among its own vendor credit: what is left of that is not what a
        vendor recovers of its own, so vendors recover after x before / (before + guaranteed), and shares likewise.
        """
        row = self.place[firm.account]
        first = failed & (self.default_month[row] < 0)
        if not anywhere(first):
            return
        self.default_month[row] = np.where(first, month, self.default_month[row])
        for cause, _, where in causes:
            self.cause[row] = np.where(first & where, CAUSES.index(cause), self.cause[row])
        vendors = before["vendor"] + guaranteed
        own = before["vendor"] / np.where(vendors > 0, vendors, 1.0)
        recovered = {
            "secured": after["secured"] + guaranteed,
            "unsecured": after["unsecured"],
            "vendor": after["vendor"] * own,
            "trade": np.zeros_like(bills),
        }
        shares = {**in_shares, "vendor": in_shares["vendor"] * own}
        for name, owed in {**before, "trade": bills}.items():
            self.owed[name][row] = np.where(first, owed, self.owed[name][row])
            self.recovered[name][row] = np.where(first, np.minimum(recovered[name], owed), self.recovered[name][row])
            left = owed - self.recovered[name][row]
            self.in_shares[name][row] = np.where(first, np.minimum(shares[name], left), self.in_shares[name][row])
        if lot_price is not None:
            self.lot_price[row] = np.where(first, lot_price, self.lot_price[row])
        self.guaranteed[row] = np.where(first, guaranteed, self.guaranteed[row])
        self.debt_at_default[row] = np.where(first, total(before.values()), self.debt_at_default[row])

    def record(self, economy: MeasuredEconomy) -> None:
        """A month is over: who is in breach, whose means do not cover what it must pay, who is rescued, what shares fetch."""
        breached, uncovered = self._breached_before_default.copy(), np.zeros_like(self._breached_before_default)
        for cloud in economy.clouds:
            breached[self.place[cloud.account]] |= cloud.months_in_breach > 0
            uncovered[self.place[cloud.account]] = cloud.coverage() < 1.0
        for lab in economy.labs:
            uncovered[self.place[lab.account]] = lab.commitment_cover() < 1.0
        for account, row in self.place.items():
            rescued = economy.distress.rescued_now[account] > 0
            if anywhere(rescued):
                first = rescued & (self.rescue_month[row] < 0)
                self.rescue_month[row] = np.where(first, economy.month, self.rescue_month[row])
            due = (self.default_month[row] == economy.month - (YEAR - 1)) & (self.lot_price[row] > 0)
            if anywhere(due):
                price = economy.holdings.price[economy.holdings.asset_of(account)]
                multiple = price / np.where(due, self.lot_price[row], 1.0)
                self.price_later[row] = np.where(due, multiple, self.price_later[row])
        self.breached.append(breached)
        self.uncovered.append(uncovered)
        self._breached_before_default[...] = False

    # --- what it tells ------------------------------------------------------------------------------------------

    def told(self, months: int) -> dict[str, Array]:
        """What is known of each firm from the first `months` months, and for prices of shares from eleven more; money in $bn.

        Name to (firms, worlds). Months are -1 and causes empty where the thing does not happen, `distress` is NaN where nothing
        can be told, `share_price_later` where there is no default.
        """
        fell = (self.default_month >= 0) & (self.default_month < months)
        breached = _stacked(self.breached[:months], fell.shape)
        rescued = (self.rescue_month >= 0) & (self.rescue_month < months)
        words = np.array([*(cause.value for cause in CAUSES), ""])
        found: dict[str, Array] = {
            "default_month": np.where(fell, self.default_month, NEVER),
            "cause": words[np.where(fell, self.cause, NEVER)],
            "breach_months": breached.sum(axis=0),
            "first_breach_month": np.where(breached.any(axis=0), breached.argmax(axis=0) if len(breached) else NEVER, NEVER),
            "rescue_month": np.where(rescued, self.rescue_month, NEVER),
            "distress": self._distress(np.where(fell, self.default_month, months), months),
            "debt_today": self.debt_today / BN,
            "debt_at_default": np.where(fell, self.debt_at_default, 0.0) / BN,
        }
        for name in CREDITORS:
            found[f"owed_{name}"] = np.where(fell, self.owed[name], 0.0) / BN
            found[f"recovered_{name}"] = np.where(fell, self.recovered[name], 0.0) / BN
        found["guaranteed"] = np.where(fell, self.guaranteed, 0.0) / BN
        for name in CREDITORS:
            found[f"shares_{name}"] = np.where(fell, self.in_shares[name], 0.0) / BN
        found["share_price_later"] = np.where(fell, self.price_later, np.nan)
        return found | {"loss": loss_per_dollar(found), "loss_after_shares": loss_per_dollar(found, shares=True)}

    def _distress(self, until: Array, months: int) -> Floats:
        """Share of the months before `until` (firms, worlds), at most `WATCHED`, with cover below 1; NaN without any."""
        uncovered = _stacked(self.uncovered[:months], until.shape)
        month = np.arange(len(uncovered))[:, None, None]
        watched = (month < until) & (month >= until - WATCHED)
        count = watched.sum(axis=0)
        known = (count > 0) & np.array(self.has_cover)[:, None]
        return np.where(known, (uncovered & watched).sum(axis=0) / np.maximum(count, 1), np.nan)


def loss_per_dollar(told: Mapping[str, Array], *, shares: bool = False) -> Floats:
    """Loss per dollar lent (firms, worlds): 1 - recovered / owed at the first default, 0 without one.

    `shares`: what lenders get in shares counts as recovered too (`worth_of_shares`). NaN where a firm owes nothing today.
    Whoever lent today has been paid back where nothing is owed at the default.
    """
    owed = total([told[f"owed_{name}"] for name in LENT])
    recovered = total([told[f"recovered_{name}"] for name in LENT])
    if shares:
        recovered = np.minimum(recovered + worth_of_shares(told), owed)
    return np.where(told["debt_today"] > 0, 1.0 - share(recovered, owed, 1.0), np.nan)


def worth_of_shares(told: Mapping[str, Array]) -> Floats:
    """What the shares that lenders get at the first default fetch eleven months later (firms, worlds), $bn.

    No more than what they have lost: who gains beyond that has recovered no more than was owed.
    """
    later = np.nan_to_num(told["share_price_later"], nan=1.0)
    lost = total([told[f"owed_{name}"] - told[f"recovered_{name}"] for name in LENT])
    return np.minimum(total([told[f"shares_{name}"] for name in LENT]) * later, lost)


def measures(names: tuple[str, ...], told: Mapping[str, Array]) -> dict[str, Floats]:
    """Columns of the table of worlds (worlds,): `default:<firm>`, a month or -1, and `loss:<firm>`, per dollar lent."""
    months, losses = told["default_month"].astype(np.float64), loss_per_dollar(told)
    found = {f"default:{name}": months[row] for row, name in enumerate(names)}
    return found | {f"loss:{name}": losses[row] for row, name in enumerate(names)}


def _stacked(masks: list[Mask], shape: tuple[int, ...]) -> Mask:
    """Masks of months (months, firms, worlds)."""
    return np.stack(masks) if masks else np.zeros((0, *shape), dtype=bool)
