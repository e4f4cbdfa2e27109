"""The market for listed shares and gold: portfolio-demand clearing, once a month, whole lots at whole-dollar prices.

With last month's prices P and u = ln(p/P), each world's K prices solve

    G_k = sum_j A_kj p_j + c_k - B_k u_k - p_k s_k = 0,

A from orders at constant weights, turnover x (w_ik h_ij - [j = k] h_ik); c dollar buys (cash x weights,
index, leveraged, institutions); B what the weights give up per log price, turnover x e_i w_ik W_i(P); s lots
for sale. Weights sum to at most 0.99, so -J is an M-matrix and the solution is unique and positive (Newton).
An asset at the month's band drops out and its long side is rationed pro rata. Margin calls test this month's
price, sell, and clear again. There is no market maker: on a monthly clock it would be a ghost balance sheet.
Sources: Gabaix and Koijen (2021) on inelastic markets; Brunnermeier and Pedersen (2009) on margin spirals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.books.accounts import RANGE
from perpetuum.model.books.investor_books import InvestorBooks
from perpetuum.model.books.ledger import Ledger
from perpetuum.model.instruments.holdings import Holdings
from perpetuum.model.markets.clearing_kernels import clear_worlds
from perpetuum.model.markets.investor_members import LEVERAGED
from perpetuum.model.markets.investor_opening import calibrate_weights
from perpetuum.model.markets.investor_orders import moods
from perpetuum.model.markets.investors import MarketView, Population
from perpetuum.model.markets.orders import InstitutionalOrder
from perpetuum.model.markets.trades import post_trades
from perpetuum.model.worlds import Array, Dollars, Floats, Mask, Register, anywhere, rows_in_use, share, total

if TYPE_CHECKING:
    from perpetuum.model.surroundings.random_streams import Streams


__all__ = ["InstitutionalOrder", "SecuritiesMarket"]

#: An asset's price stops rising at this market value (1.1e15 dollars): beyond it, sums of values would not be exact.
LARGEST_VALUE = 2**50


class SecuritiesMarket(Register):
    """The market, its memory of prices, and what is measured on it.

    (assets, worlds): `log_return`, `momentum`, `variance` (a month), `turnover` (share of lots outstanding),
    `mood`, `gap` (log value over price before the month's trading), `found` (0 cleared, 1 and 2 stopped at
    the band, 3 suspended). (worlds,): `market_return`, `market_variance`, `margin_calls`, `written_off` (dollars this
    month).
    """

    def __init__(
        self,
        ledger: Ledger,
        holdings: Holdings,
        books: InvestorBooks,
        populations: Sequence[Population],
        streams: Streams,
        parameters: Any,
        outside: int,
    ):
        self.ledger = ledger
        self.holdings = holdings
        self.books = books
        self.populations = list(populations)
        self.p = parameters.investors
        self.outside = outside
        self.mood_keys = streams.keys("noise traders' mood")
        self.whim_keys = streams.keys("noise traders' whims")
        shape = (holdings.traded, ledger.worlds)
        self.log_return: Floats = np.zeros(shape)
        self.momentum: Floats = np.zeros(shape)
        self.mood: Floats = np.zeros(shape)
        self.gap: Floats = np.zeros(shape)
        self.opening_share: Floats = np.zeros(shape)
        self.turnover: Floats = np.zeros(shape)
        self.found: Dollars = np.zeros(shape, dtype=np.int64)
        self.variance: Floats = np.repeat((self.p.opening_volatility**2)[None], holdings.traded, axis=0)
        self.market_variance: Floats = self.p.opening_market_volatility**2
        self.market_return: Floats = np.zeros(ledger.worlds)
        self.margin_calls: Dollars = np.zeros(ledger.worlds, dtype=np.int64)
        self.written_off: Dollars = np.zeros(ledger.worlds, dtype=np.int64)

    # --- reading --------------------------------------------------------------------------------------

    @property
    def price(self) -> Dollars:
        """Dollars per lot of every traded asset (assets, worlds)."""
        return self.holdings.price[: self.holdings.traded]

    @property
    def market_volatility(self) -> Floats:
        """Estimated volatility of the whole market, per month (worlds,)."""
        return np.sqrt(self.market_variance)

    def wealth(self) -> dict[str, Dollars]:
        """Net wealth of each strategy in dollars, (worlds,) each: for the reckoning."""
        wealth = self.books.wealth(self.price)
        ranges = zip(self.populations, self.books.ranges, strict=True)
        return {population.strategy: wealth[:, start:stop].sum(axis=1) for population, (start, stop) in ranges}

    def lots_for(self, asset: int, dollars: Array) -> Dollars:
        """Lots worth at most `dollars` at last month's price (worlds,): how many new shares an issue
        offers.
        """
        return np.maximum(np.asarray(dollars) // self.price[asset], 0).astype(np.int64)

    def _shares_of_market(self, price: Array) -> Floats:
        """Each asset's share (assets, worlds) of the value of all lots outstanding."""
        value = price * self.holdings.outstanding[: self.holdings.traded]
        return value / np.maximum(total(value), 1.0)

    def calibrate(self, margin: Array | None = None, opinion: Array | None = None) -> None:
        """Remember each asset's share of the market at t = 0; called once all opening lots are entered.

        With `margin` and `opinion` (worlds,), opening weights are set anew in the market as it now stands: excess
        demand is then exactly zero at value = price, even where the bank's limit on margin debt binds.
        """
        self.opening_share = self._shares_of_market(self.price)
        if margin is None or opinion is None:
            return
        view = self.view(self.price, margin, opinion)
        for population in self.populations:
            calibrate_weights(self.books, population, self.price, view)

    def lending_room(self, value: Array) -> Floats:
        """Exposure per dollar of leveraged equity (worlds,) at which all margin debt reaches the bank's limit.

        1 + limit x value of all listed shares / equity of leveraged investors, shares at the lower of price and fair
        value: a limit on market value would grow with the bubble that it feeds.
        """
        equity = np.zeros(self.ledger.worlds)
        for population in self.populations:
            if population.rule == LEVERAGED:
                equity = equity + self.ledger.book_equity(population.account)
        gold = self.holdings.gold
        shares = total(np.minimum(self.price, value)[:gold] * self.holdings.outstanding[:gold])
        return 1.0 + self.p.margin_debt_limit * shares / np.maximum(equity, 1.0)

    def view(self, value: Array, margin: Array, opinion: Array, room: Array | None = None) -> MarketView:
        """What investors see, the world first; `value` (assets, worlds) dollars per lot."""
        at_price = self._shares_of_market(self.price)
        gold = self.holdings.gold
        drift = share(total(at_price[:gold]), total(self.opening_share[:gold]), otherwise=1.0)
        gap = np.log(value / self.price)
        at_value = self._shares_of_market(value)
        return MarketView(
            price_anchor=self._anchor(at_price),
            value_anchor=self._anchor(at_value),
            share_drift=drift,
            gap=np.ascontiguousarray(gap.T),
            momentum=np.ascontiguousarray(self.momentum.T),
            mood=np.ascontiguousarray(self.mood.T),
            volatility=self.market_volatility,
            margin=np.asarray(margin, dtype=np.float64),
            lending_room=self.lending_room(value) if room is None else room,
            opinion=np.asarray(opinion, dtype=np.float64),
        )

    def _anchor(self, part: Floats) -> Floats:
        """Share of the market over the share at t = 0, (worlds, assets)."""
        ratio = share(part, self.opening_share, otherwise=1.0)
        return np.ascontiguousarray(np.maximum(ratio, 1e-9).T)

    def opening_view(self, margin: Array, opinion: Array) -> MarketView:
        """The market at t = 0: value equals price, no mood."""
        room = 1.0 + self.p.margin_debt_limit / np.maximum(self.p.leveraged_share, 1e-9)
        return self.view(self.price, margin, opinion, room)

    # --- savings and interest -------------------------------------------------------------------------

    def move_savings(self, month: int, opinion: Array, opening_opinion: Array) -> None:
        """Households put new savings in, out of income, and spend part of what shares have paid out since
        last month.
        """
        accounts, everybody = list(self.books.accounts), [self.outside] * len(self.books.accounts)
        inflow = np.array([population.inflow(month, opinion, opening_opinion) for population in self.populations])
        paid = self.ledger.pay(everybody, accounts, inflow, "investor_inflow")
        self.books.receive(accounts, paid)
        spent = np.minimum(self.p.payout_spent * self.books.payouts.T, self.ledger.row("deposits")[accounts])
        paid = self.ledger.pay(accounts, everybody, spent, "investor_withdrawal")
        self.books.spend(accounts, paid)
        self.books.payouts[...] = 0

    def pay_margin_interest(self, rate: Array) -> None:
        """Investors pay a month's interest on margin loans to the bank; who lacks cash draws on the loan.
        `rate` a year.
        """
        bank = self.ledger.bank
        interest, borrowed = self.books.charge_interest(np.asarray(rate, dtype=np.float64) / 12.0)
        for place in rows_in_use(interest):
            account = self.books.accounts[place]
            if anywhere(borrowed[place]):
                self.ledger.advance(bank, account, borrowed[place], "bank_loans", "bank_loan")
            self.ledger.pay(account, bank, interest[place], "bank_interest")

    # --- the month's clearing -------------------------------------------------------------------------

    def clear(
        self,
        month: int,
        fair_value: Array,
        margin: Array,
        opinion: Array,
        orders: Sequence[InstitutionalOrder] = (),
        suspended: Mask | None = None,
    ) -> None:
        """Collect everybody's orders, find the month's prices, revalue all holdings, and post the trades.

        `fair_value` (assets, worlds) dollars per lot; `margin` (worlds,) initial margin requirement; `opinion`
        (worlds,); `suspended` (assets, worlds): keeps its price, no trade. Orders get `filled` and `paid`.
        """
        old = self.price.copy()
        halted = np.zeros(old.shape, dtype=bool) if suspended is None else np.ascontiguousarray(suspended)
        value = np.where(halted, old, np.maximum(fair_value, 1e-3))
        self.gap = np.log(value / old)
        self._draw_moods(month)
        book_orders = self._order_book(orders, halted)
        tender = self._tender(orders, old, halted)
        out = self._run_kernel(month, self.view(value, margin, opinion), old, halted, book_orders, tender)
        new_price, self.found, bought, sold, filled_buy, filled_sell, accounts, self.margin_calls = out
        self._remember(old, new_price, halted, total(bought))
        filled = filled_buy + filled_sell
        paid = filled * new_price[book_orders[0]]
        for number, order in enumerate(orders):
            order.filled, order.paid = filled[number], paid[number]
        self._post(new_price, bought, sold, orders, accounts)

    def _draw_moods(self, month: int) -> None:
        keep = self.p.noise_persistence
        fresh = np.ascontiguousarray(moods(self.mood_keys, month, self.holdings.traded).T)
        self.mood = keep * self.mood + np.sqrt(1.0 - keep * keep) * fresh

    def _order_book(self, orders: Sequence[InstitutionalOrder], halted: Mask) -> tuple[Array, Array, Array]:
        """Institutions' orders as arrays: asset (orders,), dollars to buy and lots to sell (orders,
        worlds).
        """
        assets = np.array([order.asset for order in orders], dtype=np.int64)
        if not orders:
            buy, sell = np.zeros((2, 0, self.ledger.worlds), dtype=np.int64)
            return assets, buy, sell
        amounts = np.empty((len(orders), self.ledger.worlds))
        for number, order in enumerate(orders):
            amounts[number] = order.lots if order.dollars is None else order.dollars
        # No order fills beyond what is there, so that one beyond the books' range is as good as one at it.
        whole = np.where(halted[assets], 0, np.clip(np.floor(amounts), 0.0, RANGE)).astype(np.int64)
        buying = np.array([order.dollars is not None for order in orders])[:, None]
        return assets, np.where(buying, whole, 0), np.where(buying, 0, whole)

    def _tender(self, orders: Sequence[InstitutionalOrder], old: Dollars, halted: Mask) -> Floats:
        """Part of its shares that every issuer wants to buy back at last month's price (assets, worlds)."""
        wanted = np.zeros(old.shape)
        for order in orders:
            if order.kind == "retire" and order.dollars is not None and order.asset != self.holdings.gold:
                wanted[order.asset] += order.dollars
        market = np.maximum(old * self.holdings.outstanding[: self.holdings.traded], 1)
        return np.where(halted, 0.0, np.minimum(wanted / market, 1.0))

    def _run_kernel(self, month: int, view: MarketView, old: Dollars, halted: Mask, orders: tuple, tender: Floats) -> tuple:
        books, p, crowd = self.books, self.p, self.populations
        worlds, assets, gold = self.ledger.worlds, self.holdings.traded, self.holdings.gold
        cap = np.where(halted, 0.0, old * self.holdings.outstanding[:assets])
        cap[gold] = 0.0  # index investors hold shares only
        cap = share(cap, np.maximum(total(cap), 1.0))
        strategies = len(crowd)
        out = (
            np.zeros((assets, worlds), dtype=np.int64),
            np.zeros((assets, worlds), dtype=np.int64),
            np.zeros((strategies, assets, worlds), dtype=np.int64),
            np.zeros((strategies, assets, worlds), dtype=np.int64),
            np.zeros((len(orders[0]), worlds), dtype=np.int64),
            np.zeros((len(orders[0]), worlds), dtype=np.int64),
            np.zeros((strategies, 4, worlds), dtype=np.int64),
            np.zeros(worlds, dtype=np.int64),
        )
        clear_worlds(
            (
                books.lots, books.cash, books.debt, books.weight, books.turnover, books.response, books.elasticity,
                books.reserve, books.standing,
            ),
            np.array(books.ranges),
            np.array([population.rule for population in crowd]),
            np.array([population.curvature for population in crowd]),
            (
                _by_world([population.anchor(view) for population in crowd]),
                _by_world([population.base(view) for population in crowd]),
                _by_world([population.lean(view) for population in crowd]),
                _by_world([population.exposure(view) for population in crowd]),
                _by_world([population.whim() for population in crowd]),
            ),
            self.whim_keys,
            month,
            cap,
            tender,
            old,
            halted,
            orders,
            (
                p.band_down, self._highest(old), p.maintenance_margin, p.restored_margin, p.largest_weight, p.replacement,
                self.ledger.cash(self.outside).copy(),
            ),
            int(p.margin_rounds),
            np.empty((assets, books.cash.shape[1])),
            out,
        )  # fmt: skip
        return out

    def _highest(self, old: Dollars) -> Floats:
        """Top of the month's band, dollars per lot (assets, worlds)."""
        largest = LARGEST_VALUE // np.maximum(self.holdings.outstanding[: self.holdings.traded], 1)
        return np.minimum(np.floor(old * (1.0 + self.p.band_up)), largest)

    def _remember(self, old: Dollars, new: Dollars, halted: Mask, lots_traded: Dollars) -> None:
        outstanding = np.maximum(self.holdings.outstanding[: self.holdings.traded], 1)
        self.log_return = np.log(new / old)
        self.market_return = np.log(total(new * outstanding) / total(old * outstanding))
        self.turnover = lots_traded / outstanding
        self.momentum = self.momentum * (1.0 - 1.0 / self.p.momentum_months) + self.log_return
        keep = self.p.volatility_memory
        self.variance = np.where(halted, self.variance, keep * self.variance + (1.0 - keep) * self.log_return**2)
        self.market_variance = keep * self.market_variance + (1.0 - keep) * self.market_return**2

    # --- posting --------------------------------------------------------------------------------------

    def _post(
        self,
        price: Dollars,
        bought: Dollars,
        sold: Dollars,
        orders: Sequence[InstitutionalOrder],
        margin: Dollars,
    ) -> None:
        """Revalue at the new prices, then post loans, trades, new issues, repayments and replacements, in
        this order.
        """
        ledger, holdings = self.ledger, self.holdings
        every_price = holdings.price.copy()
        every_price[: holdings.traded] = price
        holdings.mark(ledger, every_price)
        accounts = self.books.accounts
        happens = margin.any(axis=2).tolist()
        for number, account in enumerate(accounts):
            if happens[number][0]:
                ledger.advance(ledger.bank, account, margin[number, 0], "bank_loans", "bank_loan")
        issues = post_trades(ledger, holdings, self.books, price, bought, sold, orders)
        for buyer, issuer, dollars in issues:
            ledger.advance(buyer, issuer, dollars, "listed_equity", "listed_issuance")
        for number, account in enumerate(accounts):
            _, repaid, written_off, fresh = margin[number]
            if happens[number][1]:
                ledger.redeem(account, ledger.bank, repaid, "bank_loans", "bank_loan_repayment")
            if happens[number][2]:
                ledger.write_off(ledger.bank, account, written_off, "bank_loans")
            if happens[number][3]:
                ledger.pay(self.outside, account, fresh, "investor_inflow")
        self.written_off = total(margin[:, 2])


def _by_world(by_strategy: list[Floats]) -> Floats:
    """What each strategy says, the world first: (worlds, strategies) or (worlds, strategies, assets)."""
    return np.ascontiguousarray(np.array(by_strategy).swapaxes(0, 1))
