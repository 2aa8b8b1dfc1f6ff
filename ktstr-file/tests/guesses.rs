//! What is offered for a value, a key or an operation that was not understood: the message with its caret,
//! and that what is offered is understood when it is written instead.

use bumpalo::Bump;
use ktstr_file::{Problem, load};

/// What comes before and after a line, with a key of its own each.
const CGROUP: (&str, &str) = ("name = \"x\"\n[[backdrop.cgroups]]\nname = \"c\"\n", "");
const WORK: (&str, &str) = ("name = \"x\"\n[[backdrop.cgroups]]\nname = \"c\"\nworks = [{ ", " }]");
const STEP: (&str, &str) = ("name = \"x\"\n[[steps]]\n", "");
const FULL_STEP: (&str, &str) = ("name = \"x\"\n[[steps]]\nhold = \"full\"\n", "");
const ROOT: (&str, &str) = ("name = \"x\"\n", "");
const PAYLOAD: (&str, &str) = ("name = \"x\"\n[[payload]]\nname = \"p\"\nbinary = \"b\"\n", "");
const CHECKS: (&str, &str) = ("name = \"x\"\n[checks]\n", "");

fn shown(text: &str) -> Vec<String> {
    let arena = Bump::new();
    match load(text, &arena) {
        Ok(_) => Vec::new(),
        Err(flawed) => Problem::all_of(&flawed, &[]).iter().map(|one| one.shown("f", text)).collect(),
    }
}

/// The message of the one thing that is wrong with a line, its caret below what the line has a `^` before,
/// and the cure as it ends.
fn offered((before, after): (&str, &str), line: &str, cure: &str) {
    let text = format!("{before}{}{after}", line.replacen('^', "", 1));
    let all = shown(&text);
    let [one] = &all[..] else { panic!("one error expected in\n{text}\nfound {all:#?}") };
    let [message, source, caret] = one.lines().collect::<Vec<_>>()[..] else { panic!("{one}") };
    assert!(message.ends_with(cure), "{message}\nlacks\n{cure}");
    let first =
        format!("{}{}", before.rsplit('\n').next().unwrap_or_default(), line.lines().next().unwrap_or(""));
    let (at, shown_at) = (first.find('^').expect("a place"), caret.find('^').expect("a caret"));
    let margin = source.find("| ").expect("a margin") + 2;
    assert_eq!(shown_at - margin, at, "{one}");
}

/// A value that is not understood, what is offered, and that the offer is taken.
#[test]
fn values_in_another_form() {
    for (around, key, written, meant) in [
        (STEP, "hold", "\"50%\"", "0.5"),
        (STEP, "hold", "\"0.25\"", "0.25"),
        (STEP, "hold", "\"100%\"", "\"full\""),
        (STEP, "hold", "\"500 msec\"", "\"500ms\""),
        (STEP, "hold", "\"1m 30s\"", "\"90s\""),
        (ROOT, "duration", "\"5 seconds\"", "\"5s\""),
        (ROOT, "duration", "\"2 minutes\"", "\"2min\""),
        (ROOT, "duration", "\"1,5s\"", "\"1.5s\""),
        (ROOT, "duration", "\"1_000ms\"", "\"1000ms\""),
        (ROOT, "duration", "\" 1s\"", "\"1s\""),
        (ROOT, "workers_per_cgroup", "\"4\"", "4"),
        (ROOT, "topology", "4", "\"1x1x4x1\""),
        (ROOT, "topology", "\"4\"", "\"1x1x4x1\""),
        (ROOT, "topology", "\"1*2*4*2\"", "\"1x2x4x2\""),
        (CGROUP, "workers", "\"2\"", "2"),
        (CGROUP, "workers", "2.0", "2"),
        (CGROUP, "workers_pct", "\"50%\"", "0.5"),
        (CGROUP, "nice", "\"-5\"", "-5"),
        (CGROUP, "comm", "7", "\"7\""),
        (CGROUP, "cpu_weight", "\"100\"", "100"),
        (CGROUP, "cpuset", "3", "\"3\""),
        (CGROUP, "cpuset", "[0, 1, 3]", "\"0-1,3\""),
        (CGROUP, "cpuset", "\"0..=3\"", "\"0-3\""),
        (CGROUP, "cpuset", "\"0; 2\"", "\"0,2\""),
        (CGROUP, "cpu_max", "150", "\"150%\""),
        (CGROUP, "cpu_max", "1.5", "\"150%\""),
        (CGROUP, "cpu_max", "\"50 %\"", "\"50%\""),
        (CGROUP, "cpu_max", "\"50000 100000\"", "\"50ms/100ms\""),
        (CGROUP, "cpu_max", "\"unlimited\"", "\"max\""),
        (CGROUP, "memory_max", "\"64MB\"", "\"64M\""),
        (CGROUP, "memory_max", "\"64 mb\"", "\"64M\""),
        (CGROUP, "memory_max", "\"unlimited\"", "\"max\""),
        (CGROUP, "memory_max", "-1", "\"max\""),
        (CGROUP, "pids_max", "\"10\"", "10"),
        (CGROUP, "pids_max", "-1", "\"max\""),
        (CGROUP, "until_removed", "\"true\"", "true"),
        (CGROUP, "until_removed", "\"no\"", "false"),
        (CGROUP, "until_removed", "1", "true"),
        (CGROUP, "mpol_flags", "\"static_nodes\"", "[\"static_nodes\"]"),
        (CGROUP, "sched_policy", "\"fifo\"", "{ fifo = 50 }"),
        (CGROUP, "sched_policy", "\"SCHED_OTHER\"", "\"normal\""),
        (CGROUP, "affinity", "\"0-1\"", "{ exact = \"0-1\" }"),
        (PAYLOAD, "args", "\"-v\"", "[\"-v\"]"),
        (PAYLOAD, "timeout", "\"3 sec\"", "\"3s\""),
        (CHECKS, "isolation", "1", "true"),
        (CHECKS, "max_spread_pct", "\"50%\"", "50.0"),
    ] {
        offered(around, &format!("{key} = ^{written}"), &format!("; did you mean `{meant}`?"));
        let text = format!("{}{key} = {meant}{}", around.0, around.1);
        assert_eq!(shown(&text), <Vec<String>>::new(), "{text}");
    }
}

