"""A build hook that adds the project's links to its metadata.

The sources do not say where they are hosted, so that a fork does not carry the links of another repository. A release
passes the address of its own repository in ``NETSPEC_REPOSITORY_URL``; without it, a build has no links.
"""

import os
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class ProjectUrls(MetadataHookInterface):
    """Sets ``[project.urls]`` from the environment."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the links to the metadata in place."""
        repository = os.environ.get("NETSPEC_REPOSITORY_URL", "").rstrip("/")
        pages = {
            "Source": "",
            "Documentation": "/blob/HEAD/README.md#learn-it",
            "Changelog": "/blob/HEAD/CHANGELOG.md",
            "Issues": "/issues",
        }
        metadata["urls"] = {label: repository + path for label, path in pages.items()} if repository else {}
