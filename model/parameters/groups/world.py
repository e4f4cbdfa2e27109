"""The groups of parameters of `../world.py`, as types.

Written by `python -m perpetuum.model.parameters`; do not edit. (worlds,) arrays in base units; structural ones are plain numbers.
"""

from perpetuum.model.parameters.groups.base import Codes, Group
from perpetuum.model.worlds import Floats


class Demand(Group):
    """`demand.*`"""

    strength: Floats  # x: saturation level of AI demand; 1 is about $0.7tn of AI revenue in 2030 in the median world of ono_2025
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
