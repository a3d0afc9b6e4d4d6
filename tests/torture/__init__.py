"""Random acts over every service, page and door of the product, against books kept by other means.

``python -m tests.torture`` acts at random; ``tests.torture.soak`` has many clients at once, over HTTP;
``tests.torture.crashes`` kills what serves. How to run and read them: docs/operations.md, "Torture".
"""
