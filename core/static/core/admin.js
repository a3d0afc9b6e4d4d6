// Puts the cursor where the next key belongs. The page is hidden until Alpine is ready, and browsers ignore `autofocus`
// on what is hidden.
"use strict";

document.addEventListener("alpine:initialized", () =>
  requestAnimationFrame(() => {
    const wrong = document.querySelector(".kit-page .errors :is(input, select, textarea)");
    (wrong || document.querySelector("button[autofocus]") || document.querySelector(".kit-page [autofocus]"))?.focus();
  }),
);

// Ctrl K opens "Find anything" from inside a field too, and what is typed at once goes into it: Unfold's own key does so
// only outside of fields, and puts the cursor there after a moment.
document.addEventListener("keydown", (event) => {
  const palette = document.getElementById("search-input-command");
  if (event.key === "k" && (event.ctrlKey || event.metaKey) && palette && event.target !== palette) {
    event.preventDefault();
    window.dispatchEvent(new CustomEvent("opencommand"));
    palette.closest("[role=dialog]").style.display = "";
    palette.focus();
  }
});

// Arrows walk from a page's search field through what was found, and back into it: Enter opens where they stand.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const field = document.querySelector("#main [role=search] input[type=search]");
  const hits = [...document.querySelectorAll("#main .found a")];
  if (!step || !hits.length || ![field, ...hits].includes(event.target)) return;
  event.preventDefault();
  const at = hits.indexOf(event.target) + step;
  (at < 0 ? field : hits[Math.min(at, hits.length - 1)]).focus();
});

// A table that a phone does not hold becomes a list: what it is, how much, and the rest below, each with its head.
const phone = window.matchMedia("(max-width: 40rem)");
const fold = () => {
  if (!phone.matches) return;
  document.querySelectorAll("#main table.figures:not(.folds, .lines, .report, .ages, .several, .receipt *)").forEach((table) => {
    const frame = table.closest(".report-scroll, .sheet");
    const isHeld = frame && table.getBoundingClientRect().right <= frame.getBoundingClientRect().right;
    if (!table.tHead || !frame || isHeld) return;
    const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
    [...table.tBodies, table.tFoot].flatMap((part) => [...(part?.rows || [])]).forEach((row) => {
      [...row.cells].reduce((at, cell) => {
        if (cell.textContent.trim() && cell.dataset.label === undefined) cell.dataset.label = heads[at] || "";
        return at + cell.colSpan;
      }, 0);
    });
    table.classList.add("folds");
  });
};
// Of such a row, what is nothing takes no line of its own.
const leaveOutNothing = () =>
  document.querySelectorAll("table.folds :is(td, th)").forEach((cell) => cell.classList.toggle("is-nothing", cell.textContent.trim() === "\u2013"));
["load", "htmx:afterSettle"].forEach((event) => window.addEventListener(event, () => { fold(); leaveOutNothing(); }));

// What is wider than the screen is scrolled by keys as well, and says what it is.
const nameWide = () =>
  document.querySelectorAll(".sheet, #content .overflow-x-auto").forEach((sheet) => {
    if (sheet.scrollWidth <= sheet.clientWidth || sheet.matches("a")) return;
    sheet.tabIndex = 0;
    sheet.setAttribute("role", "region");
    if (!sheet.hasAttribute("aria-labelledby")) sheet.setAttribute("aria-label", sheet.querySelector("h2")?.textContent || document.title);
  });
["load", "resize", "htmx:afterSettle"].forEach((event) => window.addEventListener(event, nameWide));
phone.addEventListener("change", () => { fold(); leaveOutNothing(); });
// A table that becomes a list is of another width, after "resize" was told.
const watcher = new ResizeObserver(nameWide);
window.addEventListener("load", () =>
  document.querySelectorAll(".sheet, .sheet table").forEach((part) => watcher.observe(part)));

