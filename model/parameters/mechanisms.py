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
    # --- labs spend what they raised ------------------------------------------------------------------------------------
    P("ambition.on", False, "", 0, 1, "whether labs raise when they can and spend what they raised (otherwise they raise when runway is short)", "switch", kind="bool"),
    # --- supply has limits that slow ------------------------------------------------------------------------------------
    P("supply.on", False, "", 0, 1, "whether vendors' capacity follows orders expected, the slower the larger it is (otherwise backlog within fixed limits)", "switch", kind="bool"),
    # --- debts are rolled over ------------------------------------------------------------------------------------------
    P("rollover.on", False, "", 0, 1, "whether maturing debt is refinanced as far as lenders are willing (otherwise it is paid in cash)", "switch", kind="bool"),
    P("rollover.loss_hyperscaler", 0.1, "share", 0, 1, "share of a hyperscaler's maturing debt that is not refinanced at full tightening", "they pay the price: 2008-09 investment-grade issuance went on"),
    P("rollover.loss_leveraged", 0.55, "share", 0, 1, "the same of the leveraged cloud", "range 0.3-0.8: between investment grade and high yield"),
    P("rollover.loss_neocloud", 0.8, "share", 0, 1, "the same of a neocloud", "range 0.6-1: high-yield issuance stopped for months in 2008"),
    P("rollover.ceiling_leveraged", 0.095, "per year", 0, 0.5, "all-in rate at which nobody refinances the leveraged cloud", "estimate: where BBB borrowers were shut out in 2008-09"),
    P("rollover.ceiling_neocloud", 0.16, "per year", 0, 0.5, "all-in rate at which nobody refinances a neocloud", "estimate: just above the dearest delayed-draw loan of 2025, 15 %"),
    P("rollover.width", 0.015, "per year", 0.001, 0.1, "how far below that rate lenders begin to hold back", "estimate, range 0.01-0.03"),
    # --- the vendor steps in --------------------------------------------------------------------------------------------
    P("support.on", False, "", 0, 1, "whether the vendor covers customers' funding gaps that would cost it orders (otherwise tranches, tickets and rescues alone)", "switch", kind="bool"),
    # --- money and metal ------------------------------------------------------------------------------------------------
    P("prices.on", False, "", 0, 1, "whether policy rate, market spread and gold move by themselves (otherwise they start flat)", "switch", kind="bool"),
)
