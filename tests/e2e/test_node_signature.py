"""A client in another language and the bus understand each other's signatures; no broker needed."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from bus.ids import AgencyCode, DossierCode, partition_of, slug
from bus.schemas.dossier import DossierSubmittedV1
from bus.schemas.reader import read_from_agency
from tests.support.messages import content, golden

CLIENT: Final = Path(__file__).parent / "node_client"
SAID_BY_THE_CLIENT: Final = ("type", "source", "subject", "sequence", "data")

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed"),
]


def node(mode: str, request: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["node", "submit.mjs", mode],
        cwd=CLIENT,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def signed_by_node(key: dict[str, Any], **more: Any) -> tuple[bytes, str]:
    message = {name: content(DossierSubmittedV1)[name] for name in SAID_BY_THE_CLIENT}

    done = node("--sign-only", {"message": message | more, "key": {"kid": "k1"} | key})

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return base64.b64decode(said["body"]), said["jws"]


def signed_by_python(key: ECKey, body: bytes) -> str:
    header = {"alg": "ES256", "kid": "k1"}
    return jws.detach_content(jws.serialize_compact(header, body, key, algorithms=["ES256"]))


def verified_by_node(key: ECKey, body: bytes, signature: str) -> subprocess.CompletedProcess[str]:
    public = key.as_dict(private=False) | {"kid": "k1", "alg": "ES256"}
    encoded = base64.b64encode(body).decode()
    return node("--verify-only", {"body": encoded, "jws": signature, "hubKeys": [public]})


@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_what_node_signs_python_verifies_and_reads(form: str) -> None:
    key = ECKey.generate_key("P-256")
    private = key.as_pem(private=True).decode() if form == "pem" else key.as_dict(private=True)

    body, signature = signed_by_node({form: private})

    header, nothing, _ = signature.split(".")
    assert nothing == ""
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "ES256", "kid": "k1"}
    jws.deserialize_compact(signature, key, algorithms=["ES256"], payload=body)
    assert isinstance(read_from_agency(body), DossierSubmittedV1)


def test_node_normalises_before_it_signs() -> None:
    data = content(DossierSubmittedV1, data__title="Xa\u0303 Gia Ho\u0323\u0302i")["data"]

    body, _ = signed_by_node({"jwk": ECKey.generate_key("P-256").as_dict(private=True)}, data=data)

    read = read_from_agency(body)
    assert isinstance(read, DossierSubmittedV1)
    assert read.data.title == "Xã Gia Hội"


def test_what_python_signs_node_verifies() -> None:
    key = ECKey.generate_key("P-256")
    body = golden(DossierSubmittedV1)

    done = verified_by_node(key, body, signed_by_python(key, body))

    assert (done.returncode, json.loads(done.stdout)) == (0, {"verified": True})


def test_node_refuses_a_signature_over_other_bytes() -> None:
    key = ECKey.generate_key("P-256")
    body = golden(DossierSubmittedV1)

    done = verified_by_node(key, body + b" ", signed_by_python(key, body))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "signature verification failed"


@pytest.mark.parametrize(
    ("dossier", "partitions"),
    [
        ("H63.140.05-250303-0001", 4),
        ("H63.140.05-250303-0001", 97),
        ("000.05.14.H63-250303-0001", 16),
    ],
)
def test_node_computes_the_partition_and_the_slug_as_the_bus_does(
    dossier: str, partitions: int
) -> None:
    program = (
        "import { partitionOf, slugOf } from './message.mjs';"
        f"console.log(partitionOf({dossier!r}, {partitions}), slugOf('H63.140.05'))"
    )

    said = subprocess.run(
        ["node", "--input-type=module", "--eval", program],
        cwd=CLIENT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    expected = f"{partition_of(DossierCode(dossier), partitions):02d}"
    assert said.stdout.split() == [expected, slug(AgencyCode("H63.140.05"))]
