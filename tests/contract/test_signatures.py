"""The contract of `Signer` and `Verifier`, held by joserfc for each algorithm."""

import json
import stat
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as jose
from joserfc.jwk import ECKey, OctKey
from joserfc.jwk import import_key as jose_key

from bus.crypto.jws import DirectoryVerifier, KeySigner
from bus.crypto.keys import load_private, load_public, load_signer, new_key, write_private
from bus.errors import (
    ActRefused,
    CatalogueInvalid,
    SettingInvalid,
    SignatureInvalid,
    SignatureMissing,
)
from bus.ids import AgencyCode
from bus.schemas.directory import KeyAlgorithm

COMMUNE = AgencyCode("H63.140.05")
TAX_BRANCH = AgencyCode("G12.18.63")
MADE = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2025, 3, 3, 1, 30, tzinfo=UTC)
BODY = '{"title":"Hồ sơ xã Gia Hội"}'.encode()

KEYS = {algorithm: new_key(COMMUNE, algorithm, MADE, 365) for algorithm in KeyAlgorithm}
ES256_PUBLIC, ES256_PEM = KEYS[KeyAlgorithm.ES256]
VERIFIER = DirectoryVerifier(public for public, _ in KEYS.values())


def signer(algorithm: KeyAlgorithm = KeyAlgorithm.ES256) -> KeySigner:
    public, pem = KEYS[algorithm]
    return KeySigner(public.kid, pem, algorithm)


def signed_with(header: Mapping[str, object], pem: bytes = ES256_PEM) -> str:
    """A detached JWS with whatever header, made outside of our code."""
    key = ECKey.import_key(pem)
    segment = urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
    payload = urlsafe_b64encode(BODY).rstrip(b"=")
    raw = jose.JWSRegistry.algorithms["ES256"].sign(segment + b"." + payload, key)
    return f"{segment.decode()}..{urlsafe_b64encode(raw).rstrip(b'=').decode()}"


def refused(jws: str | None, body: bytes = BODY, at: datetime = NOW) -> SignatureInvalid:
    with pytest.raises(SignatureInvalid) as caught:
        VERIFIER.verify(body, jws, at=at)
    assert caught.value.text_vi
    return caught.value


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_a_signature_names_the_agency_of_its_key(algorithm: KeyAlgorithm) -> None:
    jws = signer(algorithm).sign(BODY)

    assert VERIFIER.verify(BODY, jws, at=NOW) == COMMUNE


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_one_changed_byte_breaks_the_signature(algorithm: KeyAlgorithm) -> None:
    """Also for a header that was seen with a good signature before."""
    jws = signer(algorithm).sign(BODY)
    VERIFIER.verify(BODY, jws, at=NOW)

    refused(jws, BODY + b" ")


@pytest.mark.parametrize("size", [0, 1, 1_048_576])
def test_bodies_of_every_size_are_signed(size: int) -> None:
    """The library's own limit of 128 000 bytes is for what comes inside the JWS."""
    body = b"x" * size

    assert VERIFIER.verify(body, signer().sign(body), at=NOW) == COMMUNE


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_the_signature_is_a_detached_jws_that_others_can_check(algorithm: KeyAlgorithm) -> None:
    public, _ = KEYS[algorithm]
    jws = signer(algorithm).sign(BODY)

    checked = jose.deserialize_compact(
        jws, jose_key(dict(public.jwk)), algorithms=[algorithm.value], payload=BODY
    )

    assert checked.headers() == {"alg": algorithm.value, "kid": public.kid}


@pytest.mark.parametrize("jws", [None, ""])
def test_no_signature_is_said(jws: str | None) -> None:
    with pytest.raises(SignatureMissing):
        VERIFIER.verify(BODY, jws, at=NOW)


def test_an_unknown_key_is_refused() -> None:
    stranger, pem = new_key(TAX_BRANCH, KeyAlgorithm.ES256, MADE, 365)

    assert "kid" in str(refused(KeySigner(stranger.kid, pem, KeyAlgorithm.ES256).sign(BODY)))


def test_another_agencys_kid_does_not_help() -> None:
    _, pem = new_key(TAX_BRANCH, KeyAlgorithm.ES256, MADE, 365)

    refused(KeySigner(ES256_PUBLIC.kid, pem, KeyAlgorithm.ES256).sign(BODY))


