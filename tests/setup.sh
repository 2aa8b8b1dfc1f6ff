#!/usr/bin/env bash
# Installs what the tests use beyond Rust: stress-ng as a payload, QEMU for the virtual machine.
# Without root or apt it only says what is missing; the tests that need it are then skipped and say so.
set -euo pipefail

declare -A package_of=(
    [stress-ng]=stress-ng
    [qemu-system-x86_64]=qemu-system-x86
    [cc]=gcc
)

missing=()
for program in "${!package_of[@]}"; do
    command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "MISSING: ${missing[*]}; install them to run every test" >&2
fi
