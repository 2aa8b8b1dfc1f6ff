#!/usr/bin/env bash
# Passes all tests: sets up what they need, then runs those of the workspace and of the fuzz targets.
# What this machine cannot run is skipped and says so; with KTSTR_REQUIRE=linux,vm a skip is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/setup.sh

cargo test --workspace --all-features --no-fail-fast
cargo test --manifest-path fuzz/Cargo.toml --no-fail-fast
