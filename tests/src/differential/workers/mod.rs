//! Scenarios with workers on both sides: what workers measure on the mock and on a real kernel. Random
//! scenarios of several themes (CPU shares, quotas, nice values, real-time, deadlines, pids, memory,
//! freezing, placing, sleeping) are played on either, and compared by numbers: each measurement has a
//! [`Tolerance`] of its own.

pub mod compare;
pub mod draw;
mod heard;
mod tally;

pub use compare::{Difference, Tolerance};
pub use draw::{Drawn, Theme};
pub use tally::Tally;

use heard::Heard;
use ktstr_core::Backend;
use ktstr_file::{ScenarioFile, play_scenario};
use ktstr_linux::{LinuxBackend, Options};
use ktstr_mock::MockBackend;
use ktstr_mock::version::KernelVersion;

/// Plays the scenario of a seed on the mock and on this machine's kernel.
///
/// # Errors
/// What keeps it from being played here.
///
/// # Panics
/// If a drawn scenario is not valid, or the mock cannot play it.
pub fn play(seed: u64, version: KernelVersion) -> Result<Vec<Difference>, String> {
    let draw::Drawn { text, tolerance, .. } = draw::scenario(seed);
    let file: ScenarioFile = text.parse().unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    let mut linux = LinuxBackend::new(Options::default()).map_err(|fault| fault.to_string())?;
    let topology = *linux.topology();
    let mut kernel = Heard::default();
    play_scenario(file.scenario(), &mut linux, seed, &mut kernel).map_err(|error| error.to_string())?;
    let mut mock = MockBackend::new(topology).version(version).seed(seed);
    let mut model = Heard::default();
    play_scenario(file.scenario(), &mut mock, seed, &mut model)
        .unwrap_or_else(|error| panic!("the mock: {error}\n{text}"));
    Ok(compare::compare(&model, &kernel, &tolerance))
}
