//! Frames there and back, and what is refused.

use super::*;
use crate::execute::action::{Action, ActionKind};
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Event;
use crate::execute::outcome::{ExitStatus, Outcome, PayloadEnd, SchedulerEnd};
use crate::model::cpuset::CpuSet;
use crate::model::scheduler::SchedulerExit;
use crate::model::site::{Part, Site};
use crate::report::worker_report::{WorkerEnd, WorkerReport};
use core::time::Duration;
extern crate std;
use std::string::String;
use std::vec;
use std::vec::Vec;

fn frame<T: Serialize>(value: &T) -> Vec<u8> {
    let mut buffer = vec![0; HEADER + MAX_BODY];
    encode(value, &mut buffer).expect("fits").to_vec()
}

/// A change here is a change of the encoding, so that [`VERSION`] has to go up with it.
#[test]
fn the_version_stands_for_these_numbers() {
    let number = |kind| frame(&kind)[HEADER];
    let kinds = [ActionKind::Prepare, ActionKind::AskToStop, ActionKind::Stop, ActionKind::Finish];
    assert_eq!((VERSION, kinds.map(number)), (6, [0, 10, 11, 35]));
    let outcomes = [Outcome::Done, Outcome::TimedOut, Outcome::Metric(None), Outcome::Killed { count: 0 }];
    assert_eq!(outcomes.map(|outcome| frame(&outcome)[HEADER]), [0, 5, 6, 10]);
}

fn fullest_report() -> WorkerReport {
    WorkerReport {
        pid: u32::MAX,
        iterations: u64::MAX,
        work_units: u64::MAX,
        cpu_ns: u64::MAX,
        wall_ns: u64::MAX,
        max_gap_ns: u64::MAX,
        gap_end_ns: u64::MAX,
        gap_cpu: u64::MAX,
        migrations: u64::MAX,
        cpus_used: (1..1024).step_by(2).collect(),
        wakeups: u64::MAX,
        wake_p50_ns: u64::MAX,
        wake_p99_ns: u64::MAX,
        wake_max_ns: u64::MAX,
        end: WorkerEnd::Signalled(i32::MIN),
    }
}

fn outcomes() -> Vec<Outcome> {
    let end = PayloadEnd {
        status: ExitStatus::Signalled(9),
        wall_ns: 1,
        stdout_bytes: 2,
        stderr_bytes: 3,
        cut_bytes: 4,
        orphans: 5,
        assumed: false,
    };
    let mut outcomes = vec![
        Outcome::Done,
        Outcome::Cpus(CpuSet::range(0, 1024)),
        Outcome::Cpus(CpuSet::EMPTY),
        Outcome::Report(WorkerReport::default()),
        Outcome::Report(fullest_report()),
        Outcome::Ended(end),
        Outcome::TimedOut,
        Outcome::Detached(SchedulerEnd {
            exit: Some(SchedulerExit::Stall),
            code: i64::MIN,
            status: Some(ExitStatus::Signalled(9)),
            early: true,
            expected: true,
            lost: true,
            wall_ns: u64::MAX,
            assumed: true,
        }),
        Outcome::SchedulerDied,
        Outcome::Metric(None),
        Outcome::Metric(Some(f64::MIN_POSITIVE)),
        Outcome::Killed { count: 0 },
        Outcome::Killed { count: u32::MAX },
        Outcome::Failed(Fault::from_errno(-1, &"ü".repeat(200))),
    ];
    outcomes.extend(FaultKind::ALL.map(|kind| Outcome::Failed(Fault::new(kind, "cpuset.cpus"))));
    outcomes
}

#[test]
fn outcomes_faults_and_reports_come_back_as_they_went() {
    for outcome in outcomes() {
        assert_eq!(decode(&frame(&outcome)), Ok((outcome.clone(), &[][..])), "{outcome:?}");
    }
    let fault = Fault::from_errno(16, "rmdir");
    assert_eq!(decode(&frame(&fault)), Ok((fault, &[][..])));
    let report = fullest_report();
    assert_eq!(decode(&frame(&report)), Ok((report, &[][..])));
}

