"""A demo fleet: 40 drivers and the eight full weeks before today, made through the services as staff would make them.

The same seed gives the same people, trips and money every time; only the dates move with the day it is loaded on.
"""

from config.demo.load import PeopleHere, load_demo

__all__ = ["PeopleHere", "load_demo"]
