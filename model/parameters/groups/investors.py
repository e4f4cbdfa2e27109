"""The groups of parameters of `../investors.py`, as types.

Written by `python -m perpetuum.model.parameters`; do not edit. (worlds,) arrays in base units; structural ones are plain numbers.
"""

from perpetuum.model.parameters.groups.base import Group
from perpetuum.model.worlds import Floats


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