@pytest.mark.parametrize("at", [MADE - timedelta(seconds=1), MADE + timedelta(days=365, seconds=1)])
def test_a_key_counts_only_while_it_is_valid(at: datetime) -> None:
    jws = signer().sign(BODY)
    VERIFIER.verify(BODY, jws, at=NOW)

    refused(jws, at=at)


@pytest.mark.parametrize("at", [MADE, MADE + timedelta(days=365)])
def test_the_first_and_the_last_moment_count(at: datetime) -> None:
    assert VERIFIER.verify(BODY, signer().sign(BODY), at=at) == COMMUNE


def test_the_algorithm_is_the_one_the_directory_gives() -> None:
    """A public key used as a shared secret is the classic way to forge."""
    secret = OctKey.import_key(json.dumps(ES256_PUBLIC.jwk))
    forged = jose.serialize_compact({"alg": "HS256", "kid": ES256_PUBLIC.kid}, BODY, secret)

    assert "ES256 only" in str(refused(jose.detach_content(forged)))


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_no_algorithm_is_no_signature() -> None:
    refused(signed_with({"alg": "none", "kid": ES256_PUBLIC.kid}).rpartition(".")[0] + ".")
    refused(signed_with({"alg": "none", "kid": ES256_PUBLIC.kid}))


@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": {"kty": "EC"}},
        {"jku": "https://stranger.example/keys"},
        {"x5u": "https://stranger.example/chain"},
        {"x5c": ["MIIB"]},
        {"typ": "JOSE"},
    ],
)
def test_keys_that_a_header_brings_are_ignored(extra: dict[str, object]) -> None:
    header = {"alg": "ES256", "kid": ES256_PUBLIC.kid, **extra}
    _, strangers = new_key(TAX_BRANCH, KeyAlgorithm.ES256, MADE, 365)

    assert VERIFIER.verify(BODY, signed_with(header), at=NOW) == COMMUNE
    refused(signed_with(header, strangers))


@pytest.mark.parametrize(
    "extra", [{"crit": ["b64"], "b64": False}, {"b64": False}, {"crit": ["x"], "x": 1}]
)
def test_a_header_that_changes_the_meaning_is_refused(extra: dict[str, object]) -> None:
    refused(signed_with({"alg": "ES256", "kid": ES256_PUBLIC.kid, **extra}))


def test_an_attached_payload_is_refused() -> None:
    """Otherwise the signature would be checked over other bytes than the body."""
    attached = jose.serialize_compact(
        {"alg": "ES256", "kid": ES256_PUBLIC.kid}, b"other", ECKey.import_key(ES256_PEM)
    )

    refused(attached)


@pytest.mark.parametrize("header", [["alg"], ["alg", "b64"], "alg", 1, None, {"alg": "ES256"}])
def test_a_header_that_is_none_is_refused(header: object) -> None:
    segment = urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()

    refused(f"{segment}..AAAA")


@given(st.text() | st.builds("{}..{}".format, st.text(), st.text()))
def test_whatever_comes_is_answered_with_the_one_error(jws: str) -> None:
    with pytest.raises((SignatureInvalid, SignatureMissing)):
        VERIFIER.verify(BODY, jws, at=NOW)


@given(st.binary(max_size=200))
def test_whatever_signature_follows_a_known_header_is_refused(raw: bytes) -> None:
    good = signer().sign(BODY)
    VERIFIER.verify(BODY, good, at=NOW)
    signature = urlsafe_b64encode(raw).rstrip(b"=").decode()

    refused(f"{good.partition('..')[0]}..{signature}")


def test_a_key_that_is_none_stops_the_directory() -> None:
    broken = ES256_PUBLIC.model_copy(update={"jwk": {**ES256_PUBLIC.jwk, "x": "AAAA"}})

    with pytest.raises(CatalogueInvalid, match=broken.kid):
        DirectoryVerifier([broken])


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.RS256, KeyAlgorithm.ED25519])
def test_a_key_of_another_kind_stops_the_directory(algorithm: KeyAlgorithm) -> None:
    mixed = ES256_PUBLIC.model_copy(update={"algorithm": algorithm})

    with pytest.raises(CatalogueInvalid):
        DirectoryVerifier([mixed])


def test_a_short_rsa_key_stops_the_directory() -> None:
    public, _ = KEYS[KeyAlgorithm.RS256]
    modulus = urlsafe_b64encode(((1 << 1024) - 1).to_bytes(128, "big")).rstrip(b"=").decode()
    short = {"kty": "RSA", "e": "AQAB", "n": modulus}

    with pytest.raises(CatalogueInvalid, match=public.kid):
        DirectoryVerifier([public.model_copy(update={"jwk": short})])


