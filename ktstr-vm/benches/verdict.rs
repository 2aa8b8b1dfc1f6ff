//! From the command to the verdict for a trivial scenario, booted and restored, in host time; beside it
//! virtme-ng, which boots the same kernel with the same accelerator to run `true`. Needs QEMU and a kernel
//! (`KTSTR_TEST_KERNEL`, 6.12 without), and `vng` on `PATH` or in `KTSTR_VNG`, with a `virtiofsd` that it
//! takes where the kernel has no 9p. The load of the host is printed, since all of this is computing.

use ktstr_core::prelude::*;
use ktstr_vm::{Cache, Kernel, Vm, VmError, guest_runs_scenarios, resolve};
use std::num::NonZeroUsize;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 3;
/// How long virtme-ng gets for one boot.
const PATIENCE: Duration = Duration::from_secs(60);

const CELL: CgroupDef<'_> = CgroupDef::named("cell");
const HOLD: [Step<'_>; 1] = [Step::hold(HoldSpec::Fixed(Duration::from_millis(10)))];

/// One worker in one cgroup, for a moment.
static TRIVIAL: Scenario<'static> = Scenario::new("trivial")
    .duration(Duration::from_millis(10))
    .backdrop(Backdrop::new().push_cgroup(CELL))
    .steps(&HOLD);

fn main() {
    guest_runs_scenarios();
    let spec = std::env::var("KTSTR_TEST_KERNEL").unwrap_or_else(|_| "6.12".to_owned());
    let kernel = match resolve(&spec, &Cache::of_user()) {
        Ok(kernel) => kernel,
        Err(error) => return println!("SKIP: {error}; {}", error.cure()),
    };
    println!("Linux {} on TCG, {} host CPUs, {RUNS} runs each", kernel.release, cpus());
    println!("{:<42} {:>9} {:>9} {:>9}  load", "", "median", "best", "worst");
    match ours(&kernel) {
        Err(error @ VmError::QemuMissing { .. }) => println!("SKIP: {error}; {}", error.cure()),
        result => result.unwrap_or_else(|error| panic!("{} {error}", error.code())),
    }
    virtme(&kernel);
}

fn cpus() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

fn show(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let ms = |time: Duration| format!("{} ms", time.as_millis());
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let (best, worst) = (times[0], times[times.len() - 1]);
    println!("{what:<42} {:>9} {:>9} {:>9}  {load}", ms(times[times.len() / 2]), ms(best), ms(worst));
}

/// Everything from the scenario to the verdict, the packing of the image among it.
fn verdict(vm: &Vm) -> Result<Duration, VmError> {
    let begin = Instant::now();
    let ran = vm.run(&TRIVIAL)?;
    assert_eq!(ran.report.verdict, Verdict::Pass, "{:?}", ran.report.error);
    Ok(begin.elapsed())
}

fn ours(kernel: &Kernel) -> Result<(), VmError> {
    let vm = Vm::new(kernel.clone()).memory_mib(256);
    let times = |vm: &Vm| (0..RUNS).map(|_| verdict(vm)).collect::<Result<Vec<_>, _>>();
    show("booted, 4 CPUs", times(&vm)?);
    show("booted, 1 CPU", times(&vm.clone().topology(Uniform::new(1, 1, 1, 1)))?);
    let states = tempfile::tempdir().expect("a temporary directory");
    for (what, shape) in [("4 CPUs", Uniform::new(1, 1, 4, 1)), ("1 CPU", Uniform::new(1, 1, 1, 1))] {
        let vm = vm.clone().topology(shape).saved_states(Cache::at(states.path()));
        show(&format!("booted, saved and restored, {what}"), vec![verdict(&vm)?]);
        show(&format!("restored, {what}"), times(&vm)?);
    }
    let vm = vm.saved_states(Cache::at(states.path()));
    let (seeds, begin) = (10 * cpus() as u32, Instant::now());
    vm.explore(&TRIVIAL, 1..=u64::from(seeds), NonZeroUsize::new(cpus()), |_, result| {
        assert!(result.is_ok(), "{:?}", result.err());
        ktstr_vm::Next::More
    })?;
    show("restored, for each of many seeds, per core", vec![begin.elapsed() * cpus() as u32 / seeds]);
    Ok(())
}

/// The same kernel by virtme-ng, without KVM. Where its guest has no named ports it runs the script and
/// cannot hand its exit status over, so one run that says what it does goes first, and the timed ones have to
/// end like that one.
fn virtme(kernel: &Kernel) {
    let program = std::env::var("KTSTR_VNG").unwrap_or_else(|_| "vng".to_owned());
    let run = |verbose: bool| {
        let mut command = Command::new(&program);
        command.arg("--run").arg(&kernel.image).args(["--disable-kvm", "--cpus", "4", "--memory", "256M"]);
        command.args(["--exec", "true"]).args(verbose.then_some("--verbose"));
        timed(&mut command)
    };
    let (status, said) = match run(true) {
        Ok((_, status, said)) => (status, said),
        Err(reason) => return println!("SKIP: virtme-ng: {reason}"),
    };
    if !status.success() && !said.contains("script exited with code 0") {
        return println!("SKIP: virtme-ng: {status}: {}", last_words(&said));
    }
    let timed = (0..RUNS).map(|_| run(false)).collect::<Result<Vec<_>, _>>();
    match timed {
        Ok(runs) if runs.iter().all(|run| run.1 == status) => {
            show("virtme-ng, `true`, 4 CPUs", runs.iter().map(|run| run.0).collect());
        }
        Ok(_) => println!("SKIP: virtme-ng: it did not end with {status} each time"),
        Err(reason) => println!("SKIP: virtme-ng: {reason}"),
    }
}

/// How long a program takes, how it ends and what it says, or why it does not come to an end.
fn timed(command: &mut Command) -> Result<(Duration, ExitStatus, String), String> {
    let begin = Instant::now();
    let words = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    let output = words.reopen().map_err(|error| error.to_string())?;
    let errors = output.try_clone().map_err(|error| error.to_string())?;
    let command = command.stdin(Stdio::null()).stdout(output).stderr(errors);
    let mut child =
        ktstr_linux::spawn_bound(command).map_err(|error| format!("it does not start: {error}"))?;
    loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => {
                let said = std::fs::read(words.path()).unwrap_or_default();
                return Ok((begin.elapsed(), status, String::from_utf8_lossy(&said).into_owned()));
            }
            None if begin.elapsed() > PATIENCE => {
                // Its QEMU sits in its process group.
                let group = rustix::process::Pid::from_child(&child);
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
                drop(child.wait());
                return Err(format!("it did not end within {PATIENCE:?}"));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// The last lines, as one.
fn last_words(said: &str) -> String {
    let mut lines: Vec<&str> = said.lines().rev().take(3).collect();
    lines.reverse();
    lines.join("; ")
}
