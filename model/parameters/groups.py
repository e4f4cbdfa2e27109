"""The registry's groups of parameters and of agents' opening figures, as types.

Written by `python -m perpetuum.model.parameters`; do not edit. (worlds,) arrays in base units; structural ones are plain numbers.
"""

import numpy as np
from numpy.typing import NDArray

from perpetuum.model.worlds import Floats, Stateful

Codes = NDArray[np.int64]


class Group(Stateful):
    """The parameters of one dotted group, or the opening figures of one agent."""


class Funding(Group):
    """`funding.*`"""

    tightening: Floats  # index: how far funding tightens at its worst: 0 loose, 1 everything at once
    start_month: Floats  # months: month in which the tightening starts (0 is the first month)
    stop_month: Floats  # month: month from which all external finance is zero: rounds, new shares, new debt, vendor support, state money; -1: never
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
    pessimism_slope: Floats  # per year: spread per unit of negative opinion
    coverage_spread: Floats  # per year: spread added while debt service coverage is thin
    coverage_watch: Floats  # ratio: debt service coverage under which that spread is added
    volatility_slope: Floats  # per unit: spread per unit of monthly share volatility above its norm
    ration_leveraged: Floats  # per year: all-in rate above which lenders refuse the leveraged cloud
    ration_neocloud: Floats  # per year: all-in rate above which lenders refuse a neocloud
    ration_other: Floats  # per year: all-in rate above which lenders refuse anybody
    loan_to_value: Floats  # share: loan-to-value limit on new chips in loose times
    leverage_limit: Floats  # x EBITDA: net debt / EBITDA limit in loose times
    coverage_covenant: Floats  # ratio: debt service coverage below which draws stop and cash is swept
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


class Demand(Group):
    """`demand.*`"""

    strength: Floats  # x: saturation level of AI demand; 1 is about $0.46tn of AI revenue in 2030
    capability_elasticity: Floats  # elasticity: response of enterprise saturation and timing to capability
    wealth_effect: Floats  # elasticity: response of customers to the listed market's value
    uncertainty: Floats  # log sd: spread of demand strength over replicates
    users: Floats  # bn persons: weekly users at the start
    users_limit: Floats  # bn persons: users in the long run
    innovation: Floats  # per month: Bass coefficient of innovation
    imitation: Floats  # per month: Bass coefficient of imitation
    paying_share: Floats  # share: share of users who pay at the start
    paying_limit: Floats  # share: largest share of users who ever pay
    paying_per_capability: Floats  # share: paying share at a capability of one
    paying_speed: Floats  # per month: speed at which the paying share moves
    price_per_user: Floats  # $/month: price of a subscription
    ads_per_user: Floats  # $/year: advertising revenue per user once ramped up
    ads_ramp_months: Floats  # months: months in which advertising ramps up
    enterprise_limit: Floats  # $bn/yr: enterprise and API revenue at saturation, at strength 1
    enterprise_midpoint: Floats  # months: month of fastest enterprise growth
    enterprise_width: Floats  # months: width of the enterprise logistic
    direct: Floats  # $bn/yr: direct AI-cloud revenue at the start
    direct_limit: Floats  # $bn/yr: direct AI-cloud revenue at saturation, at strength 1
    price_elasticity: Floats  # elasticity: price elasticity of API demand
    budget_share: Floats  # share: largest share of the outside economy's income spent on AI
    segment_coding: Floats  # x: coding assistants: 1 appears as expected, 0 never
    segment_enterprise: Floats  # x: general enterprise use: 1 appears as expected, 0 never
    segment_education: Floats  # x: education: 1 appears as expected, 0 never
    segment_health: Floats  # x: health care: 1 appears as expected, 0 never
    share_speed: Floats  # per month: speed at which labs' market shares follow their training shares
    share_elasticity: Floats  # elasticity: response of labs' market shares to training, against the opening one
    training_stock: Floats  # GW-years: training done before the start, all labs
    reference_training: Floats  # GW: training a year ahead of which customers' expectations are built
    reference_growth: Floats  # per year: growth of that reference training
    noise: Floats  # log sd: monthly noise of customers' spending