def test_a_stranger_cannot_make_a_header_remembered() -> None:
    """What is remembered skips the look at the header: only good signatures may get there."""
    verifier = DirectoryVerifier([ES256_PUBLIC])
    header = {"alg": "ES256", "kid": ES256_PUBLIC.kid, "typ": "x"}
    _, strangers = new_key(TAX_BRANCH, KeyAlgorithm.ES256, MADE, 365)

    for _ in range(2):
        with pytest.raises(SignatureInvalid):
            verifier.verify(BODY, signed_with(header, strangers), at=NOW)

    assert not verifier._headers
    assert verifier.verify(BODY, signed_with(header), at=NOW) == COMMUNE


# --- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_a_new_keys_entry_is_public_and_named_after_agency_day_and_thumbprint(
    algorithm: KeyAlgorithm,
) -> None:
    public, pem = KEYS[algorithm]

    assert public.kid.startswith("h63-140-05-20250101-")
    assert len(public.kid) == len("h63-140-05-20250101-") + 4
    assert "d" not in public.jwk
    assert (public.valid_from, public.valid_to) == (MADE, MADE + timedelta(days=365))
    assert b"PRIVATE KEY" in pem


def test_two_keys_of_one_day_are_two() -> None:
    """Four hex digits of the thumbprint; the directory refuses a kid that stands twice."""
    first, second = (new_key(COMMUNE, KeyAlgorithm.ES256, MADE, 1)[0] for _ in range(2))

    assert first.jwk != second.jwk


def test_a_private_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"

    write_private(path, ES256_PEM)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_private(path) == ES256_PEM


def test_a_private_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    write_private(path, ES256_PEM)

    with pytest.raises(ActRefused, match="never overwritten"):
        write_private(path, b"other")

    assert load_private(path) == ES256_PEM


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_private_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key.pem"
    write_private(path, ES256_PEM)
    path.chmod(mode)

    with pytest.raises(SettingInvalid, match=f"chmod 600 {path}"):
        load_private(path)


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="bus key new"):
        load_private(tmp_path / "none.pem")


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_a_key_file_is_enough_to_sign(tmp_path: Path, algorithm: KeyAlgorithm) -> None:
    public, pem = KEYS[algorithm]
    path = tmp_path / f"{public.kid}.pem"
    write_private(path, pem)

    assert VERIFIER.verify(BODY, load_signer(path).sign(BODY), at=NOW) == COMMUNE


def test_a_key_file_under_another_name_needs_its_kid(tmp_path: Path) -> None:
    path = tmp_path / "credential"
    write_private(path, ES256_PEM)

    jws = load_signer(path, ES256_PUBLIC.kid).sign(BODY)

    assert VERIFIER.verify(BODY, jws, at=NOW) == COMMUNE


@pytest.mark.parametrize(
    "content", [b"", b"no key", ES256_PUBLIC.model_dump_json().encode(), b"\xff\x00"]
)
def test_a_file_that_holds_no_private_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pem"
    write_private(path, content)

    with pytest.raises(SettingInvalid, match=r"key\.pem"):
        load_signer(path)


def test_a_key_of_another_kind_does_not_sign() -> None:
    with pytest.raises(SettingInvalid, match="not a private Ed25519 key"):
        KeySigner("kid", ES256_PEM, KeyAlgorithm.ED25519)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ActRefused, match="check the folder"):
        write_private(tmp_path / "none" / "key.pem", ES256_PEM)


def test_a_public_key_does_not_sign() -> None:
    public_pem = ECKey.import_key(ES256_PEM).as_pem(private=False)

    with pytest.raises(SettingInvalid, match="public key only"):
        KeySigner("kid", public_pem, KeyAlgorithm.ES256)


def test_a_public_entry_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "hub.json"
    path.write_text(ES256_PUBLIC.model_dump_json(), encoding="utf-8")

    assert load_public(path) == ES256_PUBLIC


def test_a_public_file_with_the_private_part_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hub.json"
    jwk = ECKey.import_key(ES256_PEM).as_dict(private=True)
    private = {**ES256_PUBLIC.model_dump(mode="json"), "jwk": jwk}
    path.write_text(json.dumps(private), encoding="utf-8")

    with pytest.raises(SettingInvalid, match=r"hub\.json"):
        load_public(path)
