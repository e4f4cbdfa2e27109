"""The groups of parameters of `../funding.py`, as types.

Written by `python -m perpetuum.model.parameters`; do not edit. (worlds,) arrays in base units; structural ones are plain numbers.
"""

from perpetuum.model.parameters.groups.base import Group
from perpetuum.model.worlds import Floats


class Funding(Group):
    """`funding.*`"""

    tightening: Floats  # index: how far funding tightens at its worst: 0 loose, 1 everything at once
    start_month: Floats  # months: month in which the tightening starts (0 is the first month)
    stop_month: Floats  # month: month from which all outside finance is zero: rounds, new shares, new debt, vendor support, state money; -1: never
    ramp_months: Floats  # months: months the tightening takes to build up
    hold_months: Floats  # months: months it stays
    release_months: Floats  # months: months it takes to go away
    rate_rise: Floats  # per year: rise of the policy rate at full tightening; below 0 a cut
    rate_floor: Floats  # per year: policy rate below which no cut goes
    spread_rise: Floats  # per year: rise of credit spreads at full tightening
    graded_share: Floats  # share: share of that rise that reaches borrowers of investment grade: hyperscalers and the leveraged cloud
    lending_fall: Floats  # share: fall of backers' new money for lenders at full tightening, through the channel that widens spreads
    margin: Floats  # share: initial margin on listed shares before any tightening
    margin_rise: Floats  # share: rise of the initial margin at full tightening
    collateral_fall: Floats  # share: fall of the loan-to-value limit on chips at full tightening
    leverage_fall: Floats  # x EBITDA: fall of the net debt / EBITDA limit at full tightening
    valuation_fall: Floats  # share: fall of valuation multiples in funding rounds at full tightening
    capex_fall: Floats  # share: cut of hyperscalers' capex budget at full tightening
    channel_rate: Floats  # weight: weight of the policy-rate channel
    channel_venture: Floats  # weight: weight of the venture channel (inflow and offers)
    channel_margin: Floats  # weight: weight of the margin channel
    channel_collateral: Floats  # weight: weight of the collateral (loan-to-value) channel
    channel_covenants: Floats  # weight: weight of the leverage-covenant channel
    channel_spreads: Floats  # weight: weight of the spread channel
    channel_valuation: Floats  # weight: weight of the valuation channel
    channel_capex: Floats  # weight: weight of the capex-budget channel
    channel_rollover: Floats  # weight: weight of the roll-over channel (maturing debt that is not refinanced)
    hold_rate: Floats  # months: months the policy-rate channel stays; -1: as funding.hold_months
    hold_venture: Floats  # months: months the venture channel stays; -1: as funding.hold_months
    hold_margin: Floats  # months: months the margin channel stays; -1: as funding.hold_months
    hold_collateral: Floats  # months: months the collateral channel stays; -1: as funding.hold_months
    hold_covenants: Floats  # months: months the leverage-covenant channel stays; -1: as funding.hold_months
    hold_spreads: Floats  # months: months the spread channel stays; -1: as funding.hold_months
    hold_valuation: Floats  # months: months the valuation channel stays; -1: as funding.hold_months
    hold_capex: Floats  # months: months the capex-budget channel stays; -1: as funding.hold_months
    policy_rate: Floats  # per year: policy rate before any tightening


class Narrative(Group):
    """`narrative.*`"""

    sentiment: Floats  # index: opinion on AI at the start, from -1 (doom) to 1 (euphoria)
    speed: Floats  # per month: speed at which opinion moves
    herding: Floats  # weight: weight of opinion on itself; above about 1.1 pessimism is absorbing
    momentum_weight: Floats  # weight: weight of share-price momentum in opinion
    news_weight: Floats  # weight: weight of demand news in opinion
    doubt_weight: Floats  # weight: weight of doubt (burn, down rounds, gap to promises)
    doubt_runway: Floats  # weight: weight of the lead lab's short runway in doubt
    doubt_cover: Floats  # weight: weight of commitments that means do not cover in doubt
    doubt_rounds: Floats  # weight: weight of remembered down rounds in doubt
    doubt_full: Floats  # index: doubt at which leaders talk at full strength and promises count as missed altogether
    doubt_noticed: Floats  # share: missed promises, as a share, above which credibility moves
    down_round: Floats  # weight: weight of a down round or a bridge against a round that failed
    other_labs: Floats  # weight: weight of other labs' rounds against the lead lab's
    round_memory: Floats  # per month: share of the memory of down rounds that lasts into the next month
    round_limit: Floats  # index: most that the memory of down rounds can hold
    opening_trend: Floats  # per year: growth of AI sales that is no news at the start
    trend_speed: Floats  # per month: speed at which growth becomes a trend and stops being news
    commitment_weight: Floats  # weight: weight of states' and leaders' new commitments in opinion (follow the leader)
    talk_up: Floats  # weight: how hard leaders talk the price up when doubt grows
    credibility_wear: Floats  # per month: how fast credibility wears off while promises are missed
    noise: Floats  # index: standard deviation of monthly noise in opinion
    lab_default_shock: Floats  # index: fall of opinion when the lead lab defaults
    cloud_default_shock: Floats  # index: fall of opinion when a cloud defaults


