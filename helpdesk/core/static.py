"""What browsers load: named by content, and compressed when the desk is started."""

from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

QUALITY = 7
"""Brotli at its best (11) saves a tenth more bytes and takes fifty times as long."""


class QuickCompressor(Compressor):  # type: ignore[misc]
    """Compresses everything in a second, for it runs at every first start."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=QUALITY))


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Static files with their hash in the name, each also as .br and .gz.

    What a JavaScript module imports is named by its content as well.
    """

    support_js_module_import_aggregation = True

    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)
