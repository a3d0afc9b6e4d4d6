// The payment page as it is typed: what is left, and keys. It works without a script, too. Its content is replaced by the
// answers of its buttons, so everything is looked up anew, and listened to from the document.
"use strict";

(() => {
  // Whole cents, so that no sum is ever off by one. What is not an amount counts as nothing; the server says so.
  const cents = (typed) => {
    const match = /^\$? ?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{0,2}))?$/.exec(typed.trim());
    return match ? parseInt(match[1].replace(/,/g, ""), 10) * 100 + parseInt((match[2] || "").padEnd(2, "0"), 10) : 0;
  };
  const plain = (amount) => Math.floor(amount / 100) + "." + String(amount % 100).padStart(2, "0");
  const dollars = (amount) =>
    "$" + Math.floor(amount / 100).toLocaleString("en-US") + plain(amount).slice(-3);
  const form = () => document.getElementById("act-form");
  const lines = () => [...form().querySelectorAll(".line-input")];
  const paid = () => lines().reduce((sum, line) => sum + cents(line.value), 0);
  const left = () => cents(form().elements.amount.value) - cents(form().elements.deposit.value) - paid();

  // The head stands outside of what an answer replaces.
  const name = () => {
    const title = document.getElementById("says-where").dataset.title;
    document.querySelector("h1").textContent = title;
    document.title = title + document.title.slice(document.title.indexOf(" | "));
  };

  const update = () => {
    const review = document.getElementById("review");
    if (!review) return;
    const say = (id, words) => (document.getElementById(id).textContent = words);
    const charged = lines().filter((line) => "charged" in line.dataset).reduce((sum, line) => sum + cents(line.value), 0);
    const tooMuch = left() < 0;
    say("received", dollars(cents(form().elements.amount.value)));
    say("pays", dollars(paid()));
    say("on-account", tooMuch ? "\u26a0 " + dollars(-left()) + " too much" : dollars(left()));
    say("owes-after", dollars(Math.max(cents(document.getElementById("owes-after").dataset.owed) - charged, 0)));
    document.getElementById("on-account").classList.toggle("is-below", tooMuch);
    review.disabled = tooMuch;
    document.getElementById("why-not").hidden = !tooMuch;
    lines().forEach((line) => {
      line.classList.toggle("is-below", cents(line.value) > cents(line.dataset.remaining));
      line.closest("tr").classList.toggle("is-paid", cents(line.value) > 0);
    });
  };

  // What is typed is newer than an answer that was asked for before it, and than what that said of the lines; and whoever
  // pressed Enter before it meant what stood there then.
  let typed = 0;
  let isPressed = false;
  const takeTyped = () => {
    typed += 1;
    isPressed = false;
    document.querySelectorAll(".filled").forEach((said) => (said.textContent = ""));
    update();
  };

  // A line gets all that is left, at most what is open on it.
  const payInFull = (line) => {
    const others = left() + cents(line.value);
    line.value = others > 0 ? plain(Math.min(others, cents(line.dataset.remaining))) : "";
    takeTyped();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") document.querySelector("[data-escape]")?.click();
    if (event.key === "/" && !event.target.closest?.("input, textarea, select")) {
      document.querySelector("[data-slash]")?.click();
      event.preventDefault();
    }
    if (!event.target.matches?.(".line-input, #id_amount")) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const stops = [form().elements.amount, ...lines()];
      stops[stops.indexOf(event.target) + step]?.focus();
      event.preventDefault();
    } else if (event.key.toLowerCase() === "a" && event.target.matches(".line-input")) {
      payInFull(event.target);
      event.preventDefault();
    }
  });
  document.addEventListener("input", (event) => {
    // A tick fills in nothing.
    if (event.target.closest("#act-form") && event.target.type !== "checkbox") takeTyped();
  });

  // Whoever presses Enter while an answer is under way reviews what the answer fills in, not what stood there before.
  let asking = null;
  const typedBefore = new WeakMap();
  document.addEventListener("htmx:beforeRequest", (event) => {
    // Notices come by themselves, and fill in nothing.
    if (event.detail.target.id !== "content") return;
    asking = event.detail.xhr;
    typedBefore.set(asking, typed);
  });
  const isAnswered = (event) => {
    if (asking === event.detail.xhr) asking = null;
  };
  ["htmx:responseError", "htmx:sendError"].forEach((failed) => document.addEventListener(failed, isAnswered));
  document.addEventListener("click", (event) => {
    if (!asking || !event.target.closest?.(".enter-button, #review")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    isPressed = true;
  }, true);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const before = typedBefore.get(event.detail.xhr);
    if (before === undefined || before === typed) return;
    event.preventDefault();
    isAnswered(event);
    // Pressed since: what was typed is reviewed, once this answer is done with.
    if (isPressed) setTimeout(() => document.querySelector(".enter-button")?.click());
    isPressed = false;
  });
  // From here on Enter presses what the answer brought, though it is not settled yet: its first field has the cursor.
  document.addEventListener("htmx:afterSwap", isAnswered);
  document.addEventListener("htmx:afterSettle", (event) => {
    name();
    update();
    if (event.target.id !== "content") return;
    if (isPressed && document.getElementById("review")) document.querySelector(".enter-button").click();
    isPressed = false;
  });

  // So named, the page leads to its receipt once the payment is taken, however it is come back to.
  const address = new URL(location.href);
  address.searchParams.set("token", form().elements.token.value);
  history.replaceState(null, "", address);
  update();
})();
