"""Card trips and card money from CURB: read, kept as received, matched to whose they were, and reported back."""
