"""Pages as axe-core reads them: one of each kind, in light and dark, at the width of a desk and of a phone.

On the way, what the pages would load or run against the site's own policy.
"""

import pytest
from playwright.sync_api import Page

from tests.browser.axe import AXE, RUN, SETTLED
from tests.browser.fleet import Fleet

#: What depends on the colors is seen at any width, and what depends on the width in any colors.
WIDEST = 1280
LOOKS = (("light", 390), ("dark", WIDEST))
#: Whether a list is wider than its frame; on a phone it has no columns.
SIDEWAYS = """() => [...document.querySelectorAll("#result_list")]
    .some((list) => list.scrollWidth > list.closest(".overflow-x-auto").clientWidth)"""
#: One page of each template that many use; {driver}, {lease}, {vehicle} and {payment} are ids of the fleet's.
PAGES = {
    "Cashier": [
        "ledger/ledgeraccount/pay/",
        "ledger/ledgeraccount/{driver}/payment/",
        "ledger/interimpayment/{payment}/receipt/",
        "ledger/interimpayment/day/",
    ],
    "Office": [
        "leases/driver/",
        "leases/driver/{driver}/change/",
        "leases/driver/add/",
        "leases/{lease}/",
        "leases/{lease}/?tab=rent-weeks",
        "leases/lease/{lease}/change/?edit=1",
        "vehicles/{vehicle}/",
        "tickets/ticket/queue/",
        "repairs/repairinvoice/add/",
        "repairs/repairinvoice/enter/",
        "words/",
    ],
    "Supervisor": [
        "",
        "find/?q=nadia",
        "reports/",
        "reports/aging/",
        "ledger/ledgeraccount/{driver}/",
        "ledger/interimpayment/",
        "ledger/interimpayment/{payment}/void/",
        "ledger/ledgerposting/",
        "tickets/ticket/",
        "curb/trip/",
        "dtr/weekclose/readiness/",
        "authenticator/",
        "core/person/",
        "core/person/make/",
        "no-such-page/",
    ],
    "Auditor": ["core/accessentry/", "core/authenticator/"],
    "Admin": ["auth/group/add/"],
}


def list_findings(page: Page) -> list[str]:
    """Return what is wrong with a page in both themes and at both widths, loaded once."""
    page.evaluate(AXE)
    found = []
    for theme, width in LOOKS:
        page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", theme == "dark")
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(SETTLED)
        found += [f"{page.url} {theme} {width}: {finding}" for finding in page.evaluate(RUN)]
        if width == WIDEST and page.evaluate(SIDEWAYS):
            found.append(f"{page.url}: a list that is scrolled sideways")
    return found


@pytest.mark.parametrize("role", PAGES)
def test_no_page_has_a_serious_finding(role: str, signed_in, served: str, fleet: Fleet):
    page = signed_in(role)
    ids = {
        "driver": fleet.drivers["Anil Jeudy"].pk,
        "lease": fleet.leases["Anil Jeudy"].pk,
        "vehicle": fleet.leases["Anil Jeudy"].vehicle_id,
        "payment": fleet.payment.pk,
    }
    against = hear_policy(page)
    findings = []
    for address in PAGES[role]:
        page.goto(f"{served}/admin/{address.format(**ids)}", wait_until="load")
        findings += list_findings(page)
    assert not findings + against, "\n".join(findings + against)


def hear_policy(page: Page) -> list[str]:
    """Return a list to which each thing is added that a page was kept from loading or running."""
    heard: list[str] = []
    page.expose_function("tellPolicy", lambda told: heard.append(told))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', (e) => tellPolicy("
        "`${location.pathname}: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`))"
    )
    return heard


#: Pages whose parts other packages wrote; axe-core has its say of our own.
OTHERS = ("admin/django_celery_beat/periodictask/add/", "admin/auth/group/add/", "admin/password_change/", "api/docs")


def test_pages_of_other_packages_keep_the_policy_too(signed_in, served: str):
    page = signed_in("admin")
    against = hear_policy(page)
    for address in OTHERS:
        answer = page.goto(f"{served}/{address}", wait_until="load")
        assert answer is not None
        assert answer.status == 200
    page.wait_for_selector(".swagger-ui")  # the API's page has drawn itself
    page.context.clear_cookies()
    page.goto(f"{served}/admin/login/", wait_until="load")
    assert against == []

    page.evaluate("document.head.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' }))")
    page.wait_for_function("() => true")
    assert [told.partition(" ")[2].split()[0] for told in against] == ["script-src-elem"]
    assert page.evaluate("window.ran") is None
