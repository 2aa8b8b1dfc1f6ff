//! What is wrong with a file is said with code, line, column and cure; nothing makes the loader panic or
//! hang.

use bumpalo::Bump;
use ktstr_core::Rng;
use ktstr_file::{FileError, load};
use std::time::{Duration, Instant};

fn errors(text: &str) -> Vec<FileError> {
    let arena = Bump::new();
    match load(text, &arena) {
        Ok(_) => Vec::new(),
        Err(flawed) => flawed.errors,
    }
}

/// Loads `text`, expects one error with this code, place and a piece of its text.
fn assert_error(text: &str, code: &str, line: u32, column: u32, piece: &str) {
    let found = errors(text);
    let [error] = &found[..] else { panic!("one error expected in\n{text}\nfound {found:#?}") };
    let shown = error.to_string();
    assert_eq!((error.code.code(), error.line, error.column), (code, line, column), "{shown}\n{text}");
    assert!(shown.contains(piece), "{shown:?} lacks {piece:?}");
}

#[test]
fn single_mistakes_in_a_scenario() {
    for (lines, code, line, column, piece) in [
        ("duration = 2", "T008", 2, 12, "\"2s\""),
        ("duration = \"2\"", "T009", 2, 12, "unit is missing"),
        ("duration = \"2 fortnights\"", "T009", 2, 12, "none of ns, us"),
        ("durration = \"2s\"", "T006", 2, 1, "did you mean `duration`?"),
        ("colour = \"red\"", "T006", 2, 1, "known here: name, duration"),
        ("workers_per_cgroup = -1", "T013", 2, 22, "from 0 to 4294967295"),
        ("workers_per_cgroup = 4294967296", "T013", 2, 22, "from 0 to 4294967295"),
        ("topology = \"4\"", "T008", 2, 12, "1x2x4x2"),
        ("topology = { cpus = 4 }", "T006", 2, 14, "nodes, llcs, cores, threads"),
        ("topology = { memory = \"1000\" }", "T013", 2, 12, "whole MiB"),
        ("steps = 3", "T008", 2, 9, "a list"),
        ("[steps]\nhold = \"1s\"", "T008", 2, 1, "[[steps]]"),
        ("[[steps]]", "T007", 2, 1, "`hold` is missing in this step"),
        ("[[steps]]\nholds = \"full\"", "T006", 3, 1, "did you mean `hold`?"),
        ("[[steps]]\nhold = 1", "T008", 3, 8, "\"1s\" for a time"),
        ("[[steps]]\nhold = \"ful\"", "T008", 3, 8, "\"full\""),
        ("[[steps]]\nhold = { loop = 5 }", "T008", 3, 17, "\"5s\""),
        ("[[steps]]\nhold = \"1s\"\npayload = \"laod\"", "T015", 4, 11, "no payload \"laod\""),
        ("[backdrop]\npayloads = [\"x\"]", "T015", 3, 13, "[[payload]]"),
        ("[[payload]]\nname = \"x\"", "T007", 2, 1, "`binary` is missing"),
        (
            "[[payload]]\nname = \"x\"\nbinary = \"y\"\noutput = \"jsn\"",
            "T012",
            5,
            10,
            "did you mean \"json\"?",
        ),
        (
            "[[payload]]\nname = \"x\"\nbinary = \"y\"\nchecks = [{}]",
            "T007",
            5,
            11,
            "none of `exit_code`, `signal` and `metric`",
        ),
        (
            "[[payload]]\nname = \"x\"\nbinary = \"y\"\nchecks = [{ exit_code = 0, metric = \"m\" }]",
            "T014",
            5,
            37,
            "excludes `exit_code`",
        ),
        (
            "payload = [{ name = \"x\", binary = \"y\" }, { name = \"x\", binary = \"z\" }]",
            "T016",
            2,
            42,
            "defined already",
        ),
        ("checks = { max_gap = 5 }", "T008", 2, 22, "\"5s\""),
        ("checks = { cpu_share = [0.5] }", "T008", 2, 24, "cpu_share = [0.7, 0.8]"),
        ("checks = { cpu_share = {} }", "T007", 2, 24, "`min`, `max` or both"),
        ("checks = { cpu_share = { low = 0.1 } }", "T006", 2, 26, "min"),
        ("checks = { cpu_usage = { max = \"52\" } }", "T008", 2, 32, "52%"),
        ("checks = { isolation = 1 }", "T008", 2, 24, "true or false"),
    ] {
        assert_error(&format!("name = \"x\"\n{lines}\n"), code, line, column, piece);
    }
}

