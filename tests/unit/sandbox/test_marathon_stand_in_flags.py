"""The Marathon stand-in reads flags as Marathon does."""

from __future__ import annotations

import pytest

from sandbox.stand_ins.marathon.flags import FlagError, parse

MASTER = ["--master", "zk://m1:2181/mesos"]


def test_values_come_after_a_space_or_an_equals_sign() -> None:
    flags = parse([*MASTER, "--http_port=8081", "--zk", "zk://m1:2181/marathon"], {})
    assert (flags.master, flags.http_port, flags.zk) == ("zk://m1:2181/mesos", 8081, "zk://m1:2181/marathon")


def test_defaults_are_those_of_marathon() -> None:
    flags = parse(MASTER, {})
    assert (flags.http_port, flags.framework_name, flags.failover_timeout) == (8080, "marathon", 604800)
    assert (flags.checkpoint, flags.mesos_role) == (True, "*")


def test_flags_are_read_from_the_environment() -> None:
    flags = parse([], {"MARATHON_MASTER": "m1:5050", "MARATHON_DISABLE_CHECKPOINT": "", "LIBPROCESS_PORT": "15101"})
    assert (flags.master, flags.checkpoint) == ("m1:5050", False)


def test_variables_that_marathon_sets_in_its_tasks_are_not_flags() -> None:
    assert parse(MASTER, {"MARATHON_APP_ID": "/marathon"}).master == MASTER[1]


def test_flags_without_effect_are_accepted() -> None:
    assert parse([*MASTER, "--disable_ha", "--logging_level", "info", "--enable_features=task_killing"], {})


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        ([*MASTER, "--event_subscriber", "http_callback"], {}, "Unknown option 'event_subscriber'"),
        ([*MASTER, "--isolator=x"], {}, "Unknown option 'isolator'"),
        (MASTER, {"MARATHON_NONSENSE": "x"}, "Unknown option 'nonsense'"),
        (MASTER, {"MARATHON_MASTER": "x"}, "'master' is given more than once"),
        ([*MASTER, "--http_port", "http"], {}, "'http_port': 'http' is not a whole number"),
        ([*MASTER, "--hostname"], {}, "'hostname': a value is missing"),
        ([*MASTER, "stray"], {}, "Excess arguments provided: 'stray'"),
        ([], {}, "Required option 'master' not found"),
    ],
)
def test_flags_that_marathon_rejects_are_rejected(
    arguments: list[str], environment: dict[str, str], message: str
) -> None:
    with pytest.raises(FlagError, match=message):
        parse(arguments, environment)


def test_the_login_to_the_api_may_be_in_a_variable_that_is_not_one_of_marathons_flags() -> None:
    known = {"MESOSPHERE_HTTP_CREDENTIALS": "operator:word"}
    assert parse(["--master=m:5050"], known).http_credentials == "operator:word"
    assert parse(["--master=m:5050", "--http_credentials=a:b"], known).http_credentials == "a:b"
