//! The rows, by subject. Those of partitions are played with the place being the root of the hierarchy.

pub mod core;
pub mod cpuset;
pub mod freezer;
pub mod kill;
pub mod limits;
pub mod partition_clear;
pub mod partition_flat;
pub mod partition_hotplug;
pub mod partition_nested;
pub mod partition_remote;
pub mod threads;

use super::Row;
use ktstr_core::{Controller, Controllers};
use ktstr_mock::KernelVersion;

/// All tables, with their names.
pub const TABLES: &[(&str, &[Row])] = &[
    ("core", core::ROWS),
    ("threads", threads::ROWS),
    ("freezer", freezer::ROWS),
    ("kill", kill::ROWS),
    ("limits", limits::ROWS),
    ("cpuset", cpuset::ROWS),
    ("partition_flat", partition_flat::ROWS),
    ("partition_nested", partition_nested::ROWS),
    ("partition_remote", partition_remote::ROWS),
    ("partition_hotplug", partition_hotplug::ROWS),
    ("partition_clear", partition_clear::ROWS),
];

const CPUSET: Controllers = Controllers::NONE.with(Controller::Cpuset);

const fn any(name: &'static str, script: &'static str) -> Row {
    needs(name, Controllers::NONE, script)
}

const fn needs(name: &'static str, needs: Controllers, script: &'static str) -> Row {
    Row { name, needs, cpus: 2, since: KernelVersion::new(5, 14), until: None, script }
}

const fn cpuset_row(name: &'static str, script: &'static str) -> Row {
    Row { name, needs: CPUSET, cpus: 8, since: KernelVersion::V6_1, until: None, script }
}

const fn partition_row(name: &'static str, script: &'static str) -> Row {
    Row { name, needs: CPUSET, cpus: 8, since: KernelVersion::V6_12, until: None, script }
}

const fn since_6_17(name: &'static str, script: &'static str) -> Row {
    Row { name, needs: CPUSET, cpus: 8, since: KernelVersion::new(6, 17), until: None, script }
}

const fn until_6_17(name: &'static str, script: &'static str) -> Row {
    let until = Some(KernelVersion::new(6, 17));
    Row { name, needs: CPUSET, cpus: 8, since: KernelVersion::V6_12, until, script }
}

const fn since_7_0(name: &'static str, script: &'static str) -> Row {
    Row { name, needs: CPUSET, cpus: 8, since: KernelVersion::new(7, 0), until: None, script }
}

const fn until_7_0(name: &'static str, script: &'static str) -> Row {
    let until = Some(KernelVersion::new(7, 0));
    Row { name, needs: CPUSET, cpus: 8, since: KernelVersion::new(6, 17), until, script }
}