// Tabs that a phone does not hold are pushed aside: the one that is open is in sight.
window.addEventListener("load", () =>
  document.querySelectorAll("nav [aria-current]").forEach((tab) => {
    const tabs = tab.closest(".views, .driver-tabs");
    if (tabs) tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
  }));

// A picker draws a field of its own in place of the one that its label names: it bears that name too.
const namePickers = () =>
  document.querySelectorAll("select.select2-hidden-accessible").forEach((select) => {
    const [label] = select.labels;
    const field = select.nextElementSibling?.querySelector("[role=combobox]");
    const shown = field?.querySelector("[role=textbox]");
    if (!label || !shown) return;
    label.id ||= `${select.id}-label`;
    shown.setAttribute("aria-labelledby", label.id);
    field.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
  });
// It is drawn at some time after the page, and tells nobody.
document.addEventListener("DOMContentLoaded", () => {
  if (document.querySelector("select.admin-autocomplete")) new MutationObserver(namePickers).observe(document.body, { childList: true, subtree: true });
});

// A figure of a report opens what it is the sum of, under its row; a second click closes it. Elsewhere, and without
// this, its link is a page.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-opens]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button || !window.htmx) return;
  event.preventDefault();
  const row = link.closest("tr");
  const wasOpen = link.getAttribute("aria-expanded") === "true";
  row.querySelectorAll("[aria-expanded]").forEach((other) => other.setAttribute("aria-expanded", "false"));
  if (row.nextElementSibling?.matches(".is-behind")) row.nextElementSibling.remove();
  if (wasOpen) return;
  link.setAttribute("aria-expanded", "true");
  htmx.ajax("GET", link.href, { target: row, swap: "afterend" }).then(() => {
    // A wide report may show fewer columns than it has.
    if (row.nextElementSibling?.matches(".is-behind")) row.nextElementSibling.cells[0].colSpan = row.cells.length;
  });
});

// What waits stands beside the menu's items, what the audits found above the page. Asked for once in half a minute, and
// again after something was done.
document.addEventListener("DOMContentLoaded", () => {
  const menu = document.querySelector("[data-waiting]");
  if (!menu) return;
  const key = `waiting-${menu.dataset.user}`;
  const show = ({ counts, trouble }) => {
    const banner = document.querySelector("[data-trouble]");
    banner?.replaceChildren();
    if (banner && trouble) {
      const link = Object.assign(document.createElement("a"), { href: trouble.address, textContent: "See what" });
      banner.append(`${trouble.words} `, link);
    }
    menu.querySelectorAll(".menu-badge").forEach((badge) => badge.remove());
    Object.entries(counts).forEach(([address, count]) => {
      const badge = Object.assign(document.createElement("span"), { className: "menu-badge", textContent: count.toLocaleString("en-US") });
      badge.append(Object.assign(document.createElement("span"), { className: "for-readers", textContent: " waiting" }));
      menu.querySelector(`a[href="${address}"]`)?.append(badge);
    });
  };
  document.addEventListener("submit", (event) => event.target.method === "post" && sessionStorage.removeItem(key));
  const kept = JSON.parse(sessionStorage.getItem(key) || "null");
  if (kept?.told) show(kept.told);
  if (kept?.told && Date.now() - kept.at < 30000) return;
  fetch(menu.dataset.waiting).then((answer) => answer.ok && !answer.redirected && answer.json()).then((told) => {
    if (!told) return;
    sessionStorage.setItem(key, JSON.stringify({ at: Date.now(), told }));
    show(told);
  }, () => {});
});

// The site's policy lets no part of a page bring its own style, and runs nothing that is written in an attribute.
if (window.htmx) Object.assign(htmx.config, { includeIndicatorStyles: false, allowEval: false });
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target.dataset?.busy) target.textContent = target.dataset.busy;
  target.querySelector?.(":scope > [data-again]")?.setAttribute("hidden", "");
});
// What goes on by itself stands still once an answer does not come: then it is asked for again by hand.
["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((event) => document.addEventListener(event, ({ target }) => {
  const again = target.querySelector?.(":scope > [data-again]");
  if (!again) return;
  again.hidden = false;
  again.querySelector("button").focus();
}));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  else if (event.target.closest("[data-back]")) history.back();
});

