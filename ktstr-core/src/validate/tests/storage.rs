//! Storage that is too small, reused, or without room for what is found.

use super::*;
use crate::validate::Storage;
use crate::validate::rules::ErrorKind::*;
use std::string::String;

fn many(count: usize) -> Scenario<'static> {
    let ops: Vec<_> = (0..count).map(|n| add(String::leak(std::format!("cell_{n}")))).collect();
    backs(&ops)
}

#[test]
fn too_little_is_an_error_of_its_own_and_enough_is_said() {
    for count in [0, 1, 2, 5, 100, 1000, 5000] {
        let scenario = many(count);
        let mut slots = std::vec![Slot::FREE; slots_needed(&scenario)];
        assert!(validate(&scenario, None, &mut Scratch::new(&mut slots)).is_ok(), "{count}");
        if count < 100 {
            continue;
        }
        let few = slots.len() / 4;
        let mut scratch = Scratch::new(&mut slots[..few]);
        let error = validate(&scenario, None, &mut scratch).expect_err("a quarter is too little");
        assert_eq!((error.kind, scratch.total()), (StorageTooSmall, 1), "{count}");
    }
    assert_eq!(many(0).check(None).expect("empty").cgroups, 0);
    assert_eq!(many(1700).check(None).expect("fits the built-in storage").cgroups, 1700);
    assert_eq!(many(1800).check(None).expect_err("does not").kind, StorageTooSmall);
    let none = validate(&many(1), None, &mut Scratch::new(&mut [])).expect_err("no storage at all");
    assert_eq!(none.kind, StorageTooSmall);
}

#[test]
fn a_scratch_starts_afresh_each_time() {
    let mut storage = Storage::<64>::new();
    let mut scratch = storage.scratch();
    let (sound, broken) = (backs(&[add("a")]), backs(&[add("a"), add("a")]));
    for _ in 0..3 {
        assert!(validate(&sound, None, &mut scratch).is_ok());
        assert!(validate(&broken, None, &mut scratch).is_err());
    }
    assert_eq!(scratch.total(), 1);
}

#[test]
fn without_a_list_the_first_error_is_the_only_one() {
    let broken = Scenario { name: "", duration: core::time::Duration::ZERO, ..backs(&[add("a"), add("a")]) };
    let mut slots = [Slot::FREE; 64];
    let mut scratch = Scratch::new(&mut slots);
    assert_eq!(validate(&broken, None, &mut scratch).map_err(|error| error.kind), Err(ScenarioName));
    assert_eq!((scratch.findings().len(), scratch.total()), (0, 1));
}

#[test]
fn what_the_list_has_no_room_for_is_counted() {
    let broken = backs(&[add("a"), add("a"), add("/"), add("b"), add("b")]);
    let mut slots = [Slot::FREE; 64];
    let mut list = [Invalid::FILLER; 2];
    let mut scratch = Scratch::with_findings(&mut slots, &mut list);
    assert!(validate(&broken, None, &mut scratch).is_err());
    let reported: Vec<_> = scratch.findings().iter().map(|one| one.kind).collect();
    assert_eq!((reported.as_slice(), scratch.total()), (&[CgroupDuplicate, NameAbsolute][..], 3));
}

#[test]
fn colliding_and_similar_names_are_kept_apart() {
    let names = ["a", "aa", "aaaaaaaa", "aaaaaaaab", "aaaaaaaaa", "baaaaaaa", "ä", "a\u{300}"];
    let ops: Vec<_> = names.into_iter().map(add).collect();
    assert_eq!(findings(&backs(&ops), None), []);
}
