"""Several PDFs of the typesetter as one file, which can be sent while it is made: no more is held than one of them.

The typesetter writes a plain PDF: objects one after the other, a table of where each begins, a trailer. So binding is
counting on: each object gets the next free number, the pages of each document hang on one new tree, and the table
comes last. (A library that binds any PDFs holds all of them until then.)
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

_HEAD = b"%PDF-1.7\n%\x80\x80\x80\x80\n"
#: The numbers of the two objects that are written last.
_CATALOG, _PAGES = 1, 2
_TRAILER = re.compile(rb"trailer\n<</Size (\d+)/Root (\d+) 0 R/Info (\d+) 0 R.*?>>\nstartxref\n(\d+)\n%%EOF", re.DOTALL)
_METADATA = re.compile(rb"/Metadata (\d+) 0 R")
_NUMBER = re.compile(rb"\b(\d+) 0 (R|obj)\b")
_TREE = re.compile(rb"/Type/Pages/Count (\d+)")
#: Bytes of the table for each object: ten digits of its place, and what is always alike.
_ENTRY = 20


class NotBound(ValueError):
    """A document is not written as the typesetter writes them."""


@dataclass
class Binding:
    """A file that documents are bound into, one after the other: what is kept of those before is where they lie.

    ``at`` is its bytes so far, ``places`` where each object begins, ``trees`` the numbers of the documents' pages.
    """

    at: int = len(_HEAD)
    places: list[int] = field(default_factory=lambda: [0, 0])
    trees: list[int] = field(default_factory=list)
    pages: int = 0

    def add(self, document: bytes) -> bytes:
        """Return the next part of the file: the pages of a document; title and author of it are left out.

        :raises NotBound: it is none of the typesetter's
        """
        tree, *others = _list_objects(document, taken=len(self.places))
        count = _TREE.search(tree)
        if count is None:
            raise NotBound("The document doesn't begin with its pages.")
        self.trees.append(len(self.places) + 1)
        self.pages += int(count[1])
        hung = _TREE.sub(rb"/Type/Pages/Parent %d 0 R/Count \1" % _PAGES, tree, count=1)
        for text in (hung, *others):
            self.places.append(self.at)
            self.at += len(text)
        return b"".join((hung, *others) if len(self.trees) > 1 else (_HEAD, hung, *others))

    def end(self) -> Iterator[bytes]:
        """Yield the last parts of the file."""
        kids = b" ".join(b"%d 0 R" % tree for tree in self.trees)
        catalog = b"%d 0 obj\n<</Type/Catalog/Pages %d 0 R/Lang(en)>>\nendobj\n" % (_CATALOG, _PAGES)
        root = b"%d 0 obj\n<</Type/Pages/Count %d/Kids[%b]>>\nendobj\n" % (_PAGES, self.pages, kids)
        places = [self.at, self.at + len(catalog), *self.places[2:]]
        yield catalog + root
        yield b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(places) + 1)
        yield b"".join(b"%010d 00000 n\r\n" % place for place in places)
        table = self.at + len(catalog) + len(root)
        yield b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, _CATALOG, table)


def bind_documents(documents: Iterable[bytes]) -> Iterator[bytes]:
    """Yield one PDF of the pages of all of these, part by part; title and author of each are left out.

    :raises NotBound: a document is none of the typesetter's
    """
    binding = Binding()
    for document in documents:
        yield binding.add(document)
    yield from binding.end()


def _list_objects(document: bytes, *, taken: int) -> list[bytes]:
    """Return the objects of a document but for what is about it as a whole, numbered on from those taken."""
    trailer = _TRAILER.search(document, max(0, len(document) - 1000))
    if trailer is None:
        raise NotBound("The document doesn't end as those of the typesetter.")
    count, root, info, table = map(int, trailer.groups())
    first = table + len(b"xref\n0 %d\n" % count)
    places = [int(document[first + _ENTRY * number :][:10]) for number in range(count)]
    objects = [document[begins:ends] for begins, ends in pairwise([*places[1:], table])]
    metadata = [int(found) for found in _METADATA.findall(objects[root - 1])]
    whole = {root, info, *metadata}
    left = objects[: count - 1 - len(whole)]
    if max(whole) != count - 1 or min(whole) != len(left) + 1 or places != sorted(places):
        raise NotBound("The document's objects are in another order than the typesetter's.")
    return [_number_on(text, taken) for text in left]


def _number_on(text: bytes, taken: int) -> bytes:
    """Number an object and what it refers to; what is in a stream is no number."""
    told, stream, rest = text.partition(b"\nstream\n")
    return _NUMBER.sub(lambda found: b"%d 0 %b" % (int(found[1]) + taken, found[2]), told) + stream + rest
