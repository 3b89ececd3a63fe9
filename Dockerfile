# docker build -t koe .   then   docker run -p 8000:8000 -v koe-data:/data -e KOE_BASE_URL=https://feedback.example.com koe
FROM python:3.12-slim AS build
WORKDIR /koe
COPY requirements.lock ./
RUN python -m venv /opt/koe \
    && /opt/koe/bin/pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY surveys ./surveys
COPY templates ./templates
COPY static ./static
COPY migrations ./migrations
RUN /opt/koe/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM python:3.12-slim
RUN useradd --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin koe \
    && install --directory --mode=0700 --owner=koe --group=koe /data
COPY --from=build /opt/koe /opt/koe
ENV PATH=/opt/koe/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KOE_DATA_DIR=/data \
    KOE_HOST=0.0.0.0 \
    KOE_PORT=8000
USER koe
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["koe", "up"]
