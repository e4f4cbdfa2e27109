"""How far each funding channel moved in the squeezes of 2000-02, 2008 and 2022, with ranges and sources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """How far one channel moved in a squeeze, in the unit of its parameter, within which range, and for how long.

    `hold`: months for which it stayed after the `ramp` of its episode, before it eased. `estimate`: why no published figure
    stands here (empty: one does).
    """

    parameter: str
    value: float
    low: float
    high: float
    hold: int
    source: str
    estimate: str = ""


R = Reading
#: The worst month (of flows: the worst year) against the calm before. Rates: federal funds; spreads: ICE BofA US high yield; both
#: monthly means (FRED), to September 2025. Years: name, year, first month, ramp and release (months), and the channels.
TABLE: tuple[tuple[str, str, str, int, int, tuple[Reading, ...]], ...] = (
    ("2000-02", "2000", "2000-03", 18, 12, (
        R("rate_rise", -0.0461, -0.053, -0.041, 33, "rate 5.85 (Mar 2000) to 1.24 % (Dec 2002), raised again from Jun 2004"),
        R("channel_venture", 0.80, 0.62, 0.81, 27, "venture 105 to 22 $bn (2000, 2002; PitchBook-NVCA yearbooks, rounded); -62 % by 2001 (NVCA)"),
        R("margin_rise", 0.15, 0.0, 0.30, 18, "brokers asked 35 % on most shares and 50 to 100 % on internet shares (Schwab, Waterhouse, 1998-99)", "no series; Regulation T stayed at 50 %, and brokers had begun before the squeeze"),
        R("collateral_fall", 0.15, 0.05, 0.35, 18, "", "no series of lenders' limits on equipment: three quarters of 2008, as high-yield spreads rose a third as far and stayed twice as long"),
        R("leverage_fall", 1.5, 0.5, 2.0, 27, "", "debt / EBITDA of new buyout loans by year stands only in a chart without numbers (S&P LCD, 1997-2007): two thirds of 2008"),
        R("spread_rise", 0.059, 0.053, 0.060, 18, "spread 4.8 (Jan 2000) to 10.7 % (Oct 2002), 8.0 in Mar 2003"),
        R("graded_share", 0.30, 0.20, 0.40, 18, "", "Moody's Baa less 10-year Treasury about 2.1 to 3.8 % (Mar 2000, Oct 2002; unverified) over the rise of high yield"),
        R("lending_fall", 0.60, 0.40, 0.80, 18, "high yield's part in rated bond issues 56 (end 1997) to 12 % (end 2000) (Stein, Federal Reserve, Feb 2013)", "the amounts are not published with the shares"),
        R("valuation_fall", 0.59, 0.53, 0.72, 27, "average value of venture-backed firms 86 to 35 $m, end 2000 to end 2002 (Venture Economics, AP, Apr 2003); rounds B -72 % (Wing, 2020); down rounds led until late 2003 (Fenwick & West)"),
        R("capex_fall", 0.23, 0.10, 0.42, 27, "capital spending of S&P 500 firms -9 % in 2002 and -15 % in 2003 (S&P, Aug 2004); carriers' own -42 % (RHK, Nov 2001) is for the model to tell"),
    )),
    ("2008", "2008", "2007-07", 17, 12, (
        R("rate_rise", -0.0510, -0.0515, -0.0505, 84, "rate 5.26 (Jul 2007) to 0.16 % (Dec 2008), raised again in Dec 2015"),
        R("channel_venture", 0.35, 0.30, 0.50, 24, "venture 31 to 20 $bn (2007, 2009; PitchBook-NVCA yearbooks, rounded); -50 % in a year by early 2009 (Fenwick & West)"),
        R("margin_rise", 0.05, 0.0, 0.30, 4, "", "haircuts on shares about 15 to 20 %, Apr 2007 to Aug 2008 (IMF, Global Financial Stability Report, Oct 2008; unverified)"),
        R("collateral_fall", 0.20, 0.10, 0.35, 4, "", "haircuts on high-yield bonds about 10-15 to 25-40 % (the same report; unverified) stand for those on equipment"),
        R("leverage_fall", 2.2, 2.0, 2.3, 12, "debt / EBITDA of buyouts 6.2 (2007) to 4.0 (2009) (S&P LCD, Fortune, Jan 2013); 7.1 to 4.8 (LSEG LPC, Bain 2024)"),
        R("spread_rise", 0.177, 0.152, 0.192, 4, "spread 2.6 (Jun 2007) to 20.3 % (Dec 2008), 15.6 in Apr 2009, 7.6 in Nov 2009"),
        R("graded_share", 0.25, 0.20, 0.35, 4, "", "Moody's Baa less 10-year Treasury about 1.6 to 6.0 % (Jun 2007, Dec 2008; unverified) over the rise of high yield"),
        R("lending_fall", 0.53, 0.50, 0.95, 4, "new high-yield bonds 155.8 (2007) to 72.5 $bn (2008), 3.3 in its last quarter (Prospect News, Jan 2008 and Jan 2009)"),
        R("valuation_fall", 0.37, 0.30, 0.40, 6, "price of a round against the one before: +55 % (Q3 2008) to -3 % (Q1 2009), -6 % in Q2 (Fenwick & West): 1 - 0.97 / 1.55"),
        R("capex_fall", 0.21, 0.10, 0.30, 12, "US firms' capital spending 1374 (2008) to 1090 $bn (2009) (Census, Annual Capital Expenditures 2009)"),
    )),
    ("2022", "2022", "2022-03", 12, 12, (
        R("rate_rise", 0.0525, 0.0402, 0.0525, 30, "rate 0.08 (Feb 2022) to 5.33 % (Aug 2023), still 4.22 in Sep 2025: the time is that until then"),
        R("channel_venture", 0.51, 0.30, 0.51, 9, "venture 348 (2021), 242 (2022), 171 $bn (2023) (PitchBook-NVCA Venture Monitor, Q4 2023)"),
        R("margin_rise", 0.0, 0.0, 0.10, 2, "", "no rise is known: Regulation T stayed, and margin debt shrank with prices"),
        R("collateral_fall", 0.05, 0.0, 0.20, 2, "", "no series; a quarter of 2008: lenders went on against chips (over 10 $bn by 2024)"),
        R("leverage_fall", 1.2, 0.5, 1.2, 9, "debt / EBITDA of large buyouts 7.1 (2022) to 5.9 (2023) (LSEG LPC, Bain 2024)"),
        R("spread_rise", 0.0215, 0.018, 0.0215, 2, "spread 3.15 (Oct 2021) to 5.3 % (Jul 2022), 4.7 in May 2023"),
        R("graded_share", 0.25, 0.20, 0.35, 2, "Moody's Baa less 10-year Treasury 1.77 (Oct 2021) to 2.31 % (Jul 2022) (FRED) over the rise of high yield"),
        R("lending_fall", 0.45, 0.20, 0.77, 2, "new high-yield bonds other than refinancing 54 to 30 $bn, Jan-Apr 2021 and 2022 (S&P LCD); with it -77 % to Sep (Debtwire)"),
        R("valuation_fall", 0.35, 0.18, 0.48, 9, "median late-stage value -18 % in 2023 alone (TrueBridge), venture growth -47.5 % (PitchBook)", "between the two"),
        R("capex_fall", 0.01, 0.0, 0.05, 9, "plans of the four hyperscalers for 2023 were 0.99 of 2022 (Investors' Chronicle, May 2023)"),
    )),
)
