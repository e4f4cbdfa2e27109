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
    P("growth.consumers", 0.0, "per month", -0.1, 0.3, "log growth of consumers' spending over the months before the start", "opening figure: a preset's"),
    P("growth.enterprises", 0.0, "per month", -0.1, 0.3, "the same of enterprises' spending", "opening figure: a preset's"),
    P("growth.direct", 0.0, "per month", -0.1, 0.3, "the same of direct customers of clouds", "opening figure: a preset's"),
    P("growth.own", 0.0, "per month", -0.1, 0.3, "the same of clouds' own use, valued at its rent", "opening figure: a preset's"),
    P("growth.consumer_limit", 70.0, "$bn/yr", 0, 20000, "consumers' spending at saturation, at strength 1 and the opening's prices", "assumption: two and a half billion users at 28 dollars a year, as on large platforms"),
    P("growth.own_limit", 400.0, "$bn/yr", 0, 20000, "the same of clouds' own use, at the opening rent", "assumption: 31 GW in search, office and advertising, whose sales are over a thousand a year"),
    P("growth.pull", 0.024, "per month", 0, 0.2, "growth per unit of log distance to the limit (Gompertz)", "assumption, range 0.016-0.032: half of the distance is gone in 22 to 43 months"),
    P("growth.fade", 0.042, "per month", 0, 1, "how fast growth beyond that, the wave at the opening included, dies away", "assumption, range 0.02-0.09: fleets' growth faded by about 0.04 a month in 2023-25, labs' hardly"),
    P("growth.shock", 0.007, "per month", 0, 0.05, "standard deviation of a month's shock to growth, which stays", "assumption, range 0.004-0.012: half-years of the lead lab's growth scatter by 0.02 a month"),
    P("growth.correlation", 0.55, "share", 0, 1, "share of that variance which all streams have in common", "assumption, range 0.3-0.8: one wave of products"),
    P("growth.effort_loss", 0.055, "per month", 0, 0.5, "customers that labs lose a month where they spend nothing of what they would", "assumption, range 0.03-0.08; 0 makes saving free"),
    P("growth.efficiency", 0.275, "per year", 0, 1, "log growth of the work that a GW does", "assumption, range 0.15-0.40; with pass_through, compute falls from 0.55 to about 0.4 of labs' revenue in five years"),
    P("growth.pass_through", 0.775, "share", 0, 1, "share of efficiency that customers get as lower prices", "assumption, range 0.6-0.95"),
    P("growth.rent_share", 0.5, "share", 0, 1, "elasticity of AI's price to the rent of compute", "rents are 0.55 of labs' revenue (trade press)"),
    P("growth.users_ratio", 1.4, "x", 0, 5, "growth of weekly users over growth of consumers' demand, far below the users' limit", "0.2 (Aug 2024) to 0.7 bn (Aug 2025) is 0.11 a month where consumers' spending grew 0.095"),
    P("growth.bend_month", 24.0, "months", 0, 600, "month from which demand's growth is bent, for tests of what follows", "test event"),
    P("growth.bend_to", 1.0, "x", 0, 1, "what growth is multiplied by from then on: 1 does not bend it, 0.1 bends it to a tenth", "test event"),
    # --- clouds build what they expect, as far as they find money -------------------------------------------------------
    P("building.on", False, "", 0, 1, "whether clouds' orders follow needs expected at the end of the lead time (otherwise part of their own cash flow)", "switch", kind="bool"),
    # --- labs spend what they raised ------------------------------------------------------------------------------------
    P("ambition.on", False, "", 0, 1, "whether labs raise when they can and spend what they raised (otherwise they raise when runway is short)", "switch", kind="bool"),
    # --- supply has limits that slow ------------------------------------------------------------------------------------
    P("supply.on", False, "", 0, 1, "whether vendors' capacity follows orders expected, the slower the larger it is (otherwise backlog within fixed limits)", "switch", kind="bool"),
    P("supply.growth_base", 0.0075, "per month", 0, 0.1, "fastest growth of a vendor's capacity, however large the industry", "estimate, range 0-0.015: leading-edge wafer capacity"),
    P("supply.growth_at_scale", 0.08, "per month", 0, 1, "what is added to it where all vendors ship supply.scale a month", "estimate, range 0.06-0.10: sales grew 11 % a month at 3 $bn a month in 2023, 2 to 4 % at 13 in 2025"),
    P("supply.scale", 5.0, "$bn/mo", 0.01, 1000, "shipments at which that holds, at the opening's content", "one scale for all presets"),
    P("supply.power", 0.95, "exponent", 0, 3, "how fast that growth falls with shipments", "range 0.7-1.2: growth fits about 1 / size, 2023-25"),
    P("supply.growth_cap", 0.15, "per month", 0, 1, "fastest growth of capacity where little is shipped", "estimate: a new line takes half a year"),
    P("supply.fall", 0.06, "per month", 0, 1, "fastest fall of capacity", "estimate: contracts with suppliers run for quarters"),
    P("supply.follow_months", 7, "months", 1, 60, "months over which capacity follows orders expected", "range 4-10"),
    P("supply.plan_months", 12, "months", 0, 36, "how far ahead vendors expect orders", "manufacturing lead time over 12 months (filing, Jul 2025)"),
    P("supply.order_months", 4, "months", 1, 24, "months over which orders are smoothed", "assumption"),
    P("supply.comfort", 0.8, "share", 0, 5, "backlog, against the usual lead time, above which vendors also build to catch up", "assumption"),
    P("supply.catch_up", 0.03, "per month", 0, 1, "share of that backlog for which they add capacity", "assumption"),
    P("supply.shortest_lead", 2, "months", 0.1, 24, "shortest lead time", "8 to 10 weeks in spring 2024"),
    P("supply.longest_lead", 18, "months", 1, 60, "longest lead time counted", "44 weeks in late 2023"),
    P("supply.price_swing", 0.05, "share", 0, 0.5, "how much dearer or cheaper chips get with the lead time", "assumption: list prices hardly moved in 2023-25"),
    P("supply.price_months", 4, "months", 0.1, 24, "change of the lead time that moves the price by three quarters of that", "assumption"),
    P("supply.shipped_most", 0.5, "share", 0.01, 1, "most of a backlog that is shipped in a month", "assumption: packaging and test"),
    P("supply.mix_speed", 0.045, "per month", 0, 1, "speed at which a released generation replaces the mix before it", "over four to six quarters"),
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
