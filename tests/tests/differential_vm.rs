//! The mock kernel beside stock kernels with every controller, a thousand programs in one boot of a virtual
//! machine; `ktstr-differ vm` takes as many as it is asked to. Needs QEMU and the kernels.

use ktstr_tests::differential::plan::{Plan, in_vm, rows_in_vm, workers_in_vm};
use ktstr_tests::differential::skip::skip;
use ktstr_vm::VmError;
use std::path::Path;

/// Random programs, and every 4th of the enumerated ones: about 1,000 in all.
const PLAN: Plan = Plan { from: 1, seeds: 700, every: 4 };

fn compare(kernel: &str) {
    let program = Path::new(env!("CARGO_BIN_EXE_ktstr-differ"));
    match in_vm(kernel, program, &PLAN) {
        Ok((release, text)) => {
            let head = text.lines().next().unwrap_or_default();
            println!("all controllers on Linux {release}: {head}");
            assert!(head.contains(" 0 differing"), "{text}");
        }
        Err(error @ (VmError::KernelNotFound { .. } | VmError::QemuMissing { .. })) => {
            skip("vm", &format!("{error}; {}", error.cure()));
        }
        Err(error) => panic!("{} {error}\n{}", error.code(), error.console().unwrap_or_default()),
    }
}

#[test]
fn programs_on_6_12() {
    compare("6.12");
}

#[test]
fn programs_on_sid() {
    compare("sid");
}

/// Plays the rows of behaviour; at least this many about cpusets and partitions have to hold.
fn rows(kernel: &str, cpusets: usize) {
    match rows_in_vm(kernel, Path::new(env!("CARGO_BIN_EXE_ktstr-differ"))) {
        Ok((release, text)) => {
            let head = text.lines().next().unwrap_or_default();
            println!("rows on Linux {release}: {head}");
            assert!(head.contains(" 0 went otherwise"), "{text}");
            let held = head.split_once('(').and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
            assert!(held.is_some_and(|held: usize| held >= cpusets), "{head}");
        }
        Err(error @ (VmError::KernelNotFound { .. } | VmError::QemuMissing { .. })) => {
            skip("vm", &format!("{error}; {}", error.cure()));
        }
        Err(error) => panic!("{} {error}\n{}", error.code(), error.console().unwrap_or_default()),
    }
}

#[test]
fn rows_on_6_12() {
    rows("6.12", 100);
}

#[test]
fn rows_on_sid() {
    rows("sid", 100);
}

/// Scenarios with workers, ten of each theme: each takes about a third of a second of the guest's time.
const WORKERS: Plan = Plan { from: 0, seeds: 100, every: 0 };

fn workers(kernel: &str) {
    match workers_in_vm(kernel, Path::new(env!("CARGO_BIN_EXE_ktstr-differ")), &WORKERS) {
        Ok((release, text)) => {
            let head = text.lines().next().unwrap_or_default();
            println!("workers on Linux {release}: {head}");
            assert!(head.starts_with("100 scenarios with workers, 0 differing, 0 left out"), "{text}");
        }
        Err(error @ (VmError::KernelNotFound { .. } | VmError::QemuMissing { .. })) => {
            skip("vm", &format!("{error}; {}", error.cure()));
        }
        Err(error) => panic!("{} {error}\n{}", error.code(), error.console().unwrap_or_default()),
    }
}

#[test]
fn workers_on_6_12() {
    workers("6.12");
}

#[test]
fn workers_on_sid() {
    workers("sid");
}
