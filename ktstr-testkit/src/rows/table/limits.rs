//! The files of the cpu, memory, io and pids controllers: what they take and how it reads back.

use super::super::Row;
use super::needs;
use ktstr_core::{Controller, Controllers};
use ktstr_mock::KernelVersion;

const CPU: Controllers = Controllers::NONE.with(Controller::Cpu);
const MEMORY: Controllers = Controllers::NONE.with(Controller::Memory);
const IO: Controllers = Controllers::NONE.with(Controller::Io);
const PIDS: Controllers = Controllers::NONE.with(Controller::Pids);

/// The rows.
pub const ROWS: &[Row] = &[
    needs("the usual weight", CPU, "mkdir a; a/cpu.weight = 100"),
    needs(
        "the least and the greatest weight",
        CPU,
        "mkdir a; a/cpu.weight < 1; a/cpu.weight = 1; \
         a/cpu.weight < 10000; a/cpu.weight = 10000",
    ),
    needs("weights out of range", CPU, "mkdir a; a/cpu.weight < 0 ! ERANGE; a/cpu.weight < 10001 ! ERANGE"),
    needs(
        "weights that are no number",
        CPU,
        "mkdir a; a/cpu.weight < x ! EINVAL; a/cpu.weight < -1 ! EINVAL; \
         a/cpu.weight < 1.5 ! EINVAL",
    ),
    needs(
        "weights in other bases",
        CPU,
        "mkdir a; a/cpu.weight < 0x10; a/cpu.weight = 16; a/cpu.weight < 010; \
         a/cpu.weight = 8",
    ),
    needs("no quota to begin with", CPU, "mkdir a; a/cpu.max = max 100000"),
    needs("a quota and its period", CPU, "mkdir a; a/cpu.max < 50000 200000; a/cpu.max = 50000 200000"),
    needs(
        "a quota alone keeps the period",
        CPU,
        "mkdir a; a/cpu.max < 5000 20000; a/cpu.max < 7000; \
         a/cpu.max = 7000 20000",
    ),
    needs(
        "no quota keeps the period",
        CPU,
        "mkdir a; a/cpu.max < 5000 20000; a/cpu.max < max; a/cpu.max = max 20000",
    ),
    needs(
        "the shortest quota and period",
        CPU,
        "mkdir a; a/cpu.max < 1000 1000; a/cpu.max = 1000 1000; \
         a/cpu.max < 999 ! EINVAL; a/cpu.max < 1000 999 ! EINVAL; a/cpu.max < 0 ! EINVAL",
    ),
    needs("the longest period", CPU, "mkdir a; a/cpu.max < max 1000000; a/cpu.max < max 1000001 ! EINVAL"),
    needs("a quota that is no number", CPU, "mkdir a; a/cpu.max < x ! EINVAL; a/cpu.max < -1 ! EINVAL"),
    needs(
        "no memory limits to begin with",
        MEMORY,
        "mkdir a; a/memory.max = max; a/memory.high = max; \
         a/memory.low = 0; a/memory.min = 0",
    ),
    needs(
        "memory is counted in pages",
        MEMORY,
        "mkdir a; a/memory.max < 100000; a/memory.max = 98304; \
         a/memory.high < 4096; a/memory.high = 4096",
    ),
    needs(
        "memory with a suffix",
        MEMORY,
        "mkdir a; a/memory.max < 64M; a/memory.max = 67108864; \
         a/memory.low < 1k; a/memory.low = 0; a/memory.high < 2g; a/memory.high = 2147483648",
    ),
    needs(
        "memory back to no limit",
        MEMORY,
        "mkdir a; a/memory.max < 1M; a/memory.max < max; a/memory.max = max",
    ),
    needs(
        "memory that is no size",
        MEMORY,
        "mkdir a; a/memory.max < x ! EINVAL; a/memory.max < -1 ! EINVAL; \
         a/memory.max < 1MB ! EINVAL",
    ),
    needs("the usual weight of devices", IO, "mkdir a; a/io.weight = default 100"),
    needs(
        "a weight of devices",
        IO,
        "mkdir a; a/io.weight < 200; a/io.weight = default 200; \
         a/io.weight < default 300; a/io.weight = default 300",
    ),
    needs(
        "weights of devices out of range",
        IO,
        "mkdir a; a/io.weight < 0 ! EINVAL; a/io.weight < 10001 ! EINVAL",
    ),
    needs("no limit of tasks to begin with", PIDS, "mkdir a; a/pids.max = max; a/pids.current = 0"),
    needs(
        "a limit of tasks",
        PIDS,
        "mkdir a; a/pids.max < 2; a/pids.max = 2; fork x a; fork y a; fork z a ! EAGAIN; \
         a/pids.current = 2",
    ),
    needs(
        "a limit above counts below",
        PIDS,
        "mkdir a; a/cgroup.subtree_control < +pids; mkdir a/b; \
         a/pids.max < 1; fork x a/b; fork y a/b ! EAGAIN",
    ),
    needs(
        "a move goes over the limit",
        PIDS,
        "mkdir a; a/pids.max < 0; fork x; move x a; a/pids.current = 1; \
         child y x ! EAGAIN",
    ),
    needs(
        "a zombie counts until it is reaped",
        PIDS,
        "mkdir a; a/pids.max < 1; fork x a; kill x 9; \
         a/pids.current = 1; fork y a ! EAGAIN; reap x; a/pids.current = 0; fork y a",
    ),
    needs(
        "threads count",
        PIDS,
        "mkdir a; a/pids.max < 2; fork x a; thread t x; a/pids.current = 2; \
         thread u x ! EAGAIN",
    ),
    needs(
        "limits of tasks out of range",
        PIDS,
        "mkdir a; a/pids.max < -1 ! EINVAL; a/pids.max < 4194305 ! EINVAL; \
         a/pids.max < x ! EINVAL",
    ),
    needs(
        "the weight stays when a group that is not idle is reported so",
        CPU,
        "mkdir a; a/cpu.weight < 7; a/cpu.idle < 0; a/cpu.weight = 7; a/cpu.idle < 1; a/cpu.idle < 0; \
         a/cpu.weight = 100",
    ),
    Row {
        since: KernelVersion::new(6, 11),
        ..needs(
            "a refused fork counts where the limit is and above",
            PIDS,
            "mkdir a; a/cgroup.subtree_control < +pids; mkdir a/b; a/b/cgroup.subtree_control < +pids; mkdir a/b/c; \
             a/b/pids.max < 0; fork x a/b/c ! EAGAIN; a/b/c/pids.events = max 0; a/b/pids.events = max 1; \
             a/pids.events = max 1; a/pids.max < 0; fork x a/b/c ! EAGAIN; a/b/pids.events = max 2",
        )
    },
    Row {
        until: Some(KernelVersion::new(6, 11)),
        ..needs(
            "a refused fork counts where it was to be, older",
            PIDS,
            "mkdir a; a/cgroup.subtree_control < +pids; mkdir a/b; a/pids.max < 0; fork x a/b ! EAGAIN; \
             a/pids.events = max 0; a/b/pids.events = max 1",
        )
    },
    needs(
        "a refused fork raises the peaks below the limit",
        PIDS,
        "mkdir a; a/cgroup.subtree_control < +pids; mkdir a/b; a/pids.max < 0; fork x a/b ! EAGAIN; \
         a/pids.peak = 0; a/b/pids.peak = 1; a/b/pids.current = 0",
    ),
];
