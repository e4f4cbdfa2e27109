"""What may differ from preset to preset: figures of an opening, one list for all; the rest is behaviour, the same in each."""

#: Parameters that are figures of an opening, the same list for all presets: everything else is behaviour.
OPENINGS = {
    *("funding.policy_rate", "prices.rate_later", "prices.spread", "prices.gold_drift"),
    *("outside.gold_price", "outside.income", "outside.mine_output", "investors.gold_stock", "investors.inflow"),
    *("demand.users", "demand.direct", "demand.training_stock", "demand.reference_training"),
    *("technology.content_today", "technology.content_next", "technology.opening_age"),
    *("growth.consumers", "growth.enterprises", "growth.direct", "growth.own", "growth.users_ratio"),
    *("building.own_growth", "building.direct_growth", "building.lab_growth"),
    *("credit.lender_inflow", "venture.inflow"),
    *(f"vendor_finance.{name}" for name in ("instrument", "limit", "per_gw", "signed_gw", "cash_floor", "small_tickets")),
    *("vendor_finance.backstop_on", "vendor_finance.backstop_limit", "states.hoard_order"),
}
#: Figures of agents that say how they behave.
BEHAVIOUR = ("news", "cost_growth", "finances", "receives_finance", "receives_tickets")
