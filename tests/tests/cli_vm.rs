//! The program with its virtual machine: a real kernel runs the scenario, and runs it again the same.

mod program;

use ktstr_core::Verdict;
use ktstr_file::report::{ActionEntry, FindingClass, RunReport};
use program::{Scratch, ktstr, run, run_batch, vm_runs, workspace};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn the_seed_example_runs_on_a_real_kernel_and_again_the_same() {
    if !vm_runs() {
        return;
    }
    let scratch = Scratch::new("vm");
    let path = scratch.path().join("report.json").display().to_string();
    let ended =
        run(&["run", "--backend", "vm", "--seed", "5", "--report", &path, "scenarios/quickstart.toml"]);
    ended.assert(0, &["PASS  quickstart  on vm, seed 5", "vm: Linux "]);
    let report = std::fs::read_to_string(&path).expect("a report");
    for piece in
        ["\"file\": \"cpuset.cpus\"", "\"kernel_sha256\": \"", "\"reproducible\": true", "\"leftovers\": []"]
    {
        assert!(report.contains(piece), "{piece:?} is not in the report");
    }
    run(&["replay", &path]).assert(0, &["the same: ", " events, pass"]);
}

/// Memory runs out in one cgroup, and a payload ends while nobody waits for it.
#[test]
fn what_happens_unasked_is_noticed_and_happens_again() {
    if !vm_runs() {
        return;
    }
    let scratch = Scratch::new("vm-noticed");
    let file = scratch.file(
        "noticed.toml",
        "name = \"noticed\"\nduration = \"600ms\"\n[[payload]]\nname = \"early\"\nbinary = \"sh\"\n\
         args = [\"-c\", \"exit 3\"]\n[backdrop]\npayloads = [\"early\"]\n\
         [[backdrop.cgroups]]\nname = \"tight\"\nmemory_max = \"8M\"\n\
         work_type = { type = \"PageFaultChurn\", kib = 65536 }\n\
         [[backdrop.cgroups]]\nname = \"wide\"\n[[steps]]\nhold = \"full\"\n",
    );
    let path = scratch.path().join("report.json").display().to_string();
    let ended = run(&["run", "--backend", "vm", "--report", &path, &file]);
    for line in [
        "payload early in (runner) ended before it was waited for: exit 3",
        "worker 0 of group 0 (pid ",
        "1 process of tight was killed for want of memory",
    ] {
        assert!(ended.stdout.contains(line), "{line:?} is not in\n{}", ended.stdout);
    }
    let text = std::fs::read_to_string(&path).expect("a report");
    let report = RunReport::from_json(&text).expect("a report");
    assert_eq!(report.notices.len(), 3, "{:?}", report.notices);
    run(&["replay", &path]).assert(0, &["the same: "]);
}

/// What is known before a boot is said without one; a machine is built with what is needed.
#[test]
fn a_guest_that_lacks_what_is_needed_skips_the_scenario() {
    if !vm_runs() {
        return;
    }
    let scratch = Scratch::new("vm-needs");
    let text = |needs: &str| {
        format!("name = \"needy\"\nduration = \"10ms\"\nneeds = {{ {needs} }}\n[[steps]]\nhold = \"full\"\n")
    };
    let old = scratch.file("old.toml", text("kernel = \"99.0\""));
    run(&["run", "--backend", "vm", &old])
        .assert(0, &["SKIP  needy  on vm", "it needs Linux 99.0, the machine has"]);
    let wide = scratch.file("wide.toml", text("cpus = 5, nodes = 2, kernel = \"6.1\""));
    run(&["run", "--backend", "vm", &wide]).assert(0, &["PASS  needy  on vm"]);
}

