//! Schedulers on a real kernel with sched_ext: one that stays is attached before the first cgroup and
//! detached after the last task; each way of leaving is noticed soon, with its kind and what the kernel says
//! of it. The scheduler is `tests/schedulers`, which goes wrong on demand; `tests/setup.sh` builds it.

mod program;

use ktstr_core::{CheckKind, Verdict};
use ktstr_file::report::{NoticeKind, RunReport};
use program::{Scratch, run, skip, vm_runs, workspace};

/// The scheduler, where it was built; says so and why not where it was not.
fn faulty() -> Option<String> {
    let path = workspace().join("target/schedulers/release/scx_faulty");
    let there =
        path.is_file() || skip("vm", "the scheduler of tests/schedulers is not built: tests/setup.sh");
    there.then(|| path.display().to_string())
}

/// Plays three workers under the scheduler with these lines in its definition; how it ended, and the report.
fn played(name: &str, lines: &str, ops: &str) -> Option<(Option<i32>, RunReport)> {
    let binary = faulty().filter(|_| vm_runs())?;
    let scratch = Scratch::new(&format!("scx-{name}"));
    let text = format!(
        "name = \"{name}\"\nduration = \"2s\"\ntopology = \"1x1x2x1\"\n[checks]\nnot_starved = true\n\
         [[scheduler]]\nname = \"faulty\"\nbinary = {binary:?}\ncontrollers = [\"cpu\"]\n{lines}\n\
         [backdrop]\nscheduler = \"faulty\"\n[[backdrop.cgroups]]\nname = \"cell\"\nworkers = 3\n\
         [[steps]]\nhold = 0.2\n[[steps]]\nops = [{ops}]\nhold = 0.8\n"
    );
    let file = scratch.file("scenario.toml", text);
    let path = scratch.path().join("report.json").display().to_string();
    let ended = run(&["run", "--backend", "vm", "--kernel", "sid", "--report", &path, &file]);
    let report = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{ended:#?}"));
    Some((ended.status, RunReport::from_json(&report).expect("a report")))
}

/// The time of the first action of this kind.
fn at(report: &RunReport, action: &str) -> u64 {
    let is_it = |line: &str| line.starts_with(action);
    let event = report.events.iter().find(|event| is_it(&event.action.to_string()));
    event.unwrap_or_else(|| panic!("{action} in {report:#?}")).at_ns
}

#[test]
fn one_that_stays_is_there_from_before_the_first_cgroup_to_after_the_last_task() {
    let restart = "{ op = \"restart_scheduler\" }";
    let Some((status, report)) = played("stays", "args = [\"none\"]", restart) else { return };
    assert_eq!((status, report.verdict), (Some(0), Verdict::Pass), "{report:#?}");
    assert!(at(&report, "attach scheduler") < at(&report, "create cgroup"));
    assert!(at(&report, "detach scheduler") < at(&report, "remove cgroup"));
    let [first, second] = &report.schedulers[..] else { panic!("{:#?}", report.schedulers) };
    for entry in [first, second] {
        assert_eq!((entry.early, entry.exit.as_deref(), entry.lost), (false, Some("unregistered"), false));
        assert!(entry.log.contains("scx_faulty: attached") && !entry.log.contains('\u{1b}'), "{}", entry.log);
        assert!(entry.counters.contains("SCX_EV_"), "{}", entry.counters);
    }
}

#[test]
fn each_way_to_leave_fails_the_run_with_kind_and_message() {
    for (fault, exit, message) in [
        ("stall", "stall", "failed to run for"),
        ("error", "bpf_error", "asked to err"),
        ("cpu", "error", "invalid CPU 4000"),
        ("quit", "unregistered", ""),
    ] {
        let lines = format!("args = [\"{fault}\", \"300\"]");
        let Some((status, report)) = played(fault, &lines, "") else { return };
        assert_eq!((status, report.verdict), (Some(1), Verdict::Fail), "{report:#?}");
        let lived = report.checks.iter().find(|check| check.kind == CheckKind::SchedulerLived);
        assert_eq!(lived.map(|check| check.verdict), Some(Verdict::Fail), "{fault}");
        let notice = report.notices.iter().find_map(|entry| match &entry.notice {
            NoticeKind::SchedulerLeft { exit, message, .. } => Some((entry.at_ns, exit, message)),
            _ => None,
        });
        let (left_at, kind, said) = notice.unwrap_or_else(|| panic!("{fault}: {:#?}", report.notices));
        assert_eq!((kind.as_deref(), said.contains(message)), (Some(exit), true), "{fault}: {said}");
        let [entry] = &report.schedulers[..] else { panic!("{:#?}", report.schedulers) };
        let attached = entry.window.expect("it was ready").start_ns;
        // The fault is counted from the first task that the scheduler sees; a stall takes another 500 ms.
        let soonest = if fault == "stall" { 800 } else { 300 };
        let late = (left_at - attached) / 1_000_000;
        assert!(late < soonest + 500, "{fault}: noticed {late} ms after it was ready");
        assert!(entry.kernel.contains("disabled ("), "{}", entry.kernel);
        assert_eq!(entry.dump.contains("triggered exit kind"), fault != "quit", "{fault}: {}", entry.dump);
    }
}

#[test]
fn an_exit_that_is_expected_is_a_pass_and_one_that_never_is_ready_says_why() {
    let expected = "args = [\"error\", \"300\"]\n\
        expect_exit = { kind = \"bpf_error\", message_contains = \"asked to err\" }";
    let Some((status, report)) = played("expected", expected, "") else { return };
    assert_eq!((status, report.verdict), (Some(0), Verdict::Pass), "{report:#?}");
    let Some((status, report)) = played("refuses", "args = [\"refuse\"]", "") else { return };
    let code = report.error.as_ref().map(|error| error.code.as_str());
    assert_eq!((status, code), (Some(1), Some("F026")), "{report:#?}");
    assert!(report.schedulers[0].log.contains("asked for refuse"), "{:#?}", report.schedulers);
}
