//! Several scenarios in one boot, one after another: for suites of short ones, of which each would take
//! longer to boot than to play. Each has a run of its own, with cgroups, processes and reports of its own;
//! the kernel and what it remembers (caches, counters, identifiers) they share. What does not pass is played
//! once more by itself, so that a failure can be repeated from its own report.

use super::streamed::Streamed;
use super::{Answer, Asked, ended, no_report, play, taken};
use crate::error::VmError;
use crate::guest::progress::Progress;
use crate::image::Image;
use crate::job::{Job, VmRun};
use crate::vm::Vm;
use ktstr_core::{Scenario, Uniform};
use ktstr_file::report::RunReport;
use ktstr_file::{render_toml, schedulers};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The argument of a job that is several.
const TOGETHER: &str = "together";
/// The most scenarios of one boot.
const MOST: usize = 32;
/// So many are worth a boot beside others.
const FEW: usize = 4;
/// The longest text of the scenarios of one boot, in bytes: less than a saved guest has room for.
const MOST_TEXT: usize = 512 << 10;
/// Answers that are longer than this in sum end the boot; the scenarios that are left have the next.
const MOST_ANSWERS: usize = 8 << 20;

/// A scenario and the seed of its run.
#[derive(Debug, Clone, Copy)]
pub struct Seeded<'s> {
    /// The scenario.
    pub scenario: &'s Scenario<'s>,
    /// What random choices start from.
    pub seed: u64,
}

/// The same as it goes to the guest.
#[derive(Debug, Serialize, Deserialize)]
struct Part {
    scenario: String,
    seed: u64,
}

/// Whether a job is several.
pub(super) fn is_meant(job: &Job) -> bool {
    job.args.iter().any(|argument| argument == TOGETHER)
}

/// The guest's side: plays the scenarios of a job in turn and answers with a list, as long as nothing is left
/// behind that the next would meet. Each is announced by its number.
pub(super) fn answers(job: &Job) -> Vec<u8> {
    // A job that cannot be read has no answer, which the host says is unusable.
    let parts: Vec<Part> = serde_json::from_str(&job.scenario).unwrap_or_default();
    let mut progress = Progress::of_child();
    let mut all = vec![b'['];
    for (number, Part { scenario, seed }) in parts.into_iter().enumerate() {
        if let Some(progress) = &mut progress {
            progress.send(number.to_string().into_bytes());
        }
        let (answer, _) = play::answer(&Job { scenario, seed, ..Job::default() }, Streamed::silent());
        if number > 0 {
            all.push(b',');
        }
        all.extend(serde_json::to_vec(&answer).unwrap_or_default());
        let is_clean = matches!(&answer, Answer::Ran(report) if report.leftovers.is_empty());
        if !is_clean || all.len() > MOST_ANSWERS {
            break;
        }
    }
    all.push(b']');
    all
}

/// Which scenario a guest was playing when it was last heard of.
fn announced(run: &VmRun, all: usize) -> usize {
    let number = run.progress.last().and_then(|piece| std::str::from_utf8(piece).ok()?.parse().ok());
    number.unwrap_or(0).min(all.saturating_sub(1))
}

