"""Opening positions of the listed investors: lots, cash and margin debt at t = 0, each claim entered once.

Strategies get their shares of wealth, individuals log-normal parts of them, and every opening weight is set
so that its owner wants exactly what he holds: excess demand is zero at t = 0 by construction (inverse
calibration).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.books.investor_books import InvestorBooks
from perpetuum.model.books.ledger import Ledger
from perpetuum.model.instruments.holdings import Holdings
from perpetuum.model.markets.investor_members import INDEX, LEVERAGED
from perpetuum.model.markets.investors import MarketView, Population
from perpetuum.model.parameters.groups import Investors
from perpetuum.model.worlds import Array, Floats, share, split, total

if TYPE_CHECKING:
    from perpetuum.model.surroundings.random_streams import Streams

#: Individual draws stop at this many standard deviations, so that no coefficient is absurd.
_TRUNCATION = 2.5
#: Part of the investors' gold that barbell investors hold at most.
_BARBELL_GOLD = 0.9


def gold_wanted(parameters: Any, share_value: Floats) -> Floats:
    """Gold, dollars (worlds,), that the investors hold at t = 0: the ETF stock, or more where the barbell
    needs more.

    `share_value` (worlds,) is the value of all shares in the investors' hands.
    """
    p = parameters.investors
    half = 0.5 * (1.0 - p.cash_share) * p.barbell_share * share_value
    return np.maximum(p.gold_stock, half / _BARBELL_GOLD)


def open_investors(
    ledger: Ledger,
    holdings: Holdings,
    books: InvestorBooks,
    populations: Sequence[Population],
    streams: Streams,
    parameters: Any,
    lots: Array,
    view: MarketView,
) -> None:
    """Fill sub-ledger, holdings and ledger with the investors' opening positions, and calibrate their
    weights.

    `lots` (assets, worlds): lots of every traded asset that the investors hold together, at `holdings.price`.
    `view`: the market as it stands at t = 0 (`SecuritiesMarket.opening_view`).
    """
    price = holdings.price[: holdings.traded]
    whole = np.rint(lots).astype(np.int64)
    positions = _positions(populations, parameters.investors, whole * price, view)
    for number, population in enumerate(populations):
        _draw_traits(books, population, streams, parameters.investors)
        for asset in range(holdings.traded):
            parts = split(whole[asset], np.stack([row[asset] for row in positions], axis=1))
            _spread_lots(books, population, streams, parameters.investors, asset, parts[:, number])
        _fund(books, population, streams, parameters.investors, price, view)
        _enter(ledger, holdings, books, population.account)
        calibrate_weights(books, population, price, view)


def calibrate_weights(books: InvestorBooks, population: Population, price: Array, view: MarketView) -> None:
    """Set opening weights w0 (and index investors' cash reserve) so that every member's orders are zero in
    this view.

    w0_ik = h_ik P_k / (wealth_i signal_ik), for leveraged investors / (equity_i x exposure_ik).
    """
    start, stop = books.members(population.account)
    who = slice(start, stop)
    held = books.lots[:, :, who] * price.T[:, :, None]
    position = held.sum(axis=1)
    wealth = (books.cash[:, who] - books.debt[:, who] + position).astype(np.float64)
    lean, base = population.lean(view)[:, :, None], population.base(view)[:, :, None]
    x = books.response[:, None, who] * lean
    exposure = population.exposure(view)[:, None, None]
    if population.rule == LEVERAGED:
        wanted = np.minimum(x, exposure)
        books.reserve[:, who] = share(books.cash[:, who], position)
    else:
        wanted = base * (1.0 + x + population.curvature * x * x) * exposure
        books.reserve[:, who] = share(books.cash[:, who], wealth)
    books.weight[:, :, who] = share(held, wealth[:, None, :] * wanted)
    books.standing[:, who] = wealth


def _positions(populations: Sequence[Population], p: Investors, value: Array, view: MarketView) -> list[Array]:
    """Dollars of every asset that each strategy holds: a list over strategies of (assets, worlds)."""
    gold = value.shape[0] - 1
    shares = total(value[k] for k in range(gold)).astype(np.float64)
    ratio = [np.minimum(p.leverage, q.exposure(view)) if q.rule == LEVERAGED else 1.0 - p.cash_share for q in populations]
    parts = [q.share_of_wealth() * r for q, r in zip(populations, ratio, strict=True)]
    wealth = share(shares + value[gold], total(parts))
    position = [part * wealth for part in parts]
    barbell_gold = [
        np.minimum(0.5 * row, _BARBELL_GOLD * value[gold]) if q.strategy == "barbell" else 0.0 * row
        for q, row in zip(populations, position, strict=True)
    ]
    left = value[gold] - total(barbell_gold)
    others = [
        0.0 * row if q.rule == INDEX or q.strategy == "barbell" else row
        for q, row in zip(populations, position, strict=True)
    ]
    metal = [b + left * share(row, total(others)) for b, row in zip(barbell_gold, others, strict=True)]
    stocks = [np.maximum(row - g, 0.0) for row, g in zip(position, metal, strict=True)]
    return [
        np.stack([*(share(s, total(stocks)) * value[k] for k in range(gold)), g]) for s, g in zip(stocks, metal, strict=True)
    ]


def _draws(streams: Streams, population: Population, what: str) -> Floats:
    """Truncated standard normal draws (worlds, members), from a stream named after the strategy."""
    draws = streams.normal(f"investors.{population.strategy}.{what}", population.members)
    return np.clip(np.ascontiguousarray(draws), -_TRUNCATION, _TRUNCATION)


def _draw_traits(books: InvestorBooks, population: Population, streams: Streams, p: Investors) -> None:
    start, stop = books.members(population.account)
    who = slice(start, stop)
    spread = p.taste_spread[:, None]
    around_one = [np.exp(spread * _draws(streams, population, what)) for what in ("turnover", "response")]
    books.turnover[:, who] = np.minimum(population.turnover()[:, None] * around_one[0], 1.0)
    mean = population.elasticity()[:, None]
    books.elasticity[:, who] = mean * around_one[1]
    # Fundamental investors respond with the deviation from the mean elasticity, the others with their own
    # coefficient.
    books.response[:, who] = (population.responsiveness()[:, None] + mean) * around_one[1] - mean
    books.standing[:, who] = np.exp(p.wealth_spread[:, None] * _draws(streams, population, "wealth"))


def _spread_lots(
    books: InvestorBooks, population: Population, streams: Streams, p: Investors, asset: int, lots: Array
) -> None:
    start, stop = books.members(population.account)
    tilt = np.exp(p.tilt_spread[:, None] * _draws(streams, population, f"tilt {asset}"))
    books.lots[:, asset, start:stop] = split(lots, books.standing[:, start:stop] * tilt)


def _fund(
    books: InvestorBooks,
    population: Population,
    streams: Streams,
    p: Investors,
    price: Array,
    view: MarketView,
) -> None:
    """Cash beside the position; for leveraged investors the margin loan that their leverage implies."""
    start, stop = books.members(population.account)
    who = slice(start, stop)
    position = (books.lots[:, :, who] * price.T[:, :, None]).sum(axis=1)
    taste = np.exp(p.taste_spread[:, None] * _draws(streams, population, "cash"))
    cash = share(p.cash_share, 1.0 - p.cash_share)[:, None] * position * taste
    books.cash[:, who] = np.rint(cash).astype(np.int64)
    if population.rule == LEVERAGED:
        personal = np.minimum(books.response[:, who] * p.leverage[:, None], population.exposure(view)[:, None])
        borrowed = position + books.cash[:, who] - position / np.maximum(personal, 1e-9)
        books.debt[:, who] = np.rint(np.maximum(borrowed, 0.0)).astype(np.int64)


def _enter(ledger: Ledger, holdings: Holdings, books: InvestorBooks, account: int) -> None:
    """Enter a strategy's opening claims in the ledger and its lots in the register of holdings."""
    ledger.open_claim("deposits", account, ledger.bank, books.total_cash(account))
    ledger.open_claim("bank_loans", ledger.bank, account, books.total_debt(account))
    lots = books.total_lots(account)
    for asset in range(holdings.traded):
        held = np.ascontiguousarray(lots[:, asset])
        holdings.issue(asset, account, held)
        if asset == holdings.gold:
            ledger.open_asset("gold", account, held * holdings.price[asset])
        else:
            ledger.open_claim("listed_equity", account, holdings.issuer[asset], held * holdings.price[asset])
