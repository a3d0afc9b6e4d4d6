"""The books at the end of a story: every audit of every app, and not one finding."""

from core.audits import examine, list_audits


def assert_books_clean() -> None:
    """Run all audits, storing nothing, and fail with the sentences of those that found something."""
    findings = [f"{found.audit.name}: {sentence}" for found in examine(list_audits()) for sentence in found.findings]
    assert not findings, "\n".join(findings)
