//! Every row of kernel behaviour, played on the model in each release that it holds for.

use ktstr_core::{Controller, Topology};
use ktstr_mock::{KernelVersion, MockKernel};
use ktstr_testkit::rows::table::TABLES;
use ktstr_testkit::rows::{Row, play, steps};
use std::collections::HashSet;

const RELEASES: [KernelVersion; 5] = [
    KernelVersion::V6_1,
    KernelVersion::V6_12,
    KernelVersion::new(6, 17),
    KernelVersion::V6_18,
    KernelVersion::NEWEST,
];

fn place(row: &Row, version: KernelVersion) -> MockKernel {
    let mut kernel = MockKernel::new(&Topology::uniform(1, 1, row.cpus as u16, 1)).with_version(version);
    for controller in Controller::ALL.into_iter().filter(|&controller| row.needs.has(controller)) {
        let enabled = kernel.write("", "cgroup.subtree_control", &format!("+{}", controller.name()));
        assert_eq!(enabled, Ok(()));
    }
    kernel
}

#[test]
fn every_row_goes_as_it_says() {
    let mut failures = Vec::new();
    for (table, rows) in TABLES {
        for row in *rows {
            for version in RELEASES.into_iter().filter(|&version| row.holds_for(version)) {
                if let Err(failure) = play(row, &mut place(row, version)) {
                    failures.push(format!("{table} on {version}: {failure}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn rows_are_many_and_have_names_of_their_own() {
    let mut names = HashSet::new();
    let mut cpusets = 0;
    for (table, rows) in TABLES {
        for row in *rows {
            assert!(names.insert((table, row.name)), "{table}: {} is there twice", row.name);
            assert!(steps(row.script).is_ok_and(|steps| !steps.is_empty()), "{table}: {}", row.name);
            assert!(RELEASES.into_iter().any(|version| row.holds_for(version)), "{table}: {}", row.name);
        }
        if table.starts_with("cpuset") || table.starts_with("partition") {
            cpusets += rows.len();
        }
    }
    assert!(cpusets >= 100, "{cpusets} rows on cpusets and partitions");
}

#[test]
fn a_row_that_is_wrong_fails() {
    for script in ["mkdir a; mkdir a", "mkdir a; a/cgroup.freeze = 1", "mkdir a ! EBUSY", "alive x", "jump"] {
        let row = Row { name: "wrong", script, ..TABLES[0].1[0] };
        assert!(play(&row, &mut place(&row, KernelVersion::NEWEST)).is_err(), "{script}");
    }
}
