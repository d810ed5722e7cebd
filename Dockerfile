# syntax=docker/dockerfile:1
# One image for every command of consent-sync. Temporal's SDK needs glibc, so no Alpine.

FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app

# Only what runs. Temporal's SDK brings native code for every platform: the other ones' goes.
FROM base AS dependencies
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts \
  && node -e "const { readdirSync, rmSync } = require('node:fs'); \
    const releases = 'node_modules/@temporalio/core-bridge/releases'; \
    const here = { x64: 'x86_64', arm64: 'aarch64' }[process.arch] + '-unknown-linux-gnu'; \
    const others = readdirSync(releases).filter((name) => name !== here); \
    for (const name of others) rmSync(releases + '/' + name, { recursive: true });"

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM base
# Certificates for Temporal's SDK, which does not use Node's own; tini passes signals on from the first moment.
# Versions are not pinned: Debian keeps only the newest of each, and the release is in the tag above.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates tini \
  && rm -rf /var/lib/apt/lists/* \
  && ln -s /app/bin/consent-sync.js /usr/local/bin/consent-sync
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY bin ./bin
COPY ops/health-check.js ./ops/health-check.js
# The image's user "node", as a number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s --retries=3 CMD ["node", "/app/ops/health-check.js"]
ENTRYPOINT ["tini", "--", "consent-sync"]
CMD ["--help"]
