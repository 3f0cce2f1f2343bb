# The production binary alone: no shell, no package manager, no root.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOCACHE=/cache/build GOMODCACHE=/cache/modules
COPY . .
# Modules are fetched when a package needs them: the development engine's, most
# of go.mod, never are.
RUN --mount=type=cache,target=/cache/modules \
    --mount=type=cache,target=/cache/build \
    go build -trimpath -buildvcs=false -ldflags="-s -w" -o /switchboard ./cmd/switchboard

FROM busybox:1.37.0-musl AS busybox

FROM scratch
# For TLS to Temporal, PostgreSQL and mail servers; time zones are in the binary.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# For health checks inside the container.
COPY --from=busybox /bin/wget /usr/bin/wget
COPY --from=build /switchboard /usr/bin/switchboard
# Loopback would be the container's own.
ENV SWITCHBOARD_HTTP_ADDRESS=0.0.0.0:8080
EXPOSE 8080
USER 65532:65532
ENTRYPOINT ["/usr/bin/switchboard"]
CMD ["serve"]
