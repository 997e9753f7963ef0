"""How static files are named, so that browsers can keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed, the imports inside JavaScript modules included."""

    support_js_module_import_aggregation = True
