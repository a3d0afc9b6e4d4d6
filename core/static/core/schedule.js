// Says in words what the chosen time of an entry means.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const known = JSON.parse(document.getElementById("readable-crontabs").textContent);
  const chosen = document.getElementById("id_crontab");
  const told = document.querySelector(".field-crontab_translation");
  const words = told?.querySelector(".readonly");
  const tell = () => words && (words.textContent = known[chosen.value] || "");
  chosen?.addEventListener("change", tell);
  if (chosen?.value) tell();
});
