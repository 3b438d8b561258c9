# The gateway's image: one binary on Debian, run by a user without rights, writing only to /data (SQLite's home).
#
#   docker build -t gatelodge .
#   docker run --rm --read-only -p 127.0.0.1:8000:8000 -v gatelodge:/data gatelodge

FROM rust:1.95-bookworm AS build
WORKDIR /build

# The dependencies alone, with empty sources: this layer is built anew only when a manifest or the lock file changes.
COPY Cargo.toml Cargo.lock ./
COPY migration/Cargo.toml migration/
RUN mkdir src migration/src \
 && touch src/lib.rs migration/src/lib.rs \
 && echo 'fn main() {}' >src/main.rs \
 && cargo build --release --locked

# The sources; touched, because cargo goes by time and they may be older than the empty ones.
COPY migration migration
COPY graphiql/dist graphiql/dist
COPY src src
RUN touch src/lib.rs src/main.rs migration/src/lib.rs && cargo build --release --locked

FROM debian:bookworm-slim
# A number above any that Debian gives away, so that it names nobody else on the host.
RUN useradd --uid 10001 --no-log-init --no-create-home --home-dir /data --shell /usr/sbin/nologin gatelodge \
 && install -d -o gatelodge -g gatelodge -m 0700 /data
COPY --from=build /build/target/release/gatelodge /usr/local/bin/gatelodge
ENV GATELODGE_LISTEN=0.0.0.0:8000
# By number: then an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["gatelodge", "healthcheck"]
ENTRYPOINT ["gatelodge"]
CMD ["serve"]
