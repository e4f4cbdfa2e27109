"""Units of time and money, and the month that never comes."""

#: Months of a year.
YEAR = 12
#: Dollars of a billion.
BN = 1e9
#: A month that never comes.
NEVER = -1
