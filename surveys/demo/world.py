"""The demo company and its customers as they stand before the first question is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Final

from surveys.auth.models import StaffUser
from surveys.customers.models import Account, AccountFact, Contact, ContactRole, Contract, Fact, Phase, Tier
from surveys.demo import mark, people
from surveys.demo.comments import TAGS
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.addresses import normal
from surveys.lib.db import db
from surveys.settings import actions as settings
from surveys.settings import logos
from surveys.settings.models import Brand, Organisation, Product
from surveys.settings.queries import default_brand
from surveys.tags.actions import key_of
from surveys.tags.models import Tag

MONTHS: Final = 14
ACCOUNTS: Final = 120
CONTACTS: Final = 1500
STAFF: Final = (
    (Role.ADMIN, "admin", "Mika Arai", "新井 美香", "en"),
    (Role.LEAD, "lead", "Haruka Mori", "森 遥", "ja"),
    (Role.AGENT, "agent", "Kenji Sato", "佐藤 健二", "ja"),
    (Role.AGENT, "agent2", "Emily Clark", "Emily Clark", "en"),
    (Role.AGENT, "agent3", "Aoi Tanabe", "田辺 葵", "ja"),
    (Role.PRODUCT, "product", "Sora Nishi", "西 空", "ja"),
    (Role.VIEWER, "viewer", "Rin Ono", "小野 凛", "en"),
)
DOMAIN: Final = "minato.example.com"


@dataclass
class Cast:
    """The accounts the tour tells of and their champions (ids of contacts), by a short name."""

    accounts: dict[str, Account] = field(default_factory=dict)
    champions: dict[str, int] = field(default_factory=dict)


@dataclass
class World:
    """What is there to tell a story with."""

    dice: Random
    now_day: date
    staff: dict[str, StaffUser]
    product: Product
    accounts: list[Account]
    contacts: list[int]
    tags: dict[str, Tag]
    cast: Cast
    numbers: Iterator[int] = field(default_factory=lambda: count(1))


# Short name: (name, reading, tier, phase, monthly yen or cents, currency, days to renewal, language)
CAST: Final = {
    "aoba": ("あおば物流", "アオバブツリュウ", Tier.HIGH_TOUCH, Phase.ADOPTION, 480_000, "JPY", 38, "ja"),
    "yamabiko": ("やまびこ製作所", "ヤマビコセイサクショ", Tier.HIGH_TOUCH, Phase.EXPANSION, 320_000, "JPY", 210, "ja"),
    "hoshimi": ("星見学園", "ホシミガクエン", Tier.LOW_TOUCH, Phase.ADOPTION, 150_000, "JPY", 95, "ja"),
    "harbor": ("Harbor & Finch", "", Tier.LOW_TOUCH, Phase.ADOPTION, 240_000, "USD", 64, "en"),
    "misaki": ("みさき精機", "ミサキセイキ", Tier.HIGH_TOUCH, Phase.ADOPTION, 410_000, "JPY", 120, "ja"),
    "kaede": ("かえで旅館", "カエデリョカン", Tier.TECH_TOUCH, Phase.ADOPTION, 38_000, "JPY", 150, "ja"),
}


def build(ours: Organisation, *, seed: int) -> World:
    """Make the company, its staff, customers and tags; the same seed makes the same."""
    dice = Random(seed)  # noqa: S311 - a story, not a secret
    today = clock.today(ours.timezone)
    introduce(ours, default_brand())
    staff = dict(_staff())
    settings.show_logo(default_brand(), logos.small(mark.drawn()), by=staff["admin"])
    product = db.session.query(Product).filter_by(is_default=True).one()
    product.key, product.name, product.name_ja = "minato-time", "Minato Time", "ミナト勤怠"
    db.session.flush()
    world = World(dice, today, staff, product, [], [], dict(_tags()), Cast())
    world.accounts = [*_cast_accounts(world), *_other_accounts(world)]
    db.session.flush()
    _contracts(world)
    made = list(_contacts(world))
    db.session.flush()
    world.contacts = [contact.id for contact in made]
    world.cast.champions = {key: contact.id for key, contact in _champions(world, made)}
    return world


def introduce(ours: Organisation, brand: Brand) -> None:
    """The demo company as its customers know it."""
    for named in (ours, brand):
        named.name, named.name_ja = "Minato Time", "ミナト勤怠株式会社"
    brand.legal_name, brand.legal_name_ja = "Minato Time K.K.", "ミナト勤怠株式会社"
    brand.postal_address = "1-2-3 Kaigan, Minato-ku, Tokyo 105-0022"
    brand.postal_address_ja = "〒105-0022 東京都港区海岸1-2-3"
    brand.sender_name, brand.sender_name_ja = "Haruka Mori", "森 遥"
    brand.colour = mark.COLOUR
    brand.sender_address, brand.reply_address = f"voice@{DOMAIN}", f"success@{DOMAIN}"
    brand.contact_url, brand.privacy_url = f"https://{DOMAIN}/contact", f"https://{DOMAIN}/privacy"
    ours.is_demo = True


def _staff() -> Iterator[tuple[str, StaffUser]]:
    since = clock.now() - timedelta(days=30 * MONTHS + 60)
    for role, key, name, name_ja, locale in STAFF:
        user = StaffUser(
            email=f"{key}@{DOMAIN}",
            name=name_ja if locale == "ja" else name,
            role=role,
            locale=locale,
            created_at=since,
        )
        db.session.add(user)
        db.session.flush()
        yield key, user


def _tags() -> Iterator[tuple[str, Tag]]:
    made: dict[str, Tag] = {}
    for key, (name_ja, name, above) in TAGS.items():
        words = f"{name_ja} / {name}"  # a team of two languages
        made[key] = Tag(name=words, key=key_of(words), parent=made.get(above), created_at=clock.now())
        db.session.add(made[key])
        db.session.flush()
        yield key, made[key]


def _cast_accounts(world: World) -> Iterator[Account]:
    for key, (name, reading, tier, phase, *_rest) in CAST.items():
        account = _account(world, name, reading, tier=tier, phase=phase)
        account.renewal_on = world.now_day + timedelta(days=CAST[key][6])
        world.cast.accounts[key] = account
        yield account
    world.cast.accounts["hoshimi"].properties = {"ログイン数（30日）": "1,240（前月比 −60%）"}
    world.cast.accounts["harbor"].properties = {"Support tickets (90 days)": "3"}
    for key in ("aoba", "misaki"):
        world.cast.accounts[key].owner_id = world.staff["agent"].id
    world.cast.accounts["harbor"].owner_id = world.staff["agent2"].id


def _other_accounts(world: World) -> Iterator[Account]:
    names = [(f"{place[0]}{trade[0]}", f"{place[1]}{trade[1]}") for place in people.PLACES for trade in people.TRADES]
    world.dice.shuffle(names)
    foreign = [(name, "") for name in people.EN_FIRMS]
    for name, reading in [*names[: ACCOUNTS - len(CAST) - len(foreign)], *foreign]:
        tier = world.dice.choices(list(Tier), (12, 38, 50))[0]
        phase = world.dice.choices(list(Phase), (6, 14, 55, 22, 3))[0]
        yield _account(world, name, reading, tier=tier, phase=phase)


def _account(world: World, name: str, reading: str, *, tier: Tier, phase: Phase) -> Account:
    number = next(world.numbers)
    agents = ("agent", "agent3") if reading else ("agent2",)
    started = world.now_day - timedelta(days=world.dice.randint(500, 1600))
    account = Account(
        external_key=f"M-{1000 + number:05d}",
        name=name,
        name_kana=reading,
        tier=tier,
        phase=phase,
        owner_id=world.staff[world.dice.choice(agents)].id,
        go_live_on=started if phase is not Phase.TRIAL else None,
        renewal_on=world.now_day + timedelta(days=world.dice.randint(20, 360)) if phase is not Phase.CHURNED else None,
    )
    db.session.add(account)
    db.session.flush()
    return account


def _contracts(world: World) -> None:
    """What each pays, and since when each fact is known."""
    since = clock.now() - timedelta(days=30 * MONTHS)
    amounts = {CAST[key][0]: CAST[key][4:6] for key in CAST}
    bands = {Tier.HIGH_TOUCH: (180, 420), Tier.LOW_TOUCH: (60, 170), Tier.TECH_TOUCH: (8, 55)}
    for account in world.accounts:
        tier = account.tier or Tier.TECH_TOUCH
        thousand = world.dice.randint(*bands[tier])
        usual = (thousand * 1000, "JPY") if account.name_kana else (thousand * 700, "USD")
        amount, currency = amounts.get(account.name, usual)
        db.session.add(Contract(account_id=account.id, product_id=world.product.id, mrr=amount, currency=currency))
        for fact, value in (
            (Fact.TIER, tier.value),
            (Fact.PHASE, str(account.phase)),
            (Fact.OWNER, str(account.owner_id)),
        ):
            db.session.add(AccountFact(account_id=account.id, fact=fact, value=value, since=since))
        money = f"{amount} {currency}"
        db.session.add(
            AccountFact(account_id=account.id, fact=Fact.MRR, product_id=world.product.id, value=money, since=since)
        )


def _contacts(world: World) -> Iterator[Contact]:
    """Larger customers have more people; each has one decision maker and a champion or two."""
    weights = {Tier.HIGH_TOUCH: 30, Tier.LOW_TOUCH: 14, Tier.TECH_TOUCH: 7}
    shares = [weights[account.tier or Tier.TECH_TOUCH] for account in world.accounts]
    sizes = [max(3, round(CONTACTS * share / sum(shares))) for share in shares]
    sizes[sizes.index(max(sizes))] += CONTACTS - sum(sizes)
    number = 0
    for account, size in zip(world.accounts, sizes, strict=True):
        for place in range(max(3, size)):
            number += 1
            yield _contact(world, account, number, place)


def _champions(world: World, contacts: list[Contact]) -> Iterator[tuple[str, Contact]]:
    for key, account in world.cast.accounts.items():
        mine = (each for each in contacts if each.account_id == account.id and each.role is ContactRole.CHAMPION)
        yield key, next(mine)


def _contact(world: World, account: Account, number: int, place: int) -> Contact:
    dice, is_ja = world.dice, bool(account.name_kana)
    if is_ja:
        (family, family_kana), (given, given_kana) = dice.choice(people.FAMILIES), dice.choice(people.GIVEN)
        name, kana = f"{family} {given}", f"{family_kana} {given_kana}"
        department, title = dice.choice(people.DEPARTMENTS), dice.choice(people.TITLES)
    else:
        name, kana = f"{dice.choice(people.EN_GIVEN)} {dice.choice(people.EN_FAMILIES)}", ""
        department, title = dice.choice(people.EN_DEPARTMENTS), dice.choice(people.EN_TITLES)
    roles = {0: ContactRole.DECISION_MAKER, 1: ContactRole.CHAMPION}
    address = f"user{number:04d}@{(account.external_key or '').lower()}.example.com"
    contact = Contact(
        external_key=f"P-{number:05d}",
        account_id=account.id,
        email=address,
        email_key=normal(address),
        name=name,
        name_kana=kana,
        language="ja" if is_ja else "en",
        department=department,
        title=title,
        role=roles.get(place, ContactRole.USER),
    )
    db.session.add(contact)
    return contact
