//! Playing a scenario of any size: the storage that the core is lent comes from the heap here.

use ktstr_core::{Backend, Observer, Record, Report, RunError, Scenario, Slot, check, play, slots_to_play};

/// The most records that are asked of the heap, 256 MiB or less: a loop could want billions of groups of
/// workers.
const MAX_RECORDS: usize = 1 << 20;

/// Checks a scenario against the backend's machine, and plays it there, as
/// [`execute_scenario`](ktstr_core::execute_scenario) does, whatever its size.
///
/// # Errors
/// When the scenario is not valid there, the backend lacks something, or the run needs more than 2^20
/// records; nothing was made then. What goes wrong later is in the report.
pub fn play_scenario<'a, B: Backend + ?Sized, O: Observer<'a>>(
    scenario: &'a Scenario<'a>,
    backend: &mut B,
    seed: u64,
    observer: &mut O,
) -> Result<Report, RunError<'a>> {
    let topology = *backend.topology();
    let mut slots = vec![Slot::FREE; slots_to_play(scenario)];
    let checked = check(scenario, &topology, &mut slots).map_err(RunError::Invalid)?;
    let needed = checked.records_needed();
    if needed > MAX_RECORDS {
        return Err(RunError::Room { what: "records", needed, room: MAX_RECORDS });
    }
    let mut records = vec![Record::FREE; needed];
    play(&checked, &mut records, backend, seed, observer)
}

const _: () = assert!(size_of::<Record<'_>>() <= 256, "see MAX_RECORDS");
