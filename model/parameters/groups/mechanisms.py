"""The groups of parameters of `../mechanisms.py`, as types.

Written by `python -m perpetuum.model.parameters`; do not edit. (worlds,) arrays in base units; structural ones are plain numbers.
"""

from perpetuum.model.parameters.groups.base import Group
from perpetuum.model.worlds import Floats


class Expectations(Group):
    """`expectations.*`"""

    weight: Floats  # weight: weight of growth seen in the growth that firms expect; the rest is the long run
    long_run: Floats  # per month: growth that firms expect in the long run
    fade: Floats  # per month: how fast the growth that is extrapolated fades over the horizon of a plan
    memory_months: Floats  # months: months over which firms smooth the growth that they see


class Growth(Group):
    """`growth.*`"""

    on: Floats  # whether demand grows by itself, persistently, up to a limit (otherwise it follows logistic curves)
    consumers: Floats  # per month: log growth of consumers' spending over the months before the start
    enterprises: Floats  # per month: the same of enterprises' spending
    direct: Floats  # per month: the same of direct customers of clouds
    own: Floats  # per month: the same of clouds' own use, valued at its rent
    consumer_limit: Floats  # $bn/yr: consumers' spending at saturation, at strength 1 and the opening's prices
    own_limit: Floats  # $bn/yr: the same of clouds' own use, at the opening rent
    pull: Floats  # per month: growth per unit of log distance to the limit (Gompertz)
    fade: Floats  # per month: how fast growth beyond that, the wave at the opening included, dies away
    shock: Floats  # per month: standard deviation of a month's shock to growth, which stays
    break_rate: Floats  # per month: chance that the wave of demand breaks
    break_size: Floats  # per month: growth that all streams lose at once where it does
    correlation: Floats  # share: share of that variance which all streams have in common
    effort_loss: Floats  # per month: customers that labs lose a month where they spend nothing of what they would
    efficiency: Floats  # per year: log growth of the work that a GW does
    pass_through: Floats  # share: share of efficiency that customers get as lower prices
    rent_share: Floats  # share: elasticity of AI's price to the rent of compute
    users_ratio: Floats  # x: growth of weekly users over growth of consumers' demand, far below the users' limit
    bend_month: Floats  # months: month from which demand's growth is bent, for tests of what follows
    bend_to: Floats  # x: what growth is multiplied by from then on: 1 does not bend it, 0.1 bends it to a tenth


class Building(Group):
    """`building.*`"""

    on: Floats  # whether clouds' orders follow needs expected at the end of the lead time (otherwise part of their own cash flow)
    speed: Floats  # per month: part of the gap to the capacity needed at the end of the lead time that is ordered in a month
    wedge_months: Floats  # months: months over which what orders at the opening owe to more than needs expected fades
    wait_limit: int  # months: most months of waiting for chips that builders plan with
    own_growth: Floats  # per month: log growth of clouds' own use that builders have seen at the opening
    direct_growth: Floats  # per month: the same of direct customers' use
    lab_growth: Floats  # per month: the same of labs' needs
    pace_limit: Floats  # x: most that the value of new capacity over its hurdle counts, against the opening's
    pace_power: Floats  # exponent: power with which growth beyond replacement answers to it; 0 is no option test and no race
    orders_renewed: Floats  # share: part of what standing orders cost over the lead time that can be spent again on the next
    refill: Floats  # per month: part of cash missing from its target that is raised in a month
    bond_months: Floats  # months: months over which the room for bonds is used up
    look_ahead: Floats  # share: part of what contracts add within twelve months that lenders count as EBITDA
    leverage_hyperscaler: Floats  # x EBITDA: debt up to which a hyperscaler borrows
    leverage_leveraged: Floats  # x EBITDA: debt up to which the leveraged cloud borrows
    leverage_other: Floats  # x EBITDA: debt up to which neoclouds and other builders borrow
    own_yield: Floats  # x: what own products earn with another GW, against its rent
    payout_speed: Floats  # per month: part of the way to what earnings allow that payouts rise in a month
    payout_extra: Floats  # per month: part of cash above target that is paid out beyond that in a month
    payout_low: Floats  # share: cash against target below which payouts are cut
    payout_cut: Floats  # per month: how fast they are cut then
    payout_floor: Floats  # share: cash against target that payouts leave