/// What could mean several things is not guessed.
#[test]
fn values_that_could_mean_several_things() {
    for (around, line, cure) in [
        (ROOT, "duration = ^2", "; give it a unit and quotes, as in \"2s\""),
        (ROOT, "duration = ^\"2\"", "as in \"1.5s\" or \"250ms\""),
        (ROOT, "duration = ^\"-2s\"", "as in \"1.5s\" or \"250ms\""),
        (STEP, "hold = ^1", "or a fraction as in 0.5 for a share"),
        (CGROUP, "cpuset = ^\"0..3\"", "as in \"0-3,5\""),
        (CGROUP, "workers = ^2.5", "; write it as in workers = 1"),
        (CGROUP, "workers = ^\"two\"", "; write it as in workers = 1"),
        (CGROUP, "workers = ^-1", "; use a number in the range of the message"),
        (CGROUP, "cpu_max = ^\"half\"", "as in \"5ms/20ms\""),
        (PAYLOAD, "checks = [{ metric = \"m\", min = ^\"50%\" }]", "; write it as in min = 0.5"),
    ] {
        offered(around, line, cure);
    }
}

#[test]
fn keys_of_other_tables_and_other_names() {
    for (around, line, cure) in [
        (CGROUP, "cpu.^weight = 100", "did you mean `cpu_weight`?"),
        (CGROUP, "^\"memory.max\" = 100", "did you mean `memory_max`?"),
        (CGROUP, "^io-weight = 100", "did you mean `io_weight`?"),
        (WORK, "^cpu_weight = 100", "it is a limit of the whole cgroup: write it there, beside `works`"),
        (CGROUP, "^burst = \"1ms\"", "as in work_type = { type = \"Bursty\", burst = … }"),
        (
            ROOT,
            "[[^cgroups]]\nname = \"c\"",
            "did you mean [[backdrop.cgroups]]? Those of a step are [[steps.cgroups]]",
        ),
        (ROOT, "[[^ops]]\nop = \"x\"", "did you mean [[backdrop.ops]]? Those of a step are [[steps.ops]]"),
        (ROOT, "^hold = \"1s\"", "it goes into [[steps]]"),
        (ROOT, "^workers = 1", "it goes into [[backdrop.cgroups]], or into [[steps.cgroups]] for one step"),
        (ROOT, "^isolation = true", "it goes into [checks] at the top of the file"),
        (ROOT, "^threads = 2", "it goes into [topology] at the top of the file"),
        (FULL_STEP, "^loop = \"1s\"", "write it under `hold`, as in hold = { loop = \"100ms\" }"),
        (
            FULL_STEP,
            "^cpuset = \"0\"",
            "it goes into [[backdrop.cgroups]], or into [[steps.cgroups]] for one step",
        ),
        (FULL_STEP, "^checks = {}", "it is a table of its own, [checks]"),
        (CGROUP, "^duration = \"1s\"", "it goes into the top of the file, before the first table"),
        (PAYLOAD, "^exit_code = 0", "it goes into an item of the `checks` of a [[payload]]"),
    ] {
        offered(around, line, cure);
    }
    // A file that guarantees memory is not one that limits it.
    for other in ["memory_most", "cpu_min"] {
        let text = format!("{}{other} = 1", CGROUP.0);
        assert!(!shown(&text)[0].contains("did you mean"), "{}", shown(&text)[0]);
    }
}

#[test]
fn operations_by_a_part_of_their_names() {
    for (written, meant) in [
        ("freeze", "freeze_cgroup"),
        ("unfreeze", "unfreeze_cgroup"),
        ("thaw", "unfreeze_cgroup"),
        ("create_cgroup", "add_cgroup"),
        ("mkdir", "add_cgroup"),
        ("rmdir", "remove_cgroup"),
        ("delete", "remove_cgroup"),
        ("stop", "stop_cgroup"),
        ("move", "move_all_tasks"),
        ("move_tasks", "move_all_tasks"),
        ("procs", "capture_cgroup_procs"),
        ("affinity", "set_affinity"),
        ("irq", "steer_irq"),
        ("start_payload", "run_payload"),
    ] {
        let line = format!("ops = [{{ op = ^\"{written}\" }}]");
        offered(FULL_STEP, &line, &format!("; did you mean \"{meant}\"?"));
    }
    // Which of several is not known.
    for written in ["cpuset", "cgroup", "payload", "_", ""] {
        let all = shown(&format!("{}ops = [{{ op = \"{written}\" }}]", FULL_STEP.0));
        assert!(!all[0].contains("did you mean"), "{written}: {}", all[0]);
    }
}

#[test]
fn a_fifth_group_of_workers_is_started_by_an_operation() {
    let line = "works = [{}, {}, {}, {}, ^{}]";
    offered(CGROUP, line, "; start the others in `ops`: { op = \"spawn\", cgroup = \"c\", … }");
}
