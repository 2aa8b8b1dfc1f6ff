#!/usr/bin/env bash
# Passes all tests: sets up what they need, then runs those of the workspace and of the fuzz targets.
# What this machine cannot run is skipped and says so; with KTSTR_REQUIRE=linux,vm a skip is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/setup.sh

# The virtual machine boots stock kernels, one of them with sched_ext; fetching them once serves all tests.
if command -v qemu-system-x86_64 >/dev/null; then
    for kernel in 6.12 sid; do
        cargo run --release --quiet --package ktstr-cli -- kernel fetch "$kernel" ||
            echo "MISSING: kernel $kernel; tests that need it are skipped, or fail where it is required" >&2
    done
fi

cargo test --workspace --all-features --no-fail-fast
cargo test --manifest-path fuzz/Cargo.toml --no-fail-fast
