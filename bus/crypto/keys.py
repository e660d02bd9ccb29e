"""Making, keeping and reading the keys that agencies and the hub sign with."""

import os
import stat
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode
from pydantic import ValidationError

from bus.crypto.jws import Jwk, KeySigner, import_key
from bus.errors import ActRefused, SettingInvalid
from bus.ids import AgencyCode, KeyId, slug
from bus.schemas.directory import KeyAlgorithm, SigningKey

_RSA_BITS: Final = 3072
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_CREDENTIALS: Final = Path("/run/credentials")
"""Where systemd hands out credentials: private by the folder; an ACL shows as group-readable."""


def new_key(
    agency: AgencyCode, algorithm: KeyAlgorithm, at: datetime, validity_days: int
) -> tuple[SigningKey, bytes]:
    """Return a new key: its public entry for the directory, and the private key as PEM.

    Args:
        agency: Whose key.
        algorithm: The one algorithm it is for.
        at: First moment it counts.
        validity_days: How long it counts.
    """
    key = _generate(algorithm)
    thumbprint = urlsafe_b64decode(key.thumbprint().encode())[:2].hex()
    public = SigningKey(
        kid=KeyId(f"{slug(agency)}-{at:%Y%m%d}-{thumbprint}"),
        agency=agency,
        algorithm=algorithm,
        jwk={name: str(value) for name, value in key.as_dict(private=False).items()},
        valid_from=at,
        valid_to=at + timedelta(days=validity_days),
    )
    return public, key.as_pem(private=True)


def write_private(path: Path, pem: bytes) -> None:
    """Write a private key so that only its owner can read it; never over another file.

    Raises:
        ActRefused: There is a file already, or the folder cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ActRefused(
            f"{path}: đã có tệp này và khoá không bao giờ bị ghi đè; hãy chọn tên khác"
            f" / {path}: the file exists and a key is never overwritten; choose another name"
        ) from error
    except OSError as error:
        raise ActRefused(
            f"{path}: không ghi được ({error.strerror}); hãy kiểm tra thư mục và quyền ghi"
            f" / {path}: cannot be written ({error.strerror}); check the folder and its rights"
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise ActRefused(
            f"{path}: không ghi được ({error.strerror}); hãy giải phóng dung lượng đĩa"
            f" / {path}: cannot be written ({error.strerror}); free some disk space"
        ) from error


def load_private(path: Path) -> bytes:
    """Return a private key's PEM, if nobody but its owner can read the file.

    Raises:
        SettingInvalid: It is not there, cannot be read, or others may read it.
    """
    try:
        mode = path.stat().st_mode
        pem = path.read_bytes()
    except OSError as error:
        raise SettingInvalid(
            f"{path}: không đọc được tệp khoá riêng ({error.strerror}); hãy sửa đường dẫn"
            f" `key_file` hoặc tạo khoá bằng `bus key new` / {path}: the private key file cannot"
            f" be read ({error.strerror}); correct `key_file` or make a key with `bus key new`"
        ) from error
    if mode & _OTHERS and _CREDENTIALS not in path.absolute().parents:
        raise SettingInvalid(
            f"{path}: người khác đọc được khoá riêng (quyền {stat.S_IMODE(mode):04o}); hãy chạy"
            f" `chmod 600 {path}` / {path}: others can read the private key (mode"
            f" {stat.S_IMODE(mode):04o}); run `chmod 600 {path}`"
        )
    return pem


def load_public(path: Path) -> SigningKey:
    """Return the public entry of a key from the JSON file that `bus key new` wrote.

    Raises:
        SettingInvalid: It is not there or is not such a file.
    """
    try:
        return SigningKey.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise SettingInvalid(
            f"{path}: không phải tệp khoá công khai do `bus key new` ghi; hãy chép lại từ trung"
            f" tâm / {path}: not a public key file as `bus key new` writes it; get it from the hub"
            " again"
        ) from error


def load_signer(path: Path, kid: str | None = None) -> KeySigner:
    """Return a signer for the private key in a file.

    Args:
        path: PEM file; `bus key new` names it `<kid>.pem`.
        kid: Id of the key; the file's name without its ending where not given.

    Raises:
        SettingInvalid: The file or the key in it cannot be used.
    """
    pem = load_private(path)
    return KeySigner(kid or path.stem, pem, _algorithm_of(path, pem))


def _algorithm_of(path: Path, pem: bytes) -> KeyAlgorithm:
    for algorithm in KeyAlgorithm:
        with suppress(JoseError, ValueError, TypeError):
            import_key(pem, algorithm)
            return algorithm
    raise SettingInvalid(
        f"{path}: không phải khoá riêng ES256, Ed25519 hay RS256 dạng PEM; hãy tạo khoá bằng"
        f" `bus key new` / {path}: not a private ES256, Ed25519 or RS256 key in PEM; make a key"
        " with `bus key new`"
    )


def _generate(algorithm: KeyAlgorithm) -> Jwk:
    match algorithm:
        case KeyAlgorithm.ES256:
            return ECKey.generate_key("P-256", private=True)
        case KeyAlgorithm.ED25519:
            return OKPKey.generate_key("Ed25519", private=True)
        case KeyAlgorithm.RS256:
            return RSAKey.generate_key(_RSA_BITS, private=True)
