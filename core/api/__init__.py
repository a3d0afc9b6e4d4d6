"""What every app's API is built from: who asks, what they may, how a request is read and how it is refused.

Nothing is imported here: DRF loads the modules that its settings name before its own views are there.
"""
