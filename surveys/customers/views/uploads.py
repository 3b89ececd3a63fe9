"""Importing a list: upload, columns, what would change, confirm."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from surveys.customers import exports, imports, queries
from surveys.customers.forms import ColumnsForm, UploadForm
from surveys.customers.imports import checking, uploads
from surveys.customers.imports.uploads import Mapping
from surveys.customers.models import ImportRun, ImportState, StagedContact, Verdict
from surveys.customers.views.blueprint import bp
from surveys.customers.views.changes import Told
from surveys.lib import paging
from surveys.lib.access import Permission, current_user, guard
from surveys.lib.db import db, reading
from surveys.lib.downloads import download
from surveys.lib.errors import NotFound
from surveys.lib.i18n import LANGUAGES, _, language
from surveys.settings.queries import products

CSV = "text/csv; charset=utf-8"
SHOWN = 25
KINDS = [f"{verdict}_{what}" for what in ("contacts", "accounts") for verdict in ("changed", "new", "missing")]


@bp.get("/imports")
@guard(Permission.EDIT_CUSTOMERS)
def import_list() -> Any:
    page = paging.page(queries.imports(), paging.number_from(request.args.get("page")))
    return render_template("customers/imports.html", page=page)


@bp.route("/imports/new", methods=["GET", "POST"])
@guard(Permission.EDIT_CUSTOMERS)
def import_new() -> Any:
    form = UploadForm()
    # A large list takes seconds to read: nobody may wait for that behind our write lock.
    with reading():
        form.defaults = imports.defaults(is_pasted=False)
        is_good = form.validate_on_submit()
    if is_good:
        run = imports.start(form.list_name, form.content, form.mapping, by=current_user())
        db.session.commit()
        return redirect(url_for("customers.import_columns", id=run.id), 303)
    return render_template("customers/import_new.html", form=form, languages=LANGUAGES), form.status


@bp.route("/imports/<int:id>/columns", methods=["GET", "POST"])
@guard(Permission.EDIT_CUSTOMERS)
def import_columns(id: int) -> Any:
    run = db.get_or_404(ImportRun, id)
    mapping = Mapping.read(run.mapping)
    form = ColumnsForm()
    form.offer(mapping, [(product.id, product.name_in(language())) for product in db.session.scalars(products())])
    if form.validate_on_submit():
        encoding = form.data.get("encoding", mapping.encoding)
        if encoding != mapping.encoding:
            return _read_again(run, replace(mapping, encoding=encoding))
        imports.choose(run, form.chosen(mapping))
        db.session.commit()
        return redirect(url_for("customers.import_run", id=id), 303)
    return render_template("customers/import_columns.html", run=run, form=form, mapping=mapping), form.status


def _read_again(run: ImportRun, mapping: Mapping) -> Any:
    """The text was read wrong: read it in the other encoding and show the columns once more."""
    if run.content is None:
        raise NotFound(_("This import is over already. Upload the list again."))
    run.mapping = uploads.recognise(run.content, mapping).kept()
    db.session.commit()
    return redirect(url_for("customers.import_columns", id=run.id), 303)


@bp.get("/imports/<int:id>")
@guard(Permission.EDIT_CUSTOMERS)
def import_run(id: int) -> Any:
    run = db.get_or_404(ImportRun, id)
    if run.state is ImportState.UPLOADED:
        return redirect(url_for("customers.import_columns", id=id))
    shown = _shown(run)
    number = paging.number_from(request.args.get("page"))
    page = paging.page(_rows(run, shown), number, SHOWN) if run.state is not ImportState.CHECKING else None
    failure = imports.failure_of(run) if run.state is ImportState.REFUSED else ""
    refs = {row.ref for row in page.items if isinstance(row, StagedContact)} if page else set()
    return render_template(
        "customers/import_run.html",
        run=run,
        shown=shown,
        page=page,
        failure=failure,
        sentence=imports.sentence,
        told=_told(),
        accounts=queries.staged_names(run.id, refs) if refs else {},
    )


def _told() -> Told:
    owners = {user.id: user.name for user in queries.owners()}
    return Told(owners, {product.id: product.name_in(language()) for product in db.session.scalars(products())})


def _shown(run: ImportRun) -> str:
    """Which rows to show: those asked for, else the first kind that there are any of."""
    asked = request.args.get("rows", "")
    if asked in (*KINDS, "bad", "notes"):
        return asked
    if run.bad_rows:
        return "bad"
    return next((kind for kind in KINDS if _count(run, kind)), "new_contacts")


def _count(run: ImportRun, kind: str) -> int:
    verdict, what = kind.split("_")
    return int(run.counts.get(what, {}).get(verdict, 0))


def _rows(run: ImportRun, kind: str) -> Any:
    match kind:
        case "bad" | "notes":
            return queries.problems(run.id, are_fatal=kind == "bad")
        case "missing_accounts":
            return checking.missing_accounts(run.id)
        case "missing_contacts":
            return checking.missing_contacts(run.id)
    verdict, what = kind.split("_")
    staged: Any = queries.staged_contacts if what == "contacts" else queries.staged_accounts
    return staged(run.id, Verdict(verdict))


@bp.post("/imports/<int:id>/confirmation")
@guard(Permission.EDIT_CUSTOMERS)
def import_confirmation(id: int) -> Any:
    run = db.get_or_404(ImportRun, id)
    imports.confirm(run, by=current_user())
    db.session.commit()
    return redirect(url_for("customers.import_run", id=id), 303)


@bp.post("/imports/<int:id>/cancellation")
@guard(Permission.EDIT_CUSTOMERS)
def import_cancellation(id: int) -> Any:
    run = db.get_or_404(ImportRun, id)
    imports.cancel(run)
    db.session.commit()
    flash(_("The import was cancelled. Nothing was changed."))
    return redirect(url_for("customers.import_list"), 303)


@bp.get("/imports/<int:id>/problems.csv")
@guard(Permission.EDIT_CUSTOMERS)
def import_problems(id: int) -> Any:
    """Every bad row with its line, column and reason, to mend the list by."""
    run = db.get_or_404(ImportRun, id)
    return download(partial(exports.problems, run.id), f"koe-import-{run.id}-problems.csv", CSV)


@bp.get("/imports/sample-<language>.csv")
@guard(Permission.EDIT_CUSTOMERS)
def import_sample(language: str) -> Any:
    """A list as Koe likes it best, to fill in."""
    if language not in LANGUAGES:
        raise NotFound(_("There is no sample in this language."))
    return download(partial(exports.sample, language), f"koe-sample-{language}.csv", CSV)
