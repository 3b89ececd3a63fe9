"""A room that owns a kind of message, for tests: it writes short letters and remembers what it was told."""

from __future__ import annotations

from surveys.delivery.kinds import MessageKind
from surveys.delivery.mail import AUTOMATIC, Letter, one_click

LONG = 9  # the sequence of a letter longer than any buffer on its way


class Room:
    """A room that owns a kind: `verdicts` are its answers in turn, `heard` what it was told."""

    def __init__(self, **traits):
        self.verdicts = []
        self.heard = []
        self.written = 0
        self.fails = None  # what `compose` raises
        self.is_deaf = None  # what `settled` raises
        self.kind = MessageKind(self.compose, self.may_still_send, self.settled, **traits)

    def compose(self, message):
        if self.fails:
            raise self.fails
        self.written += 1
        words = "長い話です。\n" * 300_000 if message.sequence == LONG else ""
        return Letter(
            sender=("ミナト勤怠", "voice@minato.example.com"),
            to=("山田 太郎 様", message.to_address),
            subject="アンケートのお願い",
            text=f"{message.subject_id} 番のお客様へ（{self.written}）\n{words}",
            html=f"<p>{message.subject_id} 番のお客様へ（{self.written}）</p>",
            headers={**one_click(f"https://feedback.example.com/u/{message.subject_id}.abc"), **AUTOMATIC},
        )

    def may_still_send(self, message):
        return self.verdicts.pop(0) if self.verdicts else None

    def settled(self, message):
        if self.is_deaf:
            raise self.is_deaf
        self.heard.append((message.subject_id, message.state.value, message.rule or message.answer))
