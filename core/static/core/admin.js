// Puts the cursor where the next key belongs. The page is hidden until Alpine is ready, and browsers ignore `autofocus`
// on what is hidden.
"use strict";

document.addEventListener("alpine:initialized", () =>
  requestAnimationFrame(() => {
    const wrong = document.querySelector(".kit-page .errors :is(input, select, textarea)");
    (wrong || document.querySelector("button[autofocus]") || document.querySelector(".kit-page [autofocus]"))?.focus();
  }),
);
