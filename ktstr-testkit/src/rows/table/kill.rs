//! `cgroup.kill`, and spawning after it.

use super::super::Row;
use super::any;
use ktstr_mock::KernelVersion;

/// The rows.
pub const ROWS: &[Row] = &[
    any("a kill ends the processes", "mkdir a; fork x a; fork y a; a/cgroup.kill < 1; dead x; dead y"),
    any(
        "a kill reaches down",
        "mkdir a; mkdir a/b; fork x a/b; a/cgroup.kill < 1; dead x; rmdir a/b; rmdir a",
    ),
    any(
        "a kill does not reach up or aside",
        "mkdir a; mkdir a/b; mkdir a/c; fork x a; fork y a/b; fork z a/c; \
         a/b/cgroup.kill < 1; dead y; alive x; alive z",
    ),
    any("a kill of nothing is no error", "mkdir a; a/cgroup.kill < 1"),
    any("a kill takes frozen processes", "mkdir a; fork x a; a/cgroup.freeze < 1; a/cgroup.kill < 1; dead x"),
    any("a kill takes orphans", "mkdir a; fork x a; child y x; exit x; a/cgroup.kill < 1; dead y; rmdir a"),
    any(
        "1 is all it takes",
        "mkdir a; a/cgroup.kill < 0 ! ERANGE; a/cgroup.kill < 2 ! ERANGE; a/cgroup.kill < x ! EINVAL",
    ),
    any("a killed cgroup is removed", "mkdir a; fork x a; a/cgroup.kill < 1; dead x; rmdir a"),
    any("a process moves into a killed cgroup", "mkdir a; a/cgroup.kill < 1; fork x; move x a; alive x"),
    Row {
        since: KernelVersion::new(6, 14),
        until: Some(KernelVersion::new(7, 0)),
        ..any("a process started in a killed cgroup dies", "mkdir a; a/cgroup.kill < 1; fork x a; dead x")
    },
    Row {
        since: KernelVersion::new(6, 14),
        until: Some(KernelVersion::new(7, 0)),
        ..any(
            "so does one in a child that was there",
            "mkdir a; mkdir a/b; a/cgroup.kill < 1; fork x a/b; dead x",
        )
    },
    any("one in a child made later lives", "mkdir a; a/cgroup.kill < 1; mkdir a/b; fork x a/b; alive x"),
    any(
        "one in a cgroup made again lives",
        "mkdir a; a/cgroup.kill < 1; rmdir a; mkdir a; fork x a; alive x",
    ),
    any(
        "a fork within a killed cgroup lives",
        "mkdir a; a/cgroup.kill < 1; fork x; move x a; child y x; alive y",
    ),
];
