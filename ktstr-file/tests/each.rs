//! `each`: one definition stands for as many cgroups as the machine has of something, or for a number of
//! them.

use ktstr_core::{CpuSet, CpusetSpec, Topology};
use ktstr_file::ScenarioFile;

fn read(cgroup: &str) -> ScenarioFile {
    text(cgroup).parse().unwrap_or_else(|problems| panic!("{problems}"))
}

fn text(cgroup: &str) -> String {
    format!("name = \"many\"\n[[backdrop.cgroups]]\n{cgroup}\n[[backdrop.cgroups]]\nname = \"last\"\n")
}

/// The names and cpusets that the file makes on a machine.
fn on(file: &ScenarioFile, machine: &Topology) -> Vec<(String, Option<CpusetSpec>)> {
    let other = file.for_machine(machine).map(|other| other.expect("good form"));
    let file = other.as_ref().unwrap_or(file);
    file.judge(Some(machine)).unwrap_or_else(|problems| panic!("{problems}"));
    let defs = file.scenario().backdrop.cgroups.iter();
    defs.map(|def| (def.name.to_owned(), def.limits.cpuset)).collect()
}

#[test]
fn there_is_one_for_each_with_its_number_in_name_and_cpuset() {
    let machine = Topology::uniform(2, 2, 2, 1);
    let cpu = |cpu| CpusetSpec::Exact(CpuSet::of(&[cpu]));
    type Cpus = fn(usize) -> CpusetSpec;
    let rows: [(&str, usize, Cpus); 6] = [
        ("each = \"cpu\"\ncpuset = \"{}\"", 8, |n| CpusetSpec::Exact(CpuSet::of(&[n]))),
        ("each = \"llc\"\ncpuset = { llc = \"{}\" }", 4, CpusetSpec::Llc),
        ("each = \"node\"\ncpuset = { numa = \"{}\" }", 2, CpusetSpec::Numa),
        ("each = 3\ncpuset = { disjoint = \"{}\" }", 3, |n| CpusetSpec::Disjoint { index: n, of: 3 }),
        ("each = 2\ncpuset = { disjoint = \"{}\", of = 7 }", 2, |n| CpusetSpec::Disjoint { index: n, of: 7 }),
        ("each = 3\ncpuset = { overlap = \"{}\", frac = 0.5 }", 3, |n| CpusetSpec::Overlap {
            index: n,
            of: 3,
            frac: 0.5,
        }),
    ];
    for (keys, count, cpus) in rows {
        let made = on(&read(&format!("name = \"cell_{{}}\"\n{keys}")), &machine);
        let mut wanted: Vec<_> = (0..count).map(|n| (format!("cell_{n}"), Some(cpus(n)))).collect();
        wanted.push(("last".to_owned(), None));
        assert_eq!(made, wanted, "{keys}");
    }
    // CPUs are named by their numbers, also where some are missing.
    let holes = machine.restricted_to(&CpuSet::of(&[1, 5]));
    let made = on(&read("name = \"c{}\"\neach = \"cpu\"\ncpuset = \"{}\""), &holes);
    assert_eq!(made[..2], [("c1".to_owned(), Some(cpu(1))), ("c5".to_owned(), Some(cpu(5)))]);
}

/// A definition below another is repeated as that is.
#[test]
fn each_can_stand_below_each() {
    let file = read(
        "name = \"pod_{}\"\neach = 2\nworkers = 0\n[[backdrop.cgroups]]\nname = \"pod_{}/app\"\neach = 2",
    );
    let made = on(&file, &Topology::uniform(1, 1, 4, 1));
    let names: Vec<_> = made.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["pod_0", "pod_1", "pod_0/app", "pod_1/app", "last"]);
}

/// The machine of the file counts until another one is asked about; without any there is one of each.
#[test]
fn the_machine_decides_how_many_there_are() {
    let llcs = |file: &ScenarioFile| file.scenario().backdrop.cgroups.len() - 1;
    let open = read("name = \"l{}\"\neach = \"llc\"");
    assert_eq!(llcs(&open), 1);
    let named: ScenarioFile = text("name = \"l{}\"\neach = \"llc\"")
        .replacen('\n', "\ntopology = \"1x3x1x1\"\n", 1)
        .parse()
        .expect("a file");
    assert_eq!(llcs(&named), 3);
    let (three, two) = (Topology::uniform(1, 3, 1, 1), Topology::uniform(2, 1, 2, 1));
    assert!(named.for_machine(&three).is_none(), "it is read for this one already");
    let other = named.for_machine(&two).expect("another machine").expect("good form");
    assert_eq!(llcs(&other), 2);
    assert!(other.for_machine(&two).is_none() && other.for_machine(&three).is_some());
    assert!(read("name = \"l{}\"\neach = 9").for_machine(&two).is_none(), "a number is one on every machine");
}

#[test]
fn what_is_wrong_is_said_once_with_its_line_and_the_instance() {
    for (cgroup, place, code, piece) in [
        ("name = \"a\"\neach = 2", "4:8", "T014", "put `{}` into `name`"),
        ("name = \"a{}\"\neach = 0", "4:8", "T013", "from 1 to 1024"),
        ("name = \"a{}\"\neach = \"cpus\"", "4:8", "T012", "did you mean \"cpu\"?"),
        ("name = \"a{}\"\neach = true", "4:8", "T008", "\"cpu\", \"llc\" or \"node\""),
        ("name = \"a\"\ncpuset = { llc = \"{}\" }", "4:18", "T014", "there is no `each`"),
        ("name = \"a{}\"\neach = 500\nnice = \"x\"", "5:8", "T008", "`nice`"),
    ] {
        let problems = text(cgroup).parse::<ScenarioFile>().expect_err(cgroup);
        let shown: Vec<_> = problems.problems.iter().map(|p| (p.code, p.what.clone() + &p.cure)).collect();
        assert_eq!(shown.len(), 1, "{problems}");
        assert!(problems.to_string().contains(&format!(":{place}: [{code}]")), "{problems}");
        assert!(problems.to_string().contains(piece), "{problems}");
    }
    // What makes no sense of one of them names that one, at the line of its definition.
    let two = Topology::uniform(1, 2, 2, 1);
    let file = read("name = \"a{}\"\neach = 3\ncpuset = { llc = \"{}\" }");
    let problems = file.judge(Some(&two)).expect_err("a cache too many");
    assert_eq!((problems.problems.len(), problems.problems[0].line), (1, 5));
    assert!(
        problems.to_string().contains("`a2`") && problems.to_string().contains("cgroups[2]"),
        "{problems}"
    );
}
