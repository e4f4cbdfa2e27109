"""Parameters of the mechanisms by which the economy grows, is financed and is limited: a group each, with a switch `on`."""

from perpetuum.model.parameters.base import Parameter as P

PARAMETERS: tuple[P, ...] = (
    # --- what firms expect ------------------------------------------------------------------------------------------
    P("expectations.weight", 0.65, "weight", 0, 1, "weight of growth seen in the growth that firms expect; the rest is the long run", "Bordalo, Gennaioli, Shleifer (2018): expectations extrapolate; range 0.4-0.9"),
    P("expectations.long_run", 0.0125, "per month", -0.05, 0.1, "growth that firms expect in the long run", "6 to 27 % a year, from mature software to the last decade of cloud computing"),
    P("expectations.fade", 0.03, "per month", 0, 1, "how fast the growth that is extrapolated fades over the horizon of a plan", "assumption, range 0-0.06; no record tells it"),
    P("expectations.memory_months", 8, "months", 1, 60, "months over which firms smooth the growth that they see", "assumption: two to three quarters"),
    # --- demand that grows by itself, and fades -----------------------------------------------------------------------
    P("growth.on", False, "", 0, 1, "whether demand grows by itself, persistently, up to a limit (otherwise it follows logistic curves)", "switch", kind="bool"),
    # --- clouds build what they expect, as far as they find money -------------------------------------------------------
    P("building.on", False, "", 0, 1, "whether clouds' orders follow needs expected at the end of the lead time (otherwise part of their own cash flow)", "switch", kind="bool"),
    P("building.speed", 0.15, "per month", 0.001, 1, "part of the gap to the capacity needed at the end of the lead time that is ordered in a month", "assumption, range 0.08-0.25: half of a gap in three to eight months"),
    P("building.wedge_months", 18, "months", 1, 120, "months over which what orders at the opening owe to more than needs expected fades", "assumption: as long as plans announced in 2025 run"),
    P("building.wait_least", 2.0, "months", 0, 12, "least months of waiting for chips that builders plan with", "10 weeks in spring 2024 (trade press)"),
    P("building.wait_limit", 18, "months", 1, 36, "most months of waiting for chips that builders plan with", "44 weeks in late 2023 (trade press), and as much again", kind="int", structural=True),
    P("building.own_growth", 0.012, "per month", -0.1, 0.3, "log growth of clouds' own use that builders have seen at the opening", "opening figure: a preset's"),
    P("building.direct_growth", 0.034, "per month", -0.1, 0.3, "the same of direct customers' use", "opening figure: a preset's"),
    P("building.lab_growth", 0.034, "per month", -0.1, 0.3, "the same of labs' needs", "opening figure: a preset's"),
    P("building.pace_limit", 1.3, "x", 1, 5, "most that the value of new capacity over its hurdle counts, against the opening's", "assumption: there is no more power to be had"),
    P("building.pace_power", 1.5, "exponent", 0, 5, "power with which growth beyond replacement answers to it; 0 is no option test and no race", "assumption; normalised to the opening it was inert in trials"),
    P("building.orders_renewed", 0.5, "share", 0, 1, "part of what standing orders cost over the lead time that can be spent again on the next", "assumption: half of them fall due before the next do"),
    P("building.refill", 0.3, "per month", 0.01, 1, "part of cash missing from its target that is raised in a month", "assumption: a quarter's programme of bonds"),
    P("building.bond_months", 6, "months", 1, 60, "months over which the room for bonds is used up", "assumption: two or three issues a year"),
    P("building.look_ahead", 0.6, "share", 0, 1, "part of what contracts add within twelve months that lenders count as EBITDA", "assumption, range 0.4-0.8: delayed-draw loans against signed contracts, margins of 60 % (filings 2025)"),
    P("building.leverage_hyperscaler", 1.2, "x EBITDA", 0, 20, "debt up to which a hyperscaler borrows", "assumption, range 0.8-1.8: AA ratings bear 1 to 1.5"),
    P("building.leverage_leveraged", 6.25, "x EBITDA", 0, 20, "debt up to which the leveraged cloud borrows", "assumption, range 5-7.5: about 4 at the opening (Sep 2025)"),
    P("building.leverage_other", 6.5, "x EBITDA", 0, 20, "debt up to which neoclouds and other builders borrow", "covenant practice"),
    P("building.own_yield", 0.65, "x", 0, 3, "what own products earn with another GW, against its rent", "assumption, range 0.3-1: better advertising and search, sold with what there is"),
    P("building.payout_speed", 0.03, "per month", 0, 1, "part of the way to what earnings allow that payouts rise in a month", "Lintner (1956): 30 % a year"),
    P("building.payout_extra", 0.004, "per month", 0, 1, "part of cash above target that is paid out beyond that in a month", "assumption: 5 % a year"),
    P("building.payout_low", 0.7, "share", 0, 2, "cash against target below which payouts are cut", "assumption, range 0.4-0.9"),
    P("building.payout_cut", 0.03, "per month", 0, 1, "how fast they are cut then", "Lintner (1956): reluctantly; 30 % a year"),
    P("building.payout_floor", 0.2, "share", 0, 2, "cash against target that payouts leave", "assumption"),
    # --- labs spend what they raised ------------------------------------------------------------------------------------
    P("ambition.on", False, "", 0, 1, "whether labs raise when they can and spend what they raised (otherwise they raise when runway is short)", "switch", kind="bool"),
    # --- supply has limits that slow ------------------------------------------------------------------------------------
    P("supply.on", False, "", 0, 1, "whether vendors' capacity follows orders expected, the slower the larger it is (otherwise backlog within fixed limits)", "switch", kind="bool"),
    # --- debts are rolled over ------------------------------------------------------------------------------------------
    P("rollover.on", False, "", 0, 1, "whether maturing debt is refinanced as far as lenders are willing (otherwise it is paid in cash)", "switch", kind="bool"),
    # --- the vendor steps in --------------------------------------------------------------------------------------------
    P("support.on", False, "", 0, 1, "whether the vendor covers customers' funding gaps that would cost it orders (otherwise tranches, tickets and rescues alone)", "switch", kind="bool"),
    # --- money and metal ------------------------------------------------------------------------------------------------
    P("prices.on", False, "", 0, 1, "whether policy rate, market spread and gold move by themselves (otherwise they start flat)", "switch", kind="bool"),
)
