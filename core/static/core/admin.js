// Puts the cursor where the next key belongs. The page is hidden until Alpine is ready, and browsers ignore `autofocus`
// on what is hidden.
"use strict";

document.addEventListener("alpine:initialized", () =>
  requestAnimationFrame(() => {
    const wrong = document.querySelector(".kit-page .errors :is(input, select, textarea)");
    (wrong || document.querySelector("button[autofocus]") || document.querySelector(".kit-page [autofocus]"))?.focus();
  }),
);

// Ctrl K opens "Find anything" from inside a field too; Unfold's own key does so only outside of them.
document.addEventListener("keydown", (event) => {
  const palette = document.getElementById("search-input-command");
  if (event.key === "k" && (event.ctrlKey || event.metaKey) && palette && event.target !== palette) {
    if (event.target.closest("input, textarea, [contenteditable]")) {
      event.preventDefault();
      window.dispatchEvent(new CustomEvent("opencommand"));
    }
  }
});
