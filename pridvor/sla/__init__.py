"""Promises in working time: calendars, clocks, the ledger of minutes, timers, and the ladder of warnings."""
