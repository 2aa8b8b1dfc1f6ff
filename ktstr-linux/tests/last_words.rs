//! The end of what a payload has written, as it is read once the payload has ended.

mod common;

use common::*;
use ktstr_core::{Action, Backend, Evidence, FaultKind, Outcome, PayloadId, Placement, Stream};
use ktstr_linux::{LinuxBackend, Options};

const READ: Action<'static> = Action::ReadOutput { id: PayloadId(0) };

/// What is read, each piece with what was left out before it.
fn read(backend: &mut LinuxBackend) -> Vec<(Stream, u64, String)> {
    let mut heard = Vec::new();
    let mut listen = |piece: &Evidence<'_>| match *piece {
        Evidence::Output { stream, cut, bytes } => {
            heard.push((stream, cut, String::from_utf8_lossy(bytes).into_owned()))
        }
        Evidence::Procs { .. } | Evidence::Scheduler { .. } => panic!("{piece:?}"),
    };
    assert_eq!(backend.perform(&READ, &mut listen), Outcome::Done);
    heard
}

#[test]
fn last_words_end_with_what_was_written_last() {
    let Some(place) = Place::new() else { return };
    let options = Options { capture_limit: 64, ..place.options() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    prepare(&mut backend);
    // Beginning and end that were kept are not one text, where something is missing between them.
    let script = "printf '%064d' 0; printf '%031d\\n' 9; echo why >&2";
    start_script(&mut backend, 0, script, Placement::RunnerCgroup);
    assert_eq!(fails(&mut backend, READ).kind, FaultKind::Unknown, "it was not waited for");
    ended(wait(&mut backend, 0, 30_000));
    let expected = [(Stream::Stdout, 64, format!("{:031}\n", 9)), (Stream::Stderr, 0, "why\n".to_owned())];
    assert_eq!(read(&mut backend), expected);
    assert_eq!(read(&mut backend), expected, "it can be read again");
}
