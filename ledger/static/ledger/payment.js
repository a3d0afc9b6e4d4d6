// The payment page without a round trip: what stays on account, as it is typed. The page works without it, too.
"use strict";

(() => {
  const form = document.getElementById("act-form");
  const output = document.getElementById("on-account");
  if (!form || !output) return;

  // Whole cents, so that no sum is ever off by one. What is not an amount counts as nothing; the server says so.
  const cents = (typed) => {
    const match = /^\$? ?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{0,2}))?$/.exec(typed.trim());
    return match ? parseInt(match[1].replace(/,/g, ""), 10) * 100 + parseInt((match[2] || "").padEnd(2, "0"), 10) : 0;
  };
  const dollars = (amount) =>
    (amount < 0 ? "-" : "") +
    Math.floor(Math.abs(amount) / 100).toLocaleString("en-US") +
    "." +
    String(Math.abs(amount) % 100).padStart(2, "0");

  const lines = [...form.querySelectorAll(".line-input")];
  const received = form.elements.amount;
  const deposit = form.elements.deposit;

  const left = () =>
    cents(received.value) - cents(deposit.value) - lines.reduce((sum, line) => sum + cents(line.value), 0);

  const update = () => {
    output.textContent = dollars(left());
    output.classList.toggle("is-below", left() < 0);
    lines.forEach((line) => line.classList.toggle("is-below", cents(line.value) > cents(line.dataset.remaining)));
  };

  // A button beside each line gives it all that is left, at most what it needs.
  lines.forEach((line) => {
    if (cents(line.dataset.remaining) === 0) return;
    const all = document.createElement("button");
    all.type = "button";
    all.className = "all-button";
    all.tabIndex = -1;
    all.textContent = "all";
    all.title = "Give it what is left, at most what remains on it";
    all.addEventListener("click", () => {
      const others = left() + cents(line.value);
      line.value = others > 0 ? dollars(Math.min(others, cents(line.dataset.remaining))).replace(/,/g, "") : "";
      update();
      line.focus();
    });
    line.before(all);
  });

  form.addEventListener("input", update);
  update();
})();
