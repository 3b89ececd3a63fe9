"""Every setting of the process: read once, typed, and loud when it is wrong.

Nobody else reads the environment. A setting is a field of `Config`; its environment name is `KOE_` and the field's
name in capitals. What an administrator changes while Koe runs lives in `settings/`, not here.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

PREFIX = "KOE_"
LOOPBACK_NAMES = {"localhost", ""}
HERE = Path(__file__).resolve().parent
# In a wheel, templates, static files and migrations travel inside the package; in a checkout they stand beside it.
ROOT = HERE / "_bundled" if (HERE / "_bundled").is_dir() else HERE.parent


class Misconfigured(Exception):
    """Settings are wrong: a line for each that names the setting and the fix, the first as the message (R-42)."""

    def __init__(self, *lines: str) -> None:
        super().__init__(lines[0])
        self.lines = lines


class MailServer(BaseModel):
    """An SMTP server, from `smtp://user:password@host:587?tls=starttls|ssl|none`."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int = 587
    user: str = ""
    password: SecretStr = SecretStr("")
    tls: Literal["starttls", "ssl", "none"] = "starttls"

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)


class Config(BaseModel):
    """The settings of one process. Paths are absolute, the key is never empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path
    database_url: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    base_url: str = ""
    secret_key: SecretStr = SecretStr("")
    mail_url: MailServer | None = None
    mail_from: str = ""
    trusted_proxies: Annotated[int, Field(ge=0, le=8)] = 0
    timezone: str = "Asia/Tokyo"
    locale: Literal["en", "ja"] = "en"

    @field_validator("data_dir", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, value: str) -> str:
        for prefix in ("postgres://", "postgresql://"):
            if value.startswith(prefix):
                return "postgresql+psycopg://" + value.removeprefix(prefix)
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("use sqlite:////absolute/path.db or postgresql://user:password@host/name")
        return value

    @field_validator("base_url")
    @classmethod
    def _plain_base(cls, value: str) -> str:
        parts = _split(value)
        if value and (
            parts is None
            or parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.path.rstrip("/")
            or parts.query
            or parts.fragment
        ):
            raise ValueError("use an address such as https://feedback.example.com, with nothing after the name")
        return value.rstrip("/")

    @field_validator("mail_url", mode="before")
    @classmethod
    def _server(cls, value: Any) -> Any:
        return mail_server(value) if isinstance(value, str) and value else value or None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("use a name such as Asia/Tokyo or Europe/London") from None
        return value

    @model_validator(mode="after")
    def _no_loopback_links_in_real_mail(self) -> Config:
        host = urlsplit(self.base_url or self.address).hostname or ""
        if self.mail_url and not self.mail_url.is_loopback and is_loopback(host):
            raise ValueError(
                f"{PREFIX}BASE_URL: links in mails would point to {host}, which no customer can open; "
                f"set {PREFIX}BASE_URL to the public address"
            )
        return self

    @property
    def address(self) -> str:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def public_url(self) -> str:
        """Where customers and staff reach this installation; the only source of links in mails."""
        return self.base_url or self.address

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def is_on_loopback(self) -> bool:
        return is_loopback(self.host) and is_loopback(urlsplit(self.public_url).hostname or "")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'koe.db'}"

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def environment(self) -> dict[str, str]:
        """The same settings as environment, for the processes we start ourselves."""
        shown = {
            name: getattr(self, name) for name in type(self).model_fields if name not in ("mail_url", "secret_key")
        }
        environ = {PREFIX + name.upper(): str(value) for name, value in shown.items() if value != ""}
        if self.secret_key.get_secret_value():
            environ[PREFIX + "SECRET_KEY"] = self.secret_key.get_secret_value()
        return environ


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in LOOPBACK_NAMES or host.endswith(".localhost")


def mail_server(url: str) -> MailServer:
    parts = _split(url)
    if parts is None or parts.path.strip("/") or parts.fragment:
        raise ValueError("what follows the host is no port; in a password write / as %2F, # as %23, ? as %3F, @ as %40")
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("use smtp://user:password@host:587?tls=starttls (tls may be starttls, ssl or none)")
    tls = parse_qs(parts.query).get("tls", ["ssl" if parts.scheme == "smtps" else "starttls"])[0]
    if tls not in ("starttls", "ssl", "none"):
        raise ValueError("tls must be starttls, ssl or none")
    return MailServer.model_validate(
        {
            "host": parts.hostname,
            "port": parts.port or (465 if tls == "ssl" else 587),
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "tls": tls,
        }
    )


def _split(url: str) -> SplitResult | None:
    """The parts of an address; None when its port or host is none. What Python says of it may quote a password."""
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None


def from_env(environ: Mapping[str, str]) -> Config:
    """The settings in `environ`, over those of a `.env` file in the working folder.

    Raises `Misconfigured` with everything that is wrong.
    """
    dotenv = {name: value or "" for name, value in dotenv_values(".env").items() if name.startswith(PREFIX)}
    given = {name: value for name, value in {**dotenv, **environ}.items() if name.startswith(PREFIX)}
    given = {name: value for name, value in given.items() if not name.startswith(f"{PREFIX}TEST_")}
    unknown = _unknown(given)
    values = {name.removeprefix(PREFIX).lower(): value for name, value in given.items() if name not in unknown}
    values = {name: value for name, value in values.items() if value.strip()}
    values.setdefault("data_dir", "koe-data")
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        raise Misconfigured(*unknown.values(), *_lines(error)) from None
    if unknown:
        raise Misconfigured(*unknown.values())
    return config


def from_process() -> Config:
    """The settings of this process."""
    return from_env(os.environ)


def child_environment(config: Config) -> dict[str, str]:
    """The environment for a process of ours that is to run on these settings."""
    return {**os.environ, **config.environment}


def prepared(config: Config) -> Config:
    """The same settings, with the data folder made and a secret key in it when none was given."""
    # Where matplotlib keeps its list of fonts: a home that cannot be written would cost it a search at each start.
    os.environ.setdefault("MPLCONFIGDIR", str(config.data_dir / "matplotlib"))
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = config.secret_key.get_secret_value() or _kept_key(config.data_dir / "secret-key")
    except OSError as error:
        raise Misconfigured(
            f"{PREFIX}DATA_DIR: {error.strerror}: {error.filename}; choose a folder Koe may write to"
        ) from None
    return config.model_copy(update={"secret_key": SecretStr(key)})


def _kept_key(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    key = path.read_text().strip()
    if len(key) < 32:
        raise Misconfigured(
            f"{PREFIX}SECRET_KEY: the key file {path.name} in the data folder is damaged; restore it or delete it"
        )
    return key


def _unknown(given: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with each name that is no setting."""
    known = [PREFIX + name.upper() for name in Config.model_fields]
    wrong = {}
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            wrong[name] = f"{name}: there is no such setting; {hint}"
    return wrong


def _lines(error: ValidationError) -> list[str]:
    lines = []
    for each in error.errors():
        name = PREFIX + str(each["loc"][0]).upper() + ": " if each["loc"] else ""
        lines.append(name + each["msg"].removeprefix("Value error, "))
    return lines
