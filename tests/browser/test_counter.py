"""Money over the counter, in a real browser: with keys alone, sent twice, gone back from, and refused."""

import re

from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from ledger import services as ledger
from ledger.models import InterimPayment
from tests.browser.axe import SETTLED
from tests.browser.fleet import Fleet, asking
from tests.browser.test_access import list_findings
from tests.ledger.admin_pages import hold
from tests.ledger.proofs import balances_of


class Keys:
    """Presses keys, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def press_with_alt(self, key: str) -> None:
        """As a keyboard sends it: an access key is heard by the sign, which Playwright leaves out with Alt."""
        keyboard = self.page.context.new_cdp_session(self.page)
        told = {"modifiers": 1, "key": key, "code": f"Key{key.upper()}", "windowsVirtualKeyCode": ord(key.upper())}
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": key, "unmodifiedText": key, **told})
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **told})
        self.count += 1


def pay_by_keys(page: Page, letters: str, amount: str) -> Keys:
    """From Home to the review of a payment by priority, by keys alone."""
    expect(page.get_by_label("Who is paying?")).to_be_focused()
    keys = Keys(page)
    keys.press(*letters, "Enter")
    expect(page.get_by_label("Amount received")).to_be_focused()
    keys.press(*amount)
    keys.press_with_alt("p")
    expect(page.get_by_text("Filled by priority: $369.25 that is due, then $30.75 of what comes due")).to_be_visible()
    expect(page.get_by_label("Amount received")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("button", name="Take payment and print")).to_be_focused()
    return keys


def test_enter_waits_for_what_is_being_filled_in(signed_in, served: str, fleet: Fleet):
    page = signed_in("Cashier")
    page.goto(f"{served}/admin/")
    keys = Keys(page)
    keys.press(*"jeu", "Enter")
    expect(page.get_by_label("Amount received")).to_be_focused()
    page.wait_for_load_state()  # a busy machine may still read the scripts when the first field has the cursor
    keys.press(*"400")
    page.evaluate("""() => {
        document.querySelector("[accesskey=p]").click();
        document.querySelector(".enter-button").click();
    }""")
    expect(page.get_by_text("All of it pays charges; nothing is left on account.")).to_be_visible(timeout=20_000)


def test_a_payment_takes_ten_keys_and_no_mouse_and_eleven_with_its_print(signed_in, served: str, fleet: Fleet):
    page = signed_in("Cashier")
    page.add_init_script("window.print = () => { window.printed = (window.printed || 0) + 1; };")
    page.goto(f"{served}/admin/")
    keys = pay_by_keys(page, "jeu", "400")
    expect(
        page.get_by_text("All of it pays charges; nothing is left on account. Anil will owe $252.25")
    ).to_be_visible()
    keys.press_with_alt("t")
    page.wait_for_url(re.compile("/receipt/$"))
    assert keys.count == 10
    expect(page.get_by_text("Taken: $400.00 in cash from Anil Jeudy.")).to_be_visible()
    expect(page.get_by_role("button", name="Print Enter")).to_be_focused()
    assert not page.evaluate("window.printed")
    keys.press("Enter")
    assert (keys.count, page.evaluate("window.printed")) == (11, 1)
    with asking():
        payment = InterimPayment.objects.select_related("received_by").get(driver=fleet.drivers["Anil Jeudy"])
    assert (str(payment.amount), str(payment.received_by)) == ("400.00", "Maya")


def test_who_of_several_is_paying_is_chosen_by_arrows(signed_in, served: str, fleet: Fleet):
    page = signed_in("Cashier")
    page.goto(f"{served}/admin/")
    field = page.get_by_role("searchbox", name="Who is paying?")
    field.press_sequentially("dia")
    hits = page.locator("#found a")
    expect(hits).to_have_count(2)  # Nadia and Diallo
    page.keyboard.press("ArrowDown")
    expect(hits.nth(0)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = hits.nth(1).get_attribute("href")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(f"{served}{chosen}")))


def test_what_looks_like_a_mistake_needs_its_tick_and_prints_once(signed_in, served: str, fleet: Fleet):
    page, rosa = signed_in("Cashier"), fleet.drivers["Rosa Diallo"]
    page.add_init_script("window.print = () => { window.printed = (window.printed || 0) + 1; };")
    page.goto(f"{served}/admin/ledger/ledgeraccount/{rosa.pk}/payment/")
    page.get_by_label("Amount received").fill("25")
    page.get_by_role("radio", name="Cash").press("ArrowRight")
    page.get_by_role("textbox", name="Check number", exact=True).fill("1611")
    page.get_by_role("button", name="Review").click()
    tick = page.get_by_label("This is a second payment. Take it.")
    expect(tick).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tick this if it is right, or change the payment.")).to_be_visible()
    expect(tick).to_be_focused()
    assert list_findings(page) == []
    tick.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/receipt/$"))
    expect(page.get_by_text("Taken: $25.00 by check 1611 from Rosa Diallo.")).to_be_visible()
    assert page.evaluate("window.printed") == 1
    page.reload()
    assert not page.evaluate("window.printed")


def test_pressed_twice_gone_back_and_loaded_again_it_is_taken_once_and_shows_its_receipt(
    signed_in, served: str, fleet: Fleet
):
    nadia = fleet.drivers["Nadia Castillo"]
    page = signed_in("Cashier")
    page.goto(f"{served}/admin/ledger/ledgeraccount/{nadia.pk}/payment/")
    page.get_by_label("Amount received").fill("50")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Change").click()
    page.get_by_label("Amount for TAXES-1").fill("50")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Take payment Alt").dblclick(no_wait_after=True)
    # The second press aborts the navigation of the first, so it is the address that is waited for.
    expect(page).to_have_url(re.compile("/receipt/"), timeout=15_000)
    receipt = page.url
    page.go_back()
    expect(page).to_have_url(receipt)
    page.reload()
    expect(page.get_by_role("heading", name="Receipt PAY-").first).to_be_visible()
    with asking():
        assert [str(amount) for amount in nadia.payments.values_list("amount", flat=True)] == ["50.00"]


def test_more_than_was_received_is_said_at_once_and_not_reviewed(signed_in, served: str, fleet: Fleet):
    page = signed_in("Cashier")
    page.goto(f"{served}/admin/ledger/ledgeraccount/{fleet.drivers['Rosa Diallo'].pk}/payment/")
    page.keyboard.type("100")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("a")
    expect(page.get_by_label("Amount for TAXES-3")).to_have_value("100.00")
    expect(page.locator("#owes-after")).to_have_text("$552.25")
    page.get_by_label("Amount for EZPASS-3").fill("13.06")
    expect(page.locator("#on-account")).to_contain_text("$13.06 too much")
    expect(page.get_by_role("button", name="Review")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/admin/drivers/\d+/$"))


def test_what_was_filled_in_is_not_told_of_what_is_typed_since(signed_in, served: str, fleet: Fleet):
    page = signed_in("Cashier")
    page.goto(f"{served}/admin/ledger/ledgeraccount/{fleet.drivers['Nadia Castillo'].pk}/payment/", wait_until="load")
    said = page.locator(".filled")
    for retype in (lambda: page.keyboard.type("100"), lambda: page.get_by_label("Amount for EZPASS-1").press("a")):
        page.get_by_label("Amount received").fill("5000")
        page.get_by_role("button", name="Fill by priority").click()
        expect(said).to_contain_text("Filled by priority: ")
        page.get_by_label("Amount received").select_text()
        retype()
        expect(said).to_be_empty()


def test_an_answer_puts_nothing_over_what_was_typed_since(signed_in, served: str, fleet: Fleet):
    page = signed_in("Cashier")
    page.goto(f"{served}/admin/ledger/ledgeraccount/{fleet.drivers['Yusuf Singh'].pk}/payment/", wait_until="load")
    held: list[Route] = []
    page.route(
        "**/payment/**", lambda route: held.append(route) if route.request.method == "POST" else route.fallback()
    )
    amount, line = page.get_by_label("Amount received"), page.get_by_label("Amount for EZPASS-2")

    def fill_and_type(received: str) -> None:
        amount.fill("400")
        with page.expect_request(lambda request: request.method == "POST"):
            page.get_by_role("button", name="Fill by priority").click()
        amount.fill(received)

    def let_it_come() -> None:
        while not held:  # a request is told of before it is held
            page.wait_for_timeout(10)
        with page.expect_response(lambda response: response.request.method == "POST"):
            held.pop().continue_()
        page.evaluate(SETTLED)

    fill_and_type("60")
    let_it_come()
    expect(amount).to_have_value("60")
    expect(line).to_have_value("")
    expect(page.locator(".filled")).to_be_empty()
    # Enter asks for what is typed by then; and what is asked for anew fills in as ever.
    fill_and_type("70")
    page.keyboard.press("Enter")
    with page.expect_request(lambda request: request.method == "POST"):
        let_it_come()
    let_it_come()
    expect(page.get_by_text("Take $70.00 in cash from Yusuf Singh")).to_be_visible()


def test_a_void_undoes_what_the_money_has_paid_and_a_cashier_may_not(signed_in, served: str, fleet: Fleet):
    yusuf = fleet.drivers["Yusuf Singh"]
    with asking():
        earned = hold(yusuf, "CURB-2", "100.00")
        ledger.apply_weekly_earnings(as_of=timezone.localdate())
    address = f"{served}/admin/ledger/ledgerposting/{earned.pk}/void/"
    page = signed_in("Cashier")
    assert page.goto(address).status == 403
    expect(page.get_by_role("link", name="Home")).to_be_visible()
    signed_in("Supervisor").goto(address)
    page.get_by_label("Reason").fill("Counted twice")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("those must be undone with it")).to_be_visible()
    page.get_by_label("Undo these too").check()
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name=re.compile("^Void")).click()
    expect(page.get_by_text("is voided, by 2 postings")).to_be_visible()
    with asking():
        assert balances_of(yusuf)["TAXES-2"] == ("369.25", "OPEN")
