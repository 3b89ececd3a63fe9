"""Comparing the rows of one chunk with what Koe knows and with the list so far, and noting what each would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, update

from surveys.customers.imports.columns import Field
from surveys.customers.imports.drafts import Draft, is_japanese, shown
from surveys.customers.imports.lookups import (
    ACCOUNT_FIELDS,
    CONTACT_FIELDS,
    Known,
    Lookup,
    account_without_name,
    lookup,
)
from surveys.customers.imports.problems import Code, Problem
from surveys.customers.models import (
    ImportProblem,
    StagedAccount,
    StagedContact,
    StagedContract,
    Verdict,
    name_key,
)
from surveys.lib.db import db

_NEW_ACCOUNT: Known = dict.fromkeys(ACCOUNT_FIELDS) | {"name_kana": ""}
_NEW_CONTACT: Known = dict.fromkeys(CONTACT_FIELDS, "") | {"external_key": None, "role": None, "is_nonstandard": False}
_DATED = {"tier": "is_tier_new", "phase": "is_phase_new", "owner_id": "is_owner_new"}
_COLUMN_OF = {
    "external_key": Field.ACCOUNT_KEY,
    "name": Field.ACCOUNT,
    "name_kana": Field.ACCOUNT_KANA,
    "owner_id": Field.OWNER,
    "go_live_on": Field.GO_LIVE,
    "renewal_on": Field.RENEWAL,
    "tier": Field.TIER,
    "phase": Field.PHASE,
}


class Doubt(Exception):
    """A row that cannot be taken over as it stands."""

    def __init__(self, code: Code, field: Field | None = None, **values: Any) -> None:
        super().__init__(code)
        self.code, self.field, self.values = code, field, values


@dataclass
class Staging:
    """The rows of one chunk finding their place. `store` writes what came of it."""

    run_id: int
    language: str
    headings: Mapping[int, str]
    found: Lookup = field(default_factory=Lookup)
    new_accounts: list[Known] = field(default_factory=list)
    new_contracts: list[Known] = field(default_factory=list)
    new_contacts: list[Known] = field(default_factory=list)
    touched: dict[int, Known] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place_all(self, drafts: list[Draft]) -> None:
        """Compare every draft; only reads."""
        good = [draft for draft in drafts if not draft.is_bad]
        self.found = lookup(
            self.run_id,
            [draft.account for draft in good if draft.account],
            [draft.contact for draft in good if draft.contact],
        )
        for draft in good:
            try:
                self._place(draft)
            except Doubt as doubt:
                number = draft.columns.get(doubt.field) if doubt.field else None
                heading = self.headings.get(number, "") if number else ""
                draft.problems.append(Problem(doubt.code, draft.line, number, heading, doubt.values))
        self.problems = _once([problem for draft in drafts for problem in draft.problems])

    def store(self) -> None:
        """Write the staged rows: a handful of statements."""
        for model, rows in (
            (StagedAccount, self.new_accounts),
            (StagedContract, self.new_contracts),
            (StagedContact, self.new_contacts),
            (ImportProblem, [self._noted(problem) for problem in self.problems]),
        ):
            if rows:
                db.session.execute(insert(cast(Table, model.__table__)), rows)
        if self.touched:
            table = cast(Table, StagedAccount.__table__)
            names = [column.name for column in table.columns if column.name not in ("id", "run_id", "ref", "line")]
            statement = update(table).where(table.c.id == bindparam("row_id"))
            values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
            rows = [{"row_id": row["id"]} | {f"new_{n}": row[n] for n in names} for row in self.touched.values()]
            db.session.connection().execute(statement.values(values), rows)

    def _noted(self, problem: Problem) -> Known:
        return {
            "run_id": self.run_id,
            "line": problem.line,
            "column": problem.column,
            "heading": problem.heading,
            "code": problem.code.value,
            "values": dict(problem.values),
            "is_fatal": problem.is_fatal,
        }

    def _place(self, draft: Draft) -> None:
        account = self._account(draft, draft.account)
        if account is None and draft.contact:
            account = self._own_account(draft)
        if draft.contact:
            account = self._contact(draft, account)
        elif account is None:
            raise Doubt(Code.NO_EMAIL if Field.EMAIL in draft.columns else Code.NO_ACCOUNT_NAME)
        if draft.contract and account is not None:
            self._contract(draft, account)

    def _account(self, draft: Draft, given: Mapping[str, Any]) -> Known | None:
        """The staged account of a row; None when the row names none."""
        key, name = given.get("external_key"), given.get("name")
        if not key and not name:
            return None
        staged = self._staged(key, name)
        if staged is None:
            known = self._known(key, name)
            if known is None and not name:
                raise Doubt(Code.NO_ACCOUNT_NAME, Field.ACCOUNT_KEY)
            staged = self._stage_account(draft.line, key, name, known)
        self._agree(draft, staged, given)
        return staged

    def _own_account(self, draft: Draft) -> Known | None:
        """The account of a contact whom we know, when the row says something about it without naming it."""
        known = self._known_contact(draft.contact)
        if known is None or not (draft.account or draft.contract):
            return None
        account = self.found.accounts_by_id[known["account_id"]]
        staged = self._stage_account(draft.line, account["external_key"], account["name"], account)
        self._agree(draft, staged, draft.account)
        return staged

    def _staged(self, key: str | None, name: str | None) -> Known | None:
        if key and key in self.found.staged_by_key:
            return self.found.staged_by_key[key]
        return self._only(self.found.staged_by_name.get(name_key(name), []) if name else [], key, name)

    def _known(self, key: str | None, name: str | None) -> Known | None:
        if key and key in self.found.accounts_by_key:
            return self.found.accounts_by_key[key]
        return self._only(self.found.accounts_by_name.get(name_key(name), []) if name else [], key, name)

    def _only(self, namesakes: list[Known], key: str | None, name: str | None) -> Known | None:
        """The one of this name; with a key, only one that has no key yet."""
        if key:
            namesakes = [each for each in namesakes if not each["external_key"]]
        if len(namesakes) > 1:
            raise Doubt(Code.TWO_ACCOUNTS, Field.ACCOUNT, value=name)
        return namesakes[0] if namesakes else None

    def _stage_account(self, line: int, key: str | None, name: str | None, known: Known | None) -> Known:
        """The account as it would be; one that we know stands in a list once, whatever a row calls it."""
        if known and known["id"] in self.found.staged_by_id:
            return self.found.staged_by_id[known["id"]]
        values = known or _NEW_ACCOUNT | {"name": name, "name_key": name_key(name or ""), "properties": {}}
        staged = {name: values[name] for name in ACCOUNT_FIELDS} | {
            "run_id": self.run_id,
            "line": line,
            "ref": f"a:{known['id']}" if known else f"k:{key}" if key else f"n:{name_key(name or '')}",
            "account_id": known["id"] if known else None,
            "seen_version": known["version"] if known else 0,
            "verdict": Verdict.UNCHANGED if known else Verdict.NEW,
            "given": [],
            "changes": {},
            "is_tier_new": False,
            "is_phase_new": False,
            "is_owner_new": False,
        }
        self.new_accounts.append(staged)
        self.found.add_account(staged)
        return staged

    def _agree(self, draft: Draft, staged: Known, given: Mapping[str, Any]) -> None:
        """Take over what the row says of the account; rows of one list may not contradict each other."""
        given = dict(given)
        properties = given.pop("properties", {})
        for name, value in given.items():
            self._take(draft, staged, name, value)
        for name, value in properties.items():
            self._take_property(draft, staged, name, value)

    def _take(self, draft: Draft, staged: Known, name: str, value: Any) -> None:
        before = staged[name]
        is_same = name_key(str(before)) == name_key(value) if name == "name" and before else before == value
        if name in staged["given"]:
            if not is_same:
                raise Doubt(
                    Code.DIFFERS, _COLUMN_OF[name], value=shown(value), other=shown(before), line=staged["line"]
                )
            return
        self._touch(staged, given=[*staged["given"], name])
        if before == value:
            return
        self._change(staged, name, before, value)
        staged[name] = value
        if name == "name":
            staged["name_key"] = name_key(value)
        if name in _DATED:
            staged[_DATED[name]] = True
        if name == "external_key":
            self.found.staged_by_key[value] = staged

    def _take_property(self, draft: Draft, staged: Known, name: str, value: str) -> None:
        before = staged["properties"].get(name)
        if before == value:
            return
        if f"property:{name}" in staged["given"]:
            raise Doubt(Code.DIFFERS, value=value, other=before, line=staged["line"])
        self._touch(
            staged, properties=staged["properties"] | {name: value}, given=[*staged["given"], f"property:{name}"]
        )
        self._change(staged, f"property:{name}", before, value)

    def _touch(self, staged: Known, **values: Any) -> None:
        staged.update(values)
        if "id" in staged:
            self.touched[staged["id"]] = staged

    def _change(self, staged: Known, name: str, before: Any, value: Any) -> None:
        if staged["account_id"] is not None:
            changes = staged["changes"] | {name: [shown(before), shown(value)]}
            self._touch(staged, changes=changes, verdict=Verdict.CHANGED)

    def _contract(self, draft: Draft, staged: Known) -> None:
        product_id, mrr, currency = draft.contract or (0, 0, "")
        place, now = (staged["ref"], product_id), (mrr, currency)
        said = self.found.staged_contracts.get(place)
        if said is not None:
            if (said["mrr"], said["currency"]) != now:
                other = f"{said['mrr']} {said['currency']}"
                raise Doubt(Code.DIFFERS, Field.MRR, value=f"{mrr} {currency}", other=other, line=said["line"])
            return
        before = self.found.contracts.get((staged["account_id"], product_id))
        verdict = Verdict.UNCHANGED if before == now else Verdict.CHANGED if before else Verdict.NEW
        row = {
            "run_id": self.run_id,
            "line": draft.line,
            "ref": staged["ref"],
            "product_id": product_id,
            "mrr": mrr,
            "currency": currency,
            "verdict": verdict,
        }
        self.new_contracts.append(row)
        self.found.staged_contracts[place] = row
        if verdict is not Verdict.UNCHANGED:
            was = f"{before[0]} {before[1]}" if before else None
            self._change(staged, f"mrr:{product_id}", was, f"{mrr} {currency}")

    def _contact(self, draft: Draft, account: Known | None) -> Known | None:
        """Stage the person of a row; the account she belongs to, when the list says or the address tells."""
        given = draft.contact
        known = self._known_contact(given)
        if known and known["is_language_own"]:  # chosen by the person, which no list undoes
            given = {name: value for name, value in given.items() if name != "language"}
        if known is None and "email" not in given:
            raise Doubt(Code.NO_EMAIL, Field.EMAIL)
        if self._is_repeated(given, known, account):
            return account
        if account is None and known is None:
            account = self._account(draft, dict(draft.account) | {"name": account_without_name(given)})
        staged = self._new_contact(draft.line, given, known, account)
        self.new_contacts.append(staged)
        self.found.add_person(staged)
        return account

    def _known_contact(self, given: Mapping[str, Any]) -> Known | None:
        key = given.get("external_key")
        by_key = self.found.contacts_by_key.get(key) if key else None
        by_email = self.found.contacts_by_email.get(given.get("email_key", ""))
        if by_key and by_email and by_key["id"] != by_email["id"]:
            raise Doubt(Code.OTHER_CONTACT, Field.CONTACT_KEY)
        if key and by_email and not by_key and by_email["external_key"]:
            raise Doubt(Code.OTHER_KEY, Field.EMAIL, other=by_email["external_key"])
        return by_key or by_email

    def _is_repeated(self, given: Mapping[str, Any], known: Known | None, account: Known | None) -> bool:
        """Whether an earlier row of the list said exactly this; if it said something else, one of them is wrong."""
        earlier = (
            self.found.people_by_email.get(given.get("email_key", ""))
            or self.found.people_by_key.get(given.get("external_key", ""))
            or (self.found.people_by_id.get(known["id"]) if known else None)
        )
        if earlier is None:
            return False
        said = {name: value for name, value in given.items() if name != "properties"}
        agrees = all(earlier[name] == value for name, value in said.items())
        same_account = account is None or earlier["ref"] in ("", account["ref"])
        if not agrees or not same_account or not given.get("properties", {}).items() <= earlier["properties"].items():
            raise Doubt(Code.TWICE, Field.EMAIL, line=earlier["line"])
        return True

    def _new_contact(self, line: int, given: Mapping[str, Any], known: Known | None, account: Known | None) -> Known:
        before = {name: (known or _NEW_CONTACT)[name] for name in CONTACT_FIELDS}
        before["properties"] = before["properties"] or {}
        now = before | dict(given) | {"properties": before["properties"] | given.get("properties", {})}
        now["language"] = now["language"] or self._spoken(now)
        is_moved = bool(known and account and account["account_id"] != known["account_id"])
        has_new_address = bool(known and now["email_key"] != known["email_key"])
        changes = _changes(before, now, given) if known else {}
        if known and account and is_moved:
            changes["account"] = [known["account_name"], account["name"]]
        return now | {
            "run_id": self.run_id,
            "line": line,
            "ref": account["ref"] if account else "",
            "account_id": known["account_id"] if known else None,
            "contact_id": known["id"] if known else None,
            "seen_version": known["version"] if known else 0,
            "verdict": Verdict.NEW if not known else Verdict.CHANGED if changes else Verdict.UNCHANGED,
            "unreachable": "" if has_new_address else now["unreachable"],
            "changes": changes,
            "old_email": known["email"] if known and has_new_address else "",
        }

    def _spoken(self, contact: Known) -> str:
        """Japanese for a Japanese name or address, else what this installation speaks."""
        written = contact["name"] + contact["department"] + contact["title"] + contact["honorific"]
        return "ja" if is_japanese(written) or contact["email_key"].endswith(".jp") else self.language


def _once(problems: list[Problem]) -> list[Problem]:
    """What one should only know is said once and not on every line."""
    known = {(each.code, each.values.get("value")): each for each in reversed(problems) if not each.is_fatal}
    return [each for each in problems if each.is_fatal or known[each.code, each.values.get("value")] is each]


def _changes(before: Known, now: Known, given: Iterable[str]) -> dict[str, list[Any]]:
    changes = {
        name: [shown(before[name]), shown(now[name])]
        for name in given
        if name not in ("properties", "email_key", "is_nonstandard") and before[name] != now[name]
    }
    for name, value in now["properties"].items():
        if before["properties"].get(name) != value:
            changes[f"property:{name}"] = [before["properties"].get(name), value]
    return changes
