"""What agents hand to their rules: each decision against its equation, written out once more in numpy from the books.

A rule's worked example says what it does with its numbers; here is seen that the right ones reach it, in the right places.
"""

from __future__ import annotations

import numpy as np
import pytest

from perpetuum.model.markets.chips import switch_vendors

WORLDS = 4


def _clip(value, low, high):
    return np.minimum(np.maximum(value, low), high)


def test_a_borrower_is_quoted_its_own_debts_and_the_months_mood(economy):
    c, funding, x = economy.p.credit, economy.funding, economy.narrative.sentiment
    for cloud in economy.clouds:
        cloud.ebitda = cloud.ebitda * np.array([0.01, 0.3, 1.0, 1.2])
        cloud.service = np.abs(cloud.ebitda) / np.array([0.5, 1.2, 2.0, 8.0])
        base = {"hyperscaler": c.base_hyperscaler, "leveraged": c.base_leveraged, "neocloud": c.base_neocloud}[cloud.kind]
        debt = -sum(
            economy.ledger.stock(row, cloud.account) for row in ("bonds", "term_loans", "vendor_credit", "bank_loans")
        )
        leverage = np.minimum(np.maximum(debt - cloud.cash, 0.0) / cloud.ebitda, 99.0)
        heavy = _clip(leverage - c.leverage_free, 0.0, c.leverage_counted) ** c.leverage_power
        unusual = np.maximum(economy.share_volatility(cloud.account) - cloud.figures.news, 0.0)
        expected = (
            base
            + c.leverage_slope * heavy
            + funding.spread_rise * (1.0 if cloud.kind == "neocloud" else 0.25)
            + c.pessimism_slope * np.maximum(-x, 0.0)
            + c.coverage_spread * (cloud.ebitda / cloud.service < c.coverage_watch)
            + c.volatility_slope * unusual
        )
        assert cloud.quote() == pytest.approx(expected)
        assert cloud.borrowing_rate() == pytest.approx(funding.policy_rate + expected)


def test_loans_go_up_to_collateral_and_bonds_up_to_leverage(economy):
    funding = economy.funding
    cloud = next(cloud for cloud in economy.clouds if not cloud.hyperscaler)
    cloud.months_in_breach, cloud.spread = np.zeros(WORLDS), np.zeros(WORLDS)
    bill = np.array([1e9, 1e10, 1e11, 1e12])
    cloud.ask_for_credit(bill, np.ones(WORLDS))
    p, f = economy.p, cloud.figures
    dues = cloud.service / 12 + cloud.operating_costs() + cloud.tax_due - p.clouds.counted_receipts * cloud.rents
    cushion = p.clouds.cash_months * np.maximum(f.other_capex + cloud.operating_costs(), 0.0)
    missing = np.maximum(bill + f.other_capex + np.maximum(dues, 0.0) + cushion - cloud.cash, 0.0)
    owed = -economy.ledger.stock("term_loans", cloud.account)
    room = np.maximum(funding.loan_to_value * (cloud.collateral() + bill) - owed, 0.0)
    loans = np.minimum(missing, np.minimum(room, funding.loan_to_value * bill))
    spare = np.maximum(funding.leverage_limit * np.maximum(cloud.ebitda, 0.0) - (cloud.debt() - cloud.cash), 0.0)
    assert cloud.credit_wanted["term_loans"] == pytest.approx(loans)
    assert cloud.credit_wanted["bonds"] == pytest.approx(np.minimum(missing - loans, spare))


