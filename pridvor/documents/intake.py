"""Placeholder until the documents room lands."""

from django.core.files.uploadhandler import FileUploadHandler


class RefuseFiles(FileUploadHandler):
    pass
