"""Where Debian's browser is."""

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WITHOUT = "There is no Chromium here (on Debian: apt-get install chromium): what it would try is not tried."