def test_a_lab_trains_as_runway_and_opinion_allow_and_backers_pay_for(economy):
    p, x, lab = economy.p, economy.narrative.sentiment, economy.lead_lab
    comfortable, short = p.labs.comfortable_runway, p.labs.short_runway * p.labs.comfortable_runway
    lab.runway = np.stack([0.5 * short, 2.0 * comfortable, 0.5 * (short + comfortable), 2.0 * comfortable]).diagonal()
    lab.revenue_rate = lab.revenue_rate * np.array([50.0, 50.0, 50.0, 1.0])  # in the last world the ceiling holds
    before, rent = lab.training.copy(), economy.compute.rent_average
    pull = 1.0 + p.demand.price_elasticity * lab.rebate()
    assert lab.rebate() == pytest.approx(
        np.minimum(
            p.vendor_finance.scale * p.vendor_finance.per_gw / (p.technology.recovery_years * rent),
            p.vendor_finance.rebate_limit,
        )
        * economy.lead_vendor.programme.left()
    )
    grown = (
        1.0
        + p.labs.training_growth
        * (p.labs.training_base + p.labs.training_confidence * np.maximum(x - p.labs.training_opinion, 0.0))
        * pull
    )
    step = np.where(lab.runway > comfortable, grown, np.where(lab.runway > short, 1.0, 1.0 - p.labs.training_cut))
    margin = lab.revenue_rate * (1.0 - lab.revenue_share() - lab.inference_share())
    eager = np.maximum(p.venture.eagerness + p.venture.eagerness_opinion * x, 0.0)
    paid_for = np.maximum(margin - lab.other_costs * lab.austerity, 0.0)
    paid_for = paid_for + p.labs.appetite * lab.valuation * eager * economy.dry_powder_left()
    ceiling = np.maximum(paid_for / (rent * (1.0 - lab.rebate())), (1.0 - p.labs.ceiling_speed) * before)
    lab.plan_training()
    floor = p.labs.training_floor * lab.training_opening
    assert lab.training == pytest.approx(np.maximum(np.minimum(before * step, ceiling), floor))


def test_a_lab_reserves_for_the_need_it_foresees_and_seeks_money_for_what_it_burns(economy):
    p, x, lab = economy.p, economy.narrative.sentiment, economy.lead_lab
    lab.runway, lab.growth = np.array([2.0, 40.0, 30.0, 40.0]), np.array([0.2, 9.0, -0.5, 0.7])
    lab.inference = 50.0 * lab.inference
    c = p.contracts
    grown = _clip(lab.growth, 0.0, c.growth_foreseen) * c.horizon_months / 12
    need = lab.inference * (1.0 + grown) + lab.training * (1.0 + c.training_foreseen * grown)
    need = need * (1.0 + p.demand.price_elasticity * lab.rebate())
    pairs = economy.contracts.of_buyer(lab.account)
    signed = economy.contracts.reserved_at(pairs, economy.month, c.horizon_months)
    gap = np.maximum(c.reserve_share * c.precommitment * need - signed, 0.0) * _clip(c.confidence + x, 0.0, 1.0)
    assert (gap > 0.0).any()
    assert lab.reservation_gap() == pytest.approx(np.where(lab.runway > p.labs.comfortable_runway, gap, 0.0))
    lab.burn, lab.cash_at_close = np.array([1e9, -1e9, 2e9, 3e9]), np.array([4e9, 4e9, 90e9, 9e9])
    lab.measure_runway()
    assert lab.runway == pytest.approx([4.0, 120.0, 45.0, 3.0])
    sought = np.maximum(p.labs.raise_months * lab.burn - lab.cash_at_close, 0.0)
    assert lab.raise_round(np.ones(WORLDS)) == pytest.approx(np.where(lab.runway < p.labs.raise_runway, sought, 0.0))


def test_a_labs_costs_follow_its_revenue_and_its_cover_counts_the_bills_of_a_year(economy):
    p, lab, opening = economy.p, economy.lead_lab, economy.lead_lab.figures.other_costs
    lab.runway = np.array([2.0, 40.0, 13.0, 30.0])
    lab.revenue_rate = lab.figures.revenue * np.array([0.5, 1.5, 4.0, 40.0])
    before, spent = lab.other_costs.copy(), lab.austerity * 0.9
    lab.austerity = spent
    growth = (lab.revenue_rate / lab.figures.revenue) ** lab.figures.cost_growth
    growth = np.minimum(growth, np.maximum(lab.revenue_rate / opening, 1.0))
    growth = np.maximum((1.0 + p.labs.planned_costs * min(economy.month / 12, 1.0)) * growth, p.labs.costs_floor)
    lab.plan_costs()
    assert lab.other_costs == pytest.approx(before + p.labs.costs_speed * (opening * growth - before))
    short = lab.runway < p.labs.short_runway * p.labs.comfortable_runway
    back = np.where(lab.runway > p.labs.comfortable_runway, p.labs.austerity_return * p.labs.austerity_speed, 0.0)
    step = np.where(short, -p.labs.austerity_speed, back)
    assert lab.austerity == pytest.approx(_clip(spent + step, p.labs.austerity_floor, 1.0))
    lab.growth = np.array([-0.5, 0.5, 3.0, 0.0])
    pairs, starting = economy.contracts.of_buyer(lab.account), economy.contracts.starting_bill
    coming = range(economy.month + 1, min(economy.month + 13, starting.shape[1]))
    bill = sum(economy.contracts.bill[pair] for pair in pairs)
    bill = bill + sum(starting[pair, t] * (12 - (t - economy.month)) / 12 for pair in pairs for t in coming)
    means = lab.revenue_rate * (1.0 + _clip(lab.growth, 0.0, 1.0)) + lab.cash
    assert lab.commitment_cover() == pytest.approx(np.minimum(means / bill, 3.0))