class Ambition(Group):
    """`ambition.*`"""

    on: Floats  # whether labs raise when they can and spend what they raised (otherwise they raise when runway is short)
    runway_months: Floats  # months: runway that labs aim at when they spend and raise
    spending_growing: Floats  # share: most discretionary spending of a lab that grows as at the start, over its revenue of twelve months on
    spending_mature: Floats  # share: the same of a lab that no longer grows
    adjustment_months: Floats  # months: months over which spending moves to what is wanted
    cut: Floats  # per month: deepest cut of spending in a month
    cut_in_need: Floats  # x: the same below cut_runway, against that
    cut_runway: Floats  # months: runway below which cuts may be that much deeper
    hire: Floats  # per month: fastest rise of spending in a month
    spending_floor: Floats  # share: least spending, over revenue and opening spending together
    cash_floor: Floats  # share: cash, over the opening cash, that plans do not touch
    growth_limit: Floats  # log: most growth over a horizon that labs plan for (2.2 is ninefold)
    effort_months: Floats  # months: months over which customers notice that a lab spends less than it would
    odds: Floats  # share: a lab's own odds of closing a round, at the start
    odds_speed: Floats  # share: speed at which these odds are learnt, a round tried
    odds_drought: Floats  # share: what a full venture drought takes off the highest odds
    odds_floor: Floats  # share: lowest odds that a lab gives itself
    round_rate: Floats  # per month: chance of a round at an unchanged value and neither short nor long runway
    round_gain: Floats  # elasticity: its response to the value gained since the last price
    gain_low: Floats  # ratio: lowest value, against the last price, that it answers to
    gain_high: Floats  # ratio: highest value, against the last price, that it answers to
    round_runway: Floats  # months: runway below which rounds are in a hurry (e times as likely at none)
    plenty_runway: Floats  # months: runway beyond which rounds can wait
    plenty_counted: Floats  # months: most runway beyond that which counts
    plenty_patience: Floats  # months: such months that make a round e times less likely
    round_limit: Floats  # per month: highest chance of a round in a month
    round_pause: Floats  # months: months after a price was set, or the start, without another
    round_share: Floats  # share: size of a round, over the value before it
    round_spread: Floats  # log: log standard deviation of that size
    round_least: Floats  # share: least that a round is held for, over value
    growth_least: Floats  # per year: expected log growth below which a lab does not raise
    growth_eager: Floats  # per year: log growth beyond that at which it raises all it could use
    emergency_runway: Floats  # months: runway below which a round asks for months of burn as well
    emergency_months: Floats  # months: months of burn that it then asks for
    emergency_share: Floats  # share: most that it then asks for, over value
    tender_rate: Floats  # per month: chance of a tender of old shares, at an unchanged value
    tender_gain: Floats  # elasticity: its response to the value gained since the last price
    lump_rate: Floats  # per month: chance of a new commitment to compute
    lump_horizon: Floats  # months: how far ahead needs are expected that commitments are meant for
    lump_share: Floats  # share: part of the gap to those needs that one commitment closes
    lump_spread: Floats  # log: log standard deviation of its size
    lump_least: Floats  # share: least commitment, over those needs
    lump_bill: Floats  # per year: most that sellers believe: a commitment's yearly bill over the lab's value
    lump_leveraged: Floats  # x: most that the leveraged cloud signs at once, over its capacity
    lump_neocloud: Floats  # x: most that a neocloud signs at once, over its capacity
    lump_start: Floats  # months: shortest time from signature to start, which a seller needs to build
    lump_wait: Floats  # months: most that may be added to it
    lump_steps: int  # quarters: quarters over which a commitment starts, in equal parts
    lump_term: int  # months: term of a commitment
    shed_runway: Floats  # months: runway below which a lab renegotiates its commitments and signs none
    shed_least: Floats  # share: least part of all commitments that one renegotiation sheds
    shed_most: Floats  # share: most that it sheds
    shed_pause: Floats  # months: months from one renegotiation to the next


