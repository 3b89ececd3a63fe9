"""Changing the settings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from surveys.events.actions import note
from surveys.lib import clock, tokens
from surveys.lib.access import User
from surveys.lib.db import db
from surveys.lib.errors import Invalid, Refused
from surveys.lib.i18n import _
from surveys.settings import usage
from surveys.settings.models import UNNAMED, Brand, BrandLogo, Closure, Organisation, Product
from surveys.settings.queries import organisation

LONGEST_CLOSURE = 62  # days


def ensure_ready(*, locale: str, timezone: str) -> None:
    """See that the organisation, a brand and a product are there; changes nothing that is."""
    if db.session.get(Organisation, 1) is None:
        mark = tokens.address_mark()
        db.session.add(Organisation(id=1, locale=locale, timezone=timezone, address_mark=mark))
    if db.session.query(Brand.id).first() is None:
        db.session.add(Brand(is_default=True))
    if db.session.query(Product.id).first() is None:
        db.session.add(Product(key="product", name=UNNAMED, name_ja="弊社サービス", is_default=True))
    db.session.flush()


def change(values: Mapping[str, Any], *, by: User) -> list[str]:
    """Set these fields of the organisation; the names of those that changed, noted for the record."""
    ours = organisation()
    changed = [name for name, value in values.items() if getattr(ours, name) != value]
    for name in changed:
        setattr(ours, name, values[name])
    if changed:
        _raise(ours, changed, by)
    return changed


def _raise(ours: Organisation, fields: list[str], by: User) -> None:
    """Whatever was composed from the settings is stale now."""
    ours.revision += 1
    note("settings_changed", ours, by=by, fields=fields)


def close(first: date, last: date, name: str, *, by: User) -> Closure:
    """Add days on which we are closed."""
    if last < first:
        raise Invalid(_("The last day comes before the first."))
    if (last - first).days >= LONGEST_CLOSURE:
        raise Invalid(_("A closure lasts two months at most."))
    closure = Closure(first=first, last=last, name=name)
    db.session.add(closure)
    _raise(organisation(), ["closures"], by)
    return closure


def open_again(closure: Closure, *, by: User) -> None:
    db.session.delete(closure)
    _raise(organisation(), ["closures"], by)


def add_product(name: str, name_ja: str, *, by: User) -> Product:
    """A further thing to ask about; its key follows from the name and stays."""
    product = Product(key=_free_key(name), name=name, name_ja=name_ja)
    db.session.add(product)
    db.session.flush()
    note("product_added", product, by=by)
    return product


def rename_product(product: Product, name: str, name_ja: str, *, by: User) -> None:
    product.name, product.name_ja = name, name_ja
    organisation().revision += 1
    note("product_renamed", product, by=by)


def make_default(product: Product, *, by: User) -> None:
    """New campaigns and imports take this product unless told otherwise."""
    if product.archived_at is not None:
        raise Refused(_("This product is archived."))
    for each in db.session.scalars(select(Product).where(Product.is_default)):
        each.is_default = False
    product.is_default = True
    note("product_made_default", product, by=by)


def archive_product(product: Product, *, by: User) -> None:
    """No longer offered; what was asked about it stays."""
    if product.is_default:
        raise Refused(_("This is the default product. Please make another one the default first."))
    product.archived_at = clock.now()
    note("product_archived", product, by=by)


def restore_product(product: Product, *, by: User) -> None:
    product.archived_at = None
    note("product_restored", product, by=by)


def _free_key(name: str) -> str:
    """A short ASCII key from the name, made unique with a number."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "product"
    taken = set(db.session.scalars(select(Product.key)))
    return next(key for key in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if key not in taken)


def add_brand(values: Mapping[str, Any], *, by: User) -> Brand:
    """A further way of meeting customers."""
    brand = Brand(**values)
    db.session.add(brand)
    db.session.flush()
    note("brand_added", brand, by=by)
    return brand


def change_brand(brand: Brand, values: Mapping[str, Any], *, by: User) -> list[str]:
    """Set these fields of a brand; the names of those that changed, noted for the record."""
    changed = [name for name, value in values.items() if getattr(brand, name) != value]
    for name in changed:
        setattr(brand, name, values[name])
    if changed:
        organisation().revision += 1
        note("brand_changed", brand, by=by, fields=changed)
    return changed


def show_logo(brand: Brand, png: bytes, *, by: User) -> None:
    """Show this logo from now on; a logo that mails show already stays readable under its own address."""
    digest = hashlib.sha256(png).hexdigest()[:16]
    if db.session.get(BrandLogo, (brand.id, digest)) is None:
        db.session.add(BrandLogo(brand_id=brand.id, digest=digest, png=png, created_at=clock.now()))
    change_brand(brand, {"logo": digest}, by=by)


def make_default_brand(brand: Brand, *, by: User) -> None:
    """New campaigns, and whatever names no brand, take this one."""
    if brand.archived_at is not None:
        raise Refused(_("This brand is archived."))
    for each in db.session.scalars(select(Brand).where(Brand.is_default)):
        each.is_default = False
    db.session.flush()  # there is one default at any moment
    brand.is_default = True
    organisation().revision += 1
    note("brand_made_default", brand, by=by)


def archive_brand(brand: Brand, *, by: User) -> None:
    """No longer offered; what was asked in its name stays."""
    if brand.is_default:
        raise Refused(_("This is the default brand. Please make another one the default first."))
    if names := usage.running(brand.id):
        raise Refused(_("Customers are still asked in the name of this brand: %(names)s.", names=", ".join(names)))
    brand.archived_at = clock.now()
    note("brand_archived", brand, by=by)


def restore_brand(brand: Brand, *, by: User) -> None:
    brand.archived_at = None
    note("brand_restored", brand, by=by)
