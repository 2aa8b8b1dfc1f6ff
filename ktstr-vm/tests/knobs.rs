//! Every operation and every knob of a cgroup definition on real kernels, each read back from cgroupfs in the
//! guest. This program is also the guest program, so it has a `main` of its own. Without QEMU or a kernel it
//! says SKIP; with `KTSTR_REQUIRE=vm` that is a failure. `KTSTR_TEST_SALT` is added to the kernel's
//! parameters: `salt=2` makes another run of each case.

#[path = "knobs/everything.rs"]
mod everything;
#[path = "knobs/readback.rs"]
mod readback;

use ktstr_core::prelude::*;
use ktstr_core::{Controller, CpuMax, Knob, KnobValue, Limits};
use ktstr_vm::{Cache, Image, Job, Vm, VmError, guest_main, is_guest_init, resolve};
use std::time::{Duration, Instant};

fn main() {
    if is_guest_init() {
        guest_main(|job| everything::in_guest(&job));
    }
    readings();
    for kernel in ["6.12", "sid"] {
        for (name, case) in [("everything", all as fn(&str) -> _), ("the quickstart's cpusets", quickstart)] {
            let begin = Instant::now();
            match case(kernel) {
                Ok(read) => {
                    println!(
                        "ok {name} on {kernel}: {read} read back ({:.1} s)",
                        begin.elapsed().as_secs_f64()
                    );
                }
                Err(
                    error @ (VmError::KernelNotFound { .. }
                    | VmError::QemuMissing { .. }
                    | VmError::ProgramNotFound { .. }),
                ) => skip(&format!("{name} on {kernel}: {error}; {}", error.cure())),
                Err(error) => panic!("{} {error}\n{}", error.code(), error.console().unwrap_or_default()),
            }
        }
    }
}

fn skip(reason: &str) {
    println!("SKIP: {reason}");
    let required = std::env::var("KTSTR_REQUIRE").is_ok_and(|list| list.split(',').any(|word| word == "vm"));
    assert!(!required, "vm is required: {reason}");
}