class Leases(Group):
    """`leases.*`"""

    on: Floats  # whether hyperscalers lease what they lack, and customers outside the model sign contracts that are served and billed (otherwise their obligations are a constant)
    rate: Floats  # per month: chance that a hyperscaler leases where it lacks capacity
    part: Floats  # share: part of what it lacks that one lease brings
    least: Floats  # share: shortage, over its own capacity, below which it leases nothing
    most: Floats  # GW: most that one lease brings, before luck
    spread: Floats  # log: log standard deviation of its size
    to_neocloud: Floats  # share: share of leases that neoclouds win, the leveraged cloud the rest
    start_months: Floats  # months: shortest time from signature to start, of leases and of outside customers' contracts
    wait: Floats  # months: most that may be added to it
    steps: int  # quarters: quarters over which such a contract starts, in equal parts
    term_least: Floats  # months: shortest term of such a contract
    term_most: Floats  # months: longest term
    arrivals_leveraged: Floats  # per month: chance that an outside customer signs with the leveraged cloud
    arrivals_neocloud: Floats  # per month: the same with a neocloud
    size_leveraged: Floats  # share: mean size of such a contract, over the leveraged cloud's capacity
    size_neocloud: Floats  # share: the same of a neocloud's
    size_spread: Floats  # log: log standard deviation of such a size
    growth_full: Floats  # per month: growth expected of direct customers' use at which such contracts have their mean size
    growth_most: Floats  # x: most that faster growth adds to that size; customers that do not grow sign nothing
    pool: Floats  # x: most that outside customers have under contract, over all that direct customers are expected to use by then
    patience: Floats  # share: part of what it sold that a cloud does not deliver at which nobody signs a lease or an outside contract with it
    open_price: Floats  # $bn/GW-yr: rent under outside customers' contracts that stand at the opening
    open_months: int  # months: months until the last of these ends
    open_steps: int  # quarters: quarters over which what of them is not in use at the opening starts


class Supply(Group):
    """`supply.*`"""

    on: Floats  # whether vendors' capacity follows orders expected, the slower the larger it is (otherwise backlog within fixed limits)
    growth_base: Floats  # per month: fastest growth of a vendor's capacity, however large the industry
    growth_at_scale: Floats  # per month: what is added to it where all vendors ship supply.scale a month
    scale: Floats  # $bn/mo: shipments at which that holds, at the opening's content
    power: Floats  # exponent: how fast that growth falls with shipments
    growth_cap: Floats  # per month: fastest growth of capacity where little is shipped
    fall: Floats  # per month: fastest fall of capacity
    follow_months: Floats  # months: months over which capacity follows orders expected
    plan_months: Floats  # months: how far ahead vendors expect orders
    order_months: Floats  # months: months over which orders are smoothed
    comfort: Floats  # share: backlog, against the usual lead time, above which vendors also build to catch up
    catch_up: Floats  # per month: share of that backlog for which they add capacity
    shortest_lead: Floats  # months: shortest lead time
    longest_lead: Floats  # months: longest lead time counted
    price_swing: Floats  # share: how much dearer or cheaper chips get with the lead time
    price_months: Floats  # months: change of the lead time that moves the price by three quarters of that
    shipped_most: Floats  # share: most of a backlog that is shipped in a month
    mix_speed: Floats  # per month: speed at which a released generation replaces the mix before it