#[test]
fn an_event_comes_back_borrowed_or_owned() {
    for (number, outcome) in outcomes().iter().enumerate() {
        let event = Event {
            seq: number as u32,
            at: Duration::new(3, 999_999_999),
            site: Site::Step { step: 2, part: Part::Op(7) },
            action: Action::CreateCgroup { path: "cell/leaf" },
            outcome,
        };
        let record = EventRecord::of(&event);
        let bytes = frame(&record);
        assert_eq!(decode(&bytes), Ok((record.clone(), &[][..])));
        let owned: EventRecord<heapless::String<16>> = decode(&bytes).expect("short enough").0;
        assert_eq!(owned.path, "cell/leaf");
        assert_eq!(owned.map_path(|path| String::from(path.as_str())), record.map_path(String::from));
    }
}

#[test]
fn frames_stand_one_after_the_other() {
    let mut stream = frame(&1u8);
    stream.extend(frame(&"two"));
    stream.extend(b"rest");
    let (one, rest) = decode::<u8>(&stream).expect("the first");
    let (two, rest) = decode::<&str>(rest).expect("the second");
    assert_eq!((one, two, rest), (1, "two", &b"rest"[..]));
}

#[test]
fn a_torn_frame_says_how_much_is_missing() {
    let bytes = frame(&"hello");
    for have in 0..bytes.len() {
        let need = if have < HEADER { HEADER } else { bytes.len() };
        assert_eq!(decode::<&str>(&bytes[..have]), Err(WireError::Torn { have, need }));
    }
}

#[test]
fn a_flipped_bit_is_noticed_wherever_it_is() {
    let bytes = frame(&Outcome::Killed { count: 300 });
    for at in 0..bytes.len() * 8 {
        let mut hurt = bytes.clone();
        hurt[at / 8] ^= 1 << (at % 8);
        let error = decode::<Outcome>(&hurt).expect_err("one bit differs");
        let expected = match at / 8 {
            0..4 => matches!(error, WireError::NotAFrame),
            4..6 => matches!(error, WireError::Version { .. }),
            6..10 => matches!(
                error,
                WireError::Oversized { .. } | WireError::Torn { .. } | WireError::Corrupt { .. }
            ),
            _ => matches!(error, WireError::Corrupt { .. }),
        };
        assert!(expected, "bit {at}: {error}");
    }
}

#[test]
fn what_is_no_frame_of_ours_is_named() {
    let mut newer = frame(&1u8);
    newer[4] = 9;
    let mut huge = frame(&1u8);
    huge[6..10].copy_from_slice(&u32::MAX.to_le_bytes());
    for (bytes, error) in [
        (&b"GET / HTTP/1.1"[..], WireError::NotAFrame),
        (b"x", WireError::NotAFrame),
        (b"kts", WireError::Torn { have: 3, need: HEADER }),
        (b"", WireError::Torn { have: 0, need: HEADER }),
        (&newer, WireError::Version { found: 9, known: VERSION }),
        (&huge, WireError::Oversized { length: u32::MAX as usize, most: MAX_BODY }),
    ] {
        assert_eq!(decode::<u8>(bytes), Err(error));
    }
}

#[test]
fn a_body_of_another_type_is_malformed() {
    assert_eq!(decode::<Outcome>(&frame(&99u8)), Err(WireError::Malformed));
    assert_eq!(decode::<(u8, u8)>(&frame(&1u8)), Err(WireError::Malformed));
    assert_eq!(decode::<u8>(&frame(&(1u8, 2u8))), Err(WireError::Malformed));
    assert_eq!(decode::<CpuSet>(&frame(&"3-1")), Err(WireError::Malformed));
    assert_eq!(decode::<heapless::String<4>>(&frame(&"hello")), Err(WireError::Malformed));
}

#[test]
fn what_does_not_fit_is_not_written() {
    let whole = frame(&"hello").len();
    for capacity in 0..whole {
        let mut buffer = vec![0; capacity];
        assert_eq!(encode("hello", &mut buffer), Err(WireError::NoRoom { capacity }));
    }
    let long = "x".repeat(MAX_BODY);
    let mut buffer = vec![0; 2 * MAX_BODY];
    assert_eq!(
        encode(long.as_str(), &mut buffer),
        Err(WireError::Oversized { length: MAX_BODY + 3, most: MAX_BODY })
    );
    assert_eq!(encode(&long[..MAX_BODY - 3], &mut buffer).map(<[u8]>::len), Ok(HEADER + MAX_BODY));
}