// A file that comes in parts is kept by the page, and saved once all of them are there.
document.addEventListener("htmx:afterSettle", () => {
  const link = document.querySelector("[data-joins]");
  if (!link || link.href || document.querySelector(".papers-rest")) return;
  const parts = [...document.querySelectorAll("[data-part]")].map((part) => Uint8Array.from(atob(part.value), (sign) => sign.charCodeAt(0)));
  link.href = URL.createObjectURL(new Blob(parts, { type: "application/pdf" }));
  link.focus();
});

// Keys of every page. Single signs count outside of fields alone; Esc leaves a field first, and then the page.
document.addEventListener("keydown", (event) => {
  const inField = event.target.closest("input, textarea, select, [contenteditable], [role=combobox]");
  const palette = document.querySelector('[role="dialog"][aria-label="Find anything"]');
  const isOpen = palette && palette.offsetParent !== null;
  if (event.altKey && event.key.toLowerCase() === "t" && !event.ctrlKey && !event.metaKey) {
    const row = (isOpen ? palette : document).querySelector(".found li.active [data-act], .found [data-act]:focus, .found [data-act]");
    if (!row) return;
    event.preventDefault();
    location.assign(row.dataset.act);
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isOpen || event.defaultPrevented) return;
  if (event.key === "Escape") {
    if (document.querySelector("[data-escape], .select2-container--open, dialog[open], details[open] :focus")) return;
    if (inField) return void inField.blur();
    const cancel = document.querySelector("a[data-cancel]");
    if (cancel) cancel.click();
    else if (history.length > 1) history.back();
  } else if (event.key === "/" && !inField) {
    event.preventDefault();
    const search = document.querySelector("#searchbar, main [type=search], main [name=q], main [name=who]");
    if (search) search.focus();
    else window.dispatchEvent(new CustomEvent("opencommand"));
  } else if (event.key === "?" && !inField) {
    document.querySelector('header a[title="Words on these pages"]')?.click();
  }
});

// "?" tells the words of the page it was asked on first. What stood there is handed over once, and not kept.
const toWords = 'header a[title="Words on these pages"]';
document.addEventListener("click", (event) => {
  const main = document.querySelector("main");
  if (!event.target.closest(toWords) || !main || document.querySelector("[data-all-words]")) return;
  const title = document.querySelector("h1")?.innerText.trim() || document.title;
  sessionStorage.setItem("words-of", JSON.stringify({ title, address: location.href, text: `${title}\n${main.innerText}` }));
});
document.addEventListener("DOMContentLoaded", () => {
  const all = document.querySelector("[data-all-words]");
  if (!all) return;
  const asked = JSON.parse(sessionStorage.getItem("words-of") || "null");
  sessionStorage.removeItem("words-of");
  if (asked) history.replaceState({ wordsOf: { title: asked.title, address: asked.address, found: findWords(all, asked.text) } }, "");
  const of = history.state?.wordsOf;
  if (!of?.found.length) return;
  const section = document.querySelector("#on-this-page");
  const link = section.querySelector("[data-words-of]");
  link.textContent = of.title;
  link.href = of.address;
  for (const id of of.found) {
    const word = document.getElementById(id).cloneNode(true);
    word.removeAttribute("id");
    section.querySelector("dl").append(word, document.getElementById(id).nextElementSibling.cloneNode(true));
  }
  section.hidden = false;
});
function findWords(all, text) {
  const stands = (name) => new RegExp(`(?<![\\p{L}\\p{N}])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+")}(?:e?s)?(?![\\p{L}\\p{N}])`, "iu").test(text);
  return [...all.querySelectorAll("dt")].filter((word) => word.dataset.said.split("|").some((name) => name && stands(name))).map((word) => word.id);
}
