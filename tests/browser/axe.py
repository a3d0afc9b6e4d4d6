"""axe-core, as it is run in a page."""

from pathlib import Path

import axe_playwright_python

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
#: What axe-core calls serious or critical, in as few words as tell where it is. What it calls less is not looked for.
RUN = """async () => (await axe.run(document, {
    resultTypes: ["violations"], rules: Object.fromEntries(axe._audit.rules
        .filter((rule) => ["minor", "moderate"].includes(rule.impact)).map((rule) => [rule.id, {enabled: false}])),
    })).violations
    .filter((found) => ["serious", "critical"].includes(found.impact))
    .flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.target.join(" ")}`))"""
#: Waited for after a window has another width: what is told of it is told with the next picture.
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
