"""A list of customers on its way in: looked at first, then taken over whole or not at all."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from surveys.customers import imports
from surveys.customers.imports import applying, checking, runs, uploads
from surveys.customers.imports.columns import Field
from surveys.customers.models import (
    Account,
    AccountFact,
    Contact,
    ContactRole,
    Contract,
    Fact,
    ImportChunk,
    ImportRun,
    ImportState,
    Phase,
    StagedAccount,
    StagedContact,
    Tier,
)
from surveys.delivery import actions as delivery
from surveys.delivery import queries as deliveries
from surveys.delivery.models import SuppressionReason
from surveys.lib import clock, csv
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.errors import Invalid
from surveys.lib.i18n import speaking
from surveys.settings.models import Product
from tests.factories import make_account, make_contact, make_user, save

LIST = """取引先コード,会社名,メールアドレス,氏名,フリガナ,敬称,部署,役職,役割,タッチ区分,フェーズ,月額（円）,契約更新日,業種,備考
A-001,あおば物流,taro@aoba.example.co.jp,山田 太郎,ヤマダ タロウ,様,経理部,部長,決裁者,ハイタッチ,活用,"¥480,000",2026年12月28日,物流,重要
A-001,あおば物流,hanako@aoba.example.co.jp,鈴木 花子,スズキ ハナコ,様,総務部,,利用者,ハイタッチ,活用,480000,令和8年12月28日,物流,
A-002,やまびこ製作所,jiro@yamabiko.example.co.jp,佐藤 次郎,,,,,推進者,ミドルタッチ,導入支援,48万円,46384,製造,
"""


def counted(model):
    return db.session.scalar(select(func.count()).select_from(model))


def contact(email):
    return db.session.scalars(select(Contact).where(Contact.email == email)).one()


def account(name):
    return db.session.scalars(select(Account).where(Account.name == name)).one()


def facts(fact):
    return db.session.scalars(select(AccountFact.value).where(AccountFact.fact == fact).order_by(AccountFact.id)).all()


def problems(text, **options):
    result = imports.run(text, **options)
    assert not result.is_done
    return [(line, column) for line, column, _sentence in result.problems]


def sentences(text):
    return [sentence for _line, _column, sentence in imports.run(text).problems]


def test_a_japanese_list_is_taken_over_whole(app):
    result = imports.run(LIST)
    assert (result.problems, result.is_done, counted(Account), counted(Contact)) == ([], True, 2, 3)
    aoba, taro = account("あおば物流"), contact("taro@aoba.example.co.jp")
    assert (aoba.external_key, aoba.tier, aoba.phase, aoba.renewal_on, aoba.properties) == (
        "A-001",
        Tier.HIGH_TOUCH,
        Phase.ADOPTION,
        date(2026, 12, 28),
        {"業種": "物流"},
    )
    assert (taro.account_id, taro.language, taro.name_kana, taro.role) == (
        aoba.id,
        "ja",
        "ヤマダ タロウ",
        ContactRole.DECISION_MAKER,
    )
    assert (taro.properties, account("やまびこ製作所").renewal_on) == ({"備考": "重要"}, date(2026, 12, 28))
    assert [(c.mrr, c.currency) for c in db.session.scalars(select(Contract))] == [(480_000, "JPY")] * 2


def test_an_english_list_is_taken_over_whole(app):
    imports.run(
        "CRM ID,Company,First name,Last name,Email,Tier,Phase,MRR,Currency,Go-live,Role\n"
        '7,Harbor & Finch,Ann,Harbor,ann@harbor.example.com,high touch,expansion,"1,200.50",USD,1 Apr 2024,decision maker\n'
    )
    ann = contact("ann@harbor.example.com")
    assert (ann.name, ann.language, ann.external_key, ann.account.go_live_on) == (
        "Ann Harbor",
        "en",
        "7",
        date(2024, 4, 1),
    )
    assert [(c.mrr, c.currency) for c in db.session.scalars(select(Contract))] == [(120_050, "USD")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_encodings_and_separators_make_no_difference(app, encoding, mark):
    text = "会社名,メールアドレス,氏名\r\nはしご商店,taro@hashigo.example.com,髙﨑①\r\n".replace(",", mark)
    assert imports.run(text.encode(encoding)).is_done
    assert contact("taro@hashigo.example.com").name == "髙﨑①"


def test_the_same_list_again_changes_nothing(app):
    imports.run(LIST)
    before = db.session.execute(select(Contact.id, Contact.version, Contact.updated_at)).all()
    again = imports.run(LIST)
    assert (again.counts["differences"], again.is_done) == (0, False)
    assert db.session.execute(select(Contact.id, Contact.version, Contact.updated_at)).all() == before
    assert (counted(AccountFact), counted(Contract)) == (6, 2)


def test_nobody_whom_a_list_brought_is_missing_from_it(app):
    make_contact(email="old@b.example.com")
    run_id = imports.run("email,company\na@b.example.com,A\nb@b.example.com,A\n").run_id
    missing = db.session.scalars(checking.missing_contacts(run_id)).all()
    assert [each.email for each in missing] == ["old@b.example.com"]


def test_a_dry_run_changes_nothing_and_counts_everything(app):
    result = imports.run(LIST, dry_run=True)
    assert (result.is_done, counted(Contact), counted(Account)) == (False, 0, 0)
    assert (result.counts["contacts"]["new"], result.counts["accounts"]["new"]) == (3, 2)


def test_progress_is_told_from_nothing_to_all(app):
    seen = []
    imports.run(LIST, progress=lambda done, total: seen.append((done, total)))
    assert (seen[0], seen[-1]) == ((0, 0), (3, 3))


def test_one_bad_row_at_the_end_keeps_everything_out(app):
    rows = "".join(f"p{number}@a.example.com,A\n" for number in range(1200))
    result = imports.run("email,company\n" + rows + "bad@,A\n")
    assert (result.is_done, counted(Contact), result.has_failed) == (False, 0, True)
    assert result.problems[0][:2] == (1202, 1)


def test_a_problem_is_told_in_the_language_of_whoever_reads_it(app):
    with speaking("ja"):
        assert sentences("email,company\nbad@,A\n") == ["「bad@」は、送信できるメールアドレスではありません。"]


def test_an_empty_cell_leaves_what_is_there(app):
    imports.run(LIST)
    assert (
        imports.run("取引先コード,会社名,メールアドレス,氏名,タッチ区分\nA-001,,taro@aoba.example.co.jp,,-\n").counts[
            "differences"
        ]
        == 0
    )
    assert account("あおば物流").tier is Tier.HIGH_TOUCH


def test_the_past_of_tier_phase_owner_and_revenue_is_kept_with_its_dates(app):
    owner = make_user(name="Yui Sato", email="yui@minato.example.com")
    first = clock.now() - timedelta(days=40)
    with clock.at(first):
        imports.run("会社名,タッチ区分,フェーズ,月額（円）\nあおば物流,ハイタッチ,導入支援,480000\n")
    imports.run("会社名,タッチ区分,フェーズ,月額（円）,自社担当\nあおば物流,ロータッチ,活用,520000,Yui Sato\n")
    assert (facts(Fact.TIER), facts(Fact.PHASE)) == (["high_touch", "low_touch"], ["onboarding", "adoption"])
    assert (facts(Fact.MRR), facts(Fact.OWNER)) == (["480000 JPY", "520000 JPY"], [str(owner.id)])
    assert db.session.scalar(select(func.min(AccountFact.since))) == first


def test_revenue_is_kept_by_product_and_currency(app):
    save(Product(key="pro", name="Pro", name_ja="プロ"))
    imports.run("company,product,MRR,currency\nA,Pro,100,USD\nA,プロ,100,USD\n")
    imports.run("company,MRR\nA,5000\n")
    assert sorted((c.product.key, c.mrr, c.currency) for c in account("A").contracts) == [
        ("pro", 10_000, "USD"),
        ("product", 5000, "JPY"),
    ]


def test_accounts_and_contacts_are_recognised_by_their_keys(app):
    imports.run("取引先コード,会社名,担当者ID,メールアドレス,氏名\nA-1,Aoba,C-1,taro@aoba.example.com,Taro\n")
    result = imports.run(
        "取引先コード,会社名,担当者ID,メールアドレス,氏名\nA-1,Aoba Inc.,C-1,taro.yamada@aoba.example.com,Taro\n"
    )
    assert (result.is_done, counted(Account), counted(Contact)) == (True, 1, 1)
    assert (contact("taro.yamada@aoba.example.com").name, account("Aoba Inc.").name_key) == ("Taro", "aoba inc.")


def test_a_key_is_taken_up_by_what_was_known_by_name_and_address(app):
    make_contact(email="taro@aoba.example.com", account=make_account(name="Ａｏｂａ　Inc"))
    imports.run("取引先コード,会社名,担当者ID,メールアドレス\nA-1,aoba inc,C-1,Taro@Aoba.example.com\n")
    assert (counted(Account), counted(Contact)) == (1, 1)
    assert (
        db.session.scalars(select(Account.external_key)).one(),
        db.session.scalars(select(Contact.external_key)).one(),
    ) == (
        "A-1",
        "C-1",
    )


def test_somebody_may_move_to_another_account(app):
    make_contact(email="taro@aoba.example.com", account=make_account(name="Aoba"))
    imports.run("会社名,メールアドレス\nYamabiko,taro@aoba.example.com\n")
    assert contact("taro@aoba.example.com").account.name == "Yamabiko"


def test_people_without_a_company_are_grouped_by_the_domain_of_their_address(app):
    imports.run("taro@aoba.example.com\nhanako@aoba.example.com\nx@gmail.com\nNaoko Kato <y@gmail.com>")
    assert sorted(db.session.scalars(select(Account.name))) == ["Naoko Kato", "aoba.example.com", "x@gmail.com"]


def test_what_a_list_says_of_a_known_persons_account_needs_no_company(app):
    make_contact(email="taro@aoba.example.com", account=make_account(name="Aoba"))
    imports.run("メールアドレス,フェーズ\ntaro@aoba.example.com,活用\n")
    assert (account("Aoba").phase, counted(Account)) == (Phase.ADOPTION, 1)


def test_accounts_can_be_imported_without_people(app):
    result = imports.run("取引先コード,会社名,契約ステータス\nA-1,Aoba,活用\n")
    assert (result.is_done, counted(Account), counted(Contact)) == (True, 1, 0)


def test_an_owner_who_is_no_user_is_kept_as_a_property_and_stops_nothing(app):
    result = imports.run("会社名,自社担当\nAoba,佐藤\n")
    assert (result.is_done, account("Aoba").properties) == (True, {"自社担当": "佐藤"})
    assert "No user who can own accounts" in result.problems[0][2]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PRODUCT])
def test_a_list_gives_no_account_to_somebody_who_only_reads(app, role):
    make_user(name="Ken Sato", role=role)
    result = imports.run("company,自社担当\nHarbor,Ken Sato\n")
    assert (result.is_done, account("Harbor").owner_id, len(result.problems)) == (True, None, 1)


def test_a_carriers_old_address_is_taken_as_it_is(app):
    imports.run("email,company\nabc..def.@docomo.ne.jp,A\n")
    assert contact("abc..def.@docomo.ne.jp").is_nonstandard


def test_the_apostrophe_of_our_own_export_is_taken_off_again(app):
    imports.run("email,company,備考\na@b.example.com,'=Aoba,'-5\n")
    assert (account("=Aoba").name, contact("a@b.example.com").properties) == ("=Aoba", {"備考": "-5"})


def test_who_opted_out_stays_out_whatever_a_list_says(app):
    delivery.suppress("taro@aoba.example.com", SuppressionReason.OPT_OUT)
    db.session.commit()
    imports.run("email,company\ntaro@aoba.example.com,Aoba\n")
    assert deliveries.suppression_of("taro@aoba.example.com").reason is SuppressionReason.OPT_OUT


def test_a_no_goes_along_to_a_new_address_and_a_bounce_does_not(app):
    for key, reason in (("C-1", SuppressionReason.OPT_OUT), ("C-2", SuppressionReason.HARD_BOUNCE)):
        make_contact(email=f"{key}@old.example.com".lower(), external_key=key, unreachable="wrong address")
        delivery.suppress(f"{key}@old.example.com".lower(), reason)
    db.session.commit()
    imports.run("担当者ID,email\nC-1,c-1@new.example.com\nC-2,c-2@new.example.com\n")
    assert deliveries.suppression_of("c-1@new.example.com").reason is SuppressionReason.OPT_OUT
    assert deliveries.suppression_of("c-2@new.example.com") is None
    assert contact("c-2@new.example.com").unreachable == ""


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("email,company\na@b.example.com,A\na@b.example.com,B\n", [(3, 1)]),
        ("company,tier\nA,high\nA,low\n", [(3, 2)]),
        ("company,業種\nA,x\nA,y\n", [(3, None)]),
        ("company,MRR\nA,1\nA,2\n", [(3, 2)]),
        ("取引先コード,会社名\nA-1,\n", [(2, 1)]),
        ("email,name,company\n,Taro,A\n", [(2, 1)]),
        ("email,company\na@b.example.com,A,extra\n", [(2, 3)]),
        ("email,company\na@b.example.com,#N/A\n", [(2, 2)]),
        ("email,company\na@b.example.com," + "x" * 256 + "\n", [(2, 2)]),
        ("email,company,product,MRR\na@b.example.com,A,Nothing,1\n", [(2, 3)]),
    ],
)
def test_what_cannot_be_right_names_line_and_column(app, text, places):
    assert problems(text) == places


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a@b.example.com\n\nbad@nowhere\n", [3]),
        ("a@b.example.com, c@b.example.com; d@b.example.com\r\n\r\nAnn <bad@nowhere>, e@b.example.com", [3]),
        ("bad@nowhere, worse@nowhere", [1, 1]),
        ("a@b.example.com\nno address\n", [2]),
    ],
)
def test_a_pasted_address_is_named_by_the_line_on_which_it_stands(app, text, lines):
    assert [line for line, _column in problems(text)] == lines


def test_names_of_pasted_addresses_are_kept_whoever_has_one(app):
    assert imports.run("a@b.example.com; Ann Harbor <ann@b.example.com>").is_done
    assert [contact(f"{who}@b.example.com").name for who in ("a", "ann")] == ["", "Ann Harbor"]


def test_a_row_that_comes_twice_word_for_word_is_one_row(app):
    assert imports.run("email,company\na@b.example.com,A\nA@B.example.com,Ａ\n").problems != []
    assert imports.run("email,company\na@b.example.com,A\na@b.example.com,a\n").is_done


def test_a_name_that_two_accounts_share_needs_the_key(app):
    make_account(name="Aoba")
    make_account(name="AOBA")
    assert problems("company,tier\nAoba,high\n") == [(2, 1)]


def test_two_accounts_of_one_name_without_keys_take_what_is_said_of_their_people(app):
    for address in ("a@x.example.com", "b@y.example.com"):
        make_contact(email=address, account=make_account(name="Acme"))
    result = imports.run("email,tier,MRR\na@x.example.com,high,100\nb@y.example.com,low,200\n")
    assert (result.problems, result.is_done) == ([], True)
    tiers = [contact(address).account.tier for address in ("a@x.example.com", "b@y.example.com")]
    assert tiers == [Tier.HIGH_TOUCH, Tier.LOW_TOUCH]


@pytest.mark.parametrize("between", [0, 600])
def test_an_account_that_a_list_renames_stands_in_it_once(app, between):
    make_account(name="Acme", external_key="A-1")
    others = "".join(f",Other {number},\n" for number in range(between))
    text = f"account key,company,tier\nA-1,Acme Holdings,high\n{others},Acme,low\n"
    assert problems(text) == [(between + 3, 2)]


def test_keys_and_addresses_that_point_to_two_people_are_refused(app):
    make_contact(email="a@x.example.com", external_key="C-1")
    make_contact(email="b@x.example.com", external_key="C-2")
    assert problems("担当者ID,email\nC-1,b@x.example.com\n") == [(2, 1)]
    assert problems("担当者ID,email\nC-9,b@x.example.com\n") == [(2, 2)]


@pytest.mark.parametrize(
    "data", [b"", b"email,company\n", b"foo,bar\n1,2\n", b'email\n"a@b.example.com\n', b"PK\x03\x04"]
)
def test_what_is_no_list_of_customers_is_refused_whole(app, data):
    with pytest.raises(Invalid):
        imports.run(data)
    assert counted(Contact) == 0


def test_a_list_that_breaks_far_down_is_refused_with_its_line(app):
    rows = b"".join(b"p%d@a.example.com,A\n" % number for number in range(1500))
    with pytest.raises(Invalid, match="Line 1502"):
        imports.run(b"email,company\n" + rows + b'"x,A\n')
    assert (counted(Contact), db.session.scalars(select(ImportRun.state)).one()) == (0, ImportState.REFUSED)


def test_a_change_in_between_makes_us_look_again(app, monkeypatch):
    make_contact(email="a@x.example.com", name="Ann", account=make_account(name="X"))
    run = uploaded("email,name\na@x.example.com,Anna\n")
    while imports.check_next():
        pass
    ann = contact("a@x.example.com")
    ann.title = "Boss"
    confirmed(run)
    assert imports.finish_next()
    again = db.session.get_one(ImportRun, run)
    assert (again.state, again.rechecks) == (ImportState.CHECKING, 1)
    while imports.check_next():
        pass
    confirmed(run)
    assert imports.finish_next()
    assert (contact("a@x.example.com").name, contact("a@x.example.com").title) == ("Anna", "Boss")


def uploaded(text):
    """A list whose columns were confirmed, waiting for the job."""
    content = uploads.packed(text.encode())
    run = imports.start("list.csv", content, uploads.recognise(content, imports.defaults(is_pasted=False)), by=None)
    imports.choose(run, uploads.Mapping.read(run.mapping))
    db.session.commit()
    return run.id


def confirmed(run_id):
    imports.confirm(db.session.get_one(ImportRun, run_id), by=make_user())
    db.session.commit()


def test_the_job_goes_on_where_it_was_killed(app, monkeypatch):
    run = uploaded("email,company\n" + "".join(f"p{number}@a.example.com,A\n" for number in range(1300)))
    for _step in range(2):  # cut into chunks, first chunk staged
        imports.check_next()
    assert (counted(ImportChunk), counted(StagedContact)) == (2, 500)
    claimed = runs._claimed(ImportState.CHECKING)  # a worker takes the run and dies
    assert claimed is not None
    assert not imports.check_next()
    with clock.at(clock.now() + timedelta(minutes=3)):
        while imports.check_next():
            pass
    assert db.session.get_one(ImportRun, run).counts["contacts"]["new"] == 1300


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_worker_that_comes_late_does_not_bring_a_cancelled_list_back(app, steps):
    number = uploaded("email,company\na@b.example.com,A\n")
    for _step in range(steps):
        imports.check_next()
    claimed_as = at_work_as(runs._claimed(ImportState.CHECKING))
    imports.cancel(db.session.get_one(ImportRun, number))
    db.session.commit()
    checking.step(number, claimed_as)
    run = db.session.get_one(ImportRun, number, populate_existing=True)
    assert (run.state, run.counts, counted(StagedContact)) == (ImportState.CANCELLED, {}, steps // 2)


def test_a_worker_that_comes_late_does_not_finish_a_list_whose_columns_were_chosen_anew(app):
    number = uploaded("email,name,company\na@b.example.com,Ann,A\n")
    for _step in range(2):
        imports.check_next()
    claimed_as = at_work_as(runs._claimed(ImportState.CHECKING))
    run = db.session.get_one(ImportRun, number)
    mapping = uploads.Mapping.read(run.mapping)
    imports.choose(run, replace(mapping, fields=[Field.EMAIL, Field.ACCOUNT, Field.IGNORE]))
    db.session.commit()
    checking._finish(number, claimed_as, mapping)
    assert db.session.get_one(ImportRun, number, populate_existing=True).state is ImportState.CHECKING
    imports.check_next()  # cut into chunks again, by another worker
    checking.step(number, claimed_as)
    run = db.session.get_one(ImportRun, number, populate_existing=True)
    assert (run.state, run.done, counted(ImportChunk), counted(StagedContact)) == (ImportState.CHECKING, 0, 1, 0)
    while imports.check_next():
        pass
    assert db.session.scalars(select(StagedAccount.name)).all() == ["Ann"]


def at_work_as(run):
    """The mark of a worker who claimed this run."""
    assert run is not None
    return str(run.claimed_by)


def test_nothing_is_there_when_the_last_statement_fails(app, monkeypatch):
    def fail(*_args):
        raise RuntimeError("killed")

    monkeypatch.setattr(applying, "_carry_suppressions", fail)
    with pytest.raises(RuntimeError):
        imports.run(LIST)
    db.session.rollback()
    assert (counted(Account), counted(Contact), counted(AccountFact)) == (0, 0, 0)


def test_rows_of_old_runs_are_forgotten_and_forgotten_runs_end(app):
    imports.run(LIST)
    waiting = uploaded("email,company\na@b.example.com,A\n")
    with clock.at(clock.now() + timedelta(days=8)):
        while imports.check_next():
            pass
        while imports.sweep_next():
            pass
    assert counted(StagedContact) == 1
    assert db.session.get_one(ImportRun, waiting).state is ImportState.CANCELLED
    assert "taro@" not in str(db.session.scalars(select(ImportRun.mapping).order_by(ImportRun.id)).first())


NAMES = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=4, unique_by=lambda pair: pair[0].casefold()))
def test_what_was_imported_and_written_again_changes_nothing(app, people):
    rows = [[f"p{number}@round.example.com", name, company] for number, (company, name) in enumerate(people)]
    text = b"".join(csv.stream(["email", "name", "company"], rows, bom=True))
    imports.run(text)
    written = db.session.execute(select(Contact.email, Contact.name, Account.name).join(Contact.account)).all()
    again = imports.run(b"".join(csv.stream(["email", "name", "company"], written)))
    assert (again.counts["differences"], again.has_failed) == (0, False)