class Technology(Group):
    """`technology.*`"""

    cadence_months: Floats  # months: months between chip generations
    opening_age: Floats  # months: age of the current generation at the start
    value_kept: Floats  # share: rental value that a chip keeps at each new generation
    decay: Floats  # per month: chips lost to failure and physical decay
    gpus_per_gw: int  # chips: chips in a gigawatt of data centre
    gold_lots_per_tonne: Floats  # lots/t: lots of gold in a tonne (a lot is about $100 000 at the start)
    content_today: Floats  # $bn/GW: vendor's products per GW, today's mix
    content_next: Floats  # $bn/GW: vendor's products per GW, next generation
    shell_cost: Floats  # $bn/GW: shell, power and cooling per GW
    recovery_years: Floats  # years: years over which the cost of new capacity is recovered from rents
    opening_current: Floats  # share: share of the opening fleet that is of the current generation
    opening_previous: Floats  # share: share of the opening fleet that is one generation old


class Compute(Group):
    """`compute.*`"""

    rent: Floats  # $bn/GW-yr: rent of a GW of current chips for a year
    rent_speed: Floats  # elasticity: monthly log change of spot rent per unit of excess demand
    idle_norm: Floats  # share: idle share of capacity at which rents stay where they are
    rent_cap: Floats  # x: highest spot rent relative to the opening rent
    average_months: Floats  # months: memory of the average rent that customers and planners answer to
    operating_cost: Floats  # $bn/GW-yr: power, staff and repair of a GW for a year
    usable: Floats  # share: share of installed GW that can be sold
    hours: Floats  # hours: hours in a year, to quote rents per chip-hour


class Contracts(Group):
    """`contracts.*`"""

    precommitment: Floats  # x: scale of take-or-pay commitments
    reserve_share: Floats  # share: share of foreseen growth that labs reserve with take-or-pay
    growth_foreseen: Floats  # per year: fastest growth that labs reserve for
    training_foreseen: Floats  # share: growth of training against growth of sales, when labs reserve
    confidence: Floats  # share: willingness to sign at an opinion of zero (opinion adds to it)
    horizon_months: int  # months: how far ahead labs reserve
    term_months: int  # months: term of newly signed reservations
    markup: Floats  # x: price of new reservations against the cost of new capacity over five years
    lapse: Floats  # per month: share of contracted capacity that lapses for each month it is not delivered
    prepaid_months: Floats  # months: months of rent that a lab prepays when a contract starts
    prepaid_cash: Floats  # share: most of its cash that a lab prepays in a month


class Chips(Group):
    """`chips.*`"""

    lead_months: int  # months: months from shipment to service
    plan_months: int  # months: months ahead that clouds plan
    cover_target: Floats  # months: backlog, in months of capacity, at which the vendor keeps capacity
    cover_slope: Floats  # per month: capacity growth per month of backlog above it
    price_cover: Floats  # months: backlog, in months of capacity, at which the vendor keeps the price
    opening_use: Floats  # share: use of capacity at the start: sales, and what suppliers were promised
    planning_months: Floats  # months: months over which promises to suppliers follow orders
    capacity_fall: Floats  # per month: fastest monthly fall of capacity
    capacity_rise: Floats  # per month: fastest monthly rise of capacity
    price_slope: Floats  # per month: monthly price change per tanh(backlog cover - price_cover)
    price_low: Floats  # x: lowest price against list
    price_high: Floats  # x: highest price against list
    favour: Floats  # weight: extra weight of investees when chips are allocated
    commitment_share: Floats  # share: share of planned production bought take-or-pay from suppliers
    obsolescence: Floats  # per month: write-down of unsold chips


