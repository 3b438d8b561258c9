"""What no answer may be, beside a server error: schemathesis loads this by SCHEMATHESIS_HOOKS."""

import schemathesis


@schemathesis.check
def no_internal_error(context, response, case):
    """An internal error inside a GraphQL answer has the status 200."""
    for error in response.json().get("errors", []):
        code = error.get("extensions", {}).get("code")
        assert code, f"an error without a code: {error}"
        assert code != "INTERNAL_SERVER_ERROR", f"an internal error: {error}"
