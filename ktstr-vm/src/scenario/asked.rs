//! What a guest's report has to be a report of: the scenario, the seed, every check that the scenario asks
//! for with its bound. A report that says less, or something else, is none, whatever its verdict. What was
//! measured only the guest knows.

use ktstr_core::{
    Action, CheckKind, CheckResult, Event, Observer, PlanBackend, Scenario, Topology, Uniform, Verdict,
};
use ktstr_file::play_scenario;
use ktstr_file::report::{CheckEntry, RunReport, VERSION, which_value};
use std::collections::BTreeSet;
use std::time::Duration;

/// One check, by what it is, of whom, of which metric, and the bits of its bound.
type Check = (&'static str, String, Option<String>, Option<u64>);

fn check(kind: CheckKind, subject: &str, metric: Option<&str>, bound: Option<f64>) -> Check {
    // A payload's wait may have begun later than the payload, and a bound that is no number is none in a
    // report.
    let bound = bound.filter(|bound| bound.is_finite() && kind != CheckKind::EndedInTime);
    (kind.name(), subject.to_owned(), metric.map(str::to_owned), bound.map(f64::to_bits))
}

/// What was asked of a guest.
#[derive(Debug)]
pub(super) struct Asked {
    name: String,
    /// The scenario, as text.
    pub(super) scenario: String,
    checks: BTreeSet<Check>,
    /// Whether it needs something that only the guest can say it lacks.
    may_skip: bool,
    /// How long its holds and waits are, at most.
    pub(super) length: Duration,
}

#[derive(Default)]
struct Plan {
    checks: BTreeSet<Check>,
    waits: Duration,
}

impl<'a> Observer<'a> for Plan {
    fn event(&mut self, event: &Event<'_, 'a>) {
        let wait = match event.action {
            Action::WaitPayload { timeout, .. } => timeout,
            Action::CheckFile { check, .. } => check.within.unwrap_or_default(),
            Action::AttachScheduler { scheduler } => scheduler.ready,
            Action::DetachScheduler { scheduler } => scheduler.grace,
            _ => return,
        };
        self.waits = self.waits.saturating_add(wait);
    }

    fn check(&mut self, result: &CheckResult<'a>) {
        let file = result.file.map(|check| which_value(check.file, check.key));
        let what = result.metric.or(file.as_deref());
        self.checks.insert(check(result.kind, result.subject, what, Some(result.bound)));
    }
}

impl Asked {
    /// For this scenario on this machine. One that is not valid there asks for nothing: the guest says what
    /// is wrong.
    pub(super) fn of(scenario: &Scenario<'_>, shape: &Uniform, text: String) -> Self {
        let plan = plan(scenario, shape).unwrap_or_default();
        let length = scenario.duration.saturating_add(plan.waits);
        let may_skip = !scenario.needs.is_none();
        Self { name: scenario.name.to_owned(), scenario: text, checks: plan.checks, may_skip, length }
    }

    /// Holds a report against it; what does not fit, in words.
    pub(super) fn judge(&self, report: &RunReport, seed: u64) -> Result<(), String> {
        let worst = report.checks.iter().fold(Verdict::Skip, |worst, check| worst.and(check.verdict));
        let wrong = if report.version != VERSION {
            format!("it has version {}", report.version)
        } else if report.backend != "vm" {
            format!("it is of a run on {}", report.backend)
        } else if report.seed != seed {
            format!("it is of seed {}, and {seed} was asked for", report.seed)
        } else if report.scenario != self.name || report.scenario_toml != self.scenario {
            "it is of another scenario".to_owned()
        } else if report.verdict < worst || (report.error.is_some() && report.verdict.is_good()) {
            format!("its verdict is {}, which what is in it does not bear out", report.verdict.name())
        } else if report.skipped.is_some() {
            return if self.may_skip && report.verdict == Verdict::Skip {
                Ok(())
            } else {
                Err("it was skipped for a need that it does not have".to_owned())
            };
        } else {
            return if report.verdict.is_good() { self.is_complete(report) } else { Ok(()) };
        };
        Err(wrong)
    }

    /// Whether every check that was asked for was judged.
    fn is_complete(&self, report: &RunReport) -> Result<(), String> {
        let entry =
            |entry: &CheckEntry| check(entry.kind, &entry.subject, entry.metric.as_deref(), entry.bound);
        let judged: BTreeSet<Check> = report.checks.iter().map(entry).collect();
        match self.checks.difference(&judged).next() {
            None => Ok(()),
            Some((kind, subject, ..)) => Err(format!(
                "its verdict is {}, and {kind} of `{subject}` was not judged",
                report.verdict.name()
            )),
        }
    }
}

fn plan(scenario: &Scenario<'_>, shape: &Uniform) -> Option<Plan> {
    let topology = Topology::from_uniform(shape);
    let mut plan = Plan::default();
    play_scenario(scenario, &mut PlanBackend::new(topology), 0, &mut plan).ok()?;
    Some(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ktstr_file::ScenarioFile;
    use ktstr_file::render_toml;
    use ktstr_file::report::{ErrorEntry, Recorder, RunHead};

    const TEXT: &str = "name = \"asked\"\nduration = \"2s\"\n[checks]\nnot_starved = true\nmax_gap = \"1s\"\n\
        [[payload]]\nname = \"p\"\nbinary = \"true\"\nchecks = [{ exit_code = 0 }]\n\
        [[backdrop.cgroups]]\nname = \"a\"\nworkers = 2\n\
        [[steps]]\nhold = \"full\"\nops = [{ op = \"run_payload\", payload = \"p\" }, \
        { op = \"wait_payload\", payload = \"p\", timeout = \"7s\" }]\n";

    type Change = fn(&mut RunReport);

    /// An honest report, as the plan gives one; then changed.
    fn judged(change: impl FnOnce(&mut RunReport)) -> Result<(), String> {
        let file: ScenarioFile = TEXT.parse().unwrap();
        let scenario = file.scenario();
        let shape = Uniform::new(1, 1, 4, 1);
        let asked = Asked::of(scenario, &shape, render_toml(scenario));
        assert_eq!(asked.length, Duration::from_secs(9));
        let topology = Topology::from_uniform(&shape);
        let mut recorder = Recorder::new();
        let mut backend = PlanBackend::new(topology);
        let end = play_scenario(scenario, &mut backend, 7, &mut recorder).unwrap();
        let head = RunHead { scenario, backend: "vm", backend_reason: "", seed: 7, topology: &topology };
        let mut report = recorder.finish(&head, &end);
        for check in &mut report.checks {
            check.verdict = Verdict::Pass;
        }
        report.verdict = Verdict::Pass;
        change(&mut report);
        asked.judge(&report, 7)
    }

    #[test]
    fn an_honest_report_is_taken_also_when_it_fails() {
        assert_eq!(judged(|_| {}), Ok(()));
        let fails = |report: &mut RunReport| {
            report.checks.clear();
            report.verdict = Verdict::Fail;
        };
        assert_eq!(judged(fails), Ok(()));
    }

    #[test]
    fn a_report_that_is_not_to_what_was_asked_is_refused() {
        let changes: [(&str, Change); 11] = [
            ("a need that it does not have", |report| {
                (report.verdict, report.skipped) = (Verdict::Skip, Some("no".to_owned()));
                report.checks.clear();
            }),
            ("seed 8", |report| report.seed = 8),
            ("another scenario", |report| report.scenario.push('x')),
            ("another scenario", |report| {
                report.scenario_toml = report.scenario_toml.replace("max_gap = \"1s\"", "max_gap = \"9s\"")
            }),
            ("on mock", |report| report.backend = "mock".to_owned()),
            ("version 1", |report| report.version = 1),
            ("not judged", |report| report.checks.clear()),
            ("max_gap of `a` was not judged", |report| {
                report.checks.retain(|check| check.kind != CheckKind::MaxGap)
            }),
            ("max_gap of `a` was not judged", |report| {
                report
                    .checks
                    .iter_mut()
                    .filter(|check| check.kind == CheckKind::MaxGap)
                    .for_each(|check| check.bound = Some(9e9));
            }),
            ("bear out", |report| report.checks[0].verdict = Verdict::Fail),
            ("bear out", |report| {
                report.error = Some(ErrorEntry {
                    site: String::new(),
                    step: None,
                    code: String::new(),
                    message: String::new(),
                    errno: 0,
                    environment: false,
                });
            }),
        ];
        for (words, change) in changes {
            let wrong = judged(change).unwrap_err();
            assert!(wrong.contains(words), "{wrong} for {words}");
        }
    }
}