def test_backers_give_and_funds_offer_by_opinion_and_what_rounds_brought(economy):
    v, x = economy.p.venture, economy.narrative.sentiment
    for fund in economy.funds:
        fund.realised = np.array([-9.0, 0.2, 0.4, 9.0])
        part = fund.figures.inflow_share
        mood = np.maximum(v.inflow_floor, v.inflow_base + x) + v.chasing * _clip(fund.realised, v.return_low, v.return_high)
        idle = _clip(2.0 - fund.cash / (v.powder_limit * part), 0.0, 1.0)
        expected = v.inflow * part * economy.funding.venture * np.maximum(mood, 0.0) * idle
        assert fund.inflow() == pytest.approx(expected)
        cut = np.array([0.0, 0.1, 0.2, 0.3])
        eager = _clip(v.eagerness + v.eagerness_opinion * x + v.bargain * cut, 0.0, 1.0)
        assert fund.appetite(cut) == pytest.approx(v.offer_share * fund.cash * economy.funding.venture * eager)
        before, gain, closed = fund.realised.copy(), np.array([-2.0, 0.5, 0.5, 99.0]), np.array([1.0, 0.0, 1.0, 1.0])
        worth = np.array([[3.0] * WORLDS, [1.0] * WORLDS])  # of two labs, the second without a round
        fund.see_rounds(worth, np.stack([gain, gain]), np.stack([closed, np.zeros(WORLDS)]))
        yearly = 12.0 * _clip(gain, -1.0, v.gain_counted) * closed * 3.0 / 4.0
        assert fund.realised == pytest.approx(before + (yearly - before) / v.return_months)


def test_states_buy_gold_up_to_a_share_and_chips_after_rivals_and_price(economy):
    s, state, rivals = economy.p.states, economy.states[0], economy.states[1:]
    target = np.maximum(
        state.gold_target, np.minimum(state.gold_target + s.gold_drift, state.gold_opening_share + s.gold_rise)
    )
    gap = np.maximum(target * state.reserves() - state.gold_value(), 0.0)
    assert state.gold_purchase() == pytest.approx(s.gold_speed * gap * s.gold_buying)
    others = [np.full(WORLDS, 3.0 + number) for number, _ in enumerate(rivals)]
    index = np.array([0.5, 0.8, 1.0, 1.5])
    hoard = state.hoard_gw() + economy.hardware.pipeline_gw(state.account)
    weight = state.figures.budget_weight
    race = s.arms_race * np.maximum(sum(others) / len(others) - hoard, 0.0) / 12
    wanted = np.maximum(s.hoard_order * weight + race - s.fatigue * hoard / 100, 0.0)
    wanted = s.hoarding * (wanted + s.dip_buying * np.maximum(s.dip_price - index, 0.0) * weight)
    waiting = s.order_patience * economy.chips.backlog_of_buyer(state.account)
    assert state.hoard_order(others, index) == pytest.approx(np.maximum(wanted - waiting, 0.0))


def test_backers_give_lenders_less_through_the_channel_of_spreads(economy):
    lost = 0.75 * 0.5 * economy.funding.theta  # the channel of spreads has half its weight
    assert economy.funding.theta[0] < economy.funding.theta[3]
    for lender in economy.lenders:
        usual = economy.p.credit.lender_inflow * lender.figures.inflow_share
        assert lender.inflow() == pytest.approx(usual * (1.0 - lost))


def test_the_bank_lends_at_short_notice_to_who_keeps_covenants(economy):
    c = economy.p.credit
    revenue, drawn = np.full(WORLDS, 1e9), np.array([0.0, 0.5e9, 9e9, 0.0])
    needed, in_breach = np.array([5e8, 9e9, 1e9, 1e9]), np.array([0.0, 1.0, 0.0, 99.0])
    room = np.maximum(c.revolver_months * revenue - drawn, 0.0)
    assert economy.bank.revolver(revenue, drawn, needed, in_breach) == pytest.approx(
        np.where(in_breach > c.acceleration_months, 0.0, np.minimum(needed, room))
    )


