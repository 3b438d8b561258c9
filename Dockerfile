# The gateway's image: one binary on Debian. It runs as a user without rights and writes only to /data, SQLite's folder.
#
#   docker build -t gatelodge .
#   docker run --rm --read-only -p 127.0.0.1:8000:8000 -v gatelodge:/data gatelodge

FROM rust:1.95-bookworm AS build
WORKDIR /build

# The dependencies alone, with empty sources. This layer is rebuilt only when a manifest or the lock file changes.
COPY Cargo.toml Cargo.lock ./
COPY migration/Cargo.toml migration/
RUN mkdir src migration/src \
 && touch src/lib.rs migration/src/lib.rs \
 && echo 'fn main() {}' >src/main.rs \
 && cargo build --release --locked

# The sources. They are touched, because cargo compares times and they may be older than the empty ones.
COPY migration migration
COPY graphiql/dist graphiql/dist
COPY src src
RUN touch src/lib.rs src/main.rs migration/src/lib.rs && cargo build --release --locked

FROM debian:bookworm-slim
# A number above all that Debian assigns, so that it is no other user's on the host.
RUN useradd --uid 10001 --no-log-init --no-create-home --home-dir /data --shell /usr/sbin/nologin gatelodge \
 && install -d -o gatelodge -g gatelodge -m 0700 /data
COPY --from=build /build/target/release/gatelodge /usr/local/bin/gatelodge
ENV GATELODGE_LISTEN=0.0.0.0:8000
# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["gatelodge", "healthcheck"]
ENTRYPOINT ["gatelodge"]
CMD ["serve"]
