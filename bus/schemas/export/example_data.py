"""The content of the examples: `data` of every message of a made-up dossier, as JSON has it."""

from typing import Any, Final

SUBMISSION: Final = "01955a2f-6e80-7a31-8c55-0d1f6a2b3c01"
DELIVERY: Final = "01955a30-1c20-7b42-9d66-1e2f7b3c4d02"
_DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_PAPER: Final = {
    "code": "1.1",
    "name": "Tờ khai đề nghị tiếp nhận đối tượng",
    "kind": "electronic",
    "quantity": 1,
    "documents": [
        {
            "name": "to-khai.pdf",
            "media_type": "application/pdf",
            "size": 182044,
            "sha256": _DIGEST,
            "uri": "h63-140-05/2025/03/03/to-khai.pdf",
        }
    ],
}
_OWNER: Final = {
    "kind": "citizen",
    "name": "Nguyễn Văn Mẫu",
    "identity": "000000000000",
    "phone": "+84 000 000 000",
    "address": "Thôn Mẫu, xã Gia Hội, huyện Văn Chấn, tỉnh Yên Bái",
}
_DECISION: Final = {
    "name": "Văn bản thẩm định.pdf",
    "media_type": "application/pdf",
    "size": 90211,
    "sha256": _DIGEST,
    "uri": "h63-140-81/2025/03/07/tham-dinh.pdf",
}
_STEP: Final = {"step": "district_appraise", "round": 1}
_RESULT: Final = {
    "step": "district_appraise",
    "agency": "H63.140.81",
    "outcome": "done",
    "outputs": {"eligible": True},
    "documents": [_DECISION],
    "completed_at": "2025-03-07T03:20:00.000Z",
}
_SUPPLEMENT: Final = {
    **_STEP,
    "items": [{"component": "1.1", "content": "Bổ sung xác nhận của trưởng thôn trên tờ khai."}],
    "reason": "Tờ khai chưa có xác nhận theo mẫu.",
    "contact": "Bộ phận Một cửa huyện, điện thoại 000 000 000",
    "requested_at": "2025-03-05T02:00:00.000Z",
}
_PAYMENT: Final = {
    "step": "tax_notice",
    "round": 1,
    "reference": "LTB2550000-TK0000001/TB-CCT",
    "amount_vnd": 1250000,
    "payee": "Kho bạc Nhà nước huyện Văn Chấn",
    "notice": _DECISION,
    "requested_at": "2025-03-06T04:00:00.000Z",
}
_DEADLINE: Final = {**_STEP, "due_at": "2025-03-12T10:00:00.000Z"}

_TERMINATION: Final = {
    "reason": "Người nộp hồ sơ đã chuyển nơi thường trú sang tỉnh khác.",
    "legal_basis": "Nghị định 20/2021/NĐ-CP, Điều 27",
    "notice": _DECISION,
    "terminated_at": "2025-03-07T03:20:00.000Z",
}
_PROGRESS: Final = {
    **_STEP,
    "note": "Đã xác minh tại nơi cư trú, đang lập văn bản thẩm định.",
    "officer": "Lê Thị Mẫu",
    "progressed_at": "2025-03-05T03:00:00.000Z",
}
_EXTENSION: Final = {
    **_STEP,
    "reason": "Phải xác minh lại nơi cư trú của đối tượng.",
    "apology": "Phòng xin lỗi ông về việc chậm trả kết quả.",
    "letter": _DECISION,
    "extended_due_at": "2025-04-01T10:00:00.000Z",
    "extended_at": "2025-03-20T02:00:00.000Z",
}
_CONSULTED: Final = {
    **_STEP,
    "reference": "12/LYK-LDTBXH",
    "consulted": "H63.140.82",
    "due_at": "2025-03-10T10:00:00.000Z",
}
_QUESTION: Final = {
    **_CONSULTED,
    "content": "Đề nghị cho ý kiến về điều kiện tiếp nhận của cơ sở.",
    "documents": [_DECISION],
    "requested_at": "2025-03-05T02:00:00.000Z",
}
_OPINION: Final = {
    "reference": "12/LYK-LDTBXH",
    "opinion": "Cơ sở còn chỗ và đủ điều kiện tiếp nhận.",
    "documents": [_DECISION],
    "replied_at": "2025-03-07T02:00:00.000Z",
}
_RECALL: Final = {
    **_STEP,
    "reason": "Chuyển nhầm bản tờ khai.",
    "requested_at": "2025-03-04T02:00:00.000Z",
}

