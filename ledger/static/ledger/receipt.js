// A receipt that was asked for on paper opens the dialog of the printer once; loaded again, it only shows itself.
"use strict";

window.addEventListener("load", () => {
  const address = new URL(location.href);
  if (!address.searchParams.has("print")) return;
  address.searchParams.delete("print");
  history.replaceState(null, "", address);
  window.print();
});
