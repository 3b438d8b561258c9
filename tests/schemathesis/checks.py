"""Checks that no answer may fail. Schemathesis loads this file by SCHEMATHESIS_HOOKS."""

import schemathesis


@schemathesis.check
def no_server_error(context, response, case):
    """No server error, by its status or by a code inside an answer of status 200.

    The tool's own check takes every entry of `errors` for one, and with it the refusal of a stranger.
    """
    assert response.status_code < 500, f"status {response.status_code}"
    for error in response.json().get("errors", []):
        code = error.get("extensions", {}).get("code")
        assert code, f"an error without a code: {error}"
        assert code != "INTERNAL_SERVER_ERROR", f"an internal error: {error}"
