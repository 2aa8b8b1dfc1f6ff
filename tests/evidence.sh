#!/usr/bin/env bash
# Gathers what the tests have tried and writes it to docs/evidence.md, and the table of quirks to docs/quirks.md.
# The amounts can be set: FUZZ_SECONDS for each target (10), SEEDS of random programs for each kernel (2000), EVERY
# how many-th enumerated program (1), FOUR_LETTERS=1 for the long search too. BOUND is how many seconds one part may
# take (1800; a guest on a busy machine may take its 3,198 programs more than an hour otherwise). OUTPUTS=DIR keeps what the commands print
# in that directory, and runs none whose output is there already. Needs what the tests need: a cgroup v2 hierarchy,
# QEMU and the kernels. When a part fails, the page stays as it was.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=never
fuzz_seconds=${FUZZ_SECONDS:-10} seeds=${SEEDS:-2000} every=${EVERY:-1} four=${FOUR_LETTERS:-0} bound=${BOUND:-1800}
if [ -n "${OUTPUTS:-}" ]; then
    work=$OUTPUTS
    mkdir -p "$work"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi

# part NAME COMMAND...: its output, in a file of that name once it has succeeded.
part() {
    echo "== $1 (${SECONDS}s)" >&2
    if [ ! -e "$work/$1" ]; then
        "${@:2}" >"$work/$1.part" || { echo "part $1 failed, or did not end within $bound s" >&2; exit 1; }
        mv "$work/$1.part" "$work/$1"
    fi
}
bounded() { timeout --kill-after=10 "$bound" "$@"; }
search() { bounded cargo test --release --quiet -p ktstr-tests --test "$1" -- --nocapture --test-threads 1 "${@:2}"; }
drive() { bounded cargo run --profile "$1" --quiet --manifest-path fuzz/Cargo.toml --bin drive -- "${@:2}" --seconds "$fuzz_seconds"; }
differ() { bounded cargo run --release --quiet -p ktstr-tests --bin ktstr-differ -- "$@"; }

part theorem search theorem
if [ "$four" = 1 ]; then part four search theorem --ignored; fi
part values search value_rules
part faults search every_fault
part fuzz drive release all
part quick drive quick execute --exact-len 512
part differ differ table 1 "$seeds" "$every"
for kernel in 6.12 sid; do
    part "workers-$kernel" cargo run --quiet -p ktstr-tests --bin ktstr-differ -- workers "$kernel" 0 100
done
KTSTR_BLESS=1 part quirks search quirks_page

# The tables that a search prints: programs, rule, what showed.
rules() {
    echo "| rule | programs | what showed |"
    echo "| --- | ---: | --- |"
    awk '
        / in all$/ { print "| **in all** | **" $1 "** | |" }
        /^ *[0-9]+  (E[0-9]+|clean|large|forks)  / { count = $1; code = $2; $1 = $2 = ""; sub(/^ +/, ""); print "| " code " | " count " | " $0 " |" }
    ' "$1"
}

{
    cat <<END
# What has been tried

Made by \`FUZZ_SECONDS=$fuzz_seconds SEEDS=$seeds EVERY=$every FOUR_LETTERS=$four bash tests/evidence.sh\`. Every number is what
the command beside it printed, on $(nproc) CPUs that had other work too, which is why rates are given for a second of
CPU time as well. Each command fails when one program, fault or input shows something else than it should.

## Programs enumerated

\`cargo test --release -p ktstr-tests --test theorem -- --nocapture\`: all programs of up to three letters, then all
sequences of up to three holds. What is accepted runs clean; what is refused goes wrong, when forced, where the error
says, and shows this:

$(rules "$work/theorem")

END
    if [ "$four" = 1 ]; then
        cat <<END
With \`--ignored\`: all programs of four letters that do not begin with what is refused already.

$(rules "$work/four")

END
    fi
    cat <<END
## Rules about values

\`cargo test --release -p ktstr-tests --test value_rules -- --nocapture\`: rules that no enumerated program breaks, or not so
that the search could tell. Each is broken once and forced to run on the mock, beside its nearest neighbour that is
accepted and shows nothing. \`PayloadFile\` cannot show there: a mock takes no files along.

| rule | class | what showed |
| --- | --- | --- |
$(sed -n '/^| E/p' "$work/values")

## Faults injected

\`cargo test --release -p ktstr-tests --test every_fault -- --nocapture\`: at every action of a scenario, that action
fails, it and all later ones fail, a child dies, the supervisor crashes. What stays is named, and recovery removes it.

$(sed -n 's/^.*faults: \([0-9]*\) in \(.*\)$/- \1 faults in \2/p' "$work/faults")

## Fuzz targets

\`cargo run --release --manifest-path fuzz/Cargo.toml --bin drive -- all --seconds $fuzz_seconds\`: random changes of the
seeds, with debug assertions and overflow checks, without a sanitizer, on one core. None failed.

| target | executions | seconds | a second | a second of CPU | bytes on average |
| --- | ---: | ---: | ---: | ---: | ---: |
$(cat "$work/fuzz" | awk '/ executions in /{ print "| " $1 " | " $2 " | " $5 " | " $7 " | " $10 " | " $16 " |" }')

The same for \`execute\` with inputs of 512 bytes, as an optimised build without assertions
(\`cargo run --profile quick --manifest-path fuzz/Cargo.toml --bin drive -- execute --exact-len 512\`; the aim is 200,000
a second on one core):

    $(grep executions "$work/quick")

## Mock against kernels

\`cargo run --release -p ktstr-tests --bin ktstr-differ -- table 1 $seeds $every\`: enumerated and random programs of raw
actions, on the mock and on the kernel, compared after each action, all of a kernel in one boot; then the rows of
behaviour. Guests have every controller. Named quirks are in [quirks.md](quirks.md). What counts as differing has no name
yet and is left to mend; each kind of it stands below the table in its smallest form.

$(cat "$work/differ")

\`cargo run -p ktstr-tests --bin ktstr-differ -- workers KERNEL 0 100\`: scenarios with workers, on the mock and on
the kernel, compared by what the workers measure; the tolerances are in \`tests/src/differential/workers/compare.rs\`.

$(sed "s/^/    /; s/ *$//" "$work"/workers-*)
END
} >"$work/page"
mv "$work/page" docs/evidence.md
if grep -q ' [1-9][0-9]* differing\| [1-9][0-9]* went otherwise' docs/evidence.md; then
    echo "mock and kernel differ: see docs/evidence.md" >&2
    exit 1
fi