/// Boots a guest that plays a scenario, or everything; what it read.
fn boot(kernel: &str, shape: Uniform, program: &str, scenario: &str) -> Result<String, VmError> {
    let kernel = resolve(kernel, &Cache::of_user())?;
    let own = std::env::current_exe().unwrap();
    let mut image = Image::with_init(&own)?;
    image.program(program)?;
    let job = Job { scenario: scenario.to_owned(), seed: 1, ..Job::default() };
    let salt = std::env::var("KTSTR_TEST_SALT").unwrap_or_default();
    let vm = Vm::new(kernel).topology(shape).kernel_parameters(&salt).timeout(Duration::from_secs(240));
    let run = vm.run_job(&job, &image)?;
    let answer = run.answer.unwrap_or_else(|finding| panic!("{finding}\n{}", finding.console));
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// What has to fail in the scenario with everything.
const EXPECTED: [&str; 2] = ["FAULT mkdir box: [F001]", "FAULT reclaim 1073741824 bytes of void: [F008]"];

fn is_expected(line: &str) -> bool {
    EXPECTED.iter().any(|expected| line.starts_with(expected))
}

fn assert_right(text: &str) {
    if std::env::var_os("KTSTR_SHOW").is_some() {
        println!("{text}");
    }
    let faults: Vec<&str> =
        text.lines().filter(|line| line.starts_with("FAULT") && !is_expected(line)).collect();
    assert!(faults.is_empty(), "{faults:#?}\nof\n{text}");
    assert!(text.lines().any(|line| line == "END pass None 0 left"), "{text}");
}

fn all(kernel: &str) -> Result<usize, VmError> {
    let text = boot(kernel, Uniform::new(2, 1, 2, 1), "sleep", "")?;
    assert_right(&text);
    assert_eq!(text.lines().filter(|line| is_expected(line)).count(), EXPECTED.len(), "{text}");
    let has = |line: &str| text.lines().any(|read| read == line);
    for line in [
        "all/cpuset.cpus = 0-1",
        "all/cpuset.cpus.effective = 0-1",
        "all/cpuset.mems = 0",
        "all/cpu.weight = 250",
        "all/cpu.max = 30000 90000",
        "all/memory.max = 67108864",
        "all/memory.high = 50331648",
        "all/memory.low = 8388608",
        "all/memory.swap.max = 16777216",
        "all/io.weight = default 300",
        "all/pids.max = 50",
        "open/cpu.max = max 100000",
        "open/memory.max = max",
        "open/memory.swap.max = max",
        "open/pids.max = max",
        "all/cpuset.cpus = 2-3",
        "spare/cpuset.cpus = 0-1",
        "spare/inner/cpuset.cpus.effective = 2-3",
        "nice of a worker of group 0 = 5",
        "nice of a worker of group 1 = -3",
        "comm of a worker of group 0 = knob",
        "comm of a worker of group 1 = other",
        "uid of a worker of group 0 = 1000\t1000\t1000\t1000",
        "gid of a worker of group 0 = 1001\t1001\t1001\t1001",
        "policy of a worker of group 0 = 3",
        "memory of a worker of group 0 = bind=static:0",
        "affinity of a worker of group 0 = 0",
        "all/cgroup.procs of payload 0 = sleep",
        "box/cgroup.events frozen = 1",
        "box/cgroup.events frozen = 0",
        "box/cgroup.procs captured = 1",
        "the run's cgroup is there = false",
    ] {
        assert!(has(line), "{line:?} was not read:\n{text}");
    }
    for knob in Knob::ALL {
        let read = |group: &str| text.contains(&format!("\n{group}/{} = ", knob.file()));
        assert!(read("all"), "{} was not read with its example:\n{text}", knob.file());
        let is_cleared = Limits::CLEAR.named().has(knob);
        assert!(!is_cleared || read("open"), "{} was not read without a limit:\n{text}", knob.file());
    }
    for controller in Controller::ALL {
        let enabled = |line: &str| {
            let (file, text) = line.split_once(" = ").unwrap_or_default();
            file.ends_with("cgroup.subtree_control") && text.split(' ').any(|word| word == controller.name())
        };
        assert!(text.lines().any(enabled), "{} was not enabled:\n{text}", controller.name());
    }
    for work in WorkType::DEFAULTS {
        for worker in 0..work.team_size() {
            let line = format!("{} by worker {worker} = has worked", work.name());
            assert!(has(&line), "{line:?} was not read:\n{text}");
        }
    }
    Ok(text.lines().filter(|line| line.contains(" = ")).count())
}

fn quickstart(kernel: &str) -> Result<usize, VmError> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/quickstart.toml");
    let shape = Uniform::new(1, 1, 4, 1);
    let text = boot(kernel, shape, "stress-ng", &std::fs::read_to_string(path).unwrap())?;
    assert_right(&text);
    for (cgroup, half) in [("bg_cell", 0), ("neighbour", 1)] {
        let cpus = CpusetSpec::disjoint(half, 2).resolve(&Topology::from_uniform(&shape));
        for file in ["cpuset.cpus", "cpuset.cpus.effective"] {
            let line = format!("{cgroup}/{file} = {cpus}");
            assert!(text.lines().any(|read| read == line), "{line:?} was not read:\n{text}");
        }
    }
    Ok(text.lines().filter(|line| line.contains(" = ")).count())
}

/// The comparison itself, on readings that are right and on readings that are not.
fn readings() {
    use KnobValue::{Bandwidth, Cpus, Max, Number};
    let bandwidth = Bandwidth(CpuMax { quota_us: Some(5), period_us: 6 });
    for (knob, value, text, right) in [
        (Knob::CpusetCpus, Cpus(CpuSet::of(&[0, 1, 3])), "0-1,3\n", true),
        (Knob::CpusetCpus, Cpus(CpuSet::of(&[0, 1, 3])), "0-3\n", false),
        (Knob::CpusetCpus, Cpus(CpuSet::EMPTY), "\n", true),
        (Knob::CpusetCpus, Cpus(CpuSet::of(&[0])), "no such file", false),
        (Knob::MemoryMax, Number(8193), "8192\n", true),
        (Knob::MemoryMax, Number(8193), "8193\n", false),
        (Knob::MemoryMax, Max, "max\n", true),
        (Knob::PidsMax, Number(8193), "8193\n", true),
        (Knob::PidsMax, Max, "9\n", false),
        (Knob::IoWeight, Number(300), "default 300\n8:0 100\n", true),
        (Knob::IoWeight, Number(300), "default 100\n", false),
        (Knob::CpuMax, bandwidth, "5 6\n", true),
        (Knob::CpuMax, bandwidth, "max 6\n", false),
    ] {
        assert_eq!(readback::holds(knob, value, text), right, "{knob:?} {text:?}");
    }
}
