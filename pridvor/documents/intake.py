"""Files in classic forms, for browsers without JavaScript: encrypted as they come, never spooled to a disk.

A view that takes files names itself so, before anything reads `request.POST` (the CSRF check does, so it stands
inside):

    @csrf_exempt
    def upload(request, …):
        with intake.receiving(request, case, step, item, actor=…, now=…) as handler:
            return _upload(request, handler, …)          # @csrf_protect; calls handler.take()

Every other view gets `RefuseFiles`, the default of settings.FILE_UPLOAD_HANDLERS.
"""

import contextlib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from pridvor.cases.models import Case
from pridvor.documents import actions, arriving, kinds
from pridvor.documents.arriving import Arrival, Intake, TooLong
from pridvor.documents.models import File
from pridvor.documents.storage import prefix, store
from pridvor.lib.actor import Actor


class UnexpectedFile(SuspiciousOperation):
    """A file was sent to a view that takes none. Answered with 400."""


class RefuseFiles(FileUploadHandler):
    """Reads no byte of any file."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise UnexpectedFile("this address takes no files")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        raise UnexpectedFile("this address takes no files")

    def file_complete(self, file_size: int) -> None:
        raise UnexpectedFile("this address takes no files")


class EncryptingHandler(FileUploadHandler):
    """Encrypts the files of one form into the store; `take` makes them count, `discard` destroys what was not taken."""

    chunk_size = arriving.PIECE

    def __init__(
        self, case: Case, step: str, item: str, actor: Actor, now: datetime, *, insist: bool = False
    ) -> None:
        super().__init__()
        self._case, self._step, self._item = case, step, item
        self._actor, self._now, self._insist = actor, now, insist
        self.arrivals: list[Arrival] = []
        self._open = ExitStack()
        self._intake: Intake | None = None

    def take(self) -> list[File]:
        """Give what arrived to `actions.take`. Raises Refused when the document has too many files."""
        arrivals = self.arrivals
        files = actions.take(
            self._case,
            self._step,
            self._item,
            arrivals=arrivals,
            actor=self._actor,
            now=self._now,
            insist=self._insist,
        )
        self.arrivals = []
        return files

    def discard(self) -> None:
        self._abort()
        for arrival in self.arrivals:
            store().delete(prefix(arrival.id))
        self.arrivals = []

    # -- Django's side

    def new_file(self, field_name: str, file_name: str, content_type: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, content_type, *args, **kwargs)
        self._abort()
        self._id, path = arriving.new_place()
        self._name, self._type = file_name, content_type or ""
        if len(self.arrivals) >= actions.FILES:
            self._refused("too-many-files")
        try:
            kinds.check_name(self._name, self._type)
        except kinds.Refused as refused:
            self._refused(refused.code)
        self._intake = self._open.enter_context(
            arriving.into(self._case.subject, path, largest=settings.MAX_UPLOAD)
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._intake is None:
            return
        try:
            self._intake.write(raw_data)
        except TooLong:
            self._abort()
            self._refused("too-large")

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self._intake is None:
            return None
        if self._intake.size == 0:
            self._abort()
            self.arrivals.append(Arrival(self._id, self._name, self._type, None, "empty"))
            return None
        arrived = self._intake.finish()
        self._intake = None
        self._open.close()
        self.arrivals.append(Arrival(self._id, self._name, self._type, arrived))
        return UploadedFile(name="file", content_type=self._type, size=arrived.size)  # holds no content

    def upload_interrupted(self) -> None:
        self._abort()

    def _refused(self, code: str) -> None:
        self.arrivals.append(Arrival(self._id, self._name, self._type, None, code))
        raise SkipFile

    def _abort(self) -> None:
        """Leave the store's block with an error, so that it keeps nothing of the file in hand."""
        self._intake = None
        with contextlib.suppress(_Aborted):
            self._open.__exit__(_Aborted, _Aborted(), None)
        self._open = ExitStack()


class _Aborted(Exception):
    """Ends a file that is not wanted any more."""


@contextlib.contextmanager
def receiving(
    request: HttpRequest,
    case: Case,
    step: str,
    item: str,
    *,
    actor: Actor,
    now: datetime,
    insist: bool = False,
) -> Iterator[EncryptingHandler]:
    """Sets the handler on the request; whatever was not taken when the block ends is destroyed."""
    handler = EncryptingHandler(case, step, item, actor, now, insist=insist)
    request.upload_handlers = [handler]
    try:
        yield handler
    finally:
        handler.discard()
