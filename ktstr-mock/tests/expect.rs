//! What files are expected to say, on the mock: what it models is read, in time or too late, and of what it
//! does not model it says so.

use ktstr_core::prelude::*;
use ktstr_core::{CheckKind, CheckResult};
use ktstr_mock::{MockBackend, Script};
use std::time::Duration;

const SHORT: Payload<'static> = Payload::binary("short", "short");

/// Hears what each check came to.
#[derive(Default)]
struct Heard(Vec<(Verdict, Option<f64>, bool)>);

impl<'a> Observer<'a> for Heard {
    fn check(&mut self, result: &CheckResult<'a>) {
        if result.kind == CheckKind::File {
            self.0.push((result.verdict, result.value, result.unjudged.is_some()));
        }
    }
}

/// A cgroup with a payload that ends after 150 ms; what each expectation comes to, and when the run was over.
fn expect(checks: &[FileCheck<'_>]) -> (Vec<(Verdict, Option<f64>, bool)>, Duration) {
    let start = [Op::add_cgroup("pod"), Op::run_payload_in_cgroup(&SHORT, &[], "pod")];
    let checks = checks.iter().map(|check| match check.is_path() {
        true => Op::expect(check),
        false => Op::expect_in_cgroup(check, "pod"),
    });
    let ops: Vec<_> = start.into_iter().chain(checks).collect();
    let steps = [Step::new(&ops, HoldSpec::fixed(Duration::ZERO))];
    let script = Script::exits_after(Duration::from_millis(150), 0);
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 2, 1)).program("short", script);
    let mut heard = Heard::default();
    let report = execute_steps(&steps, Duration::from_secs(1), &mut mock, 1, &mut heard).expect("valid");
    assert_eq!(report.error, None);
    (heard.0, mock.now())
}

#[test]
fn values_are_read_at_once_or_as_soon_as_they_hold() {
    let populated = FileCheck::file("cgroup.events").key("populated");
    let late = Duration::from_secs(10);
    let (heard, end) = expect(&[
        populated.equals("1"),
        populated.equals("0"),
        FileCheck::file("pids.current").min(1.0).max(1.0),
        populated.equals("0").within(Duration::from_millis(100)),
        populated.equals("0").within(late),
        FileCheck::file("pids.peak").change(Change::at_least(1.0)),
    ]);
    let (pass, fail) = (Verdict::Pass, Verdict::Fail);
    let expected = [
        (pass, Some(1.0)),
        (fail, Some(1.0)),
        (pass, Some(1.0)),
        (fail, Some(1.0)),
        (pass, Some(0.0)),
        (pass, Some(1.0)),
    ];
    assert_eq!(heard, expected.map(|(verdict, value)| (verdict, value, false)));
    assert!(end < late, "it waits no longer than it has to: {end:?}");
}

#[test]
fn of_what_is_not_modelled_nothing_is_concluded() {
    let (heard, end) = expect(&[
        FileCheck::file("/proc/sys/kernel/ostype").equals("Linux"),
        FileCheck::file("memory.current").min(1.0),
        FileCheck::file("memory.stat").key("anon").min(0.0).within(Duration::from_secs(5)),
        FileCheck::file("memory.events").key("high").min(0.0),
        FileCheck::file("memory.events").key("oom_kill").max(0.0),
    ]);
    let skipped = (Verdict::Skip, None, true);
    assert_eq!(heard, [skipped, skipped, skipped, skipped, (Verdict::Pass, Some(0.0), false)]);
    assert!(end < Duration::from_secs(5), "nothing is waited for that nobody can see: {end:?}");
}
