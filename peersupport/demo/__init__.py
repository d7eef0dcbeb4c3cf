"""Two organisations of people who do not exist, with six months behind them.

Everything is made by the actions that the pages use, with dates counted back from today, and is the
same each time for one day.
"""