class Power(Group):
    """`power.*`"""

    on: Floats  # whether chips need shells with power, which are built apart and limited in total (otherwise they come with chips); needs building.on
    lead_months: int  # months: months from the order of a shell to power in it, paid in equal steps
    speed: Floats  # x: speed at which clouds close the gap of shells, against building.speed
    loss: Floats  # per month: part of shells lost a month
    spare_months: Floats  # months: shells beyond those that chips stand in that clouds keep, in months of chips' deliveries
    chips_ahead: Floats  # share: how far chips may run ahead of shells expected when they arrive
    opening: Floats  # x: GW that can be energised a month at the start, over what builders then finish
    growth: Floats  # per year: log growth of the power that can be energised a month


class Landlords(Group):
    """`landlords.*`"""

    on: float  # whether landlords build part of clouds' halls on borrowed money and let them for years (otherwise clouds pay all of a hall as chips are shipped)
    lease_months: int  # months: term of a lease of a hall
    opening_months: int  # months: months before the start in which leases of then were signed, as many in each
    loan_months: int  # months: term of a loan on halls, repaid at its end
    book_months: int  # months: book life of a hall
    rent_yield: Floats  # per year: rent of a hall over its cost, net of power and upkeep, which the cloud pays
    loan_to_cost: Floats  # share: most that lenders lend on a new hall, over its cost
    interest_cover: Floats  # x: rent over interest of a new hall below which lenders lend less
    spread: Floats  # per year: what lenders ask of a landlord over the policy rate at the start
    market_part: Floats  # x: how much that moves with the market's spread
    loss: Floats  # share: share of maturing loans on halls that is not refinanced at full tightening
    ceiling: Floats  # per year: all-in rate at which nobody lends on halls
    reserve_months: Floats  # months: months of interest that a landlord keeps in cash


class Rollover(Group):
    """`rollover.*`"""

    on: Floats  # whether maturing debt is refinanced as far as lenders are willing (otherwise it is paid in cash)
    loss_hyperscaler: Floats  # share: share of a hyperscaler's maturing debt that is not refinanced at full tightening
    loss_leveraged: Floats  # share: the same of the leveraged cloud
    loss_neocloud: Floats  # share: the same of a neocloud
    ceiling_leveraged: Floats  # per year: all-in rate at which nobody refinances the leveraged cloud
    ceiling_neocloud: Floats  # per year: all-in rate at which nobody refinances a neocloud
    width: Floats  # per year: how far below that rate lenders begin to hold back


class Prices(Group):
    """`prices.*`"""

    on: Floats  # whether policy rate, market spread and gold move by themselves (otherwise they start flat)
    rate_later: Floats  # per year: policy rate expected in the long run at the start
    rate_months: Floats  # months: months in which two thirds of the way there are gone
    rate_noise: Floats  # per year: standard deviation of a month's surprise in the policy rate
    rate_memory: Floats  # per month: share of past surprises that lasts
    rate_floor: Floats  # per year: lowest policy rate
    spread: Floats  # per year: high-yield spread at the start
    spread_mean: Floats  # per year: spread to which it comes back
    spread_speed: Floats  # per month: speed at which it does
    spread_noise: Floats  # per month: standard deviation of monthly log changes of the spread
    part_hyperscaler: Floats  # x: how much a hyperscaler's spread moves with the market's
    part_leveraged: Floats  # x: the same of the leveraged cloud's
    part_neocloud: Floats  # x: the same of a neocloud's
    gold_drift: Floats  # per month: log growth a month of the wish for gold at the start
    gold_half_life: Floats  # months: half-life of that drift
    gold_long_run: Floats  # per month: drift in the long run


class Support(Group):
    """`support.*`"""

    on: Floats  # whether the lead vendor covers gaps of customers beyond its tranches (otherwise it may rescue the lab it finances)
    runway: Floats  # months: runway below which a lab is short
    months: Floats  # months: months of its burn that a lab is then given
    additionality: Floats  # share: share of the orders in danger that support saves, in the vendor's own estimate
    cash_flow: Floats  # x: most support in twelve months over their free cash flow
    one_customer: Floats  # share: most of that, and of guarantees, for one customer
    guarantees: Floats  # x: most that it guarantees, over its book equity
    cash_months: Floats  # months: months of costs (running costs and chips sold) that support leaves in cash