def test_the_squeeze_begins_in_its_month_and_lowers_every_limit_by_its_own_channel(economy):
    f, c, funding = economy.p.funding, economy.p.credit, economy.funding
    assert funding.schedule(0) == pytest.approx(0.0)
    assert funding.schedule(1) == pytest.approx(f.tightening / f.ramp_months)
    assert funding.schedule(np.array([[0], [1], [60]])).shape == (3, WORLDS)
    funding.update(9)
    theta = f.tightening * np.minimum(9 / f.ramp_months, 1.0)
    assert funding.theta == pytest.approx(theta)
    assert funding.loan_to_value == pytest.approx(c.loan_to_value - f.collateral_fall * f.channel_collateral * theta)
    assert funding.leverage_limit == pytest.approx(c.leverage_limit - f.leverage_fall * f.channel_covenants * theta)
    assert funding.policy_rate == pytest.approx(f.policy_rate + f.rate_rise * f.channel_rate * theta)
    funding.steer(np.array([1.0, 0.0, 0.0, 0.0]), 12)
    before = funding.theta.copy()
    steered = before + (f.tightening - before) / f.ramp_months
    assert funding.level(12)[0] == pytest.approx(steered[0])
    assert funding.level(12)[1:] == pytest.approx(funding.schedule(12)[1:])


def test_opinion_follows_itself_prices_news_doubt_and_talk(economy):
    n, narrative, x = economy.p.narrative, economy.narrative, economy.narrative.sentiment.copy()
    momentum, news = np.array([0.1, -0.2, 0.3, 0.0]), np.array([0.4, 0.1, -0.5, 0.2])
    doubt, built = np.array([0.0, 0.3, 1.5, 0.1]), np.array([0.2, -0.4, 0.1, 0.0])
    shock = np.array([0.0, 0.0, 0.3, 0.0])
    missed = np.minimum(doubt / n.doubt_full, 1.0)
    believed = narrative.credibility.copy()
    talk = n.talk_up * believed * missed
    pull = n.herding * x + n.momentum_weight * momentum + n.news_weight * news - n.doubt_weight * doubt
    pull = np.tanh(pull + talk + n.commitment_weight * built + narrative.anchor)
    noise = n.noise * narrative.noise[:, 5]
    narrative.update(5, momentum, news, doubt, built, shock)
    assert narrative.sentiment == pytest.approx(_clip(x + n.speed * (pull - x) + noise - shock, -1.0, 1.0))
    worn = np.where(missed > n.doubt_noticed, n.credibility_wear * (1.0 - 2.0 * missed), 0.0)
    assert narrative.credibility == pytest.approx(_clip(believed * (1.0 + worn), 0.0, 1.0))
    runway, cover = np.array([3.0, 50.0, 6.0, 0.0]), np.array([0.5, 2.0, 1.0, 0.0])
    short = _clip(1.0 - runway / economy.p.labs.raise_runway, 0.0, 1.0)
    thin = _clip(1.0 - cover, 0.0, 1.0)
    assert narrative.doubts(runway, cover) == pytest.approx(
        n.doubt_runway * short + n.doubt_cover * thin + n.doubt_rounds * narrative.down_rounds
    )
    rounds = narrative.down_rounds.copy()
    down, bridged, failed = (np.array(mask, dtype=bool) for mask in ([1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]))
    narrative.hear_of_round(False, down, bridged, failed)
    heard = rounds + n.other_labs * np.where(down | bridged, n.down_round, np.where(failed, 1.0, 0.0))
    assert narrative.down_rounds == pytest.approx(np.minimum(heard, n.round_limit))


def test_what_is_foreseen_is_learnt_slowly_from_growth(economy):
    c, seen = economy.p.clouds, economy.expectations
    before = seen.direct_growth.copy()
    now = seen.direct_last * np.array([0.5, 1.01, 1.05, 9.0])
    learnt = _clip(12 * (now / seen.direct_last - 1.0), -1.0, c.forecast_limit)
    seen.learn_direct(5, now)
    assert seen.direct_growth == pytest.approx(before + c.forecast_speed * (learnt - before))
    before = seen.lab_need_growth.copy()
    need = seen.lab_need * np.array([0.5, 1.01, 1.05, 9.0])
    learnt = _clip(12 * (need / seen.lab_need - 1.0), -1.0, c.forecast_limit)
    growth = before + c.need_speed * (learnt - before)
    ahead = need * (1.0 + _clip(growth, 0.0, c.need_limit) * economy.p.chips.plan_months / 12)
    assert seen.learn_need(5, need) == pytest.approx(ahead)


