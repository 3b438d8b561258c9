"""Sets `request.user` from Gatelodge's identity token. In MIDDLEWARE, it stands in the place of AuthenticationMiddleware."""

import jwt
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.functional import SimpleLazyObject

from .models import Identity

ISSUER = settings.GATELODGE_PUBLIC_URL
AUDIENCE = getattr(settings, "GATELODGE_TOKEN_AUDIENCE", "gatelodge")
keys = jwt.PyJWKClient(getattr(settings, "GATELODGE_JWKS_URL", f"{ISSUER}/.well-known/jwks.json"), timeout=5)


class IdentityTokenMiddleware(AuthenticationMiddleware):
    def process_request(self, request):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        claims = None
        if scheme == "Bearer":
            try:
                claims = claims_of(token)
            except jwt.PyJWKClientConnectionError:
                return HttpResponse("The keys of the gateway cannot be fetched", status=503)
            except jwt.PyJWTError:
                return HttpResponse("Log in again", status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        # For what the table of users does not have, such as roles and the current username.
        request.identity = claims
        request.user = SimpleLazyObject(lambda: user_of(claims))
        request.auser = sync_to_async(lambda: user_of(claims))


def claims_of(token):
    key = keys.get_signing_key_from_jwt(token)
    options = {"require": ["exp", "sub"]}
    return jwt.decode(token, key, algorithms=["ES256", "EdDSA"], issuer=ISSUER, audience=AUDIENCE, options=options)


def user_of(claims):
    user = claims and (imported_user(claims.get("external_id")) or registered_user(claims["sub"]))
    return user if user and user.is_active else AnonymousUser()


def imported_user(external_id):
    """Returns the user who had this id before the import. It is the primary key of the old table, so foreign keys still match."""
    if external_id is None:
        return None
    users = get_user_model()
    try:
        return users.objects.get(pk=external_id)
    except (users.DoesNotExist, ValueError, ValidationError):
        return None


def registered_user(gatelodge_id):
    """Returns the user of a Gatelodge account, and creates it at the first request. It never looks for a username, which can change."""
    create = get_user_model().objects.create_user
    identity, _ = Identity.objects.select_related("user").get_or_create(
        gatelodge_id=gatelodge_id, defaults={"user": lambda: create(username=gatelodge_id)}
    )
    return identity.user