#[test]
fn what_a_virtual_machine_cannot_do_is_told() {
    if !vm_runs() {
        return;
    }
    let scratch = Scratch::new("vm-bad");
    let file = scratch.file(
        "program.toml",
        "name = \"x\"\n[[payload]]\nname = \"p\"\nbinary = \"no-such-program-anywhere\"\n[backdrop]\npayloads = [\"p\"]\n\
         [[backdrop.cgroups]]\nname = \"a\"\n[[steps]]\nhold = \"full\"\n",
    );
    run(&["run", "--backend", "vm", &file]).assert(3, &["[V010]", "no-such-program-anywhere"]);
    run(&["run", "--backend", "vm", "--kernel", "9.99", "scenarios/hole.toml"])
        .assert(3, &["[V001]", "ktstr kernel fetch"]);
    let text = scratch.file("kernel", "no kernel");
    run(&["run", "--backend", "vm", "--kernel", &text, "scenarios/hole.toml"]).assert(3, &["[V002]"]);
    run(&["kernel", "path", "9.99"]).assert(3, &["[V001]"]);
    run(&["kernel", "list"]).assert(0, &["release"]);
    run(&["run", "--backend", "vm", "--qemu", "/no/such/qemu", "scenarios/hole.toml"])
        .assert(3, &["[V020]", "ktstr qemu fetch"]);
    run(&["qemu", "path", "0.1"]).assert(3, &["[V020]"]);
    run(&["qemu", "path"]).assert(0, &["qemu-system-x86_64"]);
    run(&["qemu", "fetch", "no such suite"]).assert(3, &["[V004]"]);
}

#[test]
fn a_kernel_that_a_program_brings_down_fails_the_run_and_is_told() {
    if !vm_runs() {
        return;
    }
    let scratch = Scratch::new("vm-panic");
    let file = scratch.file(
        "panic.toml",
        "name = \"crash\"\nduration = \"1s\"\n[[payload]]\nname = \"p\"\nbinary = \"sh\"\n\
         args = [\"-c\", \"echo c > /proc/sysrq-trigger\"]\n\
         [[backdrop.cgroups]]\nname = \"a\"\nworkers = 1\n\
         [[steps]]\nhold = \"100ms\"\n[[steps.cgroups]]\nname = \"b\"\nworkers = 2\n\
         [[steps]]\nhold = \"500ms\"\npayload = \"p\"\n",
    );
    let path = scratch.path().join("report.json").display().to_string();
    let words = "panic: Kernel panic - not syncing: sysrq triggered crash";
    run(&["run", "--backend", "vm", "--report", &path, &file]).assert(1, &["FAIL  crash", words]);
    let report = RunReport::from_json(&std::fs::read_to_string(&path).expect("a report")).expect("a report");
    let finding = report.finding.expect("a finding");
    assert_eq!((finding.class, finding.during_boot), (FindingClass::Panic, false));
    assert!(finding.console.iter().any(|line| line.contains("sysrq triggered crash")), "{finding:?}");
    // What had been done by then is there: the cgroup with its worker was made before the program started.
    let done = |wanted: fn(&ActionEntry) -> bool| report.events.iter().any(|event| wanted(&event.action));
    let made = done(|action| matches!(action, ActionEntry::CreateCgroup { cgroup } if cgroup == "a"));
    let spawned = |action: &_| matches!(action, ActionEntry::Spawn { group: 0, cgroup, .. } if cgroup == "a");
    assert!(made && done(spawned), "{:#?}", report.events);
    assert!(report.events.iter().zip(0..).all(|(event, seq)| event.seq == seq), "{:#?}", report.events);
    // What was measured by then is there too.
    let [group] = report.groups.as_slice() else { panic!("{:?}", report.groups) };
    assert_eq!((group.cgroup.as_str(), group.workers, report.cgroups.len()), ("b", 2, 1));
    assert!(
        group.window.is_some() && group.totals.cpu_ns > 0 && report.cgroups[0].workers.len() == 2,
        "{group:?}"
    );
    run(&["replay", &path]).assert(0, &["the same"]);
}

