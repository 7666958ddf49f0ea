# Doorward in a container: no build step, no package manager, not root. Node runs the
# TypeScript as it stands; that works outside node_modules only, so the app lives in /app.

FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages carry Node itself for machines without it; this image has its own.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:26-slim
# Nothing in here needs npm at run time.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
 && mkdir -p /data /etc/doorward \
 && chown 1000:1000 /data \
 && chmod 0700 /data \
 && ln -s /app/src/main.ts /usr/local/bin/doorward
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY flows ./flows
COPY src ./src
RUN chmod 0755 src/main.ts

# The configuration is yours to mount; state goes to the volume; the rest can be read-only.
ENV NODE_ENV=production \
    DOORWARD_CONFIG=/etc/doorward/doorward.yaml \
    DOORWARD_DATA_DIR=/data
VOLUME ["/data"]
# The user `node` of the image, by number, so that runAsNonRoot can be checked.
USER 1000:1000
EXPOSE 4747 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=10s --retries=3 CMD ["doorward", "health"]
ENTRYPOINT ["doorward"]
CMD ["serve"]
