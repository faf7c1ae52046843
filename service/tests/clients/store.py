"""Owns the way in: a running service as craft-store sees it, its accounts, and the holders of credentials for it."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from unittest import mock

import requests
from craft_store import UbuntuOneStoreClient, creds
from craft_store.endpoints import U1_SNAP_STORE, Package

from credential import Credential
from one_time_codes import OneTimeCodes

# What `snapcraft login` asks for.
PUBLISHING = (
    "package_access",
    "package_manage",
    "package_metrics",
    "package_push",
    "package_register",
    "package_release",
    "package_update",
)
# The variable in which a CI job finds its credential.
VARIABLE = "SNAPCRAFT_STORE_CREDENTIALS"


@dataclass(frozen=True)
class Account:
    """One of the people that `macaroond dev` knows."""

    email: str
    password: str
    codes: OneTimeCodes


@dataclass(frozen=True)
class Holder:
    """Somebody with a credential: an unmodified craft-store client that keeps it in memory."""

    client: UbuntuOneStoreClient
    base_url: str

    def get(self, path: str) -> requests.Response:
        return self.client.request("GET", self.base_url + path)

    def post(self, path: str, body: Mapping[str, object]) -> requests.Response:
        return self.client.request("POST", self.base_url + path, json=dict(body))

    def put(self, path: str, body: Mapping[str, object]) -> requests.Response:
        return self.client.request("PUT", self.base_url + path, json=dict(body))

    def account_id(self) -> str:
        return self.client.whoami()["account"]["id"]

    def stored(self) -> Credential:
        """What the client has in its keyring now. craft-store offers no public way to look."""
        macaroons = creds.unmarshal_u1_credentials(self.client._auth.get_credentials())
        return Credential(root=macaroons.root, discharge=macaroons.discharge)


class Store:
    """A running service. What it must not log is collected here."""

    def __init__(self, announcement: Mapping) -> None:
        self.base_url: str = announcement["base_url"]
        self.sso_url: str = announcement["sso_url"]
        self.data_dir: str = announcement["data_dir"]
        self.accounts = {
            account["email"].partition("@")[0]: Account(
                account["email"], account["password"], OneTimeCodes(account["totp_secret"])
            )
            for account in announcement["accounts"]
        }
        self.secrets = {account[name] for account in announcement["accounts"] for name in ("password", "totp_secret")}
        self._clients: list[UbuntuOneStoreClient] = []

    def client(self) -> UbuntuOneStoreClient:
        """A client that is not logged in, made with the endpoints that snapcraft gives it."""
        return self._made(ephemeral=True)

    def login(
        self,
        who: str = "publisher",
        *,
        permissions: Sequence[str] = PUBLISHING,
        packages: Sequence[str] | None = None,
        channels: Sequence[str] | None = None,
        ttl: int = 3600,
    ) -> Holder:
        """Logs in with the right password and a fresh code."""
        account = self.accounts[who]
        client = self.client()
        export = client.login(
            permissions=permissions,
            description="macaroond's clients suite",
            ttl=ttl,
            packages=packages and [Package(name, "snap") for name in packages],
            channels=channels,
            email=account.email,
            password=account.password,
            otp=account.codes.fresh(),
        )
        self.secrets |= Credential.read(export).secrets()
        return Holder(client, self.base_url)

    def holder(self, credential: Credential) -> Holder:
        """Somebody who finds the credential in the environment, as a CI job does."""
        self.secrets |= credential.secrets()
        with mock.patch.dict(os.environ, {VARIABLE: credential.export()}):
            return Holder(self._made(environment_auth=VARIABLE), self.base_url)

    def knock(self, credential: Credential) -> requests.Response:
        """Asks whoami without a client, so without its refresh: what the service says, on the wire."""
        headers = {"Authorization": credential.header()}
        return requests.get(self.base_url + "/api/v2/tokens/whoami", headers=headers, timeout=10)

    @contextlib.contextmanager
    def closing_clients(self) -> Iterator["Store"]:
        """Closes the clients' connections at the end: a service that is told to stop waits for open ones."""
        try:
            yield self
        finally:
            for client in self._clients:
                client.http_client._session.close()

    def _made(self, **where_credentials_are) -> UbuntuOneStoreClient:
        client = UbuntuOneStoreClient(
            base_url=self.base_url,
            storage_base_url=self.base_url,
            auth_url=self.sso_url,
            endpoints=U1_SNAP_STORE,
            application_name="snapcraft",
            user_agent="snapcraft/9.0.1 Linux/6.1 (x86_64)",
            **where_credentials_are,
        )
        self._clients.append(client)
        return client
