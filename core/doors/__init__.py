"""How people come in, and what is refused them: addresses, locks, sessions, the second step, and the log of all that.

Programs come in by tokens (``core/api``), which none of this locks or ends.
"""