class VendorFinance(Group):
    """`vendor_finance.*`"""

    scale: Floats  # x: scale of all vendor finance
    instrument: Codes  # how each milestone dollar reaches the lab (equity, loan, lease, guarantee)
    tied: Floats  # tied to gigawatts deployed, or paid evenly
    per_gw: Floats  # $bn/GW: finance per GW newly contracted or live
    limit: Floats  # $bn: most finance under the letter of intent
    signed_gw: Floats  # GW: GW that count as contracted in the first month
    untied_months: Floats  # months: months over which untied finance is paid
    cash_floor: Floats  # $bn: vendor cash below which no tranche is paid
    credit_margin: Floats  # per year: vendor credit's margin over the policy rate
    credit_months: int  # months: term of vendor loans and leases
    lease_share: Floats  # share: share of neocloud deliveries leased
    small_tickets: Floats  # $bn/mo: stakes in application companies
    tickets_on: Floats  # whether small tickets are bought
    backstop_limit: Floats  # $bn: most the backstop of unsold capacity pays in all
    backstop_share: Floats  # share: share of rent that the backstop pays
    backstop_on: Floats  # whether the backstop stands
    additionality: Floats  # share: chip orders that a dollar of finance brings, in the vendor's own estimate: it pays a tranche while additionality x margin covers the loss expected, and nothing else follows from it
    loss_estimate: Floats  # share: loss the vendor expects on finance when it judges a tranche, at certain default
    rescue_share: Floats  # share: share of cash above the floor that may rescue an investee
    rescue_runway: Floats  # months: runway under which an investee may be rescued
    rescue_pause: Floats  # months: months between two rescues
    rescue_dilution: Floats  # share: largest rescue relative to the investee's valuation
    safe_runway: Floats  # months: runway from which the vendor sees no risk of default; none left is certain default
    rebate_limit: Floats  # share: most that tied finance takes off the price of compute in a lab's plans


class Vendor(Group):
    """`vendor.*`"""

    lock_in: Floats  # share: how hard it is to leave for the challenger's or one's own chips
    switching: Floats  # per month: monthly share of orders that leaves per unit of price premium without lock-in
    queue_weight: Floats  # per month: price premium that a month of longer queue is worth
    queue_limit: Floats  # months: difference in queues beyond which nobody minds more
    earnings_months: Floats  # months: months over which vendors' earnings are smoothed
    tax: Floats  # share: tax on positive profit
    payout_speed: Floats  # per month: share of cash above target paid out monthly


class Clouds(Group):
    """`clouds.*`"""

    race: Floats  # weight: how much rivals' growth lowers the hurdle for building
    build_ahead: Floats  # per year: growth of needs that hyperscalers build ahead of at full confidence, times the race
    absorption: Floats  # x: share of idle chips that hyperscalers put into their own products, times the race
    hurdle: Floats  # ratio: value over cost at which a cloud builds, before volatility
    hurdle_floor: Floats  # ratio: lowest hurdle in a race, against the one without rivals
    option_slope: Floats  # per unit: how fast building stops below the hurdle: at 3 nothing is built at two thirds of it
    capex_base: Floats  # share: hyperscalers' AI and other capex over operating cash flow, at neutral opinion
    capex_sentiment: Floats  # share: its response to opinion
    capex_rivalry: Floats  # share: its response to rivals' growth
    capex_limit: Floats  # share: highest share of operating cash flow spent
    capex_floor: Floats  # share: lowest share of operating cash flow spent
    direct_reinvested: Floats  # share: share of direct AI revenue added to the budget
    gap_months: Floats  # months: months over which a capacity gap is closed
    target_use: Floats  # share: utilisation that clouds plan for
    contract_slack: Floats  # share: part of what cannot be sold that leveraged clouds and neoclouds plan to do without
    forecast_speed: Floats  # per month: speed at which clouds learn the growth of direct sales
    need_speed: Floats  # per month: speed at which builders learn the growth of labs' needs
    opening_growth: Floats  # per year: growth of direct sales and of labs' needs expected at the start
    forecast_limit: Floats  # per year: fastest growth in a month, at a year's rate, that forecasts learn from
    need_limit: Floats  # per year: fastest growth of labs' needs that is built for
    accounts_months: Floats  # months: months over which EBITDA, earnings, interest and debt service are smoothed
    book_months: int  # months: book life of hardware
    chip_book_share: Floats  # share: share of hardware book value that is chips (the rest is shells)
    shell_wear: Floats  # share: share of a shell's cost that has to be renewed when its chips are replaced
    used_months: int  # months: book life of second-hand chips
    economic_months: Floats  # months: economic life of hardware, for the second set of earnings
    value_margin: Floats  # x: value in use of own capacity against its rent (services sold on top)
    residual: Floats  # share: residual value of hardware after five years
    round_share: Floats  # share: share of labs' rounds that hyperscalers take
    round_cash: Floats  # share: most of a hyperscaler's spare cash that goes into one lab's round in a month, at most its part of as many labs as there are
    target_kept: Floats  # share: cash, against its target, that a hyperscaler keeps out of labs' rounds
    issuance: Floats  # per month: most new shares a month, against market value
    counted_receipts: Floats  # share: share of last month's rents that a cloud counts on when it keeps cash for its dues
    cash_months: Floats  # months: months of costs that a cloud keeps in cash
    cushion_kept: Floats  # share: share of that cushion which is kept when chips are paid for
    tax: Floats  # share: tax on positive profit


