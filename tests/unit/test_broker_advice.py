"""What people are told when the broker does not let a node in: what, where, what to do."""

import pika
import pytest
from pika import exceptions

from bus.broker.address import parameters_of, unavailable
from bus.errors import SettingInvalid

URL = "amqp://h63-140-05:bi-mat@broker.mau.vn/lienthong"
PARAMETERS: pika.URLParameters = parameters_of(URL, name="test")


def test_a_url_without_a_password_is_refused_with_the_form_expected() -> None:
    with pytest.raises(SettingInvalid, match="amqp://account:password@host:5672/vhost"):
        parameters_of("amqp://h63-140-05@broker.mau.vn/lienthong", name="test")


def told(error: BaseException | str) -> str:
    text = str(unavailable(error, PARAMETERS))
    assert "bi-mat" not in text
    assert "broker.mau.vn:5672, virtual host lienthong" in text
    return text


def test_a_wrong_password_is_told_without_advice_that_does_not_help() -> None:
    text = told(exceptions.ProbableAuthenticationError("refused"))

    assert "không nhận tài khoản h63-140-05" in text
    assert "check its name and password" in text
    assert "bus broker apply" not in text


def test_another_agencys_queue_points_at_code_and_account() -> None:
    refused = "ACCESS_REFUSED - access to queue 'agency.h63-140-06' in vhost 'lienthong' refused"

    text = told(exceptions.ChannelClosedByBroker(403, refused))

    assert "hàng đợi của h63-140-06: hãy sửa `code`" in text
    assert "correct the agency's `code` or the account" in text


@pytest.mark.parametrize("code", [403, 404, 406])
def test_what_an_administrator_must_set_up_is_said(code: int) -> None:
    assert "bus broker apply" in told(exceptions.ChannelClosedByBroker(code, "no queue 'hub.x'"))


def test_a_virtual_host_that_is_not_there_is_set_up_too() -> None:
    assert "bus broker apply" in told(exceptions.ProbableAccessDeniedError("x"))


def test_a_line_that_was_cut_is_tried_again_by_a_running_node() -> None:
    text = told(exceptions.AMQPConnectionError(ConnectionRefusedError(111, "Connection refused")))

    assert "Connection refused" in text
    assert "tự thử lại" in text
