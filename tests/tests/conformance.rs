//! The Linux backend keeps the contract of a backend, on this machine's kernel.

mod program;

use ktstr_core::Backend;
use ktstr_linux::{LinuxBackend, Options};
use ktstr_testkit::conformance::{Answer, Program, TABLES, play};
use program::linux_runs;

/// Whether a program needs no worker to get a CPU within a hold, which a busy machine does not promise.
fn is_patient(program: &Program) -> bool {
    let hurries = |answer| matches!(answer, Answer::Report { worked: true, .. } | Answer::CpusWithin(_));
    !program.steps.iter().any(|(_, answer)| hurries(*answer))
}

#[test]
fn linux_keeps_the_contract() {
    if !linux_runs() {
        return;
    }
    let mut played = Vec::new();
    for program in TABLES.iter().copied().flatten().filter(|program| is_patient(program)) {
        let mut backend = LinuxBackend::new(Options::default()).unwrap_or_else(|fault| panic!("{fault}"));
        let lacks = program.needs.minus(backend.controllers());
        if lacks.is_empty() && backend.topology().cpus().len() >= program.cpus {
            play(program, &mut backend).unwrap_or_else(|deviation| panic!("{deviation}"));
            played.push(program.name);
        }
    }
    println!("{} programs: {played:?}", played.len());
    for name in ["a failed payload's last words are reported", "a payload that runs has no last words yet"] {
        assert!(played.contains(&name), "{name}: {played:?}");
    }
}