/// Which of these scenarios are for the same boot, by their numbers, each with the machine that is built for
/// it ([`Vm::shape_for`]): at most 32 of one machine, and where there are many, as many boots as run
/// `at_a_time`. One with a scheduler has a boot of its own.
#[must_use]
pub fn boots(all: &[(Uniform, &Scenario<'_>)], at_a_time: usize) -> Vec<Vec<usize>> {
    let mut alone = Vec::new();
    let mut machines: Vec<(Uniform, Vec<usize>)> = Vec::new();
    for (number, (shape, scenario)) in all.iter().enumerate() {
        if !schedulers(scenario).is_empty() {
            alone.push(vec![number]);
            continue;
        }
        match machines.iter_mut().find(|(known, _)| known == shape) {
            Some((_, numbers)) => numbers.push(number),
            None => machines.push((*shape, vec![number])),
        }
    }
    let shared = machines.iter().flat_map(|(_, numbers)| {
        let boots = numbers.len().div_ceil(MOST).max(at_a_time.min(numbers.len() / FEW)).max(1);
        numbers.chunks(numbers.len().div_ceil(boots)).map(<[usize]>::to_vec)
    });
    shared.chain(alone).collect()
}

impl Vm {
    /// Plays scenarios for one machine one after another in as few boots as can be, and gives the report of
    /// each, in their order. A report says which of how many it is, and that it does not repeat by itself;
    /// one that does not pass is of a run by itself, if that does not pass either.
    #[must_use]
    pub fn run_together(&self, all: &[Seeded<'_>]) -> Vec<Result<RunReport, VmError>> {
        let mut reports = Vec::with_capacity(all.len());
        while let Some(rest) = all.get(reports.len()..).filter(|rest| !rest.is_empty()) {
            match self.in_one_boot(rest) {
                Ok(fresh) if !fresh.is_empty() => reports.extend(fresh),
                // By itself each says what is wrong with it.
                Ok(_) | Err(_) => reports.extend(rest.iter().map(|one| self.alone(one))),
            }
        }
        reports
    }

    fn alone(&self, one: &Seeded<'_>) -> Result<RunReport, VmError> {
        Ok(self.clone().seed(one.seed).run(one.scenario)?.report)
    }

    /// As many as one boot can play, from the first on.
    fn in_one_boot(&self, all: &[Seeded<'_>]) -> Result<Vec<Result<RunReport, VmError>>, VmError> {
        let Some(first) = all.first() else { return Ok(Vec::new()) };
        let shape = self.shape_for(first.scenario);
        let (all, parts) = as_many_as_fit(all);
        let asked: Vec<Asked> = all
            .iter()
            .zip(&parts)
            .map(|(one, part)| Asked::of(one.scenario, &shape, part.scenario.clone()))
            .collect();
        let length = asked.iter().fold(Duration::ZERO, |sum, one| sum.saturating_add(one.length));
        let limit = Job::LIMIT.saturating_add(length.saturating_mul(2));
        let scenario = serde_json::to_string(&parts).unwrap_or_default();
        let args = vec![TOGETHER.to_owned()];
        let job = Job { scenario, args, limit: Some(limit), ..Job::default() };
        let machine = self.clone().topology(shape).seed(first.seed).timeout_for(length);
        let mut image = Image::for_scenario(first.scenario)?;
        all.iter().skip(1).try_for_each(|one| image.scenario(one.scenario))?;
        let run = machine.run_job(&job, &image)?;
        let answers: Vec<Answer> = match &run.answer {
            Ok(answers) => serde_json::from_slice(answers).map_err(|error| no_report(&error, &run))?,
            Err(finding) => {
                let number = announced(&run, all.len());
                let Seeded { scenario, seed } = all[number];
                let found = shared(ended(finding, scenario, seed, &run), number, all.len());
                let mut reports: Vec<_> = all[..number].iter().map(|one| self.alone(one)).collect();
                reports.push(Ok(self.borne_out(&all[number], found)));
                return Ok(reports);
            }
        };
        let mut reports = Vec::with_capacity(answers.len());
        for (number, (answer, (one, asked))) in answers.into_iter().zip(all.iter().zip(&asked)).enumerate() {
            let report = taken(answer, asked, one.scenario, one.seed, &run);
            reports.push(report.map(|report| match shared(report, number, all.len()) {
                report if report.verdict.is_good() => report,
                report => self.borne_out(one, report),
            }));
        }
        Ok(reports)
    }

    /// The report of a run by itself in place of one that did not pass, if that does not pass either.
    fn borne_out(&self, one: &Seeded<'_>, mut report: RunReport) -> RunReport {
        match self.alone(one) {
            Ok(alone) if !alone.verdict.is_good() => return alone,
            Ok(_) => note(&mut report, "by itself it passes".to_owned()),
            Err(error) => note(&mut report, format!("by itself it cannot be played: {error}")),
        }
        report
    }
}

/// The scenarios whose text fits one boot, at least one, with that text.
fn as_many_as_fit<'a, 's>(all: &'a [Seeded<'s>]) -> (&'a [Seeded<'s>], Vec<Part>) {
    let (mut parts, mut length) = (Vec::new(), 0);
    for Seeded { scenario, seed } in all.iter().take(MOST) {
        let scenario = render_toml(scenario);
        length += scenario.len();
        if length > MOST_TEXT && !parts.is_empty() {
            break;
        }
        parts.push(Part { scenario, seed: *seed });
    }
    (&all[..parts.len()], parts)
}

/// Says of a report which it is of how many in one boot.
fn shared(mut report: RunReport, number: usize, of: usize) -> RunReport {
    if of > 1 {
        note(&mut report, format!("played as number {} of {of} in one boot", number + 1));
    }
    report
}

/// Notes what keeps a report from being repeated by itself.
fn note(report: &mut RunReport, words: String) {
    if let Some(vm) = &mut report.vm {
        vm.reproducible = false;
        vm.notes.push(words);
    }
}
