"""``Nov 27, 2026`` and ``1:48 AM``, as in every sentence; Django's own are ``Nov. 27, 2026`` and ``1:48 a.m.``"""

DATE_FORMAT = "M j, Y"
TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "M j, Y, g:i A"
