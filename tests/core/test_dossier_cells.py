"""The cells of a dossier's tables."""

from core.templatetags.dossier import whole_moments


def test_a_day_and_an_hour_are_not_broken_and_the_words_are_escaped():
    assert whole_moments("Sep 26, 2027 12:00 AM <b>") == (
        '<span class="nowrap">Sep 26, 2027</span> <span class="nowrap">12:00 AM</span> &lt;b&gt;'
    )
    assert whole_moments("now") == "now"
    assert whole_moments(7) == "7"
