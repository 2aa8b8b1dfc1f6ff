//! How a cgroup may be called.

use super::*;
use crate::validate::rules::ErrorKind::*;
use std::string::String;

fn named(name: &str) -> Scenario<'static> {
    backs(&[add(String::leak(String::from(name)))])
}

fn nested(levels: usize) -> Scenario<'static> {
    let mut path = String::new();
    let mut ops = Vec::new();
    for level in 0..levels {
        path.push_str(if level == 0 { "d" } else { "/d" });
        ops.push(add(String::leak(path.clone())));
    }
    backs(&ops)
}

pub(super) fn rows() -> Vec<Row> {
    let first = backdrop_op(0);
    let parent = "p".repeat(255);
    let long_path = [&*parent; 9].join("/");
    let long = "x".repeat(255);
    std::vec![
        row(NameEmpty, first, named(""), named("x")),
        row(NameEmpty, backdrop_op(1), backs(&[add("a"), spin("")]), backs(&[add("a"), spin("a")])),
        row(NameAbsolute, first, named("/x"), named("x")),
        row(NameSlashes, backdrop_op(1), backs(&[add("a"), add("a//b")]), backs(&[add("a"), add("a/b")])),
        row(NameSlashes, first, named("a/"), named("a")),
        row(NameDots, first, named(".."), named("a..")),
        row(NameDots, backdrop_op(1), backs(&[add("a"), add("a/./b")]), backs(&[add("a"), add("a/b")])),
        row(NameHidden, first, named(".a"), named("a.")),
        row(NameNul, first, named("a\0b"), named("a\u{1}b")),
        row(NameNewline, first, named("a\nb"), named("a\tb")),
        row(NameTooLong, first, named(&std::format!("{long}x")), named(&long)),
        row(PathTooLong, first, named(&long_path), named(&long)),
        row(PathTooDeep, backdrop_op(32), nested(33), nested(32)),
        row(NameReserved, first, named("cgroup.procs"), named("cgroup")),
        row(NameReserved, first, named("cpu.max"), named("cpux.max")),
        row(NameReserved, FIRST_DEF, defs(&[def("memory.x")]), defs(&[def("memory")]),),
    ]
}
