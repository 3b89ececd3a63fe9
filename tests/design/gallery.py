"""Every component on a few pages, as staff would meet them; never part of the application."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, flash, g, redirect, render_template, request
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from surveys.auth.models import StaffUser
from surveys.frame import NAV
from surveys.lib import clock
from surveys.lib.access import Role, public
from surveys.lib.forms import Form
from surveys.lib.paging import Page

bp = Blueprint("gallery", __name__, template_folder=str(Path(__file__).parent / "templates"))
PAGES = ("list", "detail", "form", "numbers", "empty", "bare", "longtext")
SAMPLES: dict[str, dict[str, Any]] = {
    "en": {
        "title": "Queue",
        "words": "Since the last update people forget to clock out. We have started to look at alternatives.",
        "person": "Hannah Whitfield",
        "company": "Harbor & Finch",
        "tag": "Reports and CSV",
        "note": "Called her; she wants to know by Friday when the export will be back.",
    },
    "ja": {
        "title": "要対応",
        "words": "改修後、打刻漏れが増えました。社内では見直しの話も出ています。月末締めの前に直してください。",
        "person": "佐藤 花子",
        "company": "株式会社あおば物流",
        "tag": "帳票・CSV",
        "note": "お電話しました。金曜日までに、書き出しがいつ直るかをお知らせすることになりました。",
    },
}


class SampleForm(Form):
    name = StringField("Name", [InputRequired()])
    product = StringField("Product")
    tier = SelectField(
        "Tier", choices=[SelectChoice("high_touch", "High touch"), SelectChoice("low_touch", "Low touch")]
    )
    note = TextAreaField("What did you agree?", [InputRequired(), Length(max=2000)])
    outcome = RadioField("Outcome", choices=[SelectChoice("a", "Satisfied"), SelectChoice("b", "No reply")])
    told = BooleanField("The customer has been told")
    on = DateField("From which day")
    file = FileField("Customer list")


def install(app: Flask) -> None:
    """Add the pages; where an entry of the rail has no page yet, one that leads nowhere."""
    app.register_blueprint(bp)
    for item in (entry for top in NAV for entry in (top, *top.under)):
        if item.endpoint not in app.view_functions:
            app.add_url_rule(f"/gallery/{item.endpoint}", item.endpoint, public(lambda: ""))


@bp.route("/gallery/<name>", methods=["GET", "POST"])
@public
def page(name: str) -> Any:
    language = request.args.get("lang", "en")
    g.user = StaffUser(name="田中 葵" if language == "ja" else "Aoi Tanaka", role=Role.ADMIN, locale=language)
    g.user.has_shortcuts = request.args.get("keys") != "off"
    if request.method == "POST":
        flash("Saved.")
        return redirect(request.full_path)
    if name == "list":
        flash({"text": SAMPLES[language]["note"], "undo": "/gallery/list"}, "undo")
        flash("Nothing was sent.", "error")
    return render_template(f"gallery/{name}.html", **_context(language))


def _context(language: str) -> dict[str, Any]:
    form = SampleForm(meta={"csrf": False})
    if request.args.get("wrong"):
        form.process(formdata=None)
        form.name.errors = ["This field is required."]
        form.note.errors = ["This field is required."]
    now = clock.now()
    return {
        "s": SAMPLES[language],
        "form": form,
        "now": now,
        "late": now - timedelta(hours=3),
        "soon": now + timedelta(hours=2),
        "page": Page(items=list(range(12)), number=3, size=50, total=1234),
    }
