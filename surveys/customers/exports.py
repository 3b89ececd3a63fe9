"""Files that go with an import: a sample to fill in, and the list of what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from surveys.customers import imports, queries
from surveys.lib import csv
from surveys.lib.db import db
from surveys.lib.i18n import _

_SAMPLES = {
    "en": [
        "Account key,Account,Tier,Phase,MRR (USD),Go-live,Renewal,Owner,Industry,Contact key,E-mail address,Name,"
        "Language,Department,Job title,Role",
        "A-1001,Harbor & Finch,High touch,Adoption,1200,2024-04-01,2027-03-31,,Logistics,C-2001,"
        "ann@harborfinch.example.com,Ann Harbor,English,Operations,Head of Operations,Decision maker",
        "A-1001,Harbor & Finch,High touch,Adoption,1200,2024-04-01,2027-03-31,,Logistics,C-2002,"
        "ben@harborfinch.example.com,Ben Finch,English,Payroll,Payroll Clerk,User",
    ],
    "ja": [
        "取引先コード,会社名,会社名カナ,タッチ区分,フェーズ,月額（円）,利用開始日,契約更新日,自社担当,業種,担当者コード,"
        "メールアドレス,氏名,フリガナ,敬称,言語,部署,役職,役割",
        "A-1001,あおば物流株式会社,アオバブツリュウ,ハイタッチ,アダプション,480000,2024/4/1,2027/3/31,,物流,C-2001,"
        "taro@aoba.example.com,青葉 太郎,アオバ タロウ,様,日本語,人事部,部長,決裁者",
        "A-1001,あおば物流株式会社,アオバブツリュウ,ハイタッチ,アダプション,480000,2024/4/1,2027/3/31,,物流,C-2002,"
        "hanako@aoba.example.com,港 花子,ミナト ハナコ,様,日本語,総務部,主任,利用者",
    ],
}


def sample(language: str) -> Iterator[bytes]:
    headings, *rows = ([*line.split(",")] for line in _SAMPLES[language])
    return csv.stream(headings, rows, bom=True)


def problems(run_id: int) -> Iterator[bytes]:
    """Line, column and reason of everything that is wrong, in the language of who asks."""
    found = db.session.scalars(queries.problems(run_id, are_fatal=True).execution_options(yield_per=500))
    rows = ([each.line, each.column, each.heading, imports.sentence(each.code, each.values)] for each in found)
    return csv.stream([_("Line"), _("Column"), _("Heading"), _("What is wrong")], rows, bom=True)
