//! The end of what a payload has written, as it is read once the payload has ended.

mod common;

use common::*;
use ktstr_core::{Action, Backend, FaultKind, Outcome, OutputPart, PayloadId, Placement, Stream};
use ktstr_linux::{LinuxBackend, Options};

fn read(backend: &mut LinuxBackend, stream: Stream, part: u32) -> OutputPart {
    match backend.perform(&Action::ReadOutput { id: PayloadId(0), stream, part }) {
        Outcome::Output(part) => part,
        other => panic!("{other:?}"),
    }
}

#[test]
fn last_words_end_with_what_was_written_last() {
    let Some(place) = Place::new() else { return };
    let options = Options { capture_limit: 64, ..place.options() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    prepare(&mut backend);
    let early = Action::ReadOutput { id: PayloadId(0), stream: Stream::Stdout, part: 0 };
    // Beginning and end that were kept are not one text, where something is missing between them.
    let script = "printf '%064d' 0; printf '%031d\\n' 9; echo why >&2";
    start_script(&mut backend, 0, script, Placement::RunnerCgroup);
    assert_eq!(fails(&mut backend, early).kind, FaultKind::Unknown, "it was not waited for");
    ended(wait(&mut backend, 0, 30_000));
    let stdout = read(&mut backend, Stream::Stdout, 0);
    assert_eq!((stdout.text.as_str(), stdout.cut, stdout.more), (&*format!("{:031}\n", 9), true, false));
    let stderr = read(&mut backend, Stream::Stderr, 0);
    assert_eq!((stderr.text.as_str(), stderr.cut, stderr.more), ("why\n", false, false));
    assert_eq!(read(&mut backend, Stream::Stderr, 1), OutputPart::EMPTY);
}