#[test]
fn an_interrupt_ends_the_virtual_machine() {
    if !vm_runs() {
        return;
    }
    let mut child = Command::new(ktstr())
        .args(["run", "--backend", "vm", "scenarios/quickstart.toml"])
        .current_dir(workspace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let start = Instant::now();
    while children_of(child.id()).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(60), "QEMU does not start");
        assert!(child.try_wait().expect("a status").is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(500));
    let qemu = children_of(child.id());
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    assert_eq!(child.wait().expect("an end").code(), Some(4));
    for pid in qemu {
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "process {pid} is left");
    }
}

/// The processes that a process has started and not yet waited for, by all of its threads.
fn children_of(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = tasks.map(|task| std::fs::read_to_string(task.path().join("children")).unwrap_or_default());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
        .collect()
}

/// Several scenarios in one boot: each has its own verdict, what fails is of a run by itself and can be
/// repeated, and the same again gives the same reports.
#[test]
fn a_batch_gives_each_scenario_its_own_verdict() {
    if !vm_runs() {
        return;
    }
    let scratch = Scratch::new("vm-batch");
    let scenario = |name: &str, checks: &str, cpuset: &str| {
        let text = format!(
            "name = \"{name}\"\nduration = \"100ms\"\n[[backdrop.cgroups]]\nname = \"a\"\nworkers = 2\n\
             checks = {checks}\ncpuset = \"{cpuset}\"\n[[steps]]\nhold = \"full\"\n"
        );
        PathBuf::from(scratch.file(&format!("{name}.toml"), text))
    };
    let files = [
        scenario("one", "{ not_starved = true }", "0"),
        scenario("two", "{ max_gap = \"1us\" }", "1"),
        scenario("three", "{ not_starved = true }", "9"),
        scenario("four", "{ not_starved = true }", "2"),
    ];
    let played = run_batch(&[], &files);
    assert_eq!(played, run_batch(&[], &files));
    let vm = |number: usize| {
        let (file, report) = &played[number];
        assert_eq!(file, &files[number]);
        let report = report.as_ref().expect("a report");
        (report.verdict, report.vm.as_ref().expect("a machine"))
    };
    for (number, place) in [(0, "number 1 of 3 in one boot"), (3, "number 3 of 3 in one boot")] {
        let (verdict, vm) = vm(number);
        assert_eq!((verdict, vm.reproducible), (Verdict::Pass, false));
        assert_eq!(vm.notes, [format!("played as {place}")]);
    }
    let (verdict, alone) = vm(1);
    assert_eq!((verdict, alone.reproducible, alone.notes.len()), (Verdict::Fail, true, 0));
    assert!(played[2].1.as_ref().is_err_and(|said| said.contains("E0407")), "{:?}", played[2]);
}

/// The kernel ends under the second of three: that is the second's finding, and the others have verdicts.
#[test]
fn a_kernel_that_ends_under_a_batch_is_a_finding_of_one() {
    if !vm_runs() {
        return;
    }
    let scratch = Scratch::new("vm-batch-ends");
    let calm = "name = \"calm\"\nduration = \"100ms\"\n[[backdrop.cgroups]]\nname = \"a\"\n[[steps]]\nhold = \"full\"\n";
    let deadly = "name = \"deadly\"\nduration = \"300ms\"\n[[payload]]\nname = \"p\"\nbinary = \"sh\"\n\
        args = [\"-c\", \"echo c > /proc/sysrq-trigger\"]\n[[steps]]\n\
        ops = [{ op = \"run_payload\", payload = \"p\" }]\nhold = \"full\"\n";
    let files = ["1.toml", "2.toml", "3.toml"]
        .map(|name| PathBuf::from(scratch.file(name, if name == "2.toml" { deadly } else { calm })));
    let played = run_batch(&[], &files);
    let findings: Vec<_> = played
        .iter()
        .map(|(_, report)| report.as_ref().expect("a report"))
        .map(|report| (report.verdict, report.finding.as_ref().map(|finding| finding.class)))
        .collect();
    let ended = (Verdict::Fail, Some(FindingClass::Panic));
    assert_eq!(findings, [(Verdict::Pass, None), ended, (Verdict::Pass, None)]);
}
