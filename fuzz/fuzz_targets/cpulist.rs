//! libFuzzer's entry to the target `cpulist`; built without it, it replays the files that it is given.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ktstr_fuzz::cpulist::run(bytes));

#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    ktstr_fuzz::replay::files(ktstr_fuzz::cpulist::run)
}
