# Jejak: the service and the command line. `docker build -t jejak .`
FROM node:24-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /jejak
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /jejak
COPY --from=build /jejak/package.json ./
COPY --from=build /jejak/node_modules node_modules
COPY --from=build /jejak/dist dist
COPY --from=build /jejak/apps/verify apps/verify
RUN install -d -o node -g node -m 0700 /data /data/evidence
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The command line: docker compose run --rm api dist/apps/cli/src/main.js status
ENTRYPOINT ["node"]
CMD ["dist/apps/server/src/main.js"]