def test_fair_value_follows_earnings_opinion_rates_and_news(economy):
    v, value, x = economy.p.valuation, economy.fair_values[0], economy.narrative.sentiment
    earnings, rate = value.earnings_opening * np.array([0.01, 0.9, 1.1, 3.0]), economy.funding.policy_rate + 0.01
    shock = np.sqrt(value.variance) * value.draws[:, 5]
    beta = np.minimum(v.garch_beta, 1.0 - v.garch_alpha)
    variance = value.news_sd**2 * (1 - v.garch_alpha - beta) + v.garch_alpha * shock**2 + beta * value.variance
    news = value.news + shock - value.news_sd**2 / 2
    counted = np.maximum(earnings, v.earnings_floor * value.earnings_opening)
    counted = value.earnings + v.earnings_speed * (counted - value.earnings)
    log = v.earnings_weight * np.log(counted / value.earnings_opening) + value.mood * (x - economy.p.narrative.sentiment)
    log = log - v.duration * (rate - economy.p.funding.policy_rate) + news
    value.update(5, earnings, x, rate)
    assert value.variance == pytest.approx(variance)
    assert value.value == pytest.approx(value.opening * np.exp(log))


def test_orders_leave_the_dear_and_the_late_vendor(economy):
    v, vendors = economy.p.vendor, economy.vendors
    assert len(vendors) > 1
    for number, vendor in enumerate(vendors):
        vendor.price_index = np.array([1.0, 1.2, 0.8, 1.1]) + 0.3 * number
    shares = np.stack([vendor.order_share for vendor in vendors])
    prices = np.stack([vendor.price_index for vendor in vendors])
    queues = np.stack([economy.chips.backlog_of_vendor(vendor.account) / vendor.capacity for vendor in vendors])
    late = _clip(queues - (shares * queues).sum(axis=0), -v.queue_limit, v.queue_limit)
    premium = prices - (shares * prices).sum(axis=0) + v.queue_weight * late
    moved = np.maximum(shares * (1.0 - v.switching * (1.0 - v.lock_in) * premium), 1e-4)
    switch_vendors(economy.chips, vendors)
    assert np.stack([vendor.order_share for vendor in vendors]) == pytest.approx(moved / moved.sum(axis=0))


def test_a_firm_never_issues_and_buys_back_shares_in_one_month(economy):
    cloud = next(cloud for cloud in economy.clouds if not cloud.hyperscaler)
    cloud.figures.target_cash[:] = 0.0
    cloud.months_in_breach, cloud.equity_wanted = np.zeros(WORLDS), np.array([0.0, 1e9, 1e9, 1e9])
    failed = np.array([False, False, True, False])
    issued, bought = cloud.share_orders(np.full(WORLDS, 10**11), failed)
    assert (issued > 0).tolist() == [False, True, False, True]
    assert (bought > 0).tolist() == [True, False, True, False]
    assert bought[0] == pytest.approx(min(economy.p.vendor.payout_speed[0], 1.0) * cloud.cash[0])


def test_a_backstop_counts_what_it_owes_and_ends_at_its_limit(economy):
    v, programme = economy.p.vendor_finance, economy.lead_vendor.programme
    v.backstop_on[:], v.backstop_limit[:], programme.backstop_paid[:] = 1.0, 1e9, 0.0
    unsold = np.full(WORLDS, 0.7e9 * 12 / (v.backstop_share[0] * economy.compute.rent[0]))
    rent = np.full(WORLDS, economy.compute.rent[0])
    for owed in (0.7e9, 0.3e9, 0.0):
        assert programme.owe_backstop(unsold, rent) == pytest.approx(owed, abs=1.0)


def test_a_rescue_starts_patience_anew_where_it_was_paid(economy):
    programme = economy.lead_vendor.programme
    programme.count_rescue(np.array([0, 10, 0, 5]))
    assert programme.rescued_at.tolist() == [-np.inf, economy.month, -np.inf, economy.month]


def test_clouds_earn_from_direct_customers_what_they_have_compute_for(economy):
    cloud = next(cloud for cloud in economy.clouds if cloud.figures.direct_share[0] > 0)
    economy.compute.direct_served[cloud.account] = np.array([0.0, 0.25, 0.5, 1.0])
    asked = economy.demand.direct * cloud.figures.direct_share / 12
    assert cloud.direct_sales() == pytest.approx(asked * np.array([0.0, 0.25, 0.5, 1.0]))
