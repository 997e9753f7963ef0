"""What browsers load: named by content, and compressed when the desk is started."""

from typing import Any

import brotli
from django.core.files.base import ContentFile, File
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from helpdesk.core.compact import compacted

QUALITY = 7
"""Brotli at its best (11) saves a tenth more bytes and takes fifty times as long."""


class QuickCompressor(Compressor):  # type: ignore[misc]
    """Compresses everything in a second, for it runs at every first start."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=QUALITY))


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Static files with their hash in the name, each also as .br and .gz.

    What a JavaScript module imports is named by its content as well. What stands on
    other people's pages has no byte too many.
    """

    support_js_module_import_aggregation = True

    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)

    def _save(self, name: str, content: "File[Any]") -> str:
        if name.startswith("widget/") and name.endswith((".js", ".css")):
            source = b"".join(content.chunks()).decode()
            content = ContentFile(compacted(source).encode())
        return str(super()._save(name, content))
