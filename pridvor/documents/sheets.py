"""Where comments lie: the pages of what was delivered with their pins, and the same place in the version after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from pridvor.cases.models import Comment
from pridvor.documents.deliveries import PieceView, Version

Pin = tuple[int, int, int]  # number, and its place in thousandths of the page


@dataclass(frozen=True)
class Sheet:
    """One page of a delivered file, with the pins on it."""

    piece: UUID
    file: UUID
    page: int
    pins: tuple[Pin, ...]


def of_piece(piece: PieceView, comments: Iterable[Comment] = ()) -> list[Sheet]:
    """The pages of a piece; none for words, or for a file that is not cleared."""
    if piece.file is None:
        return []
    mine = [row for row in comments if row.piece == piece.id]
    return [
        Sheet(piece.id, piece.file.id, page, tuple(_pin(row) for row in mine if _lies_on(row, page)))
        for page in range(piece.pages)
    ]


def of_comment(comment: Comment, versions: Sequence[Version]) -> Sheet | None:
    """The page that a comment is about, with its pin alone."""
    piece = _piece(comment, versions)
    sheets = of_piece(piece, [comment]) if piece else []
    return sheets[comment.page] if comment.page is not None and comment.page < len(sheets) else None


def after(comment: Comment, versions: Sequence[Version]) -> Sheet | None:
    """The same page of the same file in the newest version, with no pin; None where there is no such page any more."""
    before = next((one for one in versions if one.number == comment.version), None)
    if before is None or comment.page is None or versions[-1].number == before.number:
        return None
    position = next((n for n, piece in enumerate(before.pieces) if piece.id == comment.piece), -1)
    if not 0 <= position < len(versions[-1].pieces):
        return None
    sheets = of_piece(versions[-1].pieces[position])
    return sheets[comment.page] if comment.page < len(sheets) else None


def quoted(comment: Comment, versions: Sequence[Version]) -> str:
    """The paragraph that a comment is about, as it stood."""
    piece = _piece(comment, versions)
    if piece is None or comment.paragraph is None or comment.paragraph >= len(piece.paragraphs):
        return ""
    return piece.paragraphs[comment.paragraph]


def _piece(comment: Comment, versions: Sequence[Version]) -> PieceView | None:
    pieces = (piece for version in versions for piece in version.pieces)
    return next((piece for piece in pieces if piece.id == comment.piece), None)


def _lies_on(comment: Comment, page: int) -> bool:
    return comment.page == page and comment.x is not None


def _pin(comment: Comment) -> Pin:
    return comment.number, comment.x or 0, comment.y or 0