DATA: Final[dict[str, dict[str, Any]]] = {
    "agency.dossier.submitted.1": {
        "title": "Tiếp nhận đối tượng bảo trợ xã hội vào cơ sở trợ giúp xã hội",
        "owner": _OWNER,
        "components": [_PAPER],
        "facts": {"urgent": False, "age": 72},
        "form": {"guardian": "Trần Thị Mẫu"},
        "procedure": "2.000286",
        "channel": "direct",
        "area": "04636",
        "submitted_at": "2025-03-03T01:30:00.000Z",
        "accepted_at": "2025-03-03T01:45:00.000Z",
    },
    "agency.dossier.supplemented.1": {
        "components": [_PAPER],
        "facts": {},
        "form": {},
        "accepted_at": "2025-03-06T01:00:00.000Z",
    },
    "agency.dossier.withdrawn.1": {
        "reason": "Gia đình đã thu xếp được người chăm sóc.",
        "withdrawn_at": "2025-03-06T01:00:00.000Z",
    },
    "agency.dossier.rejected.1": {
        "reason": "Thủ tục không thuộc phạm vi tiếp nhận.",
        "legal_basis": "Nghị định 61/2018/NĐ-CP, Điều 17",
        "rejected_at": "2025-03-03T02:30:00.000Z",
    },
    "agency.dossier.terminated.1": _TERMINATION,
    "agency.dossier.rated.1": {
        "satisfaction": "very_satisfied",
        "comment": "Được hướng dẫn rõ ràng.",
        "rated_at": "2025-03-20T02:05:00.000Z",
    },
    "agency.dossier.returned.1": {
        "returned_at": "2025-03-20T02:00:00.000Z",
        "channel": "direct",
    },
    "agency.step.received.1": {
        **_STEP,
        "received_at": "2025-03-04T01:00:00.000Z",
        "officer": "Lê Thị Mẫu",
    },
    "agency.step.progressed.1": _PROGRESS,
    "agency.step.completed.1": {
        **_STEP,
        "outcome": "done",
        "outputs": {"eligible": True},
        "documents": [_DECISION],
        "completed_at": "2025-03-07T03:20:00.000Z",
    },
    "agency.step.rejected.1": {
        **_STEP,
        "reason": "Đối tượng không thuộc diện tiếp nhận.",
        "legal_basis": "Nghị định 20/2021/NĐ-CP, Điều 24",
        "rejected_at": "2025-03-07T03:20:00.000Z",
    },
    "agency.step.extended.1": _EXTENSION,
    "agency.step.forwarded.1": {
        **_STEP,
        "competent_agency": "H63.132.81",
        "reason": "Đối tượng cư trú tại huyện Trấn Yên.",
        "forwarded_at": "2025-03-04T02:00:00.000Z",
    },
    "agency.wait.ended.1": {
        "step": "complaint_period",
        "round": 1,
        "outcome": "complaint",
        "note": "Có một ý kiến về nơi cư trú.",
        "ended_at": "2025-03-10T02:00:00.000Z",
    },
    "agency.consultation.requested.1": _QUESTION,
    "agency.consultation.replied.1": _OPINION,
    "agency.recall.requested.1": _RECALL,
    "agency.recall.agreed.1": {**_STEP, "agreed_at": "2025-03-04T03:00:00.000Z"},
    "agency.recall.refused.1": {
        **_STEP,
        "reason": "Đã thẩm định xong.",
        "refused_at": "2025-03-04T03:00:00.000Z",
    },
    "agency.supplement.requested.1": _SUPPLEMENT,
    "agency.payment.requested.1": _PAYMENT,
    "agency.payment.confirmed.1": {
        "reference": "LTB2550000-TK0000001/TB-CCT",
        "amount_vnd": 1250000,
        "receipt": "BL-0000001",
        "paid_at": "2025-03-10T03:00:00.000Z",
    },
    "agency.delivery.imported.1": {
        "delivery": DELIVERY,
        "reference": "HS-2025-000123",
        "imported_at": "2025-03-03T01:46:02.000Z",
    },
    "agency.delivery.refused.1": {
        "delivery": DELIVERY,
        "code": "area.foreign",
        "reason": "Hồ sơ không thuộc địa bàn của đơn vị.",
        "refused_at": "2025-03-03T01:46:02.000Z",
    },
    "agency.delivery.failed.1": {
        "delivery": DELIVERY,
        "attempt": 1,
        "kind": "transient",
        "code": "destination.unavailable",
        "detail": "Cơ sở dữ liệu nghiệp vụ không trả lời.",
        "failed_at": "2025-03-03T01:46:02.000Z",
    },
    "agency.adapter.heartbeat.1": {"version": "1.0.0", "unanswered": 0},
    "hub.step.requested.1": {
        "procedure": "2.000286",
        "route_version": 1,
        **_STEP,
        "task": "Thẩm định hồ sơ tiếp nhận đối tượng",
        "outcomes": ["done"],
        "receiving_unit": "H63.140.05",
        "area": "04636",
        "due_at": "2025-03-12T10:00:00.000Z",
        "title": "Tiếp nhận đối tượng bảo trợ xã hội vào cơ sở trợ giúp xã hội",
        "owner": _OWNER,
        "components": [_PAPER],
        "facts": {"urgent": False},
        "form": {"guardian": "Trần Thị Mẫu"},
        "results": [],
    },
    "hub.step.cancelled.1": {**_STEP, "reason": "Công dân đã rút hồ sơ."},
    "hub.compensation.requested.1": {
        **_STEP,
        "outcome": "done",
        "state": "terminated",
        "reason": "Đối tượng không thuộc diện tiếp nhận.",
    },
    "hub.dossier.status.1": {
        "state": "processing",
        "step": "district_appraise",
        "agency": "H63.140.81",
        "due_at": "2025-03-25T10:00:00.000Z",
        "step_due_at": "2025-03-12T10:00:00.000Z",
        "supervision": False,
    },
    "hub.dossier.completed.1": {
        "end": "completed",
        "results": [_RESULT],
        "due_at": "2025-03-25T10:00:00.000Z",
    },
    "hub.dossier.terminated.1": {
        **_TERMINATION,
        "terminated_by": "H63.140.81",
        "results": [_RESULT],
    },
    "hub.step.progressed.1": {**_PROGRESS, "agency": "H63.140.81"},
    "hub.supplement.requested.1": {**_SUPPLEMENT, "requested_by": "H63.140.81"},
    "hub.payment.requested.1": {**_PAYMENT, "requested_by": "G12.18.15.040"},
    "hub.step.extended.1": {
        **_EXTENSION,
        "agency": "H63.140.81",
        "due_at": "2025-03-25T10:00:00.000Z",
    },
    "hub.consultation.requested.1": {
        **_QUESTION,
        "asked_by": "H63.140.81",
        "title": "Tiếp nhận đối tượng bảo trợ xã hội vào cơ sở trợ giúp xã hội",
    },
    "hub.consultation.replied.1": {**_OPINION, **_STEP, "replied_by": "H63.140.82"},
    "hub.consultation.overdue.1": _CONSULTED,
    "hub.recall.requested.1": {**_RECALL, "requested_by": "H63.140.05"},
    "hub.recall.answered.1": {
        **_STEP,
        "agreed": False,
        "reason": "Đã thẩm định xong.",
        "answered_by": "H63.140.81",
    },
    "hub.deadline.warning.1": _DEADLINE,
    "hub.deadline.passed.1": _DEADLINE,
    "hub.message.accepted.1": {
        "message": SUBMISSION,
        "dossier": "H63.140.05-250303-0001",
        "ledger": {"partition": 3, "position": 41, "hash": _DIGEST},
        "state": "accepted",
        "due_at": "2025-03-25T10:00:00.000Z",
    },
    "hub.message.rejected.1": {
        "message": SUBMISSION,
        "dossier": "H63.140.05-250303-0001",
        "digest": _DIGEST,
        "code": "message.schema_invalid",
        "path": "data.procedure",
        "text_vi": "Trường “data.procedure” không đúng định dạng (string_pattern_mismatch).",
        "text_en": "field `data.procedure` is not as its schema asks (string_pattern_mismatch);"
        " see the published JSON Schema",
        "uses_sequence": True,
    },
    "hub.message.expected.1": {
        "message": SUBMISSION,
        "dossier": "H63.140.05-250303-0001",
        "expected": "0000000001",
    },
}
"""By `Place.key`."""
