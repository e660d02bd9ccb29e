"""What the workers need of signatures."""

from datetime import datetime
from typing import Protocol

from bus.ids import AgencyCode


class Signer(Protocol):
    """Signs in the name of one agency."""

    def sign(self, body: bytes) -> str:
        """Return the detached JWS over the body (RFC 7515 appendix F)."""
        ...


class Verifier(Protocol):
    """Knows the public keys of the directory."""

    def verify(self, body: bytes, jws: str | None, *, at: datetime) -> AgencyCode:
        """Return whose signature it is.

        The key is the one `kid` names; its algorithm is the one the directory gives it; the
        header parameters `jwk`, `jku`, `x5u`, `x5c` are ignored.

        Raises:
            SignatureMissing: There is no signature.
            SignatureInvalid: The key is unknown, not valid at that moment, or does not fit.
        """
        ...
