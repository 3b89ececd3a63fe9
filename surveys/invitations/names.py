"""How a mail addresses somebody, with all that may be missing of a name."""

from __future__ import annotations

from surveys.customers.models import Contact

USUAL_HONORIFIC = "様"


def greeting(contact: Contact, language: str) -> str:
    """The first lines of a mail to this contact."""
    return greeting_of(
        language,
        name=contact.name,
        company=contact.account.name,
        department=contact.department,
        honorific=contact.honorific,
    )


def greeting_of(language: str, *, name: str = "", company: str = "", department: str = "", honorific: str = "") -> str:
    """「あおば物流 総務部⏎佐藤 花子 様」, "Hello Jane Smith,"; what is missing is passed over politely."""
    name, company, department = (" ".join(part.split()) for part in (name, company, department))
    if language != "ja":
        return f"Hello {name}," if name else "Hello,"
    if name:
        office = " ".join(part for part in (company, department) if part)
        return f"{office}\n{_addressed(name, honorific)}".lstrip("\n")
    if company:
        return f"{company} ご担当者様"
    return f"{department} 御中" if department else "お客様"


def _addressed(name: str, honorific: str) -> str:
    """The name with 様, or the honorific it is known with (先生, 殿); one written into the name stays alone."""
    word = honorific.strip()
    word = USUAL_HONORIFIC if not word or word.isascii() else word
    return name if name.endswith(word) else f"{name} {word}"
