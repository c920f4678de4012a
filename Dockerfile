# The fixres command with the native engine, built from this clone. docs/containers.md shows its use.
#
#   docker build -t fixres .                        TensorFlow for the CPU
#   docker build -t fixres:cuda --target cuda .     TensorFlow for NVIDIA GPUs
ARG NODE=24-bookworm-slim

FROM node:${NODE} AS tools
# What `fixres setup` needs: pip downloads TensorFlow's library, the compiler builds the binding.
# Their versions are those of the base image's Debian.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ python3-pip \
  && rm -rf /var/lib/apt/lists/*

# The command and its production dependencies, in the versions of the lock file.
FROM tools AS build
WORKDIR /source
COPY . .
# The version stands in package.json.
# hadolint ignore=DL3016
RUN npm install --global "$(node -p "require('./package.json').packageManager")" \
  && pnpm install --frozen-lockfile \
  && pnpm --filter 'fixres...' build \
  && pnpm --filter fixres --prod deploy --legacy /opt/fixres/app

# `fixres setup` succeeds without an engine too, because wasm works; an image does not.
FROM build AS engine-cpu
ENV FIXRES_CACHE=/opt/fixres/cache
RUN /opt/fixres/app/bin/fixres.js setup && test -e "$FIXRES_CACHE"/engine/v*/manifest.json

FROM build AS engine-cuda
ENV FIXRES_CACHE=/opt/fixres/cache
RUN /opt/fixres/app/bin/fixres.js setup --gpu && test -e "$FIXRES_CACHE"/engine/v*/manifest.json

# Without compiler, Python, sources and the caches of the package managers.
FROM node:${NODE} AS base
COPY --from=build /opt/fixres/app /opt/fixres/app
# With `docker run --user`, any user may be the one that writes into these folders.
RUN ln -s /opt/fixres/app/bin/fixres.js /usr/local/bin/fixres \
  && mkdir -p /opt/fixres/cache /data \
  && chmod 1777 /opt/fixres/cache /data
ENV FIXRES_CACHE=/opt/fixres/cache
# A number, because Kubernetes cannot tell whether a name is root. It is the image's user `node`.
USER 1000
WORKDIR /data
ENTRYPOINT ["fixres"]
CMD ["--help"]

FROM base AS cuda
COPY --from=engine-cuda /opt/fixres/cache/engine /opt/fixres/cache/engine
# The container runtime of NVIDIA adds the driver's libraries.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility

FROM base AS cpu
COPY --from=engine-cpu /opt/fixres/cache/engine /opt/fixres/cache/engine
