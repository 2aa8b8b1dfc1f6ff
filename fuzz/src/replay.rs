//! Running inputs from files, and showing an input as people read it.

use crate::search::tally::both_ways;
use ktstr_gen::hostile::with_scenario;

/// Runs a target on each file that is named on the command line.
///
/// # Errors
/// When a file cannot be read.
pub fn files(run: fn(&[u8])) -> std::io::Result<()> {
    for path in std::env::args_os().skip(1) {
        run(&std::fs::read(&path)?);
        println!("passed: {}", path.display());
    }
    Ok(())
}

/// The scenario that the bytes make, as TOML and as Rust.
pub fn as_scenario(bytes: &[u8]) -> String {
    with_scenario(bytes, both_ways)
}

/// The bytes as text.
pub fn as_text(bytes: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(bytes))
}

/// The bytes in hexadecimal.
pub fn as_bytes(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
