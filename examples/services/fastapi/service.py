"""A FastAPI service that knows its users by Gatelodge's identity token."""

import os
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

ISSUER = os.environ["GATELODGE_PUBLIC_URL"]
AUDIENCE = os.environ.get("GATELODGE_TOKEN_AUDIENCE", "gatelodge")
keys = jwt.PyJWKClient(os.environ.get("GATELODGE_JWKS_URL", f"{ISSUER}/.well-known/jwks.json"), timeout=5)


class User(BaseModel):
    id: str
    name: str
    roles: list[str]


# Not `async`, because PyJWKClient may wait for the network: FastAPI runs this in a thread.
def signed_in(bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]) -> User:
    if bearer is None:
        raise HTTPException(401, "Log in first", {"WWW-Authenticate": "Bearer"})
    token = bearer.credentials
    try:
        key = keys.get_signing_key_from_jwt(token)
        claims = jwt.decode(
            token, key, algorithms=["ES256", "EdDSA"], issuer=ISSUER, audience=AUDIENCE, options={"require": ["exp", "sub"]}
        )
    except jwt.PyJWKClientConnectionError as error:
        raise HTTPException(503, "The keys of the gateway cannot be fetched") from error
    except jwt.PyJWTError as error:
        raise HTTPException(401, "Log in again", {"WWW-Authenticate": 'Bearer error="invalid_token"'}) from error
    # The gateway's own requests have neither name nor roles.
    return User(id=claims["sub"], name=claims.get("preferred_username", ""), roles=claims.get("roles", []))


app = FastAPI()


@app.get("/whoami")
def whoami(user: Annotated[User, Depends(signed_in)]) -> User:
    return user
