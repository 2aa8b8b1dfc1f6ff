#!/usr/bin/env bash
# Gets what the tests use beyond Rust: stress-ng and busybox as payloads, a C compiler, and for the virtual machine QEMU and the kernels that
# it boots, one of them with sched_ext. QEMU and kernels are fetched into the user's cache; they are not installed.
# What cannot be had is only named; the tests that need it are then skipped and say so, or fail where it is required.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A package_of=(
    [stress-ng]=stress-ng
    [cc]=gcc
    [busybox]=busybox
)

install() {
    echo "installing: $*"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

missing=()
for program in "${!package_of[@]}"; do
    command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
if [ ${#missing[@]} -gt 0 ]; then
    if can_install; then
        install "${missing[@]}"
    else
        echo "MISSING: ${missing[*]}; install them to run every test" >&2
    fi
fi

ktstr() { cargo run --release --quiet --package ktstr-cli -- "$@"; }

# The fetched QEMU gives all virtual CPUs the same time; an installed one is better than none.
if ! ktstr qemu fetch && ! command -v qemu-system-x86_64 >/dev/null; then
    if can_install; then
        install qemu-system-x86 || echo "MISSING: QEMU" >&2
    else
        echo "MISSING: QEMU" >&2
    fi
fi
for kernel in 6.12 sid; do
    ktstr kernel fetch "$kernel" || echo "MISSING: kernel $kernel" >&2
done

# The scheduler that goes wrong on demand: clang compiles its half for the kernel, libelf and zlib are its loader's.
build_scheduler() {
    cargo build --release --quiet --manifest-path tests/schedulers/Cargo.toml --target-dir target/schedulers
}
if ! command -v clang-19 >/dev/null && can_install; then
    install clang-19 libelf-dev zlib1g-dev pkg-config make || true
fi
build_scheduler || echo "MISSING: the scheduler of tests/schedulers; it takes clang-19, libelf-dev and zlib1g-dev" >&2
