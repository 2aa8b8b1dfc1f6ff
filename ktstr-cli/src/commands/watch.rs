//! `ktstr watch`: plays scenario files again whenever one of them changes, until a signal ends it.

use crate::args::Watch;
use crate::commands::run;
use crate::exit::{Exit, Failure};
use crate::output::err;
use crate::signals;
use crate::suite::files;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often the files are looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// What the files look like: path, time of the last write, size.
type Look = Vec<(PathBuf, Option<SystemTime>, u64)>;

pub(crate) fn run(args: &Watch) -> Result<Exit, Failure> {
    if args.run.files.iter().any(|file| file == Path::new("-")) {
        return Err(Failure::invalid("standard input cannot be watched; name a file or a folder"));
    }
    // Looked at before they are played: what changes meanwhile is a change.
    let mut known = look(args);
    let mut exit = play(args);
    err("ktstr: waiting for a change\n");
    loop {
        if signals::is_interrupted() {
            return Ok(exit);
        }
        std::thread::sleep(PAUSE);
        let now = look(args);
        if now == known {
            continue;
        }
        let changed =
            now.iter().find(|entry| !known.contains(entry)).map(|(path, ..)| path.display().to_string());
        err(&format!("ktstr: {} changed\n", changed.as_deref().unwrap_or("a file")));
        known = now;
        exit = play(args);
        err("ktstr: waiting for a change\n");
    }
}

/// Plays them once. What is wrong is said; the next change may mend it.
fn play(args: &Watch) -> Exit {
    run::run(&args.run).unwrap_or_else(|failure| {
        failure.tell();
        failure.exit
    })
}

fn look(args: &Watch) -> Look {
    // A folder that cannot be read now may be there again the next time.
    let files = files(&args.run.files).unwrap_or_default();
    let looked = files.into_iter().map(|path| {
        let meta = std::fs::metadata(&path).ok();
        let (time, size) = meta.map_or((None, 0), |meta| (meta.modified().ok(), meta.len()));
        (path, time, size)
    });
    looked.collect()
}
