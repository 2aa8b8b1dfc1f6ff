#!/usr/bin/env bash
# Passes all tests: sets up what they need, then runs those of the workspace and of the fuzz targets.
# What this machine cannot run is skipped and says so; with KTSTR_REQUIRE=linux,vm a skip is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/setup.sh

# The virtual machine boots a stock kernel; fetching one once serves all tests.
if command -v qemu-system-x86_64 >/dev/null; then
    cargo run --release --quiet --package ktstr-cli -- kernel fetch ||
        echo "SKIP: no kernel could be fetched; tests of the virtual machine will skip or fail" >&2
fi

cargo test --workspace --all-features
cargo test --manifest-path fuzz/Cargo.toml
