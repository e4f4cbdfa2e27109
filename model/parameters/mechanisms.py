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
    # --- the vendor steps in --------------------------------------------------------------------------------------------
    P("support.on", False, "", 0, 1, "whether the vendor covers customers' funding gaps that would cost it orders (otherwise tranches, tickets and rescues alone)", "switch", kind="bool"),
    # --- money and metal ------------------------------------------------------------------------------------------------
    P("prices.on", False, "", 0, 1, "whether policy rate, market spread and gold move by themselves (otherwise they start flat)", "switch", kind="bool"),
)