class Venture(Group):
    """`venture.*`"""

    inflow: Floats  # $bn/mo: neutral monthly inflow into venture funds for AI
    powder_limit: Floats  # $bn: dry powder above which backers hold back new money (none at twice it)
    chasing: Floats  # weight: how much inflow follows realised returns of the last year
    inflow_base: Floats  # share: inflow at an opinion of zero, against neutral
    inflow_floor: Floats  # share: lowest inflow in despair, against neutral
    return_low: Floats  # per year: worst realised return that inflow still answers to
    return_high: Floats  # per year: best realised return that inflow still answers to
    return_months: Floats  # months: months over which realised returns are remembered
    gain_counted: Floats  # share: largest gain at a round that is remembered
    offer_share: Floats  # share: share of dry powder that funds offer at most in a month
    eagerness: Floats  # share: eagerness of funds, and of labs to spend what they might raise, at an opinion of zero
    eagerness_opinion: Floats  # share: its response to opinion
    round_cap: Floats  # share: largest round relative to the valuation before it
    reprice_cut: Floats  # share: price cut at each re-pricing of a round that is not covered
    reprice_most: int  # times: re-pricings of a round before insiders are asked
    want_cap: Floats  # x: most that a lab can seek at once, against the largest round it can close
    covered: Floats  # share: share of the wanted sum at which a round closes without re-pricing
    multiple_base: Floats  # x revenue: revenue multiple of a lab that does not grow
    multiple_growth: Floats  # x revenue: further multiple at a growth of 120 % a year
    multiple_growth_at: Floats  # per year: growth that earns the further multiple in full
    multiple_growth_cap: Floats  # x: most of the further multiple that faster growth earns
    comparables_elasticity: Floats  # elasticity: response of valuations to listed AI shares' price over what earnings explain
    comparables_low: Floats  # ratio: lowest such ratio that counts
    comparables_high: Floats  # ratio: highest such ratio that counts
    opening_multiple: Floats  # x revenue: most that a lab may be worth at the start, against its revenue
    valuation_floor: Floats  # x revenue: lowest valuation of a lab
    sentiment_elasticity: Floats  # elasticity: log valuation per unit of opinion
    valuation_smoothing: Floats  # per month: speed at which valuations follow the formula
    bridge_share: Floats  # share: insiders' bridge, as share of the sum wanted
    bargain: Floats  # weight: how much more funds offer per unit of price cut
    distribution_share: Floats  # share: share of dividends and sales that funds pass on


