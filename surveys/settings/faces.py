"""A brand as customers meet it in one language: on pages with everything inside, in mails with a picture to load."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from surveys.lib.links import web_or_none
from surveys.settings import colours, logos, queries
from surveys.settings.models import Brand

# A logo may be dark on nothing: in the dark it stands on white.
_PLATE = "@media (prefers-color-scheme:dark){.logo img{background:#fff;box-shadow:0 0 0 6px #fff;border-radius:2px}}"


@dataclass(frozen=True)
class Logo:
    """A logo with the size at which it is shown; `path` is the same for everybody."""

    png: bytes
    path: str
    width: int
    height: int

    @property
    def data_uri(self) -> str:
        return f"data:image/png;base64,{b64encode(self.png).decode()}"


@dataclass(frozen=True)
class Face:
    """Who asks. `style` is the brand's colour as a stylesheet for the public pages."""

    name: str
    sender: str
    legal_name: str
    postal_address: str
    contact_url: str
    privacy_url: str
    colour: str
    dark: str
    dark_ink: str
    logo: Logo | None
    style: str


def face(brand: Brand, language: str) -> Face:
    shown = logo(brand)
    return Face(
        name=brand.name_in(language),
        sender=brand.said("sender_name", language),
        legal_name=brand.said("legal_name", language),
        postal_address=brand.said("postal_address", language),
        contact_url=web_or_none(brand.contact_url),
        privacy_url=web_or_none(brand.privacy_url),
        colour=brand.colour,
        dark=colours.dark(brand.colour),
        dark_ink=colours.DARK_INK,
        logo=shown,
        style=colours.style(brand.colour) + (_PLATE if shown else ""),
    )


def logo(brand: Brand) -> Logo | None:
    png = queries.logo(brand.id, brand.logo)
    if png is None:
        return None
    width, height = logos.shown_size(png)
    return Logo(png, brand.logo_path, width, height)
