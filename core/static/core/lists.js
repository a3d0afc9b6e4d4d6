// Rows of a list, chosen and walked along by keys; what is chosen is told over the list.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const rows = [...document.querySelectorAll("#result_list tbody tr, .case")];
  const boxes = [...document.querySelectorAll("input.action-select")];
  const told = document.querySelector(".act-bar-told");
  const across = document.querySelector("input.select-across");
  let last = -1;

  const cents = (box) => Math.round(Number(box.dataset.dollars || 0) * 100);
  const say = (sum) => {
    const [whole, part] = (Math.abs(sum) / 100).toFixed(2).split(".");
    return `${sum < 0 ? "\u2212" : ""}$${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${part}`;
  };
  const tell = () => {
    const chosen = boxes.filter((box) => box.checked);
    const isSummed = chosen.some((box) => box.dataset.dollars);
    const sum = chosen.reduce((total, box) => total + cents(box), 0);
    if (told && across?.value !== "1") told.textContent = `${chosen.length} chosen${isSummed ? `, ${say(sum)}` : ""}`;
  };
  const choose = (box, isChosen) => {
    if (box.checked === isChosen) return;
    box.checked = isChosen;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };

  document.addEventListener("change", tell);
  window.addEventListener("pageshow", tell);
  document.querySelector(".act-bar-none")?.addEventListener("click", () => boxes.forEach((box) => choose(box, false)));
  document.querySelector("[data-choose-all]")?.addEventListener("click", ({ currentTarget }) => {
    boxes.forEach((box) => choose(box, true));
    across.value = "1";
    told.textContent = currentTarget.dataset.chooseAll;
  });

  const boxOf = (row) => row?.querySelector("input.action-select");
  const at = () => rows.findIndex((row) => row.contains(document.activeElement));
  const walk = (step) => {
    const row = rows[Math.min(Math.max(at() + step, 0), rows.length - 1)];
    (boxOf(row) || row?.querySelector("a, input"))?.focus();
  };
  const chooseUpTo = (place) => {
    const [from, to] = last < 0 ? [place, place] : [Math.min(last, place), Math.max(last, place)];
    rows.slice(from, to + 1).forEach((row) => boxOf(row) && choose(boxOf(row), true));
  };

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const row = rows[at()];
    if (key === "j") walk(1);
    else if (key === "k") walk(-1);
    else if (key === "x" && boxOf(row)) {
      if (event.shiftKey) chooseUpTo(at());
      else choose(boxOf(row), !boxOf(row).checked);
      last = at();
    } else if (row?.matches(".case")) pressIn(row, event);
  });

  // In the review queue: the digit of a candidate, Enter to assign, D to dismiss.
  const pressIn = (row, event) => {
    const candidate = /^[1-9]$/.test(event.key) && row.querySelectorAll("input[type=radio]")[Number(event.key) - 1];
    const door = row.querySelector({ Enter: "[data-key=Enter]", d: "[data-key=D]", D: "[data-key=D]" }[event.key] || ".none");
    if (candidate) candidate.checked = true;
    else if (door && !event.target.closest("a, button")) {
      event.preventDefault();
      door.click();
    }
  };
});
