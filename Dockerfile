# syntax=docker/dockerfile:1
# Two images: `web` serves, `worker` reads what is uploaded (and has what conversions and OCR need).
#   docker build --target web -t casebundle-web . && docker build --target worker -t casebundle-worker .
# Both run as nobody in particular, write to /var/lib/casebundle and /tmp alone, and know nothing of any secret.
# scripts/try_dockerfile.py does the same steps on a bare Debian, without Docker.

FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY . .
# Packages by their locked hashes, style sheet, translations, static files: as `make run` does it.
RUN CASEBUNDLE_DATA=/tmp/build python3 scripts/setup.py run \
    && .venv/bin/python -m compileall -q casebundle search annotations \
    && rm -rf /tmp/build

FROM python:3.11-slim-bookworm AS runtime
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CASEBUNDLE_DATA=/var/lib/casebundle \
    LISTEN=0.0.0.0 \
    PORT=8000 \
    LOG_FORMAT=json
RUN groupadd --gid 10001 casebundle \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin casebundle \
    && install -d -o casebundle -g casebundle -m 0700 /var/lib/casebundle
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY --from=build /app/staticfiles staticfiles
COPY --from=build /app/static static
COPY --from=build /app/templates templates
COPY --from=build /app/locale locale
COPY --from=build /app/annotations annotations
COPY --from=build /app/search search
COPY --from=build /app/casebundle casebundle
COPY --from=build /app/manage.py /app/LICENSE ./
VOLUME /var/lib/casebundle

FROM runtime AS web
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=4)"]
# In its place is the server itself: it is told to end, and ends in order.
CMD ["python", "manage.py", "serve"]

FROM runtime AS worker
# The newest of what Debian 12 keeps secure: a version that is pinned here is one that is not.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-dejavu-core \
        fonts-liberation \
        ghostscript \
        libreoffice-calc-nogui \
        libreoffice-impress-nogui \
        libreoffice-writer-nogui \
        pngquant \
        qpdf \
        tesseract-ocr \
        tesseract-ocr-cym \
        tesseract-ocr-eng \
        unpaper \
    && rm -rf /var/lib/apt/lists/*
USER 10001:10001
# It says every ten seconds that it is there.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, sys, time; sys.exit(time.time() - os.stat('/var/lib/casebundle/worker.alive').st_mtime > 60)"]
CMD ["python", "manage.py", "worker"]
