//! The driver for stable compilers; under libFuzzer, all targets at once.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ktstr_fuzz::TARGETS.iter().for_each(|target| (target.run)(bytes)));

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    ktstr_fuzz::drive::main()
}
