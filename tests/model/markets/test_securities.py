"""Claims about the listed investors and the share and gold market."""

from __future__ import annotations

from types import SimpleNamespace

import mesa
import numpy as np
import pytest

from perpetuum.agents.investors import make_populations
from perpetuum.model.books.investor_books import InvestorBooks
from perpetuum.model.books.ledger import Accounts, BooksBreachError, Ledger
from perpetuum.model.books.payment_kinds import DYE
from perpetuum.model.instruments.holdings import Holdings
from perpetuum.model.markets.clearing_kernels import ration
from perpetuum.model.markets.investor_opening import gold_wanted, open_investors
from perpetuum.model.markets.securities import InstitutionalOrder, SecuritiesMarket
from perpetuum.model.parameters.groups import Group
from perpetuum.model.parameters.investors import PARAMETERS
from perpetuum.model.surroundings.random_streams import Streams
from perpetuum.model.worlds import Stateful, select

CAPS = (4420e9, 260e9, 4750e9, 4750e9, 800e9, 60e9)  # dollars: two vendors, four clouds
STRATEGIES = ("fundamental", "momentum", "index", "barbell", "leveraged", "noise")
LOT = 100_000
OPINION = 0.55
MARGIN = 0.30


class Bench:
    """The share market alone, with firms, a state and the outside as its counterparts."""

    def __init__(self, replicates=(0,), order=STRATEGIES, seed=5, **settings):
        self.replicates = np.asarray(replicates)
        worlds = len(self.replicates)
        self.accounts = Accounts(
            {
                "outside": ["outside"],
                "vendors": ["lead_vendor", "challenger"],
                "clouds": ["hyperscaler_a", "hyperscaler_b", "leveraged_cloud", "neocloud"],
                "labs": ["lead_lab"],
                "investors": list(order),
                "funds": ["venture_fund"],
                "lenders": ["bond_fund"],
                "states": ["home_state"],
                "bank": ["bank"],
            }
        )
        self.ledger = Ledger(self.accounts, worlds)
        self.firms = (*self.accounts["vendors"], *self.accounts["clouds"])
        self.state = self.accounts["states"][0]
        self.outside = self.accounts["outside"][0]
        self.p = _parameters(worlds, settings)
        self.streams = Streams(seed, self.replicates, 120)
        self.holdings = Holdings(len(self.accounts), self.firms, [self.accounts["labs"][0]], worlds)
        self.holdings.price[:7] = LOT
        self.populations = make_populations(mesa.Model(rng=1), self.accounts, self.p)
        members = tuple(population.members for population in self.populations)
        self.books = InvestorBooks(self.accounts["investors"], members, self.holdings.traded, worlds)
        self.market = SecuritiesMarket(
            self.ledger, self.holdings, self.books, self.populations, self.streams, self.p, self.outside
        )
        self.margin = np.full(worlds, MARGIN)
        self.opinion = np.full(worlds, OPINION)
        lots = np.array([[cap // LOT] * worlds for cap in CAPS])
        gold = gold_wanted(self.p, np.full(worlds, sum(CAPS))) // LOT
        view = self.market.opening_view(self.margin, self.opinion)
        open_investors(
            self.ledger, self.holdings, self.books, self.populations, self.streams, self.p,
            np.concatenate([lots, gold[None]]), view,
        )  # fmt: skip
        for account in range(len(self.accounts)):
            if account not in (*self.accounts["investors"], self.ledger.bank):
                rich = 5e12 if account == self.outside else 2e11
                self.ledger.open_claim("deposits", account, self.ledger.bank, np.full(worlds, rich))
        self.market.calibrate(self.margin, self.opinion)

    def month(self, month, value, orders=(), suspended=None, margin=None):
        self.ledger.begin_month(month)
        self.market.pay_margin_interest(np.full(len(self.margin), 0.067))
        self.market.move_savings(month, self.opinion, np.full_like(self.opinion, OPINION))
        self.market.clear(month, value, self.margin if margin is None else margin, self.opinion, orders, suspended)
        self.audit()

    def audit(self):
        self.ledger.audit("securities_market")
        self.holdings.audit(self.ledger)
        self.books.audit(self.ledger, self.holdings)


def _parameters(worlds, settings):
    group = Group()
    for parameter in PARAMETERS:
        leaf = parameter.name.partition(".")[2]
        value = settings.get(leaf, parameter.default)
        setattr(group, leaf, value if parameter.structural else np.full(worlds, value * parameter.scale))
    return SimpleNamespace(investors=group)


QUIET = {"noise_mood": 0.0, "noise_whim": 0.0, "inflow": 0.0}


def values(bench, months, size=(0.09, 0.10, 0.05, 0.05, 0.09, 0.14, 0.04), common=0.5):
    """Fair values with permanent news (months, assets, worlds): 9 % a month for the vendor, correlated over
    shares.
    """
    assets = len(bench.market.price)
    news = np.stack([bench.streams.normal(f"news {k}", months) for k in range(assets)])
    both = bench.streams.normal("common news", months)
    z = np.sqrt(common) * both[None] + np.sqrt(1 - common) * news
    z[-1] = news[-1]
    log = np.cumsum(z * np.array(size)[:, None, None] - 0.5 * np.array(size)[:, None, None] ** 2, axis=2)
    return LOT * np.exp(np.transpose(log, (2, 0, 1)))


def business(bench, month, worlds):
    """Issues, buybacks, mines, a state and jewellers: every kind of institutional order."""
    full = np.full(worlds, 1.0)
    challenger, neocloud = bench.firms[1], bench.firms[5]
    return [
        InstitutionalOrder(bench.firms[0], 0, dollars=3e9 * full, kind="retire"),
        InstitutionalOrder(neocloud, 5, lots=full * (20_000 if month % 6 == 0 else 0), kind="issue"),
        InstitutionalOrder(challenger, 2, dollars=0.2e9 * full),
        InstitutionalOrder(bench.outside, 6, lots=full * 366_000, kind="issue"),
        InstitutionalOrder(bench.outside, 6, dollars=26e9 * full, kind="retire"),
        InstitutionalOrder(bench.state, 6, dollars=10.6e9 * full * (month < 15)),
    ]


def test_opening_excess_demand_is_zero():
    bench = Bench(range(3), **QUIET)
    before = bench.books.lots.copy()
    bench.ledger.begin_month(0)
    bench.market.clear(0, bench.market.price.astype(float), bench.margin, bench.opinion)
    bench.audit()
    assert (bench.market.price == LOT).all()
    assert np.abs(bench.books.lots - before).max() <= 1
    cash = bench.books.cash.sum(axis=1) / bench.books.wealth(bench.market.price).sum(axis=1)
    np.testing.assert_allclose(cash, 0.05, atol=0.01)


def test_cash_and_lots_are_conserved_through_sixty_months_of_business():
    bench = Bench(range(4))
    path = values(bench, 60)
    for month in range(60):
        margin = bench.margin + (0.4 if 20 <= month < 40 else 0.0)
        halted = np.zeros((7, 4), dtype=bool)
        halted[5] = 30 <= month < 36
        orders = business(bench, month, 4)
        before = bench.market.price.copy()
        bench.month(month, path[month], orders, halted, margin)
        assert ((bench.market.price == before) | ~halted).all()
        if month == 0:
            assert (orders[0].paid > 2.9e9).all()
            assert (bench.ledger.flow("buyback", bench.firms[0]) == -orders[0].paid).all()
            assert (bench.ledger.flow("listed_issuance", bench.firms[5]) == orders[1].paid).all()


@pytest.mark.parametrize("width", [1, 2, 3, 7])
def test_world_alone_equals_world_in_company(width):
    alone, company = Bench([4]), Bench(range(4, 4 + width))
    for month in range(12):
        for bench, worlds in ((alone, 1), (company, width)):
            bench.month(month, values(bench, 12)[month], business(bench, month, worlds))
    for name in ("cash", "debt", "lots"):
        assert (getattr(alone.books, name)[0] == getattr(company.books, name)[0]).all()
    for name in ("log_return", "momentum", "variance", "mood", "turnover"):
        assert (getattr(alone.market, name)[..., 0] == getattr(company.market, name)[..., 0]).all()
    assert (alone.ledger.book[..., 0] == company.ledger.book[..., 0]).all()
    assert (alone.ledger.provenance.dye[..., 0] == company.ledger.provenance.dye[..., 0]).all()


def test_a_fork_continues_as_the_original():
    bench = Bench(range(3))
    path = values(bench, 12)
    for month in range(6):
        bench.month(month, path[month])
    fork = _fork(bench, [1])
    for month in range(6, 12):
        bench.month(month, path[month])
        fork.month(month, np.ascontiguousarray(path[month][:, [1]]))
    assert (fork.books.cash[0] == bench.books.cash[1]).all()
    assert (fork.market.price[:, 0] == bench.market.price[:, 1]).all()


def _fork(bench, worlds):
    class Root(Stateful):
        pass

    root = Root()
    for name in ("ledger", "holdings", "books", "market", "populations", "margin", "opinion"):
        setattr(root, name, getattr(bench, name))
    copy = select(root, np.asarray(worlds))
    fork = Bench.__new__(Bench)
    fork.__dict__.update(bench.__dict__)
    fork.__dict__.update(copy.__dict__)
    return fork


def test_prices_stay_inside_the_band():
    bench = Bench(range(2), **QUIET)
    for month, factor in enumerate((1e-3, 1e3, 1e-3)):
        before = bench.market.price.copy()
        bench.month(month, before * factor, [InstitutionalOrder(bench.outside, 0, dollars=np.full(2, 1e10))])
        ratio = bench.market.price / before
        assert (ratio >= 0.5).all()
        assert (ratio <= 1.8).all()


def test_the_long_side_is_rationed_pro_rata():
    price = np.full((1, 1), 10)
    buy, sell = np.zeros((2, 1), dtype=np.int64), np.array([[300], [100]])
    filled_buy, filled_sell = np.zeros_like(buy), np.zeros_like(sell)
    got_buy, got_sell = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    ration(
        np.array([250.7]), np.array([600.2]), np.zeros(2, dtype=np.int64), buy, sell, price, 0,
        filled_buy, filled_sell, got_buy, got_sell,
    )  # fmt: skip
    assert got_buy[0] == 250
    assert got_sell[0] + filled_sell.sum() == 250
    assert (got_sell[0], filled_sell[0, 0], filled_sell[1, 0]) == (150, 75, 25)


def test_a_forced_seller_at_the_floor_is_rationed_like_everybody():
    bench = Bench([0], **QUIET)
    owner = bench.firms[3]
    bench.holdings.issue(0, owner, np.array([30_000_000]))
    bench.ledger.open_claim("listed_equity", owner, bench.firms[0], np.array([30_000_000 * LOT]))
    order = InstitutionalOrder(owner, 0, lots=np.array([30_000_000]))
    bench.month(0, np.full((7, 1), float(LOT)), [order])
    assert bench.market.price[0, 0] == LOT // 2
    assert bench.market.found[0, 0] == 1
    assert 0 < order.filled[0] < 30_000_000


def test_index_investors_keep_their_part_of_a_firm_that_buys_back_shares():
    bench = Bench([0, 1], **QUIET)
    index = bench.accounts.number["index"]
    lots, outstanding = bench.holdings.lots[:, 0], bench.holdings.outstanding
    before, part = outstanding[0].copy(), lots[index] / outstanding[0]
    spend = np.floor(0.02 * bench.holdings.market_value(0))
    bench.month(0, np.full((7, 2), float(LOT)), [InstitutionalOrder(bench.firms[0], 0, dollars=spend, kind="retire")])
    assert (outstanding[0] < 0.985 * before).all()
    # Who held on would now have a part that is 2 % larger; spare cash that buys shares of all firms adds a little.
    assert (np.abs(lots[index] / outstanding[0] / part - 1.0) < 0.004).all()


def test_margin_calls_lower_the_price():
    crash = np.full((7, 1), float(LOT))
    crash[:6] *= 0.62
    prices = {}
    for rounds in (0, 3):
        bench = Bench([0], leverage=3.0, margin_rounds=rounds, **QUIET)
        bench.month(0, crash)
        prices[rounds] = bench.market.price[:6, 0].copy()
        if rounds:
            assert bench.market.margin_calls[0] > 0
    assert (prices[3] < prices[0]).all()


def test_wiped_out_investors_are_written_off_and_replaced():
    bench = Bench([0], leverage=3.3, leveraged_share=0.05, **QUIET)
    crash = np.full((7, 1), float(LOT))
    lost = 0
    for month in range(8):
        crash[:6] *= 0.6
        bench.month(month, crash)
        lost += int(bench.market.written_off[0])
    assert lost > 0


def test_members_that_miss_a_dollar_are_found():
    bench = Bench([0, 1])
    bench.books.cash[1, 40] += 1
    with pytest.raises(BooksBreachError, match="deposits of momentum in world 1") as breach:
        bench.books.audit(bench.ledger, bench.holdings)
    assert breach.value.mask.tolist() == [False, True]


def _run(bench, months, path=None):
    path = values(bench, months) if path is None else path
    returns = []
    for month in range(months):
        bench.month(month, path[month])
        returns.append(bench.market.log_return.copy())
    return np.array(returns)


def test_vendor_share_moves_like_a_chip_share():
    returns = _run(Bench(range(30)), 120)[:, 0]
    volatility = returns.std(axis=0).mean()
    centred = returns - returns.mean()
    autocorrelation = (centred[1:] * centred[:-1]).mean() / centred.var()
    assert 0.08 < volatility < 0.14
    assert abs(autocorrelation) < 0.15


def test_a_dollar_of_inflow_adds_several_dollars_of_market_value():
    gains = []
    for inflow in (0.0, 50e9):
        bench = Bench([0], **QUIET)
        share = {q.account: q.share_of_wealth()[0] for q in bench.populations}
        start = (bench.market.price * bench.holdings.outstanding[:7]).sum()
        for month in range(6):
            bench.ledger.begin_month(month)
            if month == 0:
                for account, part in share.items():
                    dollars = np.array([inflow * part])
                    paid = bench.ledger.pay(bench.outside, account, dollars, "investor_inflow")
                    bench.books.receive([account], paid[None])
            bench.market.clear(month, np.full((7, 1), float(LOT)), bench.margin, bench.opinion)
        gains.append(int((bench.market.price * bench.holdings.outstanding[:7]).sum() - start))
    assert 2 < (gains[1] - gains[0]) / 50e9 < 7


def test_relabelling_strategies_changes_only_rounding():
    straight, turned = Bench([0, 1]), Bench([0, 1], order=STRATEGIES[::-1])
    path = values(straight, 12)
    _run(straight, 12, path)
    _run(turned, 12, path)
    np.testing.assert_allclose(straight.market.price, turned.market.price, rtol=1e-3)
    for strategy, wealth in straight.market.wealth().items():
        np.testing.assert_allclose(wealth, turned.market.wealth()[strategy], rtol=2e-3)


def test_an_exchange_carries_the_dye_of_net_payers_to_net_receivers():
    bench = Bench([0])
    ledger, state, vendor = bench.ledger, bench.state, bench.firms[0]
    value = np.zeros((len(bench.accounts), 1), dtype=np.int64)
    value[state], value[bench.firms[2]] = 2 * 10**11, -(2 * 10**11)
    metal = np.zeros_like(value)
    metal[vendor], metal[bench.firms[2]] = 10**11, -(10**11)
    ledger.begin_month(0)
    ledger.exchange([("listed_equity", "share_trading", value), ("gold", "gold_trading", metal)])
    mix = ledger.provenance.dye[bench.firms[2], :, 0]
    # 200 of own money, 200 of the state's and 100 of the vendor's, which washes out.
    assert mix[DYE["states"]] == pytest.approx(0.4)
    assert mix[DYE["own"]] == pytest.approx(0.6)
    assert ledger.flow("share_trading", state)[0] == -2 * 10**11
    value[state] += 1
    with pytest.raises(BooksBreachError, match="does not sum to zero"):
        ledger.exchange([("listed_equity", "share_trading", value)])


def test_a_share_that_fails_is_not_bought_back_up_by_old_weights():
    """After a restructuring at a tenth of the value, investors who held nothing more trade no pressure into
    it.
    """
    bench = Bench([0], **QUIET)
    bench.ledger.begin_month(0)
    value = np.full((7, 1), float(LOT))
    value[5] = LOT // 10
    price = bench.holdings.price.copy()
    price[5] = LOT // 10
    bench.holdings.mark(bench.ledger, price)
    bench.market.clear(0, value, bench.margin, bench.opinion)
    assert bench.market.price[5, 0] == pytest.approx(LOT // 10, rel=0.05)


def test_barbell_moves_gold_and_shares_together():
    together = {}
    for barbell in (0.0, 0.25):
        bench = Bench(range(24), barbell_share=barbell, noise_mood=0.2)
        path = values(bench, 60)
        opinion = np.cumsum(0.12 * bench.streams.normal("opinion", 60), axis=1).T
        returns = []
        for month in range(60):
            bench.opinion = np.clip(0.3 + opinion[month], -1, 1)
            bench.month(month, path[month])
            returns.append(bench.market.log_return[[0, 6]].copy())
        pair = np.array(returns)
        together[barbell] = np.corrcoef(pair[:, 0].ravel(), pair[:, 1].ravel())[0, 1]
    assert together[0.25] > together[0.0]


def test_each_world_may_have_its_own_parameters():
    apart, alike = Bench([3, 3]), Bench([3])
    apart.p.investors.leverage[1] = 1.0
    path = values(alike, 8)
    _run(alike, 8, path)
    _run(apart, 8, np.repeat(path, 2, axis=2))
    assert (apart.market.price[:, 0] == alike.market.price[:, 0]).all()
    assert (apart.market.price[:, 1] != alike.market.price[:, 0]).any()


@pytest.mark.parametrize("leverage", [2.0, 3.5])
def test_calm_growth_does_not_blow_up_into_a_leveraged_bubble(leverage):
    """A bank that lent on bubble prices would let leveraged gains feed on themselves without end."""
    bench = Bench([0], leverage=leverage, **QUIET | {"inflow": 6.0})
    for month in range(120):
        value = np.full((7, 1), LOT * 1.15 ** (month / 12))
        bench.month(month, value)
    assert (bench.market.price < 1.5 * value).all()
    debt = -bench.ledger.row("bank_loans")[list(bench.market.books.accounts), 0].sum()
    assert debt < 0.05 * bench.market.price[:6, 0] @ bench.holdings.outstanding[:6, 0]