class Labs(Group):
    """`labs.*`"""

    inference_share: Floats  # share: inference rent over revenue at the start
    inference_share_late: Floats  # share: the same after five years
    efficiency_months: Floats  # months: months until inference_share_late is reached
    served_floor: Floats  # share: share of demand that a lab without compute still serves
    growth_speed: Floats  # per month: speed at which a lab's growth is learnt
    planned_costs: Floats  # share: rise of other costs already planned for the first year
    costs_speed: Floats  # per month: speed at which other costs follow revenue
    costs_floor: Floats  # x: lowest other costs against the opening ones, before austerity
    revenue_share_late: Floats  # x: revenue share after five years, against the opening one
    revenue_share_months: Floats  # months: months until revenue_share_late is reached
    training_growth: Floats  # per month: growth of training at full confidence
    training_base: Floats  # share: part of that growth which needs no confidence
    training_confidence: Floats  # share: part of that growth per unit of opinion above training_opinion
    training_opinion: Floats  # index: opinion from which confidence adds to growth
    training_floor: Floats  # share: least training, against the opening one
    ceiling_speed: Floats  # per month: fastest cut of training that has outgrown its ceiling
    training_cut: Floats  # per month: cut of training while runway is short
    comfortable_runway: Floats  # months: runway above which training grows
    short_runway: Floats  # share: part of the comfortable runway below which training and other costs are cut
    appetite: Floats  # share: share of valuation that a lab dares spend on training a year
    raise_runway: Floats  # months: runway below which a lab raises money
    raise_months: Floats  # months: months of burn that a lab raises
    dividend_months: Floats  # months: months of costs in cash above which a profitable lab pays dividends
    burn_speed: Floats  # per month: speed at which burn is learnt
    austerity_speed: Floats  # per month: monthly cut of other costs while runway is short
    austerity_return: Floats  # x: speed at which cut costs come back, against the speed of cuts
    austerity_floor: Floats  # share: share of other costs that cannot be cut
    renegotiate: Floats  # share: share of commitments that a lab short of cash renegotiates away a month


class States(Group):
    """`states.*`"""

    hoarding: Floats  # x: scale of states' GPU hoarding; 1 is about 0.06 GW a month
    rescue: Floats  # share: share of a failing champion's shortfall that its state covers
    bid_share: Floats  # share: share of cash that states bid for chips of the defaulted
    hoard_order: Floats  # GW/mo: own programmes' orders of all states, before the arms race
    arms_race: Floats  # weight: response to rivals' hoards (Richardson 1960)
    fatigue: Floats  # % per month: budget fatigue: orders forgone, as share of the hoard
    dip_buying: Floats  # GW/mo: purchases per unit of price fall below dip_price
    dip_price: Floats  # x: chip price, against the opening one, below which states buy the dip
    order_patience: Floats  # share: chips still waited for that are taken off new orders, a month
    gold_gap: Floats  # share: gap between wanted and actual gold share at the start
    gold_rise: Floats  # share: rise of the wanted gold share in the long run (20 to 25 %)
    gold_drift: Floats  # per month: monthly rise of the wanted share towards it
    gold_speed: Floats  # per month: share of the gap closed a month
    gold_buying: Floats  # whether states buy gold
    idle: Floats  # share: share of hoarded chips that stands idle
    export_control: Floats  # whether the last state is cut off from chips


class Outside(Group):
    """`outside.*`"""

    income: Floats  # $bn/yr: income of the outside economy
    growth: Floats  # per year: its growth in dollars
    cushion: Floats  # $bn: deposits that the outside economy keeps for its dealings with AI
    gold_demand: Floats  # share: jewellery, bars and industry's purchases over mine output at the start
    gold_price: Floats  # $/oz: price of gold at the start
    mine_output: Floats  # t/mo: mined gold


class Bank(Group):
    """`bank.*`"""

    equity: Floats  # $bn: the bank's own funds at the start


