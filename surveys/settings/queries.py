"""Reading the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Select, select

from surveys.lib import clock, tokens
from surveys.lib.db import db
from surveys.lib.errors import NotFound
from surveys.lib.i18n import _, language
from surveys.lib.workdays import JAPAN_SEASONS, Calendar, holiday_names
from surveys.settings.models import Brand, BrandLogo, Closure, Organisation, Product


def organisation() -> Organisation:
    """The organisation; there from the first migration on. The session holds on to it, so it is read once."""
    session = db.session()
    kept: Organisation | None = session.info.get("organisation")
    if kept is None or kept not in session:
        kept = session.info["organisation"] = session.get_one(Organisation, 1)
    return kept


def has_its_keys() -> bool:
    """Whether our key that hides addresses is the one this database was made with."""
    mark = db.session.scalar(select(Organisation.address_mark).where(Organisation.id == 1))
    return mark is None or mark == tokens.address_mark()


def brands() -> Select[Brand]:
    """Brands in use, the default one first."""
    return select(Brand).where(Brand.archived_at.is_(None)).order_by(Brand.is_default.desc(), Brand.name, Brand.id)


def archived_brands() -> Select[Brand]:
    return select(Brand).where(Brand.archived_at.is_not(None)).order_by(Brand.name, Brand.id)


def default_brand() -> Brand:
    """The brand of everything that names no other."""
    return db.session.scalars(select(Brand).where(Brand.is_default)).one()


def brand(brand_id: int | None) -> Brand:
    """A brand by its number, the default one for none. Raises `NotFound`."""
    if brand_id is None:
        return default_brand()
    found = db.session.get(Brand, brand_id)
    if found is None:
        raise NotFound(_("This brand does not exist."))
    return found


def logo(brand_id: int, digest: str) -> bytes | None:
    """A logo as PNG; None when there is none."""
    found = db.session.get(BrandLogo, (brand_id, digest)) if digest else None
    return found.png if found else None


def products() -> Select[Product]:
    """Products in use, the default one first."""
    return select(Product).where(Product.archived_at.is_(None)).order_by(Product.is_default.desc(), Product.name)


def archived_products() -> Select[Product]:
    return select(Product).where(Product.archived_at.is_not(None)).order_by(Product.name)


def default_product() -> Product:
    return db.session.scalars(products().limit(1)).one()


def calendar() -> Calendar:
    """When we work: the organisation's hours, Japan's holidays and seasons where kept, and our own closures."""
    ours = organisation()
    return Calendar(
        zone=ours.timezone,
        opens=_time(ours.opens_at),
        closes=_time(ours.closes_at),
        country="JP" if ours.keeps_japanese_holidays else "",
        seasons=JAPAN_SEASONS if ours.keeps_japanese_holidays else (),
        closures=frozenset(_closed_days()),
    )


@dataclass(frozen=True)
class Promise:
    """How soon we get in touch: working hours by tier, when we work, and what is urgent (the weights of the queue)."""

    hours: Mapping[str, int]
    calendar: Calendar
    weights: Mapping[str, Any]


_promises: WeakKeyDictionary[Engine, tuple[int, Promise]] = WeakKeyDictionary()


def promise(revision: int | None = None) -> Promise:
    """What we promise now; from memory when `revision`, the committed one, is what was read last."""
    kept = _promises.get(db.engine)
    if kept is not None and revision == kept[0]:
        return kept[1]
    ours = organisation()
    found = Promise(dict(ours.first_contact_hours), calendar(), dict(ours.weights))
    if revision == ours.revision:
        _promises[db.engine] = (revision, found)
    return found


def closures() -> Select[Closure]:
    """Our own closed days, in order."""
    return select(Closure).order_by(Closure.first, Closure.id)


def coming_days_off(count: int = 12) -> list[tuple[date, str]]:
    """The next weekdays on which nobody works, each with its name as far as it has one in the reader's language."""
    ours, plan = organisation(), calendar()
    day, found = clock.today(ours.timezone), list[tuple[date, str]]()
    for ahead in range(400):
        each = day + timedelta(days=ahead)
        if each.weekday() in plan.weekdays and not plan.is_workday(each):
            found.append((each, _name_of(each, plan)))
        if len(found) == count:
            break
    return found


def _name_of(day: date, plan: Calendar) -> str:
    own = db.session.scalar(select(Closure.name).where(Closure.first <= day, Closure.last >= day).limit(1))
    if own is not None:
        return own
    names = holiday_names(plan.country, day.year, "ja" if language() == "ja" else "en_US") if plan.country else {}
    return names.get(day) or str(_("Obon") if day.month == 8 else _("Year end"))


def _time(minutes: int) -> time:
    """Minutes after midnight as a time of day; 24 hours is midnight, the end of the day."""
    return time(minutes // 60 % 24, minutes % 60)


def _closed_days() -> list[date]:
    spans = db.session.execute(select(Closure.first, Closure.last)).all()
    return [first + timedelta(days=n) for first, last in spans for n in range((last - first).days + 1)]
