# Roost in two stages: build with the Swift toolchain, run on Debian with nothing but SQLite added.
# The build steps are in scripts/image-build, which `make image-check` runs without a container engine.
FROM swift:6.3-bookworm AS build
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libsqlite3-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
RUN swift package resolve
COPY . .
RUN scripts/image-build /out

FROM debian:bookworm-slim
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libsqlite3-0 libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /data --no-create-home --shell /usr/sbin/nologin roost \
    && install -d -o roost -g roost /data
COPY --from=build /out/roost /usr/local/bin/roost
COPY LICENSE THIRD_PARTY_LICENSES.md /usr/share/doc/roost/

ENV MLFLOW_HOST=0.0.0.0 \
    MLFLOW_PORT=5000 \
    MLFLOW_BACKEND_STORE_URI=sqlite:////data/roost.db
USER roost
WORKDIR /data
VOLUME /data
EXPOSE 5000
# No shell and no other program: the binary asks its own server and exits 0 or 1.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["roost", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["roost"]
CMD ["server"]
