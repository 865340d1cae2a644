"""Signing in and out, locking, expiry and revocation."""

from __future__ import annotations

import pytest

from banjie.domain.assignment import Membership
from banjie.domain.errors import Conflict, InvalidRequest, NotFound, RateLimited, SignInRefused
from banjie.services import demo, people
from support.office import Office


def sign_in(
    office: Office, username: str = "zhao", password: str = demo.PASSWORD, **more: str
) -> people.SignedIn:
    return people.sign_in(office.rt, username, password, **{"address": "10.0.0.1", **more})


def fail(office: Office, times: int, username: str = "zhao") -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            sign_in(office, username, "not the password")


def is_live(office: Office, signed: people.SignedIn) -> bool:
    return people.session_of(office.rt, signed.token) is not None


def test_a_session_knows_its_person_and_their_posts(office: Office) -> None:
    signed = sign_in(office)

    held = people.session_of(office.rt, signed.token)

    assert held is not None
    assert held.actor == office.actors["zhao"]
    assert held.actor.holds("bureau_officer", "bureau-ulanhot")


def test_a_wrong_password_an_unknown_name_and_a_locked_account_are_refused_alike(office: Office) -> None:
    fail(office, people.MAX_FAILURES, "qian")
    said = []
    for username, password in (
        ("zhao", "wrong-password"),
        ("nobody", "wrong-password"),
        ("qian", demo.PASSWORD),
    ):
        with pytest.raises(SignInRefused) as refused:
            sign_in(office, username, password)
        said.append(str(refused.value))

    assert len(set(said)) == 1


def test_five_failures_lock_an_account_until_the_pause_is_over(office: Office) -> None:
    fail(office, people.MAX_FAILURES)

    with pytest.raises(SignInRefused):
        sign_in(office)
    office.clock.now += people.LOCKED_FOR
    assert is_live(office, sign_in(office))


def test_four_failures_lock_nothing_and_success_forgets_them(office: Office) -> None:
    for _ in range(3):
        fail(office, people.MAX_FAILURES - 1)
        assert is_live(office, sign_in(office))


def test_attempts_while_locked_do_not_prolong_the_lock(office: Office) -> None:
    fail(office, people.MAX_FAILURES)
    office.clock.pass_(minutes=10)
    fail(office, 20)
    office.clock.pass_(minutes=5)

    assert is_live(office, sign_in(office))


def test_failures_of_one_account_do_not_lock_another(office: Office) -> None:
    fail(office, people.MAX_FAILURES)

    assert is_live(office, sign_in(office, "qian"))


def test_one_address_cannot_try_endlessly(office: Office) -> None:
    for number in range(100):
        with pytest.raises(SignInRefused):
            sign_in(office, f"guess-{number}")

    with pytest.raises(RateLimited) as refused:
        sign_in(office)
    assert refused.value.facts["retry_after_seconds"] == 900
    assert is_live(office, sign_in(office, address="10.0.0.2"))
    office.clock.pass_(minutes=16)
    assert is_live(office, sign_in(office))


def test_refused_and_granted_sign_ins_are_on_record(office: Office) -> None:
    fail(office, 1)
    sign_in(office)

    with office.rt.store.read() as uow:
        rows = uow.db.rows(
            "SELECT type, actor_id FROM event WHERE stream = %s ORDER BY seq",
            (f"account:{office.actors['zhao'].account_id}",),
        )
    assert [tuple(row) for row in rows] == [
        ("account.opened", None),
        ("account.sign_in_refused", None),
        ("account.signed_in", office.actors["zhao"].account_id),
    ]


@pytest.mark.parametrize(("kind", "hours"), [("web", 12), ("api", 8)])
def test_a_session_ends_after_its_hours(office: Office, kind: str, hours: int) -> None:
    signed = sign_in(office, kind=kind)
    office.clock.pass_(hours=hours, seconds=-1)
    assert is_live(office, signed)

    office.clock.pass_(seconds=1)

    assert not is_live(office, signed)


def test_signing_out_ends_this_session_only(office: Office) -> None:
    here, elsewhere = sign_in(office), sign_in(office)

    people.sign_out(office.rt, here.token)
    people.sign_out(office.rt, here.token)

    assert not is_live(office, here)
    assert is_live(office, elsewhere)


def test_switching_an_account_off_ends_its_sessions_and_refuses_new_ones(office: Office) -> None:
    signed = sign_in(office)

    people.set_active(office.rt, "zhao", active=False)

    assert not is_live(office, signed)
    with pytest.raises(SignInRefused):
        sign_in(office)
    people.set_active(office.rt, "zhao", active=True)
    assert not is_live(office, signed)
    assert is_live(office, sign_in(office))


def test_a_token_is_stored_only_as_its_hash(office: Office) -> None:
    signed = sign_in(office)

    with office.rt.store.read() as uow:
        rows = uow.db.rows("SELECT session::text FROM session")
    assert rows
    assert all(signed.token not in row[0] and signed.token.encode().hex() not in row[0] for row in rows)


@pytest.mark.parametrize("token", ["", "x", "x" * 201, "令牌", "' OR 1=1 --"])
def test_what_is_no_token_opens_nothing(office: Office, token: str) -> None:
    assert people.session_of(office.rt, token) is None


def test_an_account_needs_a_password_of_some_length_a_name_and_known_units(office: Office) -> None:
    good = {"username": "he", "password": "long enough", "display_name": "何平", "memberships": ()}
    for wrong in (
        {"password": "short"},
        {"password": "x" * 201},
        {"username": " "},
        {"display_name": ""},
        {"memberships": (Membership(role="head", agency="no-such"),)},
        {"memberships": (Membership(role="manager", region="999999"),)},
    ):
        with pytest.raises(InvalidRequest):
            people.add_person(office.rt, **{**good, **wrong})  # type: ignore[arg-type]

    assert people.add_person(office.rt, **good) > 0  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        people.add_person(office.rt, **good)  # type: ignore[arg-type]


def test_an_unknown_account_cannot_be_switched(office: Office) -> None:
    with pytest.raises(NotFound):
        people.set_active(office.rt, "nobody", active=False)