class SecondHand(Group):
    """`second_hand.*`"""

    idle_offer: Floats  # per month: share of idle old chips offered second-hand
    buyers_cash: Floats  # share: share of cash above target that clouds put into second-hand chips
    inertia: Floats  # per month: speed at which the quoted price of used chips follows the last sales


class Currency(Group):
    """`currency.*`"""

    unit: float  # x: units of currency in a dollar: rescales all money and changes nothing but rounding


class Measures(Group):
    """`measures.*`"""

    series_months: int  # months: window of trailing measures


class Investors(Group):
    """`investors.*`"""

    per_strategy: int  # investors: individual investors in each strategy
    barbell_share: Floats  # share of the investors' wealth held half in AI shares and half in gold at the start; moved later, it redirects new savings
    leveraged_share: Floats  # share of the investors' net wealth run on margin
    fundamental_weight: Floats  # relative weight of fundamental investors in the rest of the wealth
    momentum_weight: Floats  # relative weight of momentum investors in the rest of the wealth
    index_weight: Floats  # relative weight of index investors in the rest of the wealth
    noise_weight: Floats  # relative weight of noise traders in the rest of the wealth
    wealth_spread: Floats  # standard deviation of an individual's log wealth
    taste_spread: Floats  # standard deviation of an individual's log coefficients (turnover, response, cash, leverage)
    tilt_spread: Floats  # standard deviation of an individual's log portfolio tilts
    cash_share: Floats  # cash in wealth at the start
    largest_weight: Floats  # largest sum of an individual's portfolio weights
    gold_stock: Floats  # $bn: gold held by the investors at the start
    fundamental_turnover: Floats  # /mo: share of the gap to target traded in a month, fundamental
    momentum_turnover: Floats  # /mo: share of the gap to target traded in a month, momentum
    index_turnover: Floats  # /mo: share of spare cash that index investors invest in a month
    barbell_turnover: Floats  # /mo: share of the gap to target traded in a month, barbell
    leveraged_turnover: Floats  # /mo: share of the gap to target traded in a month, leveraged
    noise_turnover: Floats  # /mo: share of the gap to target traded in a month, noise
    value_elasticity: Floats  # elasticity of fundamental weights to value over price
    value_gap_limit: Floats  # log: largest gap ln(value/price) that fundamental investors believe
    value_awareness: Floats  # weight of fair values, against market prices, in the neutral portfolio of everybody but fundamental investors
    momentum_response: Floats  # response of momentum weights to tanh of past returns
    momentum_months: Floats  # months: months over which past returns are summed (decaying)
    barbell_response: Floats  # response of barbell weights, of both ends alike, to conviction or fear
    noise_mood: Floats  # standard deviation of the noise traders' common mood on an asset
    noise_persistence: Floats  # /mo: share of the mood that lasts into the next month
    noise_whim: Floats  # standard deviation of a noise trader's own monthly whim on an asset
    leverage: Floats  # x equity: exposure that leveraged investors want, if margins allow
    margin_debt_limit: Floats  # largest margin debt of all, in the value of all listed shares (at the lower of price and fair value)
    volatility_charge: Floats  # extra margin per unit of monthly market volatility above the calm one
    calm_volatility: Floats  # /mo: monthly market volatility up to which no extra margin is asked
    maintenance_margin: Floats  # equity over position below which the bank calls
    restored_margin: Floats  # equity over position to which a called investor sells down
    margin_rounds: int  # rounds: rounds of selling and clearing again in a month
    replacement: Floats  # fresh cash of whoever replaces a wiped-out investor, in opening equity
    band_down: Floats  # largest fall of a price in a month
    band_up: Floats  # largest rise of a price in a month
    volatility_memory: Floats  # /mo: weight of the past in the estimate of variance
    opening_volatility: Floats  # /mo: volatility of a share estimated at the start
    opening_market_volatility: Floats  # /mo: volatility of the whole market estimated at the start
    inflow: Floats  # $bn/mo: households' new savings put into these shares and gold at neutral sentiment
    inflow_growth: Floats  # /yr: growth of households' new savings, with their income
    inflow_sentiment: Floats  # response of new savings to opinion above its opening level
    payout_spent: Floats  # share of dividends and buyback money that leaves these shares: spent, or put into the rest of the market


