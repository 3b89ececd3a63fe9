"""The application for a WSGI server: `granian --interface wsgi wsgi:app`."""

from surveys.app import serve

app = serve()
