"""A package that demands signatures: what snapd's own tool has signed for a file is accepted, and nothing else is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import macaroond
from assertion import file_digest
from credential import Credential
from publishing import processed, push, register, revisions, upload
from refusals import refused
from signing import (
    Demanding,
    demanding,
    hand_in,
    policy,
    register_key,
    set_policy,
    upload_along_with,
    why_refused,
)
from snap_file import make_snap
from snap_tool import Key
from store import Store

NEEDS = "needs a snap-build assertion for this file by a registered key: run snapcraft sign-build"
# So that nobody waits long for what is not to come.
IMPATIENT = ("--assertion-wait", "1s")


@pytest.fixture
def package(start_store: Callable[..., Store], build_key: Key) -> Demanding:
    """A package whose uploads must be signed, on a service that does not wait long for the signature."""
    return demanding(start_store(*IMPATIENT), build_key)


def test_an_upload_is_accepted_that_was_signed_before(package: Demanding, tmp_path: Path) -> None:
    file = make_snap(tmp_path, package.name)
    headers = hand_in(package.publisher, package.snap_id, package.signed(file))
    assert (headers["type"], headers["snap-sha3-384"]) == ("snap-build", file_digest(file))
    status = upload(package.publisher, package.name, file)
    assert (status["code"], status["revision"]) == ("ready_to_release", 1)


def test_an_upload_waits_for_its_signature_and_is_accepted_when_that_comes(
    store: Store, build_key: Key, tmp_path: Path
) -> None:
    package = demanding(store, build_key)
    file = make_snap(tmp_path, package.name)
    upload_id = package.publisher.client.upload_file(filepath=file)
    url = push(package.publisher, package.name, upload_id, file.stat().st_size).json()["status_details_url"]
    waiting = package.publisher.client.request("GET", url).json()
    assert (waiting["code"], waiting["processed"]) == ("being_processed", False)
    assert waiting["signed_uploads"]["waiting_for"] == "snap-build"
    assert revisions(package.publisher, package.name) == []
    hand_in(package.publisher, package.snap_id, package.signed(file))
    assert processed(package.publisher, url)["code"] == "ready_to_release"


def test_an_upload_is_accepted_that_brings_its_signature_along(package: Demanding, tmp_path: Path) -> None:
    file = make_snap(tmp_path, package.name)
    status = upload_along_with(package.publisher, package.name, file, package.signed(file))
    assert (status["code"], status["revision"]) == ("ready_to_release", 1)


def test_an_unsigned_upload_is_refused_in_words_that_say_what_to_run(package: Demanding, tmp_path: Path) -> None:
    status = upload(package.publisher, package.name, make_snap(tmp_path, package.name))
    assert NEEDS in why_refused(status)
    assert revisions(package.publisher, package.name) == []


@dataclass(frozen=True)
class Scene:
    """What a wrong assertion can be made of."""

    store: Store
    package: Demanding
    file: Path
    second_key: Key
    directory: Path

    def said_by_the_key(self, **headers: str) -> str:
        """What is true of the file but for these headers, signed by the registered key."""
        true = {
            "type": "snap-build",
            "authority-id": self.package.account_id,
            "snap-id": self.package.snap_id,
            "snap-sha3-384": file_digest(self.file),
            "snap-size": str(self.file.stat().st_size),
            "grade": "stable",
            "timestamp": rfc3339(datetime.now(timezone.utc)),
        }
        return self.package.key.sign(true | headers)


def rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# Each makes an assertion that is wrong in one way, and says which words name it.


def for_other_bytes(scene: Scene) -> tuple[str, str]:
    other = make_snap(scene.directory, scene.package.name, version="6.6.6")
    return scene.package.signed(other), f"it is for another file, with the digest {file_digest(other)}"


def for_another_size(scene: Scene) -> tuple[str, str]:
    words = f"it is for a file of 1 bytes, and this one has {scene.file.stat().st_size}"
    return scene.said_by_the_key(**{"snap-size": "1"}), words


def for_another_snap(scene: Scene) -> tuple[str, str]:
    other = register(scene.package.publisher, "another-snap")
    return scene.said_by_the_key(**{"snap-id": other}), f"it is for the snap id {other}, which is another snap"


def by_a_key_that_nobody_registered(scene: Scene) -> tuple[str, str]:
    key, package = scene.second_key, scene.package
    assertion = key.sign_build(scene.file, snap_id=package.snap_id, account_id=package.account_id)
    return assertion, f"its key {key.id} is not registered: run snapcraft register-key"


def by_another_accounts_key(scene: Scene) -> tuple[str, str]:
    key, package = scene.second_key, scene.package
    register_key(scene.store, key, "colleague")
    assertion = key.sign_build(scene.file, snap_id=package.snap_id, account_id=package.account_id)
    return assertion, f"its key {key.id} is not the publisher's, but another account's"


def in_the_name_of_another_account(scene: Scene) -> tuple[str, str]:
    other = scene.store.login("colleague").account_id()
    return scene.said_by_the_key(**{"authority-id": other}), f"it is in the name of the account {other}"


def changed_after_it_was_signed(scene: Scene) -> tuple[str, str]:
    changed = scene.package.signed(scene.file).replace("grade: stable", "grade: devel")
    return changed, f"its signature by the key {scene.package.key.id} does not hold"


def signed_in_the_future(scene: Scene) -> tuple[str, str]:
    tomorrow = rfc3339(datetime.now(timezone.utc) + timedelta(days=1))
    return scene.said_by_the_key(timestamp=tomorrow), "which is still to come: check the clock that signed it"


def signed_before_the_key_was_made(scene: Scene) -> tuple[str, str]:
    return scene.said_by_the_key(timestamp="2020-01-02T03:04:05Z"), f"before its key {scene.package.key.id} was good"


def of_another_kind(scene: Scene) -> tuple[str, str]:
    return scene.package.key.export(scene.package.account_id), "it is not a snap-build assertion"


def no_assertion_at_all(_: Scene) -> tuple[str, str]:
    return "trust me", "it is not an assertion"


# Of what is true of some file, only the file can tell that it is not this one.
UNTIL_THE_FILE_COMES = (for_other_bytes, for_another_size)
AT_ONCE = (
    for_another_snap,
    by_a_key_that_nobody_registered,
    by_another_accounts_key,
    in_the_name_of_another_account,
    changed_after_it_was_signed,
    signed_in_the_future,
    signed_before_the_key_was_made,
    of_another_kind,
    no_assertion_at_all,
)


@pytest.fixture
def scene(start_store: Callable[..., Store], build_key: Key, second_key: Key, tmp_path: Path) -> Scene:
    store = start_store(*IMPATIENT, "--colleague")
    package = demanding(store, build_key)
    return Scene(store, package, make_snap(tmp_path, package.name), second_key, tmp_path)


@pytest.mark.parametrize("revocation_list", ["embedded"], indirect=True)
def test_a_wrong_assertion_is_refused_and_told_what_is_wrong_with_it(scene: Scene) -> None:
    package = scene.package
    for wrong in AT_ONCE + UNTIL_THE_FILE_COMES:
        assertion, words = wrong(scene)
        if wrong in AT_ONCE:
            refusal = refused(
                lambda: hand_in(package.publisher, package.snap_id, assertion), status=400, code="invalid-field"
            )
            assert refusal.message.startswith("The snap-build assertion is not valid."), wrong.__name__
            assert words in refusal.message, wrong.__name__
        message = why_refused(upload_along_with(package.publisher, package.name, scene.file, assertion))
        assert NEEDS in message and words in message, wrong.__name__
    assert revisions(package.publisher, package.name) == []
    # It was nothing else that was wrong.
    status = upload_along_with(package.publisher, package.name, scene.file, package.signed(scene.file))
    assert status["code"] == "ready_to_release"


def test_a_key_that_another_has_replaced_admits_nothing_after_its_end(
    start_store: Callable[..., Store], build_key: Key, second_key: Key, tmp_path: Path
) -> None:
    store = start_store(*IMPATIENT, "--key-overlap", "0s")
    package = demanding(store, build_key)
    file = make_snap(tmp_path, package.name)
    by_the_old_one = package.signed(file)
    register_key(store, second_key)
    message = why_refused(upload_along_with(package.publisher, package.name, file, by_the_old_one))
    assert f"its key {build_key.id} expired at " in message
    by_the_new_one = second_key.sign_build(file, snap_id=package.snap_id, account_id=package.account_id)
    status = upload_along_with(package.publisher, package.name, file, by_the_new_one)
    assert status["code"] == "ready_to_release"


def test_while_keys_overlap_both_admit(store: Store, build_key: Key, second_key: Key, tmp_path: Path) -> None:
    package = demanding(store, build_key)
    register_key(store, second_key)
    for number, key in enumerate((build_key, second_key), 1):
        file = make_snap(tmp_path, package.name, version=f"{number}.0")
        assertion = key.sign_build(file, snap_id=package.snap_id, account_id=package.account_id)
        status = upload_along_with(package.publisher, package.name, file, assertion)
        assert (status["code"], status["revision"]) == ("ready_to_release", number)


def test_a_policy_that_only_observes_accepts_and_says_what_it_would_have_refused(
    store: Store, build_key: Key, tmp_path: Path
) -> None:
    package = demanding(store, build_key)
    set_policy(package.publisher, package.name, "observe")
    unsigned, signed = (make_snap(tmp_path, package.name, version=version) for version in ("1.0", "2.0"))
    status = upload(package.publisher, package.name, unsigned)
    assert status["code"] == "ready_to_release" and status["signed_uploads"]["policy"] == "observe"
    assert NEEDS in status["signed_uploads"]["would_be_refused"]
    status = upload_along_with(package.publisher, package.name, signed, package.signed(signed))
    assert status["code"] == "ready_to_release" and "signed_uploads" not in status


def test_signatures_are_demanded_by_whoever_may_manage_the_package(start_store: Callable[..., Store]) -> None:
    store = start_store("--colleague")
    publisher, name = store.login(), "hello-macaroon"
    register(publisher, name)
    pusher = store.holder(publisher.stored().narrowed("acl", ["package_push", "package_update"]))
    engineer = store.login("security", permissions=["credential_revoke"])
    denied = [(pusher, "macaroon-permission-required"), (engineer, "macaroon-permission-required")]
    for holder, code in [*denied, (store.login("colleague"), "resource-forbidden")]:
        refused(lambda: set_policy(holder, name, "required"), status=403, code=code)
    assert policy(publisher, name) == "off"
    assert set_policy(publisher, name, "required")["before"] == "off"
    assert policy(publisher, name) == "required"


def test_a_demand_is_taken_back_by_whoever_has_just_logged_in_with_a_code(
    package: Demanding, tmp_path: Path
) -> None:
    set_policy(package.publisher, package.name, "off")
    assert upload(package.publisher, package.name, make_snap(tmp_path, package.name))["code"] == "ready_to_release"


def test_a_credential_can_demand_a_key_of_itself_where_the_package_demands_none(
    start_store: Callable[..., Store], build_key: Key, second_key: Key, tmp_path: Path
) -> None:
    store = start_store(*IMPATIENT)
    publisher, name = store.login(), "hello-macaroon"
    for key in (build_key, second_key):
        register_key(store, key)
    snap_id, account_id = register(publisher, name), publisher.account_id()
    child = store.holder(attenuated(publisher.stored(), tmp_path, "--build-key", build_key.id))
    files = [make_snap(tmp_path, name, version=version) for version in ("1.0", "2.0", "3.0")]
    message = why_refused(upload(child, name, files[0]))
    assert NEEDS in message and build_key.id in message
    other = second_key.sign_build(files[1], snap_id=snap_id, account_id=account_id)
    message = why_refused(upload_along_with(child, name, files[1], other))
    assert build_key.id in message and second_key.id in message
    right = build_key.sign_build(files[2], snap_id=snap_id, account_id=account_id)
    assert upload_along_with(child, name, files[2], right)["code"] == "ready_to_release"
    assert upload(publisher, name, files[0])["code"] == "ready_to_release"


def attenuated(credential: Credential, directory: Path, *limits: str) -> Credential:
    """Narrows a credential with `macaroond attenuate`, as a publisher does for a pipeline."""
    wide = directory / "wide"
    wide.write_text(credential.export())
    done = macaroond.run("attenuate", str(wide), *limits)
    assert done.returncode == 0, done.stderr
    return Credential.read(done.stdout.strip())
