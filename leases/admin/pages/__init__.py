"""The pages that do something with a lease or a vehicle: each a form, mostly a preview, and one service call."""