#[test]
fn single_mistakes_in_a_cgroup() {
    for (lines, code, column, piece) in [
        ("cpuset = 3", "T008", 10, "\"3\""),
        ("cpuset = \"a\"", "T011", 10, "byte 0"),
        ("cpuset = \"0-4294967295\"", "T011", 10, "0 to 1023"),
        ("cpuset = \"3-1\"", "T011", 10, "lower number first"),
        ("cpuset = {}", "T007", 10, "disjoint, overlap, range, llc, numa"),
        ("cpuset = { disjoint = 0 }", "T007", 10, "`of`"),
        ("cpuset = { llc = 0, numa = 0 }", "T014", 28, "excludes `llc`"),
        ("cpuset = { range = [0.5] }", "T008", 10, "[0.0, 0.5]"),
        ("cpu_max = \"half\"", "T009", 11, "\"150%\""),
        ("cpu_max = \"10ns/1ms\"", "T009", 11, "finer than a microsecond"),
        ("memory_max = \"64MB\"", "T010", 14, "decimal units"),
        ("memory_max = \"unlimited\"", "T008", 14, "\"max\""),
        ("memory_max = -1", "T013", 14, "from 0"),
        ("pids_max = \"10\"", "T008", 12, "\"max\""),
        ("worker = 2", "T006", 1, "did you mean `workers`?"),
        ("workers = 2\nworkers_pct = 0.5", "T014", 15, "excludes `workers`"),
        ("works = [{}]\nworkers = 2", "T014", 11, "excludes `works`"),
        ("works = [{}, {}, {}, {}, {}]", "T017", 26, "more than 4"),
        ("work_type = \"Spinwait\"", "T012", 13, "did you mean \"SpinWait\"?"),
        ("work_type = { type = \"SpinWait\", iters = 5 }", "T014", 42, "does not go with SpinWait"),
        ("sched_policy = \"fifo\"", "T012", 16, "{ fifo = 50 }"),
        ("sched_policy = \"best\"", "T012", 16, "\"normal\", \"batch\""),
        ("sched_policy = { fifo = 300 }", "T013", 25, "0 to 255"),
        ("sched_policy = { runtime = \"1ms\", period = \"5ms\" }", "T007", 16, "`deadline`"),
        ("affinity = \"single-cpu\"", "T012", 12, "did you mean \"single_cpu\"?"),
        ("affinity = { from = \"0-3\" }", "T007", 12, "`random_subset`"),
        ("mem_policy = { bind = \"64\" }", "T011", 23, "0 to 63"),
        ("mpol_flags = [\"static\"]", "T012", 15, "\"static_nodes\""),
        ("nice = \"5\"", "T008", 8, "whole number"),
        ("until_removed = \"yes\"", "T008", 17, "true or false"),
    ] {
        let text = format!("name = \"x\"\n[[backdrop.cgroups]]\nname = \"c\"\n{lines}\n");
        let line = 3 + lines.lines().count() as u32;
        assert_error(&text, code, line, column, piece);
    }
}

#[test]
fn single_mistakes_in_an_op() {
    for (op, code, column, piece) in [
        ("\"add\"", "T008", 3, "a table"),
        ("{}", "T007", 3, "op = \"add_cgroup\""),
        ("{ op = 3 }", "T008", 10, "a text"),
        ("{ op = \"add_cgruop\", cgroup = \"a\" }", "T012", 10, "did you mean \"add_cgroup\"?"),
        ("{ op = \"explode\" }", "T012", 10, "there are add_cgroup, "),
        ("{ op = \"add_cgroup\" }", "T007", 3, "`cgroup` is missing in this add_cgroup"),
        (
            "{ op = \"add_cgroup\", name = \"a\", cgroup = \"a\" }",
            "T006",
            24,
            "known here: op, cgroup, until_removed",
        ),
        ("{ op = \"set_cpuset\", cgroup = \"a\" }", "T007", 3, "`cpuset` is missing"),
        ("{ op = \"steer_irq\", irq = 1 }", "T007", 3, "`cpu` is missing"),
        ("{ op = \"wait_payload\", payload = \"x\", timeout = 3 }", "T008", 51, "\"3s\""),
        ("{ op = \"run_payload\", payload = \"x\" }", "T015", 35, "no payload \"x\""),
    ] {
        let text = format!("name = \"x\"\n[[steps]]\nhold = \"full\"\nops = [\n  {op},\n]\n");
        assert_error(&text, code, 5, column, piece);
    }
}

