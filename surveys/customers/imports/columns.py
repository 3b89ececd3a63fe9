"""What the columns of a list of customers mean: told by their headings, in English or Japanese, in any order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from surveys.lib.i18n import _l


class Field(StrEnum):
    """What a column can hold; properties keep what we have no place for."""

    EMAIL = "email"
    NAME = "name"
    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    KANA = "kana"
    FAMILY_KANA = "family_kana"
    GIVEN_KANA = "given_kana"
    HONORIFIC = "honorific"
    LANGUAGE = "language"
    DEPARTMENT = "department"
    TITLE = "title"
    ROLE = "role"
    CONTACT_KEY = "contact_key"
    ACCOUNT = "account"
    ACCOUNT_KANA = "account_kana"
    ACCOUNT_KEY = "account_key"
    TIER = "tier"
    PHASE = "phase"
    OWNER = "owner"
    MRR = "mrr"
    CURRENCY = "currency"
    PRODUCT = "product"
    GO_LIVE = "go_live"
    RENEWAL = "renewal"
    PROPERTY = "property"
    ACCOUNT_PROPERTY = "account_property"
    IGNORE = "ignore"


LABELS = {
    Field.EMAIL: _l("E-mail address"),
    Field.NAME: _l("Name"),
    Field.FAMILY_NAME: _l("Family name"),
    Field.GIVEN_NAME: _l("Given name"),
    Field.KANA: _l("Name in kana"),
    Field.FAMILY_KANA: _l("Family name in kana"),
    Field.GIVEN_KANA: _l("Given name in kana"),
    Field.HONORIFIC: _l("Honorific"),
    Field.LANGUAGE: _l("Language"),
    Field.DEPARTMENT: _l("Department"),
    Field.TITLE: _l("Job title"),
    Field.ROLE: _l("Role"),
    Field.CONTACT_KEY: _l("Key of the contact"),
    Field.ACCOUNT: _l("Account"),
    Field.ACCOUNT_KANA: _l("Account in kana"),
    Field.ACCOUNT_KEY: _l("Key of the account"),
    Field.TIER: _l("Tier"),
    Field.PHASE: _l("Phase"),
    Field.OWNER: _l("Owner"),
    Field.MRR: _l("MRR"),
    Field.CURRENCY: _l("Currency"),
    Field.PRODUCT: _l("Product"),
    Field.GO_LIVE: _l("Go-live"),
    Field.RENEWAL: _l("Renewal"),
    Field.PROPERTY: _l("Keep as a property"),
    Field.ACCOUNT_PROPERTY: _l("Keep as a property of the account"),
    Field.IGNORE: _l("Leave out"),
}

# Headings in their compared form (see `compared`), as CRM systems and hand-made lists write them.
_HEADINGS = {
    Field.EMAIL: "email,emailaddress,mail,mailaddress,address,contactemail,eメール,メール,メールアドレス,電子メール,"
    "アドレス,担当者メール,担当者メールアドレス,連絡先メール,連絡先メールアドレス",
    Field.NAME: "name,fullname,contact,contactname,person,氏名,名前,お名前,担当者,担当者名,担当者氏名,取引先担当者,"
    "取引先担当者名,先方担当者,先方担当者名,ご担当者名,ご担当者,連絡先,連絡先名,姓名,顧客担当者",
    Field.FAMILY_NAME: "familyname,lastname,surname,姓,苗字,名字,氏",
    Field.GIVEN_NAME: "givenname,firstname,forename,名",
    Field.KANA: "kana,namekana,furigana,reading,phonetic,カナ,かな,フリガナ,ふりがな,氏名カナ,氏名かな,氏名フリガナ,"
    "名前カナ,担当者カナ,担当者名カナ,担当者フリガナ,ヨミガナ,よみがな,読み仮名",
    Field.FAMILY_KANA: "familynamekana,lastnamekana,セイ,せい,姓カナ,姓フリガナ,姓かな",
    Field.GIVEN_KANA: "givennamekana,firstnamekana,メイ,めい,名カナ,名フリガナ,名かな",
    Field.HONORIFIC: "honorific,salutation,prefix,敬称",
    Field.LANGUAGE: "language,lang,locale,言語,使用言語,表示言語,言語コード",
    Field.DEPARTMENT: "department,dept,division,team,部署,部署名,所属,部門,所属部署",
    Field.TITLE: "title,jobtitle,position,役職,役職名,職位,肩書,肩書き",
    Field.ROLE: "role,contactrole,役割,立場,キーマン区分,担当者区分",
    Field.CONTACT_KEY: "contactkey,contactid,contactcode,personid,userid,担当者id,担当者コード,取引先担当者id,"
    "取引先担当者コード,連絡先id",
    Field.ACCOUNT: "account,accountname,company,companyname,organization,organisation,customer,customername,"
    "client,会社,"
    "会社名,企業,企業名,法人名,取引先,取引先名,顧客,顧客名,組織,組織名,貴社名,お客様名,契約企業,"
    "契約企業名",
    Field.ACCOUNT_KANA: "accountkana,companykana,会社名カナ,会社名フリガナ,企業名カナ,取引先名カナ,"
    "取引先カナ,法人名カナ,"
    "顧客名カナ",
    Field.ACCOUNT_KEY: "accountkey,accountid,accountcode,companyid,companycode,customerid,customercode,"
    "customerkey,clientid,"
    "取引先コード,取引先id,取引先番号,顧客コード,顧客id,顧客番号,企業コード,企業id,会社コード,会社id,"
    "契約id,契約番号",
    Field.TIER: "tier,touch,touchmodel,segment,タッチ区分,タッチモデル,タッチ,ティア,顧客ランク,ランク,支援区分",
    Field.PHASE: "phase,lifecycle,lifecyclestage,stage,status,フェーズ,ライフサイクル,ステージ,契約フェーズ,"
    "契約ステータス,利用フェーズ",
    Field.OWNER: "owner,accountowner,csm,csowner,accountmanager,担当,自社担当,自社担当者,弊社担当,弊社担当者,cs担当,"
    "cs担当者,担当cs,担当csm,営業担当,営業担当者,所有者,取引先所有者,主担当,カスタマーサクセス担当",
    Field.MRR: "mrr,monthlyrevenue,monthlyrecurringrevenue,monthlyfee,revenue,月額,月額料金,月額利用料,月額金額,"
    "月次売上,月間売上,月次経常収益,利用料,利用料金",
    Field.CURRENCY: "currency,currencycode,通貨,通貨コード",
    Field.PRODUCT: "product,productname,service,plan,製品,製品名,サービス,サービス名,商品,商品名,プロダクト,契約製品,"
    "契約サービス",
    Field.GO_LIVE: "golive,golivedate,goliveon,startdate,started,contractstart,activationdate,"
    "利用開始日,利用開始,導入日,"
    "本番稼働日,稼働日,稼働開始日,契約開始日,開始日,運用開始日",
    Field.RENEWAL: "renewal,renewaldate,renewalon,renewson,contractend,enddate,更新日,契約更新日,次回更新日,更新期日,"
    "契約終了日,契約満了日,満了日,更新予定日",
}
_FIELD_OF = {heading: field for field, text in _HEADINGS.items() for heading in text.split(",")}
_KEPT = (Field.PROPERTY, Field.ACCOUNT_PROPERTY, Field.IGNORE)
_OF_ACCOUNT = frozenset(
    [
        "industry",
        "sector",
        "employees",
        "employeecount",
        "headcount",
        "region",
        "country",
        "prefecture",
        "area",
        "website",
        "url",
        "業種",
        "業界",
        "従業員数",
        "社員数",
        "規模",
        "企業規模",
        "会社規模",
        "地域",
        "エリア",
        "都道府県",
        "国",
        "住所",
        "所在地",
        "本社所在地",
        "ホームページ",
    ]
)
# These say "key" without saying whose: the contact's where there are addresses, else the account's.
_ANY_KEY = frozenset(
    [
        "id",
        "key",
        "code",
        "externalid",
        "externalkey",
        "crmid",
        "crmコード",
        "外部id",
        "コード",
        "管理番号",
        "レコードid",
        "recordid",
    ]
)
_READINGS = ("カナ", "かな", "フリガナ", "ふりがな", "kana")
_BRACKETS = re.compile(r"[(\[【「〔<](.*?)[)\]】」〕>]")
_FILLER = re.compile(r"[\s_\-–—・/:：.。*※#]+|必須|任意|required|optional")
_UNITS = {"千円": (1_000, "JPY"), "万円": (10_000, "JPY"), "百万円": (1_000_000, "JPY"), "円": (1, "JPY")}
_CURRENCY_WORDS = {
    "jpy": "JPY",
    "usd": "USD",
    "eur": "EUR",
    "gbp": "GBP",
    "ドル": "USD",
    "米ドル": "USD",
    "ユーロ": "EUR",
}
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_COMPANY = re.compile(
    r"株式会社|有限会社|合同会社|\(株\)|㈱|学園|大学|製作所|\b(?:inc|ltd|llc|gmbh|corp|co|k\.k)\b", re.IGNORECASE
)


def compared(heading: str) -> str:
    """A heading without what does not tell it apart: width, case, blanks, brackets (but for カナ), 必須."""
    plain = unicodedata.normalize("NFKC", heading).casefold()
    return _FILLER.sub("", _BRACKETS.sub(lambda inside: inside[1] if inside[1] in _READINGS else "", plain))


def recognised(headings: Sequence[str]) -> list[Field]:
    """The field of each column; of two columns of the same field the first has it, the other is kept as a property."""
    taken: set[Field] = set()
    fields = []
    for field in _meant(headings):
        is_free = field not in taken or field in _KEPT
        taken.add(field)
        fields.append(field if is_free else Field.PROPERTY)
    return fields


def _meant(headings: Sequence[str]) -> list[Field]:
    names = [compared(heading) for heading in headings]
    fields = [_field(name) for name in names]
    whose = Field.CONTACT_KEY if Field.EMAIL in fields else Field.ACCOUNT_KEY
    if whose in fields:
        whose = Field.PROPERTY
    return [
        whose if name in _ANY_KEY else Field.IGNORE if not name else field
        for name, field in zip(names, fields, strict=True)
    ]


def _field(name: str) -> Field:
    kept = Field.ACCOUNT_PROPERTY if name in _OF_ACCOUNT else Field.PROPERTY
    return _FIELD_OF.get(name) or _FIELD_OF.get(_unmarked(name)) or kept


def _unmarked(name: str) -> str:
    """`mrrjpy` is MRR in yen."""
    for word in _CURRENCY_WORDS:
        name = name.removesuffix(word)
    return name


def unit_of(heading: str) -> tuple[int, str]:
    """What an amount under this heading is multiplied by, and its currency when the heading names one: 月額（千円）."""
    plain = unicodedata.normalize("NFKC", heading).casefold()
    for inside in [*_BRACKETS.findall(plain), plain]:
        for word, meaning in _UNITS.items():
            if inside.strip().removeprefix("単位:").strip() == word:
                return meaning
        for word, currency in _CURRENCY_WORDS.items():
            if inside.strip().endswith(word):
                return 1, currency
    return 1, ""


def is_headless(first_row: Sequence[str]) -> bool:
    """Whether the first row is a customer already, because an address stands in it."""
    return any(_ADDRESS.search(cell) for cell in first_row)


def guessed(first_row: Sequence[str]) -> list[Field]:
    """The fields of a list without headings, told by what stands in its first row."""
    fields: list[Field] = []
    for cell in first_row:
        field = Field.IGNORE
        if _ADDRESS.search(cell):
            field = Field.EMAIL
        elif _COMPANY.search(unicodedata.normalize("NFKC", cell)):
            field = Field.ACCOUNT
        elif cell.strip():
            field = Field.NAME
        fields.append(field if field not in fields else Field.PROPERTY)
    return fields
