//! The modelled kernel under raw calls: it never panics, its invariants hold after every call, and a call
//! that fails leaves no trace in what a process can see.

use ktstr_core::{CpuSet, Topology};
use ktstr_mock::kernel::{INIT, MockKernel, Pid};
use std::fmt::Write;

const TOPOLOGY: Topology = Topology::uniform(2, 1, 2, 1);
/// Most calls that bytes can make.
const MOST: usize = 64;

const PATHS: [&str; 8] = ["", "a", "b", "a/x", "a/y", "b/x", "a/x/p", "../a"];

const FILES: [&str; 24] = [
    "cgroup.subtree_control",
    "cgroup.procs",
    "cgroup.threads",
    "cgroup.type",
    "cgroup.freeze",
    "cgroup.kill",
    "cgroup.max.depth",
    "cgroup.max.descendants",
    "cpuset.cpus",
    "cpuset.mems",
    "cpu.weight",
    "cpu.idle",
    "cpu.max",
    "memory.max",
    "memory.low",
    "io.weight",
    "pids.max",
    "cgroup.events",
    "cgroup.stat",
    "cpuset.cpus.effective",
    "pids.current",
    "cgroup.controllers",
    "cpuset.cpus.partition",
    "nothing",
];

const TEXTS: [&str; 32] = [
    "+cpuset",
    "+cpu",
    "+memory",
    "+pids",
    "+io",
    "-cpuset",
    "-cpu",
    "-memory",
    "-pids",
    "+cpuset +cpu",
    "+cpu -cpu",
    "0",
    "1",
    "2",
    "3",
    "threaded",
    "domain",
    "0-1",
    "2-3",
    "0-3",
    "",
    "\n",
    "max",
    "max 100000",
    "50000 100000",
    "100",
    "10000",
    "99999999999999999999",
    "-1",
    "0x10",
    "4G",
    " 1 ",
];

/// The target.
pub fn run(bytes: &[u8]) {
    let mut kernel = MockKernel::new(&TOPOLOGY);
    let mut pids = vec![INIT];
    each_call(bytes, |call| {
        let done = call.carry_out(&mut kernel, &mut pids);
        if let Err(broken) = kernel.check_invariants() {
            panic!("after {call:?}, which gave {done:?}: {broken}");
        }
    });
    read_all(&kernel);
}

/// The calls that the bytes make.
pub fn show(bytes: &[u8]) -> String {
    let mut text = String::new();
    each_call(bytes, |call| {
        let _ = writeln!(text, "{call:?}");
    });
    text
}

/// One raw call. Processes are meant by their place in the list of all that were made.
#[derive(Debug)]
enum Call<'a> {
    Mkdir(&'a str),
    Rmdir(&'a str),
    Write(&'a str, &'a str, &'a str),
    Read(&'a str, &'a str),
    Fork(usize, Option<&'a str>),
    Thread(usize),
    Exit(usize),
    Kill(usize, i32),
    Reap(usize, usize),
    Attach(usize, &'a str),
    Affinity(usize, CpuSet),
    Online(usize, bool),
    WritePid(&'a str, &'a str, usize),
}

fn each_call(bytes: &[u8], mut visit: impl FnMut(&Call<'_>)) {
    let mut rest = bytes;
    let mut byte = || rest.split_off_first().copied();
    for _ in 0..MOST {
        let Some(code) = byte() else { return };
        let (a, b, c) = (byte().unwrap_or(0), byte().unwrap_or(0), byte().unwrap_or(0));
        let path = PATHS[a as usize % PATHS.len()];
        let (first, second) = (a as usize, b as usize);
        let call = match code % 16 {
            0 | 1 => Call::Mkdir(path),
            2 => Call::Rmdir(path),
            3..6 => Call::Write(path, FILES[second % FILES.len()], TEXTS[c as usize % TEXTS.len()]),
            6 => Call::Read(path, FILES[second % FILES.len()]),
            7 => Call::Fork(second, (c % 4 != 0).then_some(path)),
            8 => Call::Thread(first),
            9 => Call::Exit(first),
            10 => Call::Kill(first, [9, 15, 19, 0, -1, 64][second % 6]),
            11 => Call::Reap(first, second),
            12 => Call::Attach(second, path),
            13 => Call::Affinity(first, CpuSet::range(second % 5, second % 5 + c as usize % 4)),
            14 => Call::Online(second % 6, c % 2 == 0),
            _ => Call::WritePid(path, ["cgroup.procs", "cgroup.threads"][c as usize % 2], second),
        };
        visit(&call);
    }
}

impl Call<'_> {
    fn carry_out(&self, kernel: &mut MockKernel, pids: &mut Vec<Pid>) -> Result<(), i32> {
        let pid = |place: usize| pids[place % pids.len()];
        let made = match *self {
            Call::Mkdir(path) => kernel.mkdir(path).map(drop),
            Call::Rmdir(path) => kernel.rmdir(path),
            Call::Write(path, file, text) => kernel.write(path, file, text),
            Call::Read(path, file) => kernel.read(path, file).map(drop),
            Call::Fork(parent, into) => kernel.fork(pid(parent), into).map(|made| pids.push(made)),
            Call::Thread(process) => kernel.clone_thread(pid(process)).map(|made| pids.push(made)),
            Call::Exit(process) if pid(process) == INIT => Ok(()),
            Call::Exit(process) => kernel.exit(pid(process), 0),
            Call::Kill(process, _) if pid(process) == INIT => Ok(()),
            Call::Kill(process, signal) => kernel.kill(pid(process), signal),
            Call::Reap(parent, child) => kernel.reap(pid(parent), pid(child)).map(drop),
            Call::Attach(process, path) => kernel.attach(pid(process), path),
            Call::Affinity(process, cpus) => kernel.set_affinity(pid(process), &cpus),
            Call::Online(cpu, online) => kernel.set_online(cpu, online),
            Call::WritePid(path, file, process) => kernel.write(path, file, &pid(process).to_string()),
        };
        made.map_err(|errno| errno.0)
    }
}

/// Every file of every cgroup can be read, but for those that are only written and the processes of a
/// threaded one.
fn read_all(kernel: &MockKernel) {
    for path in PATHS {
        for file in kernel.files(path).unwrap_or_default() {
            let read = kernel.read(path, file);
            let may_fail = ["cgroup.kill", "cgroup.procs", "memory.reclaim"].contains(&file);
            assert!(read.is_ok() || may_fail, "{path}/{file}: {read:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn calls_of_all_kinds_are_made() {
        let bytes: Vec<u8> = (0..=255).cycle().take(64 * 4).map(|byte: u8| byte.wrapping_mul(37)).collect();
        super::run(&bytes);
        assert_eq!(super::show(&bytes).lines().count(), 64);
    }
}
