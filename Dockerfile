# Doorward in a container: no build step, no package manager, not root. Node removes the types itself,
# but not below node_modules, so the app lives in /app.

FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages bring the native part of argon2, which must stay, and a Node of their own, which
# the image does not need.
RUN npm ci --omit=dev \
 && rm -rf node_modules/node-* node_modules/.bin/node

FROM node:26-slim
# npm is not needed at run time.
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

# Mount a configuration at DOORWARD_CONFIG. Only the volume needs to be writable.
ENV NODE_ENV=production \
    DOORWARD_CONFIG=/etc/doorward/doorward.yaml \
    DOORWARD_DATA_DIR=/data
VOLUME ["/data"]
# The image's user `node`, by number: Kubernetes can verify runAsNonRoot only for numbers.
USER 1000:1000
EXPOSE 4747 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=10s --retries=3 CMD ["doorward", "health"]
ENTRYPOINT ["doorward"]
CMD ["serve"]
