"""Pages: from a release to a site, from reports to the analyst's page. Filters and sorts; never aggregates."""

from connectedness.dashboard.operations import build_operations
from connectedness.dashboard.site import build_site

__all__ = ["build_operations", "build_site"]
