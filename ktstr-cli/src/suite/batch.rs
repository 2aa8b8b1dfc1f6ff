//! Plays the cases of a suite that are for a virtual machine several to a boot, and the others as ever.

use super::play::{Entry, outcome};
use crate::args::Run;
use crate::exit::Failure;
use crate::judged::{Judged, ReadAnew, read};
use crate::prepared::{Part, Prepared};
use crate::vm::failure;
use ktstr_file::ScenarioFile;
use ktstr_file::suite::Case;
use ktstr_vm::{Next, Seeded, boots, explore};
use std::num::NonZeroUsize;
use std::time::Instant;

/// Plays all entries and hands over each case with its number.
pub(super) fn play(
    entries: &[Entry],
    args: &Run,
    jobs: Option<NonZeroUsize>,
    mut hear: impl FnMut(u64, Case) -> Next + Send,
) {
    let files: Vec<Option<ScenarioFile>> = entries.iter().map(|entry| read(&entry.path).ok()).collect();
    let rooms: Vec<ReadAnew> = entries.iter().map(|_| ReadAnew::default()).collect();
    let prepared = files.iter().zip(&rooms).map(|(file, room)| {
        // What is wrong with one is said when it is played by itself.
        Prepared::of(Judged::of(file.as_ref()?, room).ok()?, args).ok()
    });
    let prepared: Vec<Option<Prepared<'_>>> = prepared.collect();
    let all: Vec<Option<Part<'_>>> =
        prepared.iter().zip(entries).map(|(one, entry)| one.as_ref()?.part(entry.seed)).collect();
    let at_a_time = jobs.or(std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let boots = Boots { entries, parts: &all, units: units(&all, at_a_time) };
    let last = boots.units.len().saturating_sub(1) as u64;
    explore(
        0..=last,
        jobs,
        |unit| boots.play(unit as usize, args),
        |_, cases| {
            let next = cases.into_iter().map(|(number, case)| hear(number as u64, case));
            next.fold(Next::More, |all, next| if next == Next::Stop { Next::Stop } else { all })
        },
    );
}

/// Which entries are played in one boot; each of the others is alone.
fn units(parts: &[Option<Part<'_>>], at_a_time: usize) -> Vec<Vec<usize>> {
    let (mut together, mut all, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    for (number, part) in parts.iter().enumerate() {
        match part {
            Some(part) => {
                together.push(number);
                all.push((part.shape, part.seeded.scenario));
            }
            None => alone.push(vec![number]),
        }
    }
    let of_entries = |boot: Vec<usize>| boot.into_iter().map(|place| together[place]).collect();
    boots(&all, at_a_time).into_iter().map(of_entries).chain(alone).collect()
}

/// All that is to be played, by boots.
struct Boots<'p> {
    entries: &'p [Entry],
    parts: &'p [Option<Part<'p>>],
    units: Vec<Vec<usize>>,
}

impl Boots<'_> {
    /// Plays one boot, or one entry that has none.
    fn play(&self, unit: usize, args: &Run) -> Vec<(usize, Case)> {
        let numbers = &self.units[unit];
        let parts: Vec<&Part<'_>> =
            numbers.iter().filter_map(|&number| self.parts[number].as_ref()).collect();
        let Some(first) = parts.first() else {
            return numbers.iter().map(|&number| (number, self.entries[number].play(args))).collect();
        };
        let begun = Instant::now();
        let seeded: Vec<Seeded<'_>> = parts.iter().map(|part| part.seeded).collect();
        let reports = first.vm.run_together(&seeded);
        let took = begun.elapsed() / u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let cases = numbers.iter().zip(parts).zip(reports).map(|((&number, part), report)| {
            let report: Result<_, Failure> = match report {
                Ok(report) => Ok(part.complete(report)),
                Err(error) => Err(failure(&error)),
            };
            let Entry { path, seed } = &self.entries[number];
            let (file, name) = (path.display().to_string(), part.seeded.scenario.name.to_owned());
            (number, Case { file, name, seed: *seed, tries: 1, took, outcome: outcome(report) })
        });
        cases.collect()
    }
}
