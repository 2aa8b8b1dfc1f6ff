//! Errors of meaning are shown at the key they are about.

use bumpalo::Bump;
use ktstr_core::{Invalid, Scratch, Slot, Topology, slots_needed, validate};
use ktstr_file::load;

/// The first error of a scenario on a machine of four CPUs, with the line and column that it is shown at.
fn first_error(text: &str) -> (&'static str, Option<(u32, u32)>) {
    let arena = Bump::new();
    let loaded = load(text, &arena).unwrap_or_else(|flawed| panic!("{flawed}in\n{text}"));
    let mut slots = vec![Slot::FREE; slots_needed(loaded.scenario)];
    let mut findings = [Invalid::FILLER; 8];
    let mut scratch = Scratch::with_findings(&mut slots, &mut findings);
    let machine = Topology::uniform(1, 1, 4, 1);
    let first = validate(loaded.scenario, Some(&machine), &mut scratch).expect_err(text);
    let (place, part) = (loaded.place_of(&first), loaded.place(first.site));
    (first.code(), (place != part).then_some((place.line, place.column)))
}

/// In each table the key that is meant has a `^` before it; where none has, the error is shown at the table.
#[test]
fn the_key_that_an_error_is_about_is_found() {
    for (code, fragment) in [
        ("E0407", "[[backdrop.cgroups]]\nname = 'a'\n^cpuset = '0-99'"),
        ("E0408", "[[backdrop.cgroups]]\nname = 'a'\n^cpuset = { llc = 1 }"),
        (
            "E0410",
            "[backdrop]\nops = [{ op = 'add_cgroup', cgroup = 'a' }, { op = 'set_cpuset', cgroup = 'a', cpuset = '0' }, \
             { op = 'add_cgroup', cgroup = 'a/b' }, { op = 'set_cpuset', cgroup = 'a/b', ^cpuset = '1' }]",
        ),
        ("E0413", "[[backdrop.cgroups]]\nname = 'a'\n^cpuset_mems = '7'"),
        ("E0415", "[[backdrop.cgroups]]\nname = 'a'\ncpuset = '0'\n^affinity = { exact = '3' }"),
        ("E0501", "[[backdrop.cgroups]]\nname = 'a'\n^cpu_weight = 10001"),
        ("E0502", "[[backdrop.cgroups]]\nname = 'a'\n^cpu_max = '10us/10ms'"),
        ("E0504", "[[backdrop.cgroups]]\nname = 'a'\nmemory_max = '1G'\n^memory_high = 9300000000000000000"),
        ("E0505", "[[backdrop.cgroups]]\nname = 'a'\n^memory_max = 100"),
        ("E0701", "[[backdrop.cgroups]]\nname = 'a'\nwork_type = 'Mixed'\n^workers = 0"),
        ("E0707", "[[backdrop.cgroups]]\nname = 'a'\nwork_type = 'PipeIo'\n^workers = 3"),
        (
            "E0711",
            "[[backdrop.cgroups]]\nname = 'a'\nworks = [{ workers = 1, nice = 1 }, { workers = 1, ^nice = 21 }]",
        ),
        ("E0705", "[[backdrop.cgroups]]\nname = 'a'\nworks = [{ workers = 1 }, { ^workers_pct = 0.7 }]"),
        ("E0712", "[[backdrop.cgroups]]\nname = 'a'\n^comm = 'a name that is too long'"),
        ("E0708", "[[backdrop.cgroups]]\nname = 'a'\nwork_type = { type = 'Bursty', ^burst = '0s' }"),
        ("E0103", "[[backdrop.cgroups]]\n^name = 'a//b'"),
        ("E0101", "[[backdrop.cgroups]]\n^name = ''"),
        ("E0206", "[[backdrop.cgroups]]\n^name = 'a/b'"),
        ("E0203", "[[backdrop.cgroups]]\nname = 'a'\n[[steps]]\nhold = '1s'\ncgroups = [{ ^name = 'a' }]"),
        ("E0201", "[[steps]]\nhold = '1s'\nops = [{ op = 'stop_cgroup', ^cgroup = 'ghost' }]"),
        (
            "E0201",
            "[backdrop]\nops = [{ op = 'add_cgroup', cgroup = 'a' }, { op = 'spawn', cgroup = 'a' }, \
          { op = 'move_all_tasks', from = 'a', ^to = 'ghost' }]",
        ),
        ("E0802", "[[payload]]\nname = 'p'\n^binary = ''\n[backdrop]\npayloads = ['p']"),
        (
            "E0809",
            "[[payload]]\nname = 'p'\nbinary = 'x'\noutput = 'json'\n^checks = [{ metric = 'm', min = nan }]\n[backdrop]\npayloads = ['p']",
        ),
        ("E0808", "[[payload]]\nname = 'p'\nbinary = 'x'\n[backdrop]\npayloads = ['p', 'p']"),
        ("E1002", "^duration = '0s'\n[[steps]]\nhold = 'full'"),
        ("E1005", "[checks]\n^max_spread_pct = nan"),
    ] {
        let marked = format!("name = 'x'\n{fragment}\n");
        let text = marked.replace('^', "");
        let expected = marked.find('^').map(|at| {
            let before = &marked[..at];
            let start = before.rfind('\n').map_or(0, |newline| newline + 1);
            (before.matches('\n').count() as u32 + 1, (at - start) as u32 + 1)
        });
        assert_eq!(first_error(&text), (code, expected), "in\n{marked}");
    }
}
