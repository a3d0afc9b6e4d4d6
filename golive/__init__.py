"""Going live: a workbook of where the old system ended becomes drivers, vehicles, leases, balances and plans here."""
