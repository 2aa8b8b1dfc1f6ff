//! The example of the Backdrop page, names and all: as a `let`, a `const` and a `static`; and what the derive
//! makes.

use core::time::Duration;
use ktstr_core::prelude::*;

#[derive(Payload)]
#[payload(binary = "stress-ng")]
#[default_args("--cpu", "2")]
struct BgLoadPayload;

#[test]
fn the_page_example_is_a_let() {
    let backdrop = Backdrop::new()
        .push_cgroup(CgroupDef::named("bg_cell").cpuset(CpusetSpec::disjoint(0, 2)))
        .push_op(Op::add_cgroup("bg_overflow"))
        .push_payload(&BG_LOAD);
    assert_eq!(backdrop, STATIC);
}

const CONST: Backdrop = Backdrop::new()
    .push_cgroup(CgroupDef::named("bg_cell").cpuset(CpusetSpec::disjoint(0, 2)))
    .push_op(Op::add_cgroup("bg_overflow"))
    .push_payload(&BG_LOAD);

static STATIC: Backdrop = CONST;

#[test]
fn the_page_example_is_a_const_and_a_static() {
    let cgroups: Vec<&str> = STATIC.cgroups.iter().map(|def| def.name).collect();
    assert_eq!(cgroups, ["bg_cell"]);
    assert_eq!(STATIC.cgroups[0].limits.cpuset, Some(CpusetSpec::Disjoint { index: 0, of: 2 }));
    assert_eq!(
        STATIC.ops.as_slice(),
        [Op::AddCgroup { name: "bg_overflow", until_removed: false, kept: false, fails: None }]
    );
    assert_eq!(STATIC.payloads.as_slice(), [&BG_LOAD]);
}

#[test]
fn the_derive_without_more_is_a_program_with_its_arguments() {
    assert_eq!(BG_LOAD, Payload::binary("stress-ng", "stress-ng").default_args(&["--cpu", "2"]));
}

const RUNTIME: &str = "--runtime=5";

/// A payload with everything.
#[derive(Payload)]
#[payload(binary = "/opt/bench/fio", name = "disk", output = Json, timeout = "1.5s")]
#[default_args("--output-format=json")]
#[default_args(RUNTIME, concat!("--name=", "probe"))]
#[default_check(exit_code(0), min("jobs.0.read.iops", 100), max("jobs.0.read.lat", 2.5e6))]
#[default_check(range("jobs.0.trim", -1.5, 1.0), exists("version"))]
#[metric(name = "jobs.0.read.iops", polarity = higher_is_better, unit = "ops/s")]
#[metric(name = "jobs.0.read.lat", polarity = LowerBetter)]
#[include_files("jobs/probe.fio", "jobs/data.bin")]
pub struct DiskProbePayload;

#[test]
fn every_attribute_lands_in_its_field() {
    const CHECKS: [PayloadCheck; 5] = [
        PayloadCheck::exit_code(0),
        PayloadCheck::min("jobs.0.read.iops", 100.0),
        PayloadCheck::max("jobs.0.read.lat", 2.5e6),
        PayloadCheck::range("jobs.0.trim", -1.5, 1.0),
        PayloadCheck::exists("version"),
    ];
    const METRICS: [MetricHint; 2] = [
        MetricHint { name: "jobs.0.read.iops", polarity: Polarity::HigherIsBetter, unit: "ops/s" },
        MetricHint { name: "jobs.0.read.lat", polarity: Polarity::LowerIsBetter, unit: "" },
    ];
    let expected = Payload::binary("disk", "/opt/bench/fio")
        .default_args(&["--output-format=json", "--runtime=5", "--name=probe"])
        .output(OutputKind::Json)
        .metrics(&METRICS)
        .checks(&CHECKS)
        .timeout(Duration::from_millis(1500))
        .include_files(&["jobs/probe.fio", "jobs/data.bin"]);
    assert_eq!(DISK_PROBE, expected);
}

mod inner {
    use ktstr_core::prelude::*;

    #[derive(Payload)]
    #[payload(binary = "/usr/bin/true")]
    pub(super) struct HTTPProbe;
}

#[test]
fn the_static_has_the_visibility_of_the_struct_and_the_programs_file_name() {
    assert_eq!(inner::HTTP_PROBE.name, "true");
    assert_eq!(inner::HTTP_PROBE.timeout, None);
}
