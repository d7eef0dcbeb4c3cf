"""How stylesheets and scripts are kept for serving."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Files with far-future names, and stylesheets that name no font.

    NHS.UK frontend names Frutiger on the NHS's own servers. It is licensed to the NHS alone, and
    our Content-Security-Policy lets nothing come from elsewhere, which browsers report each time.
    """

    def _save(self, name: str, content: Any) -> str:
        if name.endswith(".css"):
            content = ContentFile(re.sub(rb"@font-face\s*{[^}]*}", b"", b"".join(content.chunks())))
        saved: str = super()._save(name, content)
        return saved


class Finder(FileSystemFinder):
    """Our own files, and of NHS.UK frontend only what pages ask for: not its thousand sources."""

    def list(self, ignore_patterns: Any) -> Iterator[Any]:
        for path, storage in super().list(ignore_patterns):
            if storage.prefix != "nhsuk" or path.startswith("nhsuk-frontend.min."):
                yield path, storage