class ParameterGroups(Stateful):
    """All groups by name."""

    funding: Funding
    narrative: Narrative
    venture: Venture
    credit: Credit
    default: Default
    valuation: Valuation
    demand: Demand
    technology: Technology
    compute: Compute
    contracts: Contracts
    chips: Chips
    vendor_finance: VendorFinance
    vendor: Vendor
    clouds: Clouds
    labs: Labs
    states: States
    outside: Outside
    bank: Bank
    second_hand: SecondHand
    currency: Currency
    measures: Measures
    investors: Investors


class Figures(Group):
    """Opening figures that every role has."""

    cash: Floats  # $bn: cash and securities at the start


class VendorFigures(Figures):
    """Opening figures of a vendor."""

    market_cap: Floats  # $bn: market value at the start
    target_cash: Floats  # $bn: cash above which money is paid out
    capacity: Floats  # GW/mo: chips that can be shipped a month
    backlog_months: Floats  # months: backlog at the start, in months of capacity
    margin: Floats  # share: gross margin at list price
    operating_costs: Floats  # $bn/mo: research, selling and administration
    cost_growth: Floats  # per year: growth of operating costs
    other_revenue: Floats  # $bn/mo: revenue outside AI, net of its cost of goods
    inventory: Floats  # $bn: unsold chips at cost
    order_share: Floats  # share: share of the clouds' chip orders at the start
    finances: Floats  # switch: 1 for the vendor that finances its customers
    news: Floats  # per month: standard deviation of permanent public news on its value


class CloudFigures(Figures):
    """Opening figures of a cloud."""

    market_cap: Floats  # $bn: market value at the start
    target_cash: Floats  # $bn: cash above which money is paid out
    other_business: Floats  # $bn/mo: operating cash flow from non-AI business
    other_growth: Floats  # per year: its growth
    other_capex: Floats  # $bn/mo: capital spending outside AI data centres
    capacity: Floats  # GW: accelerator capacity in service
    own_use: Floats  # GW: capacity used for its own products
    own_use_growth: Floats  # per month: its growth
    direct_share: Floats  # share: share of direct AI-cloud sales
    contract_share: Floats  # share: share of newly signed reservations
    orders: Floats  # GW/mo: chips ordered a month at the start
    bonds: Floats  # $bn: bonds outstanding
    term_loans: Floats  # $bn: secured term loans outstanding
    coupon: Floats  # per year: rate on the opening debt
    book_value: Floats  # $bn/GW: book value of hardware per GW at the start
    other_assets: Floats  # $bn: book value of other fixed assets
    news: Floats  # per month: standard deviation of permanent public news on its value
    operating_costs: Floats  # $bn/mo: overheads beyond power and staff of data centres
    outside_commitments: Floats  # $bn: remaining performance obligations to customers outside the model


class LabFigures(Figures):
    """Opening figures of a lab."""

    revenue: Floats  # $bn/yr: yearly revenue at the start
    growth: Floats  # per year: growth of revenue over the last year
    valuation: Floats  # $bn: valuation at the last round
    training: Floats  # GW: compute used for training and research
    other_costs: Floats  # $bn/yr: staff, selling and other costs without compute
    cost_growth: Floats  # elasticity: response of other costs to revenue
    revenue_share: Floats  # share: share of revenue owed to its cloud partner
    receives_finance: Floats  # switch: 1 for the lab that the letter of intent finances
    receives_tickets: Floats  # switch: 1 for companies that receive the vendor's small tickets


class FundFigures(Figures):
    """Opening figures of a fund."""

    inflow_share: Floats  # share: share of venture inflow


class LenderFigures(Figures):
    """Opening figures of a lender."""

    inflow_share: Floats  # share: share of backers' inflow


class StateFigures(Figures):
    """Opening figures of a state."""

    gold: Floats  # t: gold in reserves
    bills: Floats  # $bn: reserve bills held
    gpus: Floats  # GW: chips hoarded
    budget: Floats  # $bn/mo: monthly funding of reserves and programmes
    budget_weight: Floats  # share: share of all states' chip programmes


FIGURES_OF: dict[str, type[Figures]] = {"vendor": VendorFigures, "cloud": CloudFigures, "lab": LabFigures, "fund": FundFigures, "lender": LenderFigures, "state": StateFigures}
