"""The settings of the service after the import: Gatelodge knows its users."""

import os

from settings_before import *  # noqa: F403
from settings_before import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS.append("gatelodge_identity")
before = MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware")
MIDDLEWARE[before] = "gatelodge_identity.middleware.IdentityTokenMiddleware"
GATELODGE_PUBLIC_URL = os.environ["GATELODGE_PUBLIC_URL"]
GATELODGE_JWKS_URL = os.environ.get("GATELODGE_JWKS_URL", f"{GATELODGE_PUBLIC_URL}/.well-known/jwks.json")
