# One image for every process: web, realtime, worker, beat and mail.
FROM python:3.13-slim AS packages
WORKDIR /app
COPY requirements/ requirements/
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/installer.txt \
 && VIRTUAL_ENV=/venv /venv/bin/uv pip install --no-cache --compile-bytecode \
        --require-hashes -r requirements/runtime.txt \
 && /venv/bin/pip uninstall --yes --quiet uv

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    DJANGO_SETTINGS_MODULE=helpdesk.settings \
    TRIBUTARY_DATA_DIR=/data \
    TRIBUTARY_BIND=0.0.0.0 \
    TRIBUTARY_LOG_FORMAT=json
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin tributary \
 && mkdir --mode=0700 /data && chown tributary /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY manage.py ./
COPY helpdesk/ helpdesk/
COPY inbox/ inbox/
COPY channels_ingest/ channels_ingest/
COPY customers/ customers/
COPY templates/ templates/
COPY static/ static/
USER tributary
VOLUME /data
EXPOSE 8000 8001 2525
HEALTHCHECK --interval=10s --timeout=5s --start-period=40s \
    CMD ["python", "-c", "import urllib.request as it; it.urlopen('http://127.0.0.1:8000/healthz')"]
# What to run: web, realtime, worker, beat, mail; or any other management command.
ENTRYPOINT ["python", "manage.py", "serve"]
CMD ["web"]
