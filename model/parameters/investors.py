"""Parameters of the listed investors and of the share and gold market.

Turnovers are fractions of the gap between wanted and held that is traded in a month.
"""

from perpetuum.model.parameters.base import Parameter

_TRIAL = "assumption: settings with which a trial market showed realistic monthly returns"
_PRICES = "assumption: bound that keeps a month's clearing well behaved"
_FIGURES = "estimate: gold held through ETFs at 3 800 $ an ounce (Sep 2025)"

# fmt: off
PARAMETERS: tuple[Parameter, ...] = (
    # --- who they are -----------------------------------------------------------------------------------------------
    Parameter("investors.per_strategy", 33, "investors", 1, 1_000_000, "individual investors in each strategy", _TRIAL, kind="int", structural=True),
    Parameter("investors.barbell_share", 0.04, "", 0.0, 0.30, "share of the investors' wealth held half in AI shares and half in gold at the start; moved later, it redirects new savings", "assumption: half of it is about 60 % of the gold held through ETFs", lever=True),
    Parameter("investors.leveraged_share", 0.018, "", 0.0, 0.05, "share of the investors' net wealth run on margin", "at leverage 2 about 280 bn of margin debt: this market's part (a quarter) of 1 060 in all (Aug 2025)"),
    Parameter("investors.fundamental_weight", 0.09, "", 0.02, 1.0, "relative weight of fundamental investors in the rest of the wealth", "calibrated: flow multiplier near 4-5 (Gabaix and Koijen 2021)"),
    Parameter("investors.momentum_weight", 0.07, "", 0.0, 1.0, "relative weight of momentum investors in the rest of the wealth"),
    Parameter("investors.index_weight", 0.78, "", 0.0, 1.0, "relative weight of index investors in the rest of the wealth", "passive funds and holders who do not trade (founders, sovereign funds); calibrated with fundamental_weight"),
    Parameter("investors.noise_weight", 0.06, "", 0.0, 1.0, "relative weight of noise traders in the rest of the wealth"),
    Parameter("investors.wealth_spread", 1.0, "", 0.0, 2.5, "standard deviation of an individual's log wealth", "log-normal body of the wealth distribution; assumption"),
    Parameter("investors.taste_spread", 0.25, "", 0.0, 1.0, "standard deviation of an individual's log coefficients (turnover, response, cash, leverage)"),
    Parameter("investors.tilt_spread", 0.30, "", 0.0, 1.5, "standard deviation of an individual's log portfolio tilts"),
    Parameter("investors.cash_share", 0.05, "", 0.0, 0.5, "cash in wealth at the start", _TRIAL),
    Parameter("investors.largest_weight", 0.99, "", 0.5, 0.999, "largest sum of an individual's portfolio weights", _PRICES),
    Parameter("investors.gold_stock", 470.0, "$bn", 0.0, 10_000.0, "gold held by the investors at the start", _FIGURES),
    # --- how they trade ---------------------------------------------------------------------------------------------
    Parameter("investors.fundamental_turnover", 0.5, "/mo", 0.0, 1.0, "share of the gap to target traded in a month, fundamental", _TRIAL),
    Parameter("investors.momentum_turnover", 0.3, "/mo", 0.0, 1.0, "share of the gap to target traded in a month, momentum", _TRIAL),
    Parameter("investors.index_turnover", 0.8, "/mo", 0.0, 1.0, "share of spare cash that index investors invest in a month"),
    Parameter("investors.barbell_turnover", 0.15, "/mo", 0.0, 1.0, "share of the gap to target traded in a month, barbell", _TRIAL),
    Parameter("investors.leveraged_turnover", 0.3, "/mo", 0.0, 1.0, "share of the gap to target traded in a month, leveraged", _TRIAL),
    Parameter("investors.noise_turnover", 0.5, "/mo", 0.0, 1.0, "share of the gap to target traded in a month, noise", _TRIAL),
    Parameter("investors.value_elasticity", 3.0, "", 0.5, 6.0, "elasticity of fundamental weights to value over price", _TRIAL),
    Parameter("investors.value_gap_limit", 1.0, "log", 0.1, 3.0, "largest gap ln(value/price) that fundamental investors believe"),
    Parameter("investors.value_awareness", 0.3, "", 0.0, 1.0, "weight of fair values, against market prices, in the neutral portfolio of everybody but fundamental investors", "assumption; at 0 a bubble in one share finds no sellers, at 1 nobody lets winners run"),
    Parameter("investors.momentum_response", 0.4, "", 0.0, 2.0, "response of momentum weights to tanh of past returns", _TRIAL),
    Parameter("investors.momentum_months", 5.0, "months", 1.0, 24.0, "months over which past returns are summed (decaying)", _TRIAL),
    Parameter("investors.barbell_response", 0.3, "", 0.0, 2.0, "response of barbell weights, of both ends alike, to conviction or fear"),
    Parameter("investors.noise_mood", 0.50, "", 0.0, 2.0, "standard deviation of the noise traders' common mood on an asset", "calibrated: vendor share 8-9 %/mo from 9 %/mo news, autocorrelation near 0"),
    Parameter("investors.noise_persistence", 0.3, "/mo", 0.0, 0.99, "share of the mood that lasts into the next month"),
    Parameter("investors.noise_whim", 0.30, "", 0.0, 1.0, "standard deviation of a noise trader's own monthly whim on an asset"),
    # --- leverage ---------------------------------------------------------------------------------------------------
    Parameter("investors.leverage", 2.0, "x equity", 1.0, 5.0, "exposure that leveraged investors want, if margins allow", _TRIAL, lever=True),
    Parameter("investors.margin_debt_limit", 0.045, "", 0.0, 1.0, "largest margin debt of all, in the value of all listed shares (at the lower of price and fair value)", "margin debt is 1.5-3.5 % of US market value (FINRA); without a limit, leverage on the winners' own gains explodes upwards"),
    Parameter("investors.volatility_charge", 1.5, "", 0.0, 10.0, "extra margin per unit of monthly market volatility above the calm one", _TRIAL),
    Parameter("investors.calm_volatility", 0.06, "/mo", 0.0, 0.3, "monthly market volatility up to which no extra margin is asked", _TRIAL),
    Parameter("investors.maintenance_margin", 0.25, "", 0.05, 0.9, "equity over position below which the bank calls", "FINRA rule 4210; " + _TRIAL),
    Parameter("investors.restored_margin", 0.30, "", 0.05, 0.95, "equity over position to which a called investor sells down"),
    Parameter("investors.margin_rounds", 3, "rounds", 0, 10, "rounds of selling and clearing again in a month", _TRIAL, kind="int", structural=True),
    Parameter("investors.replacement", 0.10, "", 0.0, 1.0, "fresh cash of whoever replaces a wiped-out investor, in opening equity"),
    # --- the market -------------------------------------------------------------------------------------------------
    Parameter("investors.band_down", 0.5, "", 0.05, 0.99, "largest fall of a price in a month", _PRICES),
    Parameter("investors.band_up", 0.8, "", 0.05, 5.0, "largest rise of a price in a month", _PRICES),
    Parameter("investors.volatility_memory", 0.9, "/mo", 0.0, 0.999, "weight of the past in the estimate of variance", "RiskMetrics (1996): 0.97 monthly, shortened"),
    Parameter("investors.opening_volatility", 0.09, "/mo", 0.0, 1.0, "volatility of a share estimated at the start", "chip share 2023-25"),
    Parameter("investors.opening_market_volatility", 0.05, "/mo", 0.0, 1.0, "volatility of the whole market estimated at the start"),
    # --- savings ----------------------------------------------------------------------------------------------------
    Parameter("investors.inflow", 6.0, "$bn/mo", 0.0, 500.0, "households' new savings put into these shares and gold at neutral sentiment"),
    Parameter("investors.inflow_growth", 0.05, "/yr", -0.5, 0.5, "growth of households' new savings, with their income"),
    Parameter("investors.inflow_sentiment", 0.5, "", 0.0, 3.0, "response of new savings to opinion above its opening level"),
    Parameter("investors.payout_spent", 0.9, "", 0.0, 1.0,
              "share of dividends and buyback money that leaves these shares: spent, or put into the rest of the market",
              "Baker, Nagel and Wurgler (2007): 0.35 to 0.75 of payouts are spent; of the rest about a third returns, which is the share of these firms in the market"),
)
# fmt: on