class Credit(Group):
    """`credit.*`"""

    base_hyperscaler: Floats  # per year: base spread of a hyperscaler
    base_leveraged: Floats  # per year: base spread of the leveraged cloud
    base_neocloud: Floats  # per year: base spread of a neocloud
    leverage_slope: Floats  # per year: spread per unit of (net debt/EBITDA - leverage_free)^leverage_power
    leverage_free: Floats  # x EBITDA: net debt / EBITDA up to which the spread is the base spread
    leverage_counted: Floats  # x EBITDA: most leverage beyond it that the spread answers to
    leverage_power: Floats  # exponent: power of leverage beyond it in the spread
    high_yield_leverage: Floats  # x EBITDA: net debt / EBITDA of the market's average high-yield issuer, for the series `high_yield_spread`
    pessimism_slope: Floats  # per year: spread per unit of negative opinion
    coverage_spread: Floats  # per year: spread added while debt service coverage is thin
    coverage_watch: Floats  # ratio: debt service coverage under which that spread is added
    volatility_slope: Floats  # per unit: spread per unit of monthly share volatility above its norm
    ration_leveraged: Floats  # per year: all-in rate above which lenders refuse the leveraged cloud
    ration_neocloud: Floats  # per year: all-in rate above which lenders refuse a neocloud
    ration_other: Floats  # per year: all-in rate above which lenders refuse anybody
    loan_to_value: Floats  # share: loan-to-value limit on new chips in loose times
    leverage_limit: Floats  # x EBITDA: net debt / EBITDA limit in loose times
    coverage_covenant: Floats  # ratio: most debt service coverage that loans ask for: below it draws stop and cash is swept; less where a borrower's opening leaves it less than its room (credit.coverage_headroom)
    coverage_headroom: Floats  # share: room that lenders leave below a borrower's opening debt service coverage, where it opens with less than that above what the covenant asks
    service_counted: Floats  # per year: debt service over debt below which the coverage covenant is not tested
    collateral_slack: Floats  # x: loans over the collateral limit at which that covenant is breached
    leverage_slack: Floats  # x: leverage over its limit at which that covenant is breached
    capital_ratio: Floats  # share: lenders' capital over claims
    opening_capital_ratio: Floats  # share: lenders' capital over claims at the start
    opening_cash_counted: Floats  # share: share of lenders' opening cash for which they hold capital at the start
    retained: Floats  # share: share of interest that lenders retain as risk capital
    bond_months: int  # months: term of a bond
    loan_months: int  # months: term of a term loan
    lender_inflow: Floats  # $bn/mo: fund backers' monthly inflow to AI lenders
    sweep_share: Floats  # share: share of free cash that goes to early repayment while a covenant is breached
    acceleration_months: Floats  # months: months in breach of a covenant after which lenders may call the debt, and new shares and revolver are closed
    expected_kept: Floats  # share: receipts expected in a month that a firm counts on when it decides what it must borrow
    revolver_months: Floats  # months: revolver limit, in months of revenue
    bank_margin: Floats  # per year: bank's margin over the policy rate
    deposit_discount: Floats  # per year: policy rate minus deposit rate


class Default(Group):
    """`default.*`"""

    threshold: Floats  # share: share of dues paid below which a firm defaults
    arrears_floor: Floats  # share: share of a month's dues that may be late without counting as arrears in the verdict
    cash_kept: Floats  # share: share of cash that survives bankruptcy
    claims_kept: Floats  # share: share of incoming claims that survives bankruptcy
    recovery: Floats  # share: most that unsecured creditors recover
    rejection: Floats  # share: share of a defaulted lab's contracts that is rejected
    training_kept: Floats  # share: training that a defaulted lab goes on with
    customers_lost: Floats  # share: share of a defaulted lab's customers who leave
    migration_months: Floats  # months: months in which they leave
    valuation_kept: Floats  # share: valuation of a defaulted lab against the one before
    revenue_multiple: Floats  # x revenue: lowest valuation of a defaulted lab
    suspension_months: Floats  # months: months that a defaulted firm's shares do not trade
    fire_sale: Floats  # share: value of chips sold within 30 days, against an orderly sale
    collateral_sold: Floats  # share: share of a defaulted cloud's chips sold second-hand
    share_sales: Floats  # per month: share of restructured shares that creditors sell a month
    grace_months: Floats  # months: months after a default before the same firm can default again


class Valuation(Group):
    """`valuation.*`"""

    garch_alpha: Floats  # weight: weight of last month's squared news in the variance of news
    garch_beta: Floats  # weight: persistence of the variance of news
    earnings_weight: Floats  # elasticity: response of fair value to earnings
    earnings_speed: Floats  # per month: smoothing of earnings
    earnings_floor: Floats  # share: lowest earnings counted, against the opening ones
    earnings_yield_floor: Floats  # per year: lowest opening earnings counted, against market value
    sentiment_weight: Floats  # elasticity: log fair value per unit of opinion
    duration: Floats  # years: fall of fair value per unit of the policy rate
    issue_mood: Floats  # added to sentiment: the share of what a firm wants to issue that the listed market takes
    gold_sentiment: Floats  # elasticity: log fair value of gold per unit of opinion
    gold_news: Floats  # per month: standard deviation of public news on gold
