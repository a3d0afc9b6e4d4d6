"""What a repair's charge is called for its driver. Pure: no store, no clock."""

from core.words import Free, make_sentence, say_paper


def say_installment(
    *, first_line: str, workshop: str, workshop_number: str, number: int, of: int, paper_number: str = ""
) -> str:
    """Return ``Brakes, Queens Auto invoice 4711, part 2 of 5``; of a repair charged whole, without its part.

    ``paper_number`` is told where there is one: ``…, agreement 88-A``.
    """
    return make_sentence(
        Free(first_line),
        f"{workshop} invoice {workshop_number}",
        f"part {number} of {of}" if of > 1 else "",
        say_paper(paper_number),
    )