#[test]
fn all_mistakes_of_a_file_are_told_in_order() {
    let text = "duration = 5\nname = 7\n[[steps]]\nhold = 2\nops = [{ op = \"x\" }, { op = \"add_cgroup\", nam = 1 }]\n";
    let found: Vec<_> = errors(text).iter().map(|e| (e.line, e.code.code())).collect();
    assert_eq!(found, [(1, "T008"), (2, "T008"), (4, "T008"), (5, "T012"), (5, "T007"), (5, "T006")]);
}

#[test]
fn what_is_no_toml_is_told_at_its_place_and_only_that() {
    for (text, line) in [
        ("name = \"x\nduration = \"1s\"", 1),
        ("name = \"x\"\n[[steps\n", 2),
        ("name = \"x\"\nname = \"y\"\n", 2),
        ("name = \"x\"\nsteps = [{ hold = \"1s\"", 2),
        ("= 3", 1),
        ("name", 1),
    ] {
        let found = errors(text);
        assert!(!found.is_empty(), "{text}");
        assert!(found.iter().all(|error| error.code.code() == "T005"), "{text}\n{found:#?}");
        assert_eq!(found[0].line, line, "{found:#?}");
    }
}

#[test]
fn files_without_content() {
    for text in ["", "\n\n", "  \t\r\n", "\u{FEFF}"] {
        let found = errors(text);
        assert_eq!(found[0].code.code(), "T004", "{text:?}");
    }
    assert_error("# only a comment\n", "T007", 1, 1, "`name` is missing");
}

#[test]
fn hostile_files_are_refused_in_no_time() {
    let deep_list = format!("x = {}1{}", "[".repeat(500_000), "]".repeat(500_000));
    let deep_table = "x = ".to_owned() + &"{ a = ".repeat(500_000);
    let deep_key = format!("{} = 1", vec!["a"; 500_000].join("."));
    let deep_header = format!("[{}]", vec!["a"; 500_000].join("."));
    let many_steps = format!("name = \"x\"\n{}", "[[steps]]\nholt = 3\n".repeat(100_000));
    for (what, text, code) in [
        ("ten megabytes", "# comment\n".repeat(1 << 20), "T003"),
        ("binary", "\u{7f}ELF\u{2}\u{1}\u{1}\0\0\0".repeat(1000), "T002"),
        ("deep list", deep_list, "T005"),
        ("deep table", deep_table, "T005"),
        ("deep key", deep_key, "T005"),
        ("deep header", deep_header, "T005"),
        ("nothing but brackets", "[".repeat(4_000_000), "T005"),
        ("nothing but equal signs", "=".repeat(4_000_000), "T005"),
        ("nothing but quotes", "\"".repeat(4_000_000), "T005"),
        ("lines of junk", "junk junk\n".repeat(400_000), "T005"),
        ("many mistakes", many_steps, "T006"),
    ] {
        let start = Instant::now();
        let found = errors(&text);
        let time = start.elapsed();
        assert_eq!(found.first().map(|error| error.code.code()), Some(code), "{what}");
        assert!(found.len() <= 501, "{what}: {} errors", found.len());
        println!("{what}: {time:?}");
        assert!(time < Duration::from_secs(60), "{what} took {time:?}");
    }
}

#[test]
fn every_truncation_and_many_mutations_are_survived() {
    let whole = include_str!("data/everything.toml");
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        let _ = errors(&whole[..end]);
    }
    let mut rng = Rng::new(1);
    for _ in 0..3000 {
        let mut bytes = whole.as_bytes().to_vec();
        for _ in 0..=rng.below(4) {
            let at = rng.below(bytes.len() as u64) as usize;
            match rng.below(3) {
                0 => bytes[at] = b" \"[]{}=,.#-0a\n"[rng.below(14) as usize],
                1 => drop(bytes.remove(at)),
                _ => {
                    let from = rng.below(bytes.len() as u64) as usize;
                    let piece = bytes[from..(from + 20).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        if let Ok(text) = String::from_utf8(bytes) {
            let _ = errors(&text);
        }
    }
}
