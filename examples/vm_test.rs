//! Ordinary tests that play a scenario on a real kernel in a virtual machine: `cargo test -p ktstr-examples`.
//!
//! Without QEMU or a kernel they say SKIP; with `KTSTR_REQUIRE=vm` that is a failure.

use ktstr_core::prelude::*;
use ktstr_vm::{Cache, Vm, VmError, resolve};
use std::time::Duration;

// This test binary is its own guest program.
ktstr_vm::guest_program!();

static SPLIT: Scenario = Scenario::new("split")
    .duration(Duration::from_millis(200))
    .topology(Uniform::new(1, 1, 4, 1))
    .steps(&[Step::with_defs(
        &[
            CgroupDef::named("left").cpuset(CpusetSpec::disjoint(0, 2)).workers(2),
            CgroupDef::named("right").cpuset(CpusetSpec::disjoint(1, 2)).workers(2).memory_max(64 << 20),
        ],
        HoldSpec::FULL,
    )])
    .checks(Checks::NONE.not_starved().isolation());
const _: () = SPLIT.assert_valid();

fn play(seed: u64) -> Result<Verdict, VmError> {
    let kernel = resolve("6.12", &Cache::of_user())?;
    let run = Vm::new(kernel).seed(seed).timeout(Duration::from_secs(300)).run(&SPLIT)?;
    assert_eq!(run.report.leftovers, Vec::<String>::new());
    Ok(run.report.verdict)
}

fn check(seed: u64) {
    match play(seed) {
        Ok(verdict) => assert_eq!(verdict, Verdict::Pass, "seed {seed}"),
        Err(VmError::KernelNotFound { .. } | VmError::QemuMissing { .. }) if !required() => {
            println!("SKIP: no QEMU or no kernel; `ktstr doctor` says how to get them");
        }
        Err(error) => panic!("{error}; {}\n{}", error.cure(), error.console().unwrap_or_default()),
    }
}

fn required() -> bool {
    std::env::var("KTSTR_REQUIRE").is_ok_and(|list| list.split(',').any(|part| part == "vm"))
}

#[test]
fn the_halves_stay_apart_with_one_seed() {
    check(1);
}

#[test]
fn the_halves_stay_apart_with_another() {
    check(2);
}
